"""The text of a cited page, and quotes that are looked for in it."""

import time

import pytest

from companies.importers.cited_page import Obstacle, read_cited_page
from companies.names.quotes import QuotedText
from tests.pdfs import a_pdf

QUOTE = "“We will not be signing it”, the spokesperson said."
LONG = " The article goes on for a while, and then for another while." * 60


def found(quote: str, page: str | bytes, content_type: str = "") -> bool:
    content = page if isinstance(page, bytes) else page.encode()
    texts = read_cited_page(content, content_type).texts
    return any(QuotedText(text).has(quote) for text in texts)


@pytest.mark.parametrize(
    "page",
    [
        "<p>“We will not be signing it”, the spokesperson said.</p>",
        "<p>We <b>will</b> <i>n</i>ot be <a href='/x'>signing it</a>, the spokesperson said.</p>",
        "<p>We will not be&nbsp;sign&shy;ing it, the spokes\u200bperson said.</p>",
        "<p>«\u202fWe will not be signing it\u202f», the spokesperson said</p>",
        "<p>WE WILL NOT BE<br>SIGNING IT – the spokesperson said!</p>",
        "<div>We will not be</div><div>signing it,</div><div>the spokesperson said.</div>",
        "<p>We will not be si<wbr>gning it, the spokesperson said.</p>",
        "<details><p>We will not be signing it, the spokesperson said.</p></details>",
        "<h1>“We will not be signing it”, the spokesperson said</h1>",
        "<html><title>“We will not be signing it”, the spokesperson said</title><body></body>",
        "<ul><li>We will not be signing it,<li>the spokesperson said.</ul>",
        "We **will not** be [signing](https://example.org/a) it, the\nspokesperson said.",
        "# News\n\n> We will not be signing it, the spokes-\nperson said.",
        "We will not be signing it, the spokesperson said.",
    ],
)
def test_a_quote_is_found_however_its_page_is_written(page):
    assert found(QUOTE, page)


@pytest.mark.parametrize(
    "page",
    [
        "<p>We will be signing it, the spokesperson said.</p>",
        "<p>We will not be signing, the spokesperson said.</p>",
        "<p>the spokesperson said: we will not be signing it</p>",
        "<script>We will not be signing it, the spokesperson said.</script><p>x</p>",
        "<template><p>We will not be signing it, the spokesperson said.</p></template>",
        "<!-- We will not be signing it, the spokesperson said. --><p>x</p>",
        "<p title='We will not be signing it, the spokesperson said.'>x</p>",
        "<p><del>We will not be signing it, the spokesperson said.</del></p>",
        "<p><s>We will not be signing it</s>, the spokesperson said.</p>",
        "<p hidden>We will not be signing it, the spokesperson said.</p>",
        "<p style='display: none'>We will not be signing it, the spokesperson said.</p>",
    ],
)
def test_other_or_hidden_words_do_not_count_as_the_quote(page):
    assert not found(QUOTE, page)


def test_a_hidden_or_struck_out_quote_is_distinguished_from_a_missing_one():
    page = read_cited_page(f"<del>{QUOTE}</del><p>other</p>".encode())

    assert any(QuotedText(text).has(QUOTE) for text in page.concealed)


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("The signatories are: Amazon, G42, SAP.", "The signatories are: … SAP", True),
        ("The signatories are: Amazon, G42, SAP.", "signatories are […] G42 [...] SAP", True),
        ("The signatories are: Amazon, G42, SAP.", "signatories (...) SAP", True),
        ("The signatories are: Amazon, G42, SAP.", "… SAP …", True),
        ("The signatories are: Amazon, G42, SAP.", "SAP … Amazon", False),
        ("The signatories are: Amazon, G42, SAP.", "Amazon … Meta", False),
        ("SAP. The signatories are: Amazon. And SAP.", "Amazon … SAP", True),
        (f"Name: IBM, Size: Small. {LONG} Name: SAS, Size: Large", "Name: IBM … Large", False),
        (f"Name: IBM. {LONG} Name: IBM, Size: Large", "Name: IBM … Large", True),
        ("A placer of orders", "Acer", False),
        ("Acer signed.", "Acer", True),
        ("125 employees in all of its offices", "125 employees in all of its office", False),
        ("The ﬁrst oﬃce of Škoda", "first office of Skoda", True),
        ("早期署名したのは、アクセンチュア、\nシスコ テム等", "署名したのは、… シスコテム", True),
        ("早期署名したのは、アクセンチュア等。", "署名したのは、… シスコ", False),
        ("A spokesperson said that they will not sign.", "[The company] will not sign", True),
        ("A spokesperson said that Acme will not sign.", "they [Acme] will not sign", False),
        ("The spokesperson said: they will not sign.", "“They [Acme] will not sign.”", True),
        ("They [Acme] will not sign.", "They [Acme] will not sign.", True),
        ("Acme (withdrawn)", "Acme … [a remark] … withdrawn", True),
        ("anything", "[anything]", True),
        ("anything", "[another]", False),
        ("anything", "…", False),
        ("anything", "“”", False),
        ("anything", "", False),
    ],
)  # fmt: skip
def test_the_parts_of_a_quote_must_be_in_order(text, quote, expected):
    assert QuotedText(text).has(quote) is expected


