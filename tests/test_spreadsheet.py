"""Spreadsheets: reading CSV and XLSX, refusing what cannot be read, and writing both."""

import csv
import datetime
import io
import random
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from companies.importers import spreadsheet
from companies.importers.spreadsheet import BadSpreadsheet, SpreadsheetFault

ROOT = Path(__file__).parent.parent
COLUMNS = {
    "company": ("company", "name", "entreprise", "nom"),
    "country": ("country", "pays"),
    "since": ("since", "signed on", "signé le"),
}
HEADER = ["company", "country", "since"]


def a_csv(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def a_workbook(*rows: list, **sheets: list) -> bytes:
    """An XLSX with `rows` on its first sheet, and further sheets by name."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        for row in more:
            (book[name] if name in book else book.create_sheet(name)).append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(content: bytes, name: str, change) -> bytes:
    """The archive with one part changed or added."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            body = old.read(part)
            new.writestr(part.filename, change(body) if part.filename == name else body)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return changed.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def with_shared_strings(content: bytes) -> bytes:
    """The workbook with its texts in a part of their own, as Excel writes it."""
    texts: list[bytes] = []

    def shared(cell: re.Match[bytes]) -> bytes:
        texts.append(cell[1])
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    def sheet(xml: bytes) -> bytes:
        return re.sub(rb't="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', shared, xml)

    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = with_part(content, "xl/worksheets/sheet1.xml", sheet)
    items = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    content = with_part(
        content, "xl/sharedStrings.xml", lambda _: b'<sst xmlns="%s">%s</sst>' % (space, items)
    )
    return with_part(content, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override))


def read(content: bytes, **options):
    return spreadsheet.read(content, columns=COLUMNS, optional=["country", "since"], **options)


def values(content: bytes) -> list[dict[str, str]]:
    return [row.values for row in read(content).rows]


def companies(content: bytes) -> list[str]:
    return [row["company"] for row in values(content)]


def faults(content: bytes, **options) -> list[SpreadsheetFault]:
    with pytest.raises(BadSpreadsheet) as bad:
        read(content, **options)
    return bad.value.faults


def reasons(content: bytes, **options) -> list[str]:
    return [fault.reason for fault in faults(content, **options)]


def in_both_forms(*rows: list[str]) -> list[bytes]:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return [text.getvalue().encode(), a_workbook(*rows)]


# Reading


@pytest.mark.parametrize("form", [0, 1])
def test_columns_are_found_by_their_headers_in_any_order(form):
    rows = [["Pays ", "NOTE", "Signé_le", "nom"], ["FR", "hm", "2024-09-25", " Acme "]]
    sheet = read(in_both_forms(*rows)[form])
    assert sheet.columns == ["country", "since", "company"]
    assert sheet.ignored == ["NOTE"]
    assert sheet.rows[0].values == {"country": "FR", "since": "2024-09-25", "company": "Acme"}


@pytest.mark.parametrize("form", [0, 1])
def test_empty_rows_count_in_line_numbers(form):
    rows = [["", ""], ["name", "country"], ["Acme", ""], ["", " "], ["Bolt", "DE"]]
    assert [row.line for row in read(in_both_forms(*rows)[form]).rows] == [3, 5]


def test_line_numbers_count_the_lines_inside_quoted_values():
    sheet = read(b'name,country\n"Acme, ""the""\nfirst",FR\nBolt,DE\n')
    assert sheet.rows[0].values["company"] == 'Acme, "the"\nfirst'
    assert [row.line for row in sheet.rows] == [2, 4]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_that_gives_known_headers_is_used(separator):
    content = a_csv(
        separator.join(["name", "a,b;c" if separator == "\t" else "x"]),
        separator.join(["Acme", "1"]),
    )
    assert values(content) == [{"company": "Acme"}]


def test_a_file_of_one_column_needs_no_separator():
    assert companies(a_csv("name", "Acme")) == ["Acme"]


def test_the_sep_directive_of_excel_sets_the_separator_and_counts_as_a_line():
    sheet = read(a_csv("sep=|", "name|country", "Acme|FR"))
    assert sheet.rows == [spreadsheet.SheetRow(3, {"company": "Acme", "country": "FR"})]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_the_encoding_is_detected_and_reported(codec, name):
    sheet = read(a_csv("nom;signé le", "Société Générale;2024", encoding=codec))
    assert (sheet.encoding, sheet.rows[0].values["company"]) == (name, "Société Générale")
    assert sheet.columns == ["company", "since"]


