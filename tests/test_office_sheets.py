"""Spreadsheets as offices make them: what is read, what is left out, and that it is told."""

import csv
import datetime
import io
import re

import pytest
from openpyxl import Workbook

from companies.importers import spreadsheet
from companies.importers.spreadsheet import BadDate, BadSpreadsheet, iso_date
from companies.importers.spreadsheet.headings import NAMES, Headers, fold_header, headings_of
from tests.test_spreadsheet import a_workbook, an_archive, with_part

COLUMNS = {
    "company": headings_of("company", "supplier", "name"),
    **{name: headings_of(name) for name in ("legal_name", "country", "status", "since")},
}


def names_read(content: bytes) -> spreadsheet.NameList:
    return spreadsheet.read_names(content, max_rows=2_000, longest=200)


def names(content: bytes | str) -> list[str]:
    content = content.encode() if isinstance(content, str) else content
    return [one.name for one in names_read(content).names]


def told(content: bytes | str) -> str:
    content = content.encode() if isinstance(content, str) else content
    return "\n".join(names_read(content).remarks)


def table(content: bytes | str) -> spreadsheet.Sheet:
    content = content.encode() if isinstance(content, str) else content
    optional = [name for name in COLUMNS if name != "company"]
    return spreadsheet.read(content, columns=COLUMNS, optional=optional)


def companies(content: bytes | str) -> list[str]:
    return [row.values["company"] for row in table(content).rows]


def reasons(read, content: bytes) -> list[str]:
    with pytest.raises(BadSpreadsheet) as bad:
        read(content)
    return [fault.reason for fault in bad.value.faults]


# Separators and quotes

ONE_COLUMN = ["Acme Oyj", "Bolt Systems, Inc.", "Cora SE"]


@pytest.mark.parametrize(
    "content",
    [
        "Supplier\n" + "\n".join(ONE_COLUMN),
        "\n".join(ONE_COLUMN),
        "Supplier\nAcme Oyj\n“Bolt Systems, Inc.”\nCora SE",
        'Supplier\nAcme Oyj\n"Bolt Systems, Inc."\nCora SE\n',
        "Our suppliers 2026\n\nSupplier\n" + "\n".join(ONE_COLUMN),
        "Supplier,Country\nAcme Oyj,FI\n“Bolt Systems, Inc.”,US\n„Cora SE“,DE",
        "Supplier;Country\nAcme Oyj;FI\nBolt Systems, Inc.;US\nCora SE;DE",
        "Supplier\tCountry\nAcme Oyj\tFI\nBolt Systems, Inc.\tUS\nCora SE\tDE",
        "Supplier|Country\nAcme Oyj|FI\nBolt Systems, Inc.|US\nCora SE|DE",
        "sep=|\nSupplier|Country\nAcme Oyj|FI\nBolt Systems, Inc.|US\nCora SE|DE",
    ],
)
def test_a_comma_inside_names_is_not_a_separator(content):
    assert names(content) == ONE_COLUMN


def test_a_column_of_names_that_mostly_have_a_comma_stays_one_column():
    listed = ["Bolt, Inc.", "Acme, Inc.", "Cora SE"]
    assert names("\n".join(["Company", *listed])) == names("\n".join(listed)) == listed


def test_missing_cells_are_empty_and_extra_cells_are_reported():
    content = "Supplier,Country\nAcme,DE\nBolt\nCora,FR,,\nDent,FR,x,y\n"
    assert names(content) == ["Acme", "Bolt", "Cora", "Dent"]
    assert told(content) == "More cells than headings; the extra cells were ignored: row 5 (“x”)."


def test_the_dos_end_of_file_mark_is_not_a_row():
    assert names("Supplier,Country\r\nAcme,DE\r\n\x1a") == ["Acme"]
    assert companies("Supplier,Country\r\nAcme,DE\x1a\r\n") == ["Acme"]


# Headings


@pytest.mark.parametrize(
    ("rows", "above"),
    [
        ([["Supplier list 2026"], [], ["No", "Supplier", "Country"], [1, "Acme", "DE"]], True),
        ([["Logo"], ["Stand: 2026"], [], ["Lieferant", "Land"], ["Acme", "DE"]], True),
        ([[], [], ["Fournisseur"], ["Acme"]], False),
        ([["Report", "2026"], ["Id", "Vendor", "City"], [1, "Acme", "Rome"]], True),
    ],
)
def test_headings_below_a_title_row_are_found(rows, above):
    assert names(a_workbook(*rows)) == ["Acme"]
    assert companies(a_workbook(*rows)) == ["Acme"]
    assert ("The rows above were ignored" in told(a_workbook(*rows))) is above


