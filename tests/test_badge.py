"""The badge of a company: its words, its size, and how long it may be cached."""

import datetime
import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from companies.models import CompanyRedirect, Signing
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
ADDRESSES = ["/companies/acme/badge.svg", "/companies/acme/badge.json"]
LIGHTEST = 3 * 1024
LONGEST = "Ünïted & <Associated> “Companies” of Everywhere " * 5  # 240 characters, cut to 200


@pytest.fixture(autouse=True)
def pact():
    return a_pact()


def spoken(response) -> list[str]:
    """The lines of a badge below its title."""
    picture = ElementTree.fromstring(response.content)
    texts = [picture.findtext(f"{SVG}title"), *(line.text for line in picture.iter(f"{SVG}text"))]
    return [text.replace("\u00a0", " ") for text in texts]


STATUSES = [
    ("signed", "stated", "signatory since 9 Oct 2024"),
    ("signed", "first_seen", "signatory since 9 Oct 2024 or earlier"),
    ("removed", "observed", "no longer listed since 9 Oct 2024"),
    ("withdrawn", "stated", "left, according to the company, 9 Oct 2024"),
    ("declined", "stated", "publicly declined, 9 Oct 2024"),
    ("not_signed", "observed", "not on the list of 9 Oct 2024"),
    ("interested", "stated", "in the network, not a signatory, 9 Oct 2024"),
]


@pytest.mark.parametrize(("status", "basis", "says"), STATUSES)
def test_a_badge_shows_status_and_date_and_does_not_certify(client, status, basis, says):
    a_signing(a_company("Acme"), status, since_basis=basis)

    picture, data = (client.get(address) for address in ADDRESSES)

    assert spoken(picture) == [
        f"Acme – EU AI Pact: {says} (PactWatch)",
        "EU AI Pact · PactWatch",
        says,
    ]
    assert data.json()["message"].replace("\u00a0", " ") == says
    assert (data.json()["label"], data.json()["status"]) == ("EU AI Pact", status)
    assert not re.search(r"complian|certif|verified|refus|\bno\b(?! longer)", picture.text.lower())


def test_the_badge_of_a_company_without_a_status_says_unknown(client):
    a_company("Acme")

    assert spoken(client.get(ADDRESSES[0]))[2] == "status unknown"
    assert client.get(ADDRESSES[1]).json()["status"] == "unknown"


def test_a_badge_is_translated_into_french(client):
    a_signing(a_company("Acme"), since=datetime.date(2024, 10, 1))

    picture = client.get("/fr/companies/acme/badge.svg")

    assert spoken(picture)[1] == "Pacte européen sur l’IA · PactWatch"
    assert "1er oct. 2024" in spoken(picture)[2]
    assert 'src="http://testserver/fr/companies/acme/badge.svg"' in unescape(
        unescape(client.get("/fr/companies/acme/badge/").text)
    )


def test_the_json_of_a_badge_fits_shields_io_and_has_the_basis_of_the_status(client):
    signing = a_signing(a_company("Acme"))
    published = datetime.date(2026, 10, 9)
    source = a_source(kind="official_list", published_on=published)
    a_citation(signing=signing, source=source)

    assert client.get(ADDRESSES[1]).json() == {
        "schemaVersion": 1,
        "cacheSeconds": 300,
        "label": "EU AI Pact",
        "message": "signatory since 9\u00a0Oct\u00a02024 or earlier",
        "color": "0f6b43",
        "retracted_on": None,
        "status": "signed",
        "since": "2024-10-09",
        "since_basis": "first_seen",
        "checked_on": None,  # as in the API: the day on which it was last looked for in vain
        "url": "http://testserver/companies/acme/",
    }


def test_a_badge_can_be_about_another_pact(client):
    company = a_company("Acme")
    a_signing(company, "removed")
    code = a_pact("gpai-code", name_en="General-Purpose AI Code of Practice")
    a_signing(company, pact=code)

    assert "signatory since" in spoken(client.get(f"{ADDRESSES[0]}?pact=gpai-code"))[2]
    page = unescape(unescape(client.get("/companies/acme/badge/?pact=gpai-code").text))
    assert 'src="http://testserver/companies/acme/badge.svg?pact=gpai-code"' in page


@pytest.mark.parametrize("status", [one for one in Signing.Status.values if one != "signed"])
def test_only_signatories_are_offered_a_badge_but_the_image_works_for_every_company(client, status):
    a_signing(a_company("Acme"), status)

    page = client.get("/companies/acme/badge/")

    assert "badge.svg" not in page.text
    assert "We do not record Acme as a signatory of the EU AI Pact" in page.text
    assert 'href="/embed/?company=acme"' in page.text
    assert client.get(ADDRESSES[0]).status_code == 200


# The picture


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("status", Signing.Status.values)
def test_a_badge_stays_below_3_kb_with_the_longest_name(client, status, language):
    name = LONGEST[:200].strip()
    a_signing(a_company(name, slug="acme"), status, since_basis="first_seen")

    for address in ADDRESSES:
        response = client.get(f"{language}{address}")
        assert len(response.content) < LIGHTEST
        assert response.status_code == 200
    assert spoken(client.get(f"{language}{ADDRESSES[0]}"))[0].startswith(f"{name} – ")


def test_a_badge_has_a_text_alternative_and_loads_nothing_from_other_sites(client):
    a_signing(a_company("Acme"))

    response = client.get(ADDRESSES[0])

    picture = ElementTree.fromstring(response.content)
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert picture.get("role") == "img"
    assert picture[0].tag == f"{SVG}title"
    assert not re.search(r"<script|href|url\(|style=|<style|@import", response.text)


