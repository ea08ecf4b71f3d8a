"""docs/security.md says what the code does: rights, limits, connections, keys and logs."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group

from accounts.passwords import SITE

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text()
APPS = ("accounts", "companies", "pactwatch")
VERBS = {"add": "A", "change": "C", "delete": "D", "view": "V"}

HASHING = ("hashlib", "hmac", "secrets", "random", "uuid", "django.core.signing")
HASHING += ("django.utils.crypto", "cryptography", "argon2")
CONNECTING = ("socket", "ssl", "smtplib", "http.client", "urllib.request", "urllib.robotparser")
CONNECTING += ("urllib3", "requests", "httpx", "django.core.mail", "asyncio")


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables, without heads."""
    lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    heads = re.findall(r"^\| (.*) \|\n\|-", text, re.MULTILINE)
    return [
        [cell.strip() for cell in re.split(r" ?\| ?", line)] for line in lines if line not in heads
    ]


def named(text: str) -> set[str]:
    """The modules that a text names."""
    return {*re.findall(r"`((?:accounts|companies|pactwatch)/[\w/]+\.py)`", text)}


IMPORT = re.compile(
    r"^[ ]*(?:from ([\w.]+) import (\([^)]*\)|[^\n]*)|import ([^\n]*))", re.MULTILINE
)


@cache
def imports() -> dict[str, set[str]]:
    """What each module of the program imports."""
    found: dict[str, set[str]] = {}
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if "migrations" not in path.parts:
            names = found[str(path.relative_to(ROOT))] = set()
            for package, inside, plain in IMPORT.findall(path.read_text()):
                names |= {*re.findall(r"[\w.]+", f"{package} {plain}")}
                names |= {f"{package}.{name}" for name in re.findall(r"\w+", inside)}
    return found


def importers_of(*packages: str) -> set[str]:
    wanted = tuple(f"{package}." for package in packages)
    return {
        path
        for path, names in imports().items()
        if any(f"{name}.".startswith(wanted) for name in names)
    }


@pytest.mark.django_db
def test_the_security_page_lists_the_permissions_of_each_role():
    told = {}
    for tables, *rights in rows(section("Who may do what")):
        for table in re.findall(r"`(\w+)`", tables):
            told[table] = tuple(rights)
    held = {group.name: [*group.permissions.all()] for group in Group.objects.all()}

    def letters(role: str, table: str) -> str:
        codes = {one.codename for one in held[role]}
        return "".join(letter for verb, letter in VERBS.items() if f"{verb}_{table}" in codes)

    tables = {
        one.codename.partition("_")[2] for permissions in held.values() for one in permissions
    }
    assert {*held} == {"Viewers", "Editors", "Reviewers"}
    assert told == {
        table: tuple(letters(role, table) for role in ("Viewers", "Editors", "Reviewers"))
        for table in tables
        if not table.startswith("historical")
    }
    assert {
        one.codename
        for permissions in held.values()
        for one in permissions
        if "historical" in one.codename and not one.codename.startswith("view_")
    } == set()


def test_the_security_page_lists_the_forbidden_password_words():
    text = " ".join(section("Logins").split()).partition("with a few more letters:")[2]

    assert tuple(re.findall(r"`([a-z]+)`", text)) == SITE
    assert "`ALLOWED_HOSTS`" in text


def test_the_security_page_states_the_session_lifetimes():
    text = " ".join(section("Logins").split())

    idle, most = settings.SESSION_IDLE_HOURS, settings.SESSION_MAX_HOURS
    assert f"after {idle} idle hours and {most} hours after its login" in text
    assert settings.ACCOUNT_REAUTHENTICATION_TIMEOUT == 600
    assert "longer than ten minutes ago" in text


LIMITS = [row for row in rows(section("What is accepted")) if len(row) == 4]


@pytest.mark.parametrize(("place", "value"), [(row[1].strip("`"), row[2]) for row in LIMITS])
def test_the_security_page_states_the_value_of_each_limit(place, value):
    module, _, name = place.rpartition(".")
    holder = settings if module == "django.conf.settings" else import_module(module)

    assert int(getattr(holder, name)) == int(value)


def test_the_security_page_states_the_limits_of_the_proxy():
    proxy = (ROOT / "deploy/nginx.conf").read_text()
    text = " ".join(section("What is accepted").split())

    rate, at_once, connections, body = (
        re.search(pattern, proxy)[1]
        for pattern in (
            r"rate=(\d+)r/s",
            r"burst=(\d+)",
            r"limit_conn pactwatch_connections (\d+)",
            r"client_max_body_size (\d+)m",
        )
    )
    assert f"{rate} requests a second, {at_once} at once and {connections} connections" in text
    assert f"bodies of {body} MB" in text


def test_the_security_page_lists_each_constraint_message():
    text = section("What must fit together")
    sentences = {
        str(constraint.violation_error_message)
        for model in apps.get_app_config("companies").get_models()
        for constraint in model._meta.constraints
        if not hasattr(model, "history_object")
    }

    assert len(sentences) > 30
    assert {one for one in sentences if one not in text and "%(name)s" not in one} == set()


def test_the_security_page_names_each_module_that_can_open_a_connection():
    assert importers_of(*CONNECTING) == named(section("Where it connects"))


def test_the_security_page_names_each_module_that_hashes_signs_or_uses_randomness():
    assert importers_of(*HASHING) == named(section("Keys and hashes"))


def test_hashes_are_sha_256_and_random_values_come_from_the_secrets_module():
    """Django's `salted_hmac` takes SHA-1 where it is not told."""
    assert importers_of("random", "uuid", "hmac") == set()
    for path in importers_of("hashlib", "django.utils.crypto"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            given = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if re.fullmatch(r"hashlib\.\w+", called):
                # Lists of stolen passwords have SHA-1, which protects nothing here.
                assert called == "hashlib.sha256" or given["usedforsecurity"] == "False", path
            if called == "salted_hmac":
                assert given["algorithm"] == "'sha256'", path


def test_the_security_page_has_a_row_for_each_log_output():
    logs = " ".join(" ".join(row) for row in rows(section("Logs")))

    assert [*settings.LOGGING["handlers"]] == ["stderr"]
    assert "standard error" in logs
    for path in re.findall(r"access_log (/\S+)", (ROOT / "deploy/nginx.conf").read_text()):
        assert path in logs


def test_the_security_page_gives_each_severity_a_number_of_days():
    days = [int(row[1]) for row in rows(section("Dependencies"))]

    assert days == sorted(days)
    assert len(days) == 4
    assert max(days) <= 90


def test_the_security_page_says_how_each_level_of_sensitive_data_is_protected():
    levels = rows(section("What is sensitive"))

    assert [row[0] for row in levels] == ["secret", "personal", "internal", "public"]
    assert all(len(row) == 3 and all(row) for row in levels)
