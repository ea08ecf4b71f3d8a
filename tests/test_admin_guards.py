"""Nonsense sent to the editors' screens: a sentence back, never a 500, and nothing is written."""

import re
from html import unescape
from urllib.parse import parse_qsl, quote

import pytest
from django.apps import apps
from django.contrib import admin

from companies.models import (
    Company,
    RegisterVersion,
)

from .builders import (
    a_pact,
)
from .editors import a_login, errors, page, typed
from .hostile.everything import a_row_of_everything
from .sampling import ALL, each

# Committed as in production: a database that refuses a value would spoil a test's transaction.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

COMPANIES = "companies.company"
SCREENS = sorted(model._meta.label_lower for model in admin.site._registry)
OF_SCREENS = [  # what companies get goes to PostgreSQL too
    pytest.param([COMPANIES], id="companies", marks=pytest.mark.database),
    pytest.param([label for label in SCREENS if label != COMPANIES], id="others"),
]
NOT_IDS = ["abc", "%00", "-1", "%C2%B2", "%ED%A0%80", str(2**31), str(2**63), "9" * 5000]
QUERIES = [
    "_to_field=",
    "_to_field=nonsense",
    "_to_field=id",
    "_popup=1&_to_field=",
    "_changelist_filters=",
    "_changelist_filters=q%3D%2500",
    "p=%C2%B2",
    "p=99999999999999999999",
    "p=" + "9" * 5000,
    "o=999",
    "o=%C2%B2",
    "o=-",
    "o=1.1.1.1.-1",
    "o=99999999999999999999",
    "q=%ED%A0%80",
    "q=%22",
    "q=" + "%C3%A9%20" * 2500,
    "q=" + "%C3%A9%20" * 150,
    "q=" + "x" * 10_000,
    "unknown=1",
    "id=abc",
    "id__exact=99999999999999999999",
    "id__in=a,b",
    "id__isnull=maybe",
    "company=abc",
    "_facets=True",
    "status=nonsense",
    "country=%ED%A0%80",
    "sector__id__exact=abc",
    "sector__id__exact=99999999999999999999",
    "%00=1",
    "__=1",
    "=",
    "&&&",
]
OF_A_DATE = [
    "__year=99999",
    "__year=0",
    "__year=%C2%B2",
    "__year=2024&{name}__month=13",
    "__year=2024&{name}__month=2&{name}__day=31",
    "__year=9999",
    "__year=9999&{name}__month=12&{name}__day=31",
    "__gte=99999-01-01",
]
OF_A_RECORD = [query for query in QUERIES if query.startswith(("_", "%", "p="))]


def of_its_dates(screen):
    name = screen.date_hierarchy
    return [f"{name}{query.format(name=name)}" for query in OF_A_DATE] if name else []


@pytest.fixture
def desk():
    """A superuser's browser, with a row on every screen; a crash is an answer with 500."""
    a_row_of_everything()
    client = a_login("root")
    client.raise_request_exception = False
    return client


def stored():
    """The primary keys in each table, and the register’s version, which grows with its history."""
    models = {*apps.get_app_config("companies").get_models(), *admin.site._registry}
    keys = {
        model._meta.label: {*model._default_manager.values_list("pk", flat=True)}
        for model in models
        if not hasattr(model, "history_object")
    }
    return keys | {"version": RegisterVersion.objects.get().number}


def crashes(client, addresses):
    return [
        (address[:150], response.status_code)
        for address in addresses
        if (response := client.get(address)).status_code >= 500
    ]


def some(nonsense, label):
    """A part, in turn: each kind meets some screens. `make test-all` sends companies all of it."""
    part = {True: 1 if ALL else 6, False: 3 if ALL else 18}[label == COMPANIES]
    return nonsense[SCREENS.index(label) % part :: part]


@pytest.mark.parametrize("labels", OF_SCREENS)
def test_an_invalid_parameter_in_an_admin_list_url_is_a_400(desk, labels):
    before = stored()

    for label in labels:
        start = f"/admin/{label.replace('.', '/')}/"
        queries = QUERIES + of_its_dates(admin.site._registry[apps.get_model(label)])
        assert crashes(desk, [f"{start}?{query}" for query in some(queries, label)]) == []
        assert stored() == before, label


LOOKUPS = [
    (COMPANIES, "name__regex"),
    (COMPANIES, "name__iregex"),
    (COMPANIES, "country__regex"),
    (COMPANIES, "name__icontains"),
    (COMPANIES, "id__in"),
    (COMPANIES, "sector__name_en__regex"),
    ("companies.signing", "reason_en__regex"),
    ("companies.change", "fields__regex"),
    ("auth.user", "username__regex"),
]


def test_an_admin_list_refuses_lookups_other_than_its_own_filters(desk):
    for label, lookup in LOOKUPS:
        start = f"/admin/{label.replace('.', '/')}/"

        assert desk.get(f"{start}?{lookup}=(a%2B)%2B%24").status_code == 400, (label, lookup)