def test_numbers_and_dates_of_a_workbook_become_the_text_a_reader_sees():
    cells = [7, 7.0, 0.1 + 0.2, 1e20, True, datetime.date(2024, 9, 25)]
    cells += [datetime.datetime(2024, 9, 25, 10, 30), datetime.time(9, 5)]  # noqa: DTZ001
    content = a_workbook(["name"], *[[cell] for cell in cells])
    assert companies(content) == [
        "7", "7", "0.3", "1e+20", "true", "2024-09-25", "2024-09-25T10:30:00", "09:05:00",
    ]  # fmt: skip


def test_a_workbook_with_shared_strings_is_read():
    content = with_shared_strings(a_workbook(["name", "pays"], ["Acme", "FR"], ["Bolt", 7]))
    assert values(content) == [
        {"company": "Acme", "country": "FR"},
        {"company": "Bolt", "country": "7"},
    ]


def test_a_number_stored_as_text_keeps_its_leading_zeros():
    assert companies(a_workbook(["name"], ["007"])) == ["007"]


def test_only_the_first_sheet_is_read_and_the_others_are_reported():
    content = a_workbook(["name"], ["Acme"], Notes=[["x"]], More=[["y"], ["z"]])
    told = "Sheet read: “Sheet”. Not read: “Notes” (rows: 1), “More” (rows: 2)."
    assert told in read(content).remarks
    assert companies(content) == ["Acme"]


def test_a_hidden_first_sheet_is_skipped():
    book = Workbook()
    book.active.sheet_state = "hidden"
    book.create_sheet("List").append(["name"])
    book["List"].append(["Acme"])
    content = io.BytesIO()
    book.save(content)
    assert companies(content.getvalue()) == ["Acme"]


def test_the_size_a_sheet_states_is_ignored():
    content = a_workbook(["name"], ["Acme"])
    wrong = with_part(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"A1:A2", b"A1:A1")
    )
    assert wrong != content
    assert companies(wrong) == ["Acme"]


def test_a_missing_optional_column_is_left_out_of_the_rows():
    sheet = read(a_csv("name", "Acme"))
    assert (sheet.columns, sheet.rows[0].values) == (["company"], {"company": "Acme"})


# Refusing


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "This file is empty."),
        (b"\r\n  ", "This file is empty."),
        (b"\xef\xbb\xbf\r\n\r\n", "This file is empty."),
        (b"x" * 5_000_001, "This file is larger than 5 MB."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
            "This is an old Excel file (.xls). Save it as XLSX or CSV first.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "This file is protected by a password. Save it without one first.",
        ),
        (b"%PDF-1.7\n", "This is a PDF document. Choose a CSV or XLSX file."),
        (
            b"\n<!DOCTYPE html><table>",
            "This is a web page or another XML file. Choose a CSV or XLSX file.",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is neither a CSV nor an XLSX file."),
        (b"name\nAc\0me\n", "This is neither a CSV nor an XLSX file."),
        (b"\xff\xfen\0a", "This is neither a CSV nor an XLSX file."),
        (b"PK\x03\x04", "This file is damaged or was not made by a spreadsheet program."),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_reason(content, reason):
    assert reasons(content) == [reason]


DAMAGED = "This file is damaged or was not made by a spreadsheet program."
TOO_LARGE = "This file is too large to read in one go. Split it into parts."


def an_archive(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def test_an_archive_that_is_not_a_workbook_is_refused():
    for name in ("readme.txt", "word/document.xml", "content.xml"):
        assert reasons(an_archive(**{name: b"x"})) == [
            "This is an archive or another kind of document, not an XLSX file."
        ]


def test_a_workbook_with_a_password_is_refused():
    content = bytearray(a_workbook(["name"], ["Acme"]))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert reasons(bytes(content)) == [
        "This file is protected by a password. Save it without one first."
    ]


def test_a_workbook_that_unpacks_to_more_than_100_mb_is_refused():
    bomb = with_part(a_workbook(["name"]), "xl/media/image1.png", lambda _: b"0" * 100_000_001)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bomb)) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
    assert len(packed.getvalue()) < 5_000_000
    assert reasons(packed.getvalue()) == [TOO_LARGE]


