"""Names on an official page that are struck out, hidden, or said to have left."""

import datetime

import pytest

from companies.importers.official_page import Reason, UnreadableList, parse
from tests.official_pages import HEADING, europa_page, items, markdown_page

DAY = datetime.date(2026, 11, 28)


def read(section, **page):
    return parse(europa_page(section, **page), headings=[HEADING], day=DAY)


def listed(page):
    return [one.name for one in page.names]


def left(page):
    return {one.name: one.remark for one in page.left}


def with_airbus(item):
    """A list of four, of which one is written as given."""
    return f"<ul><li>Accenture</li><li>Adecco</li>{item}<li>SAP SE</li></ul>"


def a_row(head, *cells):
    return (
        f"<table><tr><th>Organisation</th><th>{head}</th></tr><tr><td>Accenture</td><td>{cells[0]}"
        f"</td></tr><tr><td>Airbus</td><td>{cells[1]}</td></tr><tr><td>Adecco</td><td>{cells[0]}"
        f"</td></tr><tr><td>SAP SE</td><td>{cells[0]}</td></tr></table>"
    )


THREE = ["Accenture", "Adecco", "SAP SE"]

STRUCK = {
    "del": "<li><del>Airbus</del></li>",
    "s": "<li><s>Airbus</s></li>",
    "strike": "<li><strike>Airbus</strike></li>",
    "del around a link": '<li><del><a href="/x">Airbus</a></del></li>',
    "del inside a link": '<li><a href="/x"><del>Airbus</del></a></li>',
    "del in bold": "<li><b><del>Airbus</del></b></li>",
    "a style": '<li style="color:#666; text-decoration: line-through">Airbus</li>',
    "a style inside": '<li><span style="text-decoration-line:line-through">Airbus</span></li>',
    "a rule for a class": "<style>.x {text-decoration:line-through}</style><li class=x>Airbus</li>",
    "a rule for an id": "<style>#q { text-decoration: line-through }</style><li id=q>Airbus</li>",
    "a rule for children": "<style>li.o > span{text-decoration:line-through}</style>"
    "<li class=o><span>Airbus</span></li>",
    "a class of Bootstrap": '<li class="text-decoration-line-through">Airbus</li>',
    "a legal form left standing": "<li><del>Airbus</del> SE</li>",
    "a footnote left standing": "<li><del>Airbus</del><sup>1</sup></li>",
    "an addition left standing": "<li><s>Airbus</s>, Toulouse</li>",
    "strokes through letters": "<li>A\u0336i\u0336r\u0336b\u0336u\u0336s\u0336</li>",
}


@pytest.mark.parametrize("item", STRUCK.values(), ids=STRUCK)
def test_a_struck_name_is_not_listed(item):
    page = read(with_airbus(item))

    assert (listed(page), left(page)) == (THREE, {"Airbus": ""})
    assert page.left[0].quote == "Airbus [struck out]"


HIDDEN = {
    "display": '<li style="display:none">Airbus</li>',
    "visibility": '<li style="visibility: hidden">Airbus</li>',
    "important": '<li style="DISPLAY : NONE !important">Airbus</li>',
    "the attribute": "<li hidden>Airbus</li>",
    "inside the item": "<li><span hidden>Airbus</span></li>",
    "a rule for a class": "<style>.y7{display:none}</style><li class='y7'>Airbus</li>",
    "a rule for an id": "<style>/* x */ #z{visibility:hidden}</style><li id=z>Airbus</li>",
    "a rule for screens": "<style>@media screen{.y{display:none}}</style><li class=y>Airbus</li>",
    "without a colour": '<li style="opacity:0">Airbus</li>',
    "beyond the edge": '<li style="position:absolute; left:-9999px">Airbus</li>',
    "a class of a framework": '<li class="d-none">Airbus</li>',
    "a list of its own": '</ul><ul style="display:none"><li>Airbus</li></ul><ul>',
}


@pytest.mark.parametrize("item", HIDDEN.values(), ids=HIDDEN)
def test_a_hidden_name_is_not_listed(item):
    page = read(with_airbus(item))

    assert (listed(page), left(page)) == (THREE, {"Airbus": ""})
    assert (page.left[0].how, page.left[0].quote) == ("hidden", "")


