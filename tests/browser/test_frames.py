"""Cards in frames of a page on another origin, in Chromium."""

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from companies.models import Pact
from companies.pages.embedding.cards import HEIGHTS, WIDTHS, heights_of
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db(transaction=True)
UNCOUNTED = {"listed_total": None, "listed_total_on": None}
LONG = "ITI - Instituto Tecnológico de Informática"  # the longest name of the register


@pytest.fixture(autouse=True)
def register(live_server, settings):
    """Eight signatories of three pacts, and one company that signed two of them."""
    settings.SITE_URL = live_server.url
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    pact = a_pact()
    code = a_pact("gpai-code", name_en="GPAI Code of Practice", position=2, **UNCOUNTED)
    code.name_fr = "Code de bonnes pratiques pour l’IA à usage général"
    code.save()
    seoul = a_pact("seoul-frontier", name_en="Seoul", position=3, **UNCOUNTED)
    for number in range(8):
        company = a_company(LONG if number == 0 else f"Acme {number}")
        a_citation(signing=a_signing(company, pact=pact), source=listed)
        a_signing(company, pact=code)
        if number < 6:
            a_signing(company, pact=seoul)
    bolt = a_company("Bolt")
    a_signing(bolt, "not_signed", since_basis="observed")
    a_signing(bolt, pact=code)


@contextmanager
def another_site(html: str) -> Iterator[str]:
    """The address of one page on another port."""

    class OnePage(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>News</title>{html}".encode())

        def log_message(self, *args):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), OnePage) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.05))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def offered(page, language: str, company: str) -> list[str]:
    """The code of each card, as somebody copies it."""
    html = page.request.get(f"{language}/embed/?company={company}").text()
    return [unescape(unescape(one)) for one in re.findall(r"<code>(.*?)</code>", html)]


def test_another_site_can_frame_every_card_and_no_other_page(page, live_server):
    codes = offered(page, "", "iti-instituto-tecnologico-de-informatica")
    refused = ["/", "/embed/", "/companies/bolt/", "/companies/bolt/share.png"]
    others = [f'<iframe src="{live_server.url}{one}"></iframe>' for one in refused]
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    with another_site("".join([*codes, *others]).replace("lazy", "eager")) as news:
        page.goto(news, wait_until="networkidle")

        frames = page.frames[1:]
        for frame in frames[: len(codes)]:
            expect(frame.locator("main.card .card-origin")).to_contain_text("CC BY 4.0")
            assert frame.locator("script").count() == 0
        assert len(codes) == len(HEIGHTS)
        assert frames[0].evaluate("document.fonts.check('600 16px \"Source Serif\"')")
        for frame in frames[len(codes) :]:
            assert frame.url.startswith("chrome-error:")
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith((news, live_server.url))] == []
    assert all("frame" in text.lower() for text in said), said
    assert len(said) == len(refused)


@pytest.mark.long
@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "/fr"])
def test_each_card_has_the_height_that_its_embed_code_states(page, language, colour_scheme):
    company = "iti-instituto-tecnologico-de-informatica"
    cards = {
        "count": ["embed/count/", "embed/count/?pact=gpai-code"],
        "chart": ["embed/chart/", "embed/chart/?pact=gpai-code"],
        "matrix": ["embed/matrix/"],
        "record": [
            f"embed/companies/{company}/",
            f"embed/companies/{company}/?pact=gpai-code",
            "embed/companies/bolt/",
        ],
        "badge": [f"embed/companies/{company}/badge/"],
    }
    for name, addresses in cards.items():
        for address in addresses:
            page.goto(f"{language}/{address}")
            for width, height in zip(WIDTHS, HEIGHTS[name], strict=True):
                page.set_viewport_size({"width": width, "height": height})
                root = "document.documentElement"
                found = page.evaluate(f"[{root}.scrollHeight, {root}.scrollWidth]")
                assert found == [height, width], (address, width)


@pytest.mark.long
@pytest.mark.parametrize("name", ["Unternehmensgesellschaft " * 8, "Acme of it " * 9, "W" * 100])
def test_the_card_of_a_company_with_a_long_name_is_not_cut_off(page, name):
    company = a_company(name.strip(), slug="long")
    a_signing(company, "not_signed", since_basis="observed")
    a_signing(company, pact=Pact.objects.get(slug="gpai-code"))
    for language in ("", "/fr"):
        page.goto(f"{language}/embed/companies/long/")
        for width, height in zip(WIDTHS, heights_of("record", company.name), strict=True):
            page.set_viewport_size({"width": width, "height": height})
            found = page.evaluate("document.documentElement.scrollHeight")
            assert found == height, (language, width)