def test_a_name_that_is_also_a_heading_does_not_hide_the_names_above_it():
    rows = [["Acme", "DE"], ["Bolt", "FR"], ["Vendor", "NL"]]
    assert names(a_workbook(*rows)) == ["Acme", "Bolt", "Vendor"]


@pytest.mark.parametrize(
    "content",
    [
        "Vendor;Name\n10001;Acme\n10002;Bolt\n",
        "Supplier,Supplier name\n10001,Acme\n10002,Bolt\n",
        "Name,Kreditor\nAcme,10001\nBolt,10002\n",
        "Vendor,Sold by\n10001,Acme\n10002,Bolt\n",
        "Legal name,Name\n,Acme\nBolt SE,Bolt\n",
    ],
)
def test_names_are_read_from_the_column_that_has_names(content):
    assert names(content) == ["Acme", "Bolt"]


def test_names_with_more_digits_than_letters_are_read_when_nothing_else_is_there():
    assert names("Supplier\n3M\n1&1\n") == ["3M", "1&1"]
    assert names_read(b"Id;Supplier\n17;3M\n18;1&1\n").heading == "Supplier"


def test_the_upload_reads_names_from_the_column_that_has_names():
    assert companies("Vendor;Name\n10001;Acme\n10002;Bolt\n") == ["Acme", "Bolt"]
    assert (
        "Ignored columns (heading not recognised): “Vendor”."
        in table("Vendor;Name\n1;Acme\n").remarks
    )


def test_a_heading_of_names_is_known_in_every_language_of_the_list():
    headers = Headers({name: headings_of(name) for name in NAMES}, of_names=NAMES)
    words = headings_of(*NAMES)
    assert len(words) > 200
    assert [word for word in words if not headers.head_names(["Id", f" {word.upper()}: "])] == []
    for word in ("LIEFERANT", "Nom du fournisseur", "proveedor", "Dostawca", "fornitore"):
        assert names(f"Id,{word}\n1,Acme\n") == ["Acme"]


def test_each_heading_word_is_assigned_to_one_column():
    columns = (*NAMES, "country", "sector", "size", "role", "website", "description", "pact")
    columns += ("status", "since", "since_basis", "quote", "own_words", "about_on")
    words = [fold_header(word) for name in columns for word in headings_of(name)]
    assert len(words) == len(set(words)) > 300


def test_repeated_headings_are_not_names():
    content = (
        "Supplier / Fournisseur,Country\nAcme,DE\nSupplier,Country\nFournisseur,Pays\nBolt,FR\n"
    )
    assert names(content) == companies(content) == ["Acme", "Bolt"]
    assert "Ignored, the headings repeated: row 3, 4." in told(content)


def test_the_read_and_the_ignored_columns_are_reported():
    remarks = table("Firma;Land;country code;sectors\nAcme;DE;AT;telecom\n").remarks
    assert remarks == (
        "Columns read: company (A, “Firma”), country (B, “Land”).",
        "Ignored columns (heading not recognised): “country code”, “sectors”.",
    )


# Rows that are none


@pytest.mark.parametrize(
    "footer",
    ["Total: 137", "Total 137", "TOTAL;137", "Summe;137", "Total suppliers: 2", "© Acme 2026",
     "Source: ERP, 2026-11-28", "Seite 1 von 2", "Copyright Acme", "Razem: 2", "(c) 2026 Acme"],
)  # fmt: skip
def test_a_total_or_a_note_below_the_list_is_not_a_company(footer):
    content = f"Supplier;Number\nAcme;136\nBolt;1\n\n{footer}\n"
    assert names(content) == companies(content) == ["Acme", "Bolt"]
    assert "Ignored, a total or a note rather than a company: row 5" in told(content)


def test_a_total_row_is_recognised_in_any_column():
    content = "No.;Supplier;Amount\n1;Acme;10\n2;Bolt;20\n3;Cora;20\nTotal;3;1.234,50\nTotal;3M;5\n"
    assert names(content) == companies(content) == ["Acme", "Bolt", "Cora", "3M"]


def test_a_separator_row_below_the_heading_is_not_a_company():
    assert names("| Supplier | Country |\n|---|---|\n| Acme | DE |\n| 3M | US |\n") == [
        "Acme",
        "3M",
    ]


