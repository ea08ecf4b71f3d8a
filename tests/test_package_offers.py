"""What the register's own package changes after an upgrade: offered, and never an edit undone."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from companies.management.commands import offer_package
from companies.models import (
    Change,
    Citation,
    Company,
    ImportRun,
    Milestone,
    Pact,
    Proposal,
    Signing,
)
from companies.register.history import delete, save
from companies.register.merging.merge import merge
from companies.register.package.offers import Offer, offer
from companies.register.review.deciding import (
    Decision,
    NotDecided,
    StaleProposal,
    apply,
    apply_all,
    reject,
)

from .change_lines import line
from .editors import a_reviewer as reviewer_login
from .editors import text
from .lists import a_reviewer
from .packages import ROWS, a_package, dumped, load

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(tmp_path) -> Path:
    """The package of the version before the upgrade, loaded into an empty register."""
    directory = a_package(tmp_path / "package")
    load(directory)
    return directory


def offered(directory: Path, **rows: list[str]) -> Offer | None:
    """What is offered once the package has `rows`, as a_package replaces them."""
    a_package(directory, **rows)
    return offer({path.name: path.read_bytes() for path in directory.iterdir()})


def with_(table: str, *more: str, without: str = "", **changed: str) -> dict[str, list[str]]:
    """The rows of `table` with `changed` texts, without the row that begins so, and with more."""
    rows = [row for row in ROWS[table] if not (without and row.startswith(without))]
    for old, new in changed.items():
        rows = [row.replace(old, new) for row in rows]
    return {table: [*rows, *more]}


def edit(company: Company, **values: str) -> None:
    for name, value in values.items():
        setattr(company, name, value)
    save(company, "an editor's edit")


def proposals() -> list[tuple[str, str]]:
    waiting = Proposal.objects.filter(state="proposed").order_by("pk")
    return [(proposal.action, str(proposal.subject)) for proposal in waiting]


def the_proposal() -> Proposal:
    return Proposal.objects.get(state="proposed")


def apply_the_proposal() -> None:
    apply(the_proposal().pk, Decision("checked"), by=a_reviewer())


ACME_IN_BELGIUM = with_("companies", FR="BE")


def test_nothing_is_proposed_after_the_first_load_and_the_package_is_stored(package):
    made = offered(package)

    assert str(made) == "The register's own package: nothing new to review."
    run = ImportRun.objects.get()
    assert (run.kind, run.names_count, run.proposals_count) == ("package", 2, 0)
    assert str(run).startswith("the register’s data package, ")
    assert offered(package) is None


def test_a_value_changed_by_the_package_is_proposed_with_old_and_new_value(package):
    offered(package)

    offered(package, **ACME_IN_BELGIUM)

    assert proposals() == [("change", "Acme")]
    assert the_proposal().rows == [
        {
            "table": "companies",
            "key": ["acme"],
            "old": {"country": "FR"},
            "new": {"country": "BE"},
            "before": {"country": "FR"},
        }
    ]
    assert Company.objects.get(slug="acme").country == "FR"


def test_an_applied_proposal_is_written_with_its_history_and_a_public_line(package):
    offered(package)
    offered(package, **ACME_IN_BELGIUM)

    apply_the_proposal()

    company = Company.objects.get(slug="acme")
    assert company.country == "BE"
    newest = company.history.first()
    assert newest.history_user.username == "clara"
    assert newest.history_change_reason == f"checked (run {Proposal.objects.get().run_id})"
    change = Change.objects.latest("number")
    assert line(change) == "Acme: country of headquarters: Belgium, before: France"
    assert change.by_role == "reviewer"


def test_an_upgrade_without_a_stored_package_proposes_changes_since_the_last_load(package):
    offered(package, **ACME_IN_BELGIUM)

    assert proposals() == [("change", "Acme")]


@pytest.mark.parametrize("kept", [True, False], ids=["package kept", "version before"])
def test_an_edit_is_kept_when_the_package_did_not_change_that_value(package, kept):
    if kept:
        offered(package)
    edit(Company.objects.get(slug="acme"), country="DE", website="https://acme.example.com/")
    delete(Company.objects.get(slug="bolt"), "not a company")

    offered(package, **with_("sectors", "energy,Energy,Énergie"))

    assert proposals() == [("change", "Energy")]
    assert Company.objects.get().country == "DE"


@pytest.mark.parametrize("kept", [True, False], ids=["package kept", "version before"])
def test_a_value_changed_by_editor_and_package_is_a_conflict_with_three_values(package, kept):
    if kept:
        offered(package)
    edit(Company.objects.get(slug="acme"), country="DE")

    offered(package, **ACME_IN_BELGIUM)

    assert proposals() == [("conflict", "Acme")]
    (row,) = the_proposal().rows
    assert [row[name]["country"] for name in ("before", "old", "new")] == ["FR", "DE", "BE"]
    assert Company.objects.get(slug="acme").country == "DE"
    apply_the_proposal()
    assert Company.objects.get(slug="acme").country == "BE"


def test_a_change_already_made_by_an_editor_is_not_proposed(package):
    offered(package)
    edit(Company.objects.get(slug="acme"), country="BE")

    offered(package, **ACME_IN_BELGIUM)

    assert proposals() == []


def test_a_company_that_an_editor_removed_and_the_package_changed_is_a_conflict(package):
    offered(package)
    delete(Company.objects.get(slug="bolt"), "not a company")

    made = offered(package, **with_("companies", Bolt="Bolt SA"))

    assert proposals() == [("conflict", "Bolt SA")]
    assert made.left_out == []


NEW_COMPANY = {
    "companies": [*ROWS["companies"], "core,Core,,DE,software,large,unknown,,,,unknown,"],
    "sources": [*ROWS["sources"], "core-news,https://core.example/news,Core,,press,,,,,,,"],
    "signings": [*ROWS["signings"], "core,eu-ai-pact,signed,2026-01-10,first_seen,,,,,"],
    "citations": [
        *ROWS["citations"],
        "core,eu-ai-pact,signing,2026-01-10,,,core-news,Core signed,,,,,,,",
    ],
    "company_names": [*ROWS["company_names"], "core,Core GmbH,legal"],
}


def test_a_new_company_is_one_proposal_with_all_its_rows(package):
    offered(package)

    offered(package, **NEW_COMPANY)

    assert proposals() == [("new_company", "Core")]
    tables = [row["table"] for row in the_proposal().rows]
    assert tables == ["sources", "companies", "company_names", "signings", "citations"]
    apply_the_proposal()
    core = Company.objects.get(slug="core")
    assert core.signings.get().citations.get().source.slug == "core-news"
    assert core.pledges.get().basis == "implied_by_signature"
    assert offered(package, **NEW_COMPANY) is None
    assert dumped()["companies.csv"] == (package / "companies.csv").read_bytes()


def test_a_new_citation_comes_with_the_source_it_needs(package):
    offered(package)
    more = {
        "sources": [*ROWS["sources"], "extra,https://example.org/extra,Extra,,press,,,,,,,"],
        "citations": [*ROWS["citations"], "acme,eu-ai-pact,signing,2024-10,,,extra,Yes,,,,,,,"],
    }

    offered(package, **more)

    assert proposals() == [("change", "Acme")]
    apply_the_proposal()
    assert Citation.objects.get(quote="Yes").source.slug == "extra"


def test_a_citation_removed_from_the_package_is_proposed_for_deletion(package):
    offered(package)

    offered(package, citations=[])

    (row,) = the_proposal().rows
    assert (row["table"], row["new"], row["old"]["quote"]) == ("citations", None, "Acme")
    apply_the_proposal()
    assert not Citation.objects.exists()


def test_a_period_with_a_changed_start_date_is_one_proposal(package):
    offered(package)
    moved = {
        name: [row.replace("2024-10", "2024-09-30") for row in ROWS[name]]
        for name in ("signings", "citations")
    }

    offered(package, **moved)

    assert proposals() == [("change", "Acme")]
    apply_the_proposal()
    signing = Signing.objects.get(company__slug="acme")
    assert str(signing.started) == "2024-09-30"
    assert signing.citations.get().quote == "Acme"


def test_rows_without_a_company_are_proposed_under_their_title(package):
    offered(package)

    offered(
        package,
        **with_("pacts", Commission="Union"),
        **with_("milestones", "2026-08-02,ai_act,Transparency,Transparence,,news,,,"),
    )

    assert proposals() == [("change", "EU AI Pact"), ("change", "Transparency")]
    list(apply_all({p.pk: Decision() for p in Proposal.objects.all()}, by=a_reviewer()))
    assert Pact.objects.get().issuer == "Union"
    assert Milestone.objects.filter(title_en="Transparency").exists()


def test_an_implied_pledge_is_not_proposed(package):
    offered(package)
    core = "eu-ai-pact,literacy,3,core,all,Literacy,Maîtrise,,,,list,"
    bare = "acme,eu-ai-pact,literacy,implied_by_signature,no_evidence,,,,,"

    offered(package, **with_("commitments", core), **with_("pledges", bare))

    assert [row["table"] for row in the_proposal().rows] == ["commitments"]


def test_a_newer_package_replaces_open_proposals_and_keeps_their_content(package):
    offered(package)
    offered(package, **ACME_IN_BELGIUM)

    offered(package, **with_("companies", FR="BE", large="sme"))

    assert proposals() == [("change", "Acme")]
    assert the_proposal().rows[0]["new"] == {"country": "BE", "size": "sme"}
    assert Proposal.objects.filter(state="superseded").count() == 1


def test_a_change_reverted_in_the_package_is_no_longer_proposed(package):
    offered(package)
    offered(package, **ACME_IN_BELGIUM)

    made = offered(package, **with_("companies"))

    assert (made.proposals, proposals()) == ([], [])


def test_a_rejected_change_is_not_proposed_again(package):
    offered(package)
    offered(package, **ACME_IN_BELGIUM)
    reject(the_proposal().pk, reason="it is French", by=a_reviewer())

    offered(package, **ACME_IN_BELGIUM, **with_("sectors", "energy,Energy,Énergie"))

    assert proposals() == [("change", "Energy")]


def test_a_proposal_is_stale_after_an_edit_and_is_proposed_again(package):
    offered(package)
    offered(package, **ACME_IN_BELGIUM)
    edit(Company.objects.get(slug="acme"), country="DE")

    with pytest.raises(StaleProposal, match="has changed since this was proposed: companies acme"):
        apply_the_proposal()

    assert Company.objects.get(slug="acme").country == "DE"
    offered(package, **ACME_IN_BELGIUM, **with_("sectors", "energy,Energy,Énergie"))
    assert ("conflict", "Acme") in proposals()


def test_two_companies_merged_by_the_package_are_one_proposal(package):
    """The one takes the other's name, so neither half could be applied without the other."""
    offered(package)
    one = with_("companies", without="bolt", **{"acme,Acme": "acme,Bolt"})
    redirect = with_("company_redirects", "bolt,acme")
    signing = with_("signings", without="bolt")

    offered(package, **one, **redirect, **signing)

    assert proposals() == [("change", "Acme")]
    apply_the_proposal()
    only = Company.objects.get()
    assert (only.slug, only.name) == ("acme", "Bolt")
    assert set(only.redirects.values_list("old_slug", flat=True)) == {"old-acme", "bolt"}


