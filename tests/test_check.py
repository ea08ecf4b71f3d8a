"""Check a list of suppliers against the register; nothing is kept unless the reader wants it."""

import datetime
import hashlib
import io
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Company, CompanyName, CompanyRedirect, PartialDate, SupplierCheck
from companies.names.matcher import Suggestion
from companies.pages.suppliers import check
from companies.queries.lookup import likely
from companies.register.history import save
from companies.register.statuses import change_status
from companies.register.suppliers import MOST_NAMES
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.sharing import shared

pytestmark = pytest.mark.django_db

ADDRESS = "/check/"


def a_register():
    acme = a_company("Acme", country="FR")
    source = a_source("list", url="https://example.org/list")
    a_citation(signing=a_signing(acme), source=source)
    a_signing(acme, pact=a_pact("seoul", name_en="Seoul commitments", position=2))
    CompanyName.objects.create(company=acme, name="Acme Holding International", kind="alias")
    a_signing(a_company("Nemo"), "not_signed", since_basis="observed")
    a_company("Orange", country="FR")


register = shared(a_register)


def results(response) -> list[tuple[str, str, int | None]]:
    """The result for each name: the company's name, "?" when unsure, "" when unknown; the score."""
    return [
        (
            row.found.name,
            row.company.name if row.company else "?" if row.found.is_unsure else "",
            row.found.score,
        )
        for row in response.context["result"].rows
    ]


def a_file(content: bytes, name: str = "") -> SimpleUploadedFile:
    kind = "xlsx" if content.startswith(b"PK") else "csv"
    return SimpleUploadedFile(name or f"suppliers.{kind}", content)


def a_workbook(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# Results


def test_each_name_has_a_company_or_suggestions_or_nothing(client):
    names = "Acme\nacme sa\nAcme Holding International\nOrange Bank\nQwxzy\n"

    response = client.post(ADDRESS, {"names": names})

    assert results(response) == [
        ("Acme", "Acme", 100),
        ("acme sa", "Acme", 98),
        ("Acme Holding International", "Acme", 100),
        ("Orange Bank", "?", None),
        ("Qwxzy", "", None),
    ]
    assertContains(response, "3 of 5 names matched.")
    assertContains(response, "Signatories of the EU AI Pact among these companies: 1 of 1 (")
    assertContains(response, "1 needs your decision.")
    assertContains(response, "1 not on the register.")


def test_a_match_shows_its_reason_status_date_and_sources(client):
    response = client.post(ADDRESS, {"names": "Acme SAS"})

    assertContains(response, "similarity 98 out of 100")
    assertContains(response, "Only the legal form differs.")
    assertContains(response, "First seen as a signatory: 9\u00a0October\u00a02024.")
    assertContains(response, '<a href="/companies/acme/#evidence">1 source')
    assertContains(response, "Seoul commitments: Signed")
    assertContains(response, "Report: no public report found")


def test_an_absence_is_never_called_a_refusal(client):
    response = client.post(ADDRESS, {"names": "Nemo\nQwxzy"})

    assertContains(response, "Not on the list of 9\u00a0October\u00a02024.")
    assertContains(response, "Not being listed is not a refusal.")
    assertContains(response, "Not on the register.")
    assertNotContains(response, "refused")


def test_the_page_says_what_a_match_proves(client):
    response = client.post(ADDRESS, {"names": "Acme"})

    assertContains(response, "What a match proves, and what it does not")
    assertContains(response, "We know 1 of the more than 230 signatories")


def test_a_reader_chooses_the_company_of_an_uncertain_name(client):
    response = client.post(ADDRESS, {"names": "Acme\nOrange Bank", "choice-1": "orange"})

    assert results(response) == [("Acme", "Acme", 100), ("Orange Bank", "Orange", 76)]
    assertContains(response, 'value="orange" checked')
    assertContains(response, "chosen by you")


def test_a_reader_can_say_that_no_suggested_company_is_meant(client):
    response = client.post(ADDRESS, {"names": "Orange Bank", "choice-0": "-"})

    assert results(response) == [("Orange Bank", "", None)]
    assertContains(response, 'value="-" checked')


@pytest.mark.parametrize("choice", ["no-such-company", "Orange", "\u202e", "x" * 5000])
def test_an_unknown_public_id_as_a_choice_is_ignored(client, choice):
    response = client.post(ADDRESS, {"names": "Orange Bank", "choice-0": choice})

    assert results(response) == [("Orange Bank", "?", None)]


def test_a_choice_does_not_replace_a_certain_match(client):
    response = client.post(ADDRESS, {"names": "Acme", "choice-0": "nemo"})

    assert results(response) == [("Acme", "Acme", 100)]


def test_a_name_given_twice_is_shown_once(client):
    response = client.post(ADDRESS, {"names": "Acme\n Acme \nNemo"})

    assert [name for name, _company, _score in results(response)] == ["Acme", "Nemo"]
    assertContains(response, "Repeated names are shown once.")


def test_markup_in_a_name_is_escaped(client):
    response = client.post(ADDRESS, {"names": "</textarea><script>alert(1)</script>"})

    assertNotContains(response, "<script>alert(1)")
    assertContains(response, "&lt;script&gt;alert(1)")


def test_a_long_list_shows_its_progress_and_then_the_result(client):
    names = [f"Zz{number:04}" for number in range(check.AT_ONCE + 50)] + ["Acme"]

    response = client.post(ADDRESS, {"names": "\n".join(names)})
    parts = [part.decode() for part in response.streaming_content]

    assert response["Cache-Control"] == "no-store, private"
    assert "100 of 251 names compared" in parts[1]
    assert "200 of 251 names compared" in parts[2]
    assert "1 of 251 names matched." in parts[-2]
    assert parts[-1].endswith("</html>\n")


def test_a_long_list_is_answered_in_the_language_it_was_sent_in(client):
    names = "\n".join(f"Zz{number:04}" for number in range(check.AT_ONCE)) + "\nAcme"

    response = client.post(f"/fr{ADDRESS}", {"names": names})
    client.get("/")  # another reader, meanwhile, in English

    assert "Signataire" in b"".join(response.streaming_content).decode()


# Files


def test_the_column_is_chosen_by_its_heading(client):
    content = b"Id;Land;Supplier\n17;FR;Acme\n18;FR;Nemo\n"

    response = client.post(ADDRESS, {"file": a_file(content)})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]
    assertContains(response, "The names were read from column C, “Supplier”.")


