"""What nobody sees enters no name and no public text, through whichever door."""

import unicodedata
from importlib import import_module
from random import Random
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from companies.models import (
    Citation,
    CleanField,
    Company,
    CompanyName,
    Correction,
    Proposal,
    Source,
)
from companies.models.fields import VerifierField
from companies.names import visible
from companies.names.visible import clean_line, clean_name, clean_text
from companies.register.history import save as save_row
from companies.register.review.uploads import BadSpreadsheet, propose_spreadsheet
from tests.builders import a_company, a_correction, a_pact, a_signing, a_source
from tests.editors import a_user, an_editor, errors, save
from tests.packages import a_package, load

pytestmark = pytest.mark.django_db

DIRTY = [  # a name as it arrives and as it is kept
    ("Tele\u200bfónica", "Telefónica"),
    ("Tele\u00adfónica", "Telefónica"),
    ("Tele\u2060fónica\ufeff", "Telefónica"),
    ("\u200c\u200dSAP\ufe0f", "SAP"),
    ("SAP\U000e0041\U000e007f", "SAP"),
    ("SAP\x00\x07\x1b\x9f SE", "SAP SE"),
    ("SAP_x000D_ SE_x000d_", "SAP SE"),
    ("SAP_x000D__x000A_SE", "SAP SE"),
    ("AI &amp; Partners", "AI & Partners"),
    ("AI &amp;amp; Partners", "AI & Partners"),
    ("AI &amp;amp;amp;amp; Partners", "AI & Partners"),
    ("&lt;Arm&gt;", "<Arm>"),
    ("L&#39;Or&eacute;al", "L'Oréal"),
    ("SAP&nbsp;SE", "SAP SE"),
    ("SAP&#8203; SE", "SAP SE"),
    (" SAP \u00a0\u3000\n\t SE\u2028", "SAP SE"),
    ("Te\u0301le\u0301com", "Télécom"),
    ("SAP\u2800SE", "SAP SE"),
    ("SAP\u3164", "SAP"),
    ("SAP\ud800", "SAP"),
]
SEEN = ["AT&T", "R&D;", "Yahoo!", "株式会社NEC", "Ørsted", "3M", "A&reg", "Q_x0_", "C++ Labs", "é"]
SIGNS_ALONE = ["\u200b", "---", "…", "🙂", "_", "\u3164", "&amp;", "_x000D_", "\u2800", "«»"]
BIDI = ["Acme\u202e", "\u2066Acme", "Ac\u200fme", "Acme&#8238;"]


@pytest.mark.parametrize(("text", "kept"), DIRTY)
def test_a_name_is_stored_as_a_reader_sees_it(text, kept):
    assert clean_name(text) == kept
    assert clean_name(kept) == kept
    company = a_company("x", slug="x")
    company.name = text
    save_row(company, "typed")

    company.refresh_from_db()
    assert company.name == kept
    assert company.history.first().name == kept


@pytest.mark.parametrize("text", SEEN)
def test_visible_characters_are_kept(text):
    assert clean_name(text) == clean_line(text) == clean_text(text) == text


def test_a_text_keeps_its_lines_and_the_joiners_that_scripts_and_emoji_need():
    assert clean_text("one\r\ntwo\rthree\u2028four\tfive") == "one\ntwo\nthree\nfour five"
    assert clean_line("Bonjour\u00a0! \n Au  revoir") == "Bonjour\u00a0! Au revoir"
    for text in ("می\u200cخواهم", "👩\u200d💻 ❤\ufe0f", "1\ufe0f\u20e3"):
        assert clean_text(text) == text
    assert clean_text("a\u200db \u200d \ufe0fc") == "ab  c"


def test_every_invisible_character_is_removed_or_refused():
    seldom_seen = {chr(n) for n in range(0x600, 0x606)} | set("\u06dd\u070f\u08e2\u0890\u0891")
    for number in range(0x110000):
        sign = chr(number)
        category = unicodedata.category(sign)
        if category not in ("Cc", "Cf", "Cs") or sign in seldom_seen:
            continue
        if 0x110BD <= number <= 0x110CD or 0x13430 <= number <= 0x1343F:
            continue  # signs of numbers and of hieroglyphs, which are seen
        name = clean_name(f"A{sign}B")
        if name not in ("AB", "A B"):
            with pytest.raises(ValidationError):
                Company._meta.get_field("name").clean(name, None)


