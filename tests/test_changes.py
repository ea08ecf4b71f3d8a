"""The public history: which lines an edit publishes, and that it cannot be rewritten."""

import datetime
import hashlib
import json
import sys
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyName,
    PartialDate,
    Pledge,
    ProgressReport,
    RegisterVersion,
    Signing,
    Source,
)
from companies.register.history import (
    UnitOfWork,
    current_version,
    delete,
    new_version,
    save,
    unit_of_work,
    values_of,
)
from companies.register.publishing.publish import entries_of
from companies.register.statuses import change_status, undo_status_change

from .append_only import lifted
from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from .change_lines import line, lines
from .packages import a_package, load

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def published_lines() -> list[str]:
    """Every line so far, the oldest first."""
    return lines()


def lines_of_edit(edit) -> list[str]:
    """The lines that `edit` publishes, beside that of the pact itself."""
    a_pact()
    before = len(published_lines())
    edit()
    return published_lines()[before:]


def test_a_new_signatory_is_published_with_the_list_that_first_named_it():
    source = a_source(
        "list", kind=Source.Kind.OFFICIAL_LIST, published_on=datetime.date(2024, 10, 9)
    )
    company = a_company("OVHcloud")

    def sign():
        with unit_of_work():
            a_citation(signing=a_signing(company), source=source)

    assert lines_of_edit(sign) == ["OVHcloud: signed, first seen on the list of 9 October 2024"]


@pytest.mark.parametrize(
    ("status", "since", "words"),
    [
        ("not_signed", "2024-10-09", "not on the list, first found missing on 9 October 2024"),
        ("removed", "2024-10-09", "no longer listed, first found missing on 9 October 2024"),
        ("signed", "2024-09-25", "signed, first named on 25 September 2024"),
        (
            "interested",
            "2024-09-25",
            "in the network, not a signatory, first named on 25 September 2024",
        ),
    ],
)
def test_a_change_does_not_claim_more_than_the_list_shows(status, since, words):
    source = a_source(kind=Source.Kind.OFFICIAL_LIST, published_on=datetime.date(2024, 10, 9))
    company = a_company("Acme")

    def begin():
        with unit_of_work():
            signing = a_signing(company, status, since=datetime.date.fromisoformat(since))
            a_citation(signing=signing, source=source)

    assert lines_of_edit(begin) == [f"Acme: {words}"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"since_basis": "stated", "since": datetime.date(2024, 9, 25)},
            "signed on 25 September 2024",
        ),
        (
            {"since_basis": "stated", "since_precision": "month"},
            "signed in October 2024",
        ),
        ({"since_basis": "first_seen"}, "signed, first named on 9 October 2024"),
        (
            {"since_basis": "observed", "status": "removed"},
            "no longer listed, as seen on 9 October 2024",
        ),
        (
            {"since_basis": "observed", "status": "not_signed", "since_precision": "year"},
            "not on the list, as seen in 2024",
        ),
    ],
)
def test_a_change_is_worded_only_as_certainly_as_the_source_of_the_status(fields, words):
    company = a_company("Acme")

    assert lines_of_edit(lambda: a_signing(company, **fields)) == [f"Acme: {words}"]


def test_a_change_about_another_pact_names_that_pact():
    code = a_pact("gpai-code", name_en="General-Purpose AI Code of Practice")
    company = a_company("Acme")

    assert lines_of_edit(lambda: a_signing(company, pact=code, since_basis="stated")) == [
        "Acme: signed on 9 October 2024 (General-Purpose AI Code of Practice)"
    ]


def test_a_new_company_that_signs_is_published_as_one_line():
    a_commitment("governance")
    source = a_source()

    def add():
        with unit_of_work():
            change_status(
                company=a_company("Acme"),
                pact=a_pact(),
                status="signed",
                since=PartialDate.parse("2024-10-09"),
                since_basis="first_seen",
                source=source,
                quote="Acme",
                change_reason="test",
            )

    assert lines_of_edit(add) == ["Acme: signed, first named on 9 October 2024"]


