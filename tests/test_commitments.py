"""Commitments of pacts, who pledged them, and what is known of their implementation."""

import datetime

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Commitment
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)

pytestmark = pytest.mark.django_db


def a_signatory(name: str, commitment: Commitment, implementation: str = "no_evidence"):
    """A company that signed the pact of `commitment`, with its pledge."""
    signing = a_signing(a_company(name), pact=commitment.pact)
    basis = "" if implementation == "no_evidence" else "self_reported"
    return a_pledge(
        signing.company,
        commitment=commitment,
        implementation=implementation,
        implementation_basis=basis,
    )


def levels(response) -> dict[str, list[str]]:
    return {
        str(level.value): [pledge.company.name for pledge in level.pledges]
        for level in response.context["levels"]
        if level.pledges
    }


def test_the_page_lists_the_commitments_of_every_pact(client):
    a_commitment("governance", title_en="Govern AI")
    a_commitment("copyright", pact=a_pact("gpai-code"), title_en="Respect copyright")

    response = client.get("/commitments/")

    assertContains(response, '<a class="name" href="/commitments/governance/">Govern AI</a>')
    assertContains(
        response,
        '<a class="name" href="/commitments/copyright/?pact=gpai-code">Respect copyright</a>',
    )


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("pact=gpai-code", ["Copyright"]),
        ("kind=core", ["Governance"]),
        ("audience=provider", ["Copyright"]),
        ("pact=eu-ai-pact&audience=provider", []),
    ],
)
def test_the_page_accepts_the_parameters_of_the_api(client, query, titles):
    a_commitment("governance", kind="core")
    a_commitment("copyright", pact=a_pact("gpai-code"), kind="chapter", audience="provider")

    page = client.get(f"/commitments/?{query}").context["page"]

    assert [commitment.title for commitment in page] == titles


def test_the_list_counts_signatories_that_pledged_and_those_with_evidence(client):
    labelling = a_commitment("labelling", kind="additional")
    a_signatory("Acme", labelling)
    a_signatory("Bolt", labelling, "full")
    a_signatory("Core", labelling, "evidence_withdrawn")
    a_signing(a_company("Dust"))

    response = client.get("/commitments/")

    assertContains(response, "3 of 4 known signatories (of more than 230) pledged this.")
    assertContains(response, "There is evidence of its implementation by 1 of them.")


def test_an_optional_commitment_without_known_pledges_is_not_called_unpledged(client):
    a_commitment("labelling", kind="additional")
    a_signing()

    assertContains(client.get("/commitments/"), "Who pledged this is not public.")
    assertContains(client.get("/commitments/labelling/"), "Who pledged this is not public.")


def test_verbatim_text_is_quoted_and_a_paraphrase_is_not(client):
    source = a_source(title="The Pact")
    a_commitment("governance", text="Adopt a strategy", text_basis="verbatim", source=source)
    a_commitment("oversight", text="They should oversee", text_basis="paraphrase", source=source)

    quoted = client.get("/commitments/governance/")
    ours = client.get("/commitments/oversight/")

    assertContains(quoted, '<blockquote lang="en" dir="auto">“Adopt a strategy”</blockquote>')
    assertContains(quoted, "word for word")
    assertContains(quoted, "<bdi>The Pact</bdi>")
    assertContains(ours, '<blockquote lang="en" dir="auto">They should oversee</blockquote>')
    assertContains(ours, "in our words")


def test_a_commitment_shows_its_kind_its_audience_and_its_article(client):
    a_commitment("labelling", kind="additional", audience="deployer", ai_act_article="Art. 50(4)")

    page = client.get("/commitments/labelling/")

    assertContains(page, "Additional · deployers · AI Act: Art.\N{NO-BREAK SPACE}50(4)")


def test_levels_of_implementation_come_from_full_to_none_with_their_shares(client):
    governance = a_commitment("governance")
    a_signatory("Acme", governance)
    a_signatory("Bolt", governance, "full")
    a_signatory("Core", governance, "planned")
    a_signatory("Dust", governance)

    response = client.get("/commitments/governance/")

    assert levels(response) == {
        "full": ["Bolt"],
        "planned": ["Core"],
        "no_evidence": ["Acme", "Dust"],
    }
    assertContains(response, '<td><a href="#no_evidence">2</a></td><td>50%</td>')
    assertContains(response, '<section class="section" id="no_evidence">')
    assertContains(
        response,
        "4 of 4 known signatories (of more than 230) pledged this. This is a core",
    )


