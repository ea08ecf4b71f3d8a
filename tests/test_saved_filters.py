"""Editors save the filters of a list under a name; each has their own."""

import pytest
from django.contrib.auth.models import User

from companies.models import SavedFilter
from companies.register.personal.erasure import erase
from companies.register.personal.persons import find

from .builders import a_company
from .editors import a_user, an_editor, text

pytestmark = [pytest.mark.django_db]

LIST = "/admin/companies/company/"
SAVE = "/admin/saved-filters/"


def save(client, **given):
    fields = {"table": "company", "name": "Finland", "query": "country=FI&lacks=sector"}
    return client.post(SAVE, fields | given)


def test_filters_are_saved_and_lead_to_the_same_list():
    client = an_editor()

    response = save(client)

    assert response["Location"] == f"{LIST}?country=FI&lacks=sector"
    shown = client.get(LIST)
    assert "The filters are saved as “Finland”." in text(shown)
    assert '<a href="?country=FI&amp;lacks=sector">Finland</a>' in shown.content.decode()


def test_a_list_offers_to_save_its_filters_only_when_there_are_some():
    a_company("Acme", country="FI")
    client = an_editor()

    assert "Save these filters as" not in text(client.get(LIST))
    filtered = client.get(f"{LIST}?country=FI")
    assert "Save these filters as" in text(filtered)
    assert 'name="query" value="country=FI"' in filtered.content.decode()


def test_saved_filters_are_those_of_one_editor_and_one_list():
    save(an_editor("ann"))
    other = an_editor("eve")

    assert "Finland" not in text(other.get(LIST))
    assert "Finland" not in text(other.get("/admin/companies/source/"))


def test_only_their_owner_can_delete_saved_filters():
    client = an_editor("ann")
    save(client)
    saved = SavedFilter.objects.get()

    assert an_editor("eve").post(f"{SAVE}{saved.pk}/delete/").status_code == 404
    assert SavedFilter.objects.exists()

    response = client.post(f"{SAVE}{saved.pk}/delete/")
    assert response["Location"] == LIST
    assert not SavedFilter.objects.exists()


def test_the_page_number_is_not_saved_with_the_filters():
    save(an_editor(), query="country=FI&p=3&e=1")

    assert SavedFilter.objects.get().query == "country=FI"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"query": ""}, "Filters: fill in this field."),
        ({"query": "p=2"}, "Choose a filter first."),
        ({"name": ""}, "Name: fill in this field."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"query": "q=" + "x" * 1000}, "at most 1000 characters"),
    ],
)
def test_saved_filters_need_a_name_and_a_filter(given, message):
    client = an_editor()

    response = save(client, **given)

    assert message in text(client.get(response["Location"]))
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("table", ["", "nonsense", "namekey", "user", "../../evil", "\x00"])
def test_filters_of_an_unknown_list_are_refused(table):
    client = an_editor()

    response = save(client, table=table)

    assert response.status_code in (302, 400)
    assert not SavedFilter.objects.exists()
    if response.status_code == 302:
        assert response["Location"] == "/admin/"


def test_two_saved_filters_of_a_list_cannot_share_a_name():
    client = an_editor()
    save(client)

    response = save(client, query="country=SE")

    assert "You have saved filters of this list by that name." in text(
        client.get(response["Location"])
    )
    assert SavedFilter.objects.count() == 1


def test_an_editor_can_save_a_limited_number_of_filters(monkeypatch):
    monkeypatch.setattr("companies.admin.desk.filter_screens.MOST", 1)
    client = an_editor()
    save(client)

    response = save(client, name="Sweden")

    assert "You have saved 1 filters." in text(client.get(response["Location"]))
    assert SavedFilter.objects.count() == 1


def test_a_user_who_may_not_view_a_list_cannot_save_its_filters():
    client = an_editor()
    client.force_login(a_user("nobody"))

    assert save(client).status_code == 403


@pytest.mark.parametrize("address", [SAVE, f"{SAVE}1/delete/"])
def test_saved_filters_are_created_and_deleted_by_post_only(address):
    assert an_editor().get(address).status_code == 405


def test_erasing_an_account_deletes_its_saved_filters():
    save(an_editor("ann"))
    save(an_editor("eve"))

    erase(find("ann"))

    assert SavedFilter.objects.get().owner.username == "eve"


def test_deleting_an_account_deletes_its_saved_filters():
    save(an_editor("ann"))

    User.objects.get(username="ann").delete()

    assert not SavedFilter.objects.exists()
