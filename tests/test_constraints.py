"""Every constraint, at the database itself and as the sentence an editor reads."""

import datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from companies.models import (
    AnswerDraft,
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Correction,
    Delivery,
    ImportRun,
    ListHeading,
    Milestone,
    NameKey,
    OfficialList,
    Opinion,
    Pact,
    Pledge,
    ProgressReport,
    Proposal,
    PublishedShare,
    QuoteCheck,
    RefusedMatch,
    RegisterVersion,
    Retraction,
    SavedFilter,
    Sector,
    Signing,
    Source,
    StatusNotice,
    StatusRow,
    Subscription,
    SupplierCheck,
    ToldAlert,
)
from companies.register.history import save

from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_correction,
    a_delivery,
    a_pact,
    a_sector,
    a_signing,
    a_source,
    a_subscription,
)
from .editors import a_user

pytestmark = pytest.mark.django_db
JANUARY, JUNE = datetime.date(2025, 1, 1), datetime.date(2025, 6, 1)


def stored(row):
    row.save()
    return row


def a_run():
    return stored(ImportRun(pact=a_pact(), retrieved_at=timezone.now(), seen_on=JANUARY))


def again(row):
    """A second row with the same values."""
    row.save()
    row.pk, row._state.adding = None, True
    return row


def a_retraction(**fields):
    values = {"company": a_company(), "pact": a_pact(), "status": "signed", "since": JANUARY}
    days = {"published_from": JANUARY, "retracted_on": JANUARY}
    return Retraction(**values | days | {"reason_en": "A", "reason_fr": "A"} | fields)


def a_proposal(**fields):
    return Proposal(run=a_run(), action="change", difference="x", **fields)


def a_period(**fields):
    return Signing(
        **{"pact": a_pact(), "status": "signed", "since": JANUARY, "since_basis": "stated"} | fields
    )


def an_open_period_beside_another():
    company = a_signing(since=JANUARY).company
    return a_period(company=company, since=JUNE)


def a_period_over_another():
    company = a_signing(since=JANUARY, until=JUNE).company
    return a_period(company=company, since=datetime.date(2025, 5, 31), until=timezone.localdate())


def a_name_in_another_case():
    name = a_company("Acme").names.create(name="Ästhet", kind="alias")
    return CompanyName(company=name.company, name="ÄSTHET", kind="former")


def a_company_of_itself():
    company = a_company()
    company.parent = company
    return company


def a_pact_that(**fields):
    values = {"name_en": "A", "name_fr": "A", "issuer": "B", "opened_on": JUNE}
    return Pact(slug="other", url="https://example.org/", **values | fields)


def a_source_that(**fields):
    values = {"slug": "other", "url": "https://example.org/a", "title": "A", "kind": "press"}
    return Source(**values | fields)


def a_follower(**fields):
    values = {"channel": "webhook", "address": "https://hook.example/", "host": "hook.example"}
    values |= {"token_hash": "0" * 64, "secret": "whsec_QUJD", "position": 0}
    return Subscription(**values | {"state_since": timezone.now()} | fields)


def a_list():
    kept_until = timezone.now() + datetime.timedelta(days=1)
    entries = [["Acme", "", ""]]
    return SupplierCheck.objects.create(token_hash="1" * 64, entries=entries, expires_at=kept_until)


def a_message(**fields):
    return Correction(**{"kind": "statement", "message": "Our words."} | fields)


# A row that breaks the constraint, and no other.
def decided_alone(user):
    """A proposal that one person both approved and published."""
    people = {"approved_by": user, "decided_by": user, "decided_at": timezone.now()}
    return a_proposal(new_name="Acme", state="applied", **people)


