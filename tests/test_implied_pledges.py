"""What a signature implies follows from the periods, whoever writes them and however."""

import datetime
from collections.abc import Callable
from io import StringIO
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies import queries
from companies.models import Commitment, Company, PartialDate, Pledge, Signing
from companies.register import history
from companies.register.implied_pledges import faults
from companies.register.merging.merge import merge
from companies.register.merging.undo import undo_merge
from companies.register.package import dump
from companies.register.package import load as load_package
from companies.register.statuses import change_status, undo_status_change

from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from .editors import a_login, an_editor, errors, page, save, typed
from .sampling import ALL, seeds

pytestmark = pytest.mark.django_db

DAY = datetime.date(2025, 3, 1)


def claims() -> set[tuple[str, str]]:
    """Companies and commitments with a pledge that is told to the public."""
    return set(queries.pledges().values_list("company__slug", "commitment__code"))


def implied() -> set[tuple[str, str]]:
    """The same as the periods imply it, told in another way than the program does."""
    return {
        (period.company.slug, commitment.code)
        for period in Signing.objects.select_related("company")
        if period.status == "signed"
        for commitment in Commitment.objects.filter(pact=period.pact_id)
        if commitment.kind == "core"
    }


# Every way of writing


def test_a_signed_period_added_as_a_row_of_the_company_page_implies_the_core_pledges():
    client, company = an_editor(), a_company("Acme")
    a_commitment("governance"), a_commitment("labels", kind="additional")

    response = save(
        client,
        company,
        signings__TOTAL_FORMS=1,
        signings__0__pact=a_pact().pk,
        signings__0__status="signed",
        signings__0__since="2025-01-10",
        signings__0__since_precision="day",
        signings__0__since_basis="first_seen",
        signings__0__until_precision="day",
    )

    assert response.status_code == 302, errors(response)
    assert claims() == {("acme", "governance")}
    assert Pledge.history.get().history_user.username == "ann"


def test_deleting_a_period_on_the_company_page_deletes_its_implied_pledges():
    client, company = a_login(), a_company("Acme")
    a_commitment("governance")
    a_signing(company)

    response = save(client, company, signings__0__DELETE="on")

    assert response.status_code == 302, errors(response)
    assert not company.pledges.exists()
    assert [row.history_type for row in Pledge.history.order_by("history_id")] == ["+", "-"]


def test_a_status_edited_to_signed_and_back_writes_and_removes_the_pledges():
    client, period = an_editor(), a_signing(a_company("Acme"), "declined")
    a_commitment("governance")

    response = save(client, period, status="signed")
    assert response.status_code == 302, errors(response)
    assert claims() == {("acme", "governance")}

    save(client, period, status="not_signed")
    assert not Pledge.objects.exists()


def test_a_pledge_stays_while_another_signed_period_does():
    a_commitment("governance")
    company = a_company("Acme")
    first = a_signing(company, until=DAY)
    a_signing(company, since=DAY)

    first.delete()

    assert claims() == {("acme", "governance")}


def test_a_company_that_left_keeps_its_pledges():
    a_commitment("governance")
    company = a_company("Acme")
    a_signing(company, until=DAY)
    a_signing(company, "withdrawn", since=DAY)

    assert claims() == {("acme", "governance")}


def test_adding_changing_or_deleting_a_core_commitment_updates_the_pledges_of_all_signatories():
    a_signing(a_company("Acme")), a_signing(a_company("Bolt"), "declined")
    new = a_commitment("governance")
    assert claims() == {("acme", "governance")}

    new.kind = "additional"
    new.save()
    assert not Pledge.objects.exists()

    new.kind = "core"
    new.save()
    assert claims() == {("acme", "governance")}

    new.delete()
    assert not Pledge.objects.exists()


def test_a_commitment_moved_to_another_pact_is_pledged_by_the_signatories_of_that_one():
    other = a_pact("code")
    a_signing(a_company("Acme")), a_signing(a_company("Bolt"), pact=other)
    commitment = a_commitment("governance")

    commitment.pact = other
    commitment.save()

    assert claims() == {("bolt", "governance")}


def test_deleting_a_core_commitment_in_the_admin_deletes_its_implied_pledges():
    client, commitment = a_login(), a_commitment("governance")
    a_signing(a_company("Acme"))

    client.post(page(commitment, "delete"), {"post": "yes"})

    assert not Commitment.objects.exists()
    assert not Pledge.objects.exists()


