"""Two editors at one record: the second is told, and nothing is lost."""

import threading

import pytest
from django.db import connection

from .builders import (
    a_company,
    a_signing,
)
from .editors import a_login, an_editor, errors, page, save, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def test_an_edit_of_a_record_that_a_colleague_saved_meanwhile_is_refused_and_keeps_what_was_typed():
    ann, bob, company = an_editor("ann"), an_editor("bob"), a_company("Acme")
    anns = typed(ann.get(page(company)), website="https://acme.example/")
    save(bob, company, country="FR")

    response = ann.post(page(company), anns)

    assert "bob saved this record at" in errors(response)[0]
    assert "https://acme.example/" in response.content.decode()
    company.refresh_from_db()
    assert (company.country, company.website) == ("FR", "")


@pytest.mark.parametrize("how", ["its own page", "change", "delete"])
def test_an_edit_is_refused_too_when_only_a_row_of_the_company_changed(how):
    ann, company = an_editor(), a_company("Acme")
    signing = a_signing(company)
    name = company.names.create(name="Acme SA", kind="legal")
    anns = typed(ann.get(page(company)), country="FR")
    if how == "its own page":
        save(an_editor("bob"), signing, reason_en="Company statement.")
    elif how == "change":
        signing.status = "withdrawn"
        signing.save()
    else:
        name.delete()

    response = ann.post(page(company), anns)

    assert "saved this record at" in errors(response)[0]
    company.refresh_from_db()
    assert company.country == ""


def test_one_editor_can_save_twice_in_a_row():
    client, company = an_editor(), a_company("Acme")

    assert save(client, company, country="FR").status_code == 302
    assert save(client, company, country="DE").status_code == 302


@pytest.mark.database
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="threads cannot share SQLite in memory; files lock alike"
)
@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_saves_one_succeeds_and_the_other_is_refused():
    company = a_company("Acme")
    clients = [a_login("ann"), a_login("bob")]
    forms = [
        typed(client.get(page(company)), country=country)
        for client, country in zip(clients, ("FR", "DE"), strict=True)
    ]
    start, answers = threading.Barrier(2), []

    def press_save(client, form):
        start.wait()
        answers.append(client.post(page(company), form).status_code)
        connection.close()

    threads = [
        threading.Thread(target=press_save, args=pair) for pair in zip(clients, forms, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, 302]
    assert company.history.count() == 2
