"""Deciding on proposals: what is written, what is refused, and who comes second."""

import datetime
import threading

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyName,
    Pledge,
    Proposal,
    RefusedMatch,
    Signing,
    Source,
)
from companies.register.review.deciding import (
    AlreadyDecided,
    Decision,
    StaleProposal,
    apply,
    apply_all,
    reject,
)

from .builders import a_commitment, a_company, a_pact, a_signing
from .change_lines import lines
from .lists import URL, a_reading, a_reviewer, proposed, the_proposal, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def the_new_company(**how: object) -> Company:
    a_reading(["Bolt GmbH"])
    apply(the_proposal("new_company").pk, Decision(**how), by=a_reviewer())
    return Company.objects.get()


def test_a_new_company_is_created_with_its_signing_and_the_import_run_as_source():
    a_commitment("governance")

    company = the_new_company(reason="checked")

    signing = company.signings.get()
    assert (company.slug, company.name) == ("bolt-gmbh", "Bolt GmbH")
    assert (signing.status, str(signing.started)) == ("signed", "2026-11-20")
    assert signing.since_basis == "first_seen"
    citation = signing.citations.get()
    assert (citation.quote, citation.confidence) == ("Bolt GmbH", "high")
    assert (citation.source.url, citation.source.kind) == (URL, "official_list")
    assert citation.source.sha256 == Proposal.objects.get().run.sha256
    assert company.pledges.get().basis == Pledge.Basis.IMPLIED_BY_SIGNATURE


def test_an_applied_proposal_is_one_public_line_and_the_history_has_who_and_why():
    the_new_company(reason="checked")

    assert lines()[-1] == ("Bolt GmbH: signed, first seen on the list of 20 November 2026")
    assert Change.objects.filter(has_line=True)[0].by_role == "reviewer"
    row = Company.history.get()
    assert (row.history_user.username, row.history_change_reason) == (
        "clara",
        f"checked (run {Proposal.objects.get().run_id})",
    )


def test_a_decided_proposal_says_who_when_and_why():
    the_new_company(reason="checked")

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.reason) == ("applied", "checked")
    assert (proposal.decided_by.username, bool(proposal.decided_at)) == ("clara", True)


def test_an_edited_name_keeps_the_listed_one_as_another_name():
    company = the_new_company(values={"name": "Bolt", "since": "2026-11"})

    assert company.name == "Bolt"
    assert list(company.names.values_list("name", "kind")) == [("Bolt GmbH", "as_listed")]
    assert str(company.signings.get().started) == "2026-11"


def test_two_readings_on_the_same_day_never_share_a_public_id_of_a_source():
    a_reading(["Bolt"])
    reviewer = a_reviewer()
    apply(the_proposal("new_company").pk, Decision(), by=reviewer)
    a_reading(["Bolt", "Core"], accept=True)
    apply(the_proposal("new_company").pk, Decision(), by=reviewer)

    assert list(Source.objects.order_by("pk").values_list("slug", flat=True)) == [
        "eu-ai-pact-list-2026-11-20",
        "eu-ai-pact-list-2026-11-20-2",
    ]


def test_a_public_id_that_is_taken_gets_a_number():
    a_company("Other", slug="core-systems")
    a_reading(["Core, Systems"])

    apply(the_proposal("new_company").pk, Decision(), by=a_reviewer())

    assert Company.objects.get(name="Core, Systems").slug == "core-systems-2"


def test_a_company_of_the_register_that_the_list_names_becomes_a_signatory():
    company = a_company("Meta")
    a_signing(company, "not_signed", since_basis="observed")
    a_reading(["Meta"])

    apply(the_proposal("new_signing").pk, Decision(), by=a_reviewer())

    ended, signed = company.signings.order_by("since")
    assert (ended.status, str(ended.ended)) == ("not_signed", "2026-11-20")
    assert (signed.status, signed.until) == ("signed", None)


def test_a_company_no_longer_on_the_list_becomes_removed_and_not_withdrawn():
    company = a_company("Airbus")
    a_signing(company)
    a_reading(["Bolt"], accept=True)

    apply(the_proposal("no_longer_listed").pk, Decision(), by=a_reviewer())

    removed = company.signings.get(until=None)
    assert (removed.status, removed.since_basis) == ("removed", "observed")
    assert removed.citations.get().quote == ""