def test_the_column_with_the_clearest_heading_is_read(client):
    content = b"Name,Vendor name\nMrs Buyer,Acme\n"

    response = client.post(ADDRESS, {"file": a_file(content)})

    assert [name for name, _company, _score in results(response)] == ["Acme"]


def test_without_a_heading_the_first_column_of_words_is_read_from_its_first_row(client):
    content = b"4711,2024-10-09,Acme\n4712,2024-10-10,Nemo\n"

    response = client.post(ADDRESS, {"file": a_file(content)})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]
    assertContains(response, "the names were read from column C, starting with its first row")


def test_a_file_with_only_names_is_read(client):
    response = client.post(ADDRESS, {"file": a_file("Acme\nNemo\n".encode("utf-16"))})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]


def test_a_workbook_is_read(client):
    content = a_workbook(["Nr", "Fournisseur"], [1, "Acme"], [2, None], [3, "Nemo"])

    response = client.post(ADDRESS, {"file": a_file(content, "suppliers.xlsx")})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]
    assertContains(response, "The names were read from column B, “Fournisseur”.")


def test_the_rows_and_columns_left_out_of_a_file_are_reported(client):
    content = "Our list\n\nSupplier;Country\nAcmé;FR\n;DE\nTotal: 2;\n".encode("windows-1252")

    response = client.post(ADDRESS, {"file": a_file(content)})

    assert [name for name, _company, _score in results(response)] == ["Acmé"]
    assertContains(response, "The rows above were ignored: “Our list”.")
    assertContains(response, "We guessed the file’s encoding: Windows-1252 (“Acmé”).")
    assertContains(response, "Ignored, no company name: row 5.")
    assertContains(
        response, "Ignored, a total or a note rather than a company: row 6 (“Total: 2”)."
    )


@pytest.mark.parametrize(
    "names",
    [
        "Supplier\tCountry\nAcme\tFR\nNemo\tDE\n",
        "• Acme\n• Nemo\n",
        "- Acme\n- Nemo",
        "•\tAcme\n•\tNemo",
    ],
)
def test_a_list_pasted_from_a_page_or_a_document_is_read(client, names):
    response = client.post(ADDRESS, {"names": names})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["", "/fr"])
