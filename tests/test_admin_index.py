"""The first page of the admin: what waits, and what the watch last met."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from companies.models import ImportRun

from .builders import a_pact
from .editors import an_editor
from .lists import URL, a_list, a_reading

pytestmark = [pytest.mark.django_db, pytest.mark.history]

NAMES = ["Accenture", "Adecco", "Airbus"]

# As in test_desk.py, here for an editor, who decides nothing; with the pact of the proposals
# and the newest attempts of the lists.
QUERIES = 19


def block(client, address="/admin/"):
    """The part about the watch, as it is in the page; empty where there is none."""
    page = client.get(address).content.decode()
    found = re.search(r'<section id="watch">.*?</section>', page, re.DOTALL)
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


def test_the_last_reading_of_a_list_links_to_its_import_run():
    run = a_reading(NAMES, accept=True).run

    shown = block(an_editor())

    assert "EU AI Pact 3 names, " in text(shown)
    assert f'href="/admin/companies/importrun/{run.pk}/change/"' in shown


@pytest.mark.parametrize(
    ("state", "word"), [("refused", "refused"), ("failed", "could not be fetched")]
)
def test_a_failed_reading_is_shown_with_its_reason_and_not_by_colour_alone(state, word):
    a_reading(NAMES, accept=True)
    run = an_attempt(state, "The page names <nobody>.")

    shown = block(an_editor())

    assert f'<strong class="late">{word}</strong>' in shown
    assert "The page names &lt;nobody&gt;." in shown
    assert f"/importrun/{run.pk}/change/" in shown


def test_a_list_that_was_never_read_is_shown_as_such():
    a_list()

    assert "EU AI Pact not read yet" in text(block(an_editor()))


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
