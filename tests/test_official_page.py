"""Reading official lists from pages built like the real ones, and from damaged ones."""

import csv
import random
import sys
from pathlib import Path

import pytest

import companies
from companies.importers.official_page import ListedName, Reason, UnreadableList, parse
from tests.official_pages import ANCHOR, HEADING, europa_page, items, markdown_page

HEADINGS_FILE = Path(companies.__file__).parent / "data/list_headings.csv"
THREE = ["Accenture", "Aleph Alpha", "SAP SE"]
EU_LANGUAGES = {
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"),
    *("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
}


def listed(content, **wanted):
    return [one.name for one in parse(content, **(wanted or {"headings": [HEADING]})).names]


def refusal(content, **wanted):
    with pytest.raises(UnreadableList) as refused:
        parse(content, **(wanted or {"headings": [HEADING]}))
    return refused.value


def notes(section):
    content = europa_page(section)
    return {one.name: one.note for one in parse(content, headings=[HEADING]).names}


SHAPES = {
    "items": items(*THREE),
    "items as links": items(*[f'<a href="https://x.example/{n}">{n}</a>' for n in THREE]),
    "items in bold": items(*[f"<strong>{n}</strong>" for n in THREE]),
    "items in paragraphs": items(*[f"<p>{n}</p>" for n in THREE]),
    "items as headings": items(*[f"<h3>{n}</h3>" for n in THREE]),
    "an ordered list": "<ol><li>Accenture</li><li>Aleph Alpha</li><li>SAP SE</li></ol>",
    "unclosed items": "<ul><li>Accenture<li>Aleph Alpha<li>SAP SE</ul>",
    "uppercase tags": "<UL><LI>Accenture</LI><LI>Aleph Alpha</LI><LI>SAP SE</LI></UL>",
    "several lists": items("Accenture") + items("Aleph Alpha") + items("SAP SE"),
    "a list in columns": '<div class="ecl-row"><div class="ecl-col-6">'
    + f'{items(*THREE[:2])}</div><div class="ecl-col-6">{items("SAP SE")}</div></div>',
    "lines in one paragraph": "<p>Accenture<br>Aleph Alpha<br/>SAP SE</p>",
    "lines in one item": "<ul><li>Accenture<br>Aleph Alpha<br>ACCENTURE<br>SAP SE</li></ul>",
    "paragraphs": "<p>Accenture</p><p>Aleph Alpha</p><p>SAP SE</p>",
    "bold paragraphs": "".join(f"<p><b>{n}</b></p>" for n in THREE),
    "div soup": '<div class="x1"><div><div>Accenture</div></div><div>Aleph Alpha</div>'
    "<div><span>SAP</span> <span>SE</span></div></div>",
    "letters above": f"<h3>A</h3>{items(*THREE[:2])}<h3>S</h3>{items('SAP SE')}",
    "letters of the same level": f"<h2>A</h2>{items(*THREE[:2])}<h2>S</h2>{items('SAP SE')}",
    "letters in bold paragraphs": "<p><strong>A</strong></p><p>Accenture<br>Aleph Alpha</p>"
    "<p><strong>S</strong></p><p>SAP SE</p>",
    "letters as items": "<ul><li>A<ul><li>Accenture</li><li>Aleph Alpha</li></ul></li>"
    "<li>S<ul><li>SAP SE</li></ul></li></ul>",
    "new signatories below": f"{items(*THREE[:2])}<h3>New signatories</h3>{items('SAP SE')}",
    "grouped by country": "<ul><li>Ireland<ul><li>Accenture</li></ul></li>"
    "<li>Germany<ul><li>Aleph Alpha</li><li>SAP SE</li></ul></li></ul>",
    "definitions": "<dl><dt>A</dt><dd>Accenture</dd><dd>Aleph Alpha</dd>"
    "<dt>S</dt><dd>SAP SE</dd></dl>",
    "terms": "<dl><dt>Accenture</dt><dd>Ireland</dd><dt>Aleph Alpha</dt><dd>Germany</dd>"
    "<dt>SAP SE</dt><dd>Germany</dd></dl>",
    "a table with a header": "<table><thead><tr><th>Country</th><th>Name of the company</th></tr>"
    "</thead><tbody><tr><td>Ireland</td><td>Accenture</td></tr>"
    "<tr><td rowspan=2>Germany</td><td>Aleph Alpha</td></tr><tr><td>SAP SE</td></tr>"
    "</tbody></table>",
    "a table with a header of plain cells": "<table><tr><td>Organisation</td><td>Country</td></tr>"
    "<tr><td>Accenture</td><td>Ireland</td></tr><tr><td>Aleph Alpha</td><td>Germany</td></tr>"
    "<tr><td>SAP SE</td><td>Germany</td></tr></table>",
    "a table with a Polish header": "<table><tr><th>Lp.</th><th>Nazwa</th></tr>"
    "<tr><td>1</td><td>Accenture</td></tr><tr><td>2</td><td>Aleph Alpha</td></tr><tr><td>3"
    "</td><td>SAP SE</td></tr></table>",
    "a table without a header": "<table><tr><td>1.</td><td>Accenture</td><td>Ireland</td></tr><tr>"
    "<td>2.</td><td>Aleph Alpha</td><td>Germany</td></tr><tr><td>3.</td><td>SAP SE</td>"
    "<td>Germany</td></tr></table>",
    "a table of two columns of names": "<table><tr><td>Accenture</td><td>Aleph Alpha</td></tr>"
    "<tr><td>SAP SE</td><td>&nbsp;</td></tr></table>",
    "a table with row headers": "<table>"
    '<tr><th scope="row">Accenture</th><td>Ireland</td></tr>'
    '<tr><th scope="row">Aleph Alpha</th><td>Germany</td></tr>'
    '<tr><th scope="row">SAP SE</th><td>Germany</td></tr></table>',
    "a layout table": f"<table><tr><td>{items(*THREE[:2])}</td>"
    f"<td>{items('SAP SE')}</td></tr></table>",
    "typed bullets": "<p>• Accenture<br>·&nbsp;&nbsp; Aleph Alpha<br>– SAP SE</p>",
    "typed numbers": "<p>1. Accenture<br>2. Aleph Alpha<br>3. SAP SE</p>",
    "footnote marks": items("Accenture<sup>1</sup>", "Aleph Alpha [2]", "SAP SE*"),
    "invisible characters": items(
        "Accen&shy;ture", "Aleph&nbsp;Alpha&#8203;", "\ufeffSAP\u00a0\n SE"
    ),
    "Microsoft Word": "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>"
    "<![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span>"
    "<![endif]><span lang=EN-GB>"
    "Accenture<o:p></o:p></span></p><p class=MsoNormal>Aleph Alpha<o:p>&nbsp;</o:p></p>"
    "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>SAP <span>SE</span></p>",
    "comments and scripts": "<!-- <ul><li>Not a name</li></ul> --><ul><script>add('x')</script>"
    "<li><!-- x -->Accenture</li><![CDATA[<li>Not a name</li>]]><style>li{}</style>"
    "<li>Aleph <!-- y -->Alpha</li><li>SAP SE</li></ul>",
    "logos with names": items(*[f'<img alt="{n} logo" src="x.png"> {n}' for n in THREE]),
    "logos without text": items(
        *[f'<a href="#"><img alt="{n} logo" src="x.png"></a>' for n in THREE]
    ),
    "sentences around": "<p><em>Some signatories may not appear immediately, but we are making "
    f"sure to update the list.</em></p>{items(*THREE)}<p>Last updated: 9 October 2024</p>"
    '<p>See also the <a href="/x">text of the pledges</a>.</p>',
    "remarks between lines": "<p>Last updated: 9 October 2024</p><p>Accenture</p><p>Aleph Alpha</p>"
    "<p>SAP SE</p><p>See also: AI Act</p><p>9 October 2024</p>",
    "a button to show more": items(*THREE) + '<button type="button">Show more</button>',
    "an expandable list": '<div class="ecl-expandable"><button type="button">Read more</button>'
    f'<div class="ecl-expandable__content" hidden>{items(*THREE)}</div></div>',
    "a table with a title and letters": "<table><tr><th colspan=2>They signed</th></tr>"
    "<tr><th>Name</th><th>Country</th></tr><tr><th colspan=2>A</th></tr>"
    "<tr><td>Accenture</td><td>Ireland</td></tr><tr><td>Aleph Alpha</td><td>Germany</td></tr>"
    "<tr><td>SAP SE</td><td>Germany</td></tr></table>",
    "a table in two halves": "<table><tr><th>Name</th><th>Country</th><th>Name</th><th>Country</th>"
    "</tr><tr><td>Accenture</td><td>IE</td><td>Aleph Alpha</td><td>DE</td></tr>"
    "<tr><td>SAP SE</td><td>DE</td></tr></table>",
    "headings with a description": "".join(
        f"<h3>{n}</h3><p>A company that builds many things for people.</p>" for n in THREE
    ),
    "cards": "".join(
        f'<article class="ecl-content-item"><h1><a href="/x">{n}</a></h1></article>' for n in THREE
    ),
    "links side by side": "<div>" + "".join(f'<a href="/x">{n}</a>' for n in THREE) + "</div>",
    "links with bars between": "<p>" + " | ".join(f"<a href=x>{n}</a>" for n in THREE) + "</p>",
    "links that open a new tab": items(*[f"<a href=x>{n}</a> (opens in a new tab)" for n in THREE]),
    "text for screen readers": items(
        *[f'{n}<span class="ecl-u-sr-only">(external link)</span>' for n in THREE]
    ),
    "preformatted text": "<pre>Accenture\nAleph Alpha\nSAP SE</pre>",
    "an index above": '<p><a href="#a">A</a> | <a href="#b">B</a> | <a href="#c">C</a> | '
    f'<a href="#s">S</a></p>{items("A", "B", "C", "S")}{items(*THREE)}',
    "a document below": items(*THREE) + items('<a href="/a.pdf">Text of the pledges (PDF)</a>'),
    "a table with a country of the company first": "<table><tr><th>Country of the company</th>"
    "<th>Company name</th></tr><tr><td>Ireland</td><td>Accenture</td></tr><tr><td>Germany</td>"
    "<td>Aleph Alpha</td></tr><tr><td>Germany</td><td>SAP SE</td></tr></table>",
    "links to documents": items(*[f'<a href="/{n}.pdf">{n} (PDF, 120 KB)</a>' for n in THREE]),
    "a table made of divs": '<div role="table"><div role="row"><div role="columnheader">Name</div>'
    '<div role="columnheader">Country</div></div>'
    + "".join(
        f'<div role="row"><div role="cell">{n}</div><div role="cell">Ireland</div></div>'
        for n in THREE
    )
    + "</div>",
    "cells without rows": '<div role="table">'
    + "".join(f'<div role="cell">{n}</div>' for n in THREE)
    + "</div>",
    "a remark in italics": "<p><em>Liste wird laufend aktualisiert</em></p>"
    "<p>Accenture<br>Aleph Alpha<br>SAP SE</p><p>Kaikki allekirjoittajat eivät ehkä näy heti.</p>",
    "an invitation below": "<p>Accenture<br>Aleph Alpha<br>SAP SE</p>"
    '<p><a href="/join">Join the initiative!</a></p>',
    "a footnote below": f"{items(*THREE)}<p>* only signed the Safety and Security Chapter</p>",
    "sectors above": f"<h3>Telecoms</h3>{items(*THREE[:2])}<p>Banking</p>{items('SAP SE')}",
    "a row beside a sidebar": f'<div class="ecl-row has-sidebar no-nav">{items(*THREE)}</div>',
    "a name stated twice": items("Accenture", "Aleph Alpha", "ACCENTURE", "SAP SE", "Accenture"),
}


@pytest.mark.parametrize("section", SHAPES.values(), ids=SHAPES)
def test_names_are_read_from_every_shape_of_list(section):
    assert listed(europa_page(section)) == THREE


def test_preformatted_lines_do_not_count_as_italics():
    assert listed(europa_page("<pre>Accenture\nAI &amp; Partners\n</pre>")) == [
        "Accenture",
        "AI & Partners",
    ]


@pytest.mark.parametrize("section", SHAPES.values(), ids=SHAPES)
def test_an_anchor_alone_finds_every_shape_of_list(section):
    heading = f'<h2 id="{ANCHOR}">Podepsané subjekty</h2>'
    assert listed(europa_page(section, heading=heading), anchors=[ANCHOR]) == THREE


HEADS = {
    "another level": f"<h4>{HEADING}</h4>",
    "other classes": f'<h2 class="x9 ecl-u-type-heading-2"><span> {HEADING}</span></h2>',
    "other case and spaces": "<h2>SIGNATORIES&nbsp;OF THE\n  Pledges:</h2>",
    "a number of names": f"<h2>{HEADING} (126)</h2>",
    "a date": f"<h2>{HEADING} (as of 9 October 2024)</h2>",
    "a number in front": f"<h2>5. {HEADING}</h2>",
    "a link to itself": f'<h2><a href="#{ANCHOR}">{HEADING}</a></h2>',
    "a bold paragraph": f"<p><strong>{HEADING}</strong></p>",
    "a bold line": f"<p><strong>{HEADING}</strong><br></p>",
    "a role": f'<div role="heading" aria-level="3">{HEADING}</div>',
    "div soup": f'<div class="a"><div class="b1"><div>{HEADING}</div></div></div>',
    "an empty anchor": f'<a name="x"></a><h2>{HEADING}</h2>',
    "an accordion": f'<h3 class="ecl-accordion__title"><button aria-expanded="false">{HEADING}'
    '<span class="ecl-icon"></span></button></h3>',
    "two lines": "<h2>Signatories<br>of the pledges</h2>",
    "a date without brackets": f"<h2>{HEADING} as of 9 October 2024</h2>",
    "a footnote": f"<h2>{HEADING}<sup>1</sup></h2>",
    "a link to copy": f'<h2>{HEADING}<a class="anchor" href="#x">#</a></h2>',
    "a header of a section": f"<section><header><h2>{HEADING}</h2></header></section>",
    "a button": f'<div><button class="accordion" aria-expanded="false">{HEADING}</button></div>',
}


@pytest.mark.parametrize("heading", HEADS.values(), ids=HEADS)
def test_the_heading_is_found_in_every_form(heading):
    content = europa_page(items(*THREE), heading=heading, after="<h2>Contact</h2><p>Us</p>")
    assert listed(content) == THREE


NEIGHBOURS = {
    "a heading": (HEADS["another level"], "<h4>Organisations in the network</h4>"),
    "a higher heading": (HEADS["another level"], "<h3>Downloads of the network</h3>"),
    "a bold paragraph": (HEADS["a bold paragraph"], "<p><strong>Friends</strong></p>"),
    "a titled div": (f'<div class="t">{HEADING}</div>', '<div class="t">Friends</div>'),
    "a button": (
        f'<button class="a" aria-expanded="false">{HEADING}</button>',
        '<button class="a" aria-expanded="false">Friends</button>',
    ),
    "a div without a class": (f"<div>{HEADING}</div>", "<div><div>Friends of it</div></div>"),
    "another card": (
        f'<div class="card"><h3><button>{HEADING}</button></h3></div>',
        '<div class="card"><h3><button>Other organisations</button></h3></div>',
    ),
    "a list of the interested": (
        f"<h2>{HEADING}</h2>",
        "<h3>Organisations interested in the network</h3>",
    ),
    "a sentence on the interested": (
        f"<h2>{HEADING}</h2>",
        "<p>Organisations that expressed an interest, and are interested:</p>",
    ),
}


@pytest.mark.parametrize(("heading", "other"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_list_after_the_section_is_left_out(heading, other):
    content = europa_page(items(*THREE), heading=heading, after=other + items("Meta", "Apple"))
    assert listed(content) == THREE


def test_a_list_before_the_heading_is_left_out():
    heading = f"<h2>Interested</h2>{items('Meta', 'Apple')}<h2>{HEADING}</h2>"
    assert listed(europa_page(items(*THREE), heading=heading)) == THREE


def test_a_section_ends_with_its_details_element():
    section = f"<details><summary>{HEADING}</summary>{items(*THREE)}</details>{items('Meta')}"
    assert listed(europa_page(section, heading="")) == THREE


def test_a_section_ends_with_its_section_element():
    section = f"<section><h3>{HEADING}</h3>{items(*THREE)}</section>{items('Meta')}"
    assert listed(europa_page(section, heading="")) == THREE


def test_a_list_inside_the_element_of_an_anchor_is_found():
    section = f'<div id="{ANCHOR}">{items(*THREE)}</div>{items("Meta")}'
    assert listed(europa_page(section, heading=""), anchors=[ANCHOR]) == THREE


def test_a_list_after_an_empty_anchor_is_found():
    section = f'<a name="{ANCHOR}"></a>{items(*THREE)}<h2>Friends</h2>{items("Meta")}'
    assert listed(europa_page(section, heading=""), anchors=[f"#{ANCHOR}"]) == THREE


def test_the_in_page_menu_gives_the_heading_of_a_missing_anchor():
    content = europa_page(items(*THREE), heading=f"<h2>{HEADING}</h2>")
    assert listed(content, anchors=[ANCHOR]) == THREE


def test_the_panel_that_a_tab_controls_is_its_section():
    tabs = f'<button aria-controls="a">{HEADING}</button><button aria-controls="b">Others</button>'
    panels = f'<div id="a">{items(*THREE)}</div><div id="b">{items("Meta")}</div>'
    assert listed(europa_page(tabs + panels, heading="")) == THREE


def test_a_heading_that_is_a_term_ends_at_the_next_term():
    said = "".join(f"<dd>{name}</dd>" for name in THREE)
    section = f"<dl><dt>{HEADING}</dt>{said}<dt>Interested</dt><dd>Meta</dd><dd>Apple</dd></dl>"
    assert listed(europa_page(section, heading="")) == THREE


@pytest.mark.parametrize("head", [f"<caption>{HEADING}</caption>", f"<tr><th>{HEADING}</th></tr>"])
def test_the_heading_may_be_inside_the_table(head):
    rows = "".join(f"<tr><td>{name}</td></tr>" for name in THREE)
    section = f"<table>{head}{rows}</table><p>Friends:</p>{items('Meta')}"
    assert listed(europa_page(section, heading="")) == THREE


def test_a_menu_without_a_nav_element_is_not_a_list():
    menu = items(f'<a href="#s">{HEADING}</a>', '<a href="#c">Contact</a>')
    content = europa_page(items(*THREE), heading=f'{menu}<h2 id="s">{HEADING}</h2>')
    assert listed(content) == THREE


def test_a_teaser_with_the_same_heading_is_not_read():
    teaser = (
        f'<div class="box"><h3>{HEADING}</h3><p>Over 100 companies have signed so far.</p></div>'
    )
    content = europa_page(items(*THREE), heading=f"{teaser}<h2>{HEADING}</h2>")
    assert listed(content) == THREE


def test_the_heading_of_the_list_is_preferred_to_the_title_of_the_page():
    heading = f"<h1>Signatories</h1>{items('Text of the pledges', 'Meta')}<h2>{HEADING}</h2>"
    content = europa_page(items(*THREE), heading=heading)
    assert listed(content, headings=["Signatories", HEADING]) == THREE


@pytest.mark.parametrize(
    "name",
    [
        "O.C. Tanner",
        "1&1",
        "2021.ai",
        "AI & Partners",
        "Amazon (Amazon Europe Core)",
        "ITI - Instituto Tecnológico de Informática",
        "Manteia - Memar S.r.l",
        "re-inventa",
        "Dassault Systèmes",
        "Coöperatieve Rabobank U.A.",
        "Smith, Jones & Co., Ltd.",
        "ΔΕΗ Α.Ε.",
        "Софтуерна компания ООД",
        "三菱電機",
        "شركة الاتصالات",
        "X",
        "EY",
        "3M",
        "Contact Software",
        "The Search Company of the European Union and of its Many Friends",
        "L'Oréal",
        "Total Energies",
        "H&M",
        "I B M",
        "Which?",
        "Next",
        "Related",
        "Ex Libris",
        "Centre national de la recherche scientifique en informatique",
        "AT&T",
        "trail <i>ML</i>",
    ],
)
def test_a_name_keeps_its_spelling(name):
    plain = name.replace("<i>", "").replace("</i>", "")
    content = europa_page(items("Accenture", name.replace("&", "&amp;"), "SAP SE"))
    assert listed(content) == ["Accenture", plain, "SAP SE"]


@pytest.mark.parametrize(
    ("stated", "name", "note"),
    [
        ("xAI (Safety and Security Chapter only)", "xAI", "Safety and Security Chapter only"),
        ("xAI – Safety and Security Chapter only", "xAI", "Safety and Security Chapter only"),
        ("Idemia (formerly Morpho)", "Idemia", "formerly Morpho"),
        ("Meta, formerly Facebook", "Meta", "formerly Facebook"),
        ("Capgemini (and subsidiaries)", "Capgemini", "and subsidiaries"),
        ("Qina<br>joined in 2025", "Qina", "joined in 2025"),
        ("Arm (UK)", "Arm (UK)", ""),
        ("NEC (New Energy Corporation)", "NEC (New Energy Corporation)", ""),
    ],
)
def test_a_remark_on_a_name_becomes_its_note(stated, name, note):
    assert notes(items("Accenture", stated)) == {"Accenture": "", name: note}


def test_a_company_named_in_a_sentence_after_the_list_is_read():
    sentence = (
        "<p>In addition, xAI signed up to the Safety and Security Chapter; this means that it will "
        "have to demonstrate compliance by other means.</p>"
    )
    note = "signed up to the Safety and Security Chapter"
    assert notes(items("Accenture") + sentence) == {"Accenture": "", "xAI": note}


def test_a_column_of_remarks_becomes_notes():
    table = (
        "<table><tr><th>Signatory</th><th>Country</th><th>Remarks</th></tr>"
        "<tr><td>Google</td><td>US</td><td></td></tr><tr><td>xAI</td><td>US</td>"
        "<td>One chapter</td></tr></table>"
    )
    assert notes(table) == {"Google": "", "xAI": "One chapter"}


def test_a_name_in_the_first_row_of_a_table_is_no_header():
    rows = "<tr><td>Trading Company</td><td>Qina</td></tr><tr><td>SAP</td><td>Sage</td></tr>"
    expected = ["Trading Company", "Qina", "SAP", "Sage"]
    assert listed(europa_page(f"<table>{rows}</table>")) == expected


def test_a_repeated_name_keeps_its_first_spelling_and_both_notes():
    twice = items("Qina (new)", "Accenture", "QINA (updated)")
    assert notes(twice) == {"Qina": "new; updated", "Accenture": ""}


def test_positions_count_from_one():
    content = europa_page(items("Accenture", "Accenture", "Adecco (new)"))
    assert parse(content, headings=[HEADING]).names == [
        ListedName("Accenture", 1),
        ListedName("Adecco", 2, "new"),
    ]


def test_ten_thousand_names_are_read_in_order():
    many = [f"Company No. {number:05d} GmbH & Co." for number in range(10_000)]
    content = europa_page(items(*[name.replace("&", "&amp;") for name in many]))
    assert listed(content) == many


@pytest.mark.parametrize(
    "names",
    [
        "Accenture\nAI \\& Partners\nManteia \\- Memar S.r.l\n2021\\.ai",
        "* Accenture\n* AI \\& Partners\n* Manteia - Memar S.r.l\n* [2021\\.ai](https://2021.ai)",
        "1. Accenture\n2. AI & Partners\n3. Manteia - Memar S.r.l\n4. **2021.ai**",
        "Name | Country\n--- | ---\nAccenture | IE\nAI & Partners | ES\n"
        "Manteia - Memar S.r.l | IT\n2021.ai | DK",
        "Accenture  \nAI & Partners\\\nManteia - Memar S.r.l\n2021.ai",
        "| Name | Country |\n| --- | --- |\n| Accenture | Ireland |\n| AI & Partners | Spain |\n"
        "| Manteia - Memar S.r.l | Italy |\n| 2021.ai | Denmark |",
        "### A\n\nAccenture\nAI &amp; Partners\n\n### M\n\nManteia - Memar S.r.l<br>2021.ai",
    ],
)
@pytest.mark.parametrize("heading", [f"{HEADING}\n-----", f"## {HEADING}", f"**{HEADING}**\n"])
def test_markdown_is_read_like_the_page_it_came_from(names, heading):
    content = markdown_page(names, heading=heading)
    expected = ["Accenture", "AI & Partners", "Manteia - Memar S.r.l", "2021.ai"]
    assert listed(content) == expected


def test_the_in_page_menu_of_markdown_gives_the_heading_of_an_anchor():
    assert listed(markdown_page("Accenture\nSAP"), anchors=[ANCHOR]) == ["Accenture", "SAP"]


MARKDOWN_FORMS = {
    "a list in HTML": "<ul>\n\n    <li>Accenture</li>\n    <li>AI &amp; Partners</li>\n</ul>",
    "a table in HTML": "<table><tr><th>Name</th><th>Country</th></tr>\n"
    "<tr><td>Accenture</td><td>IE</td></tr>\n<tr><td>AI & Partners</td><td>ES</td></tr></table>",
    "elements in an item": "* <span class=x>Accenture</span><!-- new -->\n* <b>AI</b> & Partners",
    "a script": "<script>\n* Not a name\n</script>\n\n* Accenture\n* AI & Partners",
    "a table with escaped bars": "| Signatory | Country |\n|:--|--:|\n| Accenture | IE \\| UK |\n"
    "| **AI & Partners** | ES |",
    "a table of links": "| Name |\n| --- |\n| [Accenture](https://a.example) |\n"
    "| [AI & Partners](https://b.example) |",
    "links by reference": "* [Accenture][1]\n* [AI & Partners][]\n\n[1]: https://a.example\n"
    "[AI & Partners]: https://b.example 'Home'",
    "links with brackets and titles": "* [Accenture](https://a.example/x_(y))\n"
    '* [AI & Partners](<https://b.example/a b> "Home")',
    "links to scripts": "* [Accenture](javascript:void\\(0\\))\n* [AI & Partners](file:///b)",
    "addresses beside names": "* Accenture <https://a.example>\n* AI & Partners <mailto:b@b.eu>",
    "footnotes": "* Accenture[^1]\n* AI & Partners[^note]\n\n"
    "[^1]: Only the first of the three pledges was signed by this company.",
    "escaped marks": "\\* Accenture\n\n\\- AI \\& Partners",
    "entities": "* Accenture\n* AI &amp; Partners\n* Accenture",
    "grouped by country": "* Ireland\n    * Accenture\n* Spain\n    * AI & Partners",
    "items apart": "1) Accenture\n\n2) AI & Partners",
    "a quotation": "> Accenture\n> AI & Partners",
    "a block of code": "```\nAccenture\nAI & Partners\n```",
    "logos": "* ![Accenture logo](a.png)\n* ![Logo](b.png) AI & Partners",
    "headings": "### Accenture\n\n### AI & Partners ###",
    "bold paragraphs": "**Accenture**\n\n__AI & Partners__",
    "line breaks in HTML": "Accenture<br/>AI & Partners<BR>ACCENTURE",
}


@pytest.mark.parametrize("names", MARKDOWN_FORMS.values(), ids=MARKDOWN_FORMS)
def test_names_are_read_from_every_form_of_markdown(names):
    assert listed(markdown_page(names)) == ["Accenture", "AI & Partners"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2021\\.ai", "2021.ai"),
        ("\\#1 Hosting", "#1 Hosting"),
        ("Acme \\*Labs", "Acme *Labs"),
        ("\\<Tag\\>", "<Tag>"),
        ("snake\\_case", "snake_case"),
        ("snake_case_name", "snake_case_name"),
        ("\\[Brackets\\]", "[Brackets]"),
        ("E*Trade", "E*Trade"),
        ("C# Factory", "C# Factory"),
        ("A < B Corp", "A < B Corp"),
        ("H&M", "H&M"),
        ("`Code`", "Code"),
    ],
)
def test_escaped_characters_of_markdown_are_unescaped(written, name):
    assert listed(markdown_page(f"* Accenture\n* {written}\n* SAP")) == ["Accenture", name, "SAP"]


@pytest.mark.parametrize(
    "heading",
    [f"## Firmantes {{#{ANCHOR}}}", f'<a id="{ANCHOR}"></a>\n## Firmantes', f"## {HEADING} {{#x}}"],
)
def test_a_heading_in_markdown_may_carry_an_anchor(heading):
    content = markdown_page("* Accenture\n* SAP", heading=heading)
    assert listed(content, headings=[HEADING], anchors=[ANCHOR]) == ["Accenture", "SAP"]


@pytest.mark.parametrize("wanted", [{"headings": []}, {"headings": ["Firmantes"]}])
def test_a_text_of_one_name_a_line_is_read_whatever_the_headings(wanted):
    content = (
        b"// 31 July 2026\nAccexible\r\nre-inventa\n\nxAI (Safety and Security Chapter only)\n"
    )
    assert parse(content, **wanted).names == [
        ListedName("Accexible", 1),
        ListedName("re-inventa", 2),
        ListedName("xAI", 3, "Safety and Security Chapter only"),
    ]


def test_comments_in_a_plain_list_are_left_out():
    assert listed(b"# Signatories, 1 August 2025\nAmazon\n#x\nIBM", headings=[]) == [
        "Amazon",
        "IBM",
    ]


PAGE = europa_page(items("Telefónica", "Dassault Systèmes")).decode().replace("български", "BG")
ACCENTED = ["Telefónica", "Dassault Systèmes"]


@pytest.mark.parametrize(
    "content",
    [
        PAGE.encode(),
        PAGE.encode("utf-8-sig"),
        PAGE.encode("utf-16"),
        PAGE.replace('charset="utf-8"', 'charset="windows-1252"').encode("windows-1252"),
        PAGE.replace('charset="utf-8"', "charset=ISO-8859-1").encode("windows-1252"),
        PAGE.replace('<meta charset="utf-8">', "").encode(),
        PAGE.replace('charset="utf-8"', 'charset="windows-1252"').encode(),
    ],
)
def test_the_encoding_comes_from_the_bom_from_utf_8_or_from_the_declaration(content):
    assert listed(content) == ACCENTED


def windows_1252(declaration):
    page = europa_page(items("Telefónica")).decode().replace("български", "balgarski")
    return page.replace('<meta charset="utf-8">', declaration).encode("windows-1252")


def test_windows_1252_is_read_only_if_declared():
    assert listed(windows_1252('<meta charset="windows-1252">')) == ["Telefónica"]
    assert refusal(windows_1252("")).reason == Reason.NOT_TEXT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \n\t", Reason.EMPTY),
        (b"%PDF-1.7\n%\xe2\xe3", Reason.BROKEN_FILE),
        (b"PK\x03\x04rest", Reason.NOT_TEXT),
        (b"\x1f\x8b\x08\x00", Reason.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n", Reason.NOT_TEXT),
        (b"Accenture\0Adecco", Reason.NOT_TEXT),
        (b"\xff\xfe\x00", Reason.TRUNCATED),
        (b'{"names": ["Accenture"]}', Reason.NOT_A_LIST),
        (b"<?xml version='1.0'?><rss><channel/></rss>", Reason.NOT_A_LIST),
        (b"<div>" * 600 + b"</div>" * 600, Reason.TOO_DEEP),
        (b"> " * 60 + b"Accenture", Reason.TOO_DEEP),
        (b"Accenture\n" * 200_001, Reason.TOO_LONG),
    ],
)
def test_content_that_is_not_html_is_refused_with_a_reason(content, reason):
    assert refusal(content).reason == reason
    assert refusal(content, headings=[]).reason == reason


def test_a_refusal_lists_the_headings_of_a_page_without_the_section():
    refused = refusal(europa_page("", heading=f"<h2>Members</h2>{items('Accenture')}"))
    assert refused.reason == Reason.NO_SECTION
    assert refused.looked_for == (HEADING,)
    assert refused.found == ("AI Pact", "What is the AI Pact?", "Members")
    assert str(refused) == "the page has none of the headings looked for"


def test_a_heading_in_the_menu_alone_begins_no_section():
    assert refusal(europa_page("", heading="")).reason == Reason.NO_SECTION


@pytest.mark.parametrize("section", ["", "<p>&nbsp;</p>", "<ul></ul>", "<p>Coming soon</p>"])
def test_an_empty_section_is_refused(section):
    assert refusal(europa_page(section)).reason == Reason.EMPTY_SECTION


@pytest.mark.parametrize(
    "section",
    [
        "<p>Over 100 companies have signed the pledges, and the list follows soon.</p>",
        items(
            "Adopting an AI governance strategy to foster the uptake of AI in the organisation",
            "Identifying and mapping AI systems likely to be categorised as high-risk",
        ),
    ],
)
def test_a_section_of_sentences_is_refused(section):
    assert refusal(europa_page(section)).reason == Reason.NOT_A_LIST


LONG = europa_page(items(*THREE * 20))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.8, 0.99])
def test_a_truncated_page_is_refused(share):
    assert refusal(LONG[: int(len(LONG) * share)]).reason == Reason.TRUNCATED


