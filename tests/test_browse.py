"""The list of companies, as its readers use it."""

import datetime
import json
import re

import pytest

from companies.models import Company, Pledge, Signing
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def rows(page):
    return re.findall(r'class="name" href="/(?:fr/)?companies/([\w-]+)/"', page)


def browse(client, query="", language=""):
    answer = client.get(f"{language}/companies/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def answer(client, query=""):
    return client.get(f"/companies/?{query}")


def text(response):
    """What a reader reads: no tags, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def names(response):
    return [company.name for company in response.context["page"]]


def facet(response, name):
    (found,) = [facet for facet in response.context["facets"] if facet.name == name]
    return {choice.value: choice.count for choice in found.choices}


def test_the_list_shows_status_date_and_number_of_sources(client):
    signing = a_signing(a_company("Airbus", country="FR"), since=datetime.date(2024, 9, 25))
    a_citation(signing=signing)

    page = browse(client)

    assert rows(page) == ["airbus"]
    assert "status-signed" in page
    assert "25\u00a0September\u00a02024" in page
    assert "1 source" in page
    assert "France" in page


def test_french_readers_get_french_words_and_dates(client):
    a_signing(a_company("Mistral AI", country="FR"), status="not_signed")

    page = browse(client, language="/fr")

    assert '<html lang="fr">' in page
    assert "9\u00a0octobre\u00a02024" in page
    assert "Ne figure pas sur la liste" in page
    assert "refus" in page.lower()  # and says that it is none


def test_a_status_filter_keeps_only_its_companies_and_offers_a_way_back(client):
    a_signing(a_company("Airbus"))
    a_signing(a_company("Meta"), status="declined")

    page = browse(client, "status=declined")

    assert rows(page) == ["meta"]
    assert 'data-count="1"' in page
    assert re.search(r'value="declined"\s+checked', page)
    assert 'class="chip" href="?"' in page


def test_a_search_without_results_says_so_and_links_to_the_correction_form(client):
    a_signing(a_company("Airbus"))

    page = answer(client, "q=M%26S+%E2%80%9Cx%E2%80%9D")

    said = text(page)
    assert "No company named “M&amp;S “x”” on the register" in said
    assert "may still have signed: we know 1 of more than 230 signatories." in said
    address = "/corrections/new/?kind=new_company&amp;company=M%26S%20%E2%80%9Cx%E2%80%9D"
    assert f'href="{address}"' in page.text
    form = client.get(address.replace("&amp;", "&"))
    assert 'value="M&amp;S “x”"' in form.text
    assert 'href="/companies/"' in page.text


def test_a_company_hidden_by_filters_is_not_said_to_be_missing_from_the_register(client):
    a_signing(a_company("Airbus"))

    said = text(answer(client, "q=airbus&status=declined"))

    assert "No companies match these filters" in said
    assert "on the register" not in said.split("Sort")[0]
    assert "1 company outside the other filters has “airbus” in a name." in said


def test_companies_without_a_status_come_last_by_default(client):
    for name, status in (("Alpha", None), ("Beta", "unknown"), ("Gamma", "signed")):
        company = a_company(name)
        if status:
            a_signing(company, status)
    a_signing(a_company("Delta"), "not_signed")

    response = answer(client)

    assert names(response) == ["Delta", "Gamma", "Alpha", "Beta"]
    in_force = [order.label for order in response.context["orders"] if order.in_force]
    assert in_force == ["known status"]
    assert names(answer(client, "sort=known")) == ["Delta", "Gamma", "Alpha", "Beta"]
    assert names(answer(client, "sort=-known")) == ["Alpha", "Beta", "Delta", "Gamma"]
    assert names(answer(client, "sort=name")) == ["Alpha", "Beta", "Delta", "Gamma"]


def test_downloads_are_in_the_order_of_the_page_and_the_api_has_its_own(client):
    a_company("Alpha")
    a_signing(a_company("Beta"))

    page = browse(client)

    assert 'href="/companies/download.csv?sort=known"' in page
    assert 'href="/api/v1/companies/?sort=known"' in page
    for address in ("/api/v1/companies/", "/companies/download.json"):
        known = json.loads(client.get(f"{address}?sort=known").getvalue())["results"]
        assert [row["name"] for row in known] == ["Beta", "Alpha"]
        rows = json.loads(client.get(address).getvalue())["results"]
        assert [row["name"] for row in rows] == ["Alpha", "Beta"]


@pytest.mark.parametrize(
    ("statuses", "heading"),
    [
        (["signed"], "Since"),
        (["not_signed"], "Date of the list"),
        (["signed", "not_signed"], "Date"),
        ([], "Since"),
    ],
)
def test_the_date_column_has_a_heading_that_says_what_its_dates_mean(client, statuses, heading):
    a_company("Silent")
    for status in statuses:
        a_signing(a_company(), status)

    page = browse(client)

    assert re.findall(r'<th scope="col">([^<]*)', page)[2] == heading


@pytest.mark.parametrize("view", ["table", "cards"])
def test_companies_are_ticked_to_be_compared_by_a_form_without_scripts(client, view):
    code = a_pact("gpai-code")
    for name in ("Airbus", "Orange"):
        a_signing(a_company(name), pact=code)

    page = browse(client, f"view={view}&pact=gpai-code&as_of=2025-01-01")

    ticks = re.findall(r'type="checkbox" name="(\w+)" value="([a-z]+)" form="filters"', page)
    assert ticks == [("compare", "airbus"), ("compare", "orange")]
    assert 'form="filters" name="to" value="compare"' in page
    query = "pact=gpai-code&as_of=2025-01-01&view=cards&compare=airbus&compare=orange&to=compare"
    compared = client.get(f"/companies/?{query}", follow=True)
    assert compared.redirect_chain[0][0].startswith("/compare/?")
    assert [one.company.name for one in compared.context["columns"]] == ["Airbus", "Orange"]
    assert compared.context["pact"] == code
    assert compared.wsgi_request.GET["as_of"] == "2025-01-01"


def test_ticked_companies_are_kept_in_links_to_pages_and_orders_but_not_in_downloads(client):
    for number in range(3):
        a_signing(a_company(f"Company {number}"))
    Company.objects.get(slug="company-0").redirects.create(old_slug="company-zero")

    page = browse(client, "compare=company-zero&compare=company-2&page=2&page_size=1")

    ticked = re.findall(r'value="([\w-]+)" form="filters" checked', page)
    assert ticked == ["company-0", "company-2"]  # of other pages
    links = re.findall(r'href="(\?[^"]*)"', page)
    assert links
    assert all("compare=company-2" in link for link in links)
    files = re.findall(r'href="(/companies/download[^"]*)"', page)
    assert len(files) == 3
    assert not any("compare" in link for link in files)
    shown = browse(client, "compare=company-2")
    assert re.findall(r'value="([\w-]+)" form="filters" checked', shown) == ["company-2"]


def test_too_many_ticked_companies_are_refused_instead_of_dropped(client):
    too_many = client.get("/companies/", {"compare": [f"company-{n}" for n in range(101)]})

    assert too_many.status_code == 400
    assert "At most 100 companies can be ticked." in too_many.text


def test_a_ticked_company_that_does_not_exist_is_refused(client):
    a_signing(a_company("Acme"))
    for query in ("compare=acme&compare=nobody", "compare=nobody&to=compare", "to=elsewhere"):
        assert client.get(f"/companies/?{query}").status_code == 400, query
    assert client.get("/api/v1/companies/?compare=acme").status_code == 400


def test_links_to_other_pages_keep_the_filters(client):
    for number in range(3):
        a_signing(a_company(f"Company {number}"))

    page = browse(client, "status=signed&page_size=2")

    assert 'rel="next" href="?status=signed&amp;page_size=2&amp;page=2"' in page


def test_an_unknown_parameter_is_refused_with_the_valid_ones(client):
    answer = client.get("/companies/?colour=red&status=signed")

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "colour" in page
    assert "sector" in page
    assert "/companies/?status=signed" in page


def test_a_page_past_the_last_is_not_found(client):
    assert client.get("/companies/?page=2").status_code == 404


def test_markup_in_a_name_is_escaped(client):
    a_company('<script>alert(1)</script>"', slug="hostile")

    page = browse(client)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in page


def test_the_number_of_signatories_has_its_denominator_and_date(client):
    a_signing()

    assert (
        "We know 1 of the more than 230 signatories the Commission counts (15 December 2025)."
        in text(answer(client))
    )


def test_another_pact_has_its_own_heading_total_and_statuses(client):
    code = a_pact("gpai-code", name_en="Code of Practice", listed_total=22)
    company = a_company("Meta")
    a_signing(company, status="declined", pact=code)
    a_signing(company, status="signed")

    page = text(answer(client, "pact=gpai-code"))

    assert "Code of Practice: who has signed" in page
    assert "We list 0 signatories; the issuer announced 22 (15 December 2025)." in page
    assert "Meta Publicly declined" in page


def test_a_company_without_a_period_is_shown_as_not_known(client):
    a_company("Silent")

    page = text(answer(client))

    assert "Silent No information" in page
    assert "no source" in page


def test_the_search_and_filters_narrow_the_list(client):
    a_signing(a_company("Airbus", country="FR"))
    a_signing(a_company("Orange", country="FR"), status="not_signed")
    a_signing(a_company("SAP", country="DE"))

    assert names(answer(client, "q=air")) == ["Airbus"]
    assert names(answer(client, "status=signed&country=FR")) == ["Airbus"]
    assert names(answer(client, "region=eu&sort=-name")) == ["SAP", "Orange", "Airbus"]


def test_each_value_of_a_facet_has_its_count(client):
    a_signing(a_company(country="FR"))
    a_signing(a_company(country="FR"), status="not_signed")
    a_signing(a_company(country="DE"))

    response = answer(client, "country=FR")

    assert facet(response, "status") == {"signed": 1, "not_signed": 1}
    assert facet(response, "country") == {"FR": 2, "DE": 1}


def test_a_chosen_value_without_companies_can_still_be_removed(client):
    a_signing(a_company(country="FR"))

    response = answer(client, "country=MT")

    assert facet(response, "country") == {"FR": 1, "MT": 0}
    assert re.search(r'name="country" value="MT" checked', response.content.decode())


def test_facets_of_many_values_sort_by_count_and_others_keep_their_order(client):
    for country, size in (("FR", "micro"), ("DE", "unknown"), ("DE", "unknown"), ("AT", "large")):
        a_signing(a_company(country=country, size=size), status="not_signed")
    a_signing(a_company(country="AT", size="unknown"))

    response = answer(client)

    assert list(facet(response, "status").items()) == [("signed", 1), ("not_signed", 4)]
    assert list(facet(response, "size").items()) == [("micro", 1), ("large", 1), ("unknown", 3)]
    assert list(facet(response, "country").items()) == [("AT", 2), ("DE", 2), ("FR", 1)]


def test_each_filter_can_be_removed_alone(client):
    a_company("Airbus")

    response = answer(client, "q=bus&status=signed&status=declined&sort=-since&page=1")

    chips = {chip.label: chip.without for chip in response.context["chips"]}
    assert chips == {
        "“bus”": "?status=signed&status=declined&sort=-since",
        "Signed": "?q=bus&status=declined&sort=-since",
        "Publicly declined": "?q=bus&status=signed&sort=-since",
    }
    assert "Remove all filters" in text(response)


def test_a_form_keeps_the_pact_and_the_order(client):
    a_signing(pact=a_pact("gpai-code"))

    page = answer(client, "pact=gpai-code&sort=-since").content.decode()

    assert '<input type="hidden" name="pact" value="gpai-code">' in page
    assert '<input type="hidden" name="sort" value="-since">' in page


def test_a_search_without_letters_finds_nothing_and_says_so(client):
    a_company("Airbus")

    response = answer(client, "q=%25%26")

    assert names(response) == []
    assert response.context["chips"] == []
    assert "“%&amp;” contains no letter or digit to search for." in text(response)
    assert "in a name" not in text(response)


def test_contradictory_filters_find_nothing_and_each_can_be_removed(client):
    a_signing(a_company("Airbus", country="FR"))

    response = answer(client, "region=us&country=FR&status=signed&implementation_evidence=all_core")

    assert names(response) == []
    assert "No companies match these filters" in text(response)
    assert "Show all companies" in text(response)
    assert "Sort:" not in text(response)
    assert [chip.label for chip in response.context["chips"]] == [
        "Signed", "Evidence of implementation: all core commitments",
        "United States", "France",
    ]  # fmt: skip


def test_a_parameter_without_a_form_field_is_a_chip_and_is_kept(client):
    a_company("Airbus")

    response = answer(client, "changed_since=2026-01-01&page_size=5&status=unknown")

    chips = {chip.label: chip.without for chip in response.context["chips"]}
    assert chips == {
        "Status: No information": "?changed_since=2026-01-01&page_size=5",
        "Changed since 1\u00a0January\u00a02026": "?page_size=5&status=unknown",
    }
    page = response.content.decode()
    assert '<input type="hidden" name="changed_since" value="2026-01-01">' in page
    assert '<input type="hidden" name="page_size" value="5">' in page


def test_core_pledges_are_bars_with_a_text_alternative(client):
    company = a_company("Airbus")
    a_signing(company)
    a_pledge(company, commitment=a_commitment("governance", position=1))
    a_pledge(
        company,
        commitment=a_commitment("literacy", position=2),
        implementation=Pledge.Implementation.PARTIAL,
        implementation_basis=Pledge.ImplementationBasis.SELF_REPORTED,
    )

    response = answer(client)

    assert "Governance: no evidence found. Literacy: partially implemented." in text(response)
    assert "Core pledges, from left to right: Governance · Literacy." in text(response)
    assert re.findall(r'class="bar bar-(\w+)"></span><', response.content.decode())[:1] == [
        "no_evidence"
    ]


def test_a_company_that_did_not_sign_has_no_bars(client):
    company = a_company("Meta")
    a_signing(company, status=Signing.Status.DECLINED)
    a_pledge(company)

    assert 'class="bars"' not in answer(client).content.decode()


@pytest.mark.parametrize("companies", [2, 5])
def test_the_page_takes_the_same_queries_for_2_and_5_companies(
    client, companies, django_assert_num_queries
):
    commitment = a_commitment()
    for _number in range(companies):
        company = a_company()
        a_signing(company)
        a_pledge(company, commitment=commitment)

    # The register's version; the pact and its commitments; how all companies stand (8); rows and
    # core pledges; the sectors' labels; the pacts and all commitments; the full lists.
    with django_assert_num_queries(17):
        browse(client)
    # The register's version; rows and core pledges.
    with django_assert_num_queries(3):
        browse(client, "status=signed")


def test_exclusions_and_date_ranges_are_filters_that_can_be_removed(client):
    a_signing(a_company("Acme", country="FR"))
    a_company("Bolt", country="US")

    page = client.get("/companies/?country__not=US&since__gte=2024-10-01&company__not=bolt")

    said = re.findall(r'class="chip" href="([^"]*)">.*?</span> (.*?) <span', page.content.decode())
    assert [label for _url, label in said] == [
        "Excluding: United States",
        "Status since, from: 1\u00a0October\u00a02024",
        "Excluding: bolt",
    ]
    assert "country__not" not in said[0][0]
    assert 'name="country__not" value="US"' in page.content.decode()