BREAKS = {
    "company_name_unique": lambda: Company(name=a_company("Acme").name.upper(), slug="other"),
    "company_not_its_own_parent": a_company_of_itself,
    "companyname_unique": a_name_in_another_case,
    "company_can_be_read": lambda: Company(name="…", slug="signs"),
    "companyname_can_be_read": lambda: CompanyName(company=a_company(), name="…", kind="alias"),
    "identifier_unique": lambda: again(
        CompanyIdentifier(company=a_company(), scheme="vat", value="FR40303265045")
    ),
    "pact_closes_after_opening": lambda: a_pact_that(closed_on=JUNE),
    "pact_total_has_its_date": lambda: a_pact_that(listed_total=230),
    "commitment_code_unique_in_pact": lambda: again(a_commitment("governance")),
    "milestone_unique": lambda: again(
        Milestone(date=JUNE, topic="ai_act", title_en="A", title_fr="A", source=a_source())
    ),
    "milestone_moved_from_another_day": lambda: Milestone(
        date=JUNE, moved_from=JUNE, topic="ai_act", title_en="A", title_fr="A", source=a_source()
    ),
    "milestone_reports_have_their_pact": lambda: Milestone(
        date=JUNE,
        topic="ai_pact",
        title_en="A",
        title_fr="A",
        source=a_source(),
        reports_received=105,
    ),
    "publishedshare_unique": lambda: again(
        PublishedShare(pact=a_pact(), value="eu", percent=63, source=a_source())
    ),
    "publishedshare_is_a_percentage": lambda: PublishedShare(
        pact=a_pact(), value="eu", percent=101, source=a_source()
    ),
    "opinion_position_unique": lambda: again(
        Opinion(
            pact=a_pact(),
            says_en="A",
            says_fr="A",
            quote="A",
            language="de",
            author_en="A",
            author_fr="A",
            source=a_source(),
        )
    ),
    "signing_ends_after_it_starts": lambda: a_period(company=a_company(), until=JANUARY),
    "signing_one_open_period": an_open_period_beside_another,
    "signing_periods_apart": a_period_over_another,
    "retraction_unique": lambda: again(a_retraction()),
    "retraction_follows_publication": lambda: a_retraction(published_from=JUNE),
    "pledge_unique": lambda: again(
        Pledge(company=a_company(), commitment=a_commitment(), basis="stated")
    ),
    "pledge_implementation_has_its_basis": lambda: Pledge(
        company=a_company(), commitment=a_commitment(), basis="stated", implementation="full"
    ),
    "source_unique": lambda: a_source_that(url=a_source("one").url),
    "source_read_after_publication": lambda: a_source_that(published_on=JUNE, retrieved_on=JANUARY),
    "report_unique_in_period": lambda: again(ProgressReport(company=a_company(), pact=a_pact())),
    "report_published_has_address": lambda: ProgressReport(
        company=a_company(), pact=a_pact(), published_on=JUNE
    ),
    "citation_has_one_target": lambda: Citation(source=a_source()),
    "citation_translates_a_quote": lambda: Citation(
        source=a_source(), company=a_company(), quote="Acme signe", translation_en="Acme signs"
    ),
    "citation_own_words_are_quoted": lambda: Citation(
        source=a_source(), company=a_company(), own_words="has_left", quote="We left."
    ),
    "savedfilter_unique": lambda: again(
        SavedFilter(owner=a_user("ann"), table="company", name="Mine", query="lacks=country")
    ),
    "statusnotice_unique": lambda: again(
        StatusNotice(
            correction=a_correction(),
            pact=a_pact(),
            status="removed",
            since="2025-06-01",
            stage=StatusNotice.Stage.values[0],
        )
    ),
    "subscription_follows_one_thing": lambda: a_follower(
        query="country=FR", supplier_check=a_list()
    ),
    "subscription_webhook_is_signed": lambda: a_follower(secret=""),
    "delivery_once": lambda: again(a_delivery(a_subscription())),
    "delivery_has_one_end": lambda: a_delivery(
        a_subscription(), delivered_at=timezone.now(), given_up_at=timezone.now()
    ),
    "alert_once": lambda: again(ToldAlert(kind="backup")),
    "quotecheck_found_has_its_day": lambda: QuoteCheck(
        citation=a_citation(company=a_company()),
        url="https://cited.example/",
        checked_at=timezone.now(),
        since=JUNE,
        result="found",
    ),
    "listheading_unique": lambda: again(ListHeading(pact=a_pact(), language="en", text="A")),
    "proposal_names_its_company": a_proposal,
    "proposal_decision_has_who_and_when": lambda: a_proposal(
        company=a_company(), state="applied", decided_at=timezone.now()
    ),
    "refusedmatch_unique": lambda: again(
        RefusedMatch(
            company=a_company(), name="Acme", decided_by=a_user(), decided_at=timezone.now()
        )
    ),
    "signing_asked_only_if_absent": lambda: a_period(
        company=a_company(), asked="no_answer", asked_on=JUNE
    ),
    "signing_asked_has_its_day": lambda: a_period(
        company=a_company(), status="not_signed", asked="no_answer"
    ),
    "correction_decision_has_who_when_and_reply": lambda: a_message(
        state="accepted", closed_at=timezone.now(), closed_by=a_user()
    ),
    "correction_taken_has_who_and_when": lambda: a_message(state="checking"),
    "correction_withdrawal_has_who_when_and_why": lambda: a_message(withdrawal_reason="Old."),
    "correction_confirmed_is_statement": lambda: a_message(
        kind="error", sender_confirmed_at=timezone.now()
    ),
    "answerdraft_return_has_who_when_and_why": lambda: AnswerDraft(
        correction=a_correction(),
        verdict="declined",
        reply="It is in France.",
        written_by=a_user(),
        written_at=timezone.now(),
        returned_because="Name the source.",
    ),
    "correction_told_is_confirmed": lambda: a_message(kind="statement", tell_status=True),
    "proposal_needs_two_people": lambda: decided_alone(a_user("ann")),
    "register_has_one_version": lambda: RegisterVersion(pk=2),
    "namekey_unique": lambda: again(NameKey(company=a_company(), key="orange")),
    "statusrow_unique": lambda: again(StatusRow(company=a_company(), pact=a_pact())),
}
ON_NO_FORM = {"namekey_unique", "register_has_one_version", "statusrow_unique"}
MODELS = list(apps.get_app_config("companies").get_models())
CONSTRAINTS = {rule.name: rule for model in MODELS for rule in model._meta.constraints}


