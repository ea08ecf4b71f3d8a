"""The days that pages state of themselves, in the 24 languages of the EU."""

import datetime

import pytest
from babel.dates import format_date

from companies.importers.official_page.age.page_date import LABELS, DateBasis, page_dates
from companies.importers.official_page.age.written_dates import LANGUAGES, first_date

MARCH_14 = datetime.date(2025, 3, 14)
OCTOBER_9 = datetime.date(2024, 10, 9)


def a_page(*, head: str = "", body: str = "", foot: str = "", language: str = "en") -> bytes:
    return f"""<!DOCTYPE html><html lang="{language}"><head>{head}</head><body><main>
    <h1>Pact</h1><h2>Signatories</h2><ul><li>Airbus</li><li>SAP</li></ul>{body}</main>
    {foot}</body></html>""".encode()


def dates(**page: str) -> list[tuple[str, str]]:
    found = page_dates(a_page(**page))
    return [(str(one.basis), str(one.day)) for one in found]


# Dates


def test_each_month_is_read_in_each_language_in_each_length():
    days = [datetime.date(2025, month, 14) for month in range(1, 13)]
    wrong = [
        written
        for language in LANGUAGES
        for day in days
        for length in ("medium", "long", "full")
        if (written := format_date(day, length, language))
        if (found := first_date(written, [language])) is None or found.day != day
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("written", "language", "day"),
    [
        ("2025-03-14T22:30:00Z", "", MARCH_14),
        ("2025. 03. 14.", "hu", MARCH_14),
        ("14.3.2025", "", MARCH_14),
        ("14/03/2025", "", MARCH_14),
        ("03/04/2025", "fr", datetime.date(2025, 4, 3)),
        ("03/04/2025", "en-IE", datetime.date(2025, 4, 3)),
        ("03/04/2025", "en-US", datetime.date(2025, 3, 4)),
        ("03/04/2025", "en", None),
        ("03-04-2025", "", None),
        ("03/03/2025", "en", datetime.date(2025, 3, 3)),
        ("March 2025", "en", None),
        ("1er mars 2025", "fr", datetime.date(2025, 3, 1)),
        ("October 9th, 2024", "en", OCTOBER_9),
        ("2024 m. spalio 9 d.", "lt", OCTOBER_9),
        ("14. martā 2025", "lv", MARCH_14),
        ("14. Jänner 2025", "de", datetime.date(2025, 1, 14)),
        ("9 listopada 2024", "hr", OCTOBER_9),
        ("9 listopada 2024", "pl", datetime.date(2024, 11, 9)),
        ("9 listopada 2024", "", None),
        ("Fri, 14 Mar 2025 10:00:00 GMT", "en", MARCH_14),
    ],
)
def test_a_date_is_read_as_its_format_and_language_determine(written, language, day):
    found = first_date(written, [language] if language else [])

    assert found
    assert found.day == day


@pytest.mark.parametrize("written", ["31/02/2025", "2025", "137 names", "May", "9.10.24", ""])
def test_an_incomplete_date_is_not_a_date(written):
    assert first_date(written) is None


# In words


def test_the_last_update_is_found_by_each_label_of_each_language():
    missed = [
        (language, label)
        for language, labels in LABELS.items()
        for label in labels.split("|")
        if dates(body=f"<p>{label}: {format_date(MARCH_14, 'long', language)}</p>")
        != [("stated", "2025-03-14")]
    ]
    assert missed == []


@pytest.mark.parametrize(
    "body",
    [
        "<p>Last update: 14 March 2025</p>",
        "<p>Last update</p><p>14 March 2025</p>",
        "<div class='last-update'><h4>Last update</h4>14 March 2025</div>",
        "<dl><dt>Last updated</dt><dd><time datetime='2025-03-14'>14 March</time></dd></dl>",
        "<p>This page was last updated on Friday, 14 March 2025, 10:00</p>",
        "<ul><li>Published: 1 May 2024</li><li>Last update: 14 March 2025</li></ul>",
        "<p>Stand: 14.03.2025</p>",
        "<h3>More signatories (as of 14 March 2025)</h3>",
        "<p>Dernière mise à jour : 14/03/2025</p>",
        "<p>Zuletzt aktualisiert am 14. März 2025</p>",
    ],
)
def test_the_last_update_is_read_in_all_its_forms(body):
    assert dates(body=body) == [("stated", "2025-03-14")]
    assert dates(foot=f"<footer>{body}</footer>") == [("stated", "2025-03-14")]


