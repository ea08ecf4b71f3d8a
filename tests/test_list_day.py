"""Nonsense that is refused, and copies that speak of their own day and of no other."""

import datetime

import pytest
from django.core.management import CommandError
from django.utils import timezone, translation

from companies.models import Change, Company, ImportRun, Proposal, Signing, Source
from companies.queries import due_lists
from companies.register.review.deciding import Decision, StaleProposal, apply
from companies.register.review.watch import Page, Reading, read

from .builders import a_company, a_pact, a_signing
from .lists import URL, a_list, a_page, a_reading, a_reviewer, proposed, the_proposal, waiting
from .test_watch import watch

pytestmark = pytest.mark.django_db

NAMES = ["Accenture", "Adecco", "AI & Partners", "Airbus", "Aleph Alpha", "Bayer"]
NEW = ["Bolt", "Core", "Dent", "Ember", "Fjord", "Gable"]
PERSONS = ["Maria Rossi", "Jean Dupont", "Anna Schmidt", "Jan Kowalski", "Lars Berg", "Ion Pop"]


def signatories(*names: str, **fields: object) -> None:
    for name in names:
        a_signing(a_company(name), **fields)


def a_file(
    names: list[str], *, said: str = "", day: str = "", who: str = "", url: str = URL, **how: object
) -> Reading:
    """Read a saved page, with what it says of its day."""
    content = a_page(names).replace(b"</main>", f"<p>{said}</p></main>".encode())
    given = datetime.date.fromisoformat(day) if day else None
    page = Page(content, url, given, file_name="page.html", received_from=who)
    return read(a_list().pact, page, **how)


# Nonsense


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (NEW, "Of 6 known names, 0 are among the 6 read."),
        (NAMES[:3] + NEW[:3], "Of 6 known names, 3 are among the 6 read."),
        ([*NAMES[:3], "Айрбус", "Алеф Алфа", "Байер"], "Of 6 known names, 3 are among"),
        (PERSONS, "6 of 6 names are not organisations but persons: “Maria Rossi”"),
        ([f"Company {n}" for n in range(6)], "not organisations but placeholders"),
    ],
)
def test_a_list_with_few_known_names_is_refused_with_the_reason(names, said):
    signatories(*NAMES)

    run = a_reading(names).run

    assert run.state == ImportRun.State.REFUSED
    assert said in run.refusal
    assert waiting() == []


def test_a_list_that_grew_is_read_because_most_of_the_known_names_are_on_it():
    signatories(*NAMES)

    assert len(a_reading([*NAMES[:5], *NEW[:4]]).proposals) == 5


def test_the_first_list_of_a_pact_is_read_if_it_has_companies():
    assert len(a_reading(NEW, dry_run=True).proposals) == 6
    for others in (PERSONS, ["Faster onboarding", "Lower costs", "Access to experts"]):
        assert a_reading(others, dry_run=True).run.state == ImportRun.State.REFUSED


def test_names_of_the_last_import_run_count_as_known():
    a_reading(NAMES)

    assert a_reading(NEW, on="2026-11-21").run.state == ImportRun.State.REFUSED


def test_a_partial_list_needs_companies_but_no_known_names():
    signatories(*NAMES)

    assert a_reading(NEW, partial=True).run.state == ImportRun.State.READ
    assert a_reading(PERSONS, partial=True).run.state == ImportRun.State.REFUSED


def test_full_legal_names_count_as_known_and_personal_company_names_as_companies():
    signatories(*NAMES)
    signatories("Hugo Boss", "Robert Bosch")

    run = a_reading([*(f"{name} Ltd" for name in NAMES), "Hugo Boss", "Robert Bosch"]).run

    assert run.state == ImportRun.State.READ


def test_an_operator_can_accept_an_unusual_list_and_the_run_records_it():
    signatories(*NAMES)

    run = a_reading(NEW, accept=True).run

    assert (run.state, run.accepted) == (ImportRun.State.READ, True)
    assert run.remarks == "Accepted: Of 6 known names, 0 are among the 6 read."
    # The next day it is the list that was read before.
    assert a_reading([*NEW, "Halo"], on="2026-11-21").run.state == ImportRun.State.READ
    assert not a_reading([*NEW, "Halo"], on="2026-11-22", accept=True).run.accepted