def test_every_admin_list_accepts_the_lookups_of_its_own_filters(desk):
    for label in SCREENS:
        answer = desk.get(f"/admin/{label.replace('.', '/')}/")
        links = {*re.findall(r'href="\?([^"]+)"', answer.text)}
        names = {name for link in links for name, _value in parse_qsl(unescape(link))}
        screen = admin.site._registry[apps.get_model(label)]
        refused = [
            name for name in names if not screen.lookup_allowed(name, "", answer.wsgi_request)
        ]

        assert {*refused} <= {"o", "p", "q", "all", "_facets"}, label


@pytest.mark.parametrize("labels", OF_SCREENS)
def test_an_invalid_primary_key_in_an_admin_url_is_never_a_500(desk, labels):
    before = stored()

    for label in each(2, labels):
        start = f"/admin/{label.replace('.', '/')}/"
        row = apps.get_model(label)._default_manager.first()
        addresses = [f"{start}{number}/" for number in NOT_IDS]
        for screen in ("change/", "history/", "delete/", "history/1/"):
            addresses += [f"{start}{number}/{screen}" for number in NOT_IDS]
        for screen in ("add/", f"{row.pk}/change/", f"{row.pk}/history/"):
            addresses += [f"{start}{screen}?{query}" for query in OF_A_RECORD]
        addresses += [f"{start}{row.pk}/history/{number}/" for number in NOT_IDS]

        assert crashes(desk, some(addresses, label)) == []
        assert stored() == before, label
        assert desk.get(f"{start}{row.pk}/change/").status_code == 200, label


HOSTILE = ["", "\0", "²", "-1", "99999999999999999999", "99999-01-01", "\ud800", "x" * 10_000]
COUNTS = ["-1", "99999999", "²"]


