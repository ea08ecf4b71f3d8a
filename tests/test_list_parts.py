"""Lists that go on elsewhere, and lists that only look so, by their words and links."""

import pytest

from companies.importers.official_page import OfficialPage, parse
from tests.official_pages import HEADING, europa_page, items

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = [f"{letter}{word}" for letter in "ABC" for word in ("bacus", "xiom", "onsult", "ivera")]
TWELVE = items(*NAMES)


def read(after: str = "", before: str = "", **page: str) -> OfficialPage:
    return parse(europa_page(before + TWELVE + after, **page), headings=[HEADING])


def pagination(*links: str) -> str:
    inside = "".join(f'<li class="ecl-pagination__item">{link}</li>' for link in links)
    return (
        '<nav class="ecl-pagination" aria-label="Pagination">'
        f'<ul class="ecl-pagination__list">{inside}</ul></nav>'
    )


def letters(shown: str, href: str = "?letter={}") -> str:
    links = (
        f"<li>{one}</li>" if one in shown else f'<li><a href="{href.format(one)}">{one}</a></li>'
        for one in LETTERS
    )
    return f"<nav class='alphabet'><ul>{''.join(links)}</ul></nav>"


CURRENT = '<span aria-current="true" class="ecl-pagination__text">1</span>'
SECOND = '<a href="?page=1" aria-label="Go to page 2">2</a>'

FOLLOWED = {
    "ECL pagination": (pagination(CURRENT, SECOND, '<a href="?page=1">Next</a>'), ["?page=1"]),
    "pages by number alone": (
        pagination(CURRENT, SECOND, '<a href="?page=2">3</a>'),
        ["?page=1", "?page=2"],
    ),
    "an arrow": ('<ul class="pagination"><li><a href="/list/2">›</a></li></ul>', ["/list/2"]),
    "a pager that is no list": ('<div class="pager"><a href="?p=2">»</a></div>', ["?p=2"]),
    "rel=next": ('<p><a rel="next" href="/more-names">Continue</a></p>', ["/more-names"]),
    "a link without a class": ('<p><a href="?page=1">Next page</a></p>', ["?page=1"]),
    "a bare list of numbers": (
        '<ul><li>1</li><li><a href="?page=1">2</a></li><li><a href="?page=1">Next</a></li></ul>',
        ["?page=1"],
    ),
    "a button of an infinite list": (
        '<ul class="js-pager__items pager" data-drupal-views-infinite-scroll-pager><li>'
        '<a href="?page=1" rel="next">Load more</a></li></ul>',
        ["?page=1"],
    ),
    "show all": ('<a class="ecl-button" href="?items_per_page=All">Show all</a>', None),
    "a table's foot": (
        '<table><tbody></tbody><tfoot><tr><td><a href="?page=2">Next</a></td></tr></tfoot></table>',
        ["?page=2"],
    ),
    "French": (pagination('<a href="?page=1">Page suivante</a>'), ["?page=1"]),
    "a blog": ('<a class="next page-numbers" href="/page/2/">Older entries →</a>', ["/page/2/"]),
    "a sentence": ('<p>See the <a href="/all">full list of signatories</a>.</p>', ["/all"]),
    "German": (pagination('<a href="?seite=2">Nächste Seite</a>'), ["?seite=2"]),
    "Polish": (pagination('<a href="?page=1">Następna strona ›</a>'), ["?page=1"]),
    "Greek": (pagination('<a href="?page=1">Επόμενη σελίδα</a>'), ["?page=1"]),
    "Bulgarian": (pagination('<a href="?page=1">Следваща страница</a>'), ["?page=1"]),
    "Hungarian": (pagination('<a href="?page=1">Következő</a>'), ["?page=1"]),
    "letters": (letters("ABC"), [f"?letter={one}" for one in LETTERS[3:]]),
    "ranges of letters": (
        '<p>A–C <a href="/list/d-m">D–M</a> <a href="/list/n-z">N–Z</a></p>',
        ["/list/d-m", "/list/n-z"],
    ),
    "an address in an attribute": ('<div data-next-url="/list?page=2"></div>', ["/list?page=2"]),
}


@pytest.mark.parametrize(("after", "links"), FOLLOWED.values(), ids=FOLLOWED)
def test_the_link_to_the_next_page_of_a_list_is_found(after, links):
    found = read(after)
    assert found.extent.says
    assert list(found.extent.links) == (links or ["?items_per_page=All"])
    assert [one.name for one in found.names] == NAMES


def test_a_rel_next_link_in_the_head_is_found():
    content = europa_page(TWELVE).replace(b"</title>", b'</title><link rel="next" href="?page=1">')
    assert parse(content, headings=[HEADING]).extent.links == ("?page=1",)


def test_an_alphabetical_index_above_the_heading_belongs_to_the_list():
    found = read(heading=f"{letters('ABC')}<h2>{HEADING}</h2>")
    assert len(found.extent.links) == 23


