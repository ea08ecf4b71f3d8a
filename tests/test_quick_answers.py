"""The API's kept answers are those of the serializers, whatever is edited, and in few queries."""

import datetime
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from companies.api.quick.rendering import hastened, render
from companies.api.serializers import CompanyDetailSerializer, CompanySerializer
from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    ImportRun,
    Pledge,
    ProgressReport,
    QuoteCheck,
    ReadTable,
    Sector,
    Signing,
    Source,
)
from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import state
from companies.register import read_table
from companies.register.history import delete, new_version, save, unit_of_work
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.reader_client import forget_answers
from tests.serialized import LIST, answers, assert_answers_are_those_of_serializers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

A_DAY = datetime.timedelta(days=1)


def a_register():
    """A group, a signatory with everything a record shows, and one that is on no list."""
    governance = a_commitment("governance", source=a_source("text"))
    source = a_source("letter")
    group = a_company("Group", sector=a_sector("software"))
    firm = a_company("Firm", parent=group, country="FR", sector=a_sector("software"))
    a_company("Branch", parent=firm)
    signing = a_signing(firm)
    a_citation(signing=signing, source=source)
    a_citation(company=firm, source=source)
    a_citation(pledge=a_pledge(firm, commitment=governance), source=source)
    report = ProgressReport.objects.create(company=firm, pact=a_pact(), period=1)
    a_citation(report=report, source=source)
    a_signing(firm, pact=a_pact("seoul", report_after_months=None))
    listed = a_source("list", kind="official_list", published_on=datetime.date(2024, 11, 1))
    a_citation(signing=signing, source=listed)
    missed = a_company("Missed")
    a_citation(signing=a_signing(missed, status="not_signed", since=listed.published_on))
    read_table.rebuild()


rows = shared(a_register, history=True)


def firm():
    return Company.objects.get(slug="firm")


def edited(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    save(row, "edited")


def check(result):
    """What a check of the cited pages writes."""
    for one in Citation.objects.all():
        QuoteCheck.objects.update_or_create(
            citation=one,
            defaults={
                "result": result,
                "checked_at": timezone.now(),
                "since": timezone.localdate(),
                "found_on": timezone.localdate(),
                "url": one.source.url,
                "quote": one.quote,
            },
        )


def check_alone():
    check("found")
    new_version()


def check_within_a_unit():
    with unit_of_work() as unit:
        check("not_found")
        unit.records |= {*Company.objects.values_list("pk", flat=True)}
        edited(Company.objects.get(slug="missed"), size="large")


def a_reading():
    listed = [{"name": name} for name in ("Firm", "Other")]
    ImportRun.objects.create(
        pact=a_pact(),
        retrieved_at=timezone.now(),
        seen_on=timezone.localdate(),
        state=ImportRun.State.READ,
        sha256="a" * 64,
        names_count=2,
        listed=listed,
    )
    new_version()


EDITS = {
    "its name": lambda: edited(firm(), name="Firm 2"),
    "its public id": lambda: edited(firm(), slug="firm-2"),
    "its status": lambda: edited(Signing.objects.filter(company=firm()).first(), reason_en="New."),
    "the name of its group": lambda: edited(firm().parent, name="Group 2"),
    "its group": lambda: edited(firm(), parent=None),
    "another group": lambda: edited(firm(), parent=Company.objects.get(slug="missed")),
    "the public id of a part": lambda: edited(Company.objects.get(slug="branch"), slug="part"),
    "a part that goes": lambda: Company.objects.get(slug="branch").delete(),
    "a part that comes": lambda: a_company("Shop", parent=firm()),
    "an identifier": lambda: CompanyIdentifier.objects.create(
        company=firm(), scheme="wikidata", value="Q1"
    ),
    "the quote of its status": lambda: edited(
        Citation.objects.filter(signing__company=firm()).first(), quote="Firm signed."
    ),
    "the quote of its pledge": lambda: edited(
        Citation.objects.get(pledge__company=firm()), quote="Firm pledged."
    ),
    "the quote of its report": lambda: edited(
        Citation.objects.get(report__company=firm()), quote="Firm reported."
    ),
    "a citation that goes": lambda: delete(Citation.objects.get(company=firm()), "wrong"),
    "its pledge": lambda: edited(
        Pledge.objects.get(company=firm(), commitment__code="governance"),
        implementation="planned",
        implementation_basis="self_reported",
    ),
    "its report": lambda: edited(ProgressReport.objects.get(), url="https://example.org/report"),
    "the title of a source": lambda: edited(Source.objects.get(slug="letter"), title="A letter"),
    "the kind of a source": lambda: edited(Source.objects.get(slug="letter"), kind="company"),
    "the label of a sector": lambda: edited(Sector.objects.get(), label_fr="Édition"),
    "the name of a pact": lambda: edited(a_pact("seoul"), name_en="Seoul commitments"),
    "the title of a commitment": lambda: edited(Commitment.objects.get(), title_fr="Titre"),
    "a check of quotes": check_alone,
    "a check in a unit of work": check_within_a_unit,
    "a list that is read": a_reading,
    "a name that a list means": lambda: (a_reading(), edited(firm(), name="Other Firm")),
}


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_cached_api_json_equals_the_serializers(edit):
    before = answers()

    EDITS[edit]()

    assert answers() != before
    assert_answers_are_those_of_serializers()


@pytest.mark.parametrize("days", [0, 1, 2])
def test_on_another_day_cached_api_json_equals_the_serializers(days, monkeypatch):
    tomorrow = timezone.localdate() + A_DAY
    Signing.objects.filter(company=firm()).update(until=tomorrow)
    read_table.rebuild()
    answers()

    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + days * A_DAY)

    assert_answers_are_those_of_serializers()
    signed = [one["status"] for one in Client().get(LIST).json()["results"]].count("signed")
    assert signed == (days == 0)