def post(client, address, values):
    """The answer to a form as a program sends it: any bytes, and a list where one value belongs."""
    pairs = [
        f"{quote(name)}={quote(str(value), errors='surrogatepass')}"
        for name, given in values.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    form = "application/x-www-form-urlencoded"
    return client.post(address, "&".join(pairs), content_type=form)


def with_new_rows(response):
    """What the page's form would send with one more, empty row of each kind."""
    values = typed(response)
    for name in re.findall(r'name="(\w+-__prefix__-\w+)"', response.content.decode()):
        number = values[f"{name.split('-')[0]}-INITIAL_FORMS"]
        values[name.replace("__prefix__", number)] = ""
    for name in values:
        if name.endswith("-TOTAL_FORMS"):
            values[name] = int(values[name]) + 1
    return values


def with_spoilt_fields(values):
    yield {}
    fields = [name for name in values if not name.endswith(("_FORMS", "middlewaretoken"))]
    for value in HOSTILE:
        yield values | dict.fromkeys(fields, value)
    yield values | {name: ["1", "x" * 10_000] for name in fields}


def forms_of(desk, label):
    start = f"/admin/{label.replace('.', '/')}/"
    row = apps.get_model(label)._default_manager.first()
    addresses = [f"{start}add/", f"{start}{row.pk}/change/"]
    if hasattr(row, "history"):
        addresses.append(f"{start}{row.pk}/history/{row.history.first().pk}/")
    answers = {address: desk.get(address) for address in addresses}
    return {address: answer for address, answer in answers.items() if answer.status_code == 200}


@pytest.mark.parametrize("labels", OF_SCREENS)
def test_an_admin_form_with_invalid_values_writes_nothing_and_is_never_a_500(desk, labels):
    for label in each(3, labels):
        before = stored()
        # Each kind of nonsense goes to one of the forms: all of it to all of them takes minutes.
        forms = forms_of(desk, label)
        for turn, (address, answer) in enumerate(forms.items()):
            for number, values in enumerate(with_spoilt_fields(with_new_rows(answer))):
                if number % (len(forms) * (1 if ALL else 3)) == turn:
                    assert post(desk, address, values).status_code < 500, (address, values)
        if label != "companies.sector":  # all text, so that a number is as good as a word
            assert stored() == before, label


# All forms with rows count them by the same code of Django and of ours.
COUNTED = ["company", "signing", "pledge", "progressreport"]


@pytest.mark.parametrize("label", each(len(COUNTED), COUNTED))
def test_a_tampered_row_count_loses_no_row_and_is_never_a_500(desk, label):
    row = apps.get_model("companies", label)._default_manager.first()
    values = typed(desk.get(page(row)))
    before = stored()
    del before["version"]

    names = [name for name in values if name.endswith(("-TOTAL_FORMS", "-INITIAL_FORMS"))]
    for number, name in enumerate(each(3, names)):
        without = {key: value for key, value in values.items() if key != name}
        tampered = [without, *(values | {name: count} for count in COUNTS)]
        # One kind of tampering for each count, or two, so that each kind meets some counts.
        other = [tampered[-1 - number % len(tampered)]] if ALL else []
        for form in (tampered[number % len(tampered)], *other):
            assert post(desk, page(row), form).status_code < 500, (name, form.get(name))
    # An editor who says that a row is new may add it again; none must go.
    after = stored()
    assert {name: keys - after[name] for name, keys in before.items() if keys - after[name]} == {}


ACTIONS = [
    {"action": "nonsense", "_selected_action": "1"},
    {"action": "", "_selected_action": "1"},
    {"action": "delete_selected"},
    *({"action": "delete_selected", "_selected_action": value} for value in HOSTILE),
    {"action": "delete_selected", "_selected_action": ["1", "abc"], "select_across": "²"},
    {"action": "delete_selected", "_selected_action": "abc", "post": "yes"},
    {"action": "delete_selected", "_selected_action": str(2**63), "post": "yes", "index": "9"},
    {"action": "change_status_of_selected", "_selected_action": "\ud800", "index": "abc"},
    {"_save": "1"},
]


@pytest.mark.parametrize("labels", OF_SCREENS)
def test_a_tampered_list_action_deletes_nothing_and_is_never_a_500(desk, labels):
    before = stored()

    for label in labels:
        for values in some(ACTIONS, label):
            address = f"/admin/{label.replace('.', '/')}/"
            assert post(desk, address, values).status_code < 500, (label, values)
        assert stored() == before, label


AUTOCOMPLETE = "/admin/autocomplete/?app_label=companies&model_name={}&field_name={}&{}"


SEARCHED = {"signing": ["company", "pact"], "citation": ["source"], "company": ["sector"]}


def test_an_invalid_autocomplete_search_is_never_a_500(desk):
    terms = ["%00", "%ED%A0%80", "x" * 10_000, "%C3%A9%20" * 2500, "%C3%A9%20" * 150, "%5C%22%25"]
    pages = ["%C2%B2", "99999999999999999999", "0", "-1", "%00"]
    queries = [f"term={term}" for term in terms] + [f"term=a&page={page}" for page in pages]

    for model, fields in SEARCHED.items():
        for field in fields:
            addresses = [AUTOCOMPLETE.format(model, field, query) for query in queries]
            assert crashes(desk, addresses) == []


def test_a_search_longer_than_any_name_finds_nothing(desk):
    assert desk.get("/admin/companies/company/?q=acme").context["cl"].result_count == 1
    assert desk.get(f"/admin/companies/company/?q={'acme+' * 61}").context["cl"].result_count == 0
    assert desk.get(f"/admin/companies/source/?q={'source+' * 61}").context["cl"].result_count == 0


STATUS_ADDRESSES = ["change-status/", "undo-status/", "undo-status/{}/"]


@pytest.mark.parametrize("screen", STATUS_ADDRESSES)
def test_invalid_values_sent_to_a_status_screen_write_nothing_and_are_never_a_500(desk, screen):
    before = stored()
    company = Company.objects.get()
    start = "/admin/companies/company/"
    here = f"{start}{company.pk}/{screen.format(company.signings.get().pk)}"
    numbers = [number for number in NOT_IDS if number not in ("%00", "%ED%A0%80")]

    addresses = [f"{start}{number}/{screen.format(1)}" for number in numbers]
    addresses += [f"{start}{company.pk}/{screen.format(number)}" for number in numbers]
    assert crashes(desk, [*addresses, *(f"{here}?{query}" for query in OF_A_RECORD)]) == []
    for address in addresses:
        assert post(desk, address, {"change_reason": "x"}).status_code < 500 or address == here
    forms = with_spoilt_fields(typed(desk.get(here, follow=True)) | {"change_reason": ""})
    for values in each(2, list(forms)):
        answer = post(desk, here, values | {"change_reason": ""})
        assert answer.status_code < 500, values
    assert stored() == before


SEEN = ["", "text", "1", "-", "1-", "-1", "1-²", "²-1", "..", "1-x.", f"{2**63}-1", "9" * 999]
SEEN += [f"{{pact}}-{value}" for value in (2**63, "9" * 999, "\ud800", "x")]


def test_a_tampered_hidden_field_of_the_status_form_writes_nothing(desk):
    company = Company.objects.get()
    address = f"/admin/companies/company/{company.pk}/change-status/"
    values = typed(desk.get(address)) | {
        "status": "withdrawn",
        "since": "2025-03",
        "since_basis": "stated",
        "source": company.signings.get().citations.get().source_id,
        "change_reason": "its newsroom says so",
    }
    before = stored()

    for seen in each(2, SEEN):
        answer = post(desk, address, values | {"seen": seen.format(pact=a_pact().pk)})

        assert answer.status_code == 200, seen
        assert "has just changed the status" in errors(answer)[0]
    assert stored() == before


def test_a_programming_error_is_not_answered_with_a_400(rf):
    def broken(request):
        raise TypeError("an unexpected keyword argument")

    with pytest.raises(TypeError, match="an unexpected keyword"):
        admin.site.get_model_admin(Company).guarded(broken)(rf.get("/admin/"))