def test_a_company_that_is_deleted_leaves_no_pledge():
    a_commitment("governance")
    company = a_signing().company

    company.delete()

    assert not Pledge.objects.exists()


def test_a_merge_and_its_undoing_leave_what_the_periods_imply():
    a_commitment("governance")
    kept, other = a_company("Kept"), a_company("Other")
    a_signing(other)

    done = merge(kept=kept, merged=other, decisions={}, **MERGING)
    assert claims() == {("kept", "governance")}

    undo_merge(done, reason="two companies")
    assert claims() == {("other", "governance")}


MERGING = {"name_kind": "alias", "cause": "correction", "reason": "one company"}


def test_a_version_restored_from_the_history_brings_its_pledges_back():
    client, period = an_editor(), a_signing(a_company("Acme"))
    a_commitment("governance")
    signed = period.history.get()
    save(client, period, status="not_signed")
    assert not Pledge.objects.exists()

    address = page(period, f"history/{signed.pk}")
    response = client.post(address, typed(client.get(address)))

    assert response.status_code == 302, errors(response)
    assert claims() == {("acme", "governance")}


# A pledge that says more


def test_a_pledge_with_evidence_survives_without_basis_until_the_signature_returns():
    core, period = a_commitment("governance"), a_signing(a_company("Acme"))
    known = {"implementation": "partial", "implementation_basis": "regulator"}
    a_citation(pledge=a_pledge(period.company, commitment=core, **known))

    period.status = "declined"
    period.save()
    assert claims() == set()
    kept = Pledge.objects.get()
    assert (kept.basis, kept.implementation, kept.citations.count()) == ("", "partial", 1)

    period.status = "signed"
    period.save()
    assert claims() == {("acme", "governance")}
    assert Pledge.objects.get().basis == "implied_by_signature"


@pytest.mark.parametrize(
    "more",
    [
        {"note_fr": "Une note"},
        {"target_on": DAY},
        {"as_of": DAY},
        {"basis": "stated"},
        {"implementation": "planned", "implementation_basis": "regulator"},
    ],
    ids=str,
)
def test_pledges_that_say_more_than_the_signature_are_not_deleted_with_it(more):
    core, period = a_commitment("governance"), a_signing()
    a_pledge(period.company, commitment=core, **more)

    period.delete()

    kept = Pledge.objects.get()
    assert {name: getattr(kept, name) for name in more} == more
    assert kept.basis == more.get("basis", "")


def test_a_pledge_with_a_citation_is_not_deleted():
    a_commitment("governance")
    period = a_signing()
    a_citation(pledge=period.company.pledges.get())

    period.delete()

    assert (Pledge.objects.get().basis, claims()) == ("", set())


def test_evidence_for_a_former_core_commitment_does_not_count_as_a_pledge():
    commitment, period = a_commitment("governance"), a_signing()
    a_pledge(period.company, commitment=commitment, note_en="Seen.")

    commitment.kind = "additional"
    commitment.save()

    assert (Pledge.objects.get().note_en, claims()) == ("Seen.", set())


def test_a_core_commitment_turned_chapter_loses_its_implied_pledges():
    commitment, _period = a_commitment("governance"), a_signing()
    assert claims() != set()

    commitment.kind = "chapter"
    commitment.save()

    assert not Pledge.objects.exists()


def test_a_chapter_counts_as_pledged_only_while_the_company_has_a_signature():
    chapter = a_commitment("safety", kind="chapter")
    period = a_signing(a_company("Acme"))
    assert claims() == set()
    a_pledge(period.company, commitment=chapter, basis="implied_by_signature")
    assert claims() == {("acme", "safety")}

    period.status = "declined"
    period.save()
    assert claims() == set()

    period.status = "signed"
    period.save()
    assert claims() == {("acme", "safety")}


# Nothing else writes them


def test_a_form_refuses_the_basis_implied_without_a_signature():
    client, pledge = an_editor(), a_pledge(a_company("Acme"))

    response = save(client, pledge, basis="implied_by_signature")

    assert response.status_code == 200
    assert "No signature implies this pledge." in errors(response)[0]
    assert Pledge.objects.get().basis == "stated"


def test_an_inline_row_refuses_the_basis_implied_without_a_signature():
    client, company = an_editor(), a_company("Acme")

    response = save(
        client,
        company,
        pledges__TOTAL_FORMS=1,
        pledges__0__commitment=a_commitment("governance").pk,
        pledges__0__basis="implied_by_signature",
        pledges__0__implementation="no_evidence",
    )

    assert "No signature implies this pledge." in " ".join(errors(response))
    assert not Pledge.objects.exists()


