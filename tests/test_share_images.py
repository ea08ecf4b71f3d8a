"""The picture of a shared link: what stands in it, that it fits, and where pages name it."""

import datetime
import html
import re
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from companies.models import PartialDate, Signing
from companies.pages.embedding import share_image
from companies.pages.embedding.share_image import TITLED, ShareImage
from pactwatch.drawing import FONTS, SERIF, drawable, lines, png
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing
from tests.sharing import shared

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
UNCOUNTED = {"listed_total": None, "listed_total_on": None}
DAY = PartialDate(datetime.date(2026, 11, 28))
SAID = "Acme was not on the list of signatories of the EU AI Pact (9 October 2024)."


def two_companies():
    a_pact()
    acme = a_company("Acme")
    a_signing(acme)
    a_pledge(acme, commitment=a_commitment("governance", title_en="Govern AI"))
    a_commitment("labelling", kind="additional")
    bolt = a_company("Bolt")
    a_signing(bolt, "not_signed", since_basis="observed")
    code = a_pact("gpai-code", name_en="GPAI Code of Practice", **UNCOUNTED)
    a_signing(bolt, pact=code)
    a_commitment("safety", pact=code, kind="chapter")
    a_commitment("science", pact=a_pact("seoul-frontier", **UNCOUNTED), title_en="Science")


register = shared(two_companies)


def texts(svg: str) -> list[tuple[float, float, str]]:
    """The lines of a picture with their baseline and size."""
    root = ElementTree.fromstring(svg)
    found = []
    for group in root.iter():
        for text in group.findall(f"{SVG}text"):
            size = float(text.get("font-size") or group.get("font-size"))
            found.append((float(text.get("y")), size, text.text or ""))
    return found


def an_image(title: str, status: str = "not_signed", label: str = "EU AI Pact: not on the list"):
    return ShareImage(DAY, title, [SAID, "Signed 2 other pacts."], "No refusal.", status, label)


@pytest.fixture
def drawn(monkeypatch):
    """The SVG of each picture instead of its PNG, which takes 0.2 s."""
    monkeypatch.setattr(share_image, "png", lambda svg: svg.encode())


LONG = "Ünïted Associated Companies of Everywhere and Elsewhere " * 4
NAMES = {
    "short": "IBM",
    "an ampersand": "Bolt & <Söhne>",
    "200 letters": LONG[:200],
    "one word": "W" * 200,
    "Greek": "Εθνική Τράπεζα της Ελλάδος",
    "Bulgarian": "Българска телекомуникационна компания",
    "Chinese": "深度求索人工智能基础技术研究有限公司",
    "Arabic": "شركة الاتصالات",
    "an emoji": "Acme 🚀",
    "combining marks": "E\u0301cole",
}


@pytest.mark.parametrize("status", Signing.Status.values)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_lines_of_any_name_fit_the_image_and_do_not_overlap(name, status):
    found = texts(an_image(name, status).svg())

    title = [(y, size) for y, size, _text in found if size >= 40]
    assert title
    assert all(y - size * 0.8 > 110 for y, size in title)
    said = sorted(y for y, size, _text in found if size == 30)
    assert max(y for y, _size in title) < min(said)
    assert said[-1] <= 500


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_caution_fits_beside_the_licence(language):
    with override(language):
        image = ShareImage(DAY, "Acme", [SAID], share_image.voluntary())
        found = [(y, text) for y, size, text in texts(image.svg()) if size == 26 and y > 520]

    caution = [(y, text) for y, text in found if text != "CC BY 4.0"]
    assert len(found) == len(caution) + 1
    assert all(share_image.width(text, size=26, bold=True) <= 900 for _y, text in caution)
    assert max(y for y, _text in caution) < 600


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_uses_only_glyphs_of_the_bundled_fonts(name):
    assert drawable(drawable(name)) == drawable(name)
    assert re.search(r"\w", drawable(name))


def test_a_name_in_another_script_is_transliterated():
    assert drawable("深度求索").isascii()
    assert drawable("Εθνική œuvre Łódź") == "Εθνική œuvre Łódź"
    assert drawable("E\u0301cole") == "École"


