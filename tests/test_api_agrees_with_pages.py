"""The same query means the same to pages and API."""

import csv
import datetime
import json
import random
import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from companies.countries import country_name
from companies.models import CompanyName, Signing
from companies.names.letters import alphabetical
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
    "sort": [
        *("name", "-name", "since", "-since", "country", "-country", "-changed", "known"),
        *("country,-since", "known,name", "-since,country,-name", "-country,known"),
    ],
    "as_of": ["2024-12-31", "2025-03-01", "2025-08-15"],
    "page_size": ["1", "7", "100"],
    "company": ["company-1", "company-2", "company-30"],
    "company__not": ["company-1", "company-2", "company-30"],
    "since__gte": ["2024-10-09", "2025-03-01", "2025-06-30"],
    "since__lte": ["2024-10-09", "2025-03-01", "2025-06-30"],
    "changed_since": ["2000-01-01"],
}
PROPERTIES = ("status", "country", "region", "sector", "size", "role")
NOT = {f"{name}__not": VALID[name] for name in (*PROPERTIES, "report", "implementation_evidence")}
VALID |= NOT
REPEATABLE = (
    *PROPERTIES,
    *("commitment", "implementation", "implementation_evidence", "report"),
    *("company", "company__not", *NOT),
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
    ("sort", "name,price"),
    ("country__not", "fr"),
    ("company__not", "nobody"),
    ("since__gte", "2024-13-01"),
    ("since__lte", "soon"),
    ("as_of", "2999-01-01"),
    ("recorded_as_of", "2024-02-30"),
    ("changed_since", "yesterday"),
    ("q__not", "orange"),
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
def test_a_query_finds_the_same_companies_on_the_page_in_the_api_and_in_downloads(client, seed):
    queries = [urlencode(pairs) for pairs in valid_queries(seed, 40)]
    rendered, counts = each(20, queries), set()
    for query in queries:
        answer = client.get(f"/api/v1/companies/?{query}")
        assert answer.status_code == 200
        found, page = answer.json(), CompanyFilter(QueryDict(query)).page_of_rows()
        assert page.paginator.count == found["count"], query
        assert [row.slug for row in page] == [row["slug"] for row in found["results"]], query
        if query in rendered:
            assert on_the_page(client, query) == (200, found["count"]), query
            assert in_files(client, query, first=page.paginator.per_page) == {
                (found["count"], *(row["slug"] for row in found["results"]))
            }, query
        counts.add(found["count"])
    assert len(counts) > 5, "the queries hardly differ"


def in_files(client, query, *, first):
    """For each kind of file: how many companies it has, and the first public ids."""
    whole = re.sub(r"(^|&)page_size=\d+", "", query)
    lines = joined(client.get(f"/companies/download.csv?{whole}")).decode("utf-8-sig")
    as_json = json.loads(joined(client.get(f"/companies/download.json?{whole}")))["results"]
    in_csv = [row["slug"] for row in csv.DictReader(lines.splitlines())]
    in_json = [row["slug"] for row in as_json]
    return {(len(slugs), *slugs[:first]) for slugs in (in_csv, in_json)}


def joined(response):
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("pact", VALID["pact"])
def test_filters_find_the_same_companies_as_a_plain_loop_over_all_rows(client, pact):
    """Each parameter again in Python, over the rows of all companies."""
    every = client.get(f"/api/v1/companies/?page_size=100&pact={pact}").json()["results"]
    names = [*PROPERTIES, *(name for name in NOT if name.removesuffix("__not") in PROPERTIES)]
    names += ["since__gte", "since__lte", "company", "company__not"]
    chance = random.Random(pact)
    for _each in range(150 if ALL else 50):
        query = {name: chance.sample(VALID[name], 1) for name in chance.sample(names, 3)}
        found = CompanyFilter(QueryDict(urlencode({**query, "pact": pact}, doseq=True)))
        slugs = [one.slug for one in found.page_of_rows()]
        assert slugs == [row["slug"] for row in every if fits(row, query)][:50], query


def fits(row, query):
    return all(fits_one(row, name, values) for name, values in query.items())


def fits_one(row, name, values):
    kind, _sign, rest = name.partition("__")
    value = row["slug" if kind == "company" else kind]
    if kind == "since":
        (day,) = values
        return value is not None and (value >= day if rest == "gte" else value <= day)
    code = value["code"] if kind == "sector" and value else value or "unknown"
    return (code in values) != (rest == "not")


def test_companies_sort_by_one_key_after_another(client):
    every = client.get("/api/v1/companies/?page_size=100").json()["results"]
    chance = random.Random(7)
    for _each in range(30):
        sorts = chance.sample(["known", "-known", "since", "-since", "country", "-country"], 2)
        sorts += chance.choice([[], ["name"], ["-name"]])
        expected = every
        for sort in reversed(sorts):
            expected = sorted_by(expected, sort)
        found = CompanyFilter(QueryDict(f"sort={','.join(sorts)}")).page_of_rows()
        assert [one.slug for one in found] == [row["slug"] for row in expected], sorts


def sorted_by(rows, sort):
    """The rows by one key; those of which nothing is known stand last either way."""
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    if name == "name":
        return rows[::-1] if falling else rows
    if name == "known":
        return sorted(rows, key=lambda row: (row["status"] == "unknown") != falling)
    known = [row for row in rows if row[name]]
    label = {"country": lambda code: alphabetical(country_name(code, "en"))}.get(name, str)
    known.sort(key=lambda row: label(row[name]), reverse=falling)
    return known + [row for row in rows if not row[name]]


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


def test_the_pages_of_an_api_list_contain_every_company_once(client):
    slugs = []
    url = "/api/v1/companies/?sort=-since&page_size=7"
    while url:
        answer = client.get(url).json()
        slugs += [row["slug"] for row in answer["results"]]
        url = answer["next"]

    assert len(slugs) == len(set(slugs)) == 40
