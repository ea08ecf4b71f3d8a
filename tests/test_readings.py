"""Full lists that were read: whom each renews, whom it does not, and one day everywhere."""

import calendar
import csv
import datetime
import io
import json
import re

import openpyxl
import pytest
from django.utils import timezone, translation

from companies import queries
from companies.models import (
    Company,
    ImportRun,
    ListsWithout,
    Pact,
    PartialDate,
    RefusedMatch,
    Signing,
)
from companies.register.review.watch import Page, read
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.lists import URL, a_list, a_page, a_reading, a_reviewer

pytestmark = pytest.mark.django_db

OCTOBER = datetime.date(2024, 10, 9)
NOVEMBER = datetime.date(2026, 11, 28)
SIGNATORIES = ("Airbus", "Orange", "Telefónica", "Vodafone", "Wipro")
ABSENT = ("Apple", "Spotify")


@pytest.fixture
def seed() -> Pact:
    """Five signatories that cite the list of 9 October 2024, and three companies not on it."""
    pact = a_list().pact
    the_list = a_source("the-list", kind="official_list", published_on=OCTOBER, url=URL)
    for name in SIGNATORIES:
        a_citation(signing=a_signing(a_company(name)), source=the_list, quote=name)
    for name in ABSENT:
        a_signing(a_company(name), "not_signed", since_basis="observed")
    return pact


def lists(as_of: datetime.date | None = None) -> queries.FullLists:
    return queries.full_lists(queries.Clock(as_of=as_of, today=datetime.date(2026, 12, 1)))


def days_without(name: str, as_of: datetime.date | None = None) -> list[str]:
    """The days of the lists on which a company was looked for and not found."""
    period = Signing.objects.get(company__name=name)
    lists(as_of).mark([period])
    return [str(day) for day in period.lists_without.days]


def newest(pact: Pact, as_of: datetime.date | None = None) -> tuple[str, int]:
    found = lists(as_of).newest(pact)
    assert found
    return str(found.day), found.names


def text(response) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", words)


# Which list is the newest


def test_the_newest_full_list_is_the_one_the_register_cites_until_one_is_read(seed):
    assert newest(seed) == ("2024-10-09", 5)

    a_reading([*SIGNATORIES, "Newcomer"], on="2026-11-28")

    assert newest(seed) == ("2026-11-28", 6)
    assert newest(seed, as_of=datetime.date(2026, 11, 27)) == ("2024-10-09", 5)


def test_the_same_bytes_on_a_later_day_are_the_list_of_that_day(seed):
    a_reading(SIGNATORIES, on="2026-11-20")
    run = a_reading(SIGNATORIES, on="2026-11-28").run

    assert run.state == ImportRun.State.UNCHANGED
    assert newest(seed) == ("2026-11-28", 5)
    assert days_without("Apple") == ["2024-10-09", "2026-11-20", "2026-11-28"]


def test_a_list_cited_for_few_signatories_is_not_a_full_list(seed):
    later = a_source("a-part", kind="official_list", published_on=datetime.date(2025, 6, 1))
    a_citation(signing=Signing.objects.get(company__name="Airbus"), source=later)

    assert newest(seed) == ("2024-10-09", 5)
    assert days_without("Apple") == ["2024-10-09"]


@pytest.mark.parametrize("kind", ["press", "company", "official_document"])
def test_only_a_source_of_kind_official_list_counts_as_a_list(seed, kind):
    later = a_source("a-paper", kind=kind, published_on=datetime.date(2025, 6, 1))
    for signing in Signing.objects.all():
        a_citation(signing=signing, source=later)

    assert newest(seed) == ("2024-10-09", 5)


# Whom a reading renews


def test_a_full_list_renews_every_absence_without_writing(seed):
    before = list(Signing.objects.values())

    reading = a_reading(SIGNATORIES, on="2026-11-28")

    assert reading.proposals == []
    assert list(Signing.objects.values()) == before
    for name in ABSENT:
        assert days_without(name) == ["2024-10-09", "2026-11-28"]


