"""The first page of the admin: what waits, and what the watch last met."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import ImportRun

from .builders import a_pact
from .editors import an_editor
from .lists import URL, a_list, a_reading

pytestmark = [pytest.mark.django_db, pytest.mark.history]

NAMES = ["Accenture", "Adecco", "Airbus"]

# Session, user, the editor's permissions (their own, their groups'); the proposals; the watched
# lists and their newest attempts; the version, and by it what evidence is missing: the periods, the
# quotes, the dates of sources, the checks of quotes and how many could be checked; the editor’s
# last actions.
QUERIES = 14


def block(client, address="/admin/"):
    """The part about the watch, as it is in the page; empty where there is none."""
    page = client.get(address).content.decode()
    found = re.search(r'<div class="module" id="watch">.*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def text(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", markup)).strip()


def an_attempt(state, refusal):
    return ImportRun.objects.create(
        pact=a_pact(),
        state=state,
        refusal=refusal,
        source_url=URL,
        retrieved_at=timezone.now(),
        seen_on=timezone.localdate(),
    )


def test_the_first_page_counts_open_proposals_and_links_to_them():
    a_reading(NAMES, accept=True)

    shown = block(an_editor())

    assert "3 proposals to review" in text(shown)
    assert f'href="{reverse("admin:companies_importrun_queue")}"' in shown


def test_a_decided_proposal_is_not_counted_as_open():
    a_reading(NAMES, accept=True).run.proposals.update(state="stale")

    assert "0 proposals to review" in text(block(an_editor()))


def test_the_last_reading_of_a_list_links_to_its_import_run():
    run = a_reading(NAMES, accept=True).run

    shown = block(an_editor())

    assert "EU AI Pact – read, 3 names" in text(shown)
    assert f'href="/admin/companies/importrun/{run.pk}/change/"' in shown
    assert "icon-yes.svg" in shown


@pytest.mark.parametrize(
    ("state", "word"), [("refused", "refused"), ("failed", "could not be fetched")]
)
def test_a_failed_reading_is_shown_with_its_reason_and_not_by_colour_alone(state, word):
    a_reading(NAMES, accept=True)
    run = an_attempt(state, "The page names <nobody>.")

    shown = block(an_editor())

    assert f"<strong>{word}</strong>" in shown
    assert "icon-no.svg" in shown
    assert "The page names &lt;nobody&gt;." in shown
    assert f"/importrun/{run.pk}/change/" in shown


def test_a_list_that_was_never_read_is_shown_as_such():
    a_list()

    assert "EU AI Pact – not read yet" in text(block(an_editor()))


def test_the_page_of_one_app_does_not_repeat_the_overview():
    a_list()

    assert block(an_editor(), "/admin/companies/") == ""


def test_a_user_without_permission_on_import_runs_sees_no_overview():
    a_list()
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get("/admin/").status_code == 200
    assert block(client) == ""


@pytest.mark.parametrize("lists", [1, 4])
def test_the_first_page_takes_the_same_number_of_queries_for_any_number_of_lists(
    django_assert_num_queries, lists
):
    a_reading(NAMES, accept=True)
    for number in range(lists - 1):
        a_list(a_pact(f"pact-{number}", position=number + 5))
    client = an_editor()

    with django_assert_num_queries(QUERIES):
        block(client)