@pytest.mark.parametrize(
    "body",
    [
        "<article><h3><a href='/n'>News</a></h3><p>Updated 3 May 2026</p></article>",
        "<div class='card'><h3>News</h3><p>Last updated 3 May 2026</p></div>",
        "<ul><li><a href='/n'>A guideline</a> updated on 3 May 2026</li></ul>",
        "<aside><p>Last update: 3 May 2026</p></aside>",
        "<p>As of 2 August 2026, obligations apply to every deployer of such a system.</p>",
        "<p><time datetime='2026-05-03'>3 May 2026</time></p>",
        "<p>Published on 3 May 2026</p>",
    ],
)
def test_a_date_of_something_else_is_not_the_date_of_the_page(body):
    assert dates(body=body) == []


def test_the_date_of_a_text_or_markdown_page_is_read():
    for text in (
        "Airbus\nSAP\nLast update: 9 October 2024\n",
        "# Pact\n\n* Airbus\n\n#### Last update\n\n9 October 2024\n",
    ):
        assert [one.day for one in page_dates(text.encode())] == [OCTOBER_9]


# Metadata, headers and stamps


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:modified_time" content="2025-03-14T10:00:00+01:00">',
        '<meta name="last-modified" content="2025-03-14">',
        '<meta name="DCTERMS.modified" content="2025-03-14">',
        '<meta name="date" content="2025-03-14">',
        '<script type="application/ld+json">{"@type": "WebPage", "dateModified": "2025-03-14"}'
        "</script>",
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "dateModified": '
        '"2026-05-03"}, {"@type": "WebPage", "dateModified": "2025-03-14"}]}</script>',
    ],
)
def test_the_metadata_of_a_page_state_its_day(head):
    assert dates(head=head) == [("metadata", "2025-03-14")]


def test_a_publication_date_is_not_the_date_of_the_list():
    published = '<meta name="date" content="2024-10-09"><meta property="article:published_time" '

    assert dates(head=published + 'content="2024-10-09T08:00:00Z">') == []


STAMPS = {
    "wayback": "<!-- FILE ARCHIVED ON 12:34:56 Oct 09, 2024 AND RETRIEVED FROM THE ARCHIVE -->",
    "wayback at a second that may be a day": "<!-- FILE ARCHIVED ON 10:11:12 Oct 09, 2024 AND "
    "RETRIEVED FROM THE ARCHIVE -->",
    "wombat": '<script>__wm.wombat("https://a.eu/","20241009123456");</script>',
    "browser": "<!-- saved from url=(0060)https://web.archive.org/web/20241009123456/https://a.eu/ "
    "-->",
    "singlefile": "<!-- Page saved with SingleFile\n url: https://a.eu\n saved date: Wed Oct 09 "
    "2024 12:34:56 GMT+0200 -->",
    "httrack": "<!-- Mirrored from a.eu/pact by HTTrack Website Copier/3.x [XR&CO'2014], Wed, 09 "
    "Oct 2024 12:34:56 GMT -->",
    "archive.today": '<link rel="canonical" href="http://archive.today/2024.10.09-123456/'
    'https://a.eu/">',
    "links": "".join(f'<a href="/web/20241009123456/https://a.eu/{n}">a</a>' for n in range(3)),
}


@pytest.mark.parametrize("stamp", STAMPS.values(), ids=STAMPS)
def test_the_timestamp_of_an_archived_copy_takes_precedence_over_the_page(stamp):
    found = dates(foot=stamp, body="<p>Last update: 1 October 2024</p>")

    assert found == [("archived", "2024-10-09"), ("stated", "2024-10-01")]


@pytest.mark.parametrize(
    "url",
    [
        "https://web.archive.org/web/20241009123456/https://a.eu/pact",
        "https://web.archive.org/web/20241009123456id_/https://a.eu/pact",
        "https://archive.ph/20241009123456/https://a.eu/pact",
        "https://arquivo.pt/wayback/20241009123456/http://a.eu/pact",
    ],
)
def test_the_url_of_an_archived_copy_states_its_day(url):
    (found,) = page_dates(a_page(), url=url)

    assert (found.basis, found.day) == (DateBasis.ARCHIVED, OCTOBER_9)


def test_a_link_to_an_archived_page_is_not_a_timestamp():
    assert (
        dates(body='<a href="https://web.archive.org/web/20241009123456/https://a.eu/">old</a>')
        == []
    )


def test_page_dates_are_ordered_by_basis_and_latest_first():
    page = a_page(body="<p>Last update: 1 March 2025</p>", foot="<p>Last update: 14 March 2025</p>")

    found = page_dates(page, last_modified="Sat, 15 Mar 2025 10:00:00 GMT")

    assert [(str(one.basis), one.day.day) for one in found] == [
        ("stated", 14),
        ("stated", 1),
        ("header", 15),
    ]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"%PDF-1.7", b"<div>" * 3000])
def test_content_that_is_not_a_page_has_no_date(content):
    assert page_dates(content) == ()
