"""What a page says of itself: title, publisher, day, language; on the structure of real pages."""

import datetime
import time

import pytest

from companies.importers.page_details import PageDetails, read_details

DAY = datetime.date(2024, 9, 25)


def read(page: str | bytes, content_type: str = "text/html; charset=utf-8") -> PageDetails:
    found = read_details(page if isinstance(page, bytes) else page.encode(), content_type)
    assert found is not None
    return found


# Trimmed from a news site on WordPress.
NEWS = """<!doctype html><html lang="en-US"><head>
<title>Meta, Apple skip the EU&#8217;s AI Pact &#8211; The Example Times</title>
<meta property="og:locale" content="en_US">
<meta property="og:type" content="article">
<meta property="og:title" content="Meta, Apple skip the EU’s AI Pact">
<meta property="og:site_name" content="The Example Times">
<meta property="article:published_time" content="2024-09-25T17:03:12+00:00">
<meta property="article:modified_time" content="2025-01-03T08:00:00+00:00">
</head><body><h1>Meta, Apple skip the EU’s AI Pact</h1></body></html>"""

# The European Commission's own site: no Open Graph date, Dublin Core and <time> instead.
COMMISSION = """<!DOCTYPE html><html lang="en" dir="ltr"><head>
<meta charset="utf-8">
<meta name="dcterms.title" content="AI Pact">
<meta property="og:site_name" content="Shaping Europe’s digital future">
<meta property="og:title" content="Over a hundred companies sign EU AI Pact pledges | Shaping
 Europe’s digital future">
<title>Over a hundred companies sign EU AI Pact pledges | Shaping Europe’s digital future</title>
</head><body><main><article><h1>Over a hundred companies sign EU AI Pact pledges</h1>
<p>Press release | Publication <time datetime="2024-09-25T12:00:00Z">25 September 2024</time></p>
</article></main></body></html>"""

# A company's newsroom: JSON-LD with a graph, the publisher named by its @id alone elsewhere.
NEWSROOM = """<html lang=de-DE><head><title>Wir unterzeichnen | Beispiel AG</title>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
 {"@type":"WebSite","name":"Beispiel AG","datePublished":"2010-01-01"},
 {"@type":"WebPage","name":"Startseite","datePublished":"2011-01-01","inLanguage":"en"},
 {"@type":["NewsArticle","Thing"],"headline":"Beispiel unterzeichnet den KI-Pakt der EU",
  "datePublished":"2024-09-25T23:30:00+02:00","inLanguage":"de",
  "publisher":{"@type":"Organization","name":"Beispiel AG"},
  "comment":{"@type":"Comment","datePublished":"2024-12-01"}}]}</script>
</head><body><h1>News</h1><h1>Mehr</h1></body></html>"""


@pytest.mark.parametrize(
    ("page", "details"),
    [
        (
            NEWS,
            PageDetails("Meta, Apple skip the EU’s AI Pact", "The Example Times", DAY, "en"),
        ),
        (
            COMMISSION,
            PageDetails(
                "Over a hundred companies sign EU AI Pact pledges",
                "Shaping Europe’s digital future",
                DAY,
                "en",
            ),
        ),
        (
            NEWSROOM,
            PageDetails("Beispiel unterzeichnet den KI-Pakt der EU", "Beispiel AG", DAY, "de"),
        ),
    ],
    ids=["open graph", "title with the site, and <time>", "JSON-LD"],
)
def test_title_publisher_date_and_language_of_a_page_are_read(page, details):
    assert read(page) == details


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("SAP – our pledges | Acme News", "SAP – our pledges"),
        ("Our pledges - Acme News", "Our pledges"),
        ("Our pledges » ACME news", "Our pledges"),
        ("AI Pact - what it says", "AI Pact - what it says"),
        ("Acme News", "Acme News"),
        ("Fish &amp;amp; Chips", "Fish & Chips"),
        ("Our\n   pledges\u200b", "Our pledges"),
    ],
)
def test_a_title_is_without_the_name_of_its_site_and_on_one_line(title, named):
    page = f"<title>{title}</title><meta property=og:site_name content='Acme News'><body>x"

    assert read(page).title == named