def test_a_pledge_without_basis_or_evidence_is_refused():
    client, pledge = an_editor(), a_pledge(a_company("Acme"))

    response = save(client, pledge, basis="")

    assert "or record evidence of implementation" in errors(response)[0]


def test_an_editor_cannot_delete_an_implied_pledge():
    client, company = a_login(), a_company("Acme")
    a_commitment("governance")
    a_signing(company)
    pledge = company.pledges.get()

    on_company_page = save(client, company, pledges__0__DELETE="on")
    on_its_page = client.post(page(pledge, "delete"), {"post": "yes"}, follow=True)
    chosen = {"action": "delete_selected", "_selected_action": pledge.pk, "post": "yes"}
    on_the_list = client.post("/admin/companies/pledge/", chosen, follow=True)

    for response in (on_company_page, on_its_page, on_the_list):
        assert "This pledge is implied by the signature" in response.content.decode()
    assert Pledge.objects.get() == pledge


def test_an_implied_pledge_without_a_signature_is_deleted_at_the_end_of_the_unit_of_work():
    company, commitment = a_company("Acme"), a_commitment("governance")

    Pledge.objects.create(company=company, commitment=commitment, basis="implied_by_signature")

    assert not Pledge.objects.exists()


def test_an_implied_pledge_deleted_in_a_unit_of_work_is_created_again():
    a_commitment("governance")
    a_signing(a_company("Acme"))

    with history.unit_of_work():
        history.delete(Pledge.objects.get(), "a mistake")

    assert claims() == {("acme", "governance")}


# What it costs


def test_a_unit_of_work_takes_the_same_number_of_queries_for_any_number_of_periods():
    for number in range(3):
        a_commitment(f"commitment-{number}")
    companies = [a_company() for _number in range(12)]
    counts = []
    for some in (companies[:2], companies[2:]):
        periods = [Signing(company=one, pact=a_pact(), status="signed", since=DAY) for one in some]
        with CaptureQueriesContext(connection) as queries:
            history.save_new(periods, "test")
        counts.append(len([q for q in queries if "companies_pledge" in q["sql"]]))
    with CaptureQueriesContext(connection) as queries:
        history.delete_bare([], Signing, "test")
        companies[0].website = "https://acme.example/"
        history.save(companies[0], "test")

    assert Pledge.objects.count() == 36
    assert counts == [3, 3]  # which there are; the keys of the new ones; the new ones
    assert not any("companies_pledge" in query["sql"] for query in queries)


def test_a_commitment_that_is_no_longer_core_loses_its_pledges_in_few_queries():
    commitment = a_commitment("governance")
    for _number in range(5):
        a_signing()
    commitment.kind = "additional"

    with CaptureQueriesContext(connection) as queries:
        commitment.save()

    assert not Pledge.objects.exists()
    assert Pledge.history.filter(history_type="-").count() == 5
    deleting = [q for q in queries if "companies_pledge" in q["sql"] and "SELECT" not in q["sql"]]
    assert len(deleting) == 1


# Both clocks


def test_a_company_that_signed_later_shows_no_pledge_earlier(client):
    a_commitment("governance")
    a_signing(a_company("Acme"), since=DAY)

    def told(day: str) -> list[str]:
        rows = client.get("/api/v1/companies/acme/", {"as_of": day}).json()["pledges"]
        return [row["commitment"]["code"] for row in rows]

    assert told("2025-02-28") == []
    assert told("2025-03-01") == ["governance"]


# The verification


def verified() -> str:
    out = StringIO()
    call_command("verify_changes", stdout=out)
    return out.getvalue()


def test_verify_changes_names_missing_and_superfluous_pledges():
    a_commitment("governance"), a_commitment("literacy")
    a_signing(a_company("Acme"))
    assert "The pledges are those that the periods imply." in verified()
    bolt = Pledge(
        company=a_company("Bolt"),
        commitment=Commitment.objects.get(code="literacy"),
        basis="implied_by_signature",
    )
    Pledge.objects.filter(commitment__code="governance")._raw_delete("default")
    Pledge.objects.bulk_create([bolt])

    with pytest.raises(CommandError) as refused:
        verified()

    assert str(refused.value).splitlines()[1:] == [
        "acme, eu-ai-pact governance: no pledge, though it signed",
        "bolt, eu-ai-pact literacy: a pledge that no signature implies",
    ]