def test_a_refusal_is_worded_in_the_reader_s_language():
    signatories(*NAMES)

    with translation.override("fr"):
        refusal = a_reading(PERSONS).run.refusal

    assert refusal.startswith("Sur 6 noms connus, 0 figurent parmi les 6 lus. 6 des 6 noms")


# Of which day a list is


@pytest.mark.parametrize(
    ("said", "day", "seen_on", "page_date", "basis"),
    [
        ("Last update: 14 March 2025", "", "2025-03-14", "2025-03-14", "stated"),
        ("Last update: 14 March 2025", "2026-11-20", "2025-03-14", "2025-03-14", "stated"),
        ("Nothing", "2026-11-20", "2026-11-20", None, ""),
        ("Last update: 14 March 2020", "2026-11-20", "2026-11-20", None, ""),
        ("Last update: 14 March 2099", "2026-11-20", "2026-11-20", None, ""),
        ("Last update: 03/04/2025", "2026-11-20", "2026-11-20", None, ""),
        (
            "<!-- FILE ARCHIVED ON 12:34:56 Oct 09, 2025 AND RETRIEVED FROM -->Last update: "
            "14 March 2025",
            *("2026-11-20", "2025-10-09", "2025-10-09", "archived"),
        ),
    ],
)
def test_a_file_has_the_date_that_it_states_or_else_that_of_the_operator(
    said, day, seen_on, page_date, basis
):
    run = a_file(NAMES, said=said, day=day).run

    assert (str(run.seen_on), run.page_date and str(run.page_date)) == (seen_on, page_date)
    assert run.page_date_basis == basis
    assert bool(run.remarks) == (page_date is None and "Last" in said)


def test_a_file_from_an_archived_url_has_the_date_of_its_timestamp():
    url = f"https://web.archive.org/web/20251009123456/{URL}"

    assert str(a_file(NAMES, url=url).run.seen_on) == "2025-10-09"


def test_an_undated_file_is_refused_except_in_a_dry_run():
    refused = a_file(NAMES).run

    assert refused.state == ImportRun.State.REFUSED
    assert refused.refusal.startswith("The file does not give its date.")
    tried = a_file(NAMES, dry_run=True).run
    assert (tried.state, tried.seen_on) == (ImportRun.State.READ, timezone.localdate())
    assert "compared as of today" in tried.remarks


def test_a_date_from_the_operator_earlier_than_the_page_is_refused():
    run = a_file(NAMES, said="Last update: 14 March 2025", day="2024-10-09").run

    assert run.refusal == "--date says 2024-10-09, but the page is dated 2025-03-14."


def test_a_live_page_is_dated_today_whatever_its_last_update_says():
    today = timezone.localdate()
    content = a_page(NAMES).replace(b"</main>", b"<p>Last update: 14 March 2025</p></main>")

    run = read(a_list().pact, Page(content, URL, today)).run

    assert (run.seen_on, str(run.page_date)) == (today, "2025-03-14")


# Older copies


@pytest.mark.database
def test_an_older_copy_proposes_earlier_first_sightings_and_nothing_else():
    signatories(*NAMES[:4], since=datetime.date(2026, 11, 20))
    a_signing(a_company("Siemens"), since=datetime.date(2025, 1, 1), since_basis="stated")
    a_signing(a_company("Meta"), "not_signed", since_basis="observed")
    a_reading([*NAMES[:4], "Siemens"])

    reading = a_file([*NAMES[:3], "Meta", "Siemens", "Zebra"], day="2024-10-10", accept=True)

    assert proposed(reading) == [("seen_earlier", name) for name in NAMES[:3]]
    assert reading.proposals[0].new == {"since": "2024-10-10", "since_basis": "first_seen"}


def test_an_older_copy_proposes_neither_removals_nor_names_missing_from_the_newest_list():
    signatories(*NAMES)
    a_reading(NAMES)

    reading = a_file([*NAMES[:5], "Zebra"], day="2026-11-19")

    assert (reading.run.state, reading.proposals) == (ImportRun.State.READ, [])