def test_rows_of_a_merged_company_are_listed_and_not_proposed(package):
    offered(package)
    acme, bolt = Company.objects.get(slug="acme"), Company.objects.get(slug="bolt")
    merge(
        kept=acme,
        merged=bolt,
        decisions={},
        name_kind="alias",
        cause=Change.Cause.CORRECTION,
        reason="one company",
    )

    made = offered(package, **with_("companies", Bolt="Bolt SA"))

    assert proposals() == []
    assert "Not offered, as these companies were merged or removed here: bolt." in str(made)


def test_a_proposal_that_cannot_be_applied_leaves_the_others(package):
    offered(package)
    offered(
        package,
        **with_("companies", FR="BE", Bolt="Boltzmann"),
    )
    save(Company(name="Boltzmann", slug="boltzmann"), "another company")
    decisions = {proposal.pk: Decision() for proposal in Proposal.objects.all()}

    (tally,) = apply_all(decisions, by=a_reviewer())

    assert tally.done == 1
    ((_pk, fault),) = tally.faults
    assert isinstance(fault, NotDecided)
    assert "Boltzmann" in str(fault)
    assert Company.objects.get(slug="acme").country == "BE"
    assert Company.objects.get(slug="bolt").name == "Bolt"


def test_a_package_that_lacks_a_later_column_proposes_no_change_of_it(package):
    offered(package)
    run = ImportRun.objects.get()
    run.content = bytes(run.content).replace(b'"issuer_fr": "",', b"")
    run.save()

    made = offered(package, **with_("sectors", "energy,Energy,Énergie"))

    assert [str(proposal.subject) for proposal in made.proposals] == ["Energy"]


