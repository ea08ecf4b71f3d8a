"""The dump_register command: what it writes reads back, and it spoils no other folder."""

import os
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from companies.models import Company, Signing, Source
from companies.register.package import lost_rows
from companies.register.package.dumping import csv_of
from companies.register.package.tables import BY_NAME, TABLES
from tests.builders import a_citation, a_commitment, a_company, a_pledge, a_signing, a_source
from tests.packages import a_package, dumped, load

pytestmark = pytest.mark.django_db

HOSTILE = [
    'quotes "in" and ""around""',
    "commas, and; semicolons",
    "two\nlines",
    "two\r\nlines of Windows",
    "lone\rcarriage return",
    "\rat the start",
    "  spaces around  ",
    "=1+1",
    "-2+3",
    "\ttab",
    "📜 emoji",
    "line\u2028separator and next\u0085line",
    "Àccénts ß",
    "e\u0301 decomposed",
    "\ufeffbyte order mark",
    '"',
    "'",
    "NULL",
]

FILES = len(TABLES) + 1  # and datapackage.json


def write(directory, *options):
    out = StringIO()
    call_command("dump_register", directory, *options, stdout=out)
    return out.getvalue().strip()


def files(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def stored_texts():
    """What the register keeps of the hostile texts: invisible signs go when a row is saved."""
    columns = ("company__name", "company__description", "company__legal_name", "reason_en")
    rows = Signing.objects.order_by("company__slug").values_list(*columns, "citations__quote")
    return list(rows)


@pytest.mark.database
def test_every_text_is_the_same_after_dump_and_load(tmp_path):
    texts = {f"company-{number}": text for number, text in enumerate(HOSTILE)}
    source = a_source("list")
    for slug, text in texts.items():
        name = f"{slug} {text}"
        company = a_company(slug=slug, name=name, description=text, legal_name=f"{text} AG")
        a_citation(signing=a_signing(company, reason_en=text), quote=text, source=source)
    write(tmp_path)
    before, kept = dumped(), stored_texts()
    assert len(kept) == len(HOSTILE)
    Company.objects.all().delete()
    Source.objects.all().delete()

    load(tmp_path)

    assert stored_texts() == kept
    assert dumped() == before


@pytest.mark.database
def test_the_order_of_rows_does_not_depend_on_when_they_were_stored(tmp_path):
    for slug in ("zulu", "alpha", "mike"):
        a_company(slug)

    text = dumped()["companies.csv"].decode()

    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["alpha", "mike", "zulu"]


@pytest.mark.database
def test_a_package_is_the_same_after_load_and_dump(tmp_path):
    package = a_package(tmp_path / "in")
    load(package)

    answer = write(tmp_path / "out")

    written = files(tmp_path / "out")
    written.pop("datapackage.json")
    assert written == files(package)
    assert answer == f"Wrote {FILES} files to {tmp_path / 'out'}."


@pytest.mark.database
def test_a_citation_of_each_kind_of_fact_is_dumped_with_its_natural_key():
    company = a_company("Acme")
    source = a_source("list")
    a_citation(company=company, source=source)
    a_citation(signing=a_signing(company), source=source)
    a_citation(pledge=a_pledge(company, commitment=a_commitment("governance")), source=source)

    assert dumped()["citations.csv"].decode().splitlines()[1:] == [
        "acme,,company,,,,list,,,,,,,,",
        "acme,eu-ai-pact,pledge,,governance,,list,,,,,,,,",
        "acme,eu-ai-pact,signing,2024-10-09,,,list,,,,,,,,",
    ]


def test_an_older_package_is_overwritten(tmp_path):
    a_company("Acme")
    write(tmp_path)
    a_company("Bolt")

    write(tmp_path)

    assert files(tmp_path) == dumped()


def test_a_folder_with_other_files_is_not_written_to(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(CommandError, match=r"holds other files, such as thesis\.txt"):
        write(tmp_path)

    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_a_file_at_the_path_of_the_folder_is_reported(tmp_path):
    (tmp_path / "register").write_text("mine")

    with pytest.raises(CommandError, match=r"Cannot write .*register: File exists\."):
        write(tmp_path / "register")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_reported(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(CommandError, match=r"Cannot write .*: Permission denied\."):
        write(tmp_path / "register")


def fewer_companies(folder):
    """A dump of three companies in `folder`, two of which the register has no more."""
    for slug in ("acme", "bolt", "coda"):
        a_company(slug)
    write(folder)
    Company.objects.exclude(slug="acme").delete()
    return files(folder)


def test_a_folder_with_more_rows_is_not_overwritten_without_a_terminal(tmp_path):
    older = fewer_companies(tmp_path)

    with pytest.raises(CommandError) as error:
        write(tmp_path)

    assert str(error.value).splitlines() == [
        f"{tmp_path} holds more rows than would be written:",
        "companies.csv: 3 rows in the folder, 1 in the register",
        "Nothing was written. To write all the same: --force",
    ]
    assert files(tmp_path) == older


def test_a_folder_with_more_rows_is_overwritten_with_force(tmp_path):
    fewer_companies(tmp_path)

    assert write(tmp_path, "--force") == f"Wrote {FILES} files to {tmp_path}."

    assert files(tmp_path) == dumped()


@pytest.mark.parametrize(("typed", "written"), [("yes", True), ("no", False), ("", False)])
def test_overwriting_a_folder_with_more_rows_asks_at_a_terminal(
    tmp_path, monkeypatch, typed, written
):
    older = fewer_companies(tmp_path)
    asked = []
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or typed)

    if written:
        write(tmp_path)
    else:
        with pytest.raises(CommandError, match=r"^Nothing was written\.$"):
            write(tmp_path)

    assert "companies.csv: 3 rows in the folder, 1 in the register" in asked[0]
    assert (files(tmp_path) == older) != written


def test_rows_are_counted_rather_than_lines():
    stored = b'slug,note\na,"one\ntwo\n\nthree"\n\nb,x\r\n'

    assert lost_rows_between(stored, b"slug,note\na,x\nb,y\n") == []
    assert lost_rows_between(stored, b"slug,note\na,x\n") == ["x.csv: 2 rows in the folder, 1 "]


@pytest.mark.parametrize("content", [b"\xff\xfe\0,\0", b'"never closed\n\n', b"", b"slug\n"])
def test_a_file_that_is_not_a_table_counts_as_having_no_rows(content):
    assert lost_rows_between(content, b"slug\n") == []


def lost_rows_between(stored, written):
    with TemporaryDirectory() as folder:
        (Path(folder) / "x.csv").write_bytes(stored)
        lost = lost_rows(Path(folder), {"x.csv": written})
    return [line.removesuffix("in the register") for line in lost]


def test_columns_are_written_in_order_whatever_the_order_of_keys_in_a_row():
    table = BY_NAME["sectors"]
    rows = [dict.fromkeys(table.columns, "x") | {"code": code, "label_en": code} for code in "ba"]
    turned = [rows[0], dict(reversed(rows[1].items()))]

    assert csv_of(table, turned) == csv_of(table, rows)
    assert csv_of(table, turned[::-1]) == csv_of(table, rows)
