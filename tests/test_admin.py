"""The frame of the editors' screens, and who may do what on them."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User

from companies.admin.base import RegisterAdmin
from companies.models import Change, Citation, Correction, Signing

from .builders import (
    a_citation,
    a_company,
    a_signing,
)
from .editors import a_login, a_reviewer, an_editor, page

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LIST = "/admin/companies/company/"


def test_an_editor_cannot_delete_companies_or_statuses_and_a_reviewer_can():
    editor, reviewer, signing = an_editor(), a_reviewer(), a_signing()

    for record in (signing, signing.company):
        assert editor.get(page(record, "delete")).status_code == 403
        assert reviewer.get(page(record, "delete")).status_code == 200
    reviewer.post(page(signing, "delete"), {"post": "yes"})
    assert not Signing.objects.exists()


def test_an_editor_can_delete_a_citation():
    citation = a_citation(signing=a_signing())

    an_editor().post(page(citation, "delete"), {"post": "yes"})

    assert not Citation.objects.exists()


@pytest.mark.parametrize("who", [an_editor, a_reviewer])
def test_only_superusers_manage_logins(who):
    client = who()

    for address in ("/admin/auth/user/", "/admin/auth/group/", "/admin/auth/user/add/"):
        assert client.get(address).status_code == 403


def test_only_reviewers_answer_corrections():
    editor = an_editor()
    assert editor.get("/admin/companies/correction/").status_code == 200
    correction = Correction.objects.create(kind="error", message="Wrong country.")
    reviewer = a_reviewer()

    answer = f"/admin/companies/correction/{correction.pk}/answer/"
    assert editor.post(answer, {"accept": "1", "reply": "Mended."}).status_code == 403
    reviewer.post(answer, {"accept": "1", "reply": "Mended."})

    correction.refresh_from_db()
    assert (correction.state, correction.reply) == ("accepted", "Mended.")
    assert correction.closed_at
    assert correction.message == "Wrong country."


@pytest.mark.parametrize("model", ["change", "importrun", "proposal"])
def test_rows_that_only_the_program_writes_are_read_only_in_the_admin(model):
    a_signing()
    client = a_login("root")
    start = f"/admin/companies/{model}/"

    assert client.get(start).status_code == 200
    assert client.get(f"{start}add/").status_code == 403
    if model == "change":
        row = f"{start}{Change.objects.first().pk}/"
        assert client.get(f"{row}change/").status_code == 200
        assert client.post(f"{row}change/", {"fields": "{}"}).status_code == 403
        assert client.post(f"{row}delete/", {"post": "yes"}).status_code == 403


@pytest.mark.history
def test_the_list_of_changes_says_each_in_words_in_a_fixed_number_of_queries(
    django_assert_max_num_queries,
):
    client = a_login("root")
    for number in range(3):
        a_signing(a_company(f"Company {number}"))
    client.get("/admin/companies/change/")

    with django_assert_max_num_queries(14):
        page = client.get("/admin/companies/change/")

    assert page.text.count("signed, first named on 9 October 2024") == 3
    assert client.get("/admin/companies/change/?q=first_seen").text.count("first named on") == 3


def test_history_rows_cannot_be_deleted_in_the_admin():
    registered = {model._meta.model_name for model in admin.site._registry}

    assert not any(name.startswith("historical") for name in registered)


def test_a_viewer_can_neither_save_nor_revert():
    company = a_company("Acme")
    client = a_login("reader", "Editors")
    reader = User.objects.get(username="reader")
    reader.groups.clear()
    reader.user_permissions.add(Permission.objects.get(codename="view_company"))
    version = f"{page(company, 'history')}{company.history.get().pk}/"

    assert client.get(page(company)).status_code == 200
    assert client.get(version).status_code == 200
    assert client.post(page(company), {"name": "Taken"}).status_code == 403
    assert client.post(version, {"name": "Taken"}).status_code == 403
    assert client.get(page(company, "change-status")).status_code == 403


@pytest.mark.parametrize(("start", "site"), [("/admin/", "/"), ("/fr/admin/", "/fr/")])
def test_the_admin_is_available_in_both_languages_and_links_to_the_public_site(start, site):
    client, company = an_editor(), a_company("Acme")

    response = client.get(start)
    record = client.get(f"{start}companies/company/{company.pk}/change/")

    assert "PactWatch" in response.content.decode()
    assert f'href="{site}"' in response.content.decode()
    assert "/admin/r/" in record.content.decode()


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", LIST, "/fr/admin/"])
def test_admin_pages_are_never_cached(address):
    response = an_editor().get(address)

    assert "no-store" in response.headers["Cache-Control"]


def test_every_register_model_has_its_screens_with_history_and_a_reason():
    models = apps.get_app_config("companies").get_models()
    with_history = {model for model in models if hasattr(model, "history")}

    screens = {m for m, screen in admin.site._registry.items() if isinstance(screen, RegisterAdmin)}

    assert screens == with_history