@pytest.mark.parametrize(
    "item",
    [
        "<template><li>Airbus</li></template>",
        "<noscript><li>Airbus</li></noscript>",
        "<!-- <li>Airbus</li> -->",
    ],
)
def test_comments_templates_and_noscript_of_a_page_are_not_read(item):
    page = read(with_airbus(item))

    assert (listed(page), left(page)) == (THREE, {})


FOUR = ["Accenture", "Adecco", "Airbus", "SAP SE"]
SHOWN = {
    "hidden until found": '<li hidden="until-found">Airbus</li>',
    "hidden from screen readers": '<li aria-hidden="true">Airbus</li>',
    "hidden on paper": "<style>@media print{.p{display:none}}</style><li class=p>Airbus</li>",
    "hidden on phones": "<style>@media (max-width:9em){.p{display:none}}</style><li class=p>Airbus",
    "shown by a later rule": "<style>.p{display:none}.p{display:flex}</style><li class=p>Airbus",
    "shown on wide screens": '<li class="d-none d-md-block">Airbus</li>',
    "a hidden remark": "<li>Airbus<span hidden> (withdrawn)</span></li>",
    "a struck remark": "<li>Airbus <del>(withdrawn)</del></li>",
    "a struck older name": "<li><del>EADS</del> Airbus</li>",
    "a struck older name in front": "<li><del>EADS</del> <ins>Airbus</ins></li>",
    "a style of another kind": '<li style="text-decoration:underline">Airbus</li>',
    "a part to open": '</ul><button aria-controls="m">More</button><ul id="m" hidden>'
    "<li>Adecco</li><li>Airbus</li></ul><ul>",
}


@pytest.mark.parametrize("item", SHOWN.values(), ids=SHOWN)
def test_a_name_that_a_reader_sees_or_can_open_is_listed(item):
    page = read(with_airbus(item))

    assert (listed(page), left(page)) == (FOUR, {})


CLOSED = {
    "details": "<details><summary>All names</summary>{}</details>",
    "an accordion": '<div class="accordion-body" style="display:none">{}</div>',
    "a hidden block": "<div hidden>{}</div>",
    "a tab": '<div role="tabpanel" hidden>{}</div>',
    "hidden until found": '<div hidden="until-found">{}</div>',
    "a collapse of Bootstrap": '<div class="collapse" id="c">{}</div>',
}


@pytest.mark.parametrize("around", CLOSED.values(), ids=CLOSED)
def test_a_whole_list_in_a_closed_part_is_listed(around):
    assert listed(read(around.format(items(*FOUR)))) == FOUR


def test_items_that_a_button_shows_are_listed():
    names = [f"Company {letter}" for letter in "ABCDEF"]
    more = items(*names).replace("<li>Company F", "<li hidden>Company F")

    assert listed(read(f"{more}<button>Show all</button>")) == names


# Remarks beside a name, in the languages of the Union