def test_an_absence_older_than_the_first_list_is_renewed_by_each_list(seed):
    a_signing(a_company("Nvidia"), "not_signed", since=datetime.date(2024, 9, 25))
    a_reading(SIGNATORIES, on="2026-11-28")

    assert days_without("Nvidia") == ["2024-09-25", "2024-10-09", "2026-11-28"]


def test_an_absence_is_not_dated_by_a_list_older_than_itself(seed):
    a_signing(a_company("Nvidia"), "not_signed", since=datetime.date(2025, 3, 1))

    assert days_without("Nvidia") == ["2025-03-01"]


@pytest.mark.parametrize(
    ("since", "precision", "days"),
    [
        ("2024-10-01", "month", ["2024-10-09", "2026-11-28"]),
        ("2024-01-01", "year", ["2024-10-09", "2026-11-28"]),
        ("2024-09-01", "month", ["2024-09", "2024-10-09", "2026-11-28"]),
    ],
)
def test_a_list_from_the_month_of_the_absence_counts_once(seed, since, precision, days):
    since = datetime.date.fromisoformat(since)
    a_signing(a_company("Nvidia"), "not_signed", since=since, since_precision=precision)
    a_reading(SIGNATORIES, on="2026-11-28")

    assert days_without("Nvidia") == days


def test_an_absence_that_ended_is_not_renewed_by_a_later_list(seed):
    ended = datetime.date(2026, 1, 1)
    company = a_company("Nvidia")
    period = a_signing(company, "not_signed", until=ended)
    a_signing(company, "signed", since=ended)
    a_reading([*SIGNATORIES, "Nvidia"], on="2026-11-28")

    lists().mark([period])

    assert [str(day) for day in period.lists_without.days] == ["2024-10-09"]


@pytest.mark.parametrize("status", ["declined", "removed", "withdrawn", "interested", "signed"])
def test_no_other_status_is_an_absence_from_a_list(seed, status):
    period = a_signing(a_company("Nvidia"), status)
    a_reading(SIGNATORIES, on="2026-11-28")

    lists().mark([period])

    assert period.lists_without is None


def test_an_unmarked_absence_has_the_list_on_which_it_was_first_observed(seed):
    a_reading(SIGNATORIES, on="2026-11-28")

    assert str(Signing.objects.get(company__name="Apple").lists_without.last) == "2024-10-09"
    assert Signing.objects.get(company__name="Airbus").lists_without is None


def test_the_spreadsheet_of_suppliers_has_the_day_of_the_last_list(client, seed):
    a_reading(SIGNATORIES, on="2026-11-28")

    answer = client.post("/check/", {"names": "Apple\nAirbus", "download": "csv"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Date of the list"] for row in rows] == ["2026-11-28", ""]


# Whom it does not renew

NOT_RENEWED = ["2024-10-09"]


@pytest.mark.parametrize(
    "listed",
    [
        "Spotify",  # it has signed, or another company of that name: a person decides
        "Spotify Technology",  # perhaps it
        "SPOTIFY-AB",
        "Spotfy",  # a slip
        "Streamer (Spotify)",  # the list itself says so beside the name
        "Streamer (formerly Spotify)",
        "Streamer (a company of the Spotify group)",
    ],
)
def test_a_listed_name_that_may_be_the_company_does_not_renew_its_absence(seed, listed):
    a_reading([*SIGNATORIES, listed], on="2026-11-28")

    assert days_without("Spotify") == NOT_RENEWED
    assert days_without("Apple") == ["2024-10-09", "2026-11-28"]


def test_a_remark_about_another_company_renews_all_absences(seed):
    a_reading([*SIGNATORIES, "Streamer (Safety and Security Chapter only)"], on="2026-11-28")

    for name in ABSENT:
        assert days_without(name) == ["2024-10-09", "2026-11-28"]


def test_a_name_decided_to_be_another_company_renews_the_absence(seed):
    a_reading([*SIGNATORIES, "Spotify Technology"], on="2026-11-28")
    spotify = Company.objects.get(name="Spotify")
    RefusedMatch.objects.create(
        company=spotify,
        name="Spotify Technology",
        decided_by=a_reviewer(),
        decided_at=datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC),
    )
    a_company("Spotify Technology")  # what the reviewer makes of the name

    assert days_without("Spotify") == ["2024-10-09", "2026-11-28"]


def test_a_name_learned_later_says_that_an_earlier_list_had_the_company(seed):
    a_reading([*SIGNATORIES, "Cupertino Computers"], on="2026-11-28")
    assert days_without("Apple") == ["2024-10-09", "2026-11-28"]

    apple = Company.objects.get(name="Apple")
    apple.names.create(name="Cupertino Computers", kind="former")

    assert days_without("Apple") == NOT_RENEWED


def test_a_partial_list_renews_no_absence(seed):
    a_reading(SIGNATORIES, on="2026-11-28", partial=True)

    assert newest(seed) == ("2024-10-09", 5)
    assert days_without("Apple") == NOT_RENEWED


@pytest.mark.parametrize("names", [["Airbus"], [f"Other {n}" for n in range(40)]])
def test_a_refused_list_renews_no_absence(seed, names):
    a_reading(SIGNATORIES, on="2026-11-20")
    run = a_reading(names, on="2026-11-28").run

    assert run.state == ImportRun.State.REFUSED
    assert newest(seed) == ("2026-11-20", 5)
    assert days_without("Apple") == ["2024-10-09", "2026-11-20"]


def test_a_failed_fetch_and_a_dry_run_renew_no_absence(seed):
    a_reading(SIGNATORIES, on="2026-11-28", dry_run=True)
    ImportRun.objects.create(
        pact=seed,
        source_url=URL,
        retrieved_at=datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC),
        seen_on=NOVEMBER,
        state=ImportRun.State.FAILED,
    )

    assert newest(seed) == ("2024-10-09", 5)
    assert days_without("Apple") == NOT_RENEWED