@pytest.mark.parametrize(
    "content",
    [
        b"<h2>Signatories of the pledges</h2><ul><li>Accenture</li><li>Ade",
        b"<h2>Signatories of the pledges</h2><ul><li>Accenture</li></ul><p cla",
        b"<h2>Signatories of the pledges</h2><ul><li>Accenture</li></ul><!-- x",
        LONG.replace(b"</body></html>", b"<!-- </body></html> -->"),
    ],
)
def test_a_truncated_fragment_is_refused(content):
    assert refusal(content).reason == Reason.TRUNCATED


def page_saying(title, body):
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (page_saying("EU Login", "<h1>Sign in to continue</h1>"), Reason.LOGIN_PAGE),
        (page_saying("x", "<form><input type='PASSWORD'></form>"), Reason.LOGIN_PAGE),
        (page_saying("404 Not Found", "<h1>Not Found</h1><hr>nginx"), Reason.ERROR_PAGE),
        (page_saying("403 Forbidden", "<h1>403 Forbidden</h1>"), Reason.ERROR_PAGE),
        (page_saying("Just a moment...", "<p>Checking your browser</p>"), Reason.ERROR_PAGE),
        (
            page_saying("AI Pact", "<h1>Page not found</h1><ul><li>Home</li></ul>"),
            Reason.ERROR_PAGE,
        ),
        (page_saying("AI Pact", "<p>Site under maintenance</p>"), Reason.ERROR_PAGE),
        (page_saying("", "<p>Please complete the CAPTCHA</p>"), Reason.ERROR_PAGE),
        (b"503 Service Unavailable", Reason.ERROR_PAGE),
        (b"Access Denied", Reason.ERROR_PAGE),
    ],
)
def test_login_and_error_pages_are_refused(content, reason):
    assert refusal(content).reason == reason
    assert refusal(content, headings=[]).reason == reason