@pytest.mark.parametrize(
    ("page", "is_struck"),
    [
        ("<li><del>Acme</del></li>", True),
        ("<li><s>Ac<b>me</b></s></li>", True),
        ("<li><del><s>Acme</s></del></li>", True),
        ("<li style='text-decoration: line-through red'>Acme</li>", True),
        ("<style>.out { text-decoration: line-through }</style><li class=out>Acme</li>", True),
        ("<li class='name line-through'>Acme</li>", True),
        ("# Signatories\n\n- ~~Acme~~\n- Bolt", True),
        ("<li>Acme</li>", False),
        ("<li>Acme <del>Bolt</del></li>", False),
        ("<li hidden><del>Acme</del></li>", False),
        ("<li><del>Acme Labs</del></li>", False),
    ],
)
def test_a_quote_marked_as_struck_out_is_found_in_struck_out_text(page, is_struck):
    read = read_cited_page(page.encode())

    assert any(QuotedText(text).has("Acme struck out") for text in read.struck) is is_struck


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15"])
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "windows-1252", "punycode", "x"])
def test_a_quote_with_accents_is_found_whatever_encoding_the_page_declares(encoding, declared):
    text = "<meta charset=latin1><p>Le géant a dit « non » à l’accord</p>"
    content = text.replace("’", "'").encode(encoding)

    assert found("Le géant a dit : “non” à l’accord", content, f"text/html; charset={declared}")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "早期署名したのは"),
        ("euc_kr", "한국 기업이 서명했다"),
        ("gbk", "公司已经签署"),
        ("koi8-r", "компания подписала"),
        ("cp1251", "компания подписала"),
    ],
)
def test_a_non_latin_page_is_decoded_as_it_declares(encoding, text):
    assert found(text, f"<p>{text}</p>".encode(encoding), f"text/html; charset={encoding}")


APP = "<title>App</title><script src=a.js></script><div id=root></div>"
NOT_FOUND = "<title>Page not found</title><h1>Oops</h1><p>News</p>"
WALL = "<title>Before you continue</title><p>We use cookies. Accept all</p>"


@pytest.mark.parametrize(
    ("page", "obstacle"),
    [
        (f"<html><body><p>{LONG}</p></body></html>", Obstacle.NONE),
        (f"<html>{APP}</html>", Obstacle.HARDLY_ANY_TEXT),
        ("<html><p>A short note without scripts.</p></html>", Obstacle.NONE),
        (f"<html>{NOT_FOUND}</html>", Obstacle.ERROR_PAGE),
        (f"<html>{NOT_FOUND}<p>{LONG}</p></html>", Obstacle.ERROR_PAGE),
        ("<html><h1>Page introuvable</h1></html>", Obstacle.ERROR_PAGE),
        ("<html><p>This article no longer exists.</p></html>", Obstacle.ERROR_PAGE),
        (f"<html>{WALL}</html>", Obstacle.ASKS_FIRST),
        ("<html><h1>Sign in</h1><input type=password></html>", Obstacle.ASKS_FIRST),
        (f"<html><p>We use cookies.</p><p>{LONG}</p></html>", Obstacle.NONE),
        (b"%PDF-1.7 \xe2\xe3", Obstacle.PDF),
        (b"PK\x03\x04", Obstacle.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n\0\0\0", Obstacle.NOT_TEXT),
        (bytes(range(256)) * 4, Obstacle.NOT_TEXT),
        ("<div><span>" * 600, Obstacle.NOT_TEXT),
    ],
)
def test_login_error_and_script_pages_are_recognised_as_obstacles(page, obstacle):
    content = page if isinstance(page, bytes) else page.encode()

    assert read_cited_page(content).obstacle == obstacle


@pytest.mark.parametrize(
    "page",
    [
        "<p>word</p>" * 20_000,
        "<" * 200_000,
        "<!--" * 50_000,
        "<p " + "a=b " * 50_000,
        "[a](b) " * 50_000,
        "x" * 500_000,
    ],
    ids=["words", "signs", "comments", "attributes", "links", "letters"],
)
def test_reading_a_page_takes_linear_time(page):
    started = time.monotonic()

    found("word word … word … the word that is nowhere on this page", page)

    assert time.monotonic() - started < 5


def test_a_pdf_is_read_and_a_scanned_one_is_reported_as_such():
    article = a_pdf([(50, 50, "We will not be signing it,"), (50, 70, "the spokesperson said.")])

    assert found(QUOTE, article)
    assert read_cited_page(a_pdf([])).obstacle is Obstacle.PDF
