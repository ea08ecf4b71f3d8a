"""Cards for frames of other sites: what each says, and that only they may be framed."""

import datetime
import re
from html import unescape

import pytest

from companies.models import CompanyRedirect, Pact, Signing, Source
from companies.pages.embedding.cards import HEIGHTS
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.reader_client import forget_answers
from tests.sharing import shared

pytestmark = pytest.mark.django_db
UNCOUNTED = {"listed_total": None, "listed_total_on": None}
CARDS = [
    "/embed/count/",
    "/embed/chart/",
    "/embed/matrix/",
    "/embed/companies/acme/",
    "/embed/companies/bolt/",
    "/embed/companies/acme/badge/",
]
OTHERS = ["/", "/embed/", "/companies/acme/", "/companies/acme/badge/", "/matrix/", "/embed/none/"]


def two_companies():
    pact = a_pact()
    code = a_pact("gpai-code", name_en="GPAI Code of Practice", position=2, **UNCOUNTED)
    seoul = a_pact("seoul-frontier", name_en="Seoul", position=3, **UNCOUNTED)
    signing = a_signing(a_company("Acme"))
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=signing, source=listed)
    bolt = a_company("Bolt & Söhne", slug="bolt")
    a_signing(bolt, "not_signed", since_basis="observed")
    a_signing(bolt, pact=code)
    a_signing(bolt, pact=seoul)
    CompanyRedirect.objects.create(old_slug="former", company=bolt)
    assert pact.listed_total == 230


register = shared(two_companies)


def words(html: str) -> str:
    text = re.sub(r"<[^>]+>", "", html[html.index("<body") :])
    return " ".join(unescape(text).split())


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("address", CARDS)
def test_a_card_may_be_framed_and_needs_no_script_and_no_cookie(client, address, language):
    for _kept in range(2):
        card = client.get(language + address)
        policy = card.headers["Content-Security-Policy"].split("; ")
        assert card.status_code == 200
        assert "X-Frame-Options" not in card.headers
        assert "frame-ancestors *" in policy
        assert {"default-src 'none'", "script-src 'none'", "form-action 'none'"} <= {*policy}
        assert not card.cookies
    assert "<script" not in card.text
    assert " style=" not in card.text


@pytest.mark.parametrize("address", OTHERS)
def test_no_other_page_may_be_framed(client, address):
    for _kept in range(2):
        page = client.get(address)
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", CARDS)
def test_each_card_shows_its_source_its_date_and_its_licence(client, address):
    card = client.get(address)

    assert re.search(r'class="card-origin"><a href="/"[^>]*>.*PactWatch</a>', card.text)
    assert re.search(r"<time [^>]*>[^<]+</time> · CC BY 4\.0", card.text)


def test_the_count_card_is_a_sentence_with_denominator_and_dates(client):
    assert words(client.get("/embed/count/").text).startswith(
        "1 company is known to have signed the EU AI Pact, of more than 230 announced (European "
        "Commission, 15 December 2025). The last complete list we could read is dated 9 October "
        "2024."
    )
    assert words(client.get("/fr/embed/count/").text).startswith(
        "1 entreprise signataire connue (Pacte européen sur l’IA), sur plus de 230 annoncées"
    )
    code = words(client.get("/embed/count/?pact=gpai-code").text)
    assert code.startswith("1 company is known to have signed the GPAI Code of Practice. ")


def test_the_chart_card_says_since_when_no_list_was_read(client):
    card = words(client.get("/embed/chart/").text)

    assert "no complete list read since 9 October 2024" in card
    assert "more than 230 announced" in card


def test_the_note_about_an_unread_list_is_below_the_chart_when_the_gap_is_short(client):
    early = a_signing(a_company("Early"), since=datetime.date(2024, 1, 1))
    a_citation(signing=early, source=Source.objects.get(kind="official_list"))

    card = client.get("/embed/chart/?as_of=2024-10-20").text

    assert "card-unread" not in card
    assert "No complete list read since 9" in card


def test_the_card_of_an_absent_company_names_the_list_and_its_other_pacts(client):
    assert (
        "EU AI Pact Bolt & Söhne Not on the list Bolt & Söhne was not on the list of signatories "
        "of the EU AI Pact (9 October 2024). Not being listed is not a refusal. Signed 2 other "
        "pacts: GPAI Code and Seoul."
    ) in words(client.get("/embed/companies/bolt/").text)