REMARKS = [
    *("firma revocata", "allekirjoitus peruttu", "podpis stažen", "utträdde 2025", "firma rtirata"),
    *("udtrådte i 2025", "handtekening ingetrokken", "podpis umaknjen", "allkiri tagasi võetud"),
    *("withdrawn", "left 2025", "former signatory", "no longer a signatory", "until March 2025"),
    *("withdrew in May 2025", "ex-signatory", "2024–2025", "signed 2024, left 2025", "former"),
    *("suspended", "no longer participating in the Pact since 1 May 2025"),
    *("оттеглена", "вече не е подписала", "бивш подписал", "напусна през 2025 г."),
    *("odstoupila", "bývalý signatář", "již není signatářem", "do května 2025"),
    *("har trukket sig", "tidligere underskriver", "ikke længere underskriver"),
    *("ausgetreten", "ehemaliger Unterzeichner", "nicht mehr dabei", "bis März 2025", "ehemals"),
    *("αποχώρησε το 2025", "δεν είναι πλέον μέλος", "πρώην υπογράφων"),
    *("se retiró en 2025", "ya no es firmante", "antiguo firmante", "hasta mayo de 2025"),
    *("taganes 2025", "ei ole enam allakirjutanu", "endine allakirjutanu"),
    *("vetäytynyt", "ei enää mukana", "entinen allekirjoittaja"),
    *("retirée en 2025", "n’est plus signataire", "ancien signataire", "jusqu’en mars 2025"),
    *("tarraing siar", "iar-shínitheoir"),
    *("povukao se", "više nije potpisnik", "bivši potpisnik"),
    *("visszalépett", "már nem aláíró", "korábbi aláíró", "2025 májusáig"),
    *("ritirata", "non più firmataria", "ex firmataria", "fino a maggio 2025"),
    *("pasitraukė", "nebėra pasirašiusi", "buvęs signataras", "iki 2025 m."),
    *("izstājās 2025. gadā", "vairs nav parakstītājs", "bijušais parakstītājs"),
    *("irtirat fl-2025", "m’għadhiex firmatarja"),
    *("teruggetrokken", "niet langer ondertekenaar", "voormalig ondertekenaar", "tot mei 2025"),
    *("wycofała się", "już nie jest sygnatariuszem", "były sygnatariusz", "do maja 2025 r."),
    *("retirou-se em 2025", "já não é signatária", "antiga signatária", "até maio de 2025"),
    *("retras în 2025", "nu mai este semnatar", "fost semnatar", "până în mai 2025"),
    *("odstúpila", "už nie je signatárom", "bývalý signatár"),
    *("odstopila", "ni več podpisnik", "nekdanji podpisnik"),
    *("har dragit sig ur", "inte längre undertecknare", "tidigare undertecknare"),
    *(
        "removed at its own request",
        "Teilnahme beendet",
        "dada de baja",
        "a renoncé",
        "walked away",
    ),
    *("a mis fin à sa participation", "ha rinunciato", "zakończył udział", "έπαυσε να συμμετέχει"),
    *("25.9.2024 – 3.5.2025", "25/09/2024-03/05/2025", "walked away", "gone since May 2025"),
]


@pytest.mark.parametrize("remark", REMARKS)
def test_a_remark_that_a_company_left_is_kept_word_for_word(remark):
    page = read(with_airbus(f"<li>Airbus ({remark})</li>"))

    assert (listed(page), left(page)) == (THREE, {"Airbus": remark})
    assert page.left[0].quote == f"Airbus ({remark})"


FORMS = {
    "square brackets": ("<li>Airbus [former signatory]</li>", "former signatory"),
    "a dash": ("<li>Airbus – withdrew in May 2025</li>", "withdrew in May 2025"),
    "a comma": ("<li>Airbus, no longer a signatory</li>", "no longer a signatory"),
    "a colon": ("<li>Airbus: left in 2025</li>", "left in 2025"),
    "a sentence": ("<li>Airbus has withdrawn from the Pact</li>", "has withdrawn from the Pact"),
    "a dash without spaces": ("<li>Airbus—withdrawn</li>", "withdrawn"),
    "an item inside": ("<li>Airbus<ul><li>left in May 2025</li></ul></li>", "left in May 2025"),
    "a sign with a title": ('<li><abbr title="withdrawn">W</abbr> Airbus</li>', "withdrawn"),
    "a cross": ("<li>❌ Airbus</li>", "❌"),
    "a letter of a legend": ("<li>Airbus (W)</li></ul><p>(W): withdrawn</p><ul>", "withdrawn"),
    "in front": ("<li>Former signatory: Airbus</li>", "Former signatory"),
    "in front in brackets": ("<li>[withdrawn] Airbus</li>", "withdrawn"),
    "a badge": ('<li>Airbus <span class="badge">Withdrawn</span></li>', "Withdrawn"),
    "a label": ("<li>Airbus <span>Withdrawn</span></li>", "Withdrawn"),
    "small print": ("<li>Airbus <small>left in 2025</small></li>", "left in 2025"),
    "a line below": ("<li>Airbus<br>withdrawn in 2025</li>", "withdrawn in 2025"),
    "a paragraph below": ("<li><p>Airbus</p><p>Left the Pact.</p></li>", "Left the Pact."),
    "an icon": ('<li>Airbus <img src="x.svg" alt="withdrawn"></li>', "withdrawn"),
    "an icon in front": ('<li><i aria-label="Withdrawn"></i> Airbus</li>', "Withdrawn"),
    "a drawing": ("<li>Airbus <svg><title>Withdrawn</title></svg></li>", "Withdrawn"),
    "a title": ('<li title="No longer a signatory">Airbus</li>', "No longer a signatory"),
    "struck and said": ("<li><del>Airbus</del> (left 2025)</li>", "(left 2025)"),
    "after a second bracket": ("<li>Airbus (Airbus Defence) (withdrawn)</li>", "withdrawn"),
    "a footnote": ("<li>Airbus*</li></ul><p>* withdrew in 2025</p><ul>", "withdrew in 2025"),
    "a numbered footnote": (
        "<li>Airbus<sup>1</sup></li></ul><p><sup>1</sup> Withdrew in 2025</p><ul>",
        "Withdrew in 2025",
    ),
    "a footnote in brackets": (
        "<li>Airbus [1]</li></ul><p>[1] No longer a signatory.</p><ul>",
        "No longer a signatory.",
    ),
    "a legend": (
        "<li>Airbus †</li></ul><p>Companies marked † have left the Pact.</p><ul>",
        "Companies marked † have left the Pact.",
    ),
    "a sentence below": (
        "<li>Airbus</li></ul><p>In May 2025, Airbus withdrew from the Pact.</p><ul>",
        "In May 2025, Airbus withdrew from the Pact.",
    ),
}


