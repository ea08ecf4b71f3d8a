"""What the watch read, as the public, a monitor and the day's page see it."""

import re

import pytest
from django.db import Error, connection
from django.utils import timezone

from companies.models import ImportRun
from companies.queries.readings import last_states, lists_read

from .builders import a_pact
from .lists import URL, a_list, a_reading

pytestmark = pytest.mark.django_db

PAGES = ["/", "/method/"]
NAMES = ["Accenture", "Adecco", "AI & Partners", "Airbus", "Aleph Alpha"]
SECRET = "https://mirror.internal:8443/list answered 500"  # an address of ours

# The migrations there are, and their table; the register's version; the newest attempts; the
# watched lists and their readings; the lists once more with what is due, one more for each.
QUERIES_OF_READY = 7
QUERIES_OF_EACH_LIST = 1


def an_attempt(state="failed", *, pact=None, **fields):
    """A run that brought no names, with its reason."""
    values = {
        "source_url": URL,
        "retrieved_at": timezone.now(),
        "seen_on": timezone.localdate(),
        "refusal": SECRET,
    }
    return ImportRun.objects.create(pact=pact or a_pact(), state=state, **values | fields)


def section(client, page):
    """What a reader reads of the section about the lists."""
    (part,) = re.findall(
        r'<section class="section" id="watch">.*?</section>',
        client.get(page).content.decode(),
        re.DOTALL,
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part)).strip()


def ready_list(client):
    """What /healthz/ready tells of the only list."""
    (told,) = client.get("/healthz/ready").json()["lists"]
    return told


# Pages


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_when_each_list_was_read_and_how_many_names_it_held(client, page):
    a_reading(NAMES, on="2026-11-20")

    assert "EU AI Pact – read on 20 November 2026, 5 names. This is the first reading." in section(
        client, page
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_that_a_list_was_not_read_yet(client, page):
    a_list()

    assert "EU AI Pact – not read yet by PactWatch." in section(client, page)


@pytest.mark.parametrize("page", PAGES)
def test_a_list_that_is_not_watched_is_not_shown(client, page):
    a_list(watched=False)

    assert "No official list is watched." in section(client, page)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (NAMES[:4], NAMES, "5 names. 1 name more than a week before."),
        (NAMES, [*NAMES, "Bolt", "Core"], "7 names. 2 names more than a week before."),
        (NAMES, NAMES[:4], "4 names. 1 name fewer than a week before."),
        (NAMES, [*NAMES[:4], "Bolt"], "5 names. The same number as a week before."),
        (NAMES, NAMES, "5 names. The same number as a week before."),
    ],
)
def test_a_reading_is_compared_with_the_one_of_a_week_before(client, before, now, told):
    a_reading(before, on="2026-11-13")
    a_reading(now, on="2026-11-20")

    assert told in section(client, "/method/")


def test_it_is_compared_with_the_newest_reading_that_is_a_week_older(client):
    a_reading(NAMES[:4], on="2026-11-12")
    a_reading(NAMES, on="2026-11-13")
    a_reading([*NAMES, "Bolt"], on="2026-11-14")
    a_reading([*NAMES, "Bolt", "Core"], on="2026-11-20")

    assert "2 names more than a week before." in section(client, "/method/")


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (NAMES[:4], "1 name more than on 2 November 2026."),
        ([*NAMES, "Bolt"], "1 name fewer than on 2 November 2026."),
        (NAMES, "The same number as on 2 November 2026."),
    ],
)
def test_a_reading_longer_ago_than_a_week_is_told_with_its_day(client, before, told):
    a_reading(before, on="2026-11-02")
    a_reading(NAMES, on="2026-11-20")

    assert told in section(client, "/method/")