def test_a_card_as_of_a_past_day_shows_that_day_and_a_future_day_is_refused(client):
    past = words(client.get("/embed/companies/acme/?as_of=2024-10-08").text)

    assert "We have no information on whether Acme signed the EU AI Pact." in past
    assert "8 October 2024" in past
    assert client.get("/embed/count/?as_of=9999-01-01").status_code == 400
    assert client.get("/embed/count/?colour=red").status_code == 400


def test_a_former_public_id_redirects_to_its_card_and_an_unknown_one_gets_a_404_card(client):
    moved = client.get("/embed/companies/former/")
    missing = client.get("/embed/companies/nobody/")

    assert (moved.status_code, moved["Location"]) == (308, "/embed/companies/bolt/")
    assert missing.status_code == 404
    assert "We have no company called “nobody”." in words(missing.text)
    assert "X-Frame-Options" not in missing.headers


def test_a_card_is_cached_until_the_register_changes(client):
    first = client.get("/embed/count/")
    again = client.get("/embed/count/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, "X-Frame-Options" in again.headers) == (304, False)

    a_signing(a_company("Cask"))

    assert "2 companies are known" in words(client.get("/embed/count/").text)
    forget_answers()


def code_of(page: str) -> list[str]:
    return [unescape(unescape(one)) for one in re.findall(r"<code>(.*?)</code>", page)]


def test_the_embed_page_offers_each_card_as_an_iframe_with_a_title(client):
    codes = code_of(client.get("/embed/").text)

    assert [re.search('src="([^"]*)"', code)[1] for code in codes] == [
        f"http://testserver/embed/{card}/"
        for card in ("count", "chart", "matrix", "companies/acme", "companies/acme/badge")
    ]
    assert all(re.search('title="PactWatch: [^"]+"', code) for code in codes)


def test_the_company_field_of_the_embed_page_suggests_names(client):
    page = client.get("/embed/?company=Acme").text

    assert re.search('<input type="search" id="company"[^>]* value="Acme"[^>]* list=', page)
    assert 'data-names="/names.json"' in page
    assert 'src="/static/suggest.js"' in page


def test_the_matrix_card_shows_the_first_companies_of_each_group(client):
    seoul, code = (Pact.objects.get(slug=slug) for slug in ("seoul-frontier", "gpai-code"))
    for name in ("Dora", "Cask", "Egon"):
        company = a_company(name)
        for pact in (Pact.objects.get(slug="eu-ai-pact"), seoul, code):
            a_signing(company, pact=pact)

    card = client.get("/embed/matrix/").text

    assert re.findall('<a class="name"[^>]*><bdi>([^<]*)', card) == [
        "Cask",
        "Dora",
        "Bolt &amp; Söhne",
    ]
    assert "At most 2 companies of each group, the first by name." in words(card)
    assert "Signed all pacts in this table 3 companies" in words(card)
    assert "See all 4 companies" in words(card)


def test_a_longer_company_name_gets_a_higher_card(client):
    a_signing(a_company("Institute of Everything " * 6, slug="long"))

    asked = client.get("/embed/?company=long").text

    height = [int(re.search('height="([0-9]+)"', one)[1]) for one in code_of(asked)][3]
    assert height > HEIGHTS["record"][0] + 100


@pytest.mark.parametrize("asked", ["bolt", "Bolt & Söhne"])
def test_a_company_that_has_not_signed_is_offered_a_card_and_no_badge(client, asked):
    page = client.get("/embed/", {"company": asked})

    assert code_of(page.text)[-1].startswith(
        '<iframe src="http://testserver/embed/companies/bolt/" '
        'title="PactWatch: Bolt & Söhne and the EU AI Pact"'
    )
    assert "badge" not in "".join(code_of(page.text))
    assert "There is no badge to copy" in page.text


def test_an_unknown_name_on_the_embed_page_suggests_similar_companies(client):
    page = client.get("/embed/", {"company": "Nobody <b>"})

    assert "No company called “Nobody &lt;b&gt;” is on the register." in page.text
    assert 'href="/verify/?company=Nobody%20%3Cb%3E"' in page.text


def test_every_card_works_on_an_empty_register(client):
    Signing.objects.all().delete()

    for address in ("/embed/", *CARDS):
        assert client.get(address).status_code == 200, address