@pytest.mark.parametrize(("item", "remark"), FORMS.values(), ids=FORMS)
def test_a_remark_that_a_company_left_is_recognised_in_every_form(item, remark):
    page = read(with_airbus(item))

    assert listed(page) == THREE
    assert list(left(page).values()) == [remark]
    assert page.left[0].name.startswith("Airbus")


def test_a_footnote_says_that_a_company_left():
    notes = '<h2>Notes</h2><ol><li id="n1">Withdrew in May 2025</li></ol>'
    page = read(with_airbus('<li>Airbus<sup><a href="#n1">1</a></sup></li>'), after=notes)

    assert (listed(page), left(page)) == (THREE, {"Airbus": "Withdrew in May 2025"})


COLUMNS = [
    ("Status", "Active", "Withdrawn", "Withdrawn"),
    ("Status", "Signed", "Former signatory", "Former signatory"),
    ("Statut", "Signataire", "Retirée", "Retirée"),
    ("Status", "Unterzeichnet", "Ausgetreten", "Ausgetreten"),
    ("Stav", "Podepsáno", "Odstoupila", "Odstoupila"),
    ("Left on", "", "May 2025", "Left on: May 2025"),
    ("Left on", "–", "2025-05-12", "Left on: 2025-05-12"),
    ("Date of withdrawal", "n/a", "12.5.2025", "Date of withdrawal: 12.5.2025"),
    ("Date de retrait", "-", "mai 2025", "Date de retrait: mai 2025"),
    ("Austritt am", "", "1.5.2025", "Austritt am: 1.5.2025"),
    ("Withdrawn", "no", "yes", "Withdrawn: yes"),
    ("Active", "yes", "no", "Active: no"),
    ("Actif", "oui", "non", "Actif: non"),
    ("Aktualny", "tak", "nie", "Aktualny: nie"),
    ("Toujours signataire", "oui", "non", "Toujours signataire: non"),
    ("Noch dabei", "ja", "nein", "Noch dabei: nein"),
    ("Still a signatory?", "✓", "✗", "Still a signatory?: ✗"),
    ("Signatory until", "2027", "2025", "Signatory until: 2025"),
    ("Remarks", "", "withdrew from the Pact", "withdrew from the Pact"),
    ("To", "", "2025", "To: 2025"),
    ("bis", "heute", "Mai 2025", "bis: Mai 2025"),
    ("Period", "2024–", "2024–2025", "2024–2025"),
    ("Status", "Signed", "Signature revoked", "Signature revoked"),
    ("Country", "France", "<img alt='withdrawn' src=x>", "withdrawn"),
]


