"""A name means the same company everywhere, or suggests the same companies, or nothing."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from pytest_django.asserts import assertContains, assertNotContains

from companies.admin.correction_queue import RecordForm
from companies.importers.official_page import ListedName
from companies.importers.spreadsheet import write
from companies.models import (
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    ImportRun,
    Proposal,
    RefusedMatch,
)
from companies.names.letters import fold
from companies.names.matcher import FORMER, Basis, KnownName, Match, Resemblance
from companies.names.visible import clean_name
from companies.pages.browse import nearby
from companies.pages.corrections.correction_form import CorrectionForm
from companies.queries import CompanyPage
from companies.queries.lookup import (
    company_meant,
    known_names,
    look_up,
    look_up_all,
    sure_company,
)
from companies.register import read_table
from companies.register.review.differences import differences, matches_of
from companies.register.review.uploads import propose_spreadsheet
from tests.builders import a_company, a_pact, a_source
from tests.lists import a_reviewer
from tests.sampling import each

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    """Companies with names of every kind."""
    a_pact()
    a_pact()
    orange = a_company("Orange", country="FR")
    a_company("Orange Cyberdefense", country="FR")
    a_company("Telefónica", country="ES", legal_name="Telefónica, S.A.")
    meta = a_company("Meta", country="US", legal_name="Meta Platforms, Inc.")
    airbus = a_company("Airbus", country="NL")
    a_company("SAS")
    cegid = a_company("Cegid", country="FR")
    a_company("IBM", country="US", legal_name="International Business Machines Corporation")
    a_company("Tata Consultancy Services", country="IN")
    vodafone = a_company("Vodafone", country="GB")
    a_company("Jus Mundi")
    a_company("Deutsche Telekom", country="DE", slug="telekom")
    a_company("Sopra Steria", country="FR")
    a_company("Acme AG", country="DE")
    a_company("Acme GmbH", country="DE")
    one, two = a_company("Company One"), a_company("Company Two")
    a_company("Booking.com", country="NL", slug="booking")
    a_company("Milestone Systems", country="DK")
    a_company("百度", slug="baidu")
    samsung = a_company("Samsung")
    a_company("Samsung Electronics")
    a_company("Quantum Labs", slug="quantum")
    a_company("Quantum", slug="quantum-2")
    for company, name, kind in (
        (meta, "Facebook", "former"),
        (meta, "Instagram", "product"),
        (cegid, "CEGID SAS", "as_listed"),
        (vodafone, "Vodafone Group", "alias"),
        (one, "Nova AI", "alias"),
        (two, "Nova AI", "alias"),
        (samsung, "Samsung Electronics", "alias"),
        (airbus, "EADS", "former"),
    ):
        CompanyName.objects.create(company=company, name=name, kind=kind)
    CompanyRedirect.objects.create(old_slug="orange-telecom", company=orange)
    RefusedMatch.objects.create(
        company=orange, name="Orange Money", decided_by=a_reviewer(), decided_at=timezone.now()
    )


SURE = {
    **dict.fromkeys(["Orange", "ORANGE", "orange", " Orange ", "Orange S.A."], "Orange"),
    **dict.fromkeys(["orange-telecom", "Orange-Telecom"], "Orange"),
    **dict.fromkeys(["Telefónica", "Telefonica", "TELEFONICA", "Telefónica SA"], "Telefónica"),
    **dict.fromkeys(["Meta", "Meta Platforms", "Meta Platforms, Inc.", "meta platforms"], "Meta"),
    **dict.fromkeys(["Facebook", "FACEBOOK", "Facebook Inc."], "Meta"),
    **dict.fromkeys(["Instagram", "INSTAGRAM"], "Meta"),
    **dict.fromkeys(["SAS", "sas"], "SAS"),
    **dict.fromkeys(["Cegid", "CEGID SAS"], "Cegid"),
    **dict.fromkeys(["IBM", "I.B.M.", "International Business Machines"], "IBM"),
    **dict.fromkeys(["Vodafone", "Vodafone plc", "vodafone group"], "Vodafone"),
    **dict.fromkeys(["Airbus SE", "EADS", "eads"], "Airbus"),
    **dict.fromkeys(["telekom", "TELEKOM", "Deutsche-Telekom"], "Deutsche Telekom"),
    **dict.fromkeys(["Booking com", "booking"], "Booking.com"),
    **dict.fromkeys(["Milestone Systems A/S", "milestone-systems"], "Milestone Systems"),
    **dict.fromkeys(["百度"], "百度"),
    **dict.fromkeys(["Samsung Electronics"], "Samsung Electronics"),
}
# On an official list, a public id or a product is no company's name.
NO_NAMES = ["orange-telecom", "Orange-Telecom", "telekom", "TELEKOM", "Instagram", "INSTAGRAM"]
NO_NAMES += ["booking"]
UNSURE = {
    "Orange Sdn Bhd": ["Orange", "Orange Cyberdefense"],
    "Stichting Orange": ["Orange", "Orange Cyberdefense"],
    **{name: ["Meta"] for name in ("Meta e.V.", "Meta GmbH", "株式会社Meta", "Instagram LLC")},
    **{name: ["Cegid"] for name in ("Cegid S.p.A.", "CEGID Pty Ltd")},
    "Jus Mundi SAS": ["Jus Mundi"],
    "Мета": ["Meta"],
    "Orange Bank": ["Orange"],
    "Vodaphone": ["Vodafone"],
    "Vodafone GmbH": ["Vodafone"],
    "TCS": ["Tata Consultancy Services"],
    "Jusmundi": ["Jus Mundi"],
    "Steria Sopra": ["Sopra Steria"],
    "Airbus Group": ["Airbus"],
    "Deutche Telecom": ["Deutsche Telekom"],
    "Telephonica": ["Telefónica"],
    "Milestone": ["Milestone Systems"],
    "ileston": ["Milestone Systems"],
    "Metta Inc": ["Meta"],
    "Acme": ["Acme AG", "Acme GmbH"],
    "acme": ["Acme AG", "Acme GmbH"],
    "Acme SE": ["Acme AG", "Acme GmbH"],
    "Nova AI": ["Company One", "Company Two"],
    "NOVA-AI": ["Company One", "Company Two"],
    "quantum": ["Quantum", "Quantum Labs"],
}
NOTHING = ["Orange Money", "Qwxzy", "腾讯", "Zürcher Kantonalbank", "---", "★", "?", "", "   "]
NOTHING += ["🙂", "⚖️ 🇪🇺", "_", "™®", "＿＿", "\u200b"]
NAMES = [*SURE, *UNSURE, *NOTHING]

# What a name leads to: the company that is meant, or those that are suggested.
Answer = tuple[str, list[str]]


def expected(name: str) -> Answer:
    return SURE.get(name, ""), UNSURE.get(name, [])


def test_the_lookup_tests_use_at_least_sixty_names():
    assert len(NAMES) >= 60


# Everything that takes a name


def from_lookup(client, name: str) -> Answer:
    match = look_up(name)
    names = names_by_id()
    company = names[match.company_id] if match.company_id else ""
    return company, [names[one.company_id] for one in match.suggestions]


def names_by_id() -> dict[int, str]:
    return dict(Company.objects.values_list("pk", "name"))


def from_verify(client, name: str) -> Answer:
    page = client.get("/verify/", {"company": name}).context
    if "sentence" in page:
        return page["company"].name, []
    return "", [company.name for company, _why in [*page["choices"], *page["alike"]]]


def from_check(client, name: str) -> Answer:
    response = client.post("/check/", {"names": name}, REMOTE_ADDR=f"192.0.2.{NAMES.index(name)}")
    if "result" not in response.context:
        assert not clean_name(name)
        return "", []
    [row] = response.context["result"].rows
    return row.company.name if row.company else "", [one.company.name for one in row.candidates]


def from_compare(client, name: str) -> Answer:
    response = client.get("/compare/", {"add": name})
    if response.status_code == 302:
        slug = response["Location"].removeprefix("?company=")
        return Company.objects.get(slug=slug).name, []
    return "", [company.name for company, _address in response.context["suggestions"]]


def from_a_list(client, name: str) -> Answer:
    run = ImportRun(pact=a_pact(), seen_on=timezone.localdate())
    listed = [ListedName(name, 1)]
    [proposal] = differences(run, listed, [], matches_of(listed))
    if name in NO_NAMES:
        assert from_proposal(proposal) == ("", [SURE[name]])
        return expected(name)
    return from_proposal(proposal)


def from_a_spreadsheet(client, name: str) -> Answer:
    if not fold(name):
        return "", []  # a spreadsheet is refused for it
    content = write(
        [[name, "signed", "2024-10-09"]], headers=["company", "status", "since"], kind="csv"
    )
    how = {"file_name": "companies.csv", "source": a_source(), "by": User.objects.get()}
    run = propose_spreadsheet(a_pact(), content, **how)
    return from_proposal(run.proposals.get())


def from_proposal(proposal: Proposal) -> Answer:
    names = names_by_id()
    suggested = [names[one["company"]] for one in proposal.suggestions]
    return proposal.company.name if proposal.company else "", suggested


def from_browsing(client, name: str) -> Answer:
    """What is meant is listed; what is suggested is offered where the search lists nothing."""
    companies = CompanyPage(QueryDict(urlencode({"q": name})))
    page = companies.page_of_rows()
    beside = [near.company.name for near in nearby(companies, len(page)).names]
    if not name.strip():
        return "", beside  # everything is listed
    listed = {company.name for company in page}
    company, suggested = shown(name)
    assert beside == ([] if listed else suggested)
    return company if company in listed else "", suggested if listed else beside


def from_a_correction(client, name: str) -> Answer:
    """A correction is about a company for sure or about none."""
    form = CorrectionForm({"company": name, "kind": "error", "message": "Wrong."})
    form.is_valid()
    return form.record.name if form.record else "", expected(name)[1]


def from_the_queue_of_corrections(client, name: str) -> Answer:
    form = RecordForm({"company": name})
    company = form.cleaned_data["company"].name if form.is_valid() else ""
    return company, expected(name)[1]


def from_match(client, name: str) -> Answer:
    body = {"names": [{"name": name}]}
    response = client.post("/api/v1/match/", body, content_type="application/json")
    if response.status_code == 400:
        assert not name.strip()
        return "", []
    [result] = response.json()["results"]
    found = [(one["company"]["name"], one["match"]) for one in result["candidates"]]
    return from_candidates(found)


def from_reconcile(client, name: str) -> Answer:
    batch = json.dumps({"q0": {"query": name}})
    response = client.post("/api/v1/reconcile/", {"queries": batch})
    if response.status_code == 400:
        assert not name
        return "", []
    result = response.json()["q0"]["result"]
    return from_candidates([(one["name"], one["match"]) for one in result])


def from_candidates(found: list[tuple[str, bool]]) -> Answer:
    if found and found[0][1]:
        return found[0][0], []
    return "", [name for name, _match in found]


# Readers are not shown what is far behind a good likeness; editors and the watch are.
BEHIND = {"Orange Sdn Bhd": ["Orange"]}
READERS = (from_verify, from_check, from_compare, from_browsing, from_match, from_reconcile)


def shown(name: str) -> Answer:
    company, suggested = expected(name)
    return company, BEHIND.get(name, suggested)


ANSWERS: list[Callable[..., Answer]] = [
    *(from_lookup, from_verify, from_check, from_compare, from_a_list, from_a_spreadsheet),
    *(from_browsing, from_a_correction, from_the_queue_of_corrections),
    *(from_match, from_reconcile),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_name_has_the_same_answer_everywhere(client, register, answer):
    # All of them by the way that the others take, of the others every second.
    names = NAMES if answer is from_lookup else each(2, NAMES)
    answers = {name: answer(client, name) for name in names}

    right = shown if answer in READERS else expected
    assert answers == {name: right(name) for name in names}


@pytest.mark.parametrize("address", ["/companies/", "/api/v1/companies/"])
def test_a_search_for_a_legal_name_lists_the_company(client, register, address):
    page = client.get(address, {"q": "Meta Platforms"})

    assertContains(page, "/companies/meta/")
    assertNotContains(page, "/companies/orange/")


def test_suggestions_are_shown_beside_search_results(client, register):
    page = client.get("/companies/?q=Vodaphone+Group")

    [near] = page.context["nearby"].names
    assert (near.company.name, near.other_name) == ("Vodafone", "Vodafone Group")
    assertContains(page, "Did you mean …?")
    assertContains(page, "also called Vodafone Group")


def test_a_search_includes_the_company_meant(register):
    for text, names in {
        "facebook": ["Meta"],
        "a": [one.name for one in Company.objects.search("a")],
        "quantum": ["Quantum", "Quantum Labs"],
    }.items():
        assert found(text) == names
    orange = a_company("Orange Labs Telecom")
    assert found("orange-telecom") == ["Orange", orange.name]


def found(text):
    companies = CompanyPage(QueryDict(urlencode({"q": text, "sort": "name"})))
    return [row.name for row in companies.page_of_rows()]


@pytest.mark.parametrize("text", ["🙂", "---", "_", "⚖️", "？"])
def test_a_search_for_punctuation_finds_and_suggests_nothing(client, register, text):
    page = client.get("/companies/", {"q": text})
    api = client.get("/api/v1/companies/", {"q": text})

    assert (page.context["page"].paginator.count, page.context["nearby"].names) == (0, [])
    assert api.json()["count"] == 0


def test_nothing_else_is_suggested_below_a_company_that_is_found(client, register):
    a_company("Metra")

    page = client.get("/companies/", {"q": "meta"})

    assert page.context["nearby"].names == []
    assertNotContains(page, "Did you mean")


REASONS = {
    "Orange Sdn Bhd": "“Sdn Bhd” is a legal form of these countries: Brunei, "
    "Malaysia. We list Orange in another: France.",
    "Vodafone S.A.": "“SA” is not a legal form of the country in which we list "
    "Vodafone: United Kingdom.",
    "Meta LLC": "“LLC” is not the legal form under which we list Meta.",
    "Jus Mundi SAS": "We do not know the country of Jus Mundi, nor whether "
    "“SAS” is its legal form.",
    "Meta e.V.": "“e.V.” is a legal form of associations, partnerships or public bodies, so it may "
    "not be Meta.",
    "Мета": "The name is written in another script.",
}


@pytest.mark.parametrize("name", REASONS)
def test_the_supplier_check_and_verify_give_the_same_reason_for_an_uncertain_name(
    client, register, name
):
    check = client.post("/check/", {"names": name})
    verify = client.get("/verify/", {"company": name})

    assertContains(check, REASONS[name])
    assertContains(verify, REASONS[name])
    assert "sentence" not in verify.context


def test_the_reason_of_a_suggestion_is_translated_into_french(client, register):
    page = client.get("/fr/verify/", {"company": "Orange Sdn Bhd"})

    assertContains(page, "«\u00a0Sdn Bhd\u00a0»")
    assertContains(page, "Brunei, Malaisie")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("instagram", "“instagram” is a product of Meta."),
        ("EADS", "“EADS” is a former name of Airbus."),
    ],
)
def test_verify_says_how_a_name_leads_to_its_company(client, register, name, sentence):
    assertContains(client.get("/verify/", {"company": name}), sentence)


@pytest.mark.parametrize(
    "typed", ["Q1431486", " q1431486 ", "969500MCOONR8990S771", "969500mcoonr8990s771"]
)
@pytest.mark.parametrize("address", ["/verify/?company=", "/companies/?q="])
def test_an_identifier_finds_its_company(client, address, typed):
    a_pact()
    orange = a_company("Orange", country="FR")
    a_company("Apple")
    for scheme, value in (("wikidata", "Q1431486"), ("lei", "969500MCOONR8990S771")):
        CompanyIdentifier.objects.create(company=orange, scheme=scheme, value=value)

    page = client.get(address + quote(typed)).content.decode()

    assert company_meant(typed) == orange
    assert "/companies/orange/" in page
    assert "/companies/apple/" not in page


def test_a_legal_name_finds_its_company(client):
    a_pact()
    a_company("Porsche", legal_name="Dr. Ing. h.c. F. Porsche Aktiengesellschaft", country="DE")

    page = client.get("/companies/", {"q": "Dr. Ing. h.c. F. Porsche Aktiengesellschaft"})

    assertContains(page, "/companies/porsche/")


# The names that are read


def test_the_names_of_companies_are_read_in_two_queries(django_assert_num_queries):
    a_pact()
    amazon = a_company("Amazon", legal_name="Amazon.com, Inc.", country="US")
    orange = a_company("Orange")
    CompanyName.objects.create(company=amazon, name="AWS", kind=CompanyName.Kind.ALIAS)
    a_company("Apple")
    read_table.rebuild()
    known = known_names()
    with django_assert_num_queries(2):
        found = set(known.names({amazon.pk, orange.pk}))
    assert found == {
        KnownName(amazon.pk, "Amazon", "", "US"),
        KnownName(amazon.pk, "Amazon.com, Inc.", "legal", "US"),
        KnownName(amazon.pk, "AWS", "alias", "US"),
        KnownName(orange.pk, "Orange", "", ""),
    }


def test_the_matcher_knows_the_kind_of_a_former_name():
    assert CompanyName.Kind.FORMER == FORMER


def test_names_are_read_from_the_database_only_after_a_change(django_assert_num_queries):
    acme = a_company("Acme")
    look_up("Acme")

    with django_assert_num_queries(2):  # the version of the register, and the refused matches
        assert look_up("Acme") == Match("Acme", acme.pk, Basis.EXACT)
    with django_assert_num_queries(2):
        assert len(list(look_up_all(["Acme", "Bolt", "Core"]))) == 3


def test_every_change_to_names_is_visible_in_the_next_lookup():
    acme = a_company("Acme", slug="first")
    assert company_meant("Acme") == acme

    acme.name = "Nova"
    acme.save()
    assert (company_meant("Acme"), company_meant("Nova")) == (None, acme)
    former = CompanyName.objects.create(company=acme, name="Acme", kind="former")
    assert company_meant("Acme") == acme
    former.delete()
    assert company_meant("Acme") is None
    CompanyRedirect.objects.create(company=acme, old_slug="acme-before")
    assert company_meant("acme-before") == acme
    refused = RefusedMatch.objects.create(
        company=acme, name="Nova", decided_by=a_reviewer(), decided_at=timezone.now()
    )
    assert (company_meant("Nova"), look_up("Nova").suggestions) == (None, ())
    refused.delete()
    assert company_meant("Nova") == acme
    acme.delete()
    assert look_up("Nova") == Match("Nova")


def test_a_public_id_equal_to_the_name_of_another_company_suggests_both(register):
    match = look_up("Quantum")

    assert match.company_id is None
    assert {one.resemblance for one in match.suggestions} == {Resemblance.SHARED}


def test_the_quick_lookup_finds_the_same_company_as_the_full_one(register):
    assert [sure_company(name) for name in NAMES] == [look_up(name).company_id for name in NAMES]


# Names that share little but a key: dots, "and", "The", forms before and after, scripts, numbers.
SPELLED = ("J.P. Morgan", "Müller and Söhne", "The Phone House", "S.p.A. Labs", "A/S Norma", "X")
SPELLED += ("Straße 1 GmbH", "腾讯控股有限公司", "삼성전자", "3M", "OOO Ромашка")
SPELLED += ("T-Mobile", "E.ON SE")
ASKED = ("JP Morgan", "J P Morgan", "jp morgan ltd", "Muller Sohne", "Müller und Söhne", "EON")
ASKED += ("Phone House", "SPA Labs", "s p a labs", "AS Norma", "Norma", "x", "X SAS", "Strasse 1")
ASKED += (
    "腾讯控股",
    "3m inc",
    "삼성전자 주식회사",
    "Ромашка",
    "t mobile",
    "e on",
    "LEI123",
    "lei123",
)
ASKED += ("a" * 201, "norma" * 40, "norma" * 50)


def test_the_lookup_through_the_read_table_finds_the_same_company_as_without_it(register):
    for number, name in enumerate(SPELLED):
        a_company(name, slug=f"spelled-{number}")
    a_company("Numbered").identifiers.create(scheme="wikidata", value="LEI123")
    a_company("norma" * 40, slug="norma-many")
    asked = [*NAMES, *SPELLED, *ASKED]
    without_table = [sure_company(name) for name in asked]
    read_table.rebuild()

    assert [sure_company(name) for name in asked] == without_table
    assert len(set(without_table)) > 20
