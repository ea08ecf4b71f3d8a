"""The second clock: the register as it was recorded on a past day."""

import datetime
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist

from companies.models import Company, Signing
from companies.queries.recorded import recorded_on, tables
from companies.register.history import delete, save

from .builders import a_citation, a_company, a_pact, a_signing

pytestmark = [pytest.mark.django_db, pytest.mark.history]

TODAY = timezone.localdate()


def days_ago(number: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=number)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.RECORDED_DIR = tmp_path


@pytest.fixture(autouse=True)
def copies_may_be_opened(db, monkeypatch):
    """Django's tests allow the databases of the settings only; copies come and go."""
    guarded = BaseDatabaseWrapper.ensure_connection

    def ensure_connection(connection):
        if connection.connection is None and connection.alias.startswith(("recorded-", "draft-")):
            connection.connect()
        guarded(connection)

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure_connection)


def everything_was_recorded(number: int) -> None:
    """Date what was recorded so far to noon of a day `number` days ago."""
    noon = datetime.datetime.combine(days_ago(number), datetime.time(12))
    for model in tables():
        today = model.history.filter(history_date__date__gte=TODAY)
        today.update(history_date=timezone.make_aware(noon))


@pytest.fixture
def acme():
    """Recorded 9 days ago as German and signed; 5 days ago corrected; 2 days ago withdrawn."""
    a_pact()
    company = a_company("Acme", country="DE")
    signing = a_signing(company)
    a_citation(signing=signing)
    everything_was_recorded(9)
    company.country = "FR"
    save(company, "a correction")
    everything_was_recorded(5)
    signing.status = "withdrawn"
    save(signing, "it left")
    other = a_company("Bolt")
    everything_was_recorded(2)
    delete(other, "not a company")
    return company


def test_the_record_is_what_it_said_then(client, acme):
    def record(number):
        answer = client.get(f"/api/v1/companies/acme/?recorded_as_of={days_ago(number)}").json()
        return answer["country"], answer["status"]

    assert record(9) == record(6) == ("DE", "signed")
    assert record(5) == record(3) == ("FR", "signed")
    assert record(2) == record(0) == ("FR", "withdrawn")


def test_a_company_deleted_since_is_there_and_one_added_since_is_not(client, acme):
    def names(number):
        answer = client.get(f"/api/v1/companies/?recorded_as_of={days_ago(number)}").json()
        return [company["name"] for company in answer["results"]]

    assert names(3) == ["Acme"]
    assert names(1) == ["Acme", "Bolt"]
    assert names(0) == ["Acme"]


@pytest.mark.parametrize(
    "path",
    [
        "/companies/",
        "/companies/acme/",
        "/absent/",
        "/statistics/",
        "/pacts/",
        "/pacts/eu-ai-pact/",
        "/commitments/",
    ],
)
def test_a_page_says_which_record_it_shows(client, acme, path):
    day = days_ago(5)

    response = client.get(f"{path}?recorded_as_of={day}")

    assert response.status_code == 200
    text = response.content.decode().replace("\u00a0", " ")
    assert f"had recorded by the end of {day.day} {day:%B} {day.year}" in text
    assert f'href="{path}"' in text


def test_filters_and_facets_count_what_was_recorded(client, acme):
    def count(query):
        text = client.get(f"/companies/?{query}&recorded_as_of={days_ago(6)}").content.decode()
        return int(text.split('data-count="')[1].split('"')[0])

    assert (count("country=DE"), count("country=FR")) == (1, 0)
    assert count("status=signed&q=acme") == 1


def test_both_clocks_can_be_asked_at_once(client, acme):
    def status(as_of):
        address = f"/api/v1/companies/acme/?as_of={as_of}&recorded_as_of={days_ago(6)}"
        return client.get(address).json()["status"]

    assert (status("2024-10-08"), status("2024-10-09")) == ("unknown", "signed")


def test_a_day_before_the_first_record_shows_nothing_and_since_when_there_is_something(
    client, acme
):
    first = days_ago(9)

    response = client.get(f"/companies/?recorded_as_of={days_ago(10)}")
    text = response.content.decode().replace("\u00a0", " ")

    assert 'data-count="0"' in text
    assert f"its first record is of {first.day} {first:%B} {first.year}" in text
    assert client.get(f"/api/v1/companies/?recorded_as_of={days_ago(10)}").json()["count"] == 0


