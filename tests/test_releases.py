"""Releases: whole, never written again, made from the one before, and proved by a signature."""

import hashlib
import json
import runpy
import shutil
import sys
import threading
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from companies.models import Change, Company
from companies.register.history import save
from companies.register.open_data import file_formats
from companies.register.open_data import releases as release_module
from companies.register.open_data.deltas import Package, schema_changes, write_delta
from companies.register.open_data.public_files import parts_of
from companies.register.open_data.released import releases
from companies.register.package import TABLES, dump, dumping
from companies.register.package.dumping import csv_of, csv_parts
from companies.register.package.tables import BY_NAME, without_computed
from companies.register.publishing.replay import Replay
from tests.append_only import lifted
from tests.builders import a_citation, a_company, a_signing
from tests.packages import a_package, load
from tests.sampling import seeds
from tests.test_replay import an_edit

pytestmark = [pytest.mark.django_db, pytest.mark.history]
EXAMPLES = Path(__file__).parent.parent / "examples"
KEY = "1f" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.RELEASES_DIR = tmp_path / "releases"
    settings.SIGNING_KEY = KEY
    return settings.RELEASES_DIR


def release() -> str:
    out = StringIO()
    call_command("release", stdout=out)
    return out.getvalue().strip()


def released() -> Path:
    """The folder of a new release."""
    said = release()
    assert said.startswith("Wrote "), said
    return releases()[0].folder


def an_example(name: str, *arguments: object) -> None:
    """Run an example as readers do, with these arguments."""
    before = sys.argv
    sys.argv = [name, *map(str, arguments)]
    try:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    finally:
        sys.argv = before


def package_files(path: Path) -> dict[str, bytes]:
    names = ["datapackage.json", *(f"{table}.csv" for table in Package(path).schemas)]
    return {name: (path / name).read_bytes() for name in names}


def test_a_release_has_the_package_its_checksums_and_a_citation():
    a_citation(signing=a_signing(a_company("Acme")), quote="Acme")

    made = released()

    csv_files = {name: content for name, content in dump() if name.endswith(".csv")}
    assert {name: (made / name).read_bytes() for name in csv_files} == csv_files
    for line in (made / "SHA256SUMS").read_text().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256((made / name).read_bytes()).hexdigest() == sha256
    about = json.loads((made / "release.json").read_bytes())
    assert (about["number"], about["previous"], about["rows"]["companies"]) == (1, None, 1)
    assert about["chain"]["hash"] == Change.objects.first().hash
    assert about["citation"] in (made / "citation.txt").read_text()
    assert f'version: "{made.name}"' in (made / "CITATION.cff").read_text()
    assert "Creative Commons" in (made / "LICENSE.txt").read_text()


def test_no_release_is_written_when_nothing_changed(folder):
    a_company("Acme")
    first = released()

    assert release() == "Nothing changed since the last release: none was written."
    assert [path.name for path in folder.iterdir()] == [first.name]


def test_a_release_is_never_overwritten():
    a_company("Acme")
    first = released()
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    a_company("Bolt")

    second = released()

    assert second.name == f"{first.name}-2"
    assert {path: path.read_bytes() for path in before} == before
    assert not any(path.stat().st_mode & 0o222 for path in before)


def test_a_release_describes_and_counts_its_changes():
    company = a_company("Acme", country="FR")
    a_company("Bolt")
    released()
    company.country = "DE"
    save(company, "test")
    a_company("Cobalt")

    made = released()

    assert json.loads((made / "release.json").read_bytes())["changes"] == {
        "companies": {"added": 1, "changed": 1}
    }
    english, french = (made / "CHANGES.md").read_text(), (made / "CHANGES.fr.md").read_text()
    assert "| companies | 1 | 1 | 0 |" in english
    assert "- Acme – country" in english
    assert "- Acme – pays" in french


def test_a_release_with_many_changes_lists_some_and_counts_the_rest(monkeypatch):
    company = a_company("Acme", country="FR")
    released()
    for country in ("DE", "IT", "ES"):
        company.country = country
        save(company, "test")
    monkeypatch.setattr(release_module, "MOST_LISTED", 1)

    assert (
        "2 more are listed at http://testserver/changes/."
        in (released() / "CHANGES.md").read_text()
    )