@pytest.mark.parametrize(
    "name", ["Total", "TotalEnergies", "Sum Up", "Page Group", "Total Eren SA"]
)
def test_a_company_may_be_called_total(name):
    assert names(f"Supplier;Country\nAcme;DE\n{name};FR\n") == ["Acme", name]


def test_a_row_without_a_company_is_reported_or_refused():
    content = b"company;country;note\nAcme;AT;\n;FR;\n;;x\n"
    assert names(content) == ["Acme"]
    assert "Ignored, no company name: row 3, 4." in told(content)
    assert reasons(table, content) == ["The company name is missing. Type it, or delete the row."]


# Cells


def test_ooxml_escapes_are_decoded():
    assert names(a_workbook(["Supplier"], ["Ac_x000D_me"], ["A_x005F_x000D_"])) == [
        "Ac me",
        "A_x000D_",
    ]
    assert companies(a_workbook(["Supplier"], ["Acme_x000D__x000A_"])) == ["Acme"]


def test_line_breaks_inside_a_name_become_spaces():
    assert names('Supplier,Country\n"Acme\nInternational",DE\n') == ["Acme International"]


def computed(formula: str, value: str, *, kind: str = "str") -> bytes:
    """A workbook with a formula and the value that a program computed."""
    cell = f'<c r="A2" t="{kind}"><f>{formula}</f><v>{value}</v></c>'.encode()
    return with_part(
        a_workbook(["Supplier"], ["Acme"], ["Bolt"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb'<c r="A2".*?</c>', cell, xml),
    )


def test_the_computed_value_of_a_formula_is_read_and_reported():
    content = computed('B2&amp;" SE"', "Acme SE")
    assert names(content) == companies(content) == ["Acme SE", "Bolt"]
    assert "Formulas: we read their stored values, row 2." in told(content)
    assert reasons(names_read, computed("NA()", "#N/A", kind="e")) == [
        "This cell contains an error: #N/A."
    ]


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_hidden_rows_columns_and_sheets_are_reported():
    book = Workbook()
    for row in (["Supplier", "Country"], ["Acme", "DE"], ["Bolt", "FR"]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("Old").sheet_state = "hidden"
    content = saved(book)
    assert names(content) == ["Acme", "Bolt"]
    assert told(content).splitlines() == [
        "Sheet read: “Sheet”. Not read: “Old” (hidden, rows: 0).",
        "Hidden, but read: column B.",
        "Hidden, but read: row 3.",
    ]


def test_the_sheet_that_has_headings_is_read_and_not_the_cover():
    content = a_workbook(["About this list"], ["Ask us"], List=[["Supplier"], ["Acme"]])
    assert names(content) == companies(content) == ["Acme"]
    assert "Sheet read: “List”. Not read: “Sheet” (rows: 2)." in told(content)


# Encodings


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("windows-1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
        ("mac-roman", "Mac-Roman"),
        ("cp850", "Cp850"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_a_guessed_encoding_is_reported_with_an_example(codec, said):
    content = "Supplier,Country\nSociété Générale,FR\nTelefónica,ES\nMüller,DE\n".encode(codec)
    assert names(content) == companies(content) == ["Société Générale", "Telefónica", "Müller"]
    assert f"We guessed the file’s encoding: {said} (“" in told(content)
    assert f"We guessed the file’s encoding: {said} (“" in "\n".join(table(content).remarks)


@pytest.mark.parametrize(
    ("codec", "content"),
    [
        ("windows-1250", "Dostawca\nSpółka Łódź"),
        ("windows-1250", "Dodavatel\nČeská žížala\nŽluťoučký kůň"),
        ("windows-1250", "Furnizor\nŞtefan\nBraşov"),
        ("iso8859-2", "Dostawca\nSpółka Łódź\nŚwięty\nRodzeństwo Ćma"),
        ("windows-1253", "Προμηθευτής\nΔΟΚΙΜΗ Α.Ε.\nΕλληνικά Τρόφιμα"),
        ("windows-1251", "Доставчик\nДиамант АД\nСофия Храни\nT-Пример"),
        ("windows-1252", "Lieferant\nÄÖ Verlag\nGroße Straße\nHåå\nŒuvre nº 1"),
    ],
)
def test_legacy_encodings_are_guessed(codec, content):
    assert names(content.encode(codec)) == content.split("\n")[1:]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "ascii"])
def test_a_declared_encoding_is_not_reported(codec):
    content = "Supplier,Country\nAcme,FR\n".encode(codec)
    assert told(content) == ""


def test_one_invalid_byte_does_not_change_the_other_letters():
    content = "Supplier,Note\nTelefónica,ok\nAcme Systèmes,ok\nBolt,r".encode() + b"\xe9f\n"
    assert names(content) == ["Telefónica", "Acme Systèmes", "Bolt"]
    assert "Not all of the file is UTF-8." in told(content)
    assert "“réf”, line 4" in told(content)


# Other programs


@pytest.mark.parametrize(
    ("parts", "program"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument"),
        ({"Index/Document.iwa": b"x"}, "Numbers"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}, ".xlsb"),
    ],
)
def test_a_file_of_another_program_is_refused_with_advice(parts, program):
    [reason] = reasons(names_read, an_archive(**parts))
    assert program in reason
    assert "CSV or XLSX" in reason or "XLSX or CSV" in reason


# Dates

DATES = {
    "2025-10": "2025-10", "10/2025": "2025-10", "Oct 2025": "2025-10", "oct. 2025": "2025-10",
    "octobre 2025": "2025-10", "Oktober 2025": "2025-10", "października 2025": "2025-10",
    "2024": "2024", "9 October 2024": "2024-10-09", "October 9, 2024": "2024-10-09",
    "1er octobre 2024": "2024-10-01", "9 de octubre de 2024": "2024-10-09",
    "2024-10-09 00:00:00": "2024-10-09", "2024/10/9": "2024-10-09", "09.10.2024": "2024-10-09",
    "25/12/2024": "2024-12-25", "12/25/2024": "2024-12-25", "04/04/2025": "2025-04-04",
    "20241009": "2024-10-09", "25-Oct-2024": "2024-10-25",
}  # fmt: skip


@pytest.mark.parametrize("typed", DATES)
def test_a_date_has_the_precision_with_which_it_is_typed(typed):
    assert iso_date(typed) == DATES[typed]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("03/04/2025", "may be 2025-04-03 or 2025-03-04"),
        ("45574", "an Excel date number, perhaps 2024-10-09"),
        ("Oct-25", "We cannot tell which number in"),
        ("09.10.24", "We cannot tell which number in"),
        ("30 February 2024", "is not a valid date"),
        ("listopad 2024", "is not a valid date"),  # October in Croatian, November in Polish
        ("soon", "is not a valid date"),
        ("1" * 100, "is not a valid date"),
    ],
)
def test_an_ambiguous_date_is_refused_with_a_sentence(typed, reason):
    with pytest.raises(BadDate) as bad:
        iso_date(typed)
    assert reason in bad.value.said(str)


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("mmm-yy", "2025-10"),
        ("[$-409]mmm\\-yy;@", "2025-10"),
        ('yyyy"-"mm', "2025-10"),
        ("yyyy", "2025"),
        ("dd/mm/yyyy", "2025-10-01"),
        ("yyyy-mm-dd", "2025-10-01"),
        ("d. mmmm yyyy", "2025-10-01"),
    ],
)
@pytest.mark.parametrize("epoch", [1900, 1904])
def test_a_date_cell_has_the_precision_of_its_format(number_format, shown, epoch):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    book = Workbook()
    book.epoch = CALENDAR_MAC_1904 if epoch == 1904 else CALENDAR_WINDOWS_1900
    book.active.append(["company", "status", "since"])
    book.active.append(["Acme", "signed", datetime.date(2025, 10, 1)])
    book.active["C2"].number_format = number_format
    assert table(saved(book)).rows[0].values["since"] == shown


# Everything at once


def test_a_spreadsheet_with_all_of_these_quirks_is_read():
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(
        [
            ["Lieferantenliste 2026"],
            [],
            ["Kreditor", "Name", "Land", "Umsatz"],
            ["70001", "Müller, Söhne & Co. KG", "DE", "1.234,50"],
            ["70002", "Acme\nInternational", "FR"],
            ["", "", "", ""],
            ["Kreditor", "Name", "Land", "Umsatz"],
            ["70003", "7 Eleven", "US", "", "x"],
            ["Summe", "", "", "99.999,00"],
        ]
    )
    content = text.getvalue().encode("windows-1252") + b"\x1a"
    assert names(content) == ["Müller, Söhne & Co. KG", "Acme International", "7 Eleven"]
    assert len(names_read(content).remarks) == 5
