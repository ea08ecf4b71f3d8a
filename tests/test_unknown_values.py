"""A value that the register does not know is refused: an empty answer would read as "none"."""

import pytest
from django.http import QueryDict
from django.urls import get_resolver

from companies.api import change_views, views
from companies.models import CompanyRedirect
from companies.queries import BadQuery
from companies.queries.parameters import StrictFilter
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db

# Free words, which the page or list looks up; compare says itself which ids it does not know.
WORDS = {"q", "add", "receipt", "VerifyQuery.company", "CorrectionQuery.company"}
WORDS |= {"CompareQuery.company", "queries", "extend", "prefix", "PreviewQuery.id"}
API = {
    "companies": views.CompanyList,
    "pacts": views.PactList,
    "commitments": views.CommitmentList,
    "signings": views.SigningList,
    "pledges": views.PledgeList,
    "sources": views.SourceList,
    "milestones": views.MilestoneList,
    "statistics": views.StatisticsView,
    "changes": change_views.ChangeList,
}
PAGES = {
    "/companies/": ("pact", "status", "country", "region", "sector", "commitment", "evidence"),
    "/companies/download.csv": ("pact", "status", "country", "sector", "commitment", "report"),
    "/companies/download.xlsx": ("pact", "sector", "commitment"),
    "/companies/download.json": ("pact", "sector", "commitment"),
    "/companies/acme/": ("pact",),
    "/companies/acme/history/": ("pact", "kind"),
    "/companies/acme/feed.atom": ("pact", "kind"),
    "/companies/acme/badge.svg": ("pact",),
    "/verify/": ("pact",),
    "/absent/": ("pact", "state"),
    "/compare/": ("pact", "company", "show"),
    "/matrix/": ("country", "region", "sector", "size", "role", "show"),
    "/matrix/download.csv": ("country", "sector", "show"),
    "/changes/": ("company", "pact", "kind", "country"),
    "/changes/feed.atom": ("company", "pact", "kind", "country"),
    "/companies/feed.atom": ("pact", "status", "country", "sector", "report"),
    "/absent/feed.atom": ("pact", "state"),
    "/left/feed.atom": ("pact",),
    "/reports/feed.json": ("pact", "state"),
    "/commitments/feed.json": ("pact", "kind", "audience"),
    "/commitments/governance/feed.json": ("pact",),
    "/matrix/feed.json": ("country", "sector", "show"),
    "/changes/happened/feed.atom": ("pact", "event"),
    "/changes/feed.json": ("company", "pact", "kind", "country"),
    "/reports/": ("pact", "state"),
    "/reports/report-clock.csv": ("pact", "state"),
    "/statistics/": ("pact",),
    "/statistics/europe.csv": ("pact",),
    "/corrections/new/": ("kind",),
}


def all_queries(base=StrictFilter):
    for query in base.__subclasses__():
        yield query
        yield from all_queries(query)


def parameters():
    get_resolver().url_patterns  # noqa: B018  # imports the views, and with them every query
    # Abstract ones have no model.
    for query in {one for one in all_queries() if one._meta.model}:
        for name in query.base_filters:
            if not {name, f"{query.__name__}.{name}"} & WORDS:
                yield query, name


@pytest.fixture(autouse=True)
def acme(db):
    a_signing(company := a_company("Acme"))
    a_pledge(company)
    a_commitment("other", pact=a_pact("gpai-code"))
    return company


@pytest.mark.database
def test_every_parameter_of_every_query_refuses_a_value_it_does_not_know():
    for query, name in parameters():
        with pytest.raises(BadQuery) as refused:
            query(QueryDict(f"{name}=nosuchvalue")).refuse_faults()
        [fault] = refused.value.faults
        assert fault.parameter == name
        assert fault.reason


@pytest.mark.parametrize("path", API)
def test_every_api_list_refuses_an_unknown_value(client, path):
    for name in API[path].filterset_class.base_filters:
        if name not in WORDS:
            response = client.get(f"/api/v1/{path}/", {name: "nosuchvalue"})
            assert response.status_code == 400, name
            assert [one["parameter"] for one in response.json()["errors"]] == [name]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_download_and_feed_refuses_an_unknown_value(client, page):
    for name in PAGES[page]:
        response = client.get(f"/fr{page}", {name: "nosuchvalue"})
        assert response.status_code == 400, name
        assert name in response.content.decode() or "nosuchvalue" in response.content.decode()


def test_a_commitment_of_another_pact_is_refused(client):
    for path in ("companies", "pledges"):
        response = client.get(f"/api/v1/{path}/?pact=eu-ai-pact&commitment=other")
        assert response.status_code == 400, path
        assert response.json()["errors"][0]["valid"] == ["governance"]


@pytest.mark.parametrize("path", ["signings", "pledges"])
def test_a_former_public_id_means_the_company_it_belongs_to_now(client, acme, path):
    CompanyRedirect.objects.create(company=acme, old_slug="acme-electronics")
    a_signing(a_company("Other"))

    old, new = (
        client.get(f"/api/v1/{path}/?company={slug}").json()
        for slug in ("acme-electronics", "acme")
    )

    assert old["results"] == new["results"]
    assert {row["company"]["slug"] for row in old["results"]} == {"acme"}


@pytest.mark.parametrize("path", ["signings", "pledges"])
def test_a_company_that_was_deleted_is_refused_where_it_has_no_rows(client, acme, path):
    acme.pledges.all().delete()
    acme.delete()

    assert client.get(f"/api/v1/{path}/?company=acme").status_code == 400


def test_a_company_without_rows_has_an_empty_list(client):
    a_company("Empty")

    assert client.get("/api/v1/signings/?company=empty").json()["count"] == 0
