"""Pages of pledges by the API, found in the roster, beside those of the database."""

import datetime
import random
from itertools import product

import pytest
from django.http import QueryDict
from django.utils.text import slugify

from companies.models import Company, Pledge
from companies.queries import pledges
from companies.queries.pledging.pledge_filter import PledgeFilter as Pledges
from companies.register import read_table
from companies.register.history import save
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing
from tests.sampling import each, on_both
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAY = datetime.date(2025, 6, 1)
DOING = {"implementation_basis": "self_reported", "as_of": DAY}


def a_register():
    """Companies with no pledge to three, toward two pacts; some left, two have like names."""
    chance = random.Random(4)
    pacts = [a_pact(), a_pact("gpai-code", position=2)]
    commitments = [
        a_commitment("governance", pact=pacts[0], position=2),
        a_commitment("literacy", pact=pacts[0], position=1, kind="additional"),
        a_commitment("copyright", pact=pacts[1], kind="chapter"),
    ]
    names = ["Élan", "Elan", *(f"Firm {number}" for number in range(20))]
    for name in chance.sample(names, len(names)):
        company = a_company(name, slug=f"a-{slugify(name)}" if name == "Élan" else slugify(name))
        for pact in chance.sample(pacts, chance.randint(0, 2)):
            until = chance.choice([None, DAY])
            a_signing(company, pact=pact, until=until)
        for commitment in chance.sample(commitments, chance.randint(0, 3)):
            level = chance.choice(["no_evidence", "planned", "full"])
            doing = {} if level == "no_evidence" else DOING | {"implementation": level}
            a_pledge(company, commitment=commitment, **doing)
    read_table.rebuild()


rows = shared(a_register, history=True)

QUERIES = (
    *("", "pact=gpai-code", "commitment=literacy", "implementation=full", "cursor=*"),
    *("implementation=full&implementation=planned&pact=eu-ai-pact", "commitment=copyright"),
    *("as_of=2025-03-01", "as_of=2025-05-31&implementation=no_evidence", "as_of=2025-06-01"),
    *("basis=stated", "company=firm-3", "company__not=firm-3&implementation=full"),
    *("basis=implied_by_signature", "basis=stated&basis=implied_by_signature&pact=gpai-code"),
    *("basis=stated&commitment=literacy", "basis=implied_by_signature&as_of=2025-03-01"),
)


def of_pages(client, query, size):
    """All rows, page by page."""
    found, number = [], 1
    while True:
        page = client.get(f"/api/v1/pledges/?{query}&page_size={size}&page={number}").json()
        found += [(row["company"]["slug"], row["commitment"]["code"]) for row in page["results"]]
        assert page["count"] >= len(found)
        number += 1
        if number > page["pages"]:
            assert page["count"] == len(found)
            return found


@pytest.mark.parametrize(
    ("query", "size"),
    on_both(6, each(2, [*product([one for one in QUERIES if "cursor" not in one], [1, 100, 3])])),
)
def test_pages_of_any_size_give_each_pledge_once_and_in_order(client, query, size, monkeypatch):
    found = of_pages(client, query, size)

    monkeypatch.setattr(Pledges, "_by_company", None)
    assert found == of_pages(client, query, 100)


def test_a_basis_is_chosen_by_the_roster_on_the_present_day_alone():
    def found_by_roster(query):
        return Pledges(QueryDict(query), queryset=pledges())._by_company is not None

    assert found_by_roster("basis=stated")
    assert not found_by_roster("basis=stated&as_of=2025-03-01")


def test_a_pledge_that_a_source_comes_to_state_is_found_by_its_basis(client):
    pledge = Pledge.objects.filter(basis="implied_by_signature").order_by("pk").first()
    query = f"basis=stated&commitment={pledge.commitment.code}&page_size=100"
    before = client.get(f"/api/v1/pledges/?{query}").json()["count"]
    pledge.basis = "stated"

    save(pledge, "a source states it")

    assert client.get(f"/api/v1/pledges/?{query}").json()["count"] == before + 1


@pytest.mark.database
def test_pledges_are_in_the_order_of_companies_then_of_pacts_and_commitments(client):
    found = of_pages(client, "", 4)

    assert len(found) == Pledge.objects.known().count()
    names = dict(Company.objects.values_list("slug", "name_folded"))
    order = [(names[slug], slug) for slug, _code in found]
    assert [one for one, _slug in order] == sorted(one for one, _slug in order)
    place = {"literacy": 0, "governance": 1, "copyright": 2}
    for slug in names:
        own = [place[code] for company, code in found if company == slug]
        assert own == sorted(own)


@pytest.mark.database
def test_a_cursor_counts_the_same_pledges(client):
    for query in QUERIES[1:4]:
        number = client.get(f"/api/v1/pledges/?{query}").json()["count"]
        assert client.get(f"/api/v1/pledges/?{query}&cursor=*").json()["count"] == number


def test_a_page_after_the_last_is_a_404(client):
    assert client.get("/api/v1/pledges/?page=2").status_code == 404
    Pledge.objects.all()._raw_delete("default")
    read_table.rebuild()

    assert client.get("/api/v1/pledges/").json()["results"] == []
