"""Lists in files: PDFs and spreadsheets, by themselves and behind a link of the page."""

import io

import openpyxl
import pytest

from companies.importers.official_page import Reason, UnreadableList, parse
from tests.official_pages import HEADING, europa_page, items

from .pdfs import TITLE, a_pdf, column

NAMES = [
    "Accenture", "Adecco", "Airbus", "Aleph Alpha", "Autodesk", "BearingPoint", "Booking.com",
    "cBrain", "Cegid", "Cisco", "Dassault Systèmes (DS)", "DEKRA", "Deutsche Telekom", "IBM",
]  # fmt: skip
LONG = "International Association of Organisations for Artificial Intelligence"


def listed(content: bytes, **how: object) -> list[str]:
    return [one.name for one in parse(content, headings=[HEADING], **how).names]


def reason(content: bytes, **how: object) -> tuple[Reason, str]:
    with pytest.raises(UnreadableList) as refused:
        parse(content, headings=[HEADING], **how)
    return refused.value.reason, refused.value.detail


# PDFs


def test_names_in_one_column_of_a_pdf_are_read():
    assert listed(a_pdf([*TITLE, *column(NAMES)])) == NAMES


def test_headings_around_a_list_in_a_pdf_are_not_names():
    end = 120 + 14 * len(NAMES) + 20
    after = [(60, end, "Next steps", 16), (60, end + 20, "Reports are welcome")]
    assert listed(a_pdf([*TITLE, *column(NAMES), *after])) == NAMES


def test_a_pdf_without_the_heading_is_the_list_as_a_whole():
    assert listed(a_pdf([(60, 60, "Annex", 20), *column(NAMES)])) == NAMES


def test_page_headers_and_footers_of_a_pdf_are_not_names():
    def page(number: int, names: list[str]) -> list:
        head = [(60, 30, "European Commission", 8), (60, 40, "AI Pact", 8)]
        return [*head, *column(names), (280, 820, f"Page {number} of 3", 8)]

    pages = [page(1, NAMES[:5]), page(2, NAMES[5:10]), page(3, NAMES[10:])]
    assert listed(a_pdf([*TITLE, *pages[0]], *pages[1:])) == NAMES
    assert parse(a_pdf(*pages), headings=[HEADING]).extent.says == ""


def test_several_columns_of_names_in_a_pdf_are_read():
    texts = [*column(NAMES[:7]), *column(NAMES[7:], x=330)]
    assert sorted(listed(a_pdf([*TITLE, *texts]))) == sorted(NAMES)


def test_a_pdf_table_is_read_without_its_numbers_and_countries():
    def table(names: list[str], first: int = 1) -> list:
        numbers = [str(at) for at in range(first, first + len(names))]
        countries = ["Belgium" if len(name) % 2 else "France" for name in names]
        return [
            *column(["No", *numbers]),
            *column(["Name", *names], x=110),
            *column(["Country", *countries], x=400),
        ]

    assert listed(a_pdf([*TITLE, *table(NAMES)])) == NAMES
    assert listed(a_pdf([*TITLE, *table(NAMES[:8])], table(NAMES[8:], 9))) == NAMES


def test_a_numbered_name_on_two_lines_is_one_name():
    numbered = [f"{at}. {name}" for at, name in enumerate([*NAMES, LONG], start=1)]
    halves = [*numbered[:-1], *_halves(numbered[-1]), "16. Zalando"]
    assert listed(a_pdf([*TITLE, *column(halves)])) == [*NAMES, LONG, "Zalando"]


def test_bullets_or_spacing_separate_names_on_several_lines():
    bulleted = [f"• {name}" for name in NAMES]
    assert listed(a_pdf([*TITLE, *column([*bulleted, *_halves(f"• {LONG}")])])) == [*NAMES, LONG]
    spaced = column(NAMES, step=30)
    end = 120 + 30 * len(NAMES)
    halves = [(60, end, _halves(LONG)[0]), (60, end + 12, _halves(LONG)[1])]
    assert listed(a_pdf([*TITLE, *spaced, *halves])) == [*NAMES, LONG]


def _halves(text: str) -> list[str]:
    half = text.index(" for ") + 4
    return [text[:half], text[half + 1 :]]


@pytest.mark.parametrize(
    "halves",
    [
        ["Association of Organisations for", "Artificial Intelligence"],
        ["Bundesverband der Unternehmen und", "Betriebe"],
        ["Deutsches Institut Intelligenz", "GmbH"],
        ["Dupont, Durand, Martin &", "Associés"],
        ["Deutsches Forschungszentrum Kunst", "Intelligenz Berlin"],
        ["Consulting Services International", "(Europe)"],
    ],
)
def test_a_pdf_in_which_one_name_may_be_two_is_refused(halves):
    for texts in (
        column([*NAMES[:12], *halves, "IBM"]),
        [*column(NAMES[:12]), *column([*halves, "IBM", "SAP", "Zalando"], x=330)],
    ):
        found, detail = reason(a_pdf([*TITLE, *texts]))
        assert (found, detail) == (Reason.WRAPPED, " | ".join(halves))