def test_a_login_form_beside_the_list_is_ignored():
    box = "<form><p>Sign in</p><input type=password></form>"
    assert listed(europa_page(items(*THREE), heading=f"{box}<h2>{HEADING}</h2>")) == THREE


def read_or_refuse(content):
    """Let any exception but a refusal through."""
    try:
        found = parse(content, headings=[HEADING], anchors=[ANCHOR]).names
    except UnreadableList:
        return None
    assert found
    assert all(one.name.strip() == one.name and one.name for one in found)
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    return found


def test_random_bytes_are_read_or_refused():
    chance = random.Random(20240925)
    for _ in range(300):
        read_or_refuse(chance.randbytes(chance.randrange(200)))


def test_damaged_pages_are_read_or_refused():
    chance = random.Random(20250801)
    pages = [europa_page(section) for section in SHAPES.values()]
    pages += [markdown_page("Accenture\n| a | b |\n* SAP\n## x"), b"Accenture\nSAP"]
    for _ in range(600):
        page = bytearray(chance.choice(pages))
        for _ in range(chance.randrange(1, 30)):
            where = chance.randrange(len(page))
            page[where : where + chance.randrange(4)] = chance.choice(
                [b"<", b">", b"</ul>", b"<table><td colspan=-9 rowspan=99999999>", b"\xc3", b"&#0;"]
            )
        read_or_refuse(bytes(page))
        read_or_refuse(bytes(page[: chance.randrange(len(page))]))