def test_every_line_of_a_badge_fits_its_width(client):
    a_signing(a_company("Acme"))

    picture = ElementTree.fromstring(client.get(ADDRESSES[0]).content)

    whole = int(picture.get("width"))
    lines = [
        int(line.get("x")) + int(line.get("textLength")) for line in picture.iter(f"{SVG}text")
    ]
    assert len(lines) == 2
    assert all(line < whole for line in lines)
    assert whole <= 328, "wider than the text of a phone of 360 pixels"
    assert picture.get("viewBox") == f"0 0 {whole} {picture.get('height')}"


def test_each_status_has_a_shape_and_words_besides_its_colour(client):
    shapes = {}
    for status in ("signed", "declined", "removed", "not_signed", "unknown"):
        a_signing(a_company(status, slug=status.replace("_", "-")), status)
        picture = client.get(f"/companies/{status.replace('_', '-')}/badge.svg").text
        shapes[status] = re.sub("#[0-9a-f]{6}", "", re.search("<g.*</g>", picture)[0])

    assert len(set(shapes.values())) == 5


# Caching


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_badge_may_be_cached_for_five_minutes(client, address):
    a_signing(a_company("Acme"))

    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not first.cookies


@pytest.mark.parametrize("address", ["/companies/nobody/badge.svg", "/companies/nobody/badge.json"])
def test_the_badge_of_an_unknown_company_says_so_and_is_cached_as_briefly(client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert "company not on the register" in response.text
    assert response["Cache-Control"] == "public, max-age=300"
    a_signing(a_company("Nobody"))
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_changed_status_is_on_the_badge_at_once(client, address):
    signing = a_signing(a_company("Acme"))
    before = client.get(address)

    signing.status = "removed"
    signing.save()

    after = client.get(address, headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert "signatory" in before.text
    assert "no longer listed" in after.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_period_that_ends_today_is_no_longer_on_the_badge(client, address, monkeypatch):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    company = a_company("Acme")
    a_signing(company, until=tomorrow)
    a_signing(company, "withdrawn", since=tomorrow)
    before = client.get(address)

    moment = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)

    after = client.get(address, headers={"if-none-match": before["ETag"]})
    assert "signatory" in before.text
    assert "left, according to the company" in after.text


# Other sites


def test_the_badge_of_a_former_public_id_redirects_with_its_query(client):
    CompanyRedirect.objects.create(old_slug="before", company=a_company("Acme"))

    for view in ("badge.svg", "badge.json", "badge/"):
        response = client.get(f"/companies/before/{view}?pact=eu-ai-pact")
        assert (response.status_code, response["Location"]) == (
            308,
            f"/companies/acme/{view}?pact=eu-ai-pact",
        )


def codes(client, address: str = "/companies/acme/badge/") -> list[str]:
    """The embed code as a reader copies it."""
    found = re.findall(r"<code>(.*?)</code>", client.get(address).text, re.DOTALL)
    return [unescape(code) for code in found]


def test_the_embed_code_links_to_the_record_and_states_no_status(client):
    a_signing(a_company("Acme"))

    html, markdown = codes(client)

    words = "Acme and the EU AI Pact: the signing status, by PactWatch"
    assert html == (
        '<a href="http://testserver/companies/acme/">'
        f'<img src="http://testserver/companies/acme/badge.svg" alt="{words}" height="44"></a>'
    )
    assert markdown == (
        f"[![{words}](http://testserver/companies/acme/badge.svg)]"
        "(http://testserver/companies/acme/)"
    )


def test_a_hostile_name_is_escaped_in_the_embed_code(client):
    a_signing(a_company('A"><script>x</script>](http://evil.example)', slug="acme"))

    html, markdown = codes(client)

    assert "<script" not in html
    assert html.count('"') == 8
    assert "](http://evil" not in markdown
    assert "\\<script\\>" in markdown


@pytest.mark.parametrize("view", ["badge/", "badge.svg", "badge.json"])
@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "pact=nothing",
        "as_of=2024-01-01",
        "recorded_as_of=2026-01-01",
        "pact=a&pact=b",
    ],
)
def test_a_badge_refuses_an_unknown_parameter_or_pact(client, view, query):
    a_signing(a_company("Acme"))

    assert client.get(f"/companies/acme/{view}?{query}").status_code == 400
    assert client.get(f"/companies/nobody/{view}?{query}").status_code == 400


@pytest.mark.parametrize(
    "address", ["/companies/acme/badge.svg?pact=%00", "/companies/%00/badge.svg"]
)
def test_a_badge_refuses_a_nul_byte(client, address):
    assert client.get(address).status_code in (400, 404)


def test_the_badge_page_shows_the_badge_and_its_possible_texts(client):
    a_signing(a_company("Acme"))

    page = client.get("/companies/acme/badge/")

    assertContains(
        page, "<title>Acme – EU AI Pact: signatory since 9\u00a0Oct\u00a02024 or earlier"
    )
    assertContains(page, "It is not an endorsement")
    assert client.get("/companies/nobody/badge/").status_code == 404


# Version, pact, company, the full lists (3), a retraction; its page reads the status once more, for
# the words of the picture beside a shared link.
@pytest.mark.parametrize(
    ("address", "queries"), [*((one, 7) for one in ADDRESSES), ("/companies/acme/badge/", 13)]
)
def test_a_badge_takes_few_queries(client, address, queries, django_assert_max_num_queries):
    a_signing(a_company("Acme"))

    with django_assert_max_num_queries(queries):
        client.get(address)
    with django_assert_max_num_queries(1):  # kept: the version alone
        client.get(address)


def test_the_json_of_a_badge_is_valid_in_every_language(client):
    a_signing(a_company("Acme"))

    assert json.loads(client.get("/fr/companies/acme/badge.json").content)["status"] == "signed"