def test_every_constraint_has_an_example_that_violates_it():
    assert BREAKS.keys() == CONSTRAINTS.keys()


def write(row):
    """Past every form and rule, straight into the table."""
    with transaction.atomic():
        if row._state.adding:
            type(row)._base_manager.bulk_create([row])
        else:
            type(row)._base_manager.bulk_update([row], ["parent"])


def is_kept_by_the_database(name):
    return name != "signing_periods_apart" or connection.vendor == "postgresql"


@pytest.mark.database
@pytest.mark.parametrize("name", [name for name in BREAKS if is_kept_by_the_database(name)])
def test_the_database_itself_refuses_the_row(name):
    row = BREAKS[name]()

    with pytest.raises(IntegrityError):
        write(row)


@pytest.mark.parametrize("name", sorted(BREAKS.keys() - ON_NO_FORM))
def test_each_constraint_violation_message_is_a_sentence(name):
    row = BREAKS[name]()

    with pytest.raises(ValidationError) as refused:
        row.full_clean()

    sentence = str(CONSTRAINTS[name].get_violation_error_message())
    assert sentence in refused.value.messages
    assert not sentence.startswith("Constraint")  # Django's own, which names the database's rule


@pytest.mark.database
@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime.date(2024, 12, 1), datetime.date(2025, 1, 2)),
        (datetime.date(2025, 2, 1), datetime.date(2025, 3, 1)),
        (datetime.date(2024, 12, 1), datetime.date(2025, 7, 1)),
        (JANUARY, JUNE),
        (datetime.date(2024, 12, 1), None),
    ],
)
def test_overlapping_periods_are_refused_on_both_databases(since, until):
    company = a_signing(since=JANUARY, until=JUNE).company

    with pytest.raises(ValidationError, match="overlaps another one"):
        save(a_period(company=company, since=since, until=until), "why")
    assert company.signings.count() == 1


