"""Names of companies that a field suggests as one types."""

import json
import re

import pytest

from companies.models import CompanyName
from companies.queries import suggested_names
from tests.builders import a_company, a_pact, a_signing

pytestmark = pytest.mark.django_db


def an_alias(company, name, kind="alias"):
    return CompanyName.objects.create(company=company, name=name, kind=kind)


def suggested(client, text):
    response = client.get("/names.json", {"q": text})
    assert response.status_code == 200
    return response.json()["names"]


def test_names_that_begin_with_the_text_come_before_those_with_a_word_that_does(client):
    for name in ("Deutsche Telekom", "Telefónica", "Intel", "TIM"):
        a_company(name)

    assert suggested(client, "tel") == ["Telefónica", "Deutsche Telekom"]


@pytest.mark.parametrize("text", ["telefo", "TELEFÓ", "  Telefó ", "telefónica"])
def test_accents_capitals_and_spaces_make_no_difference(text):
    a_company("Telefónica")

    assert suggested_names(text) == ["Telefónica"]


def test_a_company_is_suggested_once_by_its_main_name_or_else_by_the_one_that_fits():
    meta = a_company("Meta")
    an_alias(meta, "Meta Platforms")
    an_alias(meta, "Facebook", "former")

    assert suggested_names("meta") == ["Meta"]
    assert suggested_names("face") == ["Facebook"]


@pytest.mark.parametrize("text", ["", " ", "%", "_", "…", "a" * 200])
def test_nothing_is_suggested_for_an_unknown_text(client, text):
    a_company("100%")

    assert suggested(client, text) == []


def test_sql_wildcards_are_matched_literally():
    a_company("Airbus")

    assert suggested_names("a_rbus") == []


def test_at_most_eight_names_are_suggested():
    for number in range(20):
        company = a_company(f"Acme {number:02}")
        an_alias(company, f"Acme again {number}")

    names = suggested_names("acme")

    assert names == [f"Acme {number:02}" for number in range(8)]


def test_suggestions_may_be_cached_for_five_minutes(client):
    a_company("Acme")

    response = client.get("/names.json?q=ac")

    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert json.loads(response.content) == {"q": "ac", "names": ["Acme"]}
    a_company("Acta")
    assert suggested(client, "ac") == ["Acme", "Acta"]


def test_unknown_parameters_and_overlong_texts_are_refused(client):
    assert client.get("/names.json?colour=red").status_code == 400
    assert client.get("/names.json", {"q": "a" * 201}).status_code == 400


def test_suggestions_take_one_query_where_enough_names_begin_so(django_assert_num_queries):
    for number in range(12):
        a_company(f"Acme {number}")

    with django_assert_num_queries(1):
        suggested_names("acme")


@pytest.mark.parametrize("path", ["/", "/companies/", "/verify/", "/compare/", "/nowhere/"])
def test_company_fields_use_the_suggestion_url_and_work_without_scripts(client, path):
    a_signing(a_company("Airbus"), pact=a_pact())

    page = client.get(path).text

    field = re.search(r"<input [^>]*data-names[^>]*>", page)[0]
    assert 'data-names="/names.json"' in field
    assert f'<datalist id="{re.search(r"list=.([^ ]*)[^ ]", field)[1]}"></datalist>' in page
    assert re.search(r'<script type="module" src="/static/suggest[^"]*"></script>', page)