def test_a_changed_status_is_published_as_one_line():
    company = a_company("Acme")
    a_signing(company)
    source = a_source()

    assert lines_of_edit(
        lambda: change_status(
            company=company,
            pact=a_pact(),
            status="withdrawn",
            since=PartialDate.parse("2026-01-05"),
            since_basis="stated",
            source=source,
            quote="Acme left the Pact on 5 January 2026, said its spokesperson.",
            own_words="has_left",
            seen=company.signings.get(),
            change_reason="test",
        )
    ) == ["Acme: withdrew on 5 January 2026"]


def a_unit_on(number: int) -> UnitOfWork:
    """New companies that each sign, and as many old ones that each leave."""
    unit, pact = UnitOfWork(), a_pact()
    for pk in range(1, number + 1):
        joined, left = (Company(pk=k, slug=f"c-{k}", name=f"C {k}") for k in (pk, number + pk))
        began, ended, followed = (
            Signing(pk=number * k + pk, company=company, pact=pact, status=status, since=since)
            for k, company, status, since in (
                (0, joined, "signed", datetime.date(2025, 1, 1)),
                (1, left, "signed", datetime.date(2024, 10, 9)),
                (2, left, "withdrawn", datetime.date(2025, 1, 1)),
            )
        )
        before = {ended.pk: values_of(ended)}
        ended.until = followed.since
        unit.add_new([joined, began, followed])
        unit.add_changed([ended], before)
    return unit


