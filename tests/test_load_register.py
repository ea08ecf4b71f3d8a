"""The load_register command: all of a sound package, nothing of a broken one."""

import csv
import datetime
import re
from io import StringIO

import pytest
from django.core.management import CommandError

from companies import queries
from companies.models import (
    Citation,
    Company,
    Pledge,
    PublishedShare,
    RegisterVersion,
    Signing,
    Source,
)
from companies.register.history import current_version
from companies.register.package import TABLES
from tests.builders import a_company, a_pact, a_signing
from tests.packages import ROWS, a_package, dumped, load

pytestmark = pytest.mark.django_db

NOTHING = "The register already holds all of it: nothing was changed."
ACME, BOLT = ROWS["companies"]
SIGNED, ABSENT = ROWS["signings"]
[CITED] = ROWS["citations"]
[PLEDGED] = ROWS["pledges"]
LIST, NEWS = ROWS["sources"]
[PACT] = ROWS["pacts"]
BY_SIGNING = Pledge.Basis.IMPLIED_BY_SIGNATURE
DATE = "expected a date as YYYY, YYYY-MM or YYYY-MM-DD"


def row(table, line, **cells):
    """`line` of `table` with some of its cells changed."""
    columns = next(list(known.columns) for known in TABLES if known.name == table)
    values = dict(zip(columns, line.split(","), strict=True)) | cells
    return ",".join(values[column] for column in columns)


BARE = row("pledges", PLEDGED, note_en="")


def history():
    return {model: model.history.count() for model in (Company, Signing, Pledge, Citation)}


def refusal(package, *options):
    """What load_register says when it refuses `package`; nothing is written then."""
    companies, version = Company.objects.count(), current_version()
    with pytest.raises(CommandError) as error:
        load(package, *options)
    assert (Company.objects.count(), current_version()) == (companies, version)
    return str(error.value).splitlines()


def test_every_table_is_filled(tmp_path):
    answer = load(a_package(tmp_path))

    assert answer == (
        "added: 1 sectors, 2 sources, 1 pacts, 1 official_lists, 1 list_headings, 2 commitments, "
        "1 milestones, 1 published_shares, 1 opinions, 2 companies, "
        "1 company_names, 1 company_identifiers, 1 company_redirects, 2 signings, 1 pledges, "
        "1 progress_reports, 1 retractions, 1 citations"
    )
    assert Company.objects.get(slug="bolt").parent.name == "Acme"


def test_dates_are_as_precise_as_the_package_states_them(tmp_path):
    load(a_package(tmp_path))

    acme, bolt = Signing.objects.order_by("company__slug")

    assert (str(acme.started), acme.since_precision) == ("2024-10", "month")
    assert (str(bolt.started), bolt.since_precision) == ("2024-09-25", "day")
    assert (str(bolt.ended), bolt.until_precision) == ("2026", "year")


def test_a_parent_may_stand_below_what_it_owns(tmp_path):
    load(a_package(tmp_path, companies=[BOLT, ACME]))

    assert Company.objects.get(slug="bolt").parent.slug == "acme"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    package = a_package(tmp_path)
    path = package / "companies.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    load(package)

    assert Company.objects.count() == 2


@pytest.mark.database
def test_loading_a_package_twice_changes_nothing(tmp_path):
    package = a_package(tmp_path)
    load(package)
    rows, version = history(), current_version()

    assert load(package) == NOTHING
    assert load(package, "--replace") == NOTHING
    assert (history(), current_version()) == (rows, version)


def test_one_load_is_one_version_of_the_register(tmp_path):
    load(a_package(tmp_path))

    assert RegisterVersion.objects.get().number == 1


def test_a_changed_cell_is_an_update_with_its_history(tmp_path):
    load(a_package(tmp_path / "old"))
    rows = history()

    answer = load(a_package(tmp_path / "new", companies=[ACME.replace("Acme", "Ácme AI"), BOLT]))

    acme = Company.objects.get(slug="acme")
    assert answer == "changed: 1 companies"
    assert (acme.name, acme.name_folded) == ("Ácme AI", "acme ai")
    assert history() == rows | {Company: rows[Company] + 1}
    newest = Company.history.latest("history_id")
    assert (newest.name, newest.history_type) == ("Ácme AI", "~")
    assert newest.history_change_reason == "load_register"
    assert current_version() == 2


