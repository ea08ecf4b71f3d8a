"""What a spreadsheet is called and what it is must agree, for editors and for readers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from companies.importers.spreadsheet.file_names import fits
from companies.models import ImportRun
from tests.builders import a_company, a_pact, a_signing, a_source
from tests.editors import a_reviewer

BOOK, TEXT = b"PK\x03\x04", b"company\nAcme\n"


@pytest.mark.parametrize(
    ("name", "content", "right"),
    [
        ("list.csv", TEXT, True),
        ("LIST.CSV", TEXT, True),
        ("list.of.2026.txt", TEXT, True),
        ("list.tsv", TEXT, True),
        ("list.xlsx", BOOK, True),
        ("list.XLSX", BOOK, True),
        ("list.csv", BOOK, False),
        ("list.xlsx", TEXT, False),
        ("list.xlsm", BOOK, False),
        ("list.zip", BOOK, False),
        ("list.pdf", TEXT, False),
        ("list.csv.exe", TEXT, False),
        ("list.php", TEXT, False),
        ("list", TEXT, False),
        (".csv", TEXT, False),
        ("", TEXT, False),
    ],
)
def test_a_file_extension_must_fit_the_content(name, content, right):
    assert fits(name, content) is right


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["list.pdf", "list.xlsx", "list"])
def test_a_file_with_a_wrong_extension_is_refused_unread(client, name):
    a_signing(a_company("Acme"))
    typed = {"pact": a_pact().pk, "source": a_source().pk}

    def named():
        return {"file": SimpleUploadedFile(name, TEXT)}

    sent = a_reviewer().post("/admin/companies/importrun/upload/", typed | named())
    checked = client.post("/check/", named())

    assert "The file name must end in .csv or .xlsx, to match its format." in sent.text
    assert not ImportRun.objects.exists()
    assert checked.status_code == 400
    assert "The file name must end in .csv or .xlsx, to match its format." in checked.text