@pytest.mark.history
@pytest.mark.database
def test_an_earlier_sighting_that_is_applied_moves_the_first_day_and_cites_the_file():
    signatories("Airbus", since=datetime.date(2026, 11, 20))
    a_reading(["Airbus"])
    a_file(["Airbus"], day="2024-10-10", who="the Internet Archive")

    apply(the_proposal("seen_earlier").pk, Decision(), by=a_reviewer())

    signing = Signing.objects.get()
    assert (str(signing.since), signing.since_basis, signing.until) == (
        "2024-10-10",
        "first_seen",
        None,
    )
    assert signing.history.count() == 2
    assert Change.objects.filter(table="signings").latest("pk").cause == Change.Cause.SOURCE
    source = signing.citations.get().source
    assert (source.obtained, source.received_from) == ("saved_file", "the Internet Archive")
    assert (str(source.published_on), source.retrieved_on) == ("2024-10-10", timezone.localdate())


@pytest.mark.database
def test_two_older_copies_can_be_applied_latest_first():
    signatories("Airbus", since=datetime.date(2026, 11, 20))
    a_reading(["Airbus"])
    first = a_file(["Airbus"], day="2024-10-10").run
    second = a_file(["Airbus"], day="2025-10-10", said="Again").run
    reviewer = a_reviewer()

    for run in (second, first):
        apply(Proposal.objects.get(run=run).pk, Decision(), by=reviewer)

    assert str(Signing.objects.get().since) == "2024-10-10"


@pytest.mark.database
def test_an_earlier_sighting_is_stale_once_the_register_knows_an_earlier_day():
    signatories("Airbus", since=datetime.date(2026, 11, 20))
    a_reading(["Airbus"])
    a_file(["Airbus"], day="2025-10-10")
    Signing.objects.update(since=datetime.date(2024, 10, 9))

    with pytest.raises(StaleProposal):
        apply(the_proposal("seen_earlier").pk, Decision(), by=a_reviewer())


@pytest.mark.database
def test_a_newer_list_leaves_the_proposals_of_an_older_copy_open():
    signatories(*NAMES, since=datetime.date(2026, 11, 20))
    a_reading(NAMES)
    a_file(NAMES[:1], day="2024-10-10", accept=True)

    a_reading([*NAMES, "Bolt"], on="2026-11-21")

    assert waiting() == [("seen_earlier", "Accenture"), ("new_company", "Bolt")]


def test_reading_a_saved_copy_does_not_count_as_checking_the_live_page():
    watched = a_list()
    saved = a_file(NAMES, day="2026-11-20").run

    assert list(due_lists(saved.retrieved_at)) == [watched]
    assert a_reading(NAMES, on="2026-11-21").run.state == ImportRun.State.READ


# What readers see


def test_a_saved_file_is_named_as_such_in_both_languages(client):
    a_file([*NAMES, "Bolt"], day="2026-11-20", who="a reader in Lyon")
    apply(Proposal.objects.get(new_name="Bolt").pk, Decision(), by=a_reviewer())

    english, french, method = (
        " ".join(client.get(address).content.decode().replace("\u00a0", " ").split())
        for address in ("/companies/bolt/", "/fr/companies/bolt/", "/method/")
    )

    assert "a saved file of 20 November 2026, received from a reader in Lyon" in english
    assert "un fichier enregistré daté du 20" in french
    assert "(provenance : a reader in Lyon)" in french
    assert "read from a saved file of 20 November 2026, 7 names." in method


def test_the_command_stores_who_provided_the_file(tmp_path):
    a_list()
    path = tmp_path / "page.html"
    path.write_bytes(a_page(NAMES))

    shown = watch("--pact", "eu-ai-pact", "--file", path, "--from", "Ann", "--date", "2026-11-20")

    run = ImportRun.objects.get()
    assert (run.file_name, run.received_from, str(run.seen_on)) == (
        "page.html",
        "Ann",
        "2026-11-20",
    )
    assert "The list is of 2026-11-20." in shown
    with pytest.raises(CommandError, match="Use --date and --from only with --file"):
        watch("--pact", "eu-ai-pact", "--from", "Ann")
    assert (Company.objects.count(), Source.objects.count()) == (0, 0)
    assert a_pact().slug == "eu-ai-pact"