def test_a_script_button_for_more_names_makes_the_list_partial():
    for button in (
        '<button class="btn">Load more</button>',
        '<a href="#" class="page-link">Next</a>',
        '<a role="button" href="javascript:void(0)">Mehr anzeigen</a>',
        '<input type="button" value="Voir plus">',
        '<div class="load-more" data-page="2">…</div>',
        "<button>Show the remaining 125 signatories</button>",
        '<button hx-get="" aria-label="Next page">›</button>',
    ):
        found = read(button)
        assert (found.extent.says != "", found.extent.links) == (True, ()), button


TOTALS = {
    "Showing 1 to 12 of 137 entries": 137,
    "1-12 of 137 results": 137,
    "1 – 12 / 137": 137,
    "Showing 12 of 137": 137,
    "12 von 137 Unterzeichnern": 137,
    "1 bis 12 von 137 Einträgen": 137,
    "Affichage de 1 à 12 sur 1 137 signataires": 1137,
    "Affichage de 1 à 12 sur 1 137 entrées": 1137,
    "Mostrando 1 a 12 de 1.137 resultados": 1137,
    "Da 1 a 12 di 137 risultati": 137,
    "1–12 z 137 wyników": 137,
    "1–12 / 137": 137,
    "137 találatból 1–12": 137,
    "Näytetään 1–12 / 137": 137,
    "Toont 1 tot 12 van 137": 137,
    "Показани 1 до 12 от 137": 137,
    "Εμφάνιση 1 έως 12 από 137": 137,
    "Results 1 - 12 of about 137": 137,
    "Showing <b>1</b>–<b>12</b> of <b>137</b> signatories": 137,
    "(12/137)": 137,
    "137 results": 137,
    "Total: 137": 137,
    "Signatories: 137": 137,
    "137 Unterzeichner": 137,
    "137 entreprises": 137,
    "1,137 signatories": 1137,
    "Overall, 137 companies have signed the pledges so far, and the list is updated often.": 137,
}


@pytest.mark.parametrize(("line", "total"), TOTALS.items(), ids=TOTALS)
def test_a_total_above_the_number_of_names_makes_the_list_partial(line, total):
    for found in (read(f"<p>{line}</p>"), read(before=f"<div class='count'>{line}</div>")):
        assert (found.extent.total, found.extent.says != "") == (total, True)
        assert [one.name for one in found.names] == NAMES


def test_a_total_in_the_heading_is_read():
    for words in ("(137)", "[137]", "137", "<span>137</span>", "(12/137)", "(12 of 137)"):
        found = read(heading=f"<h2>{HEADING} {words}</h2>")
        assert (found.extent.total, found.extent.says != "") == (137, True), words
    for words in ("(1/2)", "(page 1 of 2)", "– part 1 of 2"):
        found = read(heading=f"<h2>{HEADING} {words}</h2>")
        assert (found.extent.pages, found.extent.says != "") == (2, True), words


@pytest.mark.parametrize(
    "line",
    [
        "Page 1 of 2",
        "Page 1 sur 2",
        "Seite 1 von 2",
        "Página 1 de 2",
        "Strona 1 z 2",
        "Sivu 1/2",
        "1/2 oldal",
        "Страница 1 от 2",
        "Σελίδα 1 από 2",
    ],
)
def test_a_page_number_such_as_1_of_3_makes_the_list_partial(line):
    for found in (read(f"<p>{line}</p>"), read(f'<nav class="pager"><span>{line}</span></nav>')):
        assert (found.extent.pages, found.extent.says) == (2, line)


@pytest.mark.parametrize(
    "after",
    [
        "<ul><li>and 125 more</li></ul>",
        "<p>… and 125 other companies</p>",
        "<p>et 125 autres</p>",
        "<p>und 125 weitere</p>",
        "<p>y 125 más</p>",
        "<p>e altri 125</p>",
        "<p>i 125 innych</p>",
        "<p>+ 125 more</p>",
        "<p>and many others</p>",
        "<p>The list continues on the next page</p>",
        "<ul><li>…</li></ul>",
        "<ul><li>[...]</li></ul>",
        "<ul><li>etc.</li></ul>",
    ],
)
def test_a_line_such_as_and_others_is_not_a_name_and_makes_the_list_a_selection(after):
    found = read(after)
    assert found.extent.is_selection
    assert [one.name for one in found.names] == NAMES


@pytest.mark.parametrize(
    "before",
    [
        "<p>A selection of signatories</p>",
        "<p>The signatories of the Pact, including:</p>",
        "<p>Signatories include:</p>",
        "<p>Auswahl der Unterzeichner</p>",
        "<p>Zu den Unterzeichnern gehören unter anderem:</p>",
        "<p>Parmi les signataires, notamment :</p>",
        "<p>Examples of companies that signed</p>",
    ],
)
def test_an_introduction_such_as_some_of_them_makes_the_list_a_selection(before):
    assert read(before=before).extent.is_selection


def test_infinite_scroll_attributes_make_the_list_partial():
    for attribute, total, pages in (
        ('data-total="137"', 137, 0),
        ('data-total-items="137"', 137, 0),
        ('data-total-pages="5"', 0, 5),
        ('data-has-more="true"', 0, 0),
        ('aria-rowcount="137"', 137, 0),
        ('data-infinite-scroll="1"', 0, 0),
    ):
        extent = parse(europa_page(f"<div {attribute}>{TWELVE}</div>"), headings=[HEADING]).extent
        assert (extent.total, extent.pages) == (total, pages)
        assert attribute.split("=")[0] in extent.says


