"""Editors change a status and take it back: by action, by form, and only with a source."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from companies.models import Citation, Pledge, Signing

from .builders import a_citation, a_commitment, a_company, a_pact, a_signing, a_source
from .editors import a_user, an_editor, errors, page, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LIST = "/admin/companies/company/"
BEGAN = datetime.date(2024, 9, 25)


def meta():
    """Meta, which declined in public."""
    declined = a_signing(a_company("Meta"), status="declined", since=BEGAN)
    a_citation(signing=declined)
    return declined.company


def change(client, company, **typed_in):
    screen = page(company, "change-status")
    values = {
        "status": "signed",
        "since": "2025-03",
        "since_basis": "first_seen",
        "source": a_source().pk,
        "change_reason": "its newsroom says so",
    }
    return client.post(screen, typed(client.get(screen), **values | typed_in))


def undo(client, company, **typed_in):
    screen = page(company, "undo-status")
    form = client.get(screen, follow=True)
    values = typed(form, **{"change_reason": "the page was a draft"} | typed_in)
    return client.post(form.request["PATH_INFO"], values)


def periods(company):
    return list(company.signings.order_by("since").values_list("status", "since", "until"))


def test_changing_a_status_ends_the_present_period_and_begins_the_next_with_its_source():
    client, company, source = an_editor(), meta(), a_source("newsroom")

    response = change(
        client, company, source=source.pk, quote="We sign.", reason_en="It changed its mind."
    )

    assert response.status_code == 302, errors(response)
    march = datetime.date(2025, 3, 1)
    assert periods(company) == [("declined", BEGAN, march), ("signed", march, None)]
    signed = company.signings.get(status="signed")
    assert (str(signed.started), signed.reason_en) == ("2025-03", "It changed its mind.")
    assert (signed.citations.get().source, signed.citations.get().quote) == (source, "We sign.")
    step = signed.history.get()
    assert (step.history_user.username, step.history_change_reason) == (
        "ann",
        "its newsroom says so",
    )
    assert "Meta: Signed since March 2025. You can undo this here." in text(
        client.get(page(company))
    )


def test_signing_adds_the_core_pledges_and_undoing_it_removes_them():
    client, company, core = an_editor(), meta(), a_commitment("governance")

    change(client, company)
    assert company.pledges.get().commitment == core

    undo(client, company)
    assert not company.pledges.exists()
    assert Pledge.history.filter(company=company, history_type="-").exists()


def test_undoing_reopens_the_previous_status_and_keeps_both_changes_in_the_history():
    client, company = an_editor(), meta()
    change(client, company)
    signed = company.signings.get(status="signed")

    response = undo(client, company)

    assert response.status_code == 302, errors(response)
    assert periods(company) == [("declined", BEGAN, None)]
    assert not Citation.objects.filter(source__title="newsroom").exists()
    reasons = [row.history_change_reason for row in Signing.history.filter(id=signed.pk)]
    assert reasons == ["the page was a draft", "its newsroom says so"]
    assert "Meta: status restored to “Publicly declined” (25 September 2024)." in text(
        client.get(page(company))
    )


def test_undoing_the_only_status_leaves_none():
    client, company = an_editor(), meta()

    undo(client, company)

    assert periods(company) == []
    assert "Meta: status removed (EU AI Pact)." in text(client.get(page(company)))


@pytest.mark.parametrize(
    ("typed_in", "message"),
    [
        ({"source": ""}, "Source: choose the document, or paste its address."),
        ({"change_reason": ""}, "Why: fill in this field."),
        ({"status": ""}, "New status: choose one from the list."),
        ({"status": "declined"}, "The company already has this status."),
        ({"since": "2024-09-25"}, "must begin later"),
        ({"since": "2024-02-30"}, "Write a date as 2024-10-09"),
        ({"since": "next week"}, "Write a date as 2024-10-09"),
        ({"since": "9999"}, "A status cannot begin in the future."),
        ({"source": "999"}, "Source: choose one from the list."),
    ],
)
def test_an_impossible_status_change_is_refused_and_keeps_what_was_typed(typed_in, message):
    client, company = an_editor(), meta()
    before = periods(company)

    response = change(client, company, quote="We sign.", **typed_in)

    assert message in " ".join(errors(response))
    assert "We sign." in response.content.decode()
    assert periods(company) == before


def test_a_status_changed_by_a_colleague_meanwhile_is_refused_and_shown():
    company = meta()
    ann, bob, source = an_editor("ann"), an_editor("bob"), a_source()
    screen = page(company, "change-status")
    values = {"status": "removed", "since": "2025-06", "since_basis": "observed"}
    anns = typed(ann.get(screen), **values, source=source.pk, change_reason="gone")
    change(bob, company)
    before = periods(company)

    response = ann.post(screen, anns)

    assert errors(response) == [
        "Someone else has just changed the status of Meta. It is now: Signed."
    ]
    assert periods(company) == before


def test_submitting_undo_twice_undoes_one_change():
    ann, bob, company = an_editor("ann"), an_editor("bob"), meta()
    change(bob, company)
    change(bob, company, status="removed", since="2025-06")
    screen = ann.get(page(company, "undo-status"), follow=True)
    undo(bob, company)

    response = ann.post(screen.request["PATH_INFO"], typed(screen, change_reason="wrong"))

    assert response.status_code == 404
    assert [status for status, *_days in periods(company)] == ["declined", "signed"]


def test_an_ended_status_cannot_be_undone():
    client, company = an_editor(), meta()
    change(client, company)
    declined = company.signings.get(status="declined")
    screen = page(company, f"undo-status/{declined.pk}")

    response = client.post(screen, {"change_reason": "wrong"})

    assert errors(response) == ["Only the current status can be undone."]
    assert len(periods(company)) == 2


def test_undoing_needs_a_reason():
    client, company = an_editor(), meta()

    response = undo(client, company, change_reason="")

    assert errors(response) == ["Why: fill in this field."]
    assert periods(company) == [("declined", BEGAN, None)]


def test_the_editor_chooses_the_pact_whose_status_is_undone():
    client, company = an_editor(), meta()
    code = a_pact("gpai-code", name_en="GPAI Code", position=1)
    a_signing(company, pact=code)

    choice = client.get(page(company, "undo-status"))

    addresses = [f"/undo-status/{signing.pk}/" for signing in company.signings.all()]
    assert all(address in choice.content.decode() for address in addresses)
    assert "GPAI Code" in text(choice)


def test_changing_the_status_for_one_pact_leaves_the_others_unchanged():
    client, company = an_editor(), meta()
    code = a_pact("gpai-code", name_en="GPAI Code", position=1)

    change(client, company, pact=code.pk)

    assert company.signings.get(pact=code).status == "signed"
    assert company.signings.get(pact=a_pact()).until is None


def test_the_list_action_opens_the_status_form_of_one_company():
    client, company = an_editor(), meta()
    action = {"action": "change_status_of_selected", "_selected_action": [company.pk]}

    response = client.post(LIST, action)

    assert response.headers["Location"] == page(company, "change-status")


def test_the_action_takes_one_company_at_a_time():
    client = an_editor()
    chosen = [meta().pk, a_company("Other").pk]
    action = {"action": "change_status_of_selected", "_selected_action": chosen}

    response = client.post(LIST, action, follow=True)

    assert "Choose one company: each status needs its own source." in text(response)


def test_a_viewer_can_neither_change_nor_undo_a_status():
    company, client = meta(), Client()
    client.force_login(a_user("reader"))

    for screen in ("change-status", "undo-status"):
        assert client.get(page(company, screen)).status_code == 403
        assert client.post(page(company, screen), {}).status_code == 403


def test_a_status_can_begin_today():
    client, company = an_editor(), meta()

    response = change(client, company, since=timezone.localdate().isoformat())

    assert response.status_code == 302, errors(response)
