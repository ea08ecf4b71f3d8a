"""What catalogues, browsers and researchers read: DCAT-AP, OpenSearch, coverage."""

import datetime
import json
from pathlib import Path
from xml.etree import ElementTree

import pyshacl
import pytest
import rdflib
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, SH

from companies import queries
from companies.models import Company, QuoteCheck
from companies.register.history import save
from tests.builders import a_citation, a_company, a_pact, a_signing
from tests.sharing import shared

pytestmark = pytest.mark.django_db
SHAPES = Path(__file__).parent / "dcat_ap"


def rows() -> None:
    company = a_company("Acme", country="FR")
    a_citation(signing=a_signing(company), quote="Acme")
    a_company("Bolt")


register = shared(rows)


def catalogue(client) -> rdflib.Graph:
    return rdflib.Graph().parse(data=client.get("/data/catalog.ttl").text, format="turtle")


def shapes() -> rdflib.Graph:
    """Both files, without the five shapes that neither of them holds."""
    found = rdflib.Graph()
    for path in SHAPES.glob("*.ttl"):
        found.parse(path)
    for shape in [*found.objects(None, SH.property)]:
        if (shape, SH.path, None) not in found:
            found.remove((None, SH.property, shape))
    return found


def test_the_catalogue_is_valid_dcat_ap(client, settings):
    settings.OPERATOR = 'A "quoted" \\ operator\nof two lines'
    settings.CONTACT_EMAIL = "register@example.org"

    conforms, _report, text = pyshacl.validate(catalogue(client), shacl_graph=shapes())

    assert conforms, text


@pytest.mark.long
def test_the_validator_finds_a_catalogue_without_a_title(client):
    broken = catalogue(client)
    broken.remove((None, rdflib.DCTERMS.title, None))

    assert not pyshacl.validate(broken, shacl_graph=shapes())[0]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_json_ld_says_the_same_as_turtle(client):
    content = client.get("/data/catalog.jsonld")

    found = rdflib.Graph().parse(data=content.text, format="json-ld")

    assert content["Content-Type"] == "application/ld+json"
    assert isomorphic(found, catalogue(client))


def test_every_file_of_the_catalogue_can_be_fetched_and_has_its_size(client):
    found = catalogue(client)
    distributions = [*found.subjects(rdflib.RDF.type, DCAT.Distribution)]
    urls = {str(found.value(one, DCAT.downloadURL)) for one in distributions}

    assert "http://testserver/data/pactwatch.zip" in urls
    for one in distributions:
        answer = client.get(str(found.value(one, DCAT.downloadURL)))
        size = found.value(one, DCAT.byteSize)
        assert answer.status_code == 200
        assert size is None or int(size) == len(answer.content)


def test_a_browser_can_search_the_register(client):
    home = client.get("/fr/").text
    assert 'type="application/opensearchdescription+xml" href="/opensearch.xml"' in home

    answer = client.get("/opensearch.xml")

    root = ElementTree.fromstring(answer.content)
    url = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url").attrib["template"]
    assert url == "http://testserver/companies/?q={searchTerms}"
    assert "Acme" in client.get(url.replace("{searchTerms}", "acme")).text


def coverage(client) -> dict:
    answer = client.get("/api/v1/coverage/")
    assert answer.status_code == 200
    return answer.json()


def column(content: dict, model: str, name: str) -> dict:
    return next(one for one in content["columns"] if (one["model"], one["column"]) == (model, name))


def test_coverage_counts_the_rows_that_state_a_value(client):
    found = column(coverage(client), "Company", "country")

    assert found == {
        "model": "Company", "column": "country", "known": 1, "rows": 2, "share": 0.5,
    }  # fmt: skip


def test_the_value_unknown_does_not_count_as_known(client):
    company = Company.objects.get(slug="acme")
    company.size = "unknown"
    save(company, "test")
    bolt = Company.objects.get(slug="bolt")
    bolt.size = "large"
    save(bolt, "test")

    assert column(coverage(client), "Company", "size")["known"] == 1


def test_coverage_has_the_date_when_each_source_was_last_checked(client):
    assert [one["checked_at"] for one in coverage(client)["sources"]] == [None]
    citation = Company.objects.get(slug="acme").signings.get().citations.get()
    at = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)

    QuoteCheck.objects.create(
        citation=citation, url=citation.source.url, quote="Acme", result="found",
        checked_at=at, since=at.date(), found_on=at.date(),
    )  # fmt: skip

    assert [one["checked_at"] for one in queries.checks_of_sources()] == [at]


def test_a_pact_whose_list_was_never_read_has_no_date(client):
    a_pact("other", name_en="Other", position=9)

    other = next(one for one in coverage(client)["lists"] if one["pact"] == "other")

    assert (other["list_date"], other["read_at"], other["signatories"]) == (None, None, 0)


def test_coverage_of_an_empty_register_has_no_percentages(client):
    Company.objects.all().delete()

    assert column(coverage(client), "Company", "country")["share"] is None


def test_coverage_takes_no_parameters(client):
    answer = client.get("/api/v1/coverage/?as_of=2024-01-01")

    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["parameter"] == "as_of"