HOSTILE = {
    "brackets": "[",
    "images": "![",
    "links": "[a](",
    "links in angles": "[a](<",
    "titles": '[a](b "',
    "references": "[a][b]",
    "definitions": "[a\n",
    "stars": "*a ",
    "stars and underscores": "*a_ ",
    "runs of stars": "**a*",
    "strokes": "~~a ",
    "comments": "<!--a",
    "declarations": "<!A ",
    "instructions": "<?",
    "cdata": "<![CDATA[",
    "attributes": "<a b='",
    "addresses": "<http://a",
    "entities": "&#",
    "escapes": "\\",
    "backticks": "`a``",
    "items": "* a\n",
    "numbers": "1. [a\n",
    "headings": "a\n-\n",
    "bars": "|a",
    "rows": "a|b\n-|-\n",
    "hashes": "# ",
    "slashes": "//\n",
    "anchors": "{#a",
    "footnotes": "[^a",
    "spaces": "    ",
}


def calls(content):
    """How many calls of functions it takes to read `content`."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        read_or_refuse(content)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_no_faster_than_the_length_of_hostile_markdown(part):
    once, four_times = (calls(f"Names\n\n{part * n}\n\nSAP".encode()) for n in (100, 400))
    assert four_times < 5 * once


def headings_of(pact, kind="heading"):
    with HEADINGS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["pact"] == pact and row["kind"] == kind]


@pytest.mark.parametrize("pact", ["eu-ai-pact", "gpai-code"])
def test_the_package_has_a_heading_in_every_language_of_the_eu(pact):
    assert {row["language"] for row in headings_of(pact)} == EU_LANGUAGES


@pytest.mark.parametrize("pact", ["eu-ai-pact", "gpai-code"])
def test_every_heading_of_the_package_finds_its_list(pact):
    rows = headings_of(pact)
    texts = [row["text"] for row in rows]
    for text in texts:
        content = europa_page(items(*THREE), heading=f"<h2>{text.upper()}</h2>")
        assert listed(content, headings=texts) == THREE, text


def test_the_package_has_the_heading_and_anchor_of_the_real_page():
    assert HEADING in [row["text"] for row in headings_of("eu-ai-pact")]
    assert [row["text"] for row in headings_of("eu-ai-pact", "anchor")] == [ANCHOR]


TAILS = {
    "countries in brackets": "{} ({})",
    "countries behind a dash": "{} – {}",
    "countries behind a comma": "{}, {}",
    "countries behind a line": "{} | {}",
}


@pytest.mark.parametrize("form", TAILS.values(), ids=TAILS)
def test_a_suffix_after_nearly_every_name_is_not_part_of_the_names(form):
    names = ["Accenture", "Adecco", "Airbus", "ITI - Instituto", "SAP SE", "Volt (Energy)"]
    lines = [
        form.format(name, ("France", "Spain", "Italy")[at % 3]) for at, name in enumerate(names)
    ]
    page = parse(europa_page(items(*lines)), headings=[HEADING])

    assert [one.name for one in page.names] == names


def test_a_suffix_of_a_single_name_is_part_of_it():
    names = ["Dell, Inc.", "Meta, Inc.", "Smith, Jones", "Alfa (Beta)", "Essen – Fels", "Volt"]
    page = parse(europa_page(items(*names)), headings=[HEADING])

    assert [one.name for one in page.names] == names


def test_a_remark_after_a_second_dash_is_not_part_of_the_name():
    page = parse(europa_page(items("ITI - Instituto – signed 2024", "SAP SE")), headings=[HEADING])

    assert [one.name for one in page.names] == ["ITI - Instituto", "SAP SE"]
