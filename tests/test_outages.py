"""The site while its database is away or locked: old pages with a notice, forms with their text."""

import errno
import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from html import unescape
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.db.utils import ConnectionHandler

from companies.pages.errors import server_error
from companies.queries.recorded import recorded_on
from pactwatch.outages import Patient, reopen_replaced_file
from pactwatch.outages.postgresql import ImpatientConnection
from tools.postgres import (
    create_cluster,
    free_port,
    machine_binaries,
    running_server,
    unprivileged_user,
    wheel_binaries,
)

ROOT = Path(__file__).parent.parent
FORM = {"kind": "error", "message": "The date\nis <wrong> & late.", "csrfmiddlewaretoken": "t"}


class ReadOnly(Exception):
    sqlstate = "25006"


def after(error, request):
    """The answer to a request whose view raised `error`."""
    try:
        raise error
    except type(error):
        return server_error(request)


@pytest.mark.parametrize("path", ["/companies/", "/fr/companies/", "/admin/"])
def test_a_page_without_a_database_is_a_503_with_retry_after(rf, path):
    response = after(OperationalError("gone"), rf.get(path))

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "no-store" in response.headers["Cache-Control"]
    sentence = (
        "momentanément inaccessible" if path.startswith("/fr/") else "cannot be reached right now"
    )
    assert sentence in response.text


def test_the_api_without_a_database_answers_with_a_problem(rf):
    response = after(OperationalError("gone"), rf.get("/api/v1/companies/"))

    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "5"


def sent_again(page):
    """The fields that the button of a page would send."""
    fields = re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(text) for name, text in fields}


def test_a_form_that_fails_during_an_outage_keeps_what_was_typed(rf):
    response = after(OperationalError("locked"), rf.post("/corrections/new/?a=b", FORM))

    assert sent_again(response.text) == FORM
    assert 'action="/corrections/new/?a=b"' in response.text


def test_the_page_of_an_outage_never_contains_a_typed_password(rf):
    login = {"username": "ann", "password": "a long secret"}

    response = after(OperationalError("gone"), rf.post("/admin/login/", login))

    assert response.status_code == 503
    assert "a long secret" not in response.text


def test_a_read_only_database_is_an_outage_and_other_internal_errors_are_bugs(rf):
    read_only, other = InternalError(), InternalError()
    read_only.__cause__ = ReadOnly()

    assert after(read_only, rf.post("/corrections/new/", FORM)).status_code == 503
    assert after(other, rf.get("/")).status_code == 500


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("database disk image is malformed"),
        sqlite3.OperationalError("database or disk is full"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.EMFILE, "Too many open files"),
    ],
)
def test_a_full_disk_is_an_outage(rf, error):
    assert after(error, rf.post("/corrections/new/", FORM)).status_code == 503


@pytest.mark.parametrize(
    "error", [ProgrammingError("syntax"), IntegrityError("unique"), FileNotFoundError(2, "x")]
)
def test_a_programming_error_is_not_an_outage(rf, error):
    assert after(error, rf.get("/")).status_code == 500


def test_while_one_request_waits_for_the_database_others_fail_at_once():
    def hang():
        with pytest.raises(OperationalError):
            patient()  # another request, meanwhile
        return 7

    patient = Patient(hang)
    patient.is_away = True

    assert patient() == 7
    assert not patient.is_away


@pytest.fixture
def file_database(tmp_path, db):
    """A connection to a file of SQLite with one table, and its path."""
    path = tmp_path / "register.sqlite3"
    one = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    connection = ConnectionHandler({"default": one})["default"]
    reopen = partial(reopen_replaced_file, connection)
    path.touch()
    reopen()
    connection.ensure_connection()
    yield connection, reopen, path
    connection.close()


def test_a_replaced_sqlite_file_is_reopened(file_database):
    connection, reopen, path = file_database
    path.rename(path.with_suffix(".old"))
    path.touch()

    reopen()

    assert connection.connection is None


