"""The dump_register command: what it writes reads back, and it spoils no other folder."""

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from companies.models import Company, Source
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


def write(directory):
    out = StringIO()
    call_command("dump_register", directory, stdout=out)
    return out.getvalue().strip()


def files(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_the_same_after_dump_and_load(text, tmp_path):
    company = a_company(slug="acme", name=f"Acme {text}", description=text, legal_name=text)
    a_citation(signing=a_signing(company, reason_en=text), quote=text, source=a_source("list"))
    write(tmp_path)
    before = dumped()
    Company.objects.all().delete()
    Source.objects.all().delete()

    load(tmp_path)

    acme = Company.objects.get()
    assert (acme.name, acme.description, acme.legal_name) == (f"Acme {text}", text, text)
    assert acme.signings.get().reason_en == text
    assert acme.signings.get().citations.get().quote == text
    assert dumped() == before


def test_the_order_of_rows_does_not_depend_on_when_they_were_stored(tmp_path):
    for slug in ("zulu", "alpha", "mike"):
        a_company(slug)

    text = dumped()["companies.csv"].decode()

    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["alpha", "mike", "zulu"]


def test_a_package_is_the_same_after_load_and_dump(tmp_path):
    package = a_package(tmp_path / "in")
    load(package)

    answer = write(tmp_path / "out")

    written = files(tmp_path / "out")
    written.pop("datapackage.json")
    assert written == files(package)
    assert answer == f"Wrote 16 files to {tmp_path / 'out'}."


def test_a_citation_of_each_fact_is_written_with_what_identifies_it():
    company = a_company("Acme")
    source = a_source("list")
    a_citation(company=company, source=source)
    a_citation(signing=a_signing(company), source=source)
    a_citation(pledge=a_pledge(company, commitment=a_commitment("governance")), source=source)

    assert dumped()["citations.csv"].decode().splitlines()[1:] == [
        "acme,,company,,,,list,,high,,",
        "acme,eu-ai-pact,pledge,,governance,,list,,high,,",
        "acme,eu-ai-pact,signing,2024-10-09,,,list,,high,,",
    ]


def test_an_older_package_is_overwritten(tmp_path):
    a_company("Acme")
    write(tmp_path)
    a_company("Bolt")

    write(tmp_path)

    assert files(tmp_path) == dumped()


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(CommandError, match=r"holds other files, such as thesis\.txt"):
        write(tmp_path)

    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "register").write_text("mine")

    with pytest.raises(CommandError, match=r"Cannot write .*register: File exists\."):
        write(tmp_path / "register")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(CommandError, match=r"Cannot write .*: Permission denied\."):
        write(tmp_path / "register")
