"""A package loaded into an empty register by the quick way is what the careful way writes."""

import csv
import gc
import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from benchmarks import package
from companies.models import Change, Company, RegisterVersion
from companies.queries.recorded import tables
from companies.register import read_table
from companies.register.filling import column_values, first_entries, quick_load
from companies.register.filling.quick_load import load_folder
from companies.register.package import BrokenPackage, dump, load
from companies.register.package.row_rules import value_of
from companies.register.publishing import chain, replay

SEED = Path(__file__).parent.parent / "companies" / "data"
VOLATILE = ("number", "recorded_at", "hash", "previous_hash")


def written(load_it):
    """Everything that a load leaves, and nothing of it afterwards."""
    with transaction.atomic():
        said = str(load_it())
        files = dict(dump())
        changes = list(Change.objects.order_by("number").values())
        faults = replay.differences(chain.in_order()), chain.verify(chain.in_order())[1]
        history = {
            model.__name__: sorted(
                model.history.values_list("history_type", "history_change_reason", "history_user"),
                key=str,
            )
            for model in tables()
        }
        version = RegisterVersion.objects.get().number
        transaction.set_rollback(True)
    for change in changes:
        for name in VOLATILE:
            del change[name]
    return said, files, changes, history, faults, version


def quickly(folder, monkeypatch):
    """A load that must not fall back to the careful way."""
    with monkeypatch.context() as patch:
        patch.setattr(quick_load, "GIVING_UP", ())
        return written(lambda: load_folder(folder, reason="test"))


def carefully(folder):
    files = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    return written(lambda: load(files, reason="test"))


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invented")
    package.write(folder, 30)
    return folder


@pytest.mark.database
@pytest.mark.django_db
def test_the_fast_and_the_normal_load_write_the_same_rows_history_and_changes(
    invented, monkeypatch
):
    assert quickly(invented, monkeypatch) == carefully(invented)


@pytest.mark.long
@pytest.mark.django_db
def test_the_fast_and_the_normal_load_write_the_seed_register_alike(monkeypatch):
    quick, careful = quickly(SEED, monkeypatch), carefully(SEED)
    assert sorted(map(str, quick[2])) == sorted(map(str, careful[2]))
    assert quick[:2] + quick[3:] == careful[:2] + careful[3:]


@pytest.mark.django_db
def test_a_fast_load_hashes_special_characters_like_a_change_does(invented, tmp_path, monkeypatch):
    folder = shutil.copytree(invented, tmp_path / "package")
    signings = folder / "signings.csv"
    with signings.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["reason_en"] = 'It said "100 %s" \\ {no}\nand é, 💶, \u00a0 or {0:d}.'
        row["reason_fr"] = "%(number)s % % \\u00e9 </script>"
    with signings.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        lines.writeheader()
        lines.writerows(rows)

    said, _files, changes, _history, faults, _version = quickly(folder, monkeypatch)

    assert f"{len(rows)} signings" in said
    assert sum("💶" in str(change["fields"]) for change in changes) == len(rows)
    assert faults == ([], None)


@pytest.mark.database
@pytest.mark.django_db
def test_the_fast_load_restores_all_indexes(invented, monkeypatch):
    def indexes():
        with connection.cursor() as cursor:
            return {
                model._meta.db_table: connection.introspection.get_constraints(
                    cursor, model._meta.db_table
                )
                for model in apps.get_app_config("companies").get_models()
            }

    before = indexes()
    quickly(invented, monkeypatch)  # rolled back
    with monkeypatch.context() as patch:
        patch.setattr(quick_load, "GIVING_UP", ())
        load_folder(invented, reason="test")

    assert indexes() == before


@pytest.mark.django_db
def test_a_load_leaves_the_garbage_collector_as_it_was(invented):
    before = gc.get_threshold()

    load_folder(invented, reason="test")

    assert gc.get_threshold() == before


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("broken", [False, True])
def test_constraints_are_checked_again_after_a_fast_load(invented, monkeypatch, broken):
    if broken:
        monkeypatch.setattr(first_entries, "write_values", lambda *of: next(iter(())))
        with pytest.raises(StopIteration):
            load_folder(invented, reason="test")
    else:
        load_folder(invented, reason="test")

    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterVersion.objects.create(pk=2)


