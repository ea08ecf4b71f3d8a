"""The targets of the Makefile, in a folder where `python` only writes down how it is called."""

import os
import pty
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
CATALOGUE = "locale/fr/LC_MESSAGES/django.mo"
EVERY_DAY = {
    "editor": "create_editor",
    "watch": "watch",
    "load": "load_register",
    "dump": "dump_register",
    "backup": "backup",
    "drill": "drill",
    "verify": "verify_changes",
    "shell": "shell",
}
# Writes down how it was called, and makes the files that the real programs would make.
PYTHON = """#!/bin/sh
echo "$*|${SECRET_KEY:+key}|$DATABASE_URL" >> calls
case "$*" in *"manage.py migrate"*) echo database > var/pactwatch.sqlite3;; esac
while [ $# -gt 0 ]; do
    case "$1" in
        --output-file) echo compiled > "$2";;
        -o) test ! -e moved || echo newer > "$2";;
    esac
    shift
done
"""

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make")


class Checkout:
    """A folder with the Makefile, its sources and a stand-in for the virtual environment."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copy(ROOT / "Makefile", folder)
        for name in ("companies/data", "companies/migrations", "static", ".venv/bin", "tests"):
            (folder / name).mkdir(parents=True)
        for name in (
            "requirements.txt",
            "requirements-dev.txt",
            "requirements.in",
            "requirements-parquet.txt",
            "requirements-agents.txt",
        ):
            (folder / name).touch()
        for name in ("dev.in", "parquet.in", "agents.in"):
            (folder / f"requirements-{name}").touch()
        for name in ("manage.py",):
            (folder / name).touch()
        (folder / CATALOGUE).parent.mkdir(parents=True)
        (folder / CATALOGUE).with_suffix(".po").touch()
        (folder / ".venv/bin/python").write_text(PYTHON)
        (folder / ".venv/bin/python").chmod(0o755)
        for name in ("installed", "installed-dev"):
            (folder / ".venv" / name).touch()
        for path in [folder, *folder.rglob("*")]:
            os.utime(path, (0, 0))

    def make(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        """The exit code of make, and what it says."""
        inherited = {
            "PATH": os.environ["PATH"],
            "PYTHON3": sys.executable,
            "PORT": str(free_port()),
        }
        answer = subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=self.folder,
            env=inherited | environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
        )
        return answer.returncode, answer.stdout

    def calls(self):
        """How Python was called since the last time, in order: arguments, key, database."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [tuple(line.split("|")) for line in lines]

    def change(self, name, *, after):
        """Make a source newer than what was made from it, whatever the clock's grain."""
        os.utime(self.folder / after, (1, 1))
        os.utime(self.folder / name, (2, 2))

    def has(self, name):
        return (self.folder / name).exists()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@pytest.fixture
def served(checkout):
    """A checkout after `make run`."""
    assert checkout.make("run")[0] == 0
    checkout.calls()
    return checkout


def place(calls, words):
    return next(place for place, call in enumerate(calls) if words in call[0])


def test_every_documented_make_target_exists_and_is_phony():
    documented = set(re.findall(r"^([a-z-]+):.*  ## ", MAKEFILE, re.MULTILINE))
    phony = set(MAKEFILE.partition(".PHONY: help")[2].replace("\\\n", " ").split())

    assert documented - phony == {"help"}
    assert {*EVERY_DAY, "run", "test", "check", "check-all", "clean", "reset"} <= documented


def test_make_without_a_target_lists_the_documented_targets(checkout):
    code, answer = checkout.make()

    assert code == 0
    assert re.search(r"^check-all +the same", answer, re.MULTILINE)
    assert re.search(r"^watch +read the official lists", answer, re.MULTILINE)


def test_the_first_run_compiles_the_catalogue_before_it_loads(checkout):
    code, _answer = checkout.make("run")

    calls = checkout.calls()
    assert code == 0
    assert place(calls, "babel") < place(calls, "manage.py migrate")
    assert place(calls, "manage.py migrate") < place(calls, "manage.py load_register")
    assert "granian" in calls[-1][0]


def test_the_second_run_only_serves(served):
    served.make("run")

    assert ["granian" in call[0] for call in served.calls()] == [True]


def test_a_catalogue_that_changed_is_compiled_before_the_next_command(served):
    served.change(CATALOGUE.replace(".mo", ".po"), after=CATALOGUE)

    served.make("load")

    assert ["babel" in call[0] for call in served.calls()] == [True, False]


def test_the_settings_file_of_make_run_is_readable_by_its_owner_only(served):
    path = served.folder / "var/local.env"
    key = (served.folder / "var/secret-key").read_text().strip()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.sub(r":\d+$", ":8000", path.read_text().strip()).splitlines() == [
        f"SECRET_KEY={key}",
        "ALLOWED_HOSTS=127.0.0.1,localhost",
        "DEBUG=off",
        "HTTPS=off",
        "REQUIRE_SECOND_FACTOR=off",
        "SITE_URL=http://127.0.0.1:8000",
    ]
    assert len(key) >= 50


def test_the_settings_name_the_database_that_make_run_serves(checkout):
    url = 'postgresql://me:it\'s $HOME & "more"@127.0.0.1/x?a=1'

    checkout.make("run", DATABASE_URL=url)
    assert f"DATABASE_URL={url}\n" in (checkout.folder / "var/local.env").read_text()

    checkout.make("run")
    assert "DATABASE_URL" not in (checkout.folder / "var/local.env").read_text()