@pytest.mark.parametrize("text", SIGNS_ALONE)
def test_a_name_needs_a_letter_or_a_digit(text):
    for row in (Company(slug="x", name=text), CompanyName(company=a_company(), kind="alias")):
        row.name = text
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert {"A name needs a letter or a digit.", "This field cannot be blank."} & set(
            refused.value.messages
        )


@pytest.mark.database
@pytest.mark.parametrize("model", [Company, CompanyName])
def test_the_database_refuses_a_name_of_signs_alone(model):
    fields = {"slug": "x"} if model is Company else {"company": a_company(), "kind": "alias"}

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([model(name="…", **fields)])


@pytest.mark.parametrize("text", BIDI)
def test_a_mark_that_changes_the_reading_order_is_refused_in_every_text(text):
    for model in (Company, Source, Citation, Correction):
        for field in model._meta.concrete_fields:
            if isinstance(field, CleanField) and not isinstance(field, VerifierField):
                with pytest.raises(ValidationError, match="reading order"):
                    field.clean(text, None)


def test_every_public_text_field_is_cleaned():
    """Codes, addresses, hashes and what the program words need no cleaning."""
    exempt = {"code", "slug", "receipt", "language", "country", "difference", "file_name", "etag"}
    exempt |= {"copy_sha256", "part_because", "remarks", "stated"}
    exempt |= {"table", "query"}  # of saved filters and followers: addresses
    exempt |= {"address", "host", "secret", "message_id", "key", "company_slug"}
    exempt |= {"last_modified", "refusal", "token_hash", "sha256", "old_slug", "merged_slug"}
    for model in apps.get_app_config("companies").get_models():
        # What the program writes itself: history, changes, and the read table.
        if model.__name__.startswith(
            (
                "Historical",
                "Change",
                "CompanyRow",
                "NameKey",
                "StatusRow",
                "ToldAlert",
                "StatusNotice",
            )
        ):
            continue
        for field in model._meta.concrete_fields:
            is_text = type(field) in (models.CharField, models.TextField)
            assert not is_text or field.choices or field.name in exempt, field


# The doors


def test_the_admin_stores_the_visible_text_of_what_an_editor_types():
    client, company = an_editor(), a_company("Acme")

    response = save(
        client, company, name="Ac\u200bme &amp;amp; Co_x000D_", description="one\u00ad\u200btwo"
    )

    assert not errors(response)
    company.refresh_from_db()
    assert (company.name, company.description) == ("Acme & Co", "onetwo")
    assert "A name needs a letter or a digit." in errors(save(client, company, name="…"))


def test_a_name_that_differs_only_in_invisible_characters_is_a_duplicate():
    client, company = an_editor(), a_company("Other")
    a_company("Telefónica")

    response = save(client, company, name="Tele\u200bfónica")

    assert "A company with this name is already on the register." in errors(response)


def uploaded(text, **fields):
    return propose_spreadsheet(
        fields.get("pact") or a_pact(),
        text.encode(),
        file_name="upload.csv",
        source=a_source(),
        by=a_user(),
    )


def test_an_upload_finds_a_company_despite_invisible_characters():
    a_signing(a_company("Telefónica", legal_name="Telefónica, S.A."))

    run = uploaded("company;legal name\nTele\u00adfónica;Telefónica,\u200b S.A.\nNe\u200bw;\n")

    [new] = run.proposals.all()
    assert (new.action, new.new_name) == (Proposal.Action.NEW_COMPANY, "New")
    assert run.listed[0]["name"] == "Telefónica"


def test_an_upload_refuses_a_name_without_letters_or_digits():
    with pytest.raises(BadSpreadsheet) as refused:
        uploaded("company;country\n\u200b;FR\n***;DE\nAcme;FR\n")

    assert [(fault.line, fault.reason) for fault in refused.value.faults] == [
        (2, "A name needs a letter or a digit."),
        (3, "A name needs a letter or a digit."),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("acme,Ac\u200bme Corporation,alias", "It is kept as “Acme Corporation”."),
        ("acme,Acme &amp; Co,alias", "It is kept as “Acme & Co”."),
        ("acme,***,alias", "A name needs a letter or a digit."),
    ],
)
def test_a_package_with_invisible_characters_in_a_name_is_refused(tmp_path, line, said):
    with pytest.raises(Exception, match="name") as refused:
        load(a_package(tmp_path / "package", company_names=[line]))

    assert said in str(refused.value)


