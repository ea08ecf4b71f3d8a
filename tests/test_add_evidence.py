"""Editors add evidence: a source once, by its address, cited for all that it supports."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from companies.importers.download import Download, DownloadFailed
from companies.models import Citation, Source
from companies.register.verifying import describing

from .builders import a_citation, a_company, a_pact, a_pledge, a_signing, a_source
from .editors import a_user, an_editor, errors, page, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]

URL = "https://news.example/2024/acme"
PAGE = (
    b"<html lang=de><title>Acme signs</title><meta property=og:site_name content='Example News'>"
    b"<meta property=article:published_time content=2024-10-09><body>x"
)
KEPT = (
    b'{"archived_snapshots": {"closest": {"url": '
    b'"http://web.archive.org/web/20241010/https://news.example/2024/acme"}}}'
)
CITE = "/admin/companies/company/cite/"


@pytest.fixture
def web(monkeypatch):
    """Stands in for other hosts; the addresses that were asked for."""
    asked: list[str] = []

    def answer(url: str) -> Download:
        asked.append(url)
        if "unreachable" in url:
            raise DownloadFailed(url, "timeout", "in English")
        content = KEPT if "archive.org/wayback" in url else PAGE
        return Download(url, content, "0" * 64, "", "", False, "text/html")

    monkeypatch.setattr(describing, "fetch_page", answer)
    monkeypatch.setattr(describing, "fetch_archive", answer)
    cache.clear()
    yield asked
    cache.clear()


def acme():
    company = a_company("Acme")
    a_signing(company, since=datetime.date(2024, 10, 9), since_basis="first_seen")
    return company


def press(client, screen, button="", **typed_in):
    """Open the screen, type, press a button; the other fields stay as they are."""
    values = typed(client.get(screen), **typed_in)
    return client.post(screen, values | ({button: "1"} if button else {}))


def fill_in(client, screen, **typed_in):
    return press(client, screen, "_fill_in", **typed_in)


FILLED = {
    "new_url": URL,
    "new_title": "Acme signs",
    "new_publisher": "Example News",
    "new_kind": "press",
    "new_published_on": "2024-10-09",
    "new_archived_url": "https://web.archive.org/web/20241010/https://news.example/2024/acme",
    "language": "de",
}


@pytest.mark.parametrize("kind", ["add-evidence", "change-status"])
def test_the_fields_of_a_source_are_filled_in_from_its_address_and_nothing_is_saved(web, kind):
    client, company = an_editor(), acme()

    response = fill_in(client, page(company, kind), new_url=URL, quote="Acme unterzeichnet")

    values = typed(response)
    assert {name: values[name] for name in FILLED} == FILLED
    assert values["quote"] == "Acme unterzeichnet"
    assert "Check each field: nothing is saved yet." in text(response)
    assert not Source.objects.exists()
    assert web == [URL, describing.AVAILABLE + "https%3A%2F%2Fnews.example%2F2024%2Facme"]


def test_what_was_typed_is_not_replaced_by_what_the_page_says(web):
    client, company = an_editor(), acme()

    response = fill_in(
        client, page(company, "add-evidence"), new_url=URL, new_title="Our title", language="en"
    )

    values = typed(response)
    assert (values["new_title"], values["language"]) == ("Our title", "en")
    assert values["new_publisher"] == "Example News"


def test_pressing_enter_on_a_url_without_a_title_fills_in_the_source(web):
    client, company = an_editor(), acme()

    response = press(client, page(company, "add-evidence"), new_url=URL)

    assert typed(response)["new_title"] == "Acme signs"
    assert not Source.objects.exists()


def test_the_url_of_a_known_source_selects_it_without_fetching_the_page(web):
    client, company = an_editor(), acme()
    source = a_source("acme-signs", title="Acme signs", url=URL)

    response = fill_in(client, page(company, "add-evidence"), new_url=URL)

    assert (typed(response)["source"], typed(response)["new_url"]) == (str(source.pk), "")
    assert "This document is already on the register: “Acme signs” is chosen." in text(response)
    assert web == []


def test_a_page_that_cannot_be_read_says_why_and_keeps_what_was_typed(web):
    client, company = an_editor(), acme()

    response = fill_in(
        client,
        page(company, "add-evidence"),
        new_url="https://unreachable.example/",
        quote="Acme signs",
    )

    assert "The server took too long to answer. Fill in the fields yourself." in text(response)
    assert typed(response)["new_url"] == "https://unreachable.example/"
    assert typed(response)["quote"] == "Acme signs"


def test_without_a_url_nothing_is_fetched(web):
    client, company = an_editor(), acme()

    response = fill_in(client, page(company, "add-evidence"))

    assert "Paste the address of the page first." in text(response)
    assert web == []


def test_fetching_more_pages_than_the_hourly_limit_is_refused(web, monkeypatch):
    monkeypatch.setattr("companies.admin.evidence.source_fields.MOST", 2)
    client, company = an_editor(), acme()

    for _time in range(2):
        fill_in(client, page(company, "add-evidence"), new_url=URL)
    response = fill_in(client, page(company, "add-evidence"), new_url=URL)

    assert "Too many pages in one hour." in text(response)
    assert len(web) == 4  # two pages, and the archive for each


def test_a_new_source_is_cited_for_every_ticked_fact(web):
    client, company = an_editor(), acme()
    signing, pledge = company.signings.get(), a_pledge(company)
    screen = page(company, "add-evidence")
    form = typed(fill_in(client, screen, new_url=URL))

    response = client.post(
        screen,
        form
        | {
            "facts": [f"signing-{signing.pk}", f"pledge-{pledge.pk}", f"company-{company.pk}"],
            "quote": "Acme unterzeichnet",
            "change_reason": "its own news",
        },
    )

    assert response.status_code == 302, errors(response)
    source = Source.objects.get()
    assert (source.slug, source.title, source.kind) == ("acme-signs", "Acme signs", "press")
    assert (source.url, source.retrieved_on) == (URL, timezone.localdate())
    cited = Citation.objects.values_list("source", "signing", "pledge", "company", "quote")
    assert set(cited) == {
        (source.pk, signing.pk, None, None, "Acme unterzeichnet"),
        (source.pk, None, pledge.pk, None, "Acme unterzeichnet"),
        (source.pk, None, None, company.pk, "Acme unterzeichnet"),
    }
    assert {one.language for one in Citation.objects.all()} == {"de"}
    assert source.history.get().history_change_reason == "its own news"
    assert "“Acme signs” is now cited for 3 facts about Acme." in text(client.get(page(company)))


def test_an_existing_source_is_cited_for_the_current_status_by_default():
    client, company = an_editor(), acme()
    gpai = a_pact("gpai-code", position=2)
    a_signing(company, pact=gpai, since=datetime.date(2024, 10, 9))
    source = a_source("newsroom", published_on=datetime.date(2024, 10, 9))

    response = press(client, page(company, "add-evidence"), source=source.pk, quote="We sign.")

    assert response.status_code == 302, errors(response)
    cited = Citation.objects.get(source=source)
    assert cited.signing == company.signings.get(pact__slug="eu-ai-pact")


def test_an_identical_citation_is_not_added_twice():
    client, company = an_editor(), acme()
    source = a_source("newsroom", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=company.signings.get(), source=source, quote="We sign.")

    response = press(client, page(company, "add-evidence"), source=source.pk, quote="We sign.")

    assert "is already cited for this" in " ".join(errors(response))
    assert Citation.objects.count() == 1


@pytest.mark.parametrize(
    ("typed_in", "message"),
    [
        ({}, "Source: choose the document, or paste its address."),
        ({"new_url": URL, "new_title": "T"}, "A new source needs its title and its kind."),
        (
            {"new_url": URL, "new_title": "T", "new_kind": "press", "facts": []},
            "What it supports: tick at least one.",
        ),
        (
            {
                "new_url": URL,
                "new_title": "T",
                "new_kind": "press",
                "new_published_on": "2999-01-01",
            },
            "This day is in the future.",
        ),
        ({"new_url": "nonsense", "new_title": "T", "new_kind": "press"}, "enter a web address"),
    ],
)
def test_incomplete_evidence_is_refused_and_nothing_is_saved(typed_in, message):
    client, company = an_editor(), acme()

    response = press(client, page(company, "add-evidence"), **typed_in)

    assert message in " ".join(errors(response))
    assert not Source.objects.exists()
    assert not Citation.objects.exists()


def test_evidence_that_contradicts_the_status_is_refused_and_nothing_is_saved():
    client, company = an_editor(), acme()  # first seen on 9 October 2024

    response = press(
        client,
        page(company, "add-evidence"),
        new_url=URL,
        new_title="Acme signs",
        new_kind="press",
        new_published_on="2024-10-01",
        quote="We sign.",
    )

    assert "already shows it on 2024-10-01" in " ".join(errors(response))
    assert not Source.objects.exists()


def test_evidence_added_from_the_desk_gets_its_company_after_the_page_was_fetched(web):
    client, company = an_editor(), acme()

    read = client.post(CITE, {"new_url": URL})
    assert typed(read)["new_title"] == "Acme signs"

    chosen = client.post(CITE, typed(read) | {"company": company.pk})
    assert typed(chosen)["facts"] == f"signing-{company.signings.get().pk}"

    response = client.post(page(company, "add-evidence"), typed(chosen))
    assert response.status_code == 302, errors(response)
    assert Citation.objects.get().signing == company.signings.get()


def test_without_a_company_the_form_asks_for_one(web):
    response = an_editor().post(CITE, {"new_url": URL, "new_title": "T", "new_kind": "press"})

    assert "Company: choose the one that the source is about." in " ".join(errors(response))


def test_the_form_of_a_source_is_filled_in_from_its_address(web):
    client = an_editor()
    screen = "/admin/companies/source/add/"

    response = fill_in(client, screen, url=URL)

    values = typed(response)
    assert (values["title"], values["slug"]) == ("Acme signs", "acme-signs")
    assert (values["publisher"], values["kind"]) == ("Example News", "press")
    assert values["published_on"] == "2024-10-09"
    assert values["archived_url"] == FILLED["new_archived_url"]
    assert values["retrieved_on"] == timezone.localdate().isoformat()
    assert not Source.objects.exists()

    assert client.post(screen, values).status_code == 302
    assert Source.objects.get().title == "Acme signs"


def test_empty_fields_of_a_source_on_the_register_are_filled_in_and_the_others_stay(web):
    client, source = an_editor(), a_source("acme", title="Acme", url=URL, publisher="")

    response = fill_in(client, page(source), url=URL)

    values = typed(response)
    assert (values["title"], values["slug"]) == ("Acme", "acme")
    assert (values["publisher"], values["published_on"]) == ("Example News", "2024-10-09")
    source.refresh_from_db()
    assert source.publisher == ""
    assert client.post(page(source), values).status_code == 302
    source.refresh_from_db()
    assert source.publisher == "Example News"


def test_changing_a_status_can_create_its_source(web):
    client, company = an_editor(), acme()
    screen = page(company, "change-status")
    form = typed(fill_in(client, screen, new_url=URL))

    response = client.post(
        screen,
        form
        | {
            "status": "interested",
            "since": "2024-11-01",
            "since_basis": "stated",
            "quote": "Acme left the pact on 1 November 2024",
            "new_published_on": "2024-11-02",
            "change_reason": "its own news",
        },
    )

    assert response.status_code == 302, errors(response)
    signing = company.signings.get(until=None)
    assert (signing.status, signing.citations.get().source) == ("interested", Source.objects.get())


def test_a_refused_status_leaves_no_new_source_behind(web):
    client, company = an_editor(), acme()
    screen = page(company, "change-status")
    form = typed(fill_in(client, screen, new_url=URL))

    response = client.post(
        screen,
        form
        | {"status": "signed", "since": "2024-11-01", "since_basis": "first_seen"}
        | {"change_reason": "its own news"},
    )

    assert "The company already has this status." in errors(response)
    assert not Source.objects.exists()


@pytest.mark.parametrize("address", [CITE, "/admin/companies/company/{}/add-evidence/"])
def test_a_user_without_permission_to_add_evidence_cannot_fetch_a_page(web, address):
    company = acme()
    client = an_editor()
    client.force_login(a_user("reader"))

    response = client.post(address.format(company.pk), {"new_url": URL, "_fill_in": "1"})

    assert response.status_code == 403
    assert web == []


@pytest.mark.parametrize("kind", ["add", "change"])
def test_a_user_who_may_only_view_sources_cannot_fetch_a_page(web, kind):
    source = a_source("acme", url=URL)
    viewer = a_user("viewer")
    viewer.user_permissions.add(Permission.objects.get(codename="view_source"))
    client = Client()
    client.force_login(viewer)
    screen = page(source) if kind == "change" else "/admin/companies/source/add/"

    response = client.post(screen, {"url": URL, "_fill_in": "1"})

    assert response.status_code == 403
    assert web == []


@pytest.mark.parametrize("company", ["x", "999999999999999999999", "7", "\x00"])
def test_an_invalid_company_is_refused_or_asked_for_again(web, company):
    response = an_editor().post(CITE, {"new_url": URL, "company": company})

    assert response.status_code in (200, 400)
    assert not Citation.objects.exists()
