"""Pacts and their statistics, each count with its total."""

import datetime
import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Milestone
from tests.builders import (
    a_commitment,
    a_company,
    a_milestone,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
    published_shares,
)

pytestmark = pytest.mark.django_db
PACT_PAGES = ["/statistics/", "/pacts/eu-ai-pact/"]


def breakdown(response, parameter: str):
    return next(t for t in response.context["breakdowns"] if t.parameter == parameter)


def rows(table) -> dict[str, int]:
    return {row.value: row.number for row in table.rows}


def text(response) -> str:
    """The text of a page without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# Pacts


def test_each_pact_compares_its_known_signatories_with_the_official_total(client):
    a_signing(pact=a_pact())
    nobody = {"status": "not_signed"}
    a_signing(**nobody, pact=a_pact("gpai-code", name_en="GPAI Code", listed_total=22))
    seoul = a_pact("seoul", name_en="Seoul", listed_total=None, listed_total_on=None)
    a_signing(**nobody, pact=seoul)

    page = text(client.get("/pacts/"))

    assert (
        "We know 1 of the more than 230 signatories the Commission counts (15 December 2025)."
        in page
    )
    assert "We list 0 signatories; the issuer announced 22 (15 December 2025)." in page
    assert "We list 0 signatories." in page


def test_a_pact_counts_its_present_signatories_only(client):
    pact = a_pact()
    a_signing(pact=pact, until=datetime.date(2025, 1, 1))
    a_signing(pact=pact, since=timezone.localdate() + datetime.timedelta(days=1))
    a_signing(status="not_signed", pact=pact)

    assert [pact.signatories for pact in client.get("/pacts/").context["pacts"]] == [0]


def test_a_pact_shows_its_issuer_its_opening_day_and_its_website(client):
    a_pact(summary_en="Pledges before the law applies.")

    response = client.get("/pacts/eu-ai-pact/")

    assertContains(response, "Pledges before the law applies.")
    assertContains(response, "<dd>European Commission</dd>")
    assertContains(response, '<time datetime="2024-09-25">25\u00a0September\u00a02024</time>')
    assertContains(response, 'href="https://digital-strategy.ec.europa.eu/en/policies/ai-pact"')
    assertContains(response, "invited 12 months after signing")


def test_each_status_of_a_pact_links_to_its_companies(client):
    code = a_pact("gpai-code")
    a_signing(pact=code)
    a_signing(status="removed", pact=code)
    a_company("Nobody looked")

    response = client.get("/pacts/gpai-code/")

    assert response.context["statuses"] == [
        ("signed", "Signed", 1),
        ("removed", "No longer listed", 1),
        ("unknown", "No information", 1),
    ]
    assertContains(response, '<a href="/companies/?status=removed&amp;pact=gpai-code">1</a>')
    listed = client.get("/companies/?status=unknown&pact=gpai-code").context["page"]
    assert [company.name for company in listed] == ["Nobody looked"]


@pytest.fixture
def _milestones():
    source = a_source(title="The news")
    for topic, pact, title in (
        ("ai_pact", a_pact(), "Launch of the Pact"),
        ("gpai_code", a_pact("gpai-code"), "Launch of the Code"),
        ("transparency_code", a_pact("transparency-code"), "Launch of the other Code"),
        ("ai_act", None, "AI Act published"),
    ):
        Milestone.objects.create(
            date=datetime.date(2024, 9, 25),
            topic=topic,
            pact=pact,
            title_en=title,
            title_fr=title,
            source=source,
        )


@pytest.mark.usefixtures("_milestones")
def test_a_pact_has_a_timeline_of_its_own_milestones_and_those_of_the_law(client):
    response = client.get("/pacts/gpai-code/")

    assertContains(response, "Launch of the Code")
    assertContains(response, "AI Act published")
    assertContains(response, "https://example.org/source-")
    assertNotContains(response, "Launch of the Pact")
    assertNotContains(response, "Launch of the other Code")


@pytest.mark.usefixtures("_milestones")
def test_the_timeline_of_the_ai_pact_has_the_milestones_of_all_pacts(client):
    response = client.get("/pacts/eu-ai-pact/")

    for title in ("of the Pact", "of the Code", "of the other Code"):
        assertContains(response, f"Launch {title}")
    assertContains(response, "AI Act published")


def test_the_timeline_separates_pacts_from_law_and_past_years_from_the_rest(client):
    a_pact()
    year = timezone.localdate().year
    a_milestone("First signatures", date=datetime.date(2024, 9, 25), topic="ai_pact")
    a_milestone("Omnibus proposed", date=datetime.date(year - 1, 11, 19), topic="omnibus")
    a_milestone("Code listed", date=datetime.date(year + 1, 7, 31), topic="gpai_code")
    a_milestone("High-risk rules apply", date=datetime.date(year + 1, 12, 2))

    response = client.get("/pacts/eu-ai-pact/")

    def titles(years):
        return [
            (found.number, [str(m) for m in found.pacts], [str(m) for m in found.law])
            for found in years
        ]

    assert titles(response.context["past_years"]) == [
        (2024, ["First signatures"], []),
        (year - 1, [], ["Omnibus proposed"]),
    ]
    assert titles(response.context["years"]) == [
        (year + 1, ["Code listed"], ["High-risk rules apply"])
    ]
    assertContains(response, "Show 2 earlier events (from 2024)")


def test_the_timeline_marks_what_was_still_to_come_as_of_the_day(client):
    a_pact()
    a_milestone("First list", date=datetime.date(2024, 10, 9))

    assertContains(client.get("/pacts/eu-ai-pact/?as_of=2024-10-08"), '<li class="ahead">')
    assertNotContains(client.get("/pacts/eu-ai-pact/?as_of=2024-10-09"), '<li class="ahead">')


def test_a_register_without_milestones_has_no_timeline(client):
    a_pact()

    assertNotContains(client.get("/pacts/eu-ai-pact/"), 'id="timeline"')


# Statistics


def test_percentages_exclude_signatories_with_an_unknown_value(client):
    for country in ("FR", "DE", "US", ""):
        a_signing(a_company(country=country))

    response = client.get("/statistics/")

    table = breakdown(response, "region")
    assert (table.known, table.unknown, table.signatories) == (3, 1, 4)
    assert rows(table) == {"eu": 2, "us": 1, "other": 0}
    assertContains(
        response,
        "Known for 3 of 4 known signatories (of more than 230); shares are based on these.",
    )
    assertContains(
        response,
        '<td><a href="/companies/?pact=eu-ai-pact&amp;status=signed&amp;region=eu">2</a></td>'
        "<td>67%</td>",
    )


@pytest.mark.parametrize("parameter", ["region", "country", "sector", "size", "role"])
def test_each_number_of_a_breakdown_links_to_as_many_companies(client, parameter):
    values = [
        {"country": "FR", "sector": a_sector("energy"), "size": "sme", "role": "provider"},
        {"country": "JP", "sector": a_sector("energy"), "size": "large", "role": "both"},
        {},
    ]
    for fields in values:
        a_signing(a_company(**fields))
    a_signing(a_company(**values[0]), "not_signed")

    response = client.get("/statistics/")

    section = response.text.split(f'id="by-{parameter}"')[1].split("</section>")[0]
    links = re.findall(r'href="([^"]+)">(\d+)</a>', section)
    assert len(links) >= 2
    for address, number in links:
        page = client.get(address.replace("&amp;", "&")).context["page"]
        assert page.paginator.count == int(number), address


def test_statuses_are_of_all_companies_of_the_register(client):
    a_signing()
    a_signing(status="not_signed")
    a_company()

    response = client.get("/statistics/")

    assertContains(response, "Of 3 companies on the register")
    assertContains(response, '<a href="/companies/?pact=eu-ai-pact&amp;status=not_signed">1</a>')


def test_our_shares_are_shown_beside_those_of_the_commission(client):
    published_shares()
    for country, role in (("FR", "both"), ("US", "deployer"), ("JP", "both"), ("", "unknown")):
        a_signing(a_company(country=country, role=role))

    page = text(client.get("/statistics/"))

    assert "European Union 33% (1) 63%" in page
    assert "United States 33% (1) 23%" in page
    assert "other countries 33% (1) 14%" in page
    assert "provider and deployer 67% (2) 63%" in page
    assert "deployer 33% (1) 18%" in page
    assert "42% of 223 signatories outside the European Union" in page
    assert "here it is 67% (2 of 3)" in page
    assert "They are not a random sample" in page


def test_figures_published_about_one_pact_are_not_shown_for_another(client):
    published_shares()
    a_signing(pact=a_pact("gpai-code"))

    response = client.get("/statistics/?pact=gpai-code")

    assert response.context["comparisons"] == []
    assertNotContains(response, "63%")


def test_the_published_figures_link_to_their_sources(client):
    published_shares()

    assertContains(client.get("/statistics/"), "<bdi>One year</bdi>")


def test_the_steps_over_time_have_an_anchor(client):
    a_signing(since=datetime.date(2024, 9, 25))
    a_signing(since=datetime.date(2024, 10, 9))

    page = client.get("/statistics/").text.split('id="over-time"')[1]

    assert re.findall(r'datetime="([\d-]+)">[^<]+</time></th><td>(\d+)</td>', page) == [
        ("2024-09-25", "1"),
        ("2024-10-09", "2"),
    ]


def test_the_counts_of_implementation_link_to_their_pledges(client):
    governance = a_commitment("governance", title_en="Govern AI")
    a_commitment("labelling", kind="additional", title_en="Label")
    a_pledge(
        a_signing().company,
        commitment=governance,
        implementation="full",
        implementation_basis="self_reported",
    )

    response = client.get("/statistics/")

    assertContains(response, '<a href="/commitments/governance/#full">1</a>')
    assertContains(client.get("/commitments/governance/"), 'id="full"')
    table = response.text.split('id="implementation"')[1].split("<table")[1]
    assert "not public" in table.split(">Label</a>")[1]
    assert "not public" not in table.split(">Label</a>")[0]


def test_statistics_of_a_pact_without_signatories_work(client):
    published_shares()
    a_company()

    response = client.get("/statistics/")

    assertContains(response, "Known for 0 of 0 known signatories")
    assertContains(response, "0% <span")


# Version; the pact; how all companies stand (7); periods that
# ended; names of sectors, commitments, the pacts that were read, published sources, the
# pacts to choose from, quotes, their checks, the newest list (2).
STATISTICS_QUERIES = 20
# Version; the pact; how all companies stand (7); periods that
# ended, commitments, the pacts that were read, milestones.
PACT_QUERIES = 13
# Version; pacts; how all companies stand (7).
PACTS_QUERIES = 9


@pytest.mark.parametrize("number", [2, 5])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/pacts/", PACTS_QUERIES),
        ("/pacts/eu-ai-pact/", PACT_QUERIES),
        ("/statistics/", STATISTICS_QUERIES),
    ],
)
def test_the_pages_take_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, path, queries, number
):
    governance = a_commitment("governance")
    for i in range(number):
        signing = a_signing(a_company(f"Company of test {i}", sector=a_sector(f"sector-{i}")))
        a_pledge(signing.company, commitment=governance)
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


def test_the_issuer_of_a_pact_has_its_french_name_where_there_is_one(client):
    a_pact(issuer_fr="Commission européenne")
    a_pact("seoul", issuer="AI Safety Institute")

    page = client.get("/fr/pacts/")

    assertContains(page, "Commission européenne")
    assertNotContains(page, "European Commission")
    assertContains(page, "AI Safety Institute")
    assertContains(client.get("/pacts/"), "European Commission")