def test_a_pdf_table_row_with_only_a_name_is_refused():
    texts = [
        *column(["No", "1", "2", "", "3", "4"]),
        *column(["Name", "Accenture", "Advanced", "Robotics", "IBM", "SAP"], x=110),
        *column(["Country", "Ireland", "France", "", "Italy", "Spain"], x=400),
    ]
    assert reason(a_pdf([*TITLE, *(one for one in texts if one[2])]))[0] is Reason.WRAPPED


def test_a_pdf_that_cannot_be_read_is_refused_with_its_reason():
    whole = a_pdf([*TITLE, *column(NAMES)])
    assert reason(a_pdf(column(NAMES), password="secret"))[0] is Reason.ENCRYPTED
    assert reason(b"%PDF-1.7\n" + b"\0" * 50)[0] is Reason.BROKEN_FILE
    assert reason(whole[: len(whole) // 3])[0] in {Reason.BROKEN_FILE, Reason.EMPTY}
    assert reason(a_pdf(*[column(["A"])] * 61)) == (Reason.TOO_LONG, "more than 60 pages")


def test_a_scanned_pdf_is_refused():
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, NameObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf(column(NAMES), []))))
    resources = writer.pages[1]["/Resources"]
    resources[NameObject("/XObject")] = DictionaryObject()
    content = io.BytesIO()
    writer.write(content)
    assert reason(content.getvalue()) == (Reason.NO_TEXT, "page 2")


def test_a_pdf_that_unpacks_to_more_than_a_page_holds_is_refused():
    bomb = a_pdf([(60, 60, "A" * 1_000_000)], compressed=True)
    assert len(bomb) < 20_000
    assert reason(bomb)[0] in {Reason.TOO_LONG, Reason.BROKEN_FILE}


# Spreadsheets


def test_a_csv_file_has_its_names_in_one_column():
    rows = "".join(f"{at};{name};France\n" for at, name in enumerate(NAMES, start=1))
    assert listed(f"No;Name;Country\n{rows}".encode(), is_csv=True) == NAMES


def test_an_xlsx_file_has_its_names_in_one_column():
    book = openpyxl.Workbook()
    for row in [["Organisation", "Country"], *([name, "France"] for name in NAMES)]:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    assert listed(content.getvalue()) == NAMES


def test_a_spreadsheet_that_cannot_be_read_is_refused_with_its_reason():
    assert reason(b"PK\x03\x04 xl/ broken")[0] is Reason.BROKEN_FILE


# Links


LINKS = {
    "a paragraph": '<p><a href="/list.pdf">List of signatories (PDF)</a></p>',
    "an item": '<ul><li><a href="/list.pdf">List of signatories</a></li></ul>',
    "a block of the Commission": '<div class="ecl-file"><div class="ecl-file__container">'
    '<div class="ecl-file__title">Signatories of the AI Pact</div>'
    '<div class="ecl-file__meta">(1.2 MB - PDF)</div></div><div class="ecl-file__footer">'
    '<div class="ecl-file__language">English</div>'
    '<a href="/list.pdf" class="ecl-link ecl-file__download">Download</a></div></div>',
    "alone under the heading": "<p>The list was published in March.</p>"
    '<p><a href="/list.pdf">Download</a></p>',
    "beside another file": '<p><a href="/text.pdf">The pledges (PDF)</a></p>'
    '<p><a href="/list.pdf">Liste des signataires</a></p>',
    "with a type": '<p><a href="/get?id=1" type="application/pdf">The signatories</a></p>',
    "a document of the newsroom": '<p>The <a href="/newsroom/document/1">signatories</a></p>',
    "in two forms": '<p><a href="/list.pdf">Signatories, PDF</a> '
    '<a href="/list.csv">Signatories, CSV</a></p>',
}
FILES = {
    "with a type": ("/get?id=1",),
    "a document of the newsroom": ("/newsroom/document/1",),
    "in two forms": ("/list.csv", "/list.pdf"),
}


@pytest.mark.parametrize("form", LINKS)
def test_a_section_without_names_links_to_the_file_that_is_the_list(form):
    with pytest.raises(UnreadableList) as refused:
        parse(europa_page(LINKS[form]), headings=[HEADING])
    assert refused.value.files == FILES.get(form, ("/list.pdf",))


def test_a_file_linked_beside_a_list_of_names_is_not_the_list():
    links = '<p><a href="/list.pdf">List of signatories (PDF)</a></p>'
    assert listed(europa_page(items(*NAMES) + links)) == NAMES
    pledges = [f'<a href="/document/{at}.pdf">{name}</a>' for at, name in enumerate(NAMES[:3])]
    assert listed(europa_page(items(*pledges))) == NAMES[:3]


def test_an_unrelated_file_link_is_not_the_list():
    for link in ("Text of the pledges (PDF)", "Template of the pledges (PDF)"):
        with pytest.raises(UnreadableList) as refused:
            parse(europa_page(f'<p><a href="/a.pdf">{link}</a></p>'), headings=[HEADING])
        assert refused.value.files == ()