def test_an_import_run_without_stored_names_renews_no_absence(seed):
    ImportRun.objects.create(
        pact=seed,
        retrieved_at=datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC),
        seen_on=NOVEMBER,
        names_count=5,
    )

    assert newest(seed) == ("2024-10-09", 5)
    assert days_without("Apple") == NOT_RENEWED


def test_a_recorded_as_of_view_ignores_later_lists(seed):
    a_reading(SIGNATORIES, on="2026-11-20")
    today = timezone.localdate()
    yesterday = today - datetime.timedelta(days=1)

    before = queries.full_lists(queries.Clock(recorded_as_of=yesterday, today=today))

    assert [str(one.day) for one in before.lists] == ["2024-10-09"]


def test_a_spreadsheet_of_an_editor_renews_no_absence(seed):
    ImportRun.objects.create(
        pact=seed,
        kind=ImportRun.Kind.SPREADSHEET,
        retrieved_at=datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC),
        seen_on=NOVEMBER,
        names_count=5,
    )

    assert days_without("Apple") == NOT_RENEWED


def test_a_list_of_another_pact_renews_no_absence(seed):
    code = a_pact("gpai-code", name_en="GPAI Code")
    a_list(code)
    other = a_signing(Company.objects.get(name="Spotify"), "not_signed", pact=code)
    page = Page(a_page(SIGNATORIES), "https://example.org/code", NOVEMBER)

    assert read(code, page).run.state == ImportRun.State.READ

    assert newest(code) == ("2026-11-28", 5)
    assert newest(seed) == ("2024-10-09", 5)
    assert days_without("Apple") == NOT_RENEWED
    lists().mark([other])
    assert [str(day) for day in other.lists_without.days] == ["2024-10-09", "2026-11-28"]


@pytest.mark.parametrize("older", ["2024-10-01", "2026-11-20"])
def test_an_older_copy_that_is_read_later_changes_nothing(seed, older):
    a_reading(SIGNATORIES, on="2026-11-28")
    a_reading([*SIGNATORIES, "Spotify"], on=older)

    assert newest(seed) == ("2026-11-28", 5)
    for name in ABSENT:
        assert days_without(name) == ["2024-10-09", "2026-11-28"]


def test_two_import_runs_of_one_day_count_as_the_later_one(seed):
    a_reading([*SIGNATORIES, "Spotify Technology"], on="2026-11-28")
    a_reading([*SIGNATORIES, "Newcomer"], on="2026-11-28")

    assert days_without("Spotify") == ["2024-10-09", "2026-11-28"]