@pytest.mark.parametrize(("head", "others", "cell", "remark"), COLUMNS)
def test_a_status_column_says_that_a_company_left(head, others, cell, remark):
    page = read(a_row(head, others, cell))

    assert (listed(page), left(page)) == (THREE, {"Airbus": remark})


PARTS = [
    *("Former signatories", "Past participants", "Companies that left the Pact", "Withdrawals"),
    *("Signatories that have withdrawn", "No longer signatories", "Departures", "Ex-signatories"),
    *("Бивши подписали страни", "Bývalí signatáři", "Tidligere underskrivere", "Austritte"),
    *("Ehemalige Unterzeichner", "Πρώην υπογράφοντες", "Antiguos firmantes", "Retraits"),
    *("Endised allakirjutanud", "Entiset allekirjoittajat", "Anciens signataires", "Bajas"),
    *("Iar-shínitheoirí", "Bivši potpisnici", "Korábbi aláírók", "Ex firmatari", "Uittredingen"),
    *("Buvę pasirašiusieji", "Bijušie parakstītāji", "Firmatarji preċedenti", "Retrageri"),
    *("Voormalige ondertekenaars", "Byli sygnatariusze", "Antigos signatários", "Foști semnatari"),
    *("Bývalí signatári", "Nekdanji podpisniki", "Tidigare undertecknare"),
    *("Ausgeschiedene Unternehmen", "Zurückgezogene Unterzeichner", "Beendete Teilnahmen"),
    "Signataires s’étant retirés",
    *("Signataires sortants", "Firmatari ritiratisi", "Exfirmantes", "Companies that stepped down"),
    "Former signatories of the General-Purpose AI Code of Practice",
]


@pytest.mark.parametrize("heading", PARTS)
def test_names_below_a_heading_of_former_signatories_left(heading):
    page = read(items(*THREE) + f"<h3>{heading}</h3>" + items("Airbus"))

    assert (listed(page), left(page)) == (THREE, {"Airbus": heading})
    assert page.left[0].quote == f"{heading} … Airbus"


GONE = "Former signatories"
PLACES = {
    "a section of its own": f"{items(*THREE)}<h2>{GONE}</h2>{items('Airbus')}",
    "a bold paragraph": f"{items(*THREE)}<p><b>{GONE}</b></p>{items('Airbus')}",
    "a paragraph": f"{items(*THREE)}<p>{GONE}:</p>{items('Airbus')}",
    "between others": f"{items(*THREE[:2])}<h3>{GONE}</h3>{items('Airbus')}<h3>New signatories"
    f"</h3>{items('SAP SE')}",
    "before the others": f"<h3>{GONE}</h3>{items('Airbus')}<h3>Signatories</h3>{items(*THREE)}",
    "a summary": f"{items(*THREE)}<details><summary>{GONE}</summary>{items('Airbus')}</details>",
    "a caption": f"{items(*THREE)}<table><caption>{GONE}</caption><tr><th>Name</th></tr>"
    "<tr><td>Airbus</td></tr></table>",
    "a label": f'{items(*THREE)}<ul aria-label="{GONE}"><li>Airbus</li></ul>',
    "a row across": "<table><tr><th>Name</th><th>Country</th></tr>"
    + "".join(f"<tr><td>{n}</td><td>DE</td></tr>" for n in THREE)
    + f"<tr><th colspan=2>{GONE}</th></tr><tr><td>Airbus</td><td>FR</td></tr></table>",
    "an item with items": "<ul><li>Accenture</li><li>Adecco</li><li>SAP SE</li>"
    f"<li>{GONE}<ul><li>Airbus</li></ul></li></ul>",
    "an item that divides": items(*THREE, GONE, "Airbus"),
    "a term": "<dl><dt>Signatories</dt>"
    + "".join(f"<dd>{name}</dd>" for name in THREE)
    + f"<dt>{GONE}</dt><dd>Airbus</dd></dl>",
    "a sentence above": f"{items(*THREE)}<p>The following companies have left the Pact:</p>"
    f"{items('Airbus')}",
    "names in a line": f"{items(*THREE)}<p>{GONE}: Airbus.</p>",
    "a column beside the others": f"<table><tr><th>Signatories</th><th>{GONE}</th></tr><tr><td>"
    "Accenture</td><td>Airbus</td></tr><tr><td>Adecco</td><td></td></tr><tr><td>SAP SE</td></tr>"
    "</table>",
    "a column before the others": f"<table><tr><th>{GONE}</th><th>Signatories</th></tr><tr><td>"
    "Airbus</td><td>Accenture</td></tr><tr><td></td><td>Adecco</td></tr><tr><td></td><td>SAP SE"
    "</td></tr></table>",
    "an accordion": '<h3><button aria-controls="a">Signatories</button></h3>'
    f'<div id="a" hidden>{items(*THREE)}</div><h3><button aria-controls="b">{GONE}</button></h3>'
    f'<div id="b" hidden>{items("Airbus")}</div>',
    "lines of text": f"<p>Accenture<br>Adecco<br>SAP SE</p><p>{GONE}</p><p>Airbus</p>",
    "tabs": f'<button aria-controls="a">All</button><button aria-controls="b">{GONE}</button>'
    f'<div id="a">{items(*THREE)}</div><div id="b" hidden>{items("Airbus")}</div>',
}


