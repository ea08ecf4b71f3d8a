"""The public record that a form would make, shown before anything is saved."""

import datetime
import re
from itertools import product

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client

from companies.models import Citation, Company, Proposal, Signing, Source
from companies.queries import readings
from companies.queries.clocks import Clock
from companies.queries.roster import rosters
from companies.queries.roster.rosters import roster_of
from companies.register.history import current_version, save
from companies.register.publishing import trial
from companies.register.read_table import rebuild
from companies.register.verifying import describing

from .builders import a_citation, a_commitment, a_company, a_correction, a_pact, a_signing, a_source
from .editors import a_login, an_editor, errors, page, text, typed
from .reader_client import forget_answers
from .sampling import ALL, each

pytestmark = [pytest.mark.django_db, pytest.mark.history]

OCTOBER = datetime.date(2024, 10, 9)
MARCH = datetime.date(2025, 3, 1)


def acme() -> Company:
    company = a_company("Acme", country="FR")
    signed = a_signing(company, since=OCTOBER, since_basis="first_seen")
    listed = a_source("list", kind="official_list", published_on=OCTOBER)
    a_citation(signing=signed, source=listed, quote="Acme")
    a_source("news")
    a_commitment()
    rebuild()
    return company


def press_preview(client: Client, screen: str, **typed_in):
    return client.post(screen, typed(client.get(screen), **typed_in) | {"_preview": "1"})


def decline(client: Client, company: Company, **more):
    values = {
        "status": "declined",
        "since": "2025-03",
        "since_basis": "first_seen",
        "source": Source.objects.get(slug="news").pk,
        "quote": "Acme will not sign.",
        "own_words": "will_not_sign",
        "change_reason": "a press release",
    }
    return press_preview(client, page(company, "change-status"), **values | more)