def test_the_result_file_can_be_checked_again(client, kind, language):
    file = client.post(f"{language}{ADDRESS}", {"names": "Acme\nNemo", "download": kind}).content

    response = client.post(ADDRESS, {"file": a_file(file)})

    assert [company for _name, company, _score in results(response)] == ["Acme", "Nemo"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            a_workbook(["Supplier"], ["Acme"], ["=A1"]),
            "Row 3: This cell contains a formula without",
        ),
        (b"Supplier\n" + b"x" * 201, "Row 2: This name has 201 characters"),
        (b"Supplier\n" + b"a\n" * (MOST_NAMES + 1), "Row 2002: There are more than 2000 rows."),
        (b"", "This file is empty."),
        (b"Supplier\n", "Enter at least one company name"),
        (b"%PDF-1.7", "This is a PDF document."),
        (b"\0\0", "This is neither a CSV nor an XLSX file."),
        (b"a\n" * 1_000_001, "This file is larger than 2 MB."),
        (b"a\n" * 4_000_000, "This file is larger than 2 MB."),
    ],
    ids=["formula", "long", "rows", "empty", "heading", "pdf", "nul", "2MB", "8MB"],
)
def test_an_unusable_file_is_refused_with_row_and_reason(client, content, fault):
    response = client.post(ADDRESS, {"file": a_file(content)})

    assertContains(response, fault, status_code=400)
    assertContains(response, "Nothing was checked.", status_code=400)


# Typed names


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ("", "Enter at least one company name"),
        (" \n\n", "Enter at least one company name"),
        ("Acme\n" + "x" * 201, "Row 2: This name has 201 characters; the limit is 200."),
        ("a\n" * (MOST_NAMES + 1), "Row 2001: There are more than 2000 names."),
    ],
    ids=["nothing", "blanks", "long", "many"],
)
def test_unusable_names_are_listed_and_stay_in_the_form(client, names, fault):
    response = client.post(ADDRESS, {"names": names})

    assertContains(response, fault, status_code=400)
    assert response.context["names"] == names


def test_sending_names_and_a_file_together_is_refused(client):
    response = client.post(ADDRESS, {"names": "Acme", "file": a_file(b"Nemo")})

    assertContains(response, "Type names or choose a file, not both.", status_code=400)


def test_parameters_in_the_url_are_refused(client):
    assert client.get("/check/?names=Acme").status_code == 400
    assert client.post("/check/?names=Acme", {"names": "Acme"}).status_code == 400


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_put_and_delete_on_the_supplier_check_are_answered_with_405(client, method):
    assert getattr(client, method)(ADDRESS).status_code == 405


# Downloads

HEADERS = [
    "Name checked",
    "Result",
    "Company on the register",
    "Similarity (0 to 100)",
    "Why this result",
    "Possible companies",
    "Status: EU AI Pact",
    "Since",
    "Basis of the date",
    "Date of the list",
    "Progress report",
    "Other pacts",
    "Number of sources",
    "Sources",
    "Record",
    "Date of the check",
]


def test_the_csv_file_has_the_urls_of_the_sources(client):
    fields = {"names": "Acme SA\nOrange Bank\n=Qwxzy", "download": "csv"}

    response = client.post(ADDRESS, fields)

    today = timezone.localdate().isoformat()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="pactwatch-suppliers-')
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(HEADERS)
    assert lines[1] == (
        "Acme SA,matched,Acme,98,Only the legal form differs.,,Signed,2024-10-09,"
        "first list or report that we know,,no public report found,"
        "Seoul commitments: Signed,1,https://example.org/list,"
        f"http://testserver/companies/acme/,{today}"
    )
    assert lines[2] == f"Orange Bank,unsure,,,Not decided yet.,Orange,,,,,,,,,,{today}"
    # As text, so that no program takes it for a formula.
    assert lines[3].startswith("'=Qwxzy,not on the register,,,No similar name.,")


def test_the_xlsx_file_has_the_same_rows(client):
    response = client.post(
        ADDRESS, {"names": "Orange Bank", "choice-0": "orange", "download": "xlsx"}
    )

    rows = [
        [cell.value for cell in row]
        for row in load_workbook(io.BytesIO(response.content))["companies"].iter_rows()
    ]
    assert rows[0] == HEADERS
    assert rows[1][:5] == [
        "Orange Bank",
        "matched",
        "Orange",
        76,
        "You chose it.",
    ]


# Privacy


def test_names_are_neither_stored_nor_logged(client, caplog):
    caplog.set_level(logging.DEBUG)
    response = client.post(ADDRESS, {"names": "Secret Supplier GmbH\n" + "x" * 300})
    response = client.post(ADDRESS, {"names": "Secret Supplier GmbH"})

    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies
    assert SupplierCheck.objects.count() == 0
    assert "Secret" not in "".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def test_the_form_needs_no_csrf_token():
    from django.test import Client

    client = Client(enforce_csrf_checks=True)

    assert client.post(ADDRESS, {"names": "Acme"}).status_code == 200


