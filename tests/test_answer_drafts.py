"""An editor drafts the answer to a correction; a reviewer sends it, or sends it back."""

import pytest
from django.core import mail
from django.test import Client

from companies.models import AnswerDraft, Correction
from companies.register.approval.drafts import DraftedMeanwhile, NoDraft, draft, send_back
from companies.register.corrections import AlreadyClosed, decline

from .builders import a_company, a_correction, a_pact
from .editors import a_login, a_reviewer, a_user, an_editor, errors, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]

QUEUE = "/admin/companies/correction/"
SAID = "We looked at the page of Acme: it is in France."


def screen(letter: Correction) -> str:
    return f"{QUEUE}{letter.pk}/answer/"


def write_draft(client: Client, letter: Correction, reply: str = SAID, **changes: str):
    page = client.get(screen(letter))
    sent = typed(page, verdict="accepted", reply=reply, draft="1", **changes)
    return client.post(screen(letter), sent, follow=True)


# The editor


def test_an_editor_drafts_an_answer_that_waits_for_a_reviewer():
    letter, client = a_correction(a_company("Acme")), an_editor()

    told = text(write_draft(client, letter))

    letter.refresh_from_db()
    assert (letter.state, letter.taken_by.username, letter.reply) == ("checking", "ann", "")
    assert (letter.draft.verdict, letter.draft.reply) == ("accepted", SAID)
    assert letter.draft.written_by.username == "ann"
    assert "It waits for a reviewer. No one else can read it." in told


@pytest.mark.parametrize("button", ["accept", "decline", "withdraw", "send_back"])
def test_an_editor_cannot_send_an_answer(button):
    letter, client = a_correction(a_company("Acme")), an_editor()
    write_draft(client, letter)

    sent = {"reply": SAID, "reason": SAID, "because": SAID, button: "1"}
    assert client.post(screen(letter), sent).status_code == 403
    assert f'name="{button}"'.encode() not in client.get(screen(letter)).content

    assert Correction.objects.get().state == "checking"


def test_an_editor_is_not_shown_the_address_of_the_sender():
    letter = a_correction(a_company("Acme"), email="reader@example.org")

    assert b"reader@example.org" in a_reviewer().get(screen(letter)).content
    editor = an_editor()
    for address in (QUEUE, screen(letter), f"{QUEUE}{letter.pk}/change/"):
        page = editor.get(address)
        assert page.status_code == 200
        assert b"reader@example.org" not in page.content


def test_a_viewer_sees_no_correction():
    letter = a_correction(a_company("Acme"))
    viewer = a_login("vera", "Viewers")

    assert [viewer.get(one).status_code for one in (QUEUE, screen(letter))] == [403, 403]


def test_a_draft_without_a_verdict_or_a_reply_is_refused():
    letter, client = a_correction(a_company("Acme")), an_editor()

    answer = client.post(screen(letter), {"draft": "1"})

    assert errors(answer) == [
        "Verdict: choose one from the list.",
        "Write a reply to the sender.",
    ]
    assert Correction.objects.get().state == "received"


# The reviewer


def test_a_reviewer_edits_the_draft_and_sends_it():
    letter, reviewer = a_correction(a_company("Acme"), email="reader@example.org"), a_reviewer()
    write_draft(an_editor(), letter)

    page = reviewer.get(screen(letter))
    assert typed(page)["reply"] == SAID
    assert "ann, " in text(page)
    reviewer.post(screen(letter), {"reply": f"{SAID} Thank you.", "accept": "1"})

    letter.refresh_from_db()
    assert (letter.state, letter.closed_by.username) == ("accepted", "rob")
    assert letter.reply == f"{SAID} Thank you."
    assert not AnswerDraft.objects.exists()


