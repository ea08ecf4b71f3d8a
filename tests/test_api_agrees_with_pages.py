"""The same query means the same to pages and API."""

import datetime
import random
import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from companies.models import CompanyName, Signing
from companies.queries import BadQuery, CompanyFilter
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_sector, a_signing
from tests.sampling import ALL, each, seeds
from tests.sharing import shared

pytestmark = pytest.mark.django_db
WORDS = ("Orange", "Télécom", "Bank", "Soft", "ÉNERGIE", "41", "data")
VALID = {
    "q": ["orange", "telecom", "BANK 4", "énergie", "soft data", "nobody", "%", "_"],
    "pact": ["eu-ai-pact", "gpai-code"],
    "status": ["signed", "withdrawn", "not_signed", "unknown", "removed"],
    "country": ["FR", "DE", "US", "JP", "unknown"],
    "region": ["eu", "us", "other", "unknown"],
    "sector": ["software", "energy", "unknown"],
    "size": ["micro", "sme", "large", "unknown"],
    "role": ["provider", "deployer", "both", "unknown"],
    "commitment": ["governance", "ai-literacy"],
    "implementation": ["no_evidence", "partial", "full"],
    "implementation_evidence": ["none_found", "some_core", "all_core"],
    "report": ["none_found", "not_yet_invited", "published"],
    "sort": ["name", "-name", "since", "-since", "country", "-country", "-changed", "known"],
    "page_size": ["1", "7", "100"],
}
REPEATABLE = (
    *("status", "country", "region", "sector", "size", "role"),
    *("commitment", "implementation", "implementation_evidence", "report"),
)
INVALID = [
    ("status", "refused"),
    ("country", "fr"),
    ("region", "asia"),
    ("sector", "none"),
    ("size", "0"),
    ("sort", "price"),
    ("commitment", "none"),
    ("implementation", "done"),
    ("implementation_evidence", "2"),
    ("report", "late"),
    ("page", "0"),
    ("page", "x"),
    ("page_size", "101"),
    ("pact", "none"),
    ("colour", "red"),
    ("Status", "signed"),
    ("q", "x" * 201),
]


def forty_companies():
    """Forty companies of every kind, made from a seed."""
    chance = random.Random(1)
    pacts = [a_pact(), a_pact("gpai-code")]
    commitments = [a_commitment(code, pact=pact) for pact in pacts for code in VALID["commitment"]]
    sectors = [a_sector("software"), a_sector("energy"), None]
    for i in range(40):
        company = a_company(
            f"{chance.choice(WORDS)} {chance.choice(WORDS)} {i}",
            slug=f"company-{i}",
            country=chance.choice(["FR", "DE", "US", "JP", ""]),
            sector=chance.choice(sectors),
            size=chance.choice(VALID["size"]),
            role=chance.choice(VALID["role"]),
        )
        CompanyName.objects.create(
            company=company, name=f"{chance.choice(WORDS)} {i}", kind="alias"
        )
        for commitment in commitments:
            level = chance.choice(VALID["implementation"])
            basis = "" if level == "no_evidence" else "self_reported"
            a_pledge(
                company,
                commitment=commitment,
                implementation=level,
                implementation_basis=basis,
            )
        for pact in pacts:
            if chance.random() < 0.7:
                until = datetime.date(2025, chance.randint(1, 12), 1)
                a_signing(company, pact=pact, until=until)
                if chance.random() < 0.8:
                    status = chance.choice(Signing.Status.values)
                    a_signing(company, status, pact=pact, since=until)


register = shared(forty_companies)


def valid_queries(seed, number):
    chance = random.Random(seed)
    for _each in range(number):
        names = chance.sample(sorted(VALID), chance.randint(0, 4))
        query = []
        for name in names:
            times = chance.choice([1, 1, 2]) if name in REPEATABLE else 1
            query += [(name, value) for value in chance.sample(VALID[name], times)]
        yield query


def on_the_page(client, query):
    """The status and the number that the page states."""
    response = client.get(f"/companies/?{query}")
    found = re.search(r'data-count="(\d+)"', response.content.decode())
    return response.status_code, int(found[1]) if found else None


@pytest.mark.parametrize("seed", seeds(1))
def test_a_query_finds_the_same_number_on_the_page_and_in_the_api(client, seed):
    queries = [urlencode(pairs) for pairs in valid_queries(seed, 30)]
    rendered, counts = each(5, queries), set()
    for query in queries:
        answer = client.get(f"/api/v1/companies/?{query}")
        assert answer.status_code == 200
        found, page = answer.json(), CompanyFilter(QueryDict(query)).page_of_rows()
        assert page.paginator.count == found["count"], query
        assert [row.slug for row in page] == [row["slug"] for row in found["results"]], query
        if query in rendered:
            assert on_the_page(client, query) == (200, found["count"]), query
        counts.add(found["count"])
    assert len(counts) > 5, "the queries hardly differ"


@pytest.mark.parametrize("seed", seeds(1))
def test_page_and_api_refuse_the_same_queries(client, seed):
    chance = random.Random(seed)
    for pairs in valid_queries(seed, 20 if ALL else 10):
        name, value = chance.choice(INVALID)
        query = urlencode([*(pair for pair in pairs if pair[0] != name), (name, value)])
        answer = client.get(f"/api/v1/companies/?{query}")
        with pytest.raises(BadQuery) as error:
            CompanyFilter(QueryDict(query)).page_of_rows()
        assert answer.status_code == 400, query
        assert [f.parameter for f in error.value.faults] == [
            fault["parameter"] for fault in answer.json()["errors"]
        ]
        assert on_the_page(client, query)[0] == 400, query


def test_the_pages_of_the_api_have_every_company_once(client):
    slugs = []
    url = "/api/v1/companies/?sort=-since&page_size=7"
    while url:
        answer = client.get(url).json()
        slugs += [row["slug"] for row in answer["results"]]
        url = answer["next"]

    assert len(slugs) == len(set(slugs)) == 40