# A kept list


def kept_address(client, **fields: str) -> str:
    fields = {"names": "Acme\nOrange Bank", "choice-1": "orange", "keep": "yes"} | fields
    response = client.post(ADDRESS, fields)
    assert response.status_code == 302
    return response["Location"]


def test_a_saved_list_gets_a_url_that_cannot_be_guessed(client):
    address = kept_address(client)

    token = address.removeprefix("/check/kept/")
    assert len(token) == 32  # 192 bits
    [check] = SupplierCheck.objects.all()
    assert check.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(vars(check))
    assert check.entries == [["Acme", "", "acme"], ["Orange Bank", "orange", "orange"]]
    assert check.expires_at - check.made_at == pytest.approx(
        datetime.timedelta(days=30), abs=datetime.timedelta(minutes=1)
    )


def test_no_list_is_stored_unless_the_box_is_ticked(client):
    response = client.post(ADDRESS, {"names": "Acme", "take": "link"})

    assertContains(response, "Not kept. Tick the box first.")
    assert SupplierCheck.objects.count() == 0


def test_a_saved_list_shows_current_statuses_and_the_choices_made(client):
    address = kept_address(client)
    a_signing(a_company("Later"), pact=a_pact())
    orange = CompanyRedirect.objects.create(old_slug="orange-old", company=a_company("Nova"))
    SupplierCheck.objects.update(entries=[["Later", ""], ["Orange Bank", orange.old_slug]])

    response = client.get(address)

    assert results(response) == [("Later", "Later", 100), ("Orange Bank", "Nova", None)]
    assertContains(response, "This list is kept until")
    assertContains(response, "statuses as of today")


def test_a_saved_list_is_not_cached_or_indexed(client):
    response = client.get(kept_address(client))

    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assertContains(response, '<meta name="robots" content="noindex, nofollow">')
    assertNotContains(response, "canonical")
    assert "ETag" not in response


def test_a_saved_list_can_be_read_in_the_other_language(client):
    assert client.get(f"/fr{kept_address(client)}").status_code == 200


def test_the_link_of_a_saved_list_lets_its_holder_delete_it(client):
    address = kept_address(client)
    assert client.get(address).status_code == 200

    assertContains(client.post(address), "The list is deleted")

    assert SupplierCheck.objects.count() == 0
    assertContains(client.get(address), "There is no list at this address.", status_code=404)


def test_an_expired_list_is_not_found_even_before_it_is_deleted(client):
    address = kept_address(client)
    SupplierCheck.objects.update(expires_at=timezone.now())

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


@pytest.mark.parametrize(
    "token", ["x", "x" * 32, "%E2%80%AE", "a" * 3000], ids=["short", "wrong", "mark", "long"]
)
def test_an_unknown_link_is_not_found(client, token):
    kept_address(client)

    assertContains(
        client.get(f"/check/kept/{token}"), "There is no list at this address.", status_code=404
    )


def test_expired_lists_are_deleted_and_the_others_kept(client, capsys):
    old, new = kept_address(client), kept_address(client)
    token = old.rpartition("/")[2]
    SupplierCheck.objects.filter(token_hash=hashlib.sha256(token.encode()).hexdigest()).update(
        expires_at=timezone.now() - datetime.timedelta(seconds=1)
    )

    call_command("personal_data", "expire")

    assert "list: 1 deleted.\n" in capsys.readouterr().out
    assert client.get(new).status_code == 200


# Queries and limits


def test_a_company_that_was_renamed_is_found_by_its_new_name_at_once(client):
    acme = a_company("Before")
    assert results(client.post(ADDRESS, {"names": "Before"}))[0][1] == "Before"

    acme.name = "Zyxwv"
    acme.save()

    assert results(client.post(ADDRESS, {"names": "Zyxwv"}))[0][1] == "Zyxwv"


