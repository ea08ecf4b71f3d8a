"""`recorded_as_of`: the register as it was recorded by the end of a past day."""

import datetime
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist

from companies.models import Company, Signing
from companies.pages.errors import register_page
from companies.queries.recorded import _build, _end, recorded_on, tables
from companies.register.history import delete, save

from .builders import a_citation, a_company, a_pact, a_signing

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def days_ago(number: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=number)


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
        today = model.history.filter(history_date__date__gte=days_ago(0))
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


@pytest.mark.database
def test_a_record_is_shown_as_it_was_recorded_on_the_day(client, acme):
    def record(number):
        answer = client.get(f"/api/v1/companies/acme/?recorded_as_of={days_ago(number)}").json()
        return answer["country"], answer["status"]

    assert record(9) == record(6) == ("DE", "signed")
    assert record(5) == record(3) == ("FR", "signed")
    assert record(2) == record(0) == ("FR", "withdrawn")


@pytest.mark.database
def test_a_list_has_companies_deleted_since_and_none_added_since(client, acme):
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
def test_a_page_says_by_which_day_its_data_was_recorded(client, acme, path):
    day = days_ago(5)

    response = client.get(f"{path}?recorded_as_of={day}")

    assert response.status_code == 200
    text = response.content.decode().replace("\u00a0", " ")
    assert f"had recorded by the end of {day.day} {day:%B} {day.year}" in text
    assert f'href="{path}"' in text


def test_filters_count_what_was_recorded_by_the_day(client, acme):
    def count(query):
        text = client.get(f"/companies/?{query}&recorded_as_of={days_ago(6)}").content.decode()
        return int(text.split('data-count="')[1].split('"')[0])

    assert (count("country=DE"), count("country=FR")) == (1, 0)
    assert count("status=signed&q=acme") == 1


def test_both_days_can_be_given_at_once(client, acme):
    def status(as_of):
        url = f"/api/v1/companies/acme/?as_of={as_of}&recorded_as_of={days_ago(6)}"
        return client.get(url).json()["status"]

    assert (status("2024-10-08"), status("2024-10-09")) == ("unknown", "signed")


def test_a_day_before_the_first_record_shows_nothing_and_names_the_day_of_the_first(client, acme):
    first = days_ago(9)

    response = client.get(f"/companies/?recorded_as_of={days_ago(10)}")
    text = response.content.decode().replace("\u00a0", " ")

    assert 'data-count="0"' in text
    assert f"the first entry is dated {first.day} {first:%B} {first.year}" in text
    assert client.get(f"/api/v1/companies/?recorded_as_of={days_ago(10)}").json()["count"] == 0


@pytest.mark.database
def test_a_write_while_a_copy_is_read_goes_to_the_register(acme):
    with recorded_on(days_ago(6)):
        assert Company.objects.get().country == "DE"
        company = Company.objects.using("default").get()
        company.website = "https://acme.example"
        company.save(using="default")

    assert Company.objects.get().website == "https://acme.example"
    assert Company.objects.get().country == "FR"


@register_page
def streaming_view(request):
    """Reads nothing before its body is sent."""
    return StreamingHttpResponse(Company.objects.get(slug=slug).country for slug in ["acme"])


def test_a_streamed_response_is_read_from_the_copy(acme):
    request = RequestFactory().get("/new/", {"recorded_as_of": days_ago(6)})

    assert b"".join(streaming_view(request)) == b"DE"


def test_days_between_which_nothing_was_recorded_share_a_copy(acme, tmp_path):
    for number in range(3, 40):
        with recorded_on(days_ago(number)):
            Signing.objects.count()

    assert len(list(tmp_path.glob("*.sqlite3"))) == 3
    assert list(tmp_path.glob("*.draft")) == []


def test_a_copy_that_another_process_removes_while_it_is_read_stays_readable(acme, tmp_path):
    with recorded_on(days_ago(6)):
        for copy in tmp_path.glob("*.sqlite3"):
            copy.unlink()

        assert Company.objects.get().country == "DE"


@pytest.mark.database
def test_a_copy_is_rebuilt_when_history_before_its_day_changes(client, acme):
    before = client.get(f"/api/v1/companies/?recorded_as_of={days_ago(6)}").json()["count"]
    a_company("Core")
    everything_was_recorded(7)

    assert before == 1
    assert client.get(f"/api/v1/companies/?recorded_as_of={days_ago(6)}").json()["count"] == 2