def all_rows() -> dict[str, list]:
    """Every row of every table, but the sessions of logins."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label not in ("sessions.Session", "accounts.LoginSession")
    }


# What it shows


def test_a_preview_shows_the_public_record_with_what_was_typed():
    company = acme()

    shown = text(press_preview(an_editor(), page(company), name="Acme Group", country="DE"))

    assert "Preview: nothing is saved yet." in shown
    assert "Acme Group" in shown
    assert "Germany" in shown
    assert "France" not in shown.partition("Timeline")[0]


def test_a_preview_shows_implied_pledges_and_the_new_timeline_entry():
    company = a_company("Acme")
    a_commitment(title_en="Map the systems at risk")
    source = a_source("news")
    sent = {"status": "signed", "since": "2025-03-01", "since_basis": "stated"}
    sent |= {"source": source.pk, "quote": "Acme signed on 1 March 2025.", "change_reason": "news"}

    shown = text(press_preview(an_editor(), page(company, "change-status"), **sent))

    assert "Acme signed on 1 March 2025." in shown
    assert "Map the systems at risk" in shown
    assert "Timeline" in shown
    assert not Signing.objects.exists()


def test_evidence_is_previewed_beside_the_fact_that_it_supports():
    company = acme()
    sent = {"source": Source.objects.get(slug="news").pk, "quote": "Acme is on the list"}

    shown = text(press_preview(an_editor(), page(company, "add-evidence"), **sent))

    assert "Acme is on the list" in shown
    assert Citation.objects.count() == 1


def test_a_company_is_previewed_before_it_is_on_the_register():
    client, add = an_editor(), "/admin/companies/company/add/"
    a_pact()

    shown = text(press_preview(client, add, name="Newcomer", slug="newcomer", country="IT"))

    assert "Newcomer" in shown
    assert "Italy" in shown
    assert not Company.objects.exists()


def test_a_new_public_id_is_previewed_at_its_new_url():
    company = acme()

    answer = press_preview(an_editor(), page(company), slug="acme-group", change_reason="renamed")

    assert b"/companies/acme-group/" in answer.content
    assert Client().get("/companies/acme-group/").status_code == 404


def test_an_editor_who_reads_french_previews_the_french_page():
    company = acme()
    screen = "/fr" + page(company)

    answer = press_preview(an_editor(), screen, country="DE")

    assert b'<html lang="fr">' in answer.content
    assert "Allemagne" in text(answer)


def test_the_preview_frame_first_shows_the_saved_record():
    company, client = acme(), an_editor()

    frame = re.search(r'<iframe[^>]* src="([^"]+)"', client.get(page(company)).content.decode())
    shown = text(client.get(frame[1]))

    assert "The public record as it is now." in shown
    assert "France" in shown


# What one person may not publish


def test_a_preview_of_a_guarded_status_says_that_a_second_person_is_needed(settings):
    settings.SECOND_PERSON = "harmful"
    company = acme()

    shown = text(decline(an_editor(), company))

    assert "This status needs a second person:" in shown
    assert "Acme will not sign." in shown
    assert not Proposal.objects.exists()
    assert Signing.objects.get().status == "signed"


def test_a_preview_sends_no_notice(settings, django_capture_on_commit_callbacks):
    settings.SECOND_PERSON, settings.EMAIL_URL = "harmful", "submission://mail.example"
    company = acme()
    a_correction(
        company,
        kind="statement",
        email="press@acme.example",
        tell_status=True,
        sender_confirmed_at=datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
    )

    with django_capture_on_commit_callbacks(execute=True):
        decline(an_editor(), company)

    assert mail.outbox == []


# What stays of it


PREVIEWS = {
    "a profile": lambda client, company: press_preview(client, page(company), country="DE"),
    "a name": lambda client, company: press_preview(client, page(company), name="Acme Group"),
    "a public id": lambda client, company: press_preview(client, page(company), slug="other"),
    "a status": decline,
    "evidence": lambda client, company: press_preview(
        client,
        page(company, "add-evidence"),
        source=Source.objects.get(slug="list").pk,
        quote="Acme!",
    ),
}


RULES = ("harmful", "off")
BY_TURNS = [(name, RULES[place % 2]) for place, name in enumerate(PREVIEWS)]


@pytest.mark.parametrize(
    ("preview", "rule"),
    [*product(PREVIEWS, RULES)] if ALL else [*BY_TURNS, ("a status", "harmful")],
)
def test_a_preview_stores_no_row_and_no_version(preview, rule, settings):
    settings.SECOND_PERSON = rule
    company, client = acme(), an_editor()
    before = all_rows()

    answer = PREVIEWS[preview](client, company)

    assert b"Preview: nothing is saved yet." in answer.content
    assert all_rows() == before


ADDRESSES = (
    *("/", "/companies/", "/companies/acme/", "/companies/other/", "/absent/", "/statistics/"),
    *("/api/v1/companies/", "/api/v1/companies/acme/", "/api/v1/statistics/", "/matrix/"),
    *("/companies/?q=acme", "/companies/?country=DE", "/companies/?status=declined"),
)


@pytest.mark.parametrize("preview", each(2, [*PREVIEWS]))
def test_a_preview_leaves_nothing_in_the_cache(preview):
    """Which has the version of the register that the preview had."""
    company, client, reader = acme(), an_editor(), Client()
    other = a_company("Other")
    for address in ADDRESSES:  # so that the process keeps what it read
        reader.get(address)
    version = current_version()

    PREVIEWS[preview](client, company)
    other.country = "ES"
    save(other, "the edit that follows")

    assert current_version() == version + 1
    shown = [reader.get(address).content for address in ADDRESSES]
    readings.forget()
    forget_answers()
    assert shown == [reader.get(address).content for address in ADDRESSES]


def test_a_full_list_seen_only_in_a_preview_is_forgotten():
    """A process counts on from what it counted last, by versions: a preview's is not among them."""
    acme()
    bolt, other = a_company("Bolt"), a_company("Other")
    signed = a_signing(bolt, since=OCTOBER, since_basis="first_seen")
    client, listed = an_editor(), Source.objects.get(slug="list")
    assert readings.full_lists(Clock()).lists == ()
    screen, sent = page(bolt, "add-evidence"), {"source": listed.pk, "quote": "Bolt"}

    shown = text(press_preview(client, screen, facts=f"signing-{signed.pk}", **sent))
    other.country = "ES"
    save(other, "the edit that follows")

    assert "Bolt" in shown
    assert readings.full_lists(Clock()).lists == ()
    client.post(screen, typed(client.get(screen), facts=f"signing-{signed.pk}", **sent))
    assert [one.names for one in readings.full_lists(Clock()).lists] == [2]