def test_a_company_that_had_left_and_is_listed_again_is_a_signatory_again():
    company = a_company("Airbus")
    a_signing(company, "removed", since_basis="observed")
    a_reading(["Airbus"])

    apply(the_proposal("back_on_list").pk, Decision(), by=a_reviewer())

    assert company.signings.get(until=None).status == "signed"


def test_a_new_spelling_becomes_another_name_and_is_not_proposed_again():
    company = a_company("Telefónica")
    a_signing(company)
    a_reading(["TELEFONICA"])

    apply(the_proposal("spelled_differently").pk, Decision(), by=a_reviewer())

    assert list(company.names.values_list("name", "kind")) == [("TELEFONICA", "as_listed")]
    assert proposed(a_reading(["TELEFONICA"], on="2026-11-21", accept=True)) == []


# Unsure matches


def an_unsure_match() -> tuple[Company, Proposal]:
    orange = a_company("Orange")
    a_signing(orange)
    a_reading(["Orange", "Orange Bank"])
    return orange, the_proposal("match_unsure")


def test_an_unsure_name_matched_to_a_company_becomes_its_alias():
    orange, proposal = an_unsure_match()

    apply(proposal.pk, Decision(company=orange), by=a_reviewer())

    assert orange.names.get().name == "Orange Bank"
    assert RefusedMatch.objects.count() == 0
    assert proposed(a_reading(["Orange", "Orange Bank", "X1"], on="2026-11-21")) == [
        ("new_company", "X1")
    ]


def test_an_unsure_name_can_become_a_new_company_and_the_refused_match_is_stored():
    orange, proposal = an_unsure_match()

    apply(proposal.pk, Decision(), by=a_reviewer())

    bank = Company.objects.get(name="Orange Bank")
    assert bank.signings.get().status == "signed"
    assert RefusedMatch.objects.get().company == orange


def test_an_unsure_name_may_be_a_company_nobody_suggested():
    _orange, proposal = an_unsure_match()
    other = a_company("Zebra")

    apply(proposal.pk, Decision(company=other), by=a_reviewer())

    assert other.names.get().name == "Orange Bank"
    assert other.signings.get().status == "signed"
    assert RefusedMatch.objects.count() == 1


def test_a_company_is_not_removed_while_an_undecided_name_of_the_list_may_be_it():
    a_signing(a_company("Orange"))
    a_reading(["Orange Bank"])
    removal = the_proposal("no_longer_listed")

    with pytest.raises(ValidationError, match="Decide on that name first"):
        apply(removal.pk, Decision(), by=a_reviewer())

    assert Proposal.objects.get(pk=removal.pk).state == "proposed"


# What does not fit any more


def test_a_proposal_is_stale_once_its_old_value_changed_and_says_so():
    company = a_company("Meta")
    a_signing(company, "not_signed", since_basis="observed")
    a_reading(["Meta"])
    proposal = the_proposal("new_signing")
    period = company.signings.get()
    period.status = "declined"
    period.save()

    with pytest.raises(StaleProposal) as error:
        apply(proposal.pk, Decision(), by=a_reviewer())

    assert str(error.value) == (
        "Meta has changed since this was proposed: Publicly declined (2024-10-09), "
        "not Not on the list (2024-10-09)."
    )
    assert Proposal.objects.get(pk=proposal.pk).state == "stale"
    assert company.signings.get().status == "declined"


def test_a_new_company_is_stale_once_its_name_is_on_the_register():
    a_reading(["Bolt"])
    a_company("BOLT")

    with pytest.raises(StaleProposal, match="now on the register, as BOLT"):
        apply(the_proposal("new_company").pk, Decision(), by=a_reviewer())


def test_a_decided_proposal_cannot_be_decided_again():
    a_reading(["Bolt"])
    proposal, reviewer = the_proposal("new_company"), a_reviewer()
    apply(proposal.pk, Decision(), by=reviewer)

    with pytest.raises(AlreadyDecided, match="clara decided this"):
        reject(proposal.pk, reason="no", by=a_reviewer("emil"))
    with pytest.raises(AlreadyDecided):
        apply(proposal.pk, Decision(), by=reviewer)


def test_a_rejected_proposal_writes_nothing():
    a_reading(["Bolt"])

    reject(the_proposal("new_company").pk, reason="a test entry", by=a_reviewer())

    assert (Company.objects.count(), Proposal.objects.get().reason) == (0, "a test entry")


