"""How manage.py and the server start, and the one line they say when they cannot."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError
from environs import EnvError

from companies.apps import check_screens
from companies.models import Company
from pactwatch import startup, system_checks

ROOT = Path(__file__).parent.parent
KEY = "only-for-tests-" + "x" * 50
SITE = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "register.example.org"}
LOCAL = f"SECRET_KEY={KEY}\nALLOWED_HOSTS=127.0.0.1\nHTTPS=off\nSITE_URL=http://127.0.0.1:8000\n"
NOT_SET = (
    "SECRET_KEY is not set. Production needs it: a secret of 50 or more random characters. "
    "docs/deploy.md describes each variable; on your own machine, `make run` sets them all."
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project without a database, with its own var/."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "pactwatch", folder / "pactwatch")
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("accounts", "companies", "locale", "static", "templates"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "var").mkdir()
    return folder


@pytest.fixture
def local_settings(project):
    """The project's var/local.env, gone after the test."""
    path = project / "var" / "local.env"
    path.write_text(LOCAL)
    yield path
    path.unlink()


def run(project, *command, **environment):
    """What Python says, and its exit code, with this environment and no other setting."""
    answer = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return answer.returncode, (answer.stdout + answer.stderr).strip()


# The settings are read before the command is looked for.
LIKE_ANY_OTHER = [pytest.param(name, marks=pytest.mark.long) for name in ("migrate", "check")]


@pytest.mark.parametrize("command", ["watch", "no_such_command", *LIKE_ANY_OTHER])
def test_a_command_without_settings_says_which_is_missing(project, command):
    assert run(project, "manage.py", command) == (1, NOT_SET)


@pytest.mark.parametrize("environment", [{}, {"SECRET_KEY": ""}, {"ALLOWED_HOSTS": "a.example"}])
def test_the_server_does_not_start_without_a_key_even_beside_local_settings(
    project, local_settings, environment
):
    answer = run(project, "-c", "import pactwatch.wsgi", **environment)

    assert answer == (1, f"PactWatch cannot start: {NOT_SET}")


@pytest.mark.parametrize(
    "environment",
    [{"SECRET_KEY": ""}, {"ALLOWED_HOSTS": "a.example"}, {"DATABASE_URL": "postgresql://x"}],
)
def test_a_command_with_site_settings_ignores_the_local_settings(
    project, local_settings, environment
):
    assert run(project, "manage.py", "check", **environment) == (1, NOT_SET)


def test_a_command_without_settings_uses_the_local_settings_and_says_so(project, local_settings):
    code, answer = run(project, "manage.py", "diffsettings")

    assert code == 0
    assert answer.endswith("Using var/local.env, written by make run.")
    assert "ALLOWED_HOSTS = ['127.0.0.1']" in answer
    assert f"SECRET_KEY = '{KEY}'" in answer


def test_a_variable_of_the_environment_wins_over_the_local_settings(project, local_settings):
    answer = run(project, "manage.py", "diffsettings", SITE_URL="http://127.0.0.1:9000")[1]

    assert "SITE_URL = 'http://127.0.0.1:9000'" in answer


REFUSED = pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DEBUG", "maybe", 'Environment variable "DEBUG" invalid: Not a valid boolean.'),
        ("LOG_LEVEL", "loud", 'Environment variable "LOG_LEVEL" invalid: Not a valid log level.'),
        ("CACHE_URL", "x", 'Environment variable "CACHE_URL" invalid: Unknown backend: "".'),
        ("EMAIL_URL", "x", "EMAIL_URL must begin with submission:// or smtp://."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must begin with postgresql:// or sqlite://"),
        ("SECOND_PERSON", "maybe", 'Environment variable "SECOND_PERSON" invalid: Must be one of'),
        ("REPLICA_URLS", "x", "REPLICA_URLS must begin with postgresql://."),
        ("SECRET_KEY", "x" * 60, "SECRET_KEY is too easy to guess."),
        ("SECRET_KEY", KEY[:49], "SECRET_KEY is too easy to guess."),
        ("SECRET_KEY", f"django-insecure-{KEY}", "SECRET_KEY is too easy to guess."),
        ("SECRET_KEY_FALLBACKS", f"{KEY},short", "SECRET_KEY_FALLBACKS is too easy to guess."),
        ("ALLOWED_HOSTS", "register.example.org, *", "ALLOWED_HOSTS may not be *"),
        ("DATABASE_URL", "x", 'Environment variable "DATABASE_URL" invalid: Not a valid database'),
    ],
)


@REFUSED
def test_a_setting_that_cannot_be_used_is_refused_in_one_line(variable, value, message):
    refused = pytest.raises((ImproperlyConfigured, EnvError))
    with patch.dict(os.environ, SITE | {variable: value}, clear=True), refused as refusal:
        run_path(str(ROOT / "pactwatch" / "settings.py"))

    answer = startup.explain(refusal.value)
    assert answer.startswith(message)
    assert "\n" not in answer


@pytest.mark.parametrize(
    ("variable", "value"), [("LOG_LEVEL", "loud"), ("ALLOWED_HOSTS", "register.example.org, *")]
)
def test_a_setting_that_cannot_be_used_stops_a_command_in_one_line(project, variable, value):
    """One that the reader of the environment refuses, and one that the settings refuse."""
    code, answer = run(project, "manage.py", "migrate", **SITE | {variable: value})

    assert code == 1
    assert variable in answer
    assert "\n" not in answer