def test_no_roster_is_cached_from_a_preview():
    company = acme()
    pact, other = company.signings.get().pact, a_company("Other")
    roster_of(pact, Clock())

    def move() -> None:
        company.country = "DE"
        save(company, "tried")

    tried = trial.after(move, lambda _alone: roster_of(pact, Clock()))
    other.country = "ES"
    save(other, "the edit that follows")
    now = roster_of(pact, Clock())

    assert tried != now
    rosters.forget()
    assert now == roster_of(pact, Clock())


def test_a_form_can_be_saved_after_its_preview():
    company, client = acme(), an_editor()
    form = typed(client.get(page(company)), country="DE")

    client.post(page(company), form | {"_preview": "1"})
    saved = client.post(page(company), form, follow=True)

    assert errors(saved) == []
    assert Company.objects.get().country == "DE"
    assert text(saved).count("was changed successfully") == 1


def test_a_preview_leaves_no_message_for_the_next_page():
    company, client = acme(), an_editor()

    press_preview(client, page(company), country="DE")

    assert "successfully" not in text(client.get(page(company)))


# What it refuses


def test_the_preview_frame_shows_the_errors_of_an_invalid_form():
    company = acme()

    answer = press_preview(an_editor(), page(company), name="")

    assert "No preview yet" in text(answer)
    assert "Name: fill in this field." in text(answer)
    assert "SAMEORIGIN" in answer["X-Frame-Options"]


def test_the_preview_frame_shows_a_violated_database_constraint():
    company = acme()
    a_company("Acme Bank", slug="acme-bank")

    shown = text(press_preview(an_editor(), page(company), slug="acme-bank"))

    assert "No preview yet" in shown
    assert Company.objects.filter(slug="acme").exists()


def test_a_status_without_a_source_is_not_previewed_and_fetches_no_page(monkeypatch):
    def fetch(url):
        raise AssertionError(url)

    monkeypatch.setattr(describing, "fetch_page", fetch)
    company = acme()

    shown = text(decline(an_editor(), company, source="", new_url="https://news.example/a"))

    assert "A new source needs its title and its kind." in shown


def test_a_status_stronger_than_its_quote_is_not_previewed():
    company = acme()

    shown = text(decline(an_editor(), company, own_words=""))

    assert "No preview yet" in shown
    assert Signing.objects.get().status == "signed"


# Who may see it, and where


@pytest.mark.parametrize("screen", ["change", "change-status", "add-evidence"])
def test_a_user_who_may_not_save_may_not_preview(screen):
    company = acme()

    answer = a_login("vera", "Viewers").post(page(company, screen), {"_preview": "1"})

    assert answer.status_code == 403


@pytest.mark.parametrize("screen", ["change", "change-status", "add-evidence"])
def test_the_desk_alone_may_frame_a_preview_and_no_script_runs_in_it(screen):
    company, client = acme(), an_editor()

    form = client.get(page(company, screen))
    answer = press_preview(client, page(company, screen))

    assert "frame-src 'self'" in form["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in form["Content-Security-Policy"]
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'none'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert "Surrogate-Key" not in answer


def test_markup_in_a_previewed_name_is_escaped():
    company = acme()

    answer = press_preview(an_editor(), page(company), name="<script>alert(1)</script>")

    assert b"<script>alert(1)" not in answer.content
