"""Costly requests run one at a time; those that would wait too long get a 503 or 429."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import resolve
from django.utils.translation import override

from companies.pages.errors import server_error
from pactwatch.outages import TooBusy, costly_requests
from pactwatch.outages.costly_requests import Permit, costly, one_at_a_time

pytestmark = pytest.mark.django_db  # a response that is closed looks after the connection
ADDRESSES = [f"192.0.2.{number}" for number in range(1, 4)]


def ask(rf, view, address):
    return view(rf.get("/", REMOTE_ADDR=address))


def test_one_costly_request_waits_for_another_and_a_third_is_refused(rf):
    first = Permit(ADDRESSES[0])
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(ask, rf, costly(lambda request: HttpResponse("done")), ADDRESSES[1])
        while is_free(ADDRESSES[1]):
            sleep(0.01)
        with pytest.raises(TooBusy):
            Permit(ADDRESSES[2])
        first.end()

        assert second.result(10).text == "done"
    Permit(ADDRESSES[2]).end()


def is_free(address):
    return address not in costly_requests._inside


def test_a_client_may_run_one_costly_request_at_a_time(rf):
    @costly
    def view(request):
        with pytest.raises(TooBusy):
            Permit(ADDRESSES[0])
        return HttpResponse()

    assert ask(rf, view, ADDRESSES[0]).status_code == 200


def test_a_failing_view_releases_its_permit(rf):
    @costly
    def view(request):
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            ask(rf, view, ADDRESSES[0])


def test_a_streaming_response_holds_its_permit_until_it_is_closed(rf):
    page = ask(rf, costly(lambda request: StreamingHttpResponse(["a"])), ADDRESSES[0])
    with pytest.raises(TooBusy):
        Permit(ADDRESSES[0])

    page.close()

    Permit(ADDRESSES[0]).end()


def test_a_finished_file_response_holds_no_permit(rf, tmp_path):
    (tmp_path / "file").write_text("a")
    view = costly(lambda request: FileResponse((tmp_path / "file").open("rb")))

    answer = ask(rf, view, ADDRESSES[0])
    Permit(ADDRESSES[0]).end()

    answer.close()


def test_nested_costly_work_needs_one_permit_only(rf):
    @costly
    def view(request):
        with one_at_a_time(), one_at_a_time():
            return HttpResponse("done")

    assert ask(rf, view, ADDRESSES[0]).text == "done"


@pytest.mark.parametrize(
    "path",
    ["/check/", "/companies/download.xlsx", "/fr/matrix/download.csv", "/sitemap-companies.xml"],
)
def test_a_request_that_would_wait_too_long_gets_a_503(rf, path):
    with override("fr" if "/fr/" in path else "en"):
        view, arguments, keywords = resolve(path)
    request = rf.post(path, {"names": "Acme\nÉlan"}) if "check" in path else rf.get(path)
    permit = Permit("127.0.0.1")
    try:
        view(request, *arguments, **keywords)
    except TooBusy:
        answer = server_error(request)
    finally:
        permit.end()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert ("Le site est occupé" if "/fr/" in path else "The site is busy right now") in answer.text
    assert ("Acme\nÉlan" in answer.text) == ("check" in path)


def test_the_api_answers_a_busy_server_with_a_problem(rf):
    permit = Permit(ADDRESSES[0])
    try:
        Permit(ADDRESSES[0])
    except TooBusy:
        answer = server_error(rf.get("/api/v1/companies/"))
    finally:
        permit.end()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
