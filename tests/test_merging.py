"""Two records of one company become one, and are parted again as they were."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stdnum.isin import from_natid

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    CompanyRow,
    Correction,
    ImportRun,
    Merge,
    NameKey,
    Pledge,
    ProgressReport,
    Proposal,
    RefusedMatch,
    Signing,
    StatusRow,
)
from companies.register.history import save, unit_of_work
from companies.register.merging.clashes import preview
from companies.register.merging.merge import merge
from companies.register.merging.undo import merges_into, undo_merge

from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from .change_lines import line
from .sampling import on_both

pytestmark = [pytest.mark.django_db, pytest.mark.history]
TABLES = (
    Company,
    CompanyName,
    CompanyIdentifier,
    CompanyRedirect,
    Signing,
    Pledge,
    ProgressReport,
    Citation,
    Proposal,
    RefusedMatch,
    Correction,
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def register() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that a merge touches."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def merged(kept: Company, other: Company, decisions: Any = None, **given: Any) -> Merge:
    values = {"name_kind": "former", "cause": "correction", "reason": "one company"}
    return merge(kept=kept, merged=other, decisions=decisions or {}, **values | given)


def told_of(edit) -> list[str]:
    a_pact()
    before = Change.objects.count()
    edit()
    changes = Change.objects.order_by("number").filter(has_line=True, number__gt=before)
    return [f"{line(change)}{'' if change.material else ' (editorial)'}" for change in changes]


def periods(company: Company) -> list[tuple[Any, ...]]:
    rows = company.signings.order_by("since")
    return [(row.status, str(row.since), str(row.until or "")) for row in rows]


@unit_of_work()  # told once, so in half the time
def a_full_company(name: str, **fields: Any) -> Company:
    """One row of each table; `a_unsure_proposal` and others are made where a test needs them."""
    company = a_company(name, **fields)
    company.names.create(name=f"{name} SA", kind="legal")
    company.identifiers.create(scheme="isin", value=from_natid("FR", f"{company.pk}"))
    company.redirects.create(old_slug=f"old-{company.slug}")
    other_pact = a_pact(f"pact-of-{company.slug}")
    a_citation(signing=a_signing(company, pact=other_pact), quote=name)
    commitment = a_commitment(f"additional-{company.slug}", kind="additional")
    a_citation(pledge=a_pledge(company, commitment=commitment, basis="stated"), quote=name)
    report = company.reports.create(pact=other_pact)
    a_citation(report=report, quote=name)
    a_citation(company=company, quote=name)
    a_company(f"{name} Labs", parent=company)
    run = ImportRun.objects.create(
        pact=a_pact(), retrieved_at=timezone.now(), seen_on=day("2025-01-01")
    )
    company.proposals.create(run=run, action="no_longer_listed")
    user, _new = User.objects.get_or_create(username="rob")
    company.refused_matches.create(name=f"{name} Bank", decided_by=user, decided_at=timezone.now())
    company.corrections.create(kind="error", message="Please mend this.")
    return company


# What moves


READ_TABLE = (CompanyRow, NameKey, StatusRow)  # each edit rewrites them


def test_every_row_moves_and_the_merged_company_leaves_a_redirect_and_its_name():
    kept, other = a_company("Kept"), a_full_company("Other")
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in TABLES}

    merged(kept, other)

    assert not Company.objects.filter(slug="other").exists()
    assert sorted(kept.names.values_list("name", "kind")) == [
        ("Other", "former"),
        ("Other SA", "legal"),
    ]
    assert sorted(kept.redirects.values_list("old_slug", flat=True)) == ["old-other", "other"]
    assert kept.subsidiaries.get().name == "Other Labs"
    for model in (Signing, Pledge, ProgressReport, CompanyIdentifier, Citation, Proposal):
        assert set(model.objects.values_list("pk", flat=True)) == before[model]
    for rows in ("identifiers", "signings", "pledges", "reports", "citations", "proposals"):
        assert getattr(kept, rows).count() == 1
    assert kept.refused_matches.get().name == "Other Bank"
    assert kept.corrections.count() == 1


def test_a_merge_handles_every_table_that_points_to_a_company():
    pointing = {
        relation.related_model
        for relation in Company._meta.related_objects
        if relation.related_model._meta.app_label == "companies"
        and not hasattr(relation.related_model, "history_object")
        and relation.related_model not in READ_TABLE
    }

    assert pointing == set(preview(a_company("A"), a_company("B")).rows)


def test_every_row_that_a_merge_writes_has_a_history_row_with_reviewer_and_reason():
    kept, other = a_company("Kept"), a_full_company("Other")
    rob = User.objects.get(username="rob")
    last = {
        model: model.history.order_by("-history_id").values_list("history_id", flat=True).first()
        or 0
        for model in TABLES
        if hasattr(model, "history")
    }

    merged(kept, other, by=rob, reason="same VAT number")

    rows = [
        (model.__name__, row.history_type, row.history_user, row.history_change_reason)
        for model, number in last.items()
        for row in model.history.filter(history_id__gt=number)
    ]
    assert {row[2:] for row in rows} == {(rob, "same VAT number")}
    assert sorted(row[:2] for row in rows) == [
        ("Citation", "~"),
        ("Company", "-"),
        ("Company", "~"),
        ("CompanyIdentifier", "~"),
        ("CompanyName", "+"),
        ("CompanyName", "~"),
        ("CompanyRedirect", "+"),
        ("CompanyRedirect", "~"),
        ("Pledge", "~"),
        ("ProgressReport", "~"),
        ("Signing", "~"),
    ]


def test_a_name_that_both_companies_have_is_kept_once_whatever_its_case():
    kept, other = a_company("Acme"), a_company("ACME Group")
    kept.names.create(name="Acme SA", kind="legal")
    kept.names.create(name="acme group", kind="alias")
    other.names.create(name="ACME SA", kind="as_listed")
    other.names.create(name="acme", kind="alias")

    merged(kept, other)

    assert sorted(kept.names.values_list("name", flat=True)) == ["Acme SA", "acme group"]


def test_old_redirects_point_to_the_remaining_company_and_never_to_itself():
    kept, other = a_company("Kept"), a_company("Other")
    other.redirects.create(old_slug="older")
    other.redirects.create(old_slug="kept")

    merged(kept, other)

    assert sorted(CompanyRedirect.objects.values_list("old_slug", "company__slug")) == [
        ("older", "kept"),
        ("other", "kept"),
    ]


def test_a_citation_that_both_records_have_is_kept_once():
    kept, other = a_company("Kept"), a_company("Other")
    source = a_source()
    a_citation(company=kept, source=source, quote="We are one.")
    a_citation(company=other, source=source, quote="We are one.")
    a_citation(company=other, source=source, quote="We are large.")

    merged(kept, other)

    assert sorted(kept.citations.values_list("quote", flat=True)) == [
        "We are large.",
        "We are one.",
    ]


def test_a_refused_match_between_the_two_companies_is_deleted():
    kept, other = a_company("Kept"), a_full_company("Other")
    rob = User.objects.get(username="rob")
    for name in ("OTHER", "Other Bank"):
        kept.refused_matches.create(name=name, decided_by=rob, decided_at=timezone.now())

    merged(kept, other)

    assert list(kept.refused_matches.values_list("name", flat=True)) == ["Other Bank"]


def test_a_suggested_match_with_the_merged_company_points_to_the_remaining_one():
    kept, other = a_company("Kept"), a_full_company("Other")
    suggestions = [{"company": c.pk, "name": c.name, "score": 90} for c in (other, kept)]
    proposal = Proposal.objects.create(
        run=ImportRun.objects.get(),
        action="match_unsure",
        new_name="Othre",
        suggestions=suggestions,
    )

    merged(kept, other)

    proposal.refresh_from_db()
    assert [one["company"] for one in proposal.suggestions] == [kept.pk]


# What is decided


def two_signings(first: dict[str, Any], second: dict[str, Any]) -> tuple[Company, Company, str]:
    """Two companies with an overlapping period each, and the key of that clash."""
    kept, other = a_company("Kept"), a_company("Other")
    source = a_source("list")
    rows = []
    for company, fields in ((kept, first), (other, second)):
        values = {"since": day("2024-10-09")} | fields
        rows.append(a_signing(company, **values))
        a_citation(signing=rows[-1], source=source, quote="a list")
        a_citation(signing=rows[-1], source=source, quote=company.name)
    return kept, other, f"period-{rows[0].pk}-{rows[1].pk}"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("kept", ("signed", "2025-03-01", "")),
        ("merged", ("signed", "2024-10-09", "2025-06-01")),
        ("earlier", ("signed", "2024-10-09", "")),
    ],
)
def test_a_decision_about_overlapping_periods_loses_no_evidence(choice, expected):
    kept, other, key = two_signings(
        {"since": day("2025-03-01")},
        {"since": day("2024-10-09"), "until": day("2025-06-01")},
    )

    merged(kept, other, {key: choice})

    assert periods(kept) == [expected]
    quotes = kept.signings.get().citations.values_list("quote", flat=True)
    assert sorted(quotes) == ["Kept", "Other", "a list"]


def test_the_earlier_start_is_proposed_for_the_same_status_only():
    kept, other, _key = two_signings({"since": day("2025-03-01")}, {})
    third = a_company("Third")
    a_signing(third, status="declined")

    assert preview(kept, other).clashes[0].choices == ("earlier", "kept", "merged")
    assert preview(kept, third).clashes[0].choices == ("kept", "merged")
    assert preview(other, kept).clashes[0].choices == ("kept", "merged")


def test_a_choice_that_was_not_offered_is_refused():
    kept, other, key = two_signings({}, {"status": "declined"})

    with pytest.raises(ValidationError, match="Choose one of the options"):
        merged(kept, other, {key: "earlier"})


def test_consecutive_periods_of_both_companies_are_kept():
    kept, other = a_company("Kept"), a_company("Other")
    a_signing(kept, since=day("2025-06-01"))
    a_signing(other, status="declined", since=day("2024-10-09"), until=day("2025-06-01"))

    merged(kept, other)

    assert periods(kept) == [
        ("declined", "2024-10-09", "2025-06-01"),
        ("signed", "2025-06-01", ""),
    ]


def several_overlaps() -> tuple[Company, Company, list[str]]:
    kept, other = a_company("Kept"), a_company("Other")
    first = a_signing(kept, status="declined", since=day("2024-10-09"), until=day("2025-01-01"))
    second = a_signing(kept, since=day("2025-01-01"))
    long = a_signing(other, since=day("2024-11-01"))
    return kept, other, [f"period-{row.pk}-{long.pk}" for row in (first, second)]


def test_a_period_that_overlaps_several_replaces_all_or_none_of_them():
    kept, other, keys = several_overlaps()
    before = register()

    with pytest.raises(ValidationError, match="overlaps several periods"):
        merged(kept, other, dict(zip(keys, ["kept", "merged"], strict=True)))
    assert register() == before

    merged(kept, other, dict.fromkeys(keys, "merged"))
    assert periods(kept) == [("signed", "2024-11-01", "")]


def test_a_period_that_overlaps_several_is_dropped_by_default():
    kept, other, _keys = several_overlaps()

    merged(kept, other)

    assert periods(kept) == [
        ("declined", "2024-10-09", "2025-01-01"),
        ("signed", "2025-01-01", ""),
    ]


@pytest.mark.database
def test_answers_that_leave_an_overlap_are_refused_on_both_databases():
    kept, other, key = two_signings({"since": day("2025-03-01")}, {"until": day("2025-06-01")})
    a_signing(other, status="declined", since=day("2024-01-01"), until=day("2024-10-09"))
    a_signing(kept, status="unknown", since=day("2023-01-01"), until=day("2024-12-01"))
    before = register()
    keys = [clash.key for clash in preview(kept, other).clashes]

    with pytest.raises(ValidationError, match="overlap"):
        merged(kept, other, {one: "merged" if one == key else "kept" for one in keys})
    assert register() == before


@pytest.mark.parametrize(("choice", "implementation"), [("kept", "planned"), ("merged", "full")])
def test_a_pledge_of_both_companies_keeps_the_evidence_of_both(choice, implementation):
    kept, other = a_company("Kept"), a_company("Other")
    commitment = a_commitment()
    pledges = [
        a_pledge(
            company,
            commitment=commitment,
            implementation=level,
            implementation_basis="self_reported",
        )
        for company, level in ((kept, "planned"), (other, "full"))
    ]
    for pledge in pledges:
        a_citation(pledge=pledge)
    a_signing(kept)

    merged(kept, other, {f"pledge-{pledges[0].pk}-{pledges[1].pk}": choice})

    pledge = kept.pledges.get()
    assert (pledge.pk, pledge.implementation) == (pledges[0].pk, implementation)
    assert pledge.citations.count() == 2


def test_the_pledge_with_more_information_is_the_default():
    kept, other = a_company("Kept"), a_company("Other")
    commitment = a_commitment()
    a_signing(kept)
    a_pledge(other, commitment=commitment, implementation="full", implementation_basis="regulator")

    assert preview(kept, other).clashes[0].choices == ("merged", "kept")


def test_a_report_of_both_companies_needs_a_decision():
    kept, other = a_company("Kept"), a_company("Other")
    kept.reports.create(pact=a_pact(), due_on=day("2025-10-09"))
    given = other.reports.create(pact=a_pact(), submitted_on=day("2025-10-01"))
    a_citation(report=given)

    merged(kept, other)

    report = kept.reports.get()
    assert report.submitted_on == day("2025-10-01")
    assert report.citations.count() == 1


@pytest.mark.parametrize(
    ("choice", "values"),
    [("kept", ["Q1"]), ("merged", ["Q2"]), ("both", ["Q1", "Q2"])],
)
def test_two_identifiers_of_one_scheme_need_a_decision(choice, values):
    kept, other = a_company("Kept"), a_company("Other")
    kept.identifiers.create(scheme="wikidata", value="Q1")
    other.identifiers.create(scheme="wikidata", value="Q2")

    merged(kept, other, {"identifier-wikidata": choice})

    assert sorted(kept.identifiers.values_list("value", flat=True)) == values


def test_profile_fields_stay_unless_the_other_value_is_chosen():
    kept = a_company("Kept", country="FR", size="sme")
    other = a_company(
        "Other", country="DE", size="large", sector=a_sector(), website="https://x.eu"
    )

    merged(kept, other, {"profile-size": "merged", "profile-sector": "merged"})

    kept.refresh_from_db()
    assert (kept.country, kept.size, kept.sector, kept.website) == ("FR", "large", a_sector(), "")


def test_a_signing_gained_by_a_merge_brings_its_implied_pledges():
    kept, other = a_company("Kept"), a_company("Other")
    a_commitment("governance")
    a_signing(other)

    merged(kept, other)

    assert kept.pledges.get().basis == "implied_by_signature"


def test_a_signing_dropped_by_a_merge_loses_its_implied_pledges():
    kept, other, key = two_signings({"status": "declined"}, {"status": "signed"})
    a_pledge(other, commitment=a_commitment("governance"))

    merged(kept, other, {key: "kept"})

    assert not kept.pledges.exists()


# Groups


def test_a_company_cannot_be_merged_with_itself():
    company = a_company("Acme")

    with pytest.raises(ValidationError, match="with itself"):
        merged(company, Company.objects.get(pk=company.pk))


def test_a_subsidiary_is_merged_into_its_group():
    group = a_company("Group")
    merged(group, a_company("Part", parent=group))

    group.refresh_from_db()
    assert group.parent is None


def test_a_parent_merged_into_its_subsidiary_passes_on_its_own_parent():
    top = a_company("Top")
    group = a_company("Group", parent=top)
    part, sister = a_company("Part", parent=group), a_company("Sister", parent=group)
    assert preview(part, group).clashes == []

    merged(part, group)

    part.refresh_from_db()
    sister.refresh_from_db()
    assert (part.parent, sister.parent) == (top, part)


def test_a_merge_never_makes_a_company_its_own_ancestor():
    group = a_company("Group")
    part = a_company("Part", parent=a_company("Middle", parent=group))

    with pytest.raises(ValidationError, match="Part would belong to itself, through Middle"):
        merged(part, group)
    assert Company.objects.count() == 3


# The public lines


def test_a_merge_is_published_as_one_line():
    kept, other = a_company("Kept"), a_full_company("Other")

    assert told_of(lambda: merged(kept, other)) == [
        "Kept: merged with Other, whose record was other"
    ]


def test_a_profile_value_taken_over_in_a_merge_is_published_separately():
    kept, other, _key = two_signings({"since": day("2025-03-01")}, {})
    a_company("Part", parent=other)
    other.country = "DE"
    save(other, "found")

    lines = told_of(lambda: merged(kept, other, {"profile-country": "merged"}))

    assert lines == [
        "Kept: country of headquarters: Germany",
        "Kept: “signed” since 9 October 2024, not 1 March 2025",
        "Kept: merged with Other, whose record was other",
    ]


def test_a_merger_of_the_companies_themselves_is_published_as_an_event():
    kept, other = a_company("Kept"), a_company("Other")

    merged(kept, other, cause="world")

    assert Change.objects.order_by("number").last().cause == "world"


def test_undoing_a_merge_is_published_as_one_line():
    kept, other = a_company("Kept"), a_full_company("Other")
    done = merged(kept, other)

    assert told_of(lambda: undo_merge(done, reason="not the same")) == [
        "Kept: no longer merged with Other, whose record is other again"
    ]


# Undoing


def with_clashes() -> tuple[Company, Company]:
    """Two full companies that say everything differently."""
    kept, other = a_full_company("Kept", country="FR"), a_full_company("Other", country="DE")
    source = a_source("list")
    a_commitment("governance")
    shared = a_commitment("data")
    for company, since in ((kept, "2025-03-01"), (other, "2024-10-09")):
        a_citation(signing=a_signing(company, since=day(since)), source=source, quote="a list")
        pledge = a_pledge(company, commitment=shared)
        a_citation(pledge=pledge, quote=company.name)
        a_citation(report=company.reports.create(pact=a_pact()), quote=company.name)
        company.identifiers.create(scheme="wikidata", value=f"Q{company.pk}")
        company.names.create(name=f"The {company.name}", kind="alias")
    kept.parent = other
    kept.save()
    return kept, other


@pytest.mark.parametrize("choice", on_both(3, ["merged", "kept", ""]))
def test_undoing_a_merge_gives_back_both_companies_row_by_row(choice):
    kept, other = with_clashes()
    before = register()
    keys = [clash.key for clash in preview(kept, other).clashes]
    decisions = {key: choice for key in keys if choice}
    assert len(keys) == 7

    done = merged(kept, other, decisions)
    assert register() != before
    undo_merge(done, reason="two companies after all")

    assert register() == before
    assert list(merges_into(kept)) == []


def test_undoing_a_merge_with_several_overlaps_gives_back_the_periods():
    kept, other, keys = several_overlaps()
    before = register()

    undo_merge(merged(kept, other, dict.fromkeys(keys, "merged")), reason="no")

    assert register() == before


def test_a_merge_cannot_be_undone_after_later_changes():
    kept, other = a_company("Kept"), a_full_company("Other")
    done = merged(kept, other)
    identifier = kept.identifiers.get()
    identifier.value = "US0378331005"
    save(identifier, "corrected")
    kept.names.get(name="Other").delete()
    before = register()

    with pytest.raises(ValidationError) as refused:
        undo_merge(done, reason="no")

    assert "Identifier “ISIN US0378331005”" in refused.value.messages[0]
    assert "Other name “Other”" in refused.value.messages[0]
    assert register() == before
    assert [row.merged_name for row in merges_into(kept)] == ["Other"]


def test_a_merge_cannot_be_undone_when_the_name_is_taken():
    kept, other = a_company("Kept"), a_company("Other")
    done = merged(kept, other)
    a_company("OTHER", slug="another")

    with pytest.raises(ValidationError, match="already on the register"):
        undo_merge(done, reason="no")


def test_undoing_a_merge_keeps_the_evidence_found_since_for_a_pledge_of_the_merged_company():
    kept, other = a_company("Kept"), a_company("Other")
    a_commitment("governance")
    a_signing(other)
    done = merged(kept, other)
    a_citation(pledge=kept.pledges.get())

    other = undo_merge(done, reason="two companies")

    assert not kept.pledges.exists()
    assert other.pledges.get().citations.count() == 1


def test_a_merge_can_be_undone_after_the_core_commitments_changed():
    kept, other = a_company("Kept"), a_company("Other")
    gone, moved = a_commitment("gone"), a_commitment("moved")
    a_signing(other)
    done = merged(kept, other)
    gone.delete()
    moved.kind = "additional"
    moved.save()
    a_commitment("added")

    other = undo_merge(done, reason="two companies")

    assert not kept.pledges.exists()
    assert [pledge.commitment.code for pledge in other.pledges.all()] == ["added"]


def test_a_merge_cannot_be_undone_twice():
    kept, other = a_company("Kept"), a_company("Other")
    done = merged(kept, other)
    undo_merge(done, reason="no")

    with pytest.raises(ValidationError, match="already been undone"):
        undo_merge(done, reason="no")


def test_successive_merges_are_undone_last_first():
    first, second, third = a_company("First"), a_full_company("Second"), a_company("Third")
    before = register()
    inner = merged(first, second)
    outer = merged(third, first)
    assert sorted(third.redirects.values_list("old_slug", flat=True)) == [
        "first",
        "old-second",
        "second",
    ]

    with pytest.raises(ValidationError, match="changed since the merge"):
        undo_merge(inner, reason="no")
    undo_merge(outer, reason="no")
    undo_merge(inner, reason="no")

    assert register() == before


def test_an_undone_merge_can_be_repeated():
    kept, other = a_company("Kept"), a_full_company("Other")
    undo_merge(merged(kept, other), reason="no")

    merged(kept, Company.objects.get(slug="other"))

    assert kept.redirects.filter(old_slug="other").exists()


def test_a_merge_of_many_rows_takes_few_queries():
    def queries(rows: int) -> int:
        kept, other = a_company(), a_company()
        for number in range(rows):
            other.names.create(name=f"Name {number}", kind="alias")
            other.identifiers.create(scheme="isin", value=f"{other.pk}-{number}")
            a_citation(company=other, quote=str(number))
            a_company(f"Part {number} of {other.pk}", parent=other)
        with CaptureQueriesContext(connection) as counted:
            merged(kept, other)
        return len(counted)

    assert queries(2) == queries(5)