def test_a_missing_sqlite_file_is_an_outage_and_is_not_created(file_database):
    connection, reopen, path = file_database
    path.unlink()

    with pytest.raises(OperationalError):
        reopen()

    assert not path.exists()
    assert connection.connection is None


@pytest.fixture
def of_pool():
    """A connection as the pool has them, and a second one that sees it from outside."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server")
    where = connection.get_connection_params()
    with (
        ImpatientConnection.connect(**where, autocommit=True) as one,
        psycopg.connect(**where, autocommit=True) as other,
    ):
        yield one, other


def last_statement(one, other):
    pid = [one.info.backend_pid]
    return other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", pid).fetchone()


@pytest.mark.database
@pytest.mark.django_db
def test_a_hanging_postgresql_server_is_given_up_after_a_timeout(of_pool):
    one, _other = of_pool
    one.patience = 0.1

    with pytest.raises(psycopg.OperationalError):
        one.cursor().execute("SELECT pg_sleep(1)")

    assert one.closed


@pytest.mark.database
@pytest.mark.django_db
def test_a_postgresql_connection_that_just_responded_is_not_checked_again(
    of_pool,
):
    one, other = of_pool
    one.cursor().execute("SELECT 1")

    one.execute("")
    assert last_statement(one, other) == ("SELECT 1",)

    one.heard_at -= 0.2
    one.execute("")
    assert last_statement(one, other) == ("",)


@pytest.mark.database
@pytest.mark.django_db
def test_a_postgresql_connection_that_the_server_closed_is_never_used(of_pool):
    one, other = of_pool
    one.cursor().execute("SELECT 1")

    other.execute("SELECT pg_terminate_backend(%s, 1000)", [one.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        one.execute("")


@pytest.mark.database
@pytest.mark.django_db
def test_without_the_question_the_first_statement_is_given_as_long_as_it(of_pool, monkeypatch):
    one, _other = of_pool
    monkeypatch.setattr("pactwatch.outages.postgresql.CHECK", 0.1)
    one.cursor().execute("SELECT pg_sleep(0.3)")
    one.execute("")
    one.cursor().execute("SELECT 1")
    one.cursor().execute("SELECT pg_sleep(0.3)")
    assert not one.closed

    one.execute("")
    with pytest.raises(psycopg.OperationalError):
        one.cursor().execute("SELECT pg_sleep(0.3)")

    assert one.closed


@pytest.mark.django_db
def test_an_unwritable_folder_for_past_copies_is_an_outage(settings, tmp_path):
    (tmp_path / "full").touch()
    settings.RECORDED_DIR = tmp_path / "full"

    with pytest.raises(OperationalError), recorded_on(date(2020, 1, 1)):
        pass


def test_a_database_outage_is_remembered_instead_of_tried_by_every_request():
    asked = []

    def ask():
        asked.append(1)
        raise OperationalError

    patient = Patient(ask)
    for _ in range(3):
        with pytest.raises(OperationalError):
            patient()

    assert len(asked) == 1


# On a real server


class Site:
    """A site on this machine, as production serves it."""

    def __init__(self, folder, url):
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "DATABASE_URL": url,
            "RECORDED_DIR": str(folder / "recorded"),
            "DEBUG": "off",
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "BENCHMARK_STATIC_ROOT": str(folder / "static"),
            "LOG_LEVEL": "CRITICAL",
        }

    def set_up(self):
        self.manage("migrate")
        self.manage("load_register", "companies/data")
        self.manage("collectstatic", "--no-input")

    def manage(self, *arguments):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def ask(self, path, form=None, token=""):
        """The status, the body and the seconds of a request."""
        data = urlencode(form).encode() if form else None
        cookie = {"Cookie": f"csrftoken={token}"} if token else {}
        start = time.monotonic()
        try:
            with urlopen(
                Request(f"http://127.0.0.1:{self.port}{path}", data, cookie), timeout=60
            ) as answer:
                found = answer.status, answer.read().decode()
        except HTTPError as error:
            found = error.code, error.read().decode()
        return *found, time.monotonic() - start

    @contextmanager
    def served(self):
        static = ["--interface", "wsgi", "--port", str(self.port), "--blocking-threads", "4"]
        command = [
            sys.executable,
            "-m",
            "granian",
            *static,
            "--no-log",
            "pactwatch.wsgi:application",
        ]
        server = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        try:
            for _ in range(150):
                try:
                    self.ask("/healthz/live")
                    break
                except URLError:
                    time.sleep(0.1)
            yield
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)


@pytest.fixture
def folder():
    """A folder that the user who runs PostgreSQL reaches, which pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="pactwatch-outage-") as name:
        yield Path(name)


