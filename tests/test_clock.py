"""The clock of a request: every row is loaded as it was known on the day in the query."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory
from rest_framework.response import Response

from companies.api.base_views import RegisterView
from companies.models import Pact, Pledge, ProgressReport, Signing, known_as_of
from companies.pages.errors import register_page

from .builders import a_citation, a_commitment, a_company, a_correction, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db

BEFORE, AFTER = "2025-06-01", "2026-03-01"
# What pages and answers say of the days after BEFORE, in the words of either.
LATER = (
    b'"until":"2026-02-03"',
    b'"status":"withdrawn"',
    b'"submitted_on":"2026-02-04"',
    b"2026-02-05",
    b"later-report",
    b'"implementation":"full"',
    b"Later note",
    b"it is considering",
    b"4711",
    b"Later words",
)
PAGES = [
    "/companies/",
    "/companies/acme/",
    "/companies/acme/cite.txt",
    "/companies/acme/cite.json",
    "/companies/bolt/",
    "/companies/download.csv",
    "/companies/download.json",
    "/compare/?company=acme&company=bolt",
    "/verify/?company=acme",
    "/verify/?company=bolt",
    "/absent/",
    "/commitments/",
    "/commitments/governance/",
    "/pacts/",
    "/pacts/eu-ai-pact/",
    "/reports/",
    "/reports/report-clock.csv",
    "/statistics/",
    "/statistics/signatories-over-time.csv",
    "/statistics/implementation.svg",
]
API = [
    "/api/v1/companies/",
    "/api/v1/companies/acme/",
    "/api/v1/companies/bolt/",
    "/api/v1/pacts/",
    "/api/v1/pacts/eu-ai-pact/",
    "/api/v1/commitments/",
    "/api/v1/signings/",
    "/api/v1/pledges/",
    "/api/v1/statistics/",
]


@pytest.fixture
def later_news() -> None:
    """Acme left, reported and did something after BEFORE; Bolt was asked; a total was announced."""
    pact = a_pact(listed_total=4711, listed_total_on=datetime.date(2026, 2, 7))
    acme, left = a_company("Acme", country="FR"), datetime.date(2026, 2, 3)
    a_citation(signing=a_signing(acme, until=left))
    a_signing(acme, "withdrawn", since=left, since_basis="stated")
    a_pledge(
        acme,
        commitment=a_commitment("governance"),
        implementation="full",
        implementation_basis="self_reported",
        as_of=datetime.date(2026, 2, 6),
        note_en="Later note",
    )
    ProgressReport.objects.create(
        company=acme,
        pact=pact,
        submitted_on=datetime.date(2026, 2, 4),
        published_on=datetime.date(2026, 2, 5),
        url="https://acme.example/later-report",
    )
    a_correction(
        acme,
        kind="statement",
        state="accepted",
        message="Later words",
        reply="Added.",
        closed_by=get_user_model().objects.create(username="editor"),
        closed_at=datetime.datetime(2026, 2, 8, 12, tzinfo=datetime.UTC),
    )
    a_signing(
        a_company("Bolt"), "not_signed", asked="considering", asked_on=datetime.date(2026, 2, 6)
    )


def body(client, url: str, day: str) -> bytes:
    response = client.get(f"{url}{'&' if '?' in url else '?'}as_of={day}")
    assert response.status_code == 200, (url, response.content[:500])
    return b"".join(response) if response.streaming else response.content


def test_pages_and_api_responses_as_of_a_past_day_show_no_later_fact(client, later_news):
    before = {url: body(client, url, BEFORE) for url in PAGES + API}
    after = b"".join(body(client, url, AFTER) for url in PAGES + API)

    assert [(url, mark) for url, text in before.items() for mark in LATER if mark in text] == []
    assert [mark for mark in LATER if mark not in after] == []


def everything_dated() -> list[str]:
    """Rows loaded in every way: alone, joined, prefetched, in chunks, with fields deferred."""
    reports = ProgressReport.objects.select_related("pact")
    signings = Signing.objects.exclude(status="withdrawn")
    prefetched = Pact.objects.prefetch_related("signings", "reports")
    facts = [
        *(signing.until for signing in signings),
        *(signing.until for signing in signings.only("company")),
        *(signing.asked for signing in signings.defer("asked", "asked_on").iterator(chunk_size=1)),
        *(signing.asked_on for signing in signings.in_bulk().values()),
        *(pledge.implementation for pledge in Pledge.objects.all()),
        *(pledge.note_en for pledge in Pledge.objects.only("note_en")),
        *(report.published_on for report in reports),
        *(report.pact.listed_total for report in reports),
        *(report.url for report in ProgressReport.objects.defer("published_on")),
        *(pact.listed_total for pact in Pact.objects.only("listed_total")),
        *(report.submitted_on for pact in prefetched for report in pact.reports.all()),
        Pact.objects.get().listed_total_on,
    ]
    return [str(fact) for fact in facts]


NOTHING_LATER = {"None", "", "no_evidence"}


@register_page
def plain_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("|".join(everything_dated()))


@register_page
def streaming_view(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(f"{fact}|" for fact in lazily())


def lazily():
    """Nothing is read before the first part of the body is sent."""
    yield from everything_dated()


@register_page
def template_view(request: HttpRequest) -> SimpleTemplateResponse:
    template = engines["django"].from_string("{% for one in facts %}{{ one }}|{% endfor %}")
    return SimpleTemplateResponse(template, {"facts": everything_dated})


class PlainApiView(RegisterView):
    def get(self, request: HttpRequest) -> Response:
        return Response("|".join(everything_dated()))


VIEWS = [plain_view, streaming_view, template_view, PlainApiView.as_view()]


def written_by(view, day: str) -> set[str]:
    response = view(RequestFactory().get("/new/", {"as_of": day}))
    return {*b"".join(response).decode().strip('"').split("|")}


def test_a_plain_view_shows_no_later_fact_as_of_a_past_day(later_news):
    for view in VIEWS:
        assert written_by(view, BEFORE) <= NOTHING_LATER, view
        assert written_by(view, AFTER) >= {"2026-02-03", "full", "4711", "considering"}, view


def test_outside_a_request_rows_have_their_stored_values(later_news):
    everything = {*everything_dated()}

    with known_as_of(datetime.date(2025, 6, 1)):
        assert {*everything_dated()} <= NOTHING_LATER

    assert {"2026-02-03", "full", "4711", "considering"} <= everything
    assert {*everything_dated()} == everything


def test_refreshing_a_row_keeps_the_values_of_the_past_day(later_news):
    with known_as_of(datetime.date(2025, 6, 1)):
        signing = Signing.objects.exclude(status="withdrawn").earliest("pk")
        signing.refresh_from_db()

        assert signing.until is None


def test_each_request_has_one_clock(client, later_news):
    response = client.get(f"/companies/acme/?as_of={BEFORE}&recorded_as_of=2025-07-01")

    clock = response.wsgi_request.clock
    assert (str(clock.as_of), str(clock.recorded_as_of)) == (BEFORE, "2025-07-01")
    assert (response.context["day"], response.context["is_past"]) == (clock.day, True)


def test_every_dated_model_can_drop_later_facts():
    from companies.models.as_of import AsOfModel

    models: list[type[Model]] = AsOfModel.__subclasses__()

    rows = {"Pact", "Signing", "Pledge", "ProgressReport"}
    assert {model.__name__ for model in models} == rows | {"QuoteCheck"}
    assert all("forget_after" in vars(model) for model in models)