@pytest.mark.parametrize("section", PLACES.values(), ids=PLACES)
def test_former_signatories_are_recognised_in_every_layout(section):
    page = read(section)

    assert (listed(page), list(left(page))) == (THREE, ["Airbus"])


def test_a_badge_on_a_card_says_that_a_company_left():
    cards = "".join(
        f'<div class="card"><span class="badge">{said}</span><h3>{name}</h3></div>'
        for name, said in [("Accenture", "Active"), ("Airbus", "Withdrawn"), ("SAP SE", "Active")]
    )
    page = read(cards)

    assert (listed(page), left(page)) == (["Accenture", "SAP SE"], {"Airbus": "Withdrawn"})


def test_a_definition_list_can_say_that_a_company_left():
    section = "<dl>" + "".join(
        f"<dt>{name}</dt><dd>{said}</dd>"
        for name, said in [("Accenture", "Ireland"), ("Airbus", "withdrawn"), ("SAP", "Germany")]
    )

    assert left(read(f"{section}</dl>")) == {"Airbus": "withdrawn"}


@pytest.mark.parametrize(
    "names",
    [
        "* Accenture\n* ~~Airbus~~\n* SAP SE",
        "Accenture\n~~Airbus~~\nSAP SE",
        "* Accenture\n* Airbus (withdrawn)\n* SAP SE",
        "| Name | Status |\n|---|---|\n| Accenture | Signed |\n| Airbus | Left |\n| SAP SE | – |",
        "* Accenture\n* SAP SE\n\n### Former signatories\n\n* Airbus",
        "* Accenture\n* Airbus[^1]\n* SAP SE\n\n[^1]: withdrew in 2025",
    ],
)
def test_leavers_are_recognised_in_markdown(names):
    page = parse(markdown_page(names), headings=[HEADING], day=DAY)

    assert (listed(page), list(left(page))) == (["Accenture", "SAP SE"], ["Airbus"])


def test_leavers_are_recognised_in_a_plain_text_list():
    page = parse(b"Accenture\nAirbus (withdrawn)\nSAP SE\n\nFormer signatories:\nQina\n")

    assert (listed(page), list(left(page))) == (["Accenture", "SAP SE"], ["Airbus", "Qina"])


def test_a_name_both_listed_and_said_to_have_left_is_reported_as_both():
    page = read(items(*FOUR) + "<h3>Former signatories</h3>" + items("AIRBUS", "Qina"))

    assert listed(page) == THREE
    assert [(one.name, one.also_listed) for one in page.left] == [("AIRBUS", True), ("Qina", False)]


@pytest.mark.parametrize(
    "section",
    [
        items(*[f"<del>{name}</del>" for name in FOUR]),
        items(*[f"{name} (withdrawn)" for name in FOUR]),
        f"<h3>Former signatories</h3>{items(*FOUR)}",
        a_row("Active", "no", "no"),
    ],
)
def test_a_list_of_which_every_name_left_is_refused(section):
    with pytest.raises(UnreadableList) as refused:
        read(section)

    assert refused.value.reason == Reason.ALL_LEFT