def test_evidence_is_shown_with_its_quote_and_its_source(client):
    pledge = a_signatory("Bolt", a_commitment("governance"), "partial")
    pledge.as_of = datetime.date(2025, 4, 16)
    pledge.note_en = "Half of the staff."
    pledge.save()
    a_citation(pledge=pledge, source=a_source(title="Practices"), quote="We train our staff")

    response = client.get("/commitments/governance/")

    assertContains(response, "“We train our staff”")
    assertContains(response, "<bdi>Practices</bdi>")
    assertContains(response, "Half of the staff.")
    assertContains(response, 'according to the company, <time datetime="2025-04-16">')


def test_a_company_that_left_is_not_counted(client):
    governance = a_commitment("governance")
    left = a_company("Left")
    a_signing(left, until=datetime.date(2025, 1, 1))
    a_signing(left, "removed", since=datetime.date(2025, 1, 1))
    a_pledge(left, commitment=governance)
    a_signatory("Acme", governance)

    response = client.get("/commitments/governance/")

    assert levels(response) == {"no_evidence": ["Acme"]}
    assertContains(response, "1 of 1 known signatory (of more than 230) pledged this.")


@pytest.mark.database
def test_the_pledges_of_a_commitment_are_split_into_pages(client):
    governance = a_commitment("governance")
    for number in range(6):
        level = {0: "full", 4: "full", 1: "partial"}.get(number, "no_evidence")
        a_signatory(f"Firm {number}", governance, level)
    url = "/commitments/governance/?page_size=2"

    first, last = (client.get(f"{url}&page={number}") for number in (1, 3))

    assert levels(first) == {"full": ["Firm 0", "Firm 4"]}
    assert levels(client.get(f"{url}&page=2")) == {
        "partial": ["Firm 1"],
        "no_evidence": ["Firm 2"],
    }
    assert levels(last) == {"no_evidence": ["Firm 3", "Firm 5"]}
    for page in (first, last):
        assertContains(page, "What is known of its implementation, of 6 pledges")
        assertContains(page, "6 of 6 known signatories")
    assertContains(first, '<td><a href="#full">2</a></td><td>33%</td>')
    assertContains(first, '<a href="?page_size=2&amp;page=2#partial">1</a>')
    assertContains(last, '<a href="?page_size=2&amp;page=1#full">2</a>')
    assertContains(last, "3 of the 6")
    assertContains(last, "<details open>")
    assertContains(last, "Page 3 of 3")
    assertContains(client.get(f"{url}&page=4"), "There is no page 4", status_code=404)


def test_a_commitment_that_fits_one_page_shows_no_pages(client):
    a_signatory("Acme", a_commitment("governance"))

    page = client.get("/commitments/governance/")

    assertNotContains(page, 'class="pager"')
    assertContains(page, "<details>")


def test_a_commitment_of_another_pact_is_a_404(client):
    a_pact()
    a_commitment("copyright", pact=a_pact("gpai-code"))

    missing = client.get("/commitments/copyright/")

    assertContains(missing, "This pact has no commitment called “copyright”.", status_code=404)
    assert client.get("/commitments/copyright/?pact=gpai-code").status_code == 200


def test_two_pacts_may_have_a_commitment_of_the_same_code(client):
    a_commitment("safety", title_en="Ours")
    a_commitment("safety", pact=a_pact("gpai-code"), title_en="Theirs")

    assertContains(client.get("/commitments/safety/"), "<h1>Ours</h1>")
    assertContains(client.get("/commitments/safety/?pact=gpai-code"), "<h1>Theirs</h1>")


def test_an_empty_list_of_commitments_says_so(client):
    response = client.get("/commitments/")

    assertContains(response, "No commitment of this kind is listed.")
    assertNotContains(response, '<ul class="statements">')


# Version, number of rows, rows, the pacts that were read, pacts to choose from; the roster, which
# counts and is kept until the register changes (8).
LIST_QUERIES = 12
# Version; pact, commitment, pledges, their citations.
PAGE_QUERIES = 5


@pytest.mark.parametrize("number", [2, 5])
def test_the_pages_take_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    governance = a_commitment("governance")
    for i in range(number):
        a_citation(pledge=a_signatory(f"Company of test {i}", governance, "full"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/commitments/")
    with django_assert_num_queries(PAGE_QUERIES):
        response = client.get("/commitments/governance/")
    assert len(levels(response)["full"]) == number


def test_the_article_is_written_in_french_where_that_differs(client):
    a_commitment("labelling", ai_act_article="Art. 50(4)", ai_act_article_fr="art. 50, § 4")
    a_commitment("oversight", ai_act_article="Art. 14")

    page = client.get("/fr/commitments/labelling/")

    assertContains(page, "art.\N{NO-BREAK SPACE}50, § 4")
    assertNotContains(page, "50(4)")
    assertContains(client.get("/fr/commitments/oversight/"), "Art.\N{NO-BREAK SPACE}14")
    assertContains(client.get("/commitments/labelling/"), "Art.\N{NO-BREAK SPACE}50(4)")