# How it is said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/companies/apple/", "Not on the lists of 9 October 2024 and 28 November 2026."),
        ("/verify/?company=apple", "Not on the lists of 9 October 2024 and 28 November 2026."),
        (
            "/fr/companies/apple/",
            "Ne figure pas sur les listes (9 octobre 2024 et 28 novembre 2026).",
        ),
        ("/companies/apple/?as_of=2026-11-27", "Not on the list of 9 October 2024."),
        ("/fr/companies/apple/?as_of=2026-11-27", "Ne figure pas sur la liste (9 octobre 2024)."),
    ],
)
def test_the_lists_without_a_company_are_named_in_both_languages(client, seed, address, said):
    a_reading(SIGNATORIES, on="2026-11-28")

    assert said in text(client.get(address))


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("en", 1, "1 January 2026"),
        ("en", 2, "1 January 2026 and 2 January 2026"),
        ("en", 3, "1 January 2026, 2 January 2026 and 3 January 2026"),
        ("en", 4, "1 January 2026, 4 January 2026 and 2 in between"),
        ("en", 30, "1 January 2026, 30 January 2026 and 28 in between"),
        ("fr", 2, "1er janvier 2026 et 2 janvier 2026"),
        ("fr", 4, "1er janvier 2026, 4 janvier 2026 et 2 autres entre-temps"),
    ],
)
def test_many_lists_are_worded_as_the_first_the_last_and_a_count(language, days, said):
    found = ListsWithout(tuple(PartialDate(datetime.date(2026, 1, day + 1)) for day in range(days)))

    with translation.override(language):
        assert found.in_words(language).replace("\u00a0", " ") == said


# One day everywhere

DAY = r"\b(\d+ \w+\.? \d{4})"
MONTHS = {
    **{name: number for number, name in enumerate(calendar.month_name)},
    **{name: number for number, name in enumerate(calendar.month_abbr)},
    "octobre": 10,
    "novembre": 11,
    "oct.": 10,
    "nov.": 11,
}


def machine(day: str) -> str:
    """A day in words as YYYY-MM-DD."""
    number, month, year = day.split()
    return str(datetime.date(int(year), MONTHS[month], int(number)))


def found_in(pattern: str, words: str) -> str:
    match = re.search(pattern.replace("DAY", DAY), words)
    assert match, words
    return machine(match[1])


def by_name(page: str, begin: str) -> dict[str, str]:
    """The day before each company's name, or after it, in a list of a page."""
    found, day = {}, ""
    part = page[page.index(begin) :].replace("\u00a0", " ")
    for heading, name in re.findall(r"<h3>(.*?)</h3>|<bdi>(.*?)</bdi></a>(?:\n|</li>)", part):
        day = found_in("list of DAY", heading) if heading else day
        if name:
            found[name] = day
    return found


def rows_of_files(client) -> dict[str, dict[str, str]]:
    files = {
        kind: b"".join(client.get(f"/companies/download.{kind}").streaming_content)
        for kind in ("csv", "xlsx", "json")
    }
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"]), read_only=True)["companies"]
    headings, *lines = list(sheet.iter_rows(values_only=True))
    rows = {
        "csv": list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))),
        "xlsx": [dict(zip(headings, line, strict=True)) for line in lines],
        "json": json.loads(files["json"])["results"],
    }
    return {
        kind: {row["name"]: str(row["last_checked"])[:10] for row in some if row["last_checked"]}
        for kind, some in rows.items()
    }


