"""Reading official lists: what is kept, what is refused, and what is proposed."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Change, Company, ImportRun, Pact, Proposal, RefusedMatch, Signing
from companies.queries import due_lists
from companies.register.history import current_version
from companies.register.review.deciding import reject
from companies.register.review.watch import Page, last_reached, read

from .builders import a_company, a_pact, a_signing
from .dated_lists import CODE_2025_08_01, CODE_2025_12
from .lists import (
    URL,
    a_list,
    a_page,
    a_reading,
    a_reviewer,
    last_run,
    proposed,
    the_proposal,
    waiting,
)
from .packages import load

pytestmark = [pytest.mark.django_db, pytest.mark.history]

NAMES = ["Accenture", "Adecco", "AI & Partners", "Airbus", "Aleph Alpha"]


def signatories(*names: str) -> list[Company]:
    companies = [a_company(name) for name in names]
    for company in companies:
        a_signing(company)
    return companies


def watch(*arguments: object) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("watch", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def page(tmp_path):
    """Write a page with some names and give its path."""

    def written(names, **changes):
        path = tmp_path / "page.html"
        content = a_page(names)
        path.write_bytes(changes.get("content", content))
        return path

    return written


def test_the_same_names_as_the_register_propose_nothing():
    signatories(*NAMES)

    reading = a_reading(NAMES)

    assert (reading.run.state, reading.run.names_count, reading.proposals) == ("read", 5, [])


def test_an_import_run_stores_the_bytes_it_read_and_their_hash():
    signatories(*NAMES)

    run = a_reading(NAMES).run

    stored = ImportRun.objects.get(pk=run.pk)
    assert bytes(stored.content) == a_page(NAMES)
    assert len(stored.sha256) == 64
    assert stored.listed[2] == {"name": "AI & Partners", "note": ""}


def test_a_page_with_the_same_bytes_as_last_time_is_not_compared_again():
    signatories(*NAMES)
    a_reading([*NAMES, "Bolt"])

    reading = a_reading([*NAMES, "Bolt"], on="2026-11-21")

    assert (reading.run.state, reading.proposals) == ("unchanged", [])
    assert waiting() == [("new_company", "Bolt")]


def test_each_difference_is_proposed_and_nothing_else():
    signatories("Accenture", "Adecco", "Airbus", "Telefónica", "Orange")
    left = a_company("Bayer")
    a_signing(left, "removed", since_basis="observed")
    a_company("Mistral AI")
    absent = a_company("Meta")
    a_signing(absent, "not_signed", since_basis="observed")

    reading = a_reading(
        ["Accenture", "Adecco", "TELEFONICA", "Bayer", "Mistral AI", "Meta", "Orange Bank", "Bolt"]
    )

    assert proposed(reading) == [
        ("spelled_differently", "Telefónica"),
        ("back_on_list", "Bayer"),
        ("new_signing", "Mistral AI"),
        ("new_signing", "Meta"),
        ("match_unsure", "Orange Bank"),
        ("new_company", "Bolt"),
        ("no_longer_listed", "Airbus"),
        ("no_longer_listed", "Orange"),
    ]


def test_a_missing_name_is_proposed_as_removed_and_never_as_withdrawn():
    signatories(*NAMES)

    (proposal,) = a_reading(NAMES[:4]).proposals

    assert proposal.new == {
        "status": "removed",
        "since": "2026-11-20",
        "since_basis": "observed",
    }


def test_reading_a_list_changes_nothing_on_the_register():
    signatories(*NAMES)
    a_list()
    changes, periods = Change.objects.count(), Signing.history.count()

    a_reading(["Bolt", *NAMES[:4]])

    assert (Change.objects.count(), Signing.history.count()) == (changes, periods)


def test_a_company_first_seen_after_the_day_of_the_list_is_not_missing_from_it():
    companies = signatories(*NAMES)
    later = companies[0].signings.get()
    later.since = datetime.date(2025, 4, 16)
    later.save()

    assert a_reading(NAMES[1:], on="2024-10-10").proposals == []


def test_an_old_list_is_compared_with_the_register_as_it_stood_that_day():
    (company,) = signatories("Accenture")
    signed = company.signings.get()
    signed.until = datetime.date(2025, 6, 1)
    signed.save()
    a_signing(company, "removed", since=signed.until, since_basis="observed")

    assert a_reading(["Accenture"], on="2025-05-31").proposals == []
    assert proposed(a_reading(["Accenture", "Bolt"], on="2025-06-01", accept=True)) == [
        ("back_on_list", "Accenture"),
        ("new_company", "Bolt"),
    ]


def test_the_dated_lists_agree_with_the_real_register():
    load()
    for day, names in [("2025-08-01", CODE_2025_08_01), ("2025-12-31", CODE_2025_12)]:
        page = Page("\n".join(names).encode(), URL, datetime.date.fromisoformat(day))
        reading = read(Pact.objects.get(slug="gpai-code"), page, accept=True)
        # The page names xAI in a sentence beside the list, for one chapter; and one list wrote Euc.
        assert set(proposed(reading)) <= {
            ("no_longer_listed", "xAI"),
            ("spelled_differently", "EUC Inovação Portugal"),
        }, day


def test_a_partial_list_proposes_no_removal():
    signatories(*NAMES)

    reading = a_reading(["Accenture", "Bolt"], partial=True)

    assert proposed(reading) == [("new_company", "Bolt")]


def test_a_partial_list_leaves_the_open_proposals_of_a_full_one():
    signatories(*NAMES)
    a_reading([*NAMES[:4], "Bolt"])

    a_reading(["Bolt", "Core"], partial=True)

    assert waiting() == [
        ("no_longer_listed", "Aleph Alpha"),
        ("new_company", "Bolt"),
        ("new_company", "Core"),
    ]


def test_a_name_listed_twice_is_proposed_once():
    signatories(*NAMES)

    assert proposed(a_reading([*NAMES, "Bolt", "Bolt"])) == [("new_company", "Bolt")]


@pytest.mark.parametrize(
    ("number", "state"), [(7, "refused"), (8, "read"), (15, "read"), (16, "refused")]
)
def test_a_list_much_shorter_or_longer_than_the_last_is_refused(number, state):
    names = [f"Maker {letter}" for letter in "ABCDEFGHIJKLMNOP"]
    a_reading(names[:10], accept=True)

    reading = a_reading(names[:number], on="2026-11-21")

    assert reading.run.state == state
    assert bool(reading.run.refusal) == (state == "refused")


def test_a_refused_list_is_kept_with_its_reason_and_leaves_the_open_proposals():
    signatories(*NAMES)
    a_reading([*NAMES, "Bolt"])

    run = a_reading(NAMES[:2], on="2026-11-21").run

    assert ImportRun.objects.get(pk=run.pk).refusal == (
        "Only 2 names instead of the 6 expected: less than 80 %."
    )
    assert waiting() == [("new_company", "Bolt")]


def test_the_length_of_a_list_is_compared_with_the_list_before_it_by_date():
    a_reading([f"Maker {n}" for n in range(20)], on="2026-11-20")
    a_reading([f"Maker {n}" for n in range(12)], on="2024-10-09")

    reading = a_reading([f"Maker {n}" for n in range(21)], on="2026-11-21")

    assert reading.run.state == "read"


def test_an_old_page_read_later_leaves_what_a_newer_one_proposes():
    signatories(*NAMES)
    a_reading([*NAMES, "Bolt"], on="2026-11-20")

    a_reading(NAMES, on="2026-11-01")

    assert waiting() == [("new_company", "Bolt")]


def test_a_partial_list_does_not_count_as_a_full_one():
    part = a_reading(NAMES, partial=True).run

    assert last_reached(part.pact, URL, partial=True) == part
    assert last_reached(part.pact, URL, partial=False) is None
    assert a_reading(NAMES).run.state == "read"


def test_a_spelling_that_differs_only_in_case_is_no_difference():
    signatories(*NAMES)

    reading = a_reading(["ACCENTURE", *NAMES[1:]])

    assert reading.proposals == []


def test_a_first_list_much_shorter_than_the_known_signatories_is_refused():
    signatories(*NAMES)

    assert a_reading(NAMES[:3]).run.state == "refused"


def test_an_operator_may_accept_any_length():
    signatories(*NAMES)

    assert a_reading(NAMES[:1], accept=True).run.state == "read"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"%PDF-1.7 whatever",
        b"<html><body><h1>403 Forbidden</h1></body></html>",
        b"<html><body><form><input type=password></form></body></html>",
        a_page([]),
        a_page(NAMES).replace(b"Signatories of the pledges", b"Something else"),
        a_page(NAMES)[:-200],
    ],
    ids=["empty", "binary", "pdf", "error", "login", "no names", "no section", "cut"],
)
def test_a_page_that_is_not_the_list_is_refused_and_kept(content, page):
    signatories(*NAMES)
    a_list()

    with pytest.raises(CommandError, match="could not be used"):
        watch("--pact", "eu-ai-pact", "--file", page([], content=content))

    assert (last_run().state, bytes(last_run().content)) == ("refused", content)
    assert last_run().refusal
    assert Proposal.objects.count() == 0


def test_a_newer_run_supersedes_the_open_proposals_of_the_same_list():
    signatories(*NAMES)
    a_reading([*NAMES, "Bolt"])

    a_reading([*NAMES, "Core"], on="2026-11-21")

    assert waiting() == [("new_company", "Core")]
    assert Proposal.objects.get(new_name="Bolt").state == "superseded"


def test_a_difference_rejected_once_is_not_proposed_again():
    signatories(*NAMES, "Orange")
    names = [*NAMES[1:], "Orange Bank", "Bolt"]
    reviewer = a_reviewer()
    for proposal in a_reading(names).proposals:
        reject(proposal.pk, reason="looked into it", by=reviewer)

    assert a_reading([*names, "Core"], on="2026-11-21").proposals[0].subject == "Core"
    assert waiting() == [("new_company", "Core")]


def test_a_refused_match_is_not_suggested_again():
    (orange,) = signatories("Orange")
    a_reading(["Orange", "Orange Bank"])
    RefusedMatch.objects.create(
        company=orange, name="Orange Bank", decided_by=a_reviewer(), decided_at=timezone.now()
    )

    assert proposed(a_reading(["Orange", "Orange Bank", "Bolt"], on="2026-11-21")) == [
        ("new_company", "Orange Bank"),
        ("new_company", "Bolt"),
    ]


def test_reading_a_list_takes_the_same_number_of_queries_for_more_names(django_assert_num_queries):
    signatories(*NAMES)
    a_reading([*NAMES, "Bolt"])
    names = [*NAMES, "Bolt", "Core"]

    # 4 for the last runs, the signatories and the headings, 8 for the names of the register, which
    # changed and are looked up twice, 2 for the day of the newest list, 8 for the register, 1 for
    # what was rejected, 1 for what one person approved, 12 for the lock, the run, its proposals,
    # the version and, together with it, that of the read table and of what records show.
    with django_assert_num_queries(36):
        a_reading(names, on="2026-11-21")


def test_a_list_reads_the_companies_and_periods_that_it_names_and_no_others():
    """Apart from the primary keys of all signatories, of which some may be missing."""
    signatories(*NAMES)
    for number in range(4):
        a_signing(a_company(f"Not here {number}"), status="declined", since_basis="stated")
    a_reading(NAMES)

    with CaptureQueriesContext(connection) as sent:
        a_reading([*NAMES, "Bolt"], on="2026-11-21")

    whole = ('"companies_company"."description"', '"companies_signing"."reason_en"')
    read = [one["sql"] for one in sent if any(column in one["sql"] for column in whole)]
    assert len(read) >= 3
    assert [sql for sql in read if " IN (" not in sql and "ANY(" not in sql] == []


# The command


def test_a_dry_run_shows_the_proposals_and_writes_nothing(page):
    signatories(*NAMES)
    a_list()
    version = current_version()

    shown = watch("--pact", "eu-ai-pact", "--file", page([*NAMES, "Bolt"]), "--dry-run")

    assert "EU AI Pact: read, 6 names, 1 proposals" in shown
    assert "new company            Bolt" in shown
    assert (ImportRun.objects.count(), Proposal.objects.count()) == (0, 0)
    assert current_version() == version


def test_the_command_stores_what_it_shows(page):
    signatories(*NAMES)
    a_list()

    shown = watch("--pact", "eu-ai-pact", "--file", page([*NAMES, "Bolt"]), "--date", "2026-01-05")

    assert "new company            Bolt" in shown
    assert waiting() == [("new_company", "Bolt")]
    assert the_proposal("new_company").new["since"] == "2026-01-05"
    assert (last_run().file_name, str(last_run().seen_on)) == ("page.html", "2026-01-05")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--pact", "no-pact"], "There is no pact “no-pact”; expected one of: eu-ai-pact"),
        (["--file", "page.html"], "Use --pact to say whose list this is"),
        (["--pact", "eu-ai-pact", "--file", "/nowhere.html"], "No such file"),
        (["--pact", "eu-ai-pact", "--file", "/"], "Is a directory"),
        (
            ["--pact", "eu-ai-pact", "--date", "2026-01-05"],
            "Use --date and --from only with --file",
        ),
        (["--pact", "eu-ai-pact", "--file", "x", "--date", "2999-01-05"], "is in the future"),
    ],
)
def test_the_command_refuses_a_request_it_cannot_read_with_a_message(arguments, reason):
    a_list()

    with pytest.raises(CommandError, match=reason):
        watch(*arguments)

    assert ImportRun.objects.count() == 0


def test_a_pact_of_an_empty_register_leads_to_the_command_that_fills_it():
    with pytest.raises(CommandError, match=r"The register is empty\. Run: manage\.py load"):
        watch("--pact", "eu-ai-pact")


def test_the_command_says_that_no_list_is_due():
    assert watch() == "No list is due.\n"


def test_an_invalid_date_is_refused_with_the_expected_format():
    with pytest.raises(CommandError, match=r"'5\.1\.2026' is no day, expected YYYY"):
        call_command("watch", "--date", "5.1.2026")


@pytest.mark.parametrize(
    "url",
    ["http://digital-strategy.ec.europa.eu/en", "https://127.0.0.1/x", "https://example.org/"],
)
def test_a_page_on_a_host_that_is_not_allowed_is_a_failed_run(url):
    a_list()

    with pytest.raises(CommandError):
        watch("--pact", "eu-ai-pact", "--url", url)

    assert (last_run().state, last_run().source_url) == ("failed", url)
    assert last_run().refusal


# The clock


def test_a_list_is_due_when_its_last_reading_is_old_enough():
    watched = a_list(every_hours=24)
    run = a_reading(NAMES).run
    now = run.retrieved_at

    assert list(due_lists(now + datetime.timedelta(hours=23))) == []
    assert list(due_lists(now + datetime.timedelta(hours=24))) == [watched]


def test_reading_a_saved_page_or_a_partial_list_leaves_the_list_due():
    watched = a_list()
    now = a_reading(NAMES, partial=True).run.retrieved_at
    saved = Page(a_page(NAMES), URL, datetime.date(2024, 10, 9), file_name="page.html")
    read(a_pact(), saved)

    assert list(due_lists(now)) == [watched]


def test_a_list_never_read_is_due_and_an_unwatched_list_is_not():
    watched = a_list()
    assert list(due_lists(timezone.now())) == [watched]

    watched.watched = False
    watched.save()

    assert list(due_lists(timezone.now())) == []


def test_a_list_that_could_not_be_fetched_is_due_again():
    watched = a_list()
    ImportRun.objects.create(
        pact=a_pact(),
        source_url=URL,
        retrieved_at=timezone.now(),
        seen_on=timezone.localdate(),
        state="failed",
    )

    assert list(due_lists(timezone.now())) == [watched]