def test_a_superseded_proposal_cannot_be_applied():
    a_reading(["Bolt"])
    proposal = the_proposal("new_company")
    a_reading(["Core"], on="2026-11-21")

    with pytest.raises(AlreadyDecided, match="no longer open: superseded"):
        apply(proposal.pk, Decision(), by=a_reviewer())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"since": "soon"}, "is not a valid date"),
        ({"since": "2999-01-01"}, "cannot begin in the future"),
        ({"name": "x" * 201}, "at most 200 characters"),
    ],
)
def test_an_invalid_date_or_name_is_refused_and_writes_nothing(values, reason):
    a_reading(["Bolt"])
    proposal = the_proposal("new_company")

    with pytest.raises(ValidationError, match=reason):
        apply(proposal.pk, Decision(values=values), by=a_reviewer())

    assert (Company.objects.count(), Signing.objects.count()) == (0, 0)
    assert Proposal.objects.get().state == "proposed"


def test_a_status_cannot_begin_before_the_present_one():
    company = a_company("Meta")
    a_signing(company, "not_signed", since=datetime.date(2026, 11, 20), since_basis="observed")
    a_reading(["Meta"], on="2026-11-20")

    with pytest.raises(ValidationError, match="must begin later"):
        apply(the_proposal("new_signing").pk, Decision(), by=a_reviewer())

    assert company.signings.get().until is None


# Many at once


def test_a_stale_proposal_leaves_the_others_of_its_batch():
    a_reading(["Bolt", "Core", "Dent"])
    a_company("Core")

    (tally,) = apply_all({p.pk: Decision() for p in Proposal.objects.all()}, by=a_reviewer())

    assert (tally.done, [str(fault) for _id, fault in tally.faults]) == (
        2,
        ["“Core” is now on the register, as Core."],
    )
    assert waiting() == []


def test_many_proposals_are_applied_with_a_running_count():
    a_reading([f"Maker {number}" for number in range(120)])

    tallies = [
        t.done
        for t in apply_all({p.pk: Decision() for p in Proposal.objects.all()}, by=a_reviewer())
    ]

    assert tallies == [50, 100, 120]
    assert Company.objects.count() == Signing.objects.count() == Citation.objects.count() == 120


def test_applying_many_proposals_takes_a_fixed_number_of_queries_per_batch(
    django_assert_max_num_queries,
):
    a_commitment("governance")
    a_reading([f"Maker {number}" for number in range(50)])
    decisions = {p.pk: Decision() for p in Proposal.objects.all()}
    reviewer = a_reviewer()

    with django_assert_max_num_queries(60):
        list(apply_all(decisions, by=reviewer))


def test_many_proposals_applied_at_once_each_have_their_history_and_public_line():
    a_reading([f"Maker {number}" for number in range(60)])

    list(apply_all({p.pk: Decision() for p in Proposal.objects.all()}, by=a_reviewer()))

    assert Company.history.count() == Signing.history.count() == Citation.history.count() == 60
    assert Change.objects.filter(kind="status").count() == 60


@pytest.mark.database
def test_a_decided_proposal_needs_who_and_when():
    a_reading(["Bolt"])

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(state="applied")


def test_names_that_differ_only_in_punctuation_are_two_companies():
    a_reading(["A.B.C", "D"])

    list(apply_all({p.pk: Decision() for p in Proposal.objects.all()}, by=a_reviewer()))

    assert set(Company.objects.values_list("name", flat=True)) == {"A.B.C", "D"}
    assert CompanyName.objects.count() == 0


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_reviewers_one_applies_and_the_other_gets_a_message():
    if connection.vendor == "sqlite":
        pytest.skip("in memory, each thread has its own")
    a_pact()
    a_reading(["Bolt"])
    proposal = the_proposal("new_company")
    reviewers = [User.objects.create_user(name) for name in ("clara", "emil")]
    together, outcomes = threading.Barrier(2), []

    def press(reviewer):
        together.wait()
        try:
            apply(proposal.pk, Decision(), by=reviewer)
            outcomes.append("applied")
        except AlreadyDecided as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[reviewer]) for reviewer in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "applied" in outcomes
    assert [text for text in outcomes if "decided this" in text]
    assert Company.objects.count() == 1