def test_the_register_itself_is_never_written_to_or_read_from_a_copy(acme):
    with recorded_on(days_ago(6)):
        assert Company.objects.get().country == "DE"
        company = Company.objects.using("default").get()
        company.website = "https://acme.example"
        company.save(using="default")

    assert Company.objects.get().website == "https://acme.example"
    assert Company.objects.get().country == "FR"


def test_days_with_the_same_record_share_a_copy_and_copies_do_not_pile_up(acme, tmp_path):
    for number in range(3, 40):
        with recorded_on(days_ago(number)):
            Signing.objects.count()

    assert len(list(tmp_path.glob("*.sqlite3"))) == 3
    assert list(tmp_path.glob("*.draft")) == []


def test_a_copy_is_made_anew_when_something_is_recorded_into_the_past(client, acme):
    before = client.get(f"/api/v1/companies/?recorded_as_of={days_ago(6)}").json()["count"]
    a_company("Core")
    everything_was_recorded(7)

    assert before == 1
    assert client.get(f"/api/v1/companies/?recorded_as_of={days_ago(6)}").json()["count"] == 2


def test_a_copy_is_known_only_to_the_thread_that_reads_it(acme):
    before = list(connections)

    with recorded_on(days_ago(6)):
        alias = Company.objects.get()._state.db
        with ThreadPoolExecutor() as other, pytest.raises(ConnectionDoesNotExist):
            other.submit(lambda: connections[alias]).result()
        assert list(connections) == before

    with pytest.raises(ConnectionDoesNotExist):
        connections[alias]


def test_what_a_killed_process_left_half_built_is_cleared_away(acme, tmp_path):
    old, new = tmp_path / "old.draft", tmp_path / "new.draft"
    old.touch()
    new.touch()
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))

    with recorded_on(days_ago(6)):
        assert Company.objects.count() == 1

    assert list(tmp_path.glob("*.draft")) == [new]


def test_no_more_than_twenty_copies_are_kept_and_the_last_used_stay(tmp_path):
    a_pact()
    for number in range(30, 5, -1):
        a_company(f"Company {number}")
        everything_was_recorded(number)
    for number in range(30, 5, -1):
        with recorded_on(days_ago(number)):
            assert Company.objects.count() == 31 - number

    assert len(list(tmp_path.glob("*.sqlite3"))) == 20


def test_a_pact_asked_for_by_name_is_shown_as_it_was_recorded(client, acme):
    pact = a_pact()
    pact.listed_total = 300
    save(pact, "announced")

    def total(query: str) -> int:
        return client.get(f"/api/v1/statistics/?pact=eu-ai-pact{query}").json()["listed_total"]

    assert (total(f"&recorded_as_of={days_ago(1)}"), total("")) == (230, 300)
    before = client.get(f"/api/v1/statistics/?recorded_as_of={days_ago(10)}").json()
    assert (before["listed_total"], before["signatories"]) == (None, 0)


def test_single_rows_of_the_api_are_those_recorded_then(client, acme):
    signing = Signing.objects.get()
    address = f"/api/v1/signings/acme/eu-ai-pact/{signing.since}/"

    assert client.get(address).json()["status"] == "withdrawn"
    assert client.get(f"{address}?recorded_as_of={days_ago(6)}").json()["status"] == "signed"
    assert client.get(f"{address}?recorded_as_of={days_ago(10)}").status_code == 404
    assert client.get(f"{address}?recorded_as_of=2999-01-01").status_code == 400


def test_the_record_of_the_past_asks_the_register_a_fixed_number_of_questions(client, acme):
    address = f"/companies/?recorded_as_of={days_ago(6)}"

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{address}&sort=name")
        return len(asked)

    few = queries()
    for number in range(3):
        a_signing(a_company(f"Company {number}"))
    everything_was_recorded(7)

    assert queries() == few


def test_a_record_that_was_not_there_yet_says_that_it_looks_at_the_past(client, acme):
    response = client.get(f"/companies/acme/?recorded_as_of={days_ago(10)}")

    assert response.status_code == 404
    text = response.content.decode()
    assert "That was nothing yet: its first record is of" in text
    assert 'href="/companies/acme/"' in text