# What is no leaving

STAYS = [
    *("Former GmbH", "Left Bank Software", "Ex Libris", "Past Forward", "Exit Games", "Volt"),
    *("The Exit Company", "Salzgitter Stahl", "Acme – Exit", "Smith, Jones & Co., Ltd.", "Quit"),
    *("Until Labs", "Withdrawal Insights GmbH", "Departures Media", "Baja Robotics", "Left"),
    *("Anymore AI", "Archive Systems", "Renonce SA", "Gone West", "Dropped", "Encore Musik"),
]


@pytest.mark.parametrize("name", STAYS)
def test_a_company_with_such_a_word_in_its_name_is_listed(name):
    page = read(items("Accenture", name.replace("&", "&amp;"), "SAP SE"))

    assert (listed(page), left(page)) == (["Accenture", name, "SAP SE"], {})


KEPT = [
    *("formerly Morpho", "former Morpho", "ex-Facebook", "anciennement Orange", "ehemals Siemens"),
    *("Safety and Security Chapter only", "signed 2024, joined Steering group until 2027", "new"),
    *("signed on 25 September 2024", "since 2024", "until 2027", "2024–2027", "and subsidiaries"),
    *("will withdraw on 1 January 2027", "withdrawal effective 1 January 2027", "not withdrawn"),
    *("rejoined after it had left in 2025", "plans to withdraw", "tidligere Statoil", "updated"),
    *("withdrew from the Transparency Chapter", "dawniej Allegro", "signed", "active member"),
]


@pytest.mark.parametrize("remark", KEPT)
def test_a_remark_of_another_kind_leaves_the_name_listed(remark):
    page = read(with_airbus(f"<li>Airbus ({remark})</li>"))

    assert (len(page.names), left(page)) == (4, {})


@pytest.mark.parametrize(
    ("head", "others", "cell"),
    [
        ("Status", "Signed", "Active"),
        ("Status", "Signatory", "Member"),
        ("Date of signature", "25 September 2024", "9 October 2024"),
        ("Signed on", "2024", "2025"),
        ("Signatory until", "2028", "2027"),
        ("Former name", "Morpho", "EADS"),
        ("Country", "Ireland", "France"),
        ("Active", "yes", "yes"),
        ("Withdrawn", "no", "–"),
    ],
)
def test_a_column_of_another_kind_leaves_the_names_listed(head, others, cell):
    page = read(a_row(head, others, cell))

    assert (listed(page), left(page)) == (["Accenture", "Airbus", "Adecco", "SAP SE"], {})


@pytest.mark.parametrize(
    "heading",
    ["New signatories", "Founding signatories", "Current and former signatories", "A", "Telecoms"],
)
def test_a_heading_of_another_kind_leaves_the_names_listed(heading):
    page = read(items(*THREE) + f"<h3>{heading}</h3>" + items("Airbus"))

    assert (listed(page), left(page)) == ([*THREE, "Airbus"], {})


# Other lists in the section, and names that a page breaks or escapes