def test_the_releases_of_another_register_cannot_be_continued(folder):
    a_company("Acme")
    released()
    with lifted():
        Change.objects.update(hash="0" * 64)

    with pytest.raises(CommandError, match="it is another register"):
        release()
    assert len([*folder.iterdir()]) == 1


def test_a_release_that_fails_half_way_leaves_nothing(folder, monkeypatch):
    a_company("Acme")

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release_module, "_write_texts", fail)

    with pytest.raises(CommandError, match="No space left"):
        release()
    assert [*folder.iterdir()] == []


# A release and a delta give the next one


def next_made(before: Path, after: Path, into: Path) -> dict[str, bytes]:
    an_example("apply_delta.py", before, after / "delta", into)
    return package_files(into)


def as_before_some_columns(patch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Let releases be those of an older version, which lacks these columns and a table."""
    gone = {}
    for table in TABLES:
        if (column := (*table.later, "")[-1]) in table.fields:
            columns = {name: path for name, path in table.columns.items() if name != column}
            patch.setitem(vars(table), "columns", columns)
            gone[table.name] = [column]
    for module in (release_module, dumping, file_formats):
        patch.setattr(module, "TABLES", [one for one in TABLES if one.name != "opinions"])
    return gone | {"opinions": [*BY_NAME["opinions"].columns]}


@pytest.mark.parametrize(
    ("seed", "number"), [(1, 2), *(pytest.param(s, 25, marks=pytest.mark.long) for s in (2, 3))]
)
def test_releases_deltas_and_changes_agree_after_random_edits_and_a_schema_change(
    tmp_path, seed, number
):
    load(a_package(tmp_path / "package"))
    random = Random(seed)
    with pytest.MonkeyPatch.context() as older:
        came = as_before_some_columns(older)
        last = released()
        for place in range(number):
            if place == number // 2:
                older.undo()
            for edit in range(random.randrange(1, 9)):
                an_edit(random, 10 * (place + 1) + edit)
            release()  # none, where the edits leave all as it was
            now = releases()[0].folder
            made = tmp_path / f"made-{place}"
            assert now == last or next_made(last, now, made) == package_files(now)
            if place == number // 2:
                told = schema_changes(Package(last), Package(now))
                assert {table: columns for table, (columns, _gone) in told.items()} == came
                said = (now / "CHANGES.md").read_text()
                assert [t for t in came if f"The columns of {t} have changed." not in said] == []
            last = now

    assert rebuilt_from_the_api() == {
        name: content for name, content in package_files(last).items() if name.endswith(".csv")
    }


def rebuilt_from_the_api() -> dict[str, bytes]:
    """The files that the changes give, read page by page from the first."""
    client, path, entries = Client(), "/api/v1/changes/", []
    while path:
        answer = client.get(path).json()
        for one in answer["results"]:
            facts = {name: one[name] for name in ("number", "key", "fields")}
            entries.append(Change(table=one["table"], **facts))
        path = answer["next"] and answer["next"].removeprefix(settings.SITE_URL)
    rows = {(name, BY_NAME[name].key_of(row)): row for name, row in Replay(entries)}
    stated = without_computed(rows)
    return {
        table.file: csv_of(
            table, [row for (name, _key), row in stated.items() if name == table.name]
        )
        for table in TABLES
    }


WORDS = ["", "a", "b", "a\r", 'q"', "é,", "line\nfeed", "0"]


def a_random_package(random: Random, path: Path) -> Package:
    """Tables with and without a key, of columns that come, go and change their order."""
    resources = []
    path.mkdir()
    for table in random.sample(["t", "u", "v"], random.randrange(1, 4)):
        columns = random.sample("kmnxy", random.randrange(2, 6))
        key = random.choice([columns[:1], columns[:2], None])
        values = [{c: random.choice(WORDS) for c in columns} for _ in range(random.randrange(9))]
        if key:
            values = list({tuple(row[c] for c in key): row for row in values}.values())
        values.sort(key=lambda row: ([row[c] for c in key or ()], list(row.values())))
        (path / f"{table}.csv").write_bytes(b"".join(csv_parts(columns, map(dict.values, values))))
        schema = {"fields": [{"name": c} for c in columns]} | ({"primaryKey": key} if key else {})
        resources.append({"name": table, "path": f"{table}.csv", "schema": schema})
    (path / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return Package(path)


@pytest.mark.parametrize("seed", seeds(1))
def test_a_delta_gives_the_next_package_even_when_tables_or_columns_change(tmp_path, seed):
    random = Random(seed)
    for number in range(60):
        before, after = (a_random_package(random, tmp_path / f"{number}-{s}") for s in "ab")
        delta, made = tmp_path / f"{number}-delta", tmp_path / f"{number}-made"
        delta.mkdir()
        shutil.copy(after.folder / "datapackage.json", delta)

        write_delta(before, after, delta)

        an_example("apply_delta.py", before.folder, delta, made)
        assert package_files(made) == package_files(after.folder)


def test_a_column_that_was_added_changes_only_the_rows_that_have_it(tmp_path):
    folders = []
    for name, columns, rows in (
        ("a", ["k", "x"], [("1", "one"), ("2", "two")]),
        ("b", ["k", "x", "y"], [("1", "one", ""), ("2", "two", "!")]),
    ):
        path = tmp_path / name
        path.mkdir()
        schema = {"fields": [{"name": c} for c in columns], "primaryKey": ["k"]}
        resource = {"name": "t", "path": "t.csv", "schema": schema}
        (path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        (path / "t.csv").write_bytes(b"".join(csv_parts(columns, rows)))
        folders.append(Package(path))

    counts = write_delta(*folders, tmp_path)

    assert counts == {"t": {"changed": 1}}
    assert json.loads((tmp_path / "changed.jsonl").read_text()) == {
        "table": "t",
        "key": {"k": "2"},
        "fields": {"y": [None, "!"]},
    }


# Signatures


def verified(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("verify_receipt", path, *options, stdout=out)
    return out.getvalue().strip()


def public_key() -> str:
    return Client().get("/.well-known/pactwatch-keys.json").json()["keys"][0]["key"]


def copy_of(made: Path, path: Path) -> Path:
    shutil.copytree(made, path)
    for file in path.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return path


def refusals(receipt: Path) -> list[bool]:
    """Whether the command and the example refuse a receipt."""
    found = []
    for check in (
        lambda: verified(receipt),
        lambda: an_example("verify_receipt.py", receipt, public_key()),
    ):
        try:
            check()
        except (CommandError, SystemExit):
            found.append(True)
        else:
            found.append(False)
    return found


def test_a_receipt_is_verified_by_the_command_and_without_our_code(capsys):
    a_company("Acme")
    made = released()

    assert verified(made / "receipt.json").startswith(f"Signed: {made.name}. ")
    an_example("verify_receipt.py", made / "receipt.json", public_key())
    assert capsys.readouterr().out.startswith(f"Signed by {public_key()}; files here")


def test_one_altered_byte_of_a_receipt_fails(tmp_path):
    a_company("Acme")
    receipt = tmp_path / "alone" / "receipt.json"
    receipt.parent.mkdir()
    whole = (released() / "receipt.json").read_bytes()
    accepted = []

    for place in range(0, len(whole), 41):
        receipt.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        if refusals(receipt) != [True, True]:
            accepted.append(place)
    for altered in (whole + b" ", whole[:-1], whole.replace(b'":', b'": ', 1), whole.upper()):
        receipt.write_bytes(altered)
        assert refusals(receipt) == [True, True]

    assert accepted == []


@pytest.mark.parametrize("name", ["companies.csv", "CHANGES.md", "release.json", "SHA256SUMS"])
def test_one_altered_byte_of_a_file_fails(tmp_path, name):
    a_company("Acme")
    copy = copy_of(released(), tmp_path / "copy")
    content = (copy / name).read_bytes()

    (copy / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])

    assert refusals(copy / "receipt.json") == [True, True]


def test_a_receipt_of_another_key_is_refused_unless_that_key_is_trusted(settings):
    a_company("Acme")
    receipt, former = released() / "receipt.json", public_key()

    settings.SIGNING_KEY = "2e" * 32
    with pytest.raises(CommandError, match="a key that is not trusted"):
        verified(receipt)
    settings.FORMER_SIGNING_KEYS = [former]
    assert verified(receipt).startswith("Signed")
    settings.FORMER_SIGNING_KEYS = []
    assert verified(receipt, "--key", former).startswith("Signed")


def test_without_a_key_a_release_says_that_it_is_not_signed(client, settings):
    settings.SIGNING_KEY = ""
    a_company("Acme")

    assert release().endswith("(not signed, as SIGNING_KEY is not set).")
    with pytest.raises(CommandError, match="It is not signed"):
        verified(releases()[0].folder / "receipt.json")
    assert "This server does not sign its releases." in client.get("/data/releases/").text
    assert client.get("/.well-known/pactwatch-keys.json").json() == {
        "register": "http://testserver",
        "signs_now": False,
        "keys": [],
    }


def test_the_newest_change_is_signed(client, tmp_path):
    a_company("Acme")
    head = tmp_path / "head.json"

    head.write_bytes(client.get("/data/chain-head.json").content)

    assert verified(head) == f"Signed: change {Change.objects.first().number}."
    assert json.loads(head.read_text())["statement"]["hash"] == Change.objects.first().hash


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff", b'{"key":1}', b"1e999"])
def test_an_invalid_receipt_is_refused_with_a_sentence(tmp_path, content):
    path = tmp_path / "receipt.json"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=r"\.$"):
        verified(path)


# Pages and files


def test_the_release_pages_link_to_every_file_of_a_release(client):
    a_company("Acme")
    made = released()

    page = client.get(f"/data/releases/{made.name}/").text

    names = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()]
    for name in names:
        path = f"/data/releases/{made.name}/{name}"
        assert f'href="{path}"' in page
        assert b"".join(client.get(path)) == (made / name).read_bytes()
    assert made.name in client.get("/fr/data/releases/").text


def test_a_release_file_is_immutable_and_allows_cors(client):
    a_company("Acme")
    response = client.get(f"/data/releases/{released().name}/companies.csv")

    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Accel-Expires"] == "31536000"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_new_release_is_listed_at_once(client):
    a_company("Acme")
    assert "No release yet." in client.get("/data/releases/").text
    assert client.get("/data/releases/index.json").json()["releases"] == []

    made = released()

    assert made.name in client.get("/data/releases/").text
    (one,) = client.get("/data/releases/index.json").json()["releases"]
    assert (one["release"], one["number"]) == (made.name, 1)


@pytest.mark.parametrize(
    "path",
    ["x/", "x/companies.csv", "{}/x.csv", "{}/../../secret", "{}/delta", "{}/delta/..", "..//etc/"],
)
def test_only_release_files_are_served(client, folder, path):
    a_company("Acme")
    (folder.parent / "secret").write_text("x")
    made = released()

    assert client.get(f"/data/releases/{path.format(made.name)}").status_code == 404


def test_companies_are_counted_on_the_page_of_a_release(client):
    for name in ("Acme", "Bolt"):
        a_company(name)
    made = released()

    assert "2 rows" in client.get(f"/data/releases/{made.name}/").text
    assert Company.objects.count() == 2


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_file_is_a_consistent_snapshot_during_writes():
    if connection.vendor != "postgresql":
        pytest.skip("two connections to a database in memory wait for one another")
    a_company("Acme")
    parts = parts_of("companies.csv")
    assert next(parts).startswith(b"slug,")

    def write():
        a_company("Bolt")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()

    assert b"Bolt" not in b"".join(parts)
    assert Company.objects.count() == 2
    assert b"Bolt" in b"".join(parts_of("companies.csv"))
