"""docs/operate.md, "Back to a minute" and "On another machine", followed line by line."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tools import postgres

from .own_databases import run
from .packages import a_package

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/operate.md").read_text()
KEY = "7a" * 32


def blocks(heading):
    section = re.search(rf"^## {heading}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


class Machine:
    """A PostgreSQL of its own, and the programs that the page names.

    Of these only the service manager is not there, `pactwatch` is manage.py of this folder, and
    where the tests are not run by root, nobody becomes another user.
    """

    def __init__(self, folder):
        self.folder, self.port = folder, postgres.free_port()
        self.data, self.kept = folder / "main", folder / "kept"
        self.user = postgres.unprivileged_user()
        self.url = f"postgresql://pactwatch@127.0.0.1:{self.port}/postgres"
        self.binaries = postgres.machine_binaries()
        run_as = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
            run_as |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        postgres.create_cluster(self.binaries, self.data, run_as)
        programs = folder / "bin"
        programs.mkdir()
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        become = f"runuser -u {self.user.pw_name} --" if self.user else ""
        pg_ctl = f"{become} {self.binaries}/pg_ctl -D {self.data} -w -l {folder}/log"
        self.program("systemctl", f'case "$2" in postgresql@*) {pg_ctl} -o "{options}" "$1";; esac')
        self.program("pactwatch", f'cd {ROOT} && exec {sys.executable} manage.py "$@"')
        if not self.user:
            self.program("runuser", 'shift 3; exec "$@"')
            self.program("install", 'mkdir -p "${8-.}" "${9-.}"; [ "$2" = 700 ] || cp "$3" "$4"')

    def program(self, name, script):
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def follow(self, *scripts, **replaced):
        """Run blocks of the page, with other values of the variables that they set."""
        script = "".join(scripts).replace("/opt/pactwatch", str(ROOT))
        for name, value in replaced.items():
            script, found = re.subn(rf"^{name}=.*$", f'{name}="{value}"', script, flags=re.M)
            assert found == 1, name
        answer = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=os.environ
            | {
                "PATH": f"{self.folder / 'bin'}:{self.binaries}:{os.environ['PATH']}",
                "DATABASE_URL": self.url,
                "DATABASE_POOL": "off",
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "pactwatch",
                "PGDATABASE": "postgres",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        log = self.folder / "log"
        assert answer.returncode == 0, answer.stdout + (log.read_text() if log.exists() else "")
        return answer.stdout


@pytest.fixture
def machine(tmp_path_factory):
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL")
    if postgres.machine_binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    folder = Path("/tmp", f"pactwatch-minute-{os.getpid()}")  # noqa: S108  # another user reads it
    folder.mkdir()
    made = Machine(folder)
    made.follow("systemctl start postgresql@15-main.service\n")
    yield made
    made.follow("systemctl stop postgresql@15-main.service\n")
    shutil.rmtree(folder)


ADD = "from companies.models import Company; Company.objects.create(slug='{0}', name='{0}')"


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.database
def test_a_postgresql_register_is_restored_to_a_point_in_time(machine, tmp_path):
    where, once, weekly, moment, back, after = blocks("Back to a minute")
    run(machine.url, "manage.py", "migrate", "-v0")
    run(machine.url, "manage.py", "load_register", str(a_package(tmp_path / "package")))
    own = {"DATA": machine.data, "KEPT": machine.kept}

    machine.follow(where, once, weekly, **own)
    run(machine.url, "manage.py", "shell", "-c", ADD.format("kept"))
    expected = dumped(machine.url, tmp_path / "expected")
    time.sleep(1.2)
    now = machine.follow("psql -Atc 'SELECT now()'\n").strip()
    time.sleep(1.2)
    run(machine.url, "manage.py", "shell", "-c", ADD.format("lost"))
    assert dumped(machine.url, tmp_path / "lost") != expected

    machine.follow(where, moment, back, **own, MOMENT=now)
    until = time.monotonic() + 60
    while machine.follow("psql -Atc 'SELECT pg_is_in_recovery()'\n").strip() != "f":
        assert time.monotonic() < until
        time.sleep(0.2)
    said = machine.follow(where, after, **own)

    assert "Replayed, they give the register as it is." in said
    assert dumped(machine.url, tmp_path / "back") == expected
    assert b"\nkept," in expected["companies.csv"]
    run(machine.url, "manage.py", "shell", "-c", ADD.format("later"))
    assert (machine.folder / "main.before").exists()


def dumped(url, folder):
    run(url, "manage.py", "dump_register", str(folder))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.long
def test_following_the_page_restores_an_encrypted_backup_on_another_machine(tmp_path):
    """In a fresh clone and an empty folder; the packages are those of the tests."""
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    run(url, "manage.py", "migrate", "-v0")
    run(url, "manage.py", "load_register", str(a_package(tmp_path / "package")))
    places = {
        "RELEASES_DIR": str(tmp_path / "old/releases"),
        "KEPT_PAGES_DIR": str(tmp_path / "old/pages"),
    }
    run(url, "manage.py", "release", **places)
    page = tmp_path / "old/pages/ab" / ("ab" * 32)
    page.parent.mkdir(parents=True)
    page.write_bytes(b"<p>cited</p>")
    run(url, "manage.py", "backup", str(tmp_path / "backups"), BACKUP_KEY=KEY, **places)
    expected = dumped(url, tmp_path / "expected")
    code = tmp_path / "code"
    left_out = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "*.mo", ".*_cache")
    shutil.copytree(ROOT, code, ignore=left_out)
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for git in (["init", "-q"], ["add", "--all"], [*who, "commit", "-q", "-m", "now"]):
        subprocess.run(["git", "-C", code, *git], check=True)

    fetch, restore = blocks("On another machine")
    values = {
        "SECRET_KEY": "0123456789" * 6,
        "BACKUP_KEY": KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
    }
    for name, value in values.items():
        restore = re.sub(rf"^export {name}=.*$", f"export {name}={value}", restore, flags=re.M)
    fetch = fetch.replace("python3 -m venv .venv", f"ln -s {sys.prefix} .venv")
    fetch = re.sub(r"^\.venv/bin/pip .*$", "", fetch, flags=re.M)
    done = subprocess.run(
        ["bash", "-e", "-c", fetch + restore],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "CODE": str(code), "BACKUP": str(tmp_path / "backups")},
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    assert "is whole: http://testserver as of" in done.stdout
    assert "Replayed, they give the register as it is." in done.stdout
    assert dumped(values["DATABASE_URL"], tmp_path / "restored") == expected
    var = tmp_path / "pactwatch/var"
    assert (var / "pages/ab" / page.name).read_bytes() == page.read_bytes()
    [release] = (var / "releases").glob("*")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=release, check=True)


def test_the_page_has_the_code_blocks_that_the_tests_run():
    assert len(blocks("Back to a minute")) == 6
    assert len(blocks("On another machine")) == 2