def test_a_new_row_has_history_with_the_reason(tmp_path):
    load(a_package(tmp_path))

    first = Company.history.get(slug="acme")

    assert (first.history_type, first.history_change_reason) == ("+", "load_register")


def without(package, table, columns):
    """Take columns out of one file of a package."""
    path = package / table.file
    rows = list(csv.DictReader(StringIO(path.read_text())))
    with path.open("w", newline="") as file:
        kept = [name for name in table.columns if name not in columns]
        writer = csv.DictWriter(file, kept, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("option", [[], ["--replace"]])
def test_an_older_package_leaves_later_columns_and_files_unchanged(tmp_path, option):
    asked = "bolt,eu-ai-pact,not_signed,2024-09-25,observed,2026,,,no_answer,2025-01-10"
    load(a_package(tmp_path / "new", signings=[SIGNED, asked]))
    older = a_package(tmp_path / "older")
    for table in TABLES:
        without(older, table, table.later)
        if table.newer:
            (older / table.file).unlink()

    load(older, *option)

    assert PublishedShare.objects.get().percent == 63
    absent = Signing.objects.get(company__slug="bolt")
    assert (absent.asked, absent.asked_on) == ("no_answer", datetime.date(2025, 1, 10))


def test_a_package_may_lack_only_the_newest_later_columns(tmp_path):
    package = a_package(tmp_path)
    milestones = next(table for table in TABLES if table.name == "milestones")
    without(package, milestones, ["reports_received"])
    load(package)

    without(package, milestones, ["moved_from", "reports_received"])

    assert "the columns are" in refusal(package)[0]


@pytest.mark.database
def test_a_period_ends_and_the_next_begins_in_one_load(tmp_path):
    load(a_package(tmp_path / "old"))
    ended = "acme,eu-ai-pact,signed,2024-10,first_seen,2026-02,,,,"
    begun = "acme,eu-ai-pact,removed,2026-02,first_seen,,,,,"

    answer = load(a_package(tmp_path / "new", signings=[ended, begun, ABSENT]))

    assert answer == "added: 1 signings\nchanged: 1 signings"


@pytest.mark.database
def test_a_name_passes_from_one_company_to_a_new_one(tmp_path):
    load(a_package(tmp_path / "old"))
    renamed = ACME.replace("Acme", "Acme Group")
    new = "cora,Acme,,,,unknown,unknown,,acme,,unknown,"

    load(a_package(tmp_path / "new", companies=[renamed, BOLT, new]))

    names = Company.objects.order_by("slug").values_list("slug", "name")
    assert list(names) == [("acme", "Acme Group"), ("bolt", "Bolt"), ("cora", "Acme")]


def test_a_company_moves_into_a_group_that_is_new(tmp_path):
    load(a_package(tmp_path / "old"))
    group = "group,Group,,,,unknown,unknown,,,,unknown,"

    load(a_package(tmp_path / "new", companies=[ACME, BOLT.replace(",acme,", ",group,"), group]))

    assert Company.objects.get(slug="bolt").parent.slug == "group"


def test_rows_missing_from_the_package_are_kept_and_listed(tmp_path):
    package = a_package(tmp_path)
    load(package)
    a_signing(a_company("Cora"), status="not_signed", pact=a_pact())

    answer = load(package)

    assert answer == (
        f"{NOTHING}\n"
        "only in the register, left alone: 1 companies (cora)\n"
        "only in the register, left alone: 1 signings (cora eu-ai-pact 2024-10-09)"
    )
    assert Company.objects.filter(slug="cora").exists()


def test_a_long_list_of_rows_missing_from_the_package_is_shortened(tmp_path):
    package = a_package(tmp_path)
    load(package)
    for number in range(6):
        a_company(f"Cora {number}")

    assert load(package).endswith("6 companies (cora-0, cora-1, cora-2, cora-3, cora-4, ...)")


@pytest.mark.database
def test_replace_deletes_rows_missing_from_the_package(tmp_path):
    package = a_package(tmp_path)
    load(package)
    before = dumped()
    a_signing(a_company("Cora"), pact=a_pact())

    answer = load(package, "--replace")

    assert answer == "removed: 1 companies, 1 signings"
    assert dumped() == before
    assert Company.history.filter(slug="cora", history_type="-").count() == 1


def test_replace_gives_a_company_another_public_id(tmp_path):
    load(a_package(tmp_path / "old"))
    renamed = {name: [r.replace("bolt,", "bolt-ag,") for r in rows] for name, rows in ROWS.items()}

    load(a_package(tmp_path / "new", **renamed), "--replace")

    assert list(Company.objects.values_list("slug", flat=True)) == ["acme", "bolt-ag"]


def test_replace_gives_a_source_another_public_id(tmp_path):
    load(a_package(tmp_path / "old"))
    renamed = {
        name: [re.sub(r"(?<![^,])list(?![^,])", "first-list", line) for line in rows]
        for name, rows in ROWS.items()
    }

    load(a_package(tmp_path / "new", **renamed), "--replace")

    assert Citation.objects.get().source.slug == "first-list"
    removed = Source.history.get(slug="list", history_type="-")
    assert removed.url == "https://example.org/list"


def test_a_name_that_another_company_has_is_reported(tmp_path):
    a_company("BOLT", slug="bolt-ag")

    assert refusal(a_package(tmp_path))[0] == (
        "companies.csv:3: name 'Bolt' belongs to slug 'bolt-ag' of the register, "
        "expected that one here too, or --replace"
    )


@pytest.mark.database
def test_a_period_that_overlaps_an_existing_one_is_reported(tmp_path):
    load(a_package(tmp_path / "old"))
    earlier = SIGNED.replace("2024-10,", "2024-09-30,")
    cited = CITED.replace("2024-10,", "2024-09-30,")

    package = a_package(tmp_path / "new", signings=[earlier, ABSENT], citations=[cited])

    assert refusal(package)[0] == (
        "signings.csv:2: overlaps the period since '2024-10' of the register, "
        "expected that one here too, or --replace"
    )


def test_if_empty_leaves_a_filled_register_unchanged(tmp_path):
    a_company("Cora")

    answer = load(a_package(tmp_path), "--if-empty")

    assert answer == "The register already holds 1 companies: nothing was loaded."
    assert Company.objects.count() == 1


def test_if_empty_fills_an_empty_register(tmp_path):
    load(a_package(tmp_path), "--if-empty")

    assert Company.objects.count() == 2


@pytest.mark.parametrize("pledges", [[], [BARE], [row("pledges", BARE, basis="")]])
def test_implied_pledges_are_created_whether_or_not_a_package_lists_them(tmp_path, pledges):
    package = a_package(tmp_path / "in", pledges=pledges)
    load(package)

    pledge = Pledge.objects.get()
    assert (pledge.company.slug, pledge.basis) == ("acme", "implied_by_signature")
    assert dumped()["pledges.csv"].count(b"\n") == 1  # the header
    assert load(package, "--replace") == NOTHING


def test_removing_pledge_details_from_a_package_leaves_the_implied_pledge(
    tmp_path,
):
    load(a_package(tmp_path / "more", pledges=[row("pledges", PLEDGED, basis="stated")]))

    load(a_package(tmp_path / "less", pledges=[]), "--replace")

    assert (Pledge.objects.get().basis, Pledge.objects.get().note_en) == (BY_SIGNING, "")


def test_evidence_for_a_pledge_without_a_signature_is_stored_without_basis(tmp_path):
    package = a_package(tmp_path, signings=[ABSENT], citations=[])
    load(package)

    assert Pledge.objects.get().basis == ""
    assert queries.pledges().count() == 0
    assert load(package, "--replace") == NOTHING
    assert b",governance,,no_evidence," in dumped()["pledges.csv"]


def test_a_core_commitment_removed_from_a_package_is_deleted_with_its_implied_pledges(tmp_path):
    load(a_package(tmp_path / "old", pledges=[]))
    labels = [line for line in ROWS["commitments"] if ",labels," in line]

    load(a_package(tmp_path / "new", pledges=[], commitments=labels), "--replace")

    assert not Pledge.objects.exists()


BROKEN = {
    "wrong number of cells": (
        {"companies": [ACME, BOLT + ",more"]},
        "companies.csv:3: 13 values, expected 12",
    ),
    "line of the file after a quoted line end": (
        {"companies": [row("companies", ACME, description='"two\nlines"'), BOLT + ",more"]},
        "companies.csv:4: 13 values, expected 12",
    ),
    "quote without an end": (
        {"companies": [ACME, 'bolt,"Bolt']},
        "companies.csv:3: is not CSV (unexpected end of data), expected RFC 4180",
    ),
    "month 13": (
        {"signings": [row("signings", SIGNED, since="2024-13-01")], "citations": []},
        f"signings.csv:2: since '2024-13-01', {DATE}",
    ),
    "date of two digits": (
        {"signings": [row("signings", SIGNED, since="24-1-1")], "citations": []},
        f"signings.csv:2: since '24-1-1', {DATE}",
    ),
    "no date": (
        {"signings": [row("signings", SIGNED, since="")], "citations": []},
        f"signings.csv:2: since '': This field cannot be null. Expected{DATE[8:]}",
    ),
    "month where a day is needed": (
        {"sources": [LIST, row("sources", NEWS, published_on="2024-09")]},
        "sources.csv:3: published_on '2024-09': “2024-09” value has an invalid date format. It "
        "must be in YYYY-MM-DD format. Expected a date as YYYY-MM-DD",
    ),
    "date in another spelling": (
        {"sources": [LIST, row("sources", NEWS, published_on="20240925")]},
        "sources.csv:3: published_on '20240925', expected a date as YYYY-MM-DD",
    ),
    "number in another spelling": (
        {"pacts": [row("pacts", PACT, position="01")]},
        "pacts.csv:2: position '01', expected a whole number of at most 32767",
    ),
    "number too large": (
        {"pacts": [row("pacts", PACT, report_after_months="32768")]},
        "pacts.csv:2: report_after_months '32768'",
    ),
    "unknown status": (
        {"signings": [row("signings", SIGNED, status="yes"), ABSENT]},
        "signings.csv:2: status 'yes': Value 'yes' is not a valid choice. Expected one of: signed, "
        "withdrawn, removed, declined, interested, not_signed, unknown",
    ),
    "name too long": (
        {"companies": [row("companies", ACME, name="x" * 201), BOLT]},
        f"companies.csv:2: name '{'x' * 57}...': Ensure this value has at most 200 characters (it "
        "has 201). Expected a text, not empty, of at most 200 characters",
    ),
    "description too long": (
        {"companies": [row("companies", ACME, description="x" * 2001), BOLT]},
        f"companies.csv:2: description '{'x' * 57}...', expected a text of at most 2000 characters",
    ),
    "no name": (
        {"companies": [row("companies", ACME, name=""), BOLT]},
        "companies.csv:2: name '': This field cannot be blank. Expected a text, not empty, of at "
        "most 200 characters",
    ),
    "unknown company": (
        {"company_names": ["cora,Cora AI,alias"]},
        "company_names.csv:2: company 'cora' is not in companies.csv, expected a row of it",
    ),
    "unknown parent": (
        {"companies": [ACME, row("companies", BOLT, parent="cora")]},
        "companies.csv:3: parent 'cora' is not in companies.csv, expected a row of it",
    ),
    "pledge that no signature implies": (
        {"pledges": [BARE], "signings": [ABSENT], "citations": []},
        "pledges.csv:2: no signature of 'acme' implies 'governance', expected basis 'stated' or no "
        "such line",
    ),
    "unknown commitment of a pact": (
        {"pledges": [row("pledges", PLEDGED, commitment="magic")]},
        "pledges.csv:2: pact 'eu-ai-pact', commitment 'magic' is not in commitments.csv, expected "
        "a row of it",
    ),
    "public id twice": (
        {"companies": [ACME, BOLT, row("companies", BOLT, name="Other")]},
        "companies.csv:4: slug 'bolt' stands on line 3 already, expected each once",
    ),
    "name twice in another case": (
        {"companies": [ACME, BOLT, "cora,ACME,,,,unknown,unknown,,,,unknown,"]},
        "companies.csv:4: name 'ACME' stands on line 2 already, expected each once, whatever its "
        "case",
    ),
    "address twice": (
        {"sources": [LIST, NEWS, row("sources", NEWS, slug="again")]},
        "sources.csv:4: url 'https://example.org/news' stands on line 3 already, expected each "
        "once",
    ),
    "website that runs a script": (
        {"companies": [row("companies", ACME, website="javascript:alert(1)"), BOLT]},
        "companies.csv:2: website 'javascript:alert(1)': Enter a valid URL. Expected an http or "
        "https address",
    ),
    "source that runs a script": (
        {"sources": [row("sources", LIST, url="javascript:alert(1)"), NEWS]},
        "sources.csv:2: url 'javascript:alert(1)': Enter a valid URL. Expected an http or https "
        "address",
    ),
    "name read in another order": (
        {"companies": [row("companies", ACME, name="Ac\u202eme"), BOLT]},
        r"companies.csv:2: name 'Ac\u202eme': This text contains an invisible mark that "
        "changes the reading order. Remove it. Expected",
    ),
    "period that ends as it begins": (
        {"signings": [SIGNED, row("signings", ABSENT, until="2024-09-25")]},
        "signings.csv:3: since '2024-09-25', until '2024-09-25': A period must end after it began.",
    ),
    "year that begins with the period": (
        {"signings": [SIGNED, row("signings", ABSENT, since="2026-01-01", until="2026")]},
        "signings.csv:3: since '2026-01-01', until '2026': A period must end after it began.",
    ),
    "overlapping periods": (
        {"signings": [SIGNED, ABSENT, row("signings", SIGNED, company="bolt", since="2025-12-31")]},
        "signings.csv:4: overlaps the period of line 3, expected that one to have ended",
    ),
    "two open periods": (
        {"signings": [SIGNED, ABSENT, row("signings", SIGNED, since="2025")]},
        "signings.csv:4: overlaps the period of line 2, expected that one to have ended",
    ),
    "end that is no date": (
        {"signings": [SIGNED, row("signings", ABSENT, until="later"), ABSENT.replace("4-", "6-")]},
        f"signings.csv:3: until 'later', {DATE}",
    ),
    "citation of two facts": (
        {"citations": [row("citations", CITED, commitment="governance")]},
        "citations.csv:2: commitment 'governance' beside fact 'signing', expected it empty: a "
        "citation has one target",
    ),
    "citation of an unknown kind of fact": (
        {"citations": [row("citations", CITED, fact="rumour")]},
        "citations.csv:2: fact 'rumour', expected one of: signing, pledge, report, company",
    ),
    "citation of a period there is not": (
        {"citations": [row("citations", CITED, since="2025")]},
        "citations.csv:2: company 'acme', pact 'eu-ai-pact', since '2025' is not in signings.csv, "
        "expected a row of it",
    ),
    "evidence on nobody's word": (
        {"pledges": [row("pledges", PLEDGED, implementation="full")]},
        "pledges.csv:2: implementation 'full', implementation_basis '': Say who "
        "reports the implementation. Leave empty if there is no evidence.",
    ),
    "word without evidence": (
        {"pledges": [row("pledges", PLEDGED, implementation_basis="regulator")]},
        "pledges.csv:2: implementation 'no_evidence', implementation_basis 'regulator': Say who "
        "reports the implementation",
    ),
    "unknown country": (
        {"companies": [row("companies", ACME, country="ZZ"), BOLT]},
        "companies.csv:2: country 'ZZ': “ZZ” is not a country code of ISO 3166-1, such as FR or "
        "US. Expected",
    ),
    "company that owns itself": (
        {"companies": [row("companies", ACME, parent="acme"), BOLT]},
        "companies.csv:2: parent 'acme': A company cannot be its own group.",
    ),
    "companies that own each other": (
        {"companies": [row("companies", ACME, parent="bolt"), BOLT]},
        "companies.csv:2: parent goes round (acme < bolt < acme), expected a group at the top",
    ),
    "document read before it was published": (
        {"sources": [LIST, row("sources", NEWS, retrieved_on="2024-09-24")]},
        "sources.csv:3: published_on '2024-09-25', retrieved_on '2024-09-24': A document "
        "cannot be read before its publication date.",
    ),
    "pact that closes as it opens": (
        {"pacts": [row("pacts", PACT, closed_on="2024-09-25")]},
        "pacts.csv:2: opened_on '2024-09-25', closed_on '2024-09-25': A pact must close "
        "after it opens.",
    ),
    "total without its day": (
        {"pacts": [row("pacts", PACT, listed_total="230")]},
        "pacts.csv:2: listed_total '230', listed_total_on '': An announced total needs the "
        "date it was announced.",
    ),
    "milestone moved from its own day": (
        {"milestones": ["2027-12-02,ai_act,Start,Début,,list,2027-12-02,,"]},
        "milestones.csv:2: date '2027-12-02', moved_from '2027-12-02': “Moved from” must be "
        "a different date.",
    ),
    "number of reports of no pact": (
        {"milestones": ["2025-12-15,ai_pact,A,A,,list,,,105"]},
        "milestones.csv:2: pact '', reports_received '105': A number of reports needs its pact.",
    ),
    "share of more than all": (
        {"published_shares": ["eu-ai-pact,eu,101,,news"]},
        "published_shares.csv:2: percent '101': A share cannot be more than 100 percent.",
    ),
    "published report without address": (
        {"progress_reports": ["acme,eu-ai-pact,1,,,,2025-10-01,"]},
        "progress_reports.csv:2: published_on '2025-10-01', url '': A published report needs its "
        "address.",
    ),
    "milestone twice in another precision": (
        {"milestones": [f"{day},ai_pact,A,A,,list,,," for day in ("2026", "2026-01-01")]},
        "milestones.csv:3: date '2026-01-01', title_en 'A' stands on line 2 already, expected "
        "each once",
    ),
}


@pytest.mark.parametrize(("rows", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_package_is_refused_with_line_numbers(rows, told, tmp_path):
    first, *_others, last = refusal(a_package(tmp_path, **rows))

    assert first[: len(told)] == told
    assert last == "Nothing was loaded."


@pytest.mark.parametrize("name", ["companies.csv", "company_redirects.csv"])
def test_a_missing_file_is_the_only_fault_reported(name, tmp_path):
    (a_package(tmp_path) / name).unlink()

    told, last = refusal(tmp_path)

    assert told.startswith(f"{name}:1: is missing, expected columns '")
    assert last == "Nothing was loaded."


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("code,label_en,label_fr,colour", "the columns are 'code,label_en,label_fr,colour'"),
        ("code,label_fr,label_en", "the columns are 'code,label_fr,label_en'"),
        ("", "the columns are 'missing'"),
    ],
)
def test_unexpected_columns_are_reported(header, told, tmp_path):
    (a_package(tmp_path) / "sectors.csv").write_text(header)

    assert refusal(tmp_path) == [
        f"sectors.csv:1: {told}, expected 'code,label_en,label_fr'",
        "Nothing was loaded.",
    ]


@pytest.mark.parametrize(
    ("byte", "told"),
    [
        (b"\xe9", "is not UTF-8, expected UTF-8 text"),
        (b"\xed\xa0\x80", "is not UTF-8, expected UTF-8 text"),
        (b"\0", "holds a NUL byte, expected text"),
    ],
)
def test_undecodable_bytes_are_reported_by_line(byte, told, tmp_path):
    path = a_package(tmp_path) / "companies.csv"
    path.write_bytes(path.read_bytes().replace(b"Bolt", b"B" + byte))

    assert refusal(tmp_path) == [f"companies.csv:3: {told}", "Nothing was loaded."]


def test_all_faults_are_reported_at_once(tmp_path):
    companies = [row("companies", ACME, size="huge"), row("companies", BOLT, country="ZZ")]

    first, second, third, _last = refusal(
        a_package(tmp_path, companies=companies, company_names=["cora,Cora AI,alias"])
    )

    assert first.startswith("companies.csv:2: size 'huge'")
    assert second.startswith("companies.csv:3: country 'ZZ'")
    assert third.startswith("company_names.csv:2: company 'cora'")


def test_a_broken_package_changes_nothing_of_a_filled_register(tmp_path):
    load(a_package(tmp_path / "old"))
    before, rows = dumped(), history()

    refusal(a_package(tmp_path / "new", companies=[ACME.replace("Acme", "New")]), "--replace")

    assert (dumped(), history()) == (before, rows)


def test_a_missing_directory_is_reported(tmp_path):
    assert refusal(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'} is not a directory."]


def dry_run(package, *options):
    """What --dry-run says of `package`; nothing is written."""
    before, rows, version = dumped(), history(), current_version()
    answer = load(package, "--dry-run", *options)
    assert (dumped(), history(), current_version()) == (before, rows, version)
    *lines, last = answer.splitlines()
    assert last == "Nothing was written: a dry run."
    return lines


def test_a_dry_run_names_each_field_with_its_old_and_new_value(tmp_path):
    load(a_package(tmp_path / "old"))
    acme = ACME.replace("Acme", "Ácme").replace(",FR,", ",,")
    until = SIGNED.replace("first_seen,,", "first_seen,2026-02,")
    new = a_package(tmp_path / "new", companies=[acme, BOLT], signings=[until, ABSENT])

    assert dry_run(new) == [
        "would change companies acme: name 'Acme' to 'Ácme'",
        "would change companies acme: country 'FR' to ''",
        "would change signings acme eu-ai-pact 2024-10: until '' to '2026-02'",
        "changed: 1 companies, 1 signings",
    ]
    assert load(new) == "changed: 1 companies, 1 signings"
    assert dry_run(new) == [NOTHING]


def test_a_dry_run_lists_what_would_be_added_including_implied_pledges(tmp_path):
    load(a_package(tmp_path / "old"))
    coda = "coda,Coda,,,,unknown,unknown,,,,unknown,"
    signed = "coda,eu-ai-pact,signed,2025-01,first_seen,,,,,"
    rows = {"companies": [ACME, BOLT, coda], "signings": [SIGNED, ABSENT, signed]}

    assert dry_run(a_package(tmp_path / "new", **rows)) == [
        "would add companies coda",
        "would add signings coda eu-ai-pact 2025-01",
        "would add pledges coda eu-ai-pact governance",
        "added: 1 companies, 1 signings",
    ]


def test_a_dry_run_lists_what_would_be_deleted_or_kept(tmp_path):
    load(a_package(tmp_path / "old"))
    rows = {"companies": [ACME], "signings": [SIGNED]}
    new = a_package(tmp_path / "new", **rows)

    assert dry_run(new, "--replace") == [
        "would remove companies bolt",
        "would remove signings bolt eu-ai-pact 2024-09-25",
        "removed: 1 companies, 1 signings",
    ]
    assert dry_run(new) == [
        NOTHING,
        "only in the register, left alone: 1 companies (bolt)",
        "only in the register, left alone: 1 signings (bolt eu-ai-pact 2024-09-25)",
    ]


def test_a_dry_run_into_an_empty_register_leaves_it_empty(tmp_path):
    lines = dry_run(a_package(tmp_path))

    assert "would add companies acme" in lines
    assert "would add citations acme eu-ai-pact signing 2024-10 list Acme" in lines
    assert not Company.objects.exists()


def test_a_dry_run_of_a_broken_package_is_refused_as_a_load_is(tmp_path):
    package = a_package(tmp_path, companies=[ACME.replace("FR", "XX"), BOLT])

    assert refusal(package, "--dry-run") == refusal(package)