def test_a_correction_is_stored_without_invisible_characters():
    correction = a_correction(message="The name\u200b is &amp;amp; wrong.", company_name="A\u00adb")

    correction.refresh_from_db()
    assert (correction.message, correction.company_name) == ("The name is & wrong.", "Ab")


def test_the_correction_form_refuses_a_company_without_letters_or_digits(client):
    response = client.post("/corrections/new/", {"company": "\u200b…", "message": "x"})

    assert response.status_code == 400 or response.status_code == 200
    assert "A name needs a letter or a digit." in response.content.decode()


def test_the_supplier_check_finds_a_company_despite_invisible_characters(client):
    a_signing(a_company("Telefónica"))
    sheet = "Supplier,Country\nTele\u200bfónica,ES\nTele\u00adfónica,ES\n"

    page = client.post("/check/", {"file": SimpleUploadedFile("s.csv", sheet.encode())})

    body = b"".join(page.streaming_content) if page.streaming else page.content
    assert body.decode().count("/companies/telefonica/") >= 2


# The migration that cleans what was stored before

BEFORE = [("companies", "0023_evidence_of_a_status")]
CLEANING = "companies.migrations.0024_names_that_can_be_seen"


def companies_of_before():
    return {name: a_company(name).pk for name in ("Acme", "Bolt", "Tele")}


def store_as_before(ids, **unreadable):
    """Names as 0023 took them, through its models; the models."""
    executor = MigrationExecutor(connection)
    old = executor.loader.project_state(BEFORE).apps
    rows, names = (old.get_model("companies", name) for name in ("Company", "CompanyName"))
    rows.objects.filter(pk=ids["Acme"]).update(name="---", **unreadable)
    rows.objects.filter(pk=ids["Tele"]).update(name="Te\u200ble", legal_name="Tele &amp; Co")
    for number, name in enumerate(("…", "B\u00adolt SA", "Bolt SA")):
        row = names.objects.create(company_id=ids["Bolt"], name=str(number), kind="alias")
        names.objects.filter(pk=row.pk).update(name=name, **(unreadable if number == 0 else {}))
    return old


def assert_clean(said):
    assert "acme: the name '---' becomes the public id" in said
    assert sorted(Company.objects.values_list("name", "legal_name")) == [
        *(("Bolt", ""), ("Tele", "Tele & Co"), ("acme", "")),
    ]
    assert list(CompanyName.objects.values_list("name", flat=True)) == ["Bolt SA"]
    assert Company.objects.get(name="Tele").history.first().name == "Tele"


@pytest.mark.database
def test_the_migration_cleans_the_stored_names(capsys):
    old = store_as_before(companies_of_before(), name_folded="-")

    import_module(CLEANING).clean_stored(old, SimpleNamespace(connection=connection))

    assert_clean(capsys.readouterr().out)


@pytest.mark.long  # the same among all migrations; 0024 is released and never changes
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_an_upgrade_cleans_the_stored_names(capsys):
    ids = companies_of_before()
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        store_as_before(ids, name_folded="")
        capsys.readouterr()
    finally:
        call_command("migrate", verbosity=0, interactive=False)

    assert_clean(capsys.readouterr().out)


def test_a_plain_text_is_cleaned_in_one_step_as_in_all(monkeypatch):
    letters = [chr(code) for code in range(0x2100)]
    random = Random(1)
    texts = [*letters, *(f"a{one}b" for one in letters), "a  b", "A&amp;B", "_x0041_"]
    texts += ["".join(random.choices(letters, k=4)) for _ in range(5_000)]
    quickly = [(clean_name(one), clean_line(one), clean_text(one)) for one in texts]

    monkeypatch.setattr(visible, "_is_plain", lambda text: False)

    assert quickly == [(clean_name(one), clean_line(one), clean_text(one)) for one in texts]