def test_the_command_says_what_it_proposes(package, monkeypatch):
    monkeypatch.setattr(offer_package, "SEED", package)
    assert offer_command() == "The register's own package: nothing new to review."
    assert offer_command() == "The register's own package is as it was: nothing to review."

    a_package(package, **ACME_IN_BELGIUM)

    assert offer_command().splitlines() == [
        "The register's own package: 1 proposal to review under Import runs.",
        "  change of the record   Acme",
    ]


def offer_command() -> str:
    out = StringIO()
    call_command("offer_package", stdout=out)
    return out.getvalue().strip()


def test_the_review_shows_the_values_of_the_package_and_of_the_editor(package):
    offered(package)
    edit(Company.objects.get(slug="acme"), country="DE")
    made = offered(package, **with_("companies", FR="BE", Bolt="Boltzmann"))

    shown = text(reviewer_login().get(f"/admin/companies/importrun/{made.run.pk}/review/"))

    assert "Both the register’s data package and an editor changed Acme." in shown
    before = "(previously in the package: FR)"
    assert f"Company acme, country of headquarters {before} Germany Belgium" in shown
    assert "The register’s data package differs for Bolt." in shown
    assert "Company bolt, name Bolt Boltzmann" in shown
    assert "No information" not in shown  # a row that is no status says nothing of one


def test_a_conflict_is_applied_only_if_it_is_ticked(package):
    offered(package)
    edit(Company.objects.get(slug="acme"), country="DE")
    made = offered(package, **with_("companies", FR="BE", Bolt="Boltzmann"))
    client, url = reviewer_login(), f"/admin/companies/importrun/{made.run.pk}/review/"

    client.post(url, {"kind": ["change", "conflict"], "apply": "1"})

    assert proposals() == [("conflict", "Acme")]
    client.post(url, {"selected": str(the_proposal().pk), "apply": "1"})
    assert proposals() == []
    assert Company.objects.get(slug="acme").country == "BE"