# A year of edits


class Walk:
    """Edits at random, each as one of the ways to write makes it; what it refuses is no edit."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.source = a_source()
        self.pacts = [a_pact(), a_pact("code")]
        for number in range(4):
            a_company(f"Walker {number}")
        a_commitment("first", pact=self.pacts[0])
        a_commitment("chapter", pact=self.pacts[1], kind="chapter")
        self.merges: list = []
        self.number = 0

    def step(self) -> None:
        edits: list[Callable[[], object]] = [
            self.add_period,
            self.add_period,
            self.edit_period,
            self.edit_period,
            self.delete_period,
            self.change_status,
            self.undo_status,
            self.add_commitment,
            self.edit_commitment,
            self.delete_commitment,
            self.say_more,
        ]
        # These take a hundred queries each.
        rare = [self.merge, self.undo_merge, self.load]
        self.number += 1
        try:
            with history.unit_of_work():
                self.chance.choice([*edits * 3, *rare])()
        except ValidationError:
            pass

    def one(self, model):
        rows = list(model.objects.order_by("pk"))
        return self.chance.choice(rows) if rows else None

    def day(self) -> datetime.date:
        return datetime.date(2024, 10, 1) + datetime.timedelta(self.chance.randrange(700))

    def status(self) -> str:
        return self.chance.choice(["signed", "signed", "removed", "not_signed"])

    def add_period(self) -> None:
        since = self.day()
        until = since + datetime.timedelta(20) if self.chance.random() < 0.8 else None
        pact, company = self.chance.choice(self.pacts), self.one(Company)
        values = {"since": since, "until": until, "since_basis": "first_seen"}
        history.save(Signing(company=company, pact=pact, status=self.status(), **values), "walk")

    def edit_period(self) -> None:
        if period := self.one(Signing):
            if self.chance.random() < 0.3:
                period.company = self.one(Company)
            period.status = self.status()
            history.save(period, "walk")

    def delete_period(self) -> None:
        if period := self.one(Signing):
            history.delete(period, "walk")

    def change_status(self) -> None:
        company, pact = self.one(Company), self.chance.choice(self.pacts)
        change_status(
            company=company,
            pact=pact,
            status=self.status(),
            since=PartialDate(self.day()),
            since_basis="first_seen",
            source=self.source,
            change_reason="walk",
            seen=company.signings.filter(pact=pact, until=None).first(),
        )

    def undo_status(self) -> None:
        if period := self.one(Signing):
            undo_status_change(period, change_reason="walk")

    def kind(self) -> str:
        return self.chance.choice(["core", "core", "additional"])

    def add_commitment(self) -> None:
        pact, code = self.chance.choice(self.pacts), f"commitment-{self.number}"
        titles = {"title_en": code, "title_fr": code}
        history.save(Commitment(pact=pact, code=code, kind=self.kind(), **titles), "walk")

    def edit_commitment(self) -> None:
        commitment = self.one(Commitment)
        if commitment and commitment.kind != "chapter":
            commitment.kind = self.kind()
            history.save(commitment, "walk")

    def delete_commitment(self) -> None:
        commitment = self.one(Commitment)
        if commitment and not Pledge.objects.filter(commitment=commitment, note_en="Seen."):
            history.delete(commitment, "walk")

    def say_more(self) -> None:
        if pledge := self.one(Pledge):
            pledge.note_en = self.chance.choice(["Seen.", ""])
            history.save(pledge, "walk")

    def merge(self) -> None:
        kept, other = self.one(Company), self.one(Company)
        if Company.objects.count() > 2 and kept != other:
            self.merges.append(merge(kept=kept, merged=other, decisions={}, **MERGING))

    def undo_merge(self) -> None:
        if self.merges:
            undo_merge(self.merges[-1], reason="walk")
            self.merges.pop()

    def load(self) -> None:
        files = dict(dump())
        files["signings.csv"] = files["signings.csv"].replace(b",signed,", b",removed,", 1)
        load_package(files, replace=self.chance.random() < 0.5, reason="walk")


@pytest.mark.parametrize("seed", seeds(1))
def test_after_many_random_edits_the_pledges_are_those_the_periods_imply(seed, monkeypatch):
    monkeypatch.setattr(history, "_publish", lambda unit: None)
    walk = Walk(seed)
    for step in range(200 if ALL else 80):
        walk.step()
        if step % 20 == 0:
            assert list(faults()) == []

    assert list(faults()) == []
    assert claims() == implied()