@pytest.mark.django_db
def test_more_companies_mean_no_more_texts_that_are_cleaned_one_by_one(tmp_path, monkeypatch):
    """Of each field as many as differ; ordinary names, quotes, URLs and public ids pass."""
    cleaned = []

    def counted(table, column, text, row=None):
        cleaned.append((table.name, column))
        return value_of(table, column, text, row)

    monkeypatch.setattr(column_values, "value_of", counted)
    numbers = []
    for size in (40, 120):
        package.write(tmp_path / str(size), size)
        with transaction.atomic():
            load_folder(tmp_path / str(size), reason="test")
            transaction.set_rollback(True)
        days = {"since", "until", "about_on", "as_of", "published_on", "retrieved_on"}
        numbers.append(len([one for one in cleaned if one[1] not in days]))
        cleaned.clear()

    assert numbers[1] < numbers[0] + 40


@pytest.mark.database
@pytest.mark.django_db
def test_a_company_of_the_fast_load_is_found_by_a_part_of_its_name(invented, client):
    read_table.rebuild()
    load_folder(invented, reason="test")
    name = Company.objects.order_by("-pk")[0].name

    assert name in client.get("/companies/", {"q": name[2:-1]}).content.decode()


@pytest.mark.django_db
def test_the_fast_load_refuses_overlapping_periods_with_the_same_message(invented, tmp_path):
    folder = shutil.copytree(invented, tmp_path / "package")
    signings = folder / "signings.csv"
    lines = signings.read_text().splitlines()
    columns = lines[0].split(",")
    row = dict(zip(columns, lines[1].split(","), strict=True))
    row |= {"since": "2024-09-26", "until": "2026-01-01", "since_basis": "observed"}
    signings.write_text("\n".join([*lines, ",".join(row[name] for name in columns)]) + "\n")

    with pytest.raises(BrokenPackage, match=r"signings\.csv:2: overlaps the period"):
        load_folder(folder, reason="test")


BROKEN = {
    "a name of two companies": ("company_names.csv", 1, None),
    "a column that is missing": ("companies.csv", 0, b"slug,name\n"),
    "a status that is none": ("signings.csv", None, (b",signed,", b",maybe,")),
    "a day before the pact": ("signings.csv", None, (b",2024-10-09,", b",2023-10-09,")),
    "a source that is not there": ("citations.csv", None, (b",official-list,", b",elsewhere,")),
    "a citation twice": ("citations.csv", -1, None),
    "a period twice": ("signings.csv", -1, None),
    "bytes that are no text": ("sources.csv", -1, b"\xff\xfe\n"),
    "a company that left, and no word of its own": (
        "citations.csv",
        None,
        (b",has_left,", b",,"),
    ),
    "lists that name other companies": (
        "citations.csv",
        None,
        ("« ".encode(), "« Un".encode()),
    ),
    "a byte that is no letter": ("sources.csv", None, (b"Document no. 1", b"Document\0no. 1")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BROKEN)
def test_the_fast_load_reports_each_fault_with_the_same_message(invented, tmp_path, what):
    folder = shutil.copytree(invented, tmp_path / "package")
    name, line, put = BROKEN[what]
    broken = folder / name
    content = broken.read_bytes()
    if line is None:
        broken.write_bytes(content.replace(*put))
    else:
        lines = content.splitlines(keepends=True)
        if put is None:
            lines.append(lines[line])
        else:
            lines[line] = put
        broken.write_bytes(b"".join(lines))

    with pytest.raises(BrokenPackage) as told:
        load({path.name: path.read_bytes() for path in folder.glob("*.csv")}, reason="test")
    with pytest.raises(BrokenPackage) as quick:
        load_folder(folder, reason="test")
    assert str(quick.value) == str(told.value)
    assert not Company.objects.exists()