def test_a_title_is_never_wider_than_its_space():
    assert share_image.serif_width("Transparency chapter", size=104) > share_image.ROOM


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    assert lines("one two three", len, 7, most=2) == ["one two", "three"]
    assert lines("one two three four", len, 7, most=2) == ["one two", "three…"]
    assert lines("abcdefghij", len, 4, most=9) == ["abcd", "efgh", "ij"]
    assert lines("9\u00a0October 2024", len, 9, most=9) == ["9\u00a0October", "2024"]


def test_the_image_of_an_absence_names_the_pact_the_day_and_other_signed_pacts(client, drawn):
    found = [text for _y, _size, text in texts(client.get("/companies/bolt/share.png").text)]
    said = " ".join(found).replace("\u00a0", " ")

    assert "Bolt" in found
    assert "EU AI Pact: not on the list" in found
    assert "Bolt was not on the list of signatories of the EU AI Pact (9 October 2024)." in said
    assert "Signed 1 other pact: GPAI Code." in said
    assert "Not being listed is not a refusal." in found


def test_a_share_image_is_in_the_language_of_its_page(client, drawn):
    found = [text for _y, _size, text in texts(client.get("/fr/companies/bolt/share.png").text)]

    assert "Pacte européen sur l’IA\u00a0: ne figure pas sur la liste" in found
    assert "Ne pas figurer sur une liste n’est pas un refus." in found


def test_a_share_image_as_of_a_past_day_shows_that_day_and_a_future_day_is_refused(client, drawn):
    past = client.get("/companies/acme/share.png?as_of=2024-10-08").text

    assert "EU AI Pact: no information" in past
    assert "8\u00a0October\u00a02024" in past
    assert client.get("/companies/acme/share.png?as_of=9999-01-01").status_code == 400
    assert client.get("/companies/nobody/share.png").status_code == 404
    assert client.get("/share/nothing.png").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_share_image_has_the_title_of_its_page(language):
    pact = a_pact()
    with override(language):
        titles = {name: share_image.block_of(name, "og_title", pact) for name in TITLED}

    assert [name for name, title in titles.items() if not title or "{" in title] == []
    assert titles["pact"] == pact.name if language == "en" else pact.name_fr


def words_of(page: str) -> str:
    return html.unescape(meta(page, "og:image:alt")).replace("\u00a0", " ")


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/absent/",
        "/absent/?pact=gpai-code",
        "/companies/?pact=gpai-code",
        "/statistics/",
        "/reports/",
        "/fr/reports/",
        "/reports/?pact=gpai-code",
        "/pacts/eu-ai-pact/",
        "/pacts/seoul-frontier/",
        "/changes/",
        "/left/",
        "/verify/",
        "/fr/check/",
        "/corrections/new/",
        "/companies/acme/",
        "/fr/companies/bolt/",
        "/companies/bolt/history/",
        "/companies/acme/badge/",
        "/commitments/governance/",
        "/fr/commitments/labelling/",
        "/fr/commitments/governance/",
        "/commitments/safety/?pact=gpai-code",
        "/commitments/science/?pact=seoul-frontier",
    ],
)
def test_the_alternative_text_of_a_share_image_equals_its_text(client, drawn, address):
    text = client.get(address).text
    url = html.unescape(meta(text, "og:image")).removeprefix("http://testserver")

    shown = " ".join(words for _y, _size, words in texts(client.get(url).text))
    shown = shown.replace("\u00a0", " ")
    words = words_of(text)

    *said, _dated = re.split(r"(?<=[.?!]) ", words)
    assert len(words) > 60
    assert [one for one in said if one not in shown and one[:-1] not in shown] == []


def test_the_text_of_a_share_image_names_status_pact_and_list(client):
    words = words_of(client.get("/companies/bolt/").text)

    assert words.startswith(
        "Bolt. EU AI Pact: not on the list. Bolt was not on the list of signatories of the EU AI "
        "Pact (9 October 2024). Signed 1 other pact: GPAI Code. Not being listed is not a refusal."
        " PactWatch, "
    )


def test_the_share_image_of_a_commitment_counts_pledges_as_its_page_does(client, drawn):
    picture = client.get("/commitments/governance/share.png").text
    found = " ".join(text for _y, _size, text in texts(picture)).replace("\u00a0", " ")
    page = client.get("/commitments/governance/").text.replace("\u00a0", " ")

    assert "1 of 1 known signatory (of more than 230) pledged this." in found
    assert "1 of 1 known signatory (of more than 230) pledged this." in page
    assert "This is a core commitment: every signatory makes it by signing." in found
    assert client.get("/commitments/nothing/share.png").status_code == 404
    assert client.get("/commitments/safety/share.png").status_code == 404