def test_the_secret_key_is_the_same_from_run_to_run(served):
    key = (served.folder / "var/secret-key").read_text()

    served.make("run")

    assert (served.folder / "var/secret-key").read_text() == key


@pytest.mark.parametrize(("target", "command"), EVERY_DAY.items())
def test_a_target_runs_its_command_with_the_settings_of_make_run(served, target, command):
    code, _answer = served.make(target, "ARGS=--some 'two words'", SECRET_KEY="of another site")

    assert code == 0
    assert served.calls() == [(f"manage.py {command} --some two words", "", "")]


def test_a_target_sets_up_what_is_missing_first(checkout):
    checkout.make("verify")

    assert [words.split()[1] for words, _key, _url in checkout.calls()[1:]] == [
        "migrate",
        "load_register",
        "offer_package",
        "verify_changes",
    ]
    assert checkout.has("var/local.env")


def test_a_make_target_uses_the_database_that_make_run_served(checkout):
    checkout.make("run", DATABASE_URL="postgresql://elsewhere/x")
    checkout.calls()

    checkout.make("verify")

    assert checkout.calls() == [("manage.py verify_changes", "", "")]


def test_a_target_takes_the_database_it_is_given(served):
    served.make("verify", DATABASE_URL="sqlite:////tmp/other.sqlite3")

    assert served.calls()[-1] == (
        "manage.py verify_changes",
        "key",
        "sqlite:////tmp/other.sqlite3",
    )


def test_a_port_in_use_is_explained(checkout):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, answer = checkout.make("run", PORT=str(other.getsockname()[1]))

    assert code != 0
    assert "another program uses this port" in answer
    assert checkout.calls() == []


def test_make_targets_compile_the_translations_before_manage_py_check(checkout):
    checkout.make("deploy", "migrations")

    calls = checkout.calls()
    assert place(calls, "babel") < place(calls, "manage.py check --deploy")
    assert place(calls, "babel") < place(calls, "manage.py makemigrations")


def test_the_locks_are_compiled_again_only_when_a_requirements_file_changed(checkout):
    checkout.make("locks")
    assert len(checkout.calls()) == 4

    checkout.make("locks")
    assert checkout.calls() == []

    for name in ("requirements.in", "requirements-dev.in"):
        checkout.change(name, after="var/locks/checked")
        checkout.make("locks")
        compiled = [words for words, _key, _url in checkout.calls() if "uv pip compile" in words]
        assert len(compiled) == 4


def test_an_outdated_lock_file_is_refused_each_time(checkout):
    (checkout.folder / "moved").touch()

    for _time in (1, 2):
        code, answer = checkout.make("locks")
        assert code != 0
        assert "requirements.txt is out of step with requirements.in: run 'make lock'." in answer


def test_check_all_compiles_the_locks_whatever_was_checked_before(checkout):
    checkout.make("locks")
    checkout.calls()

    checkout.make("--keep-going", "check-all")

    assert sum("uv pip compile" in words for words, _key, _url in checkout.calls()) == 4


def test_make_clean_keeps_the_database_and_untracked_files(served):
    kept = ["pactwatch.sqlite3", "pactwatch.sqlite3-wal", "secret-key", "local.env", "dump/a.csv"]
    (served.folder / "var/dump").mkdir()
    for name in kept:
        (served.folder / "var" / name).touch()
    (served.folder / "var/recorded").mkdir()
    (served.folder / "var/static").mkdir()

    assert served.make("clean")[0] == 0

    assert [name for name in kept if not served.has(f"var/{name}")] == []
    gone = [".venv", CATALOGUE, "var/recorded", "var/static", "var/static-collected"]
    assert [name for name in gone if served.has(name)] == []


def test_make_reset_refuses_without_a_terminal(served):
    code, answer = served.make("reset")

    assert code != 0
    assert "Without asking: make reset CONFIRM=yes" in answer
    assert served.has("var/pactwatch.sqlite3")


def test_make_reset_deletes_the_database_once_confirmed(served):
    (served.folder / "var/pactwatch.sqlite3-wal").touch()

    assert served.make("reset", "CONFIRM=yes")[0] == 0

    assert sorted(path.name for path in (served.folder / "var").iterdir()) == [
        "local.env",
        "secret-key",
        "static-collected",
    ]
    served.make("verify")
    assert place(served.calls(), "load_register") == 1


@pytest.mark.parametrize(("typed", "kept"), [("yes", False), ("no", True), ("", True), ("y", True)])
def test_make_reset_asks_at_a_terminal(served, typed, kept):
    terminal, stdin = pty.openpty()
    try:
        os.write(terminal, f"{typed}\n".encode())
        code, answer = served.make("reset", stdin=stdin)
    finally:
        os.close(terminal)
        os.close(stdin)

    assert "Type yes: " in answer
    assert (code != 0) == kept
    assert served.has("var/pactwatch.sqlite3") == kept


def test_make_reset_says_when_there_is_no_database(checkout):
    code, answer = checkout.make("reset", "CONFIRM=yes")

    assert code != 0
    assert "There is no register in var/" in answer