def test_too_many_lists_in_a_short_time_are_refused_for_a_while(client):
    for _ in range(check.MOST_CHECKS):
        assert client.post(ADDRESS, {"names": "Acme"}).status_code == 200

    response = client.post(ADDRESS, {"names": "Acme"})

    assert response.status_code == 429
    assert response["Retry-After"] == "600"
    assertContains(response, "Wait a few minutes", status_code=429)
    other = client.post(ADDRESS, {"names": "Acme"}, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200


def test_the_form_itself_is_never_limited(client):
    for _ in range(check.MOST_CHECKS + 1):
        assert client.get(ADDRESS).status_code == 200


# Whether names changed (2), companies, other names, former ids, refused matches; the pact and its
# signatories; companies with periods, their citations and reports; the companies suggested;
# the full lists (3). The roster, which is kept until the register changes (8).
QUERIES = 24


@pytest.mark.parametrize("number", [2, 5])
def test_the_number_of_queries_does_not_depend_on_the_length_of_the_list(
    client, django_assert_num_queries, number
):
    names = []
    for _ in range(number):
        signing = a_signing()
        a_citation(signing=signing)
        names += [signing.company.name, f"Orange {signing.company.name}"]
    with django_assert_num_queries(QUERIES):
        response = client.post(ADDRESS, {"names": "\n".join(names)})
    assert len(response.context["result"].matched) == number


# The reader's own columns


OWN = b"Vendor no;Supplier;Contact\n7;Acme;Ann\n8;Acme;Bob\n9;Orange Bank;\n;Nemo;=x\n"


def the_file(response) -> list[list]:
    book = load_workbook(io.BytesIO(response.content))
    return [[cell.value for cell in row] for row in book["companies"].iter_rows()]


def sent_back(response) -> dict[str, str]:
    """What the form of a result page holds, as a browser sends it."""
    return {"names": "\n".join(response.context["names"]), "columns": response.context["columns"]}


def test_the_readers_own_columns_are_shown_beside_each_name_and_in_the_file(client):
    page = client.post(ADDRESS, {"file": a_file(OWN)})
    assert [name for name, _company, _score in results(page)] == [
        "Acme",
        "Acme",
        "Orange Bank",
        "Nemo",
    ]
    assertContains(page, "Vendor no: 8 · Contact: Bob")

    rows = the_file(client.post(ADDRESS, sent_back(page) | {"download": "xlsx"}))

    assert rows[0] == [*HEADERS, "Vendor no", "Contact"]
    assert [row[-2:] for row in rows[1:]] == [
        ["7", "Ann"],
        ["8", "Bob"],
        ["9", None],
        [None, "=x"],
    ]


def test_checking_the_result_file_again_does_not_duplicate_our_columns(client):
    page = client.post(ADDRESS, {"file": a_file(OWN)})
    file = client.post(ADDRESS, sent_back(page) | {"download": "xlsx"}).content

    again = client.post(ADDRESS, {"file": a_file(file, "again.xlsx")})

    rows = the_file(client.post(ADDRESS, sent_back(again) | {"download": "xlsx"}))
    assert rows[0] == [*HEADERS, "Vendor no", "Contact"]


def test_a_column_with_the_name_of_ours_is_marked_as_the_readers(client):
    page = client.post(ADDRESS, {"file": a_file(b"Supplier;Since\nAcme;2019\n")})

    rows = the_file(client.post(ADDRESS, sent_back(page) | {"download": "xlsx"}))

    assert rows[0][-1] == "Since (your list)"
    assert rows[1][-1] == "2019"


@pytest.mark.parametrize(
    "columns",
    ["x", "[]", "{}", "[1, 2]", '[["a"], [["b"]]]', '[["a"], [[], []]]', "[" * 50_000, "null"],
)
def test_columns_with_another_length_than_the_names_are_left_out(client, columns):
    page = client.post(ADDRESS, {"names": "Acme\nNemo", "columns": columns})

    assert [row.own for row in page.context["result"].rows] == [[], []]


def test_a_saved_list_does_not_store_the_readers_columns(client):
    page = client.post(ADDRESS, {"file": a_file(OWN)})
    client.post(ADDRESS, sent_back(page) | {"keep": "yes"})

    assert "Ann" not in str(list(SupplierCheck.objects.values()))


# Questions


def test_names_that_may_mean_the_same_company_are_one_question(client):
    names = "Orange Bank\nAcme Bank\nOrange Services"

    page = client.post(ADDRESS, {"names": names})
    assertContains(page, "3 names, 2 companies: which are yours?")
    first = page.context["result"].questions[0]
    assert [row.found.name for row in first.rows] == ["Orange Bank", "Orange Services"]
    assertContains(page, 'name="choice-0-2" value="orange"')

    chosen = client.post(ADDRESS, {"names": names, "choice-0-2": "orange", "choice-2": "-"})

    assert results(chosen)[0][1] == "Orange"
    assert chosen.context["result"].rows[2].is_refused
    assertContains(chosen, "1 name may mean one company: is it yours?")  # Acme Bank


def test_names_that_were_decided_are_no_longer_questions(client):
    answers = {"choice-0": "orange", "choice-1": "-"}
    page = client.post(ADDRESS, {"names": "Orange Bank\nAcme Bank"} | answers)

    assertContains(page, "<h2>Your choices</h2>", html=True)
    assertNotContains(page, "Nothing is matched until you confirm")


@pytest.mark.parametrize(
    "field", ["choice-9", "choice-", "choice--1", "choice-0-", "choice-\u0661"]
)
def test_a_choice_for_a_name_outside_the_list_is_ignored(client, field):
    response = client.post(ADDRESS, {"names": "Orange Bank", field: "orange"})

    assert results(response) == [("Orange Bank", "?", None)]


def test_weak_suggestions_are_hidden_beside_a_strong_one():
    good, near, weak = (Suggestion(n, "x", score, None) for n, score in ((1, 93), (2, 88), (3, 70)))

    assert likely([good, near, weak]) == (good, near)
    assert likely([near, weak]) == (near,)
    assert likely([weak]) == (weak,)
    assert likely([]) == ()


def test_an_example_fills_the_form_with_names_of_the_register(client):
    page = client.post(ADDRESS, {"example": "yes", "names": ""})

    names = page.context["names"].splitlines()
    assert names[0] == "ACME"
    assert "Nemo" in names
    assertContains(page, "ACME\nNemo")
    assert client.post(ADDRESS, {"names": page.context["names"]}).status_code == 200


def test_the_file_explains_the_three_possible_results(client):
    content = client.post(ADDRESS, {"names": "Acme", "download": "xlsx"}).content

    cover = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content))["about"]]
    [said] = [row[1] for row in cover if row[0] == "Result"]
    assert all(f"“{word}”" in said for word in ("matched", "unsure", "not on the register"))


