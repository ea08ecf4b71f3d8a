"""Replayed from the first entry, the changes give the register."""

import datetime
import tracemalloc
from io import StringIO
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import override

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyName,
    CompanyRedirect,
    PartialDate,
    Pledge,
    ProgressReport,
    Sector,
    Signing,
    Source,
)
from companies.queries import KnownRows, sentence
from companies.queries.wording import sentences, values
from companies.register.history import delete, save, unit_of_work
from companies.register.merging.merge import merge
from companies.register.merging.undo import undo_merge
from companies.register.package import TABLES
from companies.register.publishing import rules
from companies.register.publishing.after_migrating import record_unrecorded
from companies.register.publishing.chain import in_order
from companies.register.publishing.replay import Replay, differences
from companies.register.statuses import change_status, undo_status_change

from .append_only import lifted
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
from .change_lines import line, lines
from .packages import a_package, load

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def replayed() -> list[str]:
    """What differs between the register and its entries."""
    return differences(in_order())


def changed(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    save(row, "test")


def test_every_table_of_the_data_package_has_publishing_rules_and_labels():
    names = {table.name: table.model for table in TABLES}

    assert names.keys() == rules.KINDS.keys()
    assert names == values.MODELS
    columns = {table.name: set(table.columns) for table in TABLES}
    for name, material in rules.MATERIAL.items():
        assert material <= columns[name], name
    for name, column in rules.SUBJECTS.items():
        assert column in columns[name], name
    for name, about in rules.ABOUT.items():
        assert set(about) <= columns[name], name
    assert sentences.PHRASES.keys() <= names.keys()


def test_every_write_to_a_public_table_is_one_change():
    company = a_company("Acme", country="FR", sector=a_sector("software"))
    before = Change.objects.count()

    changed(company, country="DE", size="large", website="https://acme.example")

    (entry,) = Change.objects.filter(number__gt=before)
    assert (entry.table, entry.action, entry.key) == ("companies", "changed", {"slug": "acme"})
    assert entry.fields == {
        "country": ["FR", "DE"],
        "size": ["unknown", "large"],
        "website": ["", "https://acme.example"],
    }
    assert line(entry) == (
        "Acme: country of headquarters: Germany, before: France; size: large, before: unknown; "
        "website: https://acme.example"
    )
    assert entry.material


def test_loading_again_and_with_replace_can_be_replayed(tmp_path):
    package = a_package(tmp_path / "one")
    load(package)
    assert replayed() == []
    assert len(list(Replay(in_order()))) == sum(table.rows().count() for table in TABLES)

    changes = Change.objects.count()
    load(package)
    assert Change.objects.count() == changes

    other = a_package(
        tmp_path / "two",
        companies=["acme,Acme AG,Acme,DE,,sme,unknown,,,,unknown,"],
        company_names=["acme,Acme,former"],
        signings=["acme,eu-ai-pact,signed,2024-09-25,first_seen,,,,,"],
        citations=["acme,eu-ai-pact,signing,2024-09-25,,,news,Acme,,,,,,,"],
    )
    load(other, "--replace")
    assert replayed() == []


def test_replaying_a_renamed_company_keeps_its_rows():
    company = a_company("Acme")
    a_company("Acme Labs", parent=company)
    a_citation(signing=a_signing(company), quote="Acme")
    a_citation(pledge=a_pledge(company, commitment=a_commitment("governance")), quote="Acme")
    a_citation(company=company, quote="Acme")

    changed(company, slug="acme-se")
    assert replayed() == []
    changed(Commitment.objects.get(), code="management")
    assert replayed() == []
    changed(a_pact(), slug="the-pact")
    assert replayed() == []
    changed(Source.objects.first(), slug="the-source")
    assert replayed() == []
    changed(Signing.objects.get(), since=datetime.date(2024, 9, 25), since_precision="month")
    assert replayed() == []
    for citation in Citation.objects.all():
        delete(citation, "test")
    assert replayed() == []


def test_replaying_many_changes_takes_little_memory():
    rows, letters = 3_000, 500

    def entries():
        for number in range(rows):
            fields = {"slug": [None, f"c{number}"], "description": [None, f"{number:0{letters}}"]}
            yield Change(table="companies", key={"slug": f"c{number}"}, fields=fields)

    tracemalloc.start()
    try:
        replay = Replay(entries())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < rows * letters / 3
    assert [int(row["description"]) for _name, row in replay] == [*range(rows)]


def test_two_citations_with_the_same_quote_are_two_changes():
    signing, source = a_signing(a_company("Acme")), a_source("list")
    first, second = (a_citation(signing=signing, source=source, quote="Acme") for _ in range(2))
    changed(second, verified_by="verify_sources")
    delete(first, "test")

    assert replayed() == []


def test_rows_renamed_and_deleted_in_one_unit_of_work_can_be_replayed():
    company, other = a_company("Acme"), a_company("Bolt")
    signing = a_signing(company)
    citation = a_citation(signing=signing, quote="Acme")
    a_citation(company=other, quote="Bolt")

    with unit_of_work():
        changed(company, slug="acme-se")
        delete(citation, "test")
        changed(signing, since=datetime.date(2024, 9, 25))
        a_citation(signing=signing, source=a_source("news"), quote="Acme SE")
        a_signing(a_company("Core", parent=company))

    assert replayed() == []


def test_a_merge_its_undoing_and_a_second_merge_can_be_replayed():
    kept, other = a_company("Kept"), a_company("Other", country="DE")
    commitment = a_commitment("governance")
    for company in (kept, other):
        a_citation(signing=a_signing(company), quote=company.name)
        a_pledge(company, commitment=commitment)
    other.names.create(name="Other SA", kind="legal")
    other.redirects.create(old_slug="older")
    a_citation(company=other, quote="Other")
    a_company("Other Labs", parent=other)

    def merged():
        return merge(
            kept=kept, merged=other, decisions={}, name_kind="former",
            cause=Change.Cause.CORRECTION, reason="one company",
        )  # fmt: skip

    done = merged()
    assert replayed() == []
    assert lines()[-1] == "Kept: merged with Other, whose record was other"
    other = undo_merge(done, reason="two companies")
    assert replayed() == []
    told = "Kept: no longer merged with Other, whose record is other again"
    assert lines()[-1] == told
    merged()
    assert replayed() == []


def test_a_merge_is_one_public_line_and_one_change_for_each_moved_row():
    kept, other = a_company("Kept"), a_company("Other")
    signing = a_signing(other, status="declined")
    a_citation(signing=signing, quote="Other")
    number = Change.objects.count()

    merge(
        kept=kept, merged=other, decisions={}, name_kind="former",
        cause=Change.Cause.WORLD, reason="one company",
    )  # fmt: skip

    entries = Change.objects.filter(number__gt=number).order_by("number")
    assert [(entry.table, entry.action, entry.has_line) for entry in entries] == [
        ("companies", "deleted", False),
        ("signings", "changed", False),
        ("company_names", "added", False),
        ("company_redirects", "added", True),
    ]
    assert entries[1].fields == {"company": ["other", "kept"]}
    assert {entry.cause for entry in entries} == {"world"}


def test_an_undone_status_and_a_restored_version_can_be_replayed():
    a_commitment("governance")
    company, source = a_company("Acme"), a_source("list")
    signing = change_status(
        company=company, pact=a_pact(), status="signed", since=PartialDate.parse("2024-10"),
        since_basis="first_seen", source=source, change_reason="test",
    )  # fmt: skip
    left = change_status(
        company=company, pact=a_pact(), status="removed", since=PartialDate.parse("2025-10-01"),
        since_basis="first_seen", source=source, seen=signing, change_reason="test",
    )  # fmt: skip
    assert replayed() == []
    undo_status_change(left, change_reason="test")
    assert replayed() == []
    first = company.history.get()
    changed(company, name="Acme SE", country="FR")
    first.instance.save()
    assert Company.objects.get().name == "Acme"
    assert replayed() == []
    company.delete()
    assert replayed() == []


def test_a_cascading_delete_outside_a_unit_of_work_can_be_replayed():
    company = a_company("Acme")
    a_citation(signing=a_signing(company), quote="Acme")
    a_citation(pledge=a_pledge(company, commitment=a_commitment()), quote="Acme")
    a_citation(report=company.reports.create(pact=a_pact()), quote="Acme")
    company.names.create(name="Acme SA", kind="legal")

    company.delete()

    assert replayed() == []
    assert not [one for one in Replay(in_order()) if one[1].get("company") == "acme"]


def an_edit(random: Random, number: int) -> None:
    """One edit such as an editor makes, of any table."""
    company = random.choice(list(Company.objects.all()))
    signing = Signing.objects.order_by("?").first()
    match random.randrange(10):
        case 0:
            changed(company, slug=f"renamed-{number}", name=f"Renamed {number}")
        case 1:
            changed(company, country=random.choice(["FR", "DE", ""]), sector=Sector.objects.first())
        case 2:
            a_signing(a_company(f"New {number}"), status=random.choice(["signed", "declined"]))
        case 3 if signing:
            changed(signing, reason_en=f"Reason {number}", since_basis="stated")
        case 4 if signing:
            a_citation(signing=signing, source=a_source(f"source-{number}"), quote=signing.status)
        case 5:
            save(CompanyName(company=company, name=f"Alias {number}", kind="alias"), "test")
        case 6 if signing:
            signing.company.subsidiaries.first() or signing.company.delete()
        case 7:
            report = ProgressReport(
                company=company, pact=a_pact(), period=number, published_on="2025-10-01",
                url="https://example.org/report",
            )  # fmt: skip
            save(report, "test")
        case 8:
            CompanyRedirect.objects.create(old_slug=f"old-{number}", company=company)
        case 9:
            a_pledge(company, commitment=a_commitment(f"extra-{number}", kind="additional"))
    if Company.objects.count() < 3:
        a_company(f"Fresh {number}")


@pytest.mark.database
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_random_edits_can_be_replayed(tmp_path, seed):
    load(a_package(tmp_path / "package"))
    random = Random(seed)  # not a secret

    for number in range(40):
        an_edit(random, number)

    assert replayed() == []


# The command


def verified(*options: str) -> str:
    out = StringIO()
    call_command("verify_changes", *options, stdout=out)
    return out.getvalue()


def test_verify_changes_replays_the_changes_on_request():
    a_signing(a_company("Acme"))

    assert "give the register" not in verified()
    assert verified("--replay").endswith("Replayed, they give the register as it is.\n")


def test_verify_changes_finds_a_row_written_without_a_change():
    company = a_company("Acme")
    a_company("Bolt")
    Company.objects.filter(pk=company.pk).update(country="FR")

    with pytest.raises(CommandError, match="2 differences") as refused:
        verified("--replay")

    assert "+ companies: slug='acme', name='Acme', legal_name='', country='FR'" in str(
        refused.value
    )


# A register that is older than its chain


def test_a_register_without_changes_starts_its_chain_with_all_rows_and_one_public_line():
    company = a_company("Acme")
    a_citation(signing=a_signing(company), quote="Acme")
    a_pledge(company, commitment=a_commitment())
    with lifted():
        Change.objects.all().delete()

    record_unrecorded()
    record_unrecorded()

    rows = sum(table.rows().count() for table in TABLES)
    *entries, opening = Change.objects.order_by("number")
    assert len(entries) == rows
    assert {(one.cause, one.material, one.has_line) for one in entries} == {
        ("method", False, False)
    }
    assert (opening.kind, opening.cause, opening.material) == ("register", "method", True)
    assert f"with the whole register of that day ({rows} rows)" in line(opening)
    assert "l’historique a recommencé" in line(opening, "fr")
    assert replayed() == []
    assert verified().startswith(f"All {rows + 1} changes hold.")


def test_the_opening_changes_claim_no_recording_date(client):
    a_signing(a_company("Acme"))
    with lifted():
        Change.objects.all().delete()
    record_unrecorded()

    events = client.get("/companies/acme/").context["timeline"]

    (event,) = [event for event in events if event.signing]
    assert not [event for event in events if event.shown]
    assert (str(event.when), event.recorded_on) == ("2024-10-09", None)
    page = client.get("/changes/?view=recorded&page=1")
    assert page.context["page"].paginator.count == 1


def test_rows_written_by_a_migration_are_recorded_without_a_public_line():
    company, other = a_company("Acme"), a_company("Bolt")
    a_citation(company=other, quote="Bolt")
    number = Change.objects.count()
    Company.objects.filter(pk=company.pk).update(country="FR")
    Citation.objects.all()._raw_delete("default")
    Sector.objects.bulk_create([Sector(code="new", label_en="New", label_fr="Nouveau")])

    record_unrecorded()

    entries = Change.objects.filter(number__gt=number).order_by("number")
    assert [(one.table, one.action, one.cause, one.has_line) for one in entries] == [
        ("citations", "deleted", "method", False),
        ("sectors", "added", "method", False),
        ("companies", "changed", "method", False),
    ]
    assert entries[2].fields == {"country": ["", "FR"]}
    assert replayed() == []


def test_an_empty_register_starts_without_changes():
    record_unrecorded()

    assert not Change.objects.exists()


# All languages at once


def all_lines(language: str) -> list[str]:
    changes = Change.objects.order_by("number")
    known = KnownRows(changes)
    with override(language):
        return [f"{change.company_name}: {sentence(change, known)}" for change in changes]


def test_a_corrected_translation_changes_older_lines_too(monkeypatch):
    a_signing(a_company("Acme"), since_basis="stated")
    assert "Acme: a signé le 9 octobre 2024" in all_lines("fr")

    from django.utils.translation import trans_real

    with override("fr"):
        catalogue = trans_real.catalog()._catalog
    mended = {"in a sentence\x04signed": "est devenue signataire"}
    monkeypatch.setattr(catalogue, "_catalogs", [mended, *catalogue._catalogs])

    assert "Acme: est devenue signataire le 9 octobre 2024" in all_lines("fr")


def test_a_change_uses_the_current_names_of_its_rows():
    sector, source = a_sector("software"), a_source("news", title="News")
    company = a_company("Acme", sector=sector)
    changed(company, sector=a_sector("telecom"))
    a_citation(company=company, source=source)
    changed(sector, label_en="Programs", label_fr="Programmes")
    changed(source, title="The News")

    assert "Acme: sector: Telecom, before: Programs" in lines()
    assert "Acme: evidence added: The News" in lines()


def test_a_change_names_deleted_rows_from_its_stored_values():
    company = a_company("Acme", sector=a_sector("software"))
    a_citation(company=company, source=a_source("news", title="News"))
    a_pledge(company, commitment=a_commitment("extra", title_en="Extra"), basis="stated")
    changed(company, sector=a_sector("telecom"))
    for row in (Citation.objects.get(), Pledge.objects.get(), Commitment.objects.get()):
        delete(row, "test")
    delete(Source.objects.get(slug="news"), "test")
    delete(Sector.objects.get(code="software"), "test")

    told = lines()

    assert "Acme: sector: Telecom, before: software" in told
    assert "Acme: evidence added: news" in told
    assert "Acme: pledge “extra”" in told
    assert "Extra: removed" in told


@pytest.mark.long
def test_the_changes_of_the_seed_register_replay_and_are_fully_translated(client):
    call_command("load_register", stdout=StringIO())

    assert replayed() == []
    changes = list(Change.objects.order_by("number"))
    told = {language: all_lines(language) for language, _name in settings.LANGUAGES}
    same = {
        (change.table, change.number)
        for change, en, fr in zip(changes, told["en"], told["fr"], strict=True)
        if en == fr
    }
    assert same == set()