@pytest.mark.long
def test_a_site_survives_the_loss_of_its_postgresql_server(folder):
    user, data, port = unprivileged_user(), folder / "data", free_port()
    binaries = machine_binaries() or wheel_binaries(folder)
    run_as = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        run_as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    create_cluster(binaries, data, run_as)
    site = Site(folder, f"postgresql://pactwatch@127.0.0.1:{port}/postgres")
    with running_server(binaries, data, port, run_as):
        site.set_up()
        with site.served():
            assert site.ask("/absent/")[0] == 200
            lost = running_server(binaries, data, port, run_as)
            stop(data, binaries, run_as)

            with ThreadPoolExecutor(8) as pool:
                kept = list(pool.map(site.ask, ["/absent/"] * 16))
                new = list(pool.map(site.ask, ["/statistics/"] * 16))
            status, page, _took = site.ask("/corrections/new/", FORM)

            assert {answer[0] for answer in kept} == {200}
            assert all("This page is from" in answer[1] for answer in kept)
            assert {answer[0] for answer in new} == {503}
            assert max(answer[2] for answer in (*kept, *new)) < 8
            assert site.ask("/healthz/live")[2] < 1
            assert site.ask("/healthz/ready")[0] == 503
            assert status == 503
            assert sent_again(page)["message"].splitlines() == FORM["message"].splitlines()

            with lost:
                back = time.monotonic()
                while site.ask("/statistics/")[0] != 200:
                    assert time.monotonic() - back < 5
                    time.sleep(0.2)


@pytest.mark.long
def test_many_simultaneous_logins_do_not_slow_down_readers(tmp_path):
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'register.sqlite3'}")
    site.manage("migrate")
    site.manage("collectstatic", "--no-input")
    token = "t" * 32
    with site.served(), ThreadPoolExecutor(21) as pool:
        form = {"password": "wrong", "csrfmiddlewaretoken": token}
        site.ask("/admin/login/", form | {"username": "ann", "login": "ann"}, token)  # once cold
        names = [{"username": f"ann{n}", "login": f"ann{n}"} for n in range(20)]
        logins = [pool.submit(site.ask, "/admin/login/", form | name, token) for name in names]
        alive = [site.ask("/healthz/live") for _ in range(20)]
        statuses = {login.result()[0] for login in logins}

    assert statuses == {200, 503}  # wrong, or not looked at
    assert {answer[0] for answer in alive} == {200}
    assert max(answer[2] for answer in alive) < 2


def stop(data, binaries, run_as):
    command = [binaries / "pg_ctl", "-D", data, "stop", "-m", "immediate"]
    subprocess.run(command, check=True, capture_output=True, **run_as)


@pytest.mark.long
def test_readers_do_not_wait_for_a_locked_sqlite_and_a_writer_gets_an_error(tmp_path):
    path = tmp_path / "register.sqlite3"
    site = Site(tmp_path, f"sqlite:///{path}")
    site.set_up()
    with site.served():
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        status, page, took = site.ask("/check/", {"names": "Acme\nÉlan", "keep": "1"})
        read = site.ask("/absent/")
        other.execute("ROLLBACK")

    assert status == 503
    assert took < 4
    assert sent_again(page)["names"].splitlines() == ["Acme", "Élan"]
    assert read[0] == 200