# Following a kept list


@pytest.fixture
def fifty(client):
    """A kept list of fifty names, all but the last of which the register has."""
    pact = a_pact()
    for number in range(49):
        absent(a_company(f"Nordlicht {number:02}"), pact)
    absent(a_company("Unlisted"), pact)
    names = [f"Nordlicht {number:02}" for number in range(49)]
    names.append("Sonnenschein Holding")
    return kept_address(client, **{"names": "\n".join(names), "choice-1": ""})


def absent(company, pact):
    a_signing(company, "not_signed", pact=pact, since_basis="observed")


def news(client, address: str) -> list[str]:
    return [item["title"] for item in client.get(f"{address}/feed.json").json()["items"]]


@pytest.mark.history
def test_the_feed_of_a_saved_list_has_only_the_changes_of_its_companies(client, fifty):
    assert news(client, fifty) == []
    touched = Company.objects.get(slug="nordlicht-07")
    signing = touched.signings.get()

    signing.reason_en = "Better words."
    save(signing, reason="wording")
    sign(touched)
    other = Company.objects.get(slug="unlisted").signings.get()
    sign(other.company)
    save(
        CompanyName(company_id=other.company_id, name="Sonnenschein Holding", kind="alias"),
        reason="found",
    )

    told = news(client, fifty)
    assert len(told) == 2
    assert told[0] == "“Sonnenschein Holding” on your list: we know it now as Unlisted"
    assert told[1].startswith("Nordlicht 07")


def sign(company):
    [present] = company.signings.all()
    change_status(
        company=company,
        pact=present.pact,
        status="signed",
        since=PartialDate(datetime.date(2025, 6, 1)),
        since_basis="stated",
        source=a_source(f"{company.slug}-signs", url=f"https://example.org/{company.slug}"),
        quote=f"{company.name} signed the EU AI Pact on 1 June 2025.",
        change_reason="it said so",
        seen=present,
    )


def test_a_list_with_a_feed_reader_does_not_expire(client, fifty):
    SupplierCheck.objects.update(expires_at=timezone.now() + datetime.timedelta(days=2))

    client.get(f"{fifty}/feed.atom")

    [check] = SupplierCheck.objects.all()
    assert check.expires_at > timezone.now() + datetime.timedelta(days=29)


def test_the_feed_of_a_saved_list_is_private(client, fifty):
    answer = client.get(f"{fifty}/feed.atom")

    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get("/check/kept/nobody/feed.atom").status_code == 404
    assertContains(client.get(fifty), "/feed.atom")