def test_readings_of_less_than_a_week_are_not_compared(client):
    a_reading(NAMES[:4], on="2026-11-14")
    a_reading(NAMES, on="2026-11-20")

    assert "5 names. No reading is a week older yet." in section(client, "/method/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["failed", "refused"])
def test_after_a_reading_that_went_wrong_a_page_shows_the_last_good_one(client, page, state):
    a_reading(NAMES, on="2026-11-20")
    an_attempt(state)

    told = section(client, page)

    assert "read on 20 November 2026, 5 names." in told
    assert "mirror.internal" not in told


@pytest.mark.parametrize("page", PAGES)
def test_a_list_that_never_could_be_read_is_not_read_yet(client, page):
    a_list()
    an_attempt()

    assert "not read yet by PactWatch." in section(client, page)


def test_the_part_of_a_list_is_no_reading_of_it(client):
    a_reading(NAMES, on="2026-11-20")
    a_reading(NAMES[:1], on="2026-11-21", partial=True)

    assert "read on 20 November 2026, 5 names." in section(client, "/method/")


def test_an_old_page_read_by_hand_is_not_the_newest_list(client):
    a_reading(NAMES, on="2026-11-20")
    a_reading(NAMES[:4], on="2026-11-13")

    assert "20 November 2026, 5 names. 1 name more than a week before." in section(
        client, "/method/"
    )


def test_the_same_bytes_again_are_a_reading_of_that_day(client):
    a_reading(NAMES, on="2026-11-20")
    a_reading(NAMES, on="2026-11-21")

    assert "read on 21 November 2026, 5 names." in section(client, "/method/")


def test_a_spreadsheet_is_no_reading_of_a_list(client):
    a_list()
    an_attempt("read", kind=ImportRun.Kind.SPREADSHEET, names_count=3)

    assert "not read yet by PactWatch." in section(client, "/method/")


def test_a_page_that_is_kept_is_made_anew_after_a_reading(client):
    a_reading(NAMES, on="2026-11-20")
    section(client, "/")

    a_reading([*NAMES, "Bolt"], on="2026-11-21")

    assert "21 November 2026, 6 names." in section(client, "/")


@pytest.mark.parametrize("more", [0, 3])
def test_lists_are_read_back_in_two_queries_however_many(django_assert_num_queries, more):
    a_reading(NAMES, on="2026-11-13")
    a_reading(NAMES, on="2026-11-20")
    for number in range(more):
        a_list(a_pact(f"pact-{number}", position=number + 5))

    with django_assert_num_queries(2):
        lists = lists_read()

    assert [one.reading.names if one.reading else None for one in lists] == [5] + [None] * more


# Monitors


def test_ready_tells_what_the_watch_last_read(client):
    run = a_reading(NAMES).run

    answer = client.get("/healthz/ready").json()

    assert (answer["status"], answer["database"]) == ("ok", connection.vendor)
    (told,) = answer["lists"]
    at = told.pop("last_read_at")
    assert told == {"pact": "eu-ai-pact", "last_state": "read", "names": 5, "due": False}
    assert timezone.datetime.fromisoformat(at).replace(microsecond=0) == run.retrieved_at.replace(
        microsecond=0
    )


def test_ready_tells_that_a_list_was_never_read(client):
    a_list()

    assert ready_list(client) == {
        "pact": "eu-ai-pact",
        "last_read_at": None,
        "last_state": "never",
        "names": None,
        "due": True,
    }


@pytest.mark.parametrize(("state", "due"), [("failed", True), ("refused", False)])
def test_ready_tells_a_reading_that_went_wrong_and_answers_200(client, state, due):
    a_list()
    an_attempt(state)

    response = client.get("/healthz/ready")

    assert response.status_code == 200
    (told,) = response.json()["lists"]
    assert (told["last_state"], told["due"]) == (state, due)
    assert "mirror.internal" not in response.text


def test_ready_keeps_the_last_good_reading_beside_a_failure(client):
    a_reading(NAMES)
    an_attempt()

    told = ready_list(client)

    assert (told["last_state"], told["names"]) == ("failed", 5)
    assert told["last_read_at"]


def test_the_newest_attempt_counts_whatever_day_its_list_is_of():
    a_reading(NAMES, on="2026-11-20")
    an_attempt("refused")
    a_reading([*NAMES, "Bolt"], on="2026-11-19")

    assert list(last_states().values()) == ["read"]


def test_ready_is_503_when_only_the_runs_cannot_be_read(client):
    def fail(execute, sql, *rest):
        if "companies_importrun" in sql:
            raise Error("relation of db.internal")
        return execute(sql, *rest)

    a_list()
    with connection.execute_wrapper(fail):
        response = client.get("/healthz/ready")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "reason": "the database does not answer",
    }


@pytest.mark.parametrize("lists", [1, 4])
def test_ready_takes_a_known_number_of_queries(client, django_assert_num_queries, lists):
    for number in range(lists):
        a_list(a_pact(f"pact-{number}", position=number + 1))

    with django_assert_num_queries(QUERIES_OF_READY + lists * QUERIES_OF_EACH_LIST):
        client.get("/healthz/ready")