@pytest.mark.parametrize(
    "written",
    [
        '<meta property="article:published_time" content="2024-09-25">',
        '<meta name="DC.date.issued" content="20240925">',
        '<meta itemprop="datePublished" content="2024-09-25T00:00:00.000+0200">',
        '<meta name="citation_publication_date" content="2024/09/25">',
        '<meta name="pubdate" content="Wed, 25 Sep 2024 10:00:00 GMT">',
        '<meta name="date" content="25. September 2024">',
        '<header><time datetime="2024-09-25 09:00">yesterday</time></header>',
        "<article><h1>T</h1><time>25 September 2024</time></article>",
        '<p itemprop="datePublished" content="2024-09-25">25/09</p>',
        '<script type="application/ld+json">{"@type":"BlogPosting","datePublished":"2024-09-25"}'
        "</script>",
        '<script type="application/ld+json">[{"@type":"WebPage","mainEntity":'
        '{"@type":"Report","datePublished":"2024-09-25"}}]</script>',
    ],
)
def test_a_day_of_publication_is_read_in_each_form(written):
    assert read(f"<html lang=de><title>T</title>{written}<body>x").published_on == DAY


@pytest.mark.parametrize(
    "written",
    [
        '<meta property="article:modified_time" content="2024-09-25">',
        '<meta name="date" content="2024-13-45">',
        '<meta name="date" content="September 2024">',
        '<meta name="date" content="03/04/2024">',
        '<script type="application/ld+json">{"@type":"Comment","datePublished":"2024-09-25"}'
        "</script>",
        "<footer><time>25 September 2024</time></footer>",
        '<script type="application/ld+json">{"datePublished": </script>',
        '<script type="application/ld+json">' + "[" * 5000 + "</script>",
    ],
)
def test_an_invalid_publication_date_is_left_empty(written):
    assert read(f"<title>T</title>{written}<body>x").published_on is None


@pytest.mark.parametrize(
    ("page", "language"),
    [
        ("<html lang=fr-BE><title>T</title><body>x", "fr"),
        ("<html xml:lang=EL><title>T</title><body>x", "el"),
        ('<html><title>T</title><meta property="og:locale" content="pt_PT"><body>x', "pt"),
        ('<meta http-equiv="Content-Language" content="nl"><title>T</title><body>x', "nl"),
        ("<html lang=und><title>T</title><body>x", ""),
        ("<html lang=''><title>T</title><body>x", ""),
    ],
)
def test_the_language_of_a_page_is_two_letters_or_empty(page, language):
    assert read(page).language == language


def test_a_page_in_an_older_encoding_is_read_as_it_declares_itself():
    page = "<html lang=fr><title>Le pacte signé à Genève</title><body>x".encode("windows-1252")

    assert read(page, "text/html; charset=iso-8859-1").title == "Le pacte signé à Genève"


@pytest.mark.parametrize("content", [b"%PDF-1.7 x", b"PK\x03\x04", b"", b"{}", b"plain words"])
def test_content_that_is_not_a_page_has_no_details(content):
    assert read_details(content) is None


def test_page_details_are_cut_to_the_length_of_their_fields():
    site = f"<meta property=og:site_name content={'p' * 900}>"

    found = read(f"<title>{'t' * 900}</title>{site}<body>")

    assert (len(found.title), len(found.publisher)) == (300, 200)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000,
        "<meta name=a content=b>" * 100_000 + "<title>T</title><body>",
        "<title>" + "a - " * 300_000,
        '<script type="application/ld+json">[' + '{"@type":"Article"},' * 20_000 + "{}]</script>",
    ],
)
def test_a_hostile_page_is_read_within_two_seconds(page):
    begun = time.process_time()
    read_details(page.encode())
    assert time.process_time() - begun < 2