def test_a_workbook_with_a_wrong_size_in_its_directory_is_refused():
    part = b"<x>" + b" " * 2_000_000 + b"</x>"
    right = an_archive(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": part})
    size = len(part).to_bytes(4, "little")
    wrong = right.replace(size, (100).to_bytes(4, "little"))
    assert wrong != right
    assert reasons(wrong) == [DAMAGED]


def test_a_workbook_of_more_than_200_parts_is_refused():
    parts = {f"xl/{number}.bin": b"" for number in range(200)}
    parts |= {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}
    assert reasons(an_archive(**parts)) == [TOO_LARGE]


def test_a_workbook_of_more_than_five_million_elements_is_refused():
    parts = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x>" + b"<y/>" * 5_000_000}
    assert reasons(an_archive(**parts)) == [TOO_LARGE]


@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("xl/worksheets/sheet1.xml", b"<row><c/><c/></row>" * 12_000),  # empty, with a format
        ("xl/sharedStrings.xml", b"<si><r/><r/></si>" * 12_000),
        ("xl/workbook.xml", b"<definedName/>" * 31_000),
        ("xl/styles.xml", b"<xf/>" * 31_000),
        ("xl/worksheets/sheet1.xml", b"<a>" * 31_000 + b"</a>" * 31_000),
    ],
    ids=["cells", "strings", "names", "styles", "depth"],
)
def test_a_workbook_holds_no_more_than_its_rows_need(part, more):
    content = with_part(a_workbook(["name"]), part, lambda _: b"<x>" + more + b"</x>")

    with pytest.raises(BadSpreadsheet) as refused:
        read(content, max_rows=10)
    assert [fault.reason for fault in refused.value.faults] == [TOO_LARGE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/new.xml"])
def test_a_document_type_in_any_part_is_refused(part, encoding):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(encoding)
    assert reasons(with_part(a_workbook(["name"]), part, lambda _: bomb)) == [DAMAGED]


@pytest.mark.parametrize("form", [0, 1])
def test_missing_and_repeated_columns_are_reported_together(form):
    content = in_both_forms(["Pays", "Country"], ["FR", "DE"])[form]
    assert faults(content) == [
        SpreadsheetFault(
            1,
            "company",
            "The column “company” is missing. Its heading can be: company, name, entreprise, nom.",
        ),
        SpreadsheetFault(1, "country", "The column “country” appears more than once."),
    ]


def test_a_short_row_is_padded_and_a_long_one_reported():
    sheet = read(a_csv("name,country", "Acme", "Bolt,DE", "Cora,FR,x", "Dent,ES,,"))
    assert [row.values["country"] for row in sheet.rows] == ["", "DE", "FR", "ES"]
    assert sheet.remarks[-1] == (
        "More cells than headings; the extra cells were ignored: row 4 (“x”)."
    )


@pytest.mark.parametrize("form", [0, 1])
def test_a_value_without_a_header_is_reported(form):
    content = in_both_forms(["name", ""], ["Acme", "x"])[form]
    assert companies(content) == ["Acme"]
    assert "row 2 (“x”)" in read(content).remarks[-1]


def test_unmatched_quotation_marks_are_reported_at_the_line_where_they_begin():
    assert faults(b'name\nAcme\n"Bolt\nCora\n') == [
        SpreadsheetFault(3, "", "A quotation mark opened in this row is never closed.")
    ]
    assert faults(b'sep=,\nname\n"Bolt\n')[0].line == 3


NOT_COMPUTED = "This cell contains a formula without a stored value. Paste the value instead."


def test_a_formula_that_nobody_computed_is_refused():
    assert faults(a_workbook(["name"], ["Acme"], ['=HYPERLINK("x")'])) == [
        SpreadsheetFault(3, "company", NOT_COMPUTED)
    ]


def test_a_formula_in_an_unknown_column_is_ignored():
    assert companies(a_workbook(["name", "note"], ["Acme", "=1+1"])) == ["Acme"]


def test_a_cell_with_an_error_value_is_refused():
    assert reasons(a_workbook(["name"], ["#REF!"])) == ["This cell contains an error: #REF!."]


def test_a_control_character_is_refused():
    assert faults(a_csv("name", "Ac\x07me")) == [
        SpreadsheetFault(2, "company", "This text contains an invisible control character.")
    ]


@pytest.mark.parametrize("form", [0, 1])
def test_a_text_of_more_than_2000_characters_is_refused(form):
    content = in_both_forms(["name"], ["x" * 2_000], ["x" * 2_001])[form]
    assert faults(content) == [
        SpreadsheetFault(3, "company", "This text has 2001 characters; the limit is 2000.")
    ]


def test_a_cell_beyond_the_limit_of_the_csv_module_is_refused():
    assert len(faults(a_csv("name", "x" * 200_000))) == 1


@pytest.mark.parametrize("form", [0, 1])
def test_more_rows_than_the_limit_are_refused(form):
    rows = [["name"], ["Acme"], ["Bolt"], ["Cora"]]
    content = in_both_forms(*rows)[form]
    assert len(read(content, max_rows=3).rows) == 3
    assert faults(content, max_rows=2) == [
        SpreadsheetFault(4, "", "There are more than 2 rows. Split the file into parts.")
    ]


@pytest.mark.parametrize("form", [0, 1])
def test_more_than_100_columns_are_refused(form):
    header = ["name", *(f"x{number}" for number in range(100))]
    assert len(read(in_both_forms(header[:100])[form]).ignored) == 99
    assert faults(in_both_forms(header)[form]) == [
        SpreadsheetFault(1, "", "There are more than 100 columns.")
    ]


def test_a_row_number_beyond_the_limit_of_excel_is_refused():
    far = with_part(
        a_workbook(["name"], ["Acme"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999999"'),
    )
    assert reasons(far) == [TOO_LARGE]


def test_the_first_hundred_faults_are_listed_and_the_others_counted():
    found = reasons(a_csv("name,country", *["Ac\x07me"] * 150))
    assert len(found) == 101
    assert found[-1] == "There are 50 more errors."


def test_reasons_are_translated():
    french = {"This file is larger than %(limit)s MB.": "Ce fichier dépasse %(limit)s Mo."}
    assert reasons(b"x" * 5_000_001, gettext=french.__getitem__) == ["Ce fichier dépasse 5 Mo."]


# Random and damaged files


def is_read_or_refused(content: bytes) -> bool:
    """Let any exception but a refusal through."""
    try:
        read(content)
    except BadSpreadsheet as bad:
        return bool(bad.faults)
    return True


def test_random_bytes_are_read_or_refused():
    chance = random.Random(1)
    openings = [b"", b"PK\x03\x04", b"\xff\xfe", b"name,country\n", b'name\tpays\n"', b"sep="]
    for number in range(600):
        content = openings[number % len(openings)] + chance.randbytes(chance.randrange(300))
        assert is_read_or_refused(content)


def test_a_workbook_cut_short_is_refused():
    content = a_workbook(HEADER, ["Acme", "FR", "2024-09-25"])
    for length in range(4, len(content), 53):
        assert reasons(content[:length]) == [DAMAGED]


def test_a_workbook_with_a_flipped_bit_is_read_or_refused():
    chance = random.Random(2)
    content = a_workbook(HEADER, ["Acme", 1.5, datetime.date(2024, 9, 25)], Notes=[["x"]])
    for _ in range(300):
        damaged = bytearray(content)
        damaged[chance.randrange(4, len(content))] ^= 1 << chance.randrange(8)
        assert is_read_or_refused(bytes(damaged))


@pytest.mark.parametrize(
    "part",
    ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml",
     "[Content_Types].xml", "xl/_rels/workbook.xml.rels"],
)  # fmt: skip
def test_a_part_with_changed_digits_is_read_or_refused(part):
    chance = random.Random(part)
    content = with_shared_strings(a_workbook(HEADER, ["Acme", 1.5, datetime.date(2024, 9, 25)]))
    characters = b"0123456789-.eEAZ/"

    def change(xml: bytes) -> bytes:
        changed = bytearray(xml)
        for _ in range(3):
            places = [at for at, byte in enumerate(changed) if byte in characters]
            changed[chance.choice(places)] = chance.choice(characters)
        return bytes(changed)

    for _ in range(40):
        assert is_read_or_refused(with_part(content, part, change))


def test_a_workbook_with_a_missing_part_is_read_or_refused():
    content = a_workbook(HEADER, ["Acme", "FR", "2024-09-25"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for missing in parts:
        assert is_read_or_refused(
            an_archive(**{name: parts[name] for name in parts if name != missing})
        )


# Writing


RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"]


def cells(content: bytes) -> list[list[object]]:
    """The cells of a file as a spreadsheet program would show them."""
    if content.startswith(b"PK"):
        return [list(row) for row in load_workbook(io.BytesIO(content)).active.values]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", RISKY)
def test_text_that_looks_like_a_formula_is_written_with_an_apostrophe_in_a_csv(text):
    content = spreadsheet.write([[text]], headers=[text], kind="csv")
    shown = [cell for row in cells(content) for cell in row]
    assert len(shown) == 2
    assert all(cell.startswith("'") for cell in shown)


@pytest.mark.parametrize("text", RISKY)
def test_text_in_a_workbook_is_stored_as_text_and_never_as_a_formula(text):
    content = spreadsheet.write([[text]], headers=[text], kind="xlsx")
    shown = [cell for row in load_workbook(io.BytesIO(content)).active.rows for cell in row]
    as_xml = text.replace("\r", "\n")
    assert [(cell.value, cell.data_type) for cell in shown] == [(as_xml, "s"), (as_xml, "s")]
    assert all(cell.quotePrefix for cell in shown)
    assert b"<f" not in part_of(content, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_written_text_is_read_back_unchanged(kind):
    names = [
        "Société Générale",
        "=1+1",
        "+33 Labs",
        "'Quoted'",
        "@home",
        'a "b", c;d',
        "007",
        "x\ny",
    ]
    content = spreadsheet.write([[name] for name in names], headers=["name"], kind=kind)
    assert companies(content) == names


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("csv", ["-3", "0.5", "2024-09-25", "", "ab"]),
        ("xlsx", [-3, 0.5, datetime.datetime(2024, 9, 25), None, "ab"]),  # noqa: DTZ001
    ],
)
def test_numbers_are_written_as_numbers_and_dates_as_dates_or_iso_text(kind, shown):
    row = [-3, 0.5, datetime.date(2024, 9, 25), None, "a\0b"]
    content = spreadsheet.write([row], headers=["1", "2", "3", "4", "5"], kind=kind)
    assert cells(content)[1] == shown


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_has_headers_and_an_example_and_can_be_read(kind):
    example = {"company": "Acme", "since": "2024-09-25"}
    content = spreadsheet.template(COLUMNS, kind, example=example)
    assert cells(content)[0] == ["company", "country", "since"]
    assert values(content) == [{"company": "Acme", "country": "", "since": "2024-09-25"}]


def test_openpyxl_is_imported_for_workbooks_only():
    code = (
        "import sys\n"
        "from companies.importers import spreadsheet\n"
        "spreadsheet.read(b'name\\nAcme', columns={'name': ()})\n"
        "print('openpyxl' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout == "False\n"


def test_a_workbook_is_ready_to_sort_and_filter():
    rows = [["Société Générale", datetime.date(2024, 9, 25)], ["x" * 300, None]]
    cover = spreadsheet.Cover("about", [["What", "Not being listed is not a refusal.", "", ""]])
    content = spreadsheet.write(rows, headers=["name", "since"], kind="xlsx", cover=cover)
    book = load_workbook(io.BytesIO(content))
    sheet = book["companies"]
    assert book.sheetnames == ["about", "companies"]
    assert book["about"]["B1"].value == "Not being listed is not a refusal."
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert sheet["B2"].number_format == "yyyy-mm-dd"
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [60, 12]


def test_a_csv_with_semicolons_is_read_back():
    names = ["Acme; Söhne", "+Simple", "-196", "Bolt, Inc."]
    content = spreadsheet.write(
        [[name, "FR"] for name in names], headers=["name", "pays"], kind="csv", separator=";"
    )
    assert content.startswith("\ufeffname;pays\r\n".encode())
    assert companies(content) == names