def calls_to_publish(unit: UnitOfWork) -> int:
    """How many function calls the lines of `unit` take: the same on a busy machine."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        entries = entries_of(unit)
    finally:
        sys.setprofile(None)
    assert len(entries) == len(unit.rows)
    return calls


def test_the_work_of_publishing_grows_with_the_number_of_companies_and_not_with_its_square():
    assert calls_to_publish(a_unit_on(200)) < 2.5 * calls_to_publish(a_unit_on(100))


def test_an_undone_status_is_published_as_a_correction():
    company = a_company("Acme")
    signing = a_signing(company, "declined", since_basis="stated")

    assert lines_of_edit(lambda: undo_status_change(signing, change_reason="a slip")) == [
        "Acme: entry withdrawn: “publicly declined” since 9 October 2024"
    ]
    assert Change.objects.latest("number").cause == Change.Cause.CORRECTION


EDITS = [
    ({"name": "Acme SE"}, "Acme SE: name: Acme SE, before: Acme", True),
    ({"country": "FR"}, "Acme: country of headquarters: France, before: Germany", True),
    ({"country": ""}, "Acme: country of headquarters: no longer Germany", True),
    ({"size": "large"}, "Acme: size: large, before: unknown", True),
    ({"website": "https://acme.example"}, "Acme: website: https://acme.example", False),
    ({"description": "x" * 200}, "Acme: description reworded", False),
]


@pytest.mark.parametrize(("fields", "line", "material"), EDITS)
def test_an_edited_field_is_published_with_its_old_and_new_value(fields, line, material):
    company = a_company("Acme", country="DE")
    for name, value in fields.items():
        setattr(company, name, value)

    assert lines_of_edit(lambda: save(company, "test")) == [line]
    assert Change.objects.latest("number").material is material


def test_a_change_stores_codes_for_programs_beside_the_sentence():
    company = a_company("Acme", sector=a_sector("software"))
    company.sector = a_sector("telecom")

    save(company, "test")

    change = Change.objects.latest("number")
    assert (change.table, change.key) == ("companies", {"slug": "acme"})
    assert (change.company_slug, change.kind) == ("acme", "profile")
    assert change.fields == {"sector": ["software", "telecom"]}


def test_saving_a_row_without_changes_publishes_nothing():
    company = a_company("Acme")

    assert lines_of_edit(lambda: save(company, "nothing")) == []


ROWS = [
    (
        lambda company: CompanyName(company=company, name="Acme Corp", kind="alias"),
        "Acme: other name added: Acme Corp",
        False,
    ),
    (
        lambda company: Pledge(
            company=company,
            commitment=a_commitment("governance", title_en="Governance"),
            basis="stated",
            implementation="planned",
            implementation_basis="self_reported",
        ),
        "Acme: pledge “Governance”: planned",
        True,
    ),
    (
        lambda company: ProgressReport(
            company=company,
            pact=a_pact(),
            published_on=datetime.date(2025, 10, 1),
            url="https://acme.example/report",
        ),
        "Acme: progress report 1 published on 1 October 2025",
        True,
    ),
    (
        lambda company: Citation(company=company, source=a_source("news", title="News")),
        "Acme: evidence added: News",
        False,
    ),
]


@pytest.mark.parametrize(("build", "line", "material"), ROWS)
def test_a_row_added_to_a_record_is_published(build, line, material):
    company = a_company("Acme")
    row = build(company)

    assert line in lines_of_edit(lambda: save(row, "test"))
    assert Change.objects.latest("number").material is material


SUBJECTS = ("", "governance", "1", "news")


@pytest.mark.parametrize(
    ("build", "subject"), [(row[0], subject) for row, subject in zip(ROWS, SUBJECTS, strict=True)]
)
def test_a_change_names_the_commitment_the_report_or_the_source_it_is_about(build, subject):
    save(build(a_company("Acme")), "test")

    assert Change.objects.latest("number").subject == subject


@pytest.mark.parametrize(("build", "line", "material"), ROWS)
def test_a_row_deleted_from_a_record_is_published(build, line, material):
    row = build(a_company("Acme"))
    save(row, "test")

    assert any(
        "removed" in line or "withdrawn" in line
        for line in lines_of_edit(lambda: delete(row, "test"))
    )


def test_a_change_is_worded_in_french_too():
    source = a_source("list", kind=Source.Kind.OFFICIAL_LIST)

    with unit_of_work():
        a_citation(signing=a_signing(a_company("OVHcloud")), source=source)

    assert (
        line(Change.objects.get(kind="status"), "fr")
        == "OVHcloud: a signé, première apparition sur la liste du 9 octobre 2024"
    )


def test_loading_a_package_is_published_and_loading_it_again_is_not(tmp_path):
    package = a_package(tmp_path / "package")

    lines = lines_of_edit(lambda: load(package))

    assert "Acme: signed, first seen on a list of October 2024" in lines
    assert lines_of_edit(lambda: load(package)) == []


def test_a_load_that_replaces_publishes_what_it_removed(tmp_path):
    a_company("Gone")

    lines = lines_of_edit(lambda: load(a_package(tmp_path / "package"), "--replace"))

    assert "Gone: removed from the register" in lines


@pytest.mark.database
def test_a_unit_of_work_that_fails_writes_no_row_and_publishes_nothing():
    company = a_company("Acme")

    def fail():
        with unit_of_work():
            a_signing(company)
            raise ZeroDivisionError

    def refused():
        with pytest.raises(ZeroDivisionError):
            fail()

    assert lines_of_edit(refused) == []
    assert Signing.objects.count() == Signing.history.count() == 0


def test_a_unit_of_work_raises_the_version_once():
    before = current_version()

    with unit_of_work():
        company = a_company()
        a_signing(company)
        a_pledge(company)

    assert current_version() == before + 1


@pytest.mark.database
def test_each_unit_of_work_dates_the_version_of_the_register():
    a_company()
    RegisterVersion.objects.update(changed_at=datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC))
    before = timezone.now()

    a_signing()

    assert before <= RegisterVersion.objects.get().changed_at <= timezone.now()


@pytest.mark.database
def test_the_first_write_creates_the_register_version():
    RegisterVersion.objects.all().delete()

    new_version()
    new_version()

    assert current_version() == 2


def test_a_change_names_the_role_of_the_editor_and_never_the_person():
    reviewer = User.objects.create_user("clara")
    reviewer.groups.add(Group.objects.get(name="Reviewers"))
    editor = User.objects.create_user("emil")
    editor.groups.add(Group.objects.get(name="Editors"))

    for user in (None, editor, reviewer):
        with unit_of_work(by=user):
            save(Company(name=f"Acme {user}", slug=f"acme-{user}"), "test")

    roles = Change.objects.order_by("number").values_list("by_role", flat=True)
    assert list(roles) == ["machine", "editor", "reviewer"]
    assert Company.history.latest().history_user == reviewer


# Append-only, and the chain


@pytest.mark.database
def test_the_database_itself_refuses_to_alter_a_change():
    a_company()

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Change.objects.update(subject="nothing")


@pytest.mark.database
def test_the_database_itself_refuses_to_delete_a_change():
    a_company()

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Change.objects.all().delete()

    assert Change.objects.count() == 1


def verified() -> str:
    out = StringIO()
    call_command("verify_changes", stdout=out)
    return out.getvalue().strip()


@pytest.mark.database
def test_verify_changes_accepts_a_chain_that_nobody_altered():
    a_company("Acme")
    a_company("Bolt")

    last = Change.objects.latest("number")
    assert verified().startswith(f"All 2 changes hold. The last hash is {last.hash}.\n")


def test_the_hash_of_a_change_covers_every_other_filled_column():
    a_company("Acme")
    change = Change.objects.get()
    time = change.recorded_at.astimezone(datetime.UTC).isoformat(timespec="microseconds")

    columns = {
        "number": 1, "table": "companies", "key": {"slug": "acme"}, "fields": change.fields,
        "company_slug": "acme", "company_name": "Acme", "kind": "profile",
        "happened_precision": "day", "cause": "source", "material": False, "has_line": True,
        "recorded_at": time, "by_role": "machine", "previous_hash": "0" * 64,
    }  # fmt: skip
    text = json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert change.hash == hashlib.sha256(text.encode()).hexdigest()


def test_verify_changes_accepts_an_empty_chain():
    assert verified().startswith("All 0 changes hold.")


def tamper(edit) -> None:
    """Do what only someone with the rights of the database's owner could."""
    with lifted():
        edit()