def test_check_deploy_warns_about_missing_contacts(project):
    contacts = dict.fromkeys(system_checks.CONTACTS, "a") | {"CONTACT_EMAIL": "a@example.org"}
    strict = ("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--tag", "security")

    _code, answer = run(project, *strict, **SITE)

    assert [name for name in contacts if f"{name} is not set." in answer] == [*contacts]
    assert run(project, *strict, **SITE, **contacts)[0] == 0


NO_TABLES = "The database lacks tables of this version (no such table: auth_user). Run: manage.py"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///{folder}/empty.sqlite3", NO_TABLES),
        ("postgresql://a:b@127.0.0.1:1/x", "The database cannot be used: connection failed: conn"),
    ],
)
def test_a_command_without_its_database_says_why_in_one_line(project, tmp_path, url, message):
    environment = SITE | {"DATABASE_URL": url.format(folder=tmp_path)}

    code, answer = run(project, "manage.py", "create_editor", "ann", **environment)

    assert code == 1
    assert answer.startswith(message)
    assert "\n" not in answer


@pytest.mark.long
def test_the_traceback_of_an_operator_error_is_shown_on_demand(project, tmp_path):
    environment = SITE | {"DATABASE_URL": f"sqlite:///{tmp_path}/none/x.sqlite3"}

    answer = run(project, "manage.py", "verify_changes", "--traceback", **environment)[1]

    assert answer.startswith("Traceback")


def caused_by(error, name):
    error.__cause__ = type(name, (Exception,), {})()
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            caused_by(ProgrammingError('relation "x" does not exist\nLINE 1: x'), "UndefinedTable"),
            "The database lacks tables of this version",
        ),
        (
            caused_by(ProgrammingError("permission denied for table x"), "InsufficientPrivilege"),
            "The database cannot be used: permission denied for table x.",
        ),
        (DatabaseError("file is not a database"), "The database cannot be used: file is not"),
        (OperationalError("unable to open database file"), "The database cannot be used: unable"),
        (OperationalError("Is it running?"), "The database cannot be used: Is it running."),
        (OSError(28, "No space left on device"), "No space left on device."),
        (OperationalError("database is locked"), "The database cannot be used: database is locked"),
        (PermissionError(13, "Permission denied", "/a/b"), "/a/b: Permission denied."),
    ],
)
def test_errors_that_an_operator_can_fix_are_explained(error, message):
    assert startup.explain(error).startswith(message)


def test_a_file_that_sqlite_cannot_open_is_named():
    said = startup.explain(OperationalError("unable to open database file"))

    why = ": its folder is missing, or this user may not write there."
    assert said.endswith(f"file {settings.DATABASES['default']['NAME']}{why}")


@pytest.mark.parametrize(
    "error",
    [
        caused_by(ProgrammingError('syntax error at or near "x"'), "SyntaxError"),
        IntegrityError("UNIQUE constraint failed"),
        DatabaseError("Save with update_fields did not affect any rows."),
        BrokenPipeError(32, "Broken pipe"),
    ],
)
def test_an_error_of_the_program_keeps_its_traceback(error):
    assert startup.explain(error) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [(EOFError(), "The input ended where an answer was expected."), (KeyboardInterrupt(), 130)],
)
def test_an_interrupted_command_ends_without_a_traceback(monkeypatch, error, code):
    def cut_short(arguments):
        raise error

    monkeypatch.setattr(startup, "execute_from_command_line", cut_short)

    with pytest.raises(SystemExit) as exit_:
        startup.run_command(["manage.py", "create_editor", "ann"])

    assert exit_.value.code == code


def test_manage_py_without_its_packages_says_how_to_install_them(project):
    code, answer = run(project, "-S", "-E", "manage.py", "check")

    assert code == 1
    assert answer.startswith("No module named 'django'. `make run` installs PactWatch")


# What a reader of the list has no use for; together they were half of a worker's start.
OF_OTHERS = {
    *("companies.admin", "companies.api.views", "companies.importers.official_page"),
    *("allauth.account.views", "allauth.mfa.webauthn.views", "fido2", "cryptography", "qrcode"),
    *("rest_framework", "drf_spectacular.generators", "yaml", "openpyxl", "pypdf", "selectolax"),
    *("psycopg", "urllib3", "markdown_it", "rapidfuzz", "resvg_py"),
}
A_WORKER = """
import json, sys
import pactwatch.wsgi
from django.template.loader import get_template
from django.urls import resolve, reverse
resolve(reverse("companies")), reverse("api:companies"), reverse("account_login")
get_template("companies/browse/companies.html")
print(json.dumps([name for name, module in sys.modules.items() if module]))
"""


def test_a_server_on_sqlite_imports_no_driver_of_postgresql_for_the_api():
    code = """
import json, sys
import pactwatch.wsgi
from django.urls import resolve, reverse
resolve(reverse("api:companies")).func.cls
print(json.dumps([name for name, module in sys.modules.items() if module]))
"""
    environment = {**os.environ, "DATABASE_URL": "sqlite:////absent.sqlite3"}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )

    imported = {*json.loads(answer.stdout)}
    assert "companies.api.views" in imported
    assert "psycopg" not in imported


def test_a_worker_serving_the_list_imports_no_admin_or_api_code():
    environment = {**os.environ, "DATABASE_URL": "sqlite:////absent.sqlite3"}
    answer = subprocess.run(
        [sys.executable, "-c", A_WORKER], cwd=ROOT, env=environment, capture_output=True, check=True
    )

    assert OF_OTHERS & {*json.loads(answer.stdout)} == set()


def test_manage_py_check_loads_the_admin(monkeypatch):
    monkeypatch.setattr(admin.site._registry[Company], "list_display", ["no_such_field"])

    assert "admin.E108" in [error.id for error in check_screens(None)]