OTHERS = {
    "cookies": "<p>This site uses cookies.</p><ul><li>Accept all cookies</li><li>Accept only "
    "essential cookies</li></ul>",
    "cookies in Finnish": items("Hyväksy kaikki evästeet", "Vain välttämättömät evästeet"),
    "one choice of cookies": items("Accept all cookies"),
    "buttons": "<ul><li><button>Agree</button></li><li><button>Not now</button></li></ul>",
    "buttons beside": "<div><button>Agree</button><button>Not now</button><button>Later</button>"
    "</div>",
    "shares": f"<p>Share this page</p>{items('Facebook', 'X', 'LinkedIn', 'E-mail')}",
    "languages": items("bg български", "es español", "cs čeština"),
    "links of the site": items(*[f'<a href="/{n}">{n}</a>' for n in ("Home", "News", "Contact")]),
    "links in the page": items('<a href="#what">What it is</a>', '<a href="#who">Who may sign</a>'),
    "links of the foot": items("Legal notice", "Privacy policy", "Accessibility statement"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize(
    "form", ["{0}{1}", '{1}<div class="x">{0}</div>', "<div id=cck>{0}</div>{1}"]
)
def test_another_list_in_the_section_is_not_read_as_companies(form, other):
    assert listed(read(form.format(other, items(*FOUR)))) == FOUR


def test_a_company_whose_name_contains_the_word_of_a_button_is_listed():
    names = [
        "Cookiebot",
        "Cookie Information",
        "Facebook",
        "Accept Mission",
        *THREE,
        "Airbus",
        "KPN",
    ]

    assert listed(read(items(*names))) == names
    assert listed(read("".join(f"<h3>{name[0]}</h3>{items(name)}" for name in names))) == names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("AI &amp;amp; Partners", "AI & Partners"),
        ("AI &amp;amp;amp; Partners", "AI & Partners"),
        ("L&amp;#39;Or&amp;eacute;al", "L'Oréal"),
        ("Aleph&amp;nbsp;Alpha", "Aleph Alpha"),
        ("&amp;quot;Acme&amp;quot; Ltd", '"Acme" Ltd'),
        ("AT&amp;T", "AT&T"),
        ("R&amp;D; Labs", "R&D; Labs"),
    ],
)
def test_a_name_that_is_escaped_twice_is_read_as_it_is_meant(written, name):
    assert listed(read(items("Accenture", written))) == ["Accenture", name]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("Aleph<br>Alpha", "Aleph Alpha"),
        ("AI<br>&amp; Partners", "AI & Partners"),
        ("ITI<br>- Instituto Tecnológico", "ITI - Instituto Tecnológico"),
        ("<span>Dassault</span><br/><span>Systèmes</span>", "Dassault Systèmes"),
        ("<span>Dassault</span> <span>Systèmes</span>", "Dassault Systèmes"),
        ("Airbus<br>France", "Airbus"),
        ("Airbus<br>https://airbus.example", "Airbus"),
        ("Airbus<br>", "Airbus"),
        ("<a href=x>Aleph<br>Alpha</a>", "Aleph Alpha"),
        ("Hewlett<br>Packard<br>Enterprise", "Hewlett Packard Enterprise"),
    ],
)
def test_a_name_broken_into_lines_is_read_as_one(item, name):
    assert listed(read(items("Accenture", item, "SAP SE"))) == ["Accenture", name, "SAP SE"]
    table = "".join(f"<tr><td>{one}</td></tr>" for one in ("Accenture", item))
    assert listed(read(f"<table><tr><th>Name</th></tr>{table}</table>")) == ["Accenture", name]


def test_items_that_all_have_a_second_line_are_names_with_a_remark():
    page = read(items("Accenture<br>Consulting", "Adecco<br>Staffing", "SAP SE<br>Software"))

    assert [(one.name, one.note) for one in page.names] == [
        ("Accenture", "Consulting"),
        ("Adecco", "Staffing"),
        ("SAP SE", "Software"),
    ]


# Tables outside of pages

SHEETS = {
    "a column": "Name,Status\nAccenture,Signed\nAirbus,Withdrawn\nAdecco,Signed\nSAP SE,Signed\n",
    "a day": "Company,Left on\nAccenture,\nAirbus,2025-05-03\nAdecco,\nSAP SE,\n",
    "a bracket": "Company,Country\nAccenture,IE\nAirbus (withdrawn),FR\nAdecco,CH\nSAP SE,DE\n",
    "semicolons": "Name;Active\nAccenture;yes\nAirbus;no\nAdecco;yes\nSAP SE;yes\n",
    "twice": "Company,Status\nAccenture,\nAirbus,Signed\nAdecco,\nSAP SE,\nAirbus,Withdrawn\n",
}


@pytest.mark.parametrize("text", SHEETS.values(), ids=SHEETS)
def test_leavers_are_recognised_in_a_csv_file(text):
    page = parse(text.encode(), headings=[HEADING], day=DAY, is_csv=";" not in text)

    assert (listed(page), list(left(page))) == (THREE, ["Airbus"])


def test_a_text_with_a_column_behind_semicolons_is_a_table():
    text = "Company;Country\n" + "".join(f"{name};FR\n" for name in FOUR)

    assert listed(parse(text.encode(), headings=[HEADING])) == FOUR