def test_a_returned_draft_shows_the_reason_until_it_is_rewritten():
    letter, reviewer, editor = a_correction(a_company("Acme")), a_reviewer(), an_editor()
    write_draft(editor, letter)

    reviewer.post(screen(letter), {"because": "Name the source.", "send_back": "1"})

    shown = text(editor.get(screen(letter)))
    assert "Sent back by rob" in shown
    assert "Name the source." in shown
    assert b'name="send_back"' not in reviewer.get(screen(letter)).content
    write_draft(editor, letter)
    assert "Name the source." not in text(editor.get(screen(letter)))
    assert not AnswerDraft.objects.get().is_returned


def test_the_desk_counts_drafts_for_the_users_who_must_act_on_them():
    letter, other = a_correction(a_company("Acme")), a_correction()
    editor, reviewer = an_editor(), a_reviewer()
    write_draft(editor, letter)
    write_draft(editor, other)
    reviewer.post(screen(other), {"because": "Look again.", "send_back": "1"})

    for client, label, code, found in (
        (reviewer, "Drafted answers to send", "waiting", letter),
        (editor, "Drafted answers sent back", "returned", other),
    ):
        desk = client.get("/admin/")
        assert f"1 {label}" in text(desk)
        assert f'href="{QUEUE}?draft={code}"' in desk.content.decode()
        rows = client.get(f"{QUEUE}?draft={code}").context["cl"].result_list
        assert [*rows] == [found]
    assert "2 decisions wait" in text(reviewer.get("/admin/"))


def test_an_unsent_draft_is_never_public(client):
    a_pact()
    letter = a_correction(a_company("Acme"), email="reader@example.org", kind="statement")
    write_draft(an_editor(), letter, reply="A secret so far.")

    for address in (
        letter.get_absolute_url(),
        f"/fr{letter.get_absolute_url()}",
        "/corrections/",
        "/companies/acme/",
        "/api/v1/companies/acme/",
        "/changes/",
    ):
        assert "A secret so far." not in client.get(address, follow=True).content.decode()
    assert all("A secret so far." not in one.body for one in mail.outbox)


# The next one


def test_finishing_a_draft_leads_to_the_next_one_for_this_user():
    first, second, third = a_correction(), a_correction(), a_correction()
    editor, reviewer = an_editor(), a_reviewer()

    drafted = write_draft(editor, first)
    assert drafted.redirect_chain == [(screen(second), 302)]
    assert f"{first} : answer drafted" in text(drafted)
    write_draft(editor, second)
    assert write_draft(editor, third).redirect_chain == [(screen(third), 302)]
    sent = reviewer.post(screen(first), {"reply": SAID, "decline": "1"})
    assert sent.url == screen(second)


# Two at once


def test_a_draft_changed_by_a_colleague_meanwhile_is_not_overwritten():
    letter, ann, eve = a_correction(), a_user("ann"), a_user("eve")
    said = {"verdict": "accepted", "reply": SAID}
    first = draft(letter.pk, seen="", by=ann, **said)

    with pytest.raises(DraftedMeanwhile, match="ann changed the draft meanwhile"):
        draft(letter.pk, seen="", by=eve, **said)
    draft(letter.pk, seen=first.version, by=eve, **said)

    assert AnswerDraft.objects.get().written_by == eve


def test_a_closed_correction_accepts_no_draft_and_returns_none():
    letter, rob = a_correction(), a_user("rob")

    with pytest.raises(NoDraft):
        send_back(letter.pk, because="Why?", by=rob)
    decline(letter.pk, reply=SAID, by=rob)

    with pytest.raises(AlreadyClosed):
        draft(letter.pk, verdict="accepted", reply=SAID, seen="", by=rob)
    with pytest.raises(AlreadyClosed):
        send_back(letter.pk, because="Why?", by=rob)


def test_the_screen_says_that_a_colleague_answered_first():
    letter, client = a_correction(), an_editor()
    write_draft(client, letter)

    told = text(write_draft(client, letter, seen=""))

    assert "Ann changed the draft meanwhile. Yours was not saved." in told