WHOLE = {
    "as many as it says": "<p>12 signatories</p>",
    "a range that is all": "<p>Showing 1 to 12 of 12 entries</p>",
    "page 1 of 1": "<p>Page 1 of 1</p>",
    "a pager of one page": pagination(CURRENT),
    "an empty pager": '<ul class="pagination"></ul>',
    "the last page": pagination(CURRENT, "<span class='disabled'>Next</span>"),
    "a button switched off": '<button disabled class="load-more">Load more</button>',
    "a hidden button": "<button hidden>Load more</button>",
    "a number in prose": "<p>More than 230 companies across the EU have signed the pledges.</p>",
    "an old number": "<p>On 25 September 2024, 10 companies had signed the pledges.</p>",
    "other things counted": "<p>Each company published 1 to 3 of the 5 pledges of the Pact.</p>",
    "interest": "<p>Over 3 000 organisations expressed an interest. 550 organisations, of which "
    "137 companies, are interested in the Pact and have signed nothing.</p>",
    "an article": "<p>See Articles 4 and 50 of Regulation (EU) 2024/1689.</p>",
    "a date": "<p>Updated on 1/3/2026</p>",
    "a year in words": "<p>Signatories 2024</p>",
    "breadcrumb": '<nav class="ecl-breadcrumb"><a href="/2">2</a><a href="?page=1">Next</a></nav>',
    "next steps": '<h3>Next steps</h3><p>What comes <a href="/next">next</a> is a report.</p>',
    "a link to another page": '<p><a href="/en/next">Next</a></p>',
    "languages": '<ul class="lang-list"><li><a href="/fr?page=1">fr</a></li></ul>',
    "news below": "<h3>Latest news</h3><p>The Commission opens a consultation on its guidelines."
    f"</p>{pagination(SECOND)}",
    "an aside": f'<aside class="teasers"><p>Events</p>{pagination(SECOND)}</aside>',
    "letters of this page": letters("", "#{}"),
    "letters that filter what is shown": "<p>"
    + "".join(f'<a href="?letter={one}">{one}</a> ' for one in "ABCXY")
    + "</p>",
    "what unfolds here": '<button aria-expanded="false" aria-controls="x">Show more</button>',
    "to the top": '<a href="#top">Show all</a>',
    "a caution of the real page": "<p><em>Some signatories may not appear immediately.</em></p>",
    "a page size": "<p>Show 10 25 50 results per page</p>",
    "footnotes": '<p>Text <a href="#fn1">1</a> <a href="#fn2">2</a></p>',
}


@pytest.mark.parametrize("after", WHOLE.values(), ids=WHOLE)
def test_unrelated_links_and_numbers_leave_the_list_complete(after):
    found = read(after)
    assert (found.extent.says, found.extent.links) == ("", ())
    assert [one.name for one in found.names][:12] == NAMES


def test_a_pager_above_the_heading_belongs_to_another_list():
    heading = f"<ul><li>News</li></ul>{pagination(SECOND)}<h2>{HEADING}</h2>"
    assert read(heading=heading).extent.links == ()


def test_an_approximate_total_is_only_reported():
    for line, told in (
        ("<p>More than 230 companies have signed the pledges.</p>", "more than 230 companies"),
        ("<p>Plus de 230 entreprises ont signé.</p>", "plus de 230 entreprises"),
        ("<p>230+ signatories</p>", "230"),
    ):
        extent = read(before=line).extent
        assert (extent.says, extent.total) == ("", 0)
        assert told in extent.about


def test_lists_under_separate_headings_are_counted_separately():
    half = "<p>Showing 1 to 6 of 12</p>"
    first = f"<h3>Providers</h3>{items(*NAMES[:6])}"
    second = f"<h3>Deployers</h3>{items(*NAMES[6:])}"
    for section, total in (
        (first + half + second + half, 24),
        (first + half + second, 18),
        (first + second, 0),
        (f"<p>Showing 1 to 12 of 12</p>{first}{second}", 12),
        (f"{first}{second}<p>Showing 1 to 12 of 12</p>", 12),
    ):
        extent = parse(europa_page(section), headings=[HEADING]).extent
        assert (extent.total, extent.says != "") == (total, total > 12), section


def test_a_repeated_name_counts_twice_toward_the_stated_total():
    content = europa_page(f"<p>13 results</p>{items(*NAMES, NAMES[0])}")
    found = parse(content, headings=[HEADING])
    assert (len(found.names), found.extent.rows, found.extent.says) == (12, 13, "")


def test_a_company_named_next_is_not_taken_for_a_pager_link():
    section = items(*NAMES, "Next", '<a href="https://next.example">Next</a>', "More", "Page One")
    found = parse(europa_page(section), headings=[HEADING])
    assert [one.name for one in found.names][12:] == ["Next", "More", "Page One"]
    assert found.extent.says == ""