def test_without_the_read_table_nothing_is_cached():
    answers()
    ReadTable.objects.all().delete()
    Company.objects.filter(slug="firm").update(name="Firm 2")
    forget_answers()

    assert_answers_are_those_of_serializers()


def test_naming_all_fields_gives_the_same_response_as_naming_none():
    """The view of REST framework makes the one, what is kept the other."""
    for address, kind in ((LIST, CompanySerializer), (f"{LIST}firm/", CompanyDetailSerializer)):
        plain = Client().get(address)
        named = Client().get(f"{address}?fields={','.join(kind.Meta.fields)}")

        said = plain.json()
        assert {**named.json(), "next": None} == {**said, "next": None}
        assert plain.headers.keys() == named.headers.keys()
        for name in plain.headers.keys() - {"ETag", "Link", "Content-Length"}:
            assert plain.headers[name] == named.headers[name], name


@pytest.mark.parametrize("address", [LIST, f"{LIST}firm/"])
def test_the_quick_api_honours_accept_and_method_like_rest_framework(address):
    assert Client().get(address, headers={"Accept": "application/json;q=0"}).status_code == 406
    assert Client().get(address, headers={"Accept": "text/html"}).status_code == 406
    assert Client().get(address, headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200
    assert Client().options(address).status_code == 204
    assert Client().post(address).status_code == 405
    assert Client().head(address).headers["Content-Language"] == "en"


def test_a_search_sent_unescaped_finds_the_same_companies():
    a_company("Élan")
    sent = "q=Élan".encode().decode("latin-1")  # as a server hands it on

    plain, escaped = Client().get(LIST, QUERY_STRING=sent), Client().get(LIST, {"q": "Élan"})

    assert [one["name"] for one in plain.json()["results"]] == ["Élan"]
    assert plain.content == escaped.content


def test_an_edit_serializes_one_company_again(django_assert_max_num_queries):
    for address in (LIST, f"{LIST}firm/"):
        Client().get(address)
    edited(Company.objects.get(slug="missed"), size="large")

    # The version, for the cache and the answer; the pact; for the roster and again for the rows the
    # company that changed, what lists show of it and the commitments; what changed of the full
    # lists (4).
    with django_assert_max_num_queries(13):
        assert b'"size":"large"' in Client().get(LIST).content
    # The version (2), what changed.
    with django_assert_max_num_queries(3):
        assert Client().get(f"{LIST}firm/").status_code == 200


def test_the_cache_of_serialized_companies_is_bounded_in_bytes():
    kept, now = CachedTexts(limit=5_000), state()
    shelf = kept.at(now, "basis")

    for key in range(10):
        shelf.add(key, b"x" * 1_000, now.number, key)

    assert [key for key in range(10) if shelf.get(key)] == [7, 8, 9]
    assert shelf.size <= 5_000
    assert kept.at(now, "another basis").get(9) is None


def test_json_serialized_before_an_edit_is_not_served_after_it():
    """As when one thread reads a company while another has seen its edit."""
    kept, before = CachedTexts(limit=5_000), state()
    slow = kept.at(before, "basis")
    edited(firm(), size="large")
    shelf = kept.at(state(), "basis")

    slow.add("firm", b"as it was", before.number, firm().pk)
    slow.add("missed", b"as it is", before.number, Company.objects.get(slug="missed").pk)

    assert shelf is slow
    assert (shelf.get("firm"), shelf.get("missed")) == (None, b"as it is")


def test_after_many_edits_all_companies_are_serialized_again(monkeypatch):
    monkeypatch.setattr("companies.queries.roster.cached_texts.MOST_CHANGED", 1)
    kept = CachedTexts(limit=5_000)
    first = kept.at(state(), "basis")
    edited(firm(), size="large")
    assert kept.at(state(), "basis") is not first


def test_a_value_is_rendered_as_rest_framework_renders_it():
    value = {"a": [1, None, 1.5, 'é\u2028\u2029"\\/', datetime.date(2026, 1, 2)], "b": {}}
    assert render(value) == JSONRenderer().render(value)


@pytest.mark.parametrize("name", ["company", "c%6Fmpany", "company__not"])
def test_a_list_that_names_a_company_follows_its_public_id(name):
    address = f"{LIST}?{name}=missed"
    assert Client().get(address).status_code == 200
    edited(Company.objects.get(slug="missed"), slug="lost")
    a_company("Missed again", slug="missed")

    found = {one["slug"] for one in Client().get(address).json()["results"]}

    assert ("missed" in found) == (name != "company__not")
    assert ("lost" in found) == (name == "company__not")


def test_a_search_for_a_public_id_follows_the_company_that_has_it():
    company = firm()
    edited(company, slug="quux")
    found = [Client().get(f"{LIST}?q=quux").json()["results"] for _again in range(2)]
    assert [one["slug"] for rows in found for one in rows] == ["quux", "quux"]

    edited(company, slug="another")
    edited(Company.objects.get(slug="branch"), slug="quux")

    assert [one["name"] for one in Client().get(f"{LIST}?q=quux").json()["results"]] == ["Branch"]


def test_a_hastened_serializer_writes_what_it_wrote_before():
    """Also of rows without what a source names, and with fields that a row may leave out."""

    class Near(serializers.Serializer):
        name = serializers.CharField()

    class Row(serializers.Serializer):
        number = serializers.IntegerField()
        above = serializers.CharField(source="near.name", default="none")
        left_out = serializers.CharField(required=False)
        near = Near(allow_null=True)
        told = serializers.CharField(source="tell")
        every = Near(many=True)

    near = SimpleNamespace(name=5)
    row = {"number": "7", "near": near, "tell": lambda: "told", "every": [near, near]}
    rows = [SimpleNamespace(**row), SimpleNamespace(**row | {"near": None, "left_out": 1})]
    for one in rows:
        assert hastened(Row()).to_representation(one) == Row().to_representation(one)