def test_a_share_image_does_not_call_a_commitment_without_known_pledges_unpledged(client, drawn):
    picture = client.get("/commitments/labelling/share.png").text
    unread = client.get("/commitments/science/share.png?pact=seoul-frontier").text

    assert "Who pledged this is not public." in picture
    assert "We have not read the list of this pact yet." in unread
    assert "not public" not in unread


def test_the_share_image_of_absent_companies_counts_them_without_calling_it_a_refusal(
    client, drawn
):
    found = " ".join(text for _y, _size, text in texts(client.get("/share/absent.png").text))

    assert "EU AI Pact: 1 company was looked for and not found on the list." in found
    assert "known to have signed" not in found
    assert "Not being listed is not a refusal." in found


def test_the_png_has_the_size_that_social_networks_expect(client):
    picture = client.get("/share/absent.png")

    assert picture["Content-Type"] == "image/png"
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(picture.content[at : at + 4]) for at in (16, 20)] == [1200, 630]
    assert len(picture.content) < 120_000


def test_names_are_drawn_with_the_bundled_serif_font():
    text = '<text y="25" font-size="20" font-weight="600" font-family="{}">Acme</text>'
    words = f'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="30">{text}</svg>'

    assert SERIF not in FONTS
    assert png(words.format("'Source Serif 4'")) != png(words.format("'DejaVu Sans'"))


def meta(page: str, name: str) -> str:
    return re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)"', page)[1]


@pytest.mark.parametrize(
    ("page", "picture"),
    [
        ("/", "/share/home.png"),
        ("/companies/", "/share/companies.png"),
        ("/companies/acme/", "/companies/acme/share.png"),
        ("/companies/acme/history/", "/companies/acme/share.png"),
        ("/fr/companies/acme/", "/fr/companies/acme/share.png"),
        ("/fr/reports/", "/fr/share/reports.png"),
        ("/fr/commitments/governance/", "/fr/commitments/governance/share.png"),
        (
            "/commitments/safety/?pact=gpai-code",
            "/commitments/safety/share.png?pact=gpai-code",
        ),
        ("/left/", "/share/left.png"),
        ("/pacts/gpai-code/", "/share/pact.png?pact=gpai-code"),
        ("/statistics/?pact=gpai-code", "/share/statistics.png?pact=gpai-code"),
        ("/companies/acme/?as_of=2024-10-08", "/companies/acme/share.png?as_of=2024-10-08"),
        ("/corrections/new/", "/share/home.png"),
    ],
)
def test_a_page_links_its_share_image_at_the_register_version(client, drawn, page, picture):
    text = client.get(page).text
    url = meta(text, "og:image").replace("&amp;", "&")

    assert re.fullmatch(re.escape(f"http://testserver{picture}") + r"[?&]v=\d+", url)
    assert meta(text, "twitter:card") == "summary_large_image"
    assert re.search('property="og:description" content="[^"]{15,}"', text)
    assert client.get(url.removeprefix("http://testserver")).status_code == 200


def test_an_edit_changes_the_urls_of_share_images(client):
    before = meta(client.get("/").text, "og:image")
    a_company("Cask")

    assert meta(client.get("/").text, "og:image") != before


def test_an_error_page_links_no_share_image(client):
    assert "og:image" not in client.get("/nothing/").text


def test_a_status_is_never_cut_for_a_long_name_of_a_pact(client, drawn):
    code = "Code de bonnes pratiques pour l’IA à usage général"
    pact = a_pact("gpai-code")
    type(pact).objects.filter(pk=pact.pk).update(name_fr=code)
    a_signing(a_company("Cask"), "removed", pact=pact)

    picture = client.get("/fr/companies/cask/share.png?pact=gpai-code").text

    found = [text for _y, size, text in texts(picture) if size < 40]
    assert any(text.startswith("Code GPAI") and "…" not in text for text in found)


def test_a_title_of_two_lines_is_broken_in_its_middle():
    found = texts(an_image("Who has signed the EU AI Pact", status="").svg())

    assert [text for _y, size, text in found if size > 60] == [
        "Who has signed",
        "the EU AI Pact",
    ]