@pytest.mark.parametrize(
    "altered",
    [
        {"table": "companie"},
        {"key": {"slug": "bolu"}},
        {"fields": {"slug": [None, "bolt"], "name": [None, "Bolu"]}},
        {"about": {"name": "x"}},
        {"company_slug": "bolu"},
        {"subject": "x"},
        {"by_role": "editor"},
        {"has_line": False},
        {"hash": "0" * 64},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_verify_changes_finds_one_altered_byte(altered):
    for name in ("Acme", "Bolt", "Core"):
        a_company(name)

    tamper(lambda: Change.objects.filter(number=2).update(**altered))

    with pytest.raises(CommandError, match="Change 2 is not what was recorded"):
        verified()


def test_verify_changes_finds_an_altered_time():
    a_company("Acme")

    tamper(
        lambda: Change.objects.update(
            recorded_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        )
    )

    with pytest.raises(CommandError, match="Change 1 is not what was recorded"):
        verified()


def test_verify_changes_finds_a_deleted_change():
    for name in ("Acme", "Bolt", "Core"):
        a_company(name)

    tamper(lambda: Change.objects.filter(number=2).delete())

    with pytest.raises(CommandError, match="expected change 2 here"):
        verified()


def test_verify_changes_finds_a_rewritten_change_by_the_hash_in_the_next_one():
    for name in ("Acme", "Bolt", "Core"):
        a_company(name)
    change = Change.objects.get(number=2)
    change.fields = {"name": [None, "Other"]}
    change.hash = change.computed_hash()

    tamper(change.save)

    with pytest.raises(CommandError, match="Change 3 is not what was recorded"):
        verified()
