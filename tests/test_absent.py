"""Who has not signed: each company with its reason, date and words of a source."""

import datetime

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Confidence, Signing
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db

OBSERVED = Signing.SinceBasis.OBSERVED
STATED = Signing.SinceBasis.STATED


def groups(response) -> dict[str, list[str]]:
    return {
        str(group.status): [signing.company.name for signing in group.signings]
        for group in response.context["groups"]
    }


def test_companies_that_stand_alike_stand_together_and_signatories_are_not_there(client):
    for name, status in (
        ("Acme", "signed"),
        ("Nilo", "not_signed"),
        ("Nemo", "not_signed"),
        ("Lost", "removed"),
        ("Left", "withdrawn"),
        ("Noway", "declined"),
        ("Maybe", "interested"),
        ("Blank", "unknown"),
    ):
        a_signing(a_company(name), status)

    response = client.get("/absent/")

    assert list(groups(response)) == [
        "declined",
        "not_signed",
        "removed",
        "withdrawn",
        "interested",
    ]
    assert groups(response)["not_signed"] == ["Nemo", "Nilo"]
    assertContains(response, "6 companies are known not to be signatories")
    assertNotContains(response, "Acme")


def test_an_absence_is_never_called_a_refusal(client):
    a_signing(a_company("Nemo"), "not_signed", since_basis=OBSERVED)

    response = client.get("/absent/")

    assertContains(response, "An absence from a list on a date is not a refusal.")
    assertContains(response, "0 of them said no in public.")
    assertNotContains(response, "refused")


def test_each_company_has_its_reason_its_date_and_the_words_of_its_source(client):
    signing = a_signing(
        a_company("Noway"),
        "declined",
        since=datetime.date(2024, 9, 1),
        since_precision="month",
        since_basis=STATED,
        reason_en="It works on the law first.",
    )
    source = a_source(
        title="No thanks", publisher="The Paper", published_on=datetime.date(2024, 9, 25)
    )
    a_citation(signing=signing, source=source, quote="Not now", confidence=Confidence.MEDIUM)

    response = client.get("/absent/")

    assertContains(response, '<time datetime="2024-09">September\u00a02024</time>')
    assertContains(response, "It works on the law first.")
    assertContains(response, "“Not now”")
    assertContains(response, "<bdi>No thanks</bdi></a>, The Paper, ")
    assertContains(response, "medium: a second-hand source says so")


def test_a_reason_in_the_other_language_says_so(client):
    a_signing(a_company("Noway"), "declined", reason_fr="Pas maintenant")

    assertContains(client.get("/absent/"), '<p lang="fr">Pas maintenant</p>')


def test_only_periods_of_today_count(client):
    company = a_company("Nemo")
    a_signing(company, "not_signed", until=datetime.date(2025, 1, 1))
    a_signing(company, "signed", since=datetime.date(2025, 1, 1))

    assert groups(client.get("/absent/")) == {}


def test_another_pact_has_its_own_absences(client):
    a_signing(a_company("Nemo"), "not_signed")
    a_signing(a_company("Lost"), "removed", pact=a_pact("gpai-code", name_en="GPAI Code"))

    response = client.get("/absent/?pact=gpai-code")

    assert groups(response) == {"removed": ["Lost"]}
    assertContains(response, "<title>Who has not signed: GPAI Code – PactWatch</title>")
    assertContains(response, '<a href="/companies/?status=removed&amp;pact=gpai-code">')


def test_the_link_of_a_group_lists_the_same_companies(client):
    a_signing(a_company("Nemo"), "not_signed")
    a_signing(a_company("Lost"), "removed")

    assertContains(client.get("/absent/"), '<a href="/companies/?status=not_signed">')
    listed = client.get("/companies/?status=not_signed").context["page"]
    assert [company.name for company in listed] == ["Nemo"]


# Version, pact, absences, their citations, the pacts to choose from.
QUERIES = 5


@pytest.mark.parametrize("number", [3, 30])
def test_the_page_asks_the_same_number_of_questions_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_citation(signing=a_signing(status="not_signed"))
    with django_assert_num_queries(QUERIES):
        response = client.get("/absent/")
    assert len(groups(response)["not_signed"]) == number