@pytest.mark.database
def test_the_connection_to_a_copy_exists_in_one_thread_only(acme):
    before = list(connections)

    with recorded_on(days_ago(6)):
        alias = Company.objects.get()._state.db
        with ThreadPoolExecutor() as other, pytest.raises(ConnectionDoesNotExist):
            other.submit(lambda: connections[alias]).result()
        assert list(connections) == before

    with pytest.raises(ConnectionDoesNotExist):
        connections[alias]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite copies the rows itself")
def test_a_register_in_a_file_is_copied_as_one_in_memory_is(acme, tmp_path, monkeypatch):
    file, end = tmp_path / "it's the register", _end(days_ago(3))
    with closing(sqlite3.connect(file)) as register:
        register.executescript("\n".join(connection.connection.iterdump()))
    in_memory = content_of_copy(tmp_path / "one", end)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    # Only the file is read now. Django would send a statement that PostgreSQL is then asked for.
    connection.connection.execute("DELETE FROM companies_historicalcompany")

    assert content_of_copy(tmp_path / "two", end) == in_memory
    assert any("Acme" in line for line in in_memory)


def content_of_copy(path, end):
    path.touch()
    _build(path, end)
    with closing(sqlite3.connect(path)) as copy:
        return {line for line in copy.iterdump() if "sqlite_sequence" not in line}


def test_an_abandoned_partial_copy_is_deleted(acme, tmp_path):
    old, new = tmp_path / "old.draft", tmp_path / "new.draft"
    for draft, age in ((old, 7200), (new, 0)):
        draft.touch()
        written = time.time() - age
        os.utime(draft, (written, written))

    with recorded_on(days_ago(6)):
        assert Company.objects.count() == 1

    assert list(tmp_path.glob("*.draft")) == [new]


@pytest.mark.long
def test_only_the_twenty_most_recently_used_copies_are_kept(tmp_path):
    a_pact()
    for number in range(30, 5, -1):
        a_company(f"Company {number}")
        everything_was_recorded(number)
    for number in range(30, 5, -1):
        with recorded_on(days_ago(number)):
            assert Company.objects.count() == 31 - number

    assert len(list(tmp_path.glob("*.sqlite3"))) == 20


def test_a_pact_named_in_the_query_is_shown_as_it_was_recorded(client, acme):
    pact = a_pact()
    pact.listed_total = 300
    save(pact, "announced")

    def total(query: str) -> int:
        return client.get(f"/api/v1/statistics/?pact=eu-ai-pact{query}").json()["listed_total"]

    assert (total(f"&recorded_as_of={days_ago(1)}"), total("")) == (230, 300)
    before = client.get(f"/api/v1/statistics/?recorded_as_of={days_ago(10)}").json()
    assert (before["listed_total"], before["signatories"]) == (None, 0)


def test_a_single_row_of_the_api_is_the_one_recorded_by_the_day(client, acme):
    signing = Signing.objects.get()
    url = f"/api/v1/signings/acme/eu-ai-pact/{signing.since}/"

    assert client.get(url).json()["status"] == "withdrawn"
    assert client.get(f"{url}?recorded_as_of={days_ago(6)}").json()["status"] == "signed"
    assert client.get(f"{url}?recorded_as_of={days_ago(10)}").status_code == 404
    assert client.get(f"{url}?recorded_as_of=2999-01-01").status_code == 400


def test_a_copy_adds_a_fixed_number_of_queries_to_the_register(client, acme):
    url = f"/companies/?recorded_as_of={days_ago(6)}"

    def queries() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{url}&sort=name")
        return len(captured)

    few = queries()
    for number in range(3):
        a_signing(a_company(f"Company {number}"))
    everything_was_recorded(7)

    assert queries() == few


def test_a_record_that_did_not_exist_yet_is_not_found_and_says_which_day_it_is_about(client, acme):
    response = client.get(f"/companies/acme/?recorded_as_of={days_ago(10)}")

    assert response.status_code == 404
    text = response.content.decode()
    assert "Nothing had been recorded yet: the first entry is dated" in text
    assert 'href="/companies/acme/"' in text
