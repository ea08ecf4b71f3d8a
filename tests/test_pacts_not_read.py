"""A pact whose list nobody has read yet: its own page, and nowhere else until it is read."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies import queries
from companies.models import Pact, Proposal
from companies.register.review.deciding import Decision, apply_all
from companies.register.review.watch import Page, read
from tests.builders import a_commitment, a_company, a_pact, a_signing
from tests.lists import URL, a_list, a_page, a_reviewer
from tests.reader_client import forget_answers

pytestmark = pytest.mark.django_db
NAME = "Transparency Code of Practice"
PHRASES = {
    "": "We have not read the list of this pact yet.",
    "/fr": "Nous n’avons pas encore lu la liste de ce pacte.",
}
# Every page that shows or chooses pacts.
EVERYWHERE = (
    "/", "/companies/", "/companies/acme/", "/absent/", "/statistics/", "/reports/", "/verify/",
    "/matrix/?show=all", "/compare/?company=acme&company=bolt", "/companies/acme/badge/",
)  # fmt: skip
# With the pact asked for by name.
ASKED = (
    "/companies/", "/companies/download.csv", "/absent/", "/statistics/", "/reports/",
    "/reports/report-clock.csv", "/verify/", "/compare/", "/companies/acme/badge.svg",
    "/companies/acme/badge.json", "/companies/acme/badge/", "/statistics/europe.csv",
    "/api/v1/companies/", "/api/v1/companies/acme/", "/api/v1/statistics/", "/api/v1/signings/",
    "/api/v1/pledges/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def pact() -> Pact:
    for name in ("Acme", "Bolt"):
        a_signing(a_company(name))
    pact = a_pact(
        "transparency-code", name_en=NAME, name_fr=NAME, listed_total=180, report_after_months=None
    )
    a_commitment("section-1", pact=pact, kind="chapter", audience="provider")
    return pact


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_pact_whose_list_was_never_read_is_on_no_page(client, path):
    assertNotContains(client.get(path), NAME)


@pytest.mark.parametrize("path", ASKED)
def test_queries_for_a_pact_whose_list_was_never_read_are_refused(client, path):
    answer = client.get(path, {"pact": "transparency-code"})

    assertContains(answer, PHRASES[""], status_code=400)


@pytest.mark.parametrize("language", PHRASES)
def test_the_page_of_a_pact_whose_list_was_never_read_says_so(client, language):
    for path in ("/pacts/", "/pacts/transparency-code/", "/commitments/?pact=transparency-code"):
        assertContains(client.get(f"{language}{path}"), PHRASES[language])
    page = client.get(f"{language}/commitments/section-1/?pact=transparency-code")
    assertContains(page, PHRASES[language])
    assertContains(page, "180")
    assertNotContains(client.get(f"{language}/pacts/transparency-code/"), "status=unknown")


def test_the_api_marks_a_pact_whose_list_was_never_read(client):
    pacts = client.get("/api/v1/pacts/").json()["results"]

    assert {one["slug"]: one["list_read"] for one in pacts} == {
        "eu-ai-pact": True,
        "transparency-code": False,
    }
    assert client.get("/api/v1/pacts/transparency-code/").json()["list_read"] is False
    assert client.get("/api/v1/commitments/?pact=transparency-code").json()["count"] == 1


def test_the_eu_ai_pact_counts_as_read_even_without_signings():
    Pact.objects.get(slug="eu-ai-pact").signings.all().delete()

    assert [pact.slug for pact in Pact.objects.with_list_read()] == ["eu-ai-pact"]


def test_a_pact_appears_everywhere_once_its_first_list_is_applied(client, pact):
    watched, today = a_list(pact, url=URL), timezone.localdate()
    names = ["Acme", "Nova", "Zeta Media"]
    read(watched.pact, Page(a_page(names), URL, today))
    assert [one.slug for one in Pact.objects.with_list_read()] == ["eu-ai-pact"]

    waiting = Proposal.objects.filter(state="proposed").values_list("pk", flat=True)
    list(apply_all(dict.fromkeys(waiting, Decision("checked")), by=a_reviewer()))
    forget_answers()

    for path in EVERYWHERE[1:9]:
        if path != "/reports/":
            assertContains(client.get(path), NAME if "matrix" not in path else "Transparency Code")
    for path in ASKED[:3]:
        assert client.get(path, {"pact": "transparency-code"}).status_code == 200
    matrix = client.get("/matrix/?show=all&page_size=9").context
    assert [pact.signatories for pact, _short, _note in matrix["pacts"]] == [2, 3]
    assert queries.signatories(pact, queries.Clock(as_of=today)) == 3
    assertNotContains(client.get("/pacts/"), PHRASES[""])
    assert client.get("/api/v1/pacts/transparency-code/").json()["list_read"] is True