def days_of(client, company: Company) -> dict[str, str]:
    """The day with which each page and answer about one company tells its absence."""
    slug = company.slug
    record = client.get(f"/companies/{slug}/")
    detail = client.get(f"/api/v1/companies/{slug}/").json()
    [period] = client.get(f"/api/v1/signings/?company={slug}").json()["results"]
    verified = text(client.get(f"/verify/?company={slug}"))
    return {
        "record": found_in("EU AI Pact Not on the lists? of [^.]*?DAY\\. Not being", text(record)),
        "its sentence": found_in("not on the list of DAY", text(record)),
        "its last check": found_in("did not find it\\..*?, DAY ·", text(record)),
        "what is unknown": found_in("has signed since DAY, when", text(record)),
        "its title": found_in('og:title" content="[^"]*DAY', record.text.replace("\u00a0", " ")),
        "French": found_in("signataires du DAY", text(client.get(f"/fr/companies/{slug}/"))),
        "comparison": found_in(
            "list of DAY", text(client.get(f"/compare/?company={slug}&company=airbus"))
        ),
        "verify": found_in("signatories of the EU AI Pact \\(DAY\\)", verified),
        "its reason": found_in("Not on the lists? of [^.]*?DAY\\. Not", verified),
        "badge": found_in("list of DAY", text(client.get(f"/companies/{slug}/badge.svg"))),
        "badge in French": found_in(": DAY", text(client.get(f"/fr/companies/{slug}/badge.svg"))),
        "JSON of the badge": client.get(f"/companies/{slug}/badge.json").json()["checked_on"],
        "API": detail["last_checked"],
        "its period": detail["signings"][0]["last_checked"],
        "API of periods": period["last_checked"],
        "last of the lists": period["lists_without"][-1],
        "one period": client.get(f"/api/v1/signings/{slug}/eu-ai-pact/2024-10-09/").json()[
            "last_checked"
        ],
    }


def day_on_home(name: str, home: str) -> str:
    """The day beside a name, or else that of the whole half."""
    own = re.search(f"{name} list of {DAY}", home)
    return found_in(f"{name} list of DAY" if own else "List of DAY\\. Not being", home)


def days_everywhere(client) -> dict[str, dict[str, str]]:
    """For each absentee, the day in every place."""
    found = {name: days_of(client, Company.objects.get(name=name)) for name in ABSENT}
    listed = client.get("/api/v1/companies/?status=not_signed").json()["results"]
    table = text(client.get("/companies/?status=not_signed"))
    cards = text(client.get("/companies/?status=not_signed&view=cards"))
    home = text(client.get("/"))
    lists = {
        **rows_of_files(client),
        "API of companies": {row["name"]: row["last_checked"] for row in listed},
        "absent": by_name(client.get("/absent/").text, '<div id="companies">'),
        "table": {name: found_in(f"{name} .{{0,40}}list of DAY", table) for name in ABSENT},
        "cards": {name: found_in(f"{name} .{{0,40}}list of DAY", cards) for name in ABSENT},
        "home": {name: day_on_home(name, home) for name in ABSENT},
    }
    checked = text(client.post("/check/", {"names": "\n".join(ABSENT)}))
    lists["check of suppliers"] = {
        name: found_in(f"{name} similarity .*?Not on the lists? of [^.]*?DAY\\. Not", checked)
        for name in ABSENT
    }
    for place, days in lists.items():
        for name, day in days.items():
            found[name][place] = day
    return found


def one_day_each(client) -> dict[str, str]:
    """The day of each absentee, which every place must tell."""
    days = {}
    for name, places in days_everywhere(client).items():
        assert len(places) == 17 + 9, places
        assert len(set(places.values())) == 1, places
        days[name] = places["record"]
    return days


def feeds(client) -> list[str]:
    return [item["title"] for item in client.get("/changes/feed.json").json()["items"]]


def read_in_november() -> None:
    """A full list with a name that may be one of the companies that were looked for."""
    a_reading([*SIGNATORIES, "Spotify Technology"], on="2026-11-20")


def read_in_part() -> None:
    read_in_november()
    a_reading(SIGNATORIES, on="2026-11-24", partial=True)


def refused() -> None:
    read_in_november()
    a_reading(["Airbus"], on="2026-11-28")


@pytest.mark.history
@pytest.mark.parametrize(
    ("reading", "apple"),
    [
        (lambda: None, "2024-10-09"),
        (read_in_november, "2026-11-20"),
        (read_in_part, "2026-11-20"),
        (refused, "2026-11-20"),
    ],
)
def test_an_absence_has_the_same_date_on_every_page(client, seed, reading, apple):
    said = feeds(client)

    reading()

    assert one_day_each(client) == {"Apple": apple, "Spotify": "2024-10-09"}
    assert feeds(client) == said  # a reading is no change of the register