@pytest.mark.database
def test_adjacent_periods_and_periods_of_another_pact_are_allowed():
    a_pact(opened_on=datetime.date(2024, 1, 1))
    company = a_signing(since=JANUARY, until=JUNE).company
    other = stored(a_pact_that(opened_on=datetime.date(2024, 1, 1)))

    save(a_period(company=company, since=JUNE), "why")
    save(a_period(company=company, since=datetime.date(2024, 1, 1), until=JANUARY), "why")
    save(a_period(company=company, pact=other, since=JANUARY), "why")

    assert company.signings.count() == 4


TARGETS = ("signing", "pledge", "report", "company")


@pytest.mark.database
@pytest.mark.parametrize("target", TARGETS)
def test_a_citation_with_a_second_target_is_refused_by_the_database(target):
    signing = a_signing()
    company, pact = signing.company, signing.pact
    targets = {
        "signing": signing,
        "pledge": stored(
            Pledge(company=company, commitment=a_commitment(kind="additional"), basis="stated")
        ),
        "report": stored(ProgressReport(company=company, pact=pact)),
        "company": company,
    }
    second = TARGETS[TARGETS.index(target) - 1]
    row = Citation(source=a_source(), **{name: targets[name] for name in (target, second)})

    with pytest.raises(IntegrityError):
        write(row)
    assert a_citation(**{target: targets[target]}).pk


# A row whose unique field is taken.
TAKEN = {
    (Company, "slug"): lambda: Company(name="Other", slug=a_company("Acme").slug),
    (Sector, "code"): lambda: again(a_sector()),
    (Pact, "slug"): lambda: again(a_pact()),
    (Source, "slug"): lambda: a_source_that(slug=a_source("one").slug),
    (CompanyRedirect, "old_slug"): lambda: again(
        CompanyRedirect(old_slug="old", company=a_company())
    ),
    (Correction, "receipt"): lambda: again(Correction(kind="error", message="Wrong.")),
    (AnswerDraft, "correction"): lambda: again(
        AnswerDraft(
            correction=a_correction(),
            verdict="accepted",
            reply="It is in France.",
            written_by=a_user("ann"),
            written_at=timezone.now(),
        )
    ),
    (SupplierCheck, "token_hash"): lambda: again(
        SupplierCheck(token_hash="0" * 64, entries=["Acme"], expires_at=timezone.now())
    ),
    (Subscription, "token_hash"): lambda: again(a_follower()),
    (Delivery, "message_id"): lambda: again(a_delivery(a_subscription())),
    (QuoteCheck, "citation"): lambda: again(
        QuoteCheck(
            citation=a_citation(company=a_company()),
            url="https://cited.example/",
            checked_at=timezone.now(),
            since=JUNE,
            result="gone",
        )
    ),
    (OfficialList, "pact"): lambda: again(OfficialList(pact=a_pact(), url="https://example.org/")),
}


def test_every_unique_field_has_an_example_that_is_refused():
    unique = {
        (model, field.name)
        for model in MODELS
        for field in model._meta.local_concrete_fields
        if field.unique and not field.primary_key
    }
    assert TAKEN.keys() == unique


@pytest.mark.database
@pytest.mark.parametrize(("model", "field"), TAKEN)
def test_a_value_that_must_be_unique_is_refused_by_database_and_form(model, field):
    row = TAKEN[model, field]()

    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert "already exists" in refused.value.message_dict[field][0]
    with pytest.raises(IntegrityError):
        write(row)
