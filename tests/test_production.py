"""The settings of a site that only sets what it must: what they show, keep and let through."""

import logging
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import Client, override_settings

from pactwatch.logs import PublicLines
from pactwatch.system_checks import check_links

ROOT = Path(__file__).parent.parent
SITE = {"SECRET_KEY": "0123456789" * 6, "ALLOWED_HOSTS": "register.example.org"}
COOKIES = re.compile(r"SESSION_COOKIE_\w+|CSRF_COOKIE_\w+")


@pytest.fixture(scope="module")
def production():
    """What pactwatch/settings.py says where the environment holds nothing but `SITE`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.environ", dict(SITE))
        return SimpleNamespace(**runpy.run_path(str(ROOT / "pactwatch/settings.py")))


def with_both_cookies(request):
    request.session["a"] = 1
    get_token(request)
    return HttpResponse()


@pytest.mark.django_db
def test_cookies_are_host_only_secure_and_httponly(production, rf):
    names = {name: value for name, value in vars(production).items() if COOKIES.fullmatch(name)}
    with override_settings(**names):
        view = SessionMiddleware(CsrfViewMiddleware(with_both_cookies))
        answer = view(rf.get("/admin/login/", secure=True))

    assert {*answer.cookies} == {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in answer.cookies.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_default_settings_have_debug_off_and_https_on(production):
    assert production.DEBUG is False
    assert production.SECURE_SSL_REDIRECT is True
    assert production.SECURE_HSTS_SECONDS == 31_536_000
    assert production.SECURE_HSTS_INCLUDE_SUBDOMAINS is True
    assert production.SECURE_PROXY_SSL_HEADER is None
    assert not getattr(production, "USE_X_FORWARDED_HOST", False)
    assert production.CSRF_COOKIE_SECURE is production.SESSION_COOKIE_SECURE is True


def test_no_development_package_is_in_the_production_requirements(production):
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements.txt").open()}

    assert not {"pytest", "mypy", "ruff", "playwright", "django-debug-toolbar", "bandit"} & pinned
    assert not {one for one in production.INSTALLED_APPS if "debug" in one or "test" in one}


def test_the_log_goes_to_standard_error_and_nowhere_else(production):
    handlers = production.LOGGING["handlers"]

    assert {name: one["class"] for name, one in handlers.items()} == {
        "stderr": "logging.StreamHandler"
    }
    assert all("public" in one["filters"] for one in handlers.values())


def line_of(production, message, *arguments):
    """What the log would hold of a message."""
    form = production.LOGGING["formatters"]["line"]
    formatter = logging.Formatter(form["format"], form["datefmt"], form["style"])
    record = logging.makeLogRecord(
        {"name": "companies.x", "levelname": "ERROR", "msg": message, "args": arguments}
    )
    assert PublicLines().filter(record)
    return formatter.format(record)


def test_a_line_of_the_log_says_when_with_its_offset_and_what_happened_where(production):
    line = line_of(production, "A sender could not be notified.")

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} ERROR companies.x: "
        r"A sender could not be notified\.",
        line,
    )


@pytest.mark.parametrize("forged", ["\n", "\r\n", "\x1b[2K", "\x85", "\u2028", "\0", "\u202e"])
def test_user_input_cannot_inject_a_second_log_line(production, forged):
    line = line_of(production, "Not Found: %s", f"/a{forged}2026-11-28 INFO all is well, é")

    assert len(line.splitlines()) == 1
    assert forged not in line
    assert line.endswith("INFO all is well, é")


@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.git/HEAD", "/.svn/entries", "/.env", "/manage.py", "/static/"),
        *("/static/fonts/", "/static/../manage.py", "/static/%2e%2e/pactwatch/settings.py"),
        *("/var/local.env", "/media/", "/tests/", "/docs/asvs.md", "/static/.git/config"),
    ],
)
@pytest.mark.django_db
def test_no_url_exposes_code_git_history_or_a_directory_listing(path):
    assert Client().get(path).status_code == 404


NEAR = "postgresql://pactwatch:9r1Xq@127.0.0.1/pactwatch"
FAR = "postgresql://pactwatch:9r1Xq@db.example.org/pactwatch"


@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        ({}, []),
        ({"DATABASE_URL": NEAR}, []),
        ({"DATABASE_URL": "postgresql:///pactwatch"}, []),
        ({"DATABASE_URL": "postgresql://%2Frun%2Fpostgresql/pactwatch"}, []),
        ({"DATABASE_URL": FAR}, ["certificate"]),
        ({"DATABASE_URL": f"{FAR}?sslmode=require"}, ["certificate"]),
        ({"DATABASE_URL": f"{FAR}?sslmode=verify-full"}, []),
        ({"DATABASE_URL": NEAR.replace("9r1Xq", "password")}, ["example"]),
        ({"DATABASE_URL": FAR.replace("9r1Xq", "pactwatch")}, ["certificate", "example"]),
        ({"EMAIL_URL": "smtp://127.0.0.1:25"}, []),
        ({"EMAIL_URL": "smtp://mail.example.org:25"}, ["clear"]),
        ({"EMAIL_URL": "submission://a:b@mail.example.org:587"}, []),
    ],
)
def test_unencrypted_or_default_password_connections_raise_a_system_check(variables, warned):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.environ", SITE | variables)
        read = runpy.run_path(str(ROOT / "pactwatch/settings.py"))
    names = ("DATABASES", "EMAIL_URL", "EMAIL_HOST", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "pactwatch.system_checks.settings", SimpleNamespace(**{n: read[n] for n in names})
        )
        found = check_links()

    assert len(found) == len(warned)
    assert all(word in one.msg for word, one in zip(warned, found, strict=True))


@pytest.mark.django_db
def test_plain_http_api_requests_get_a_403_and_no_redirect(client, production):
    names = ("SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT", "SITE_URL")
    with override_settings(**{name: getattr(production, name) for name in names}):
        told, secure = (client.get("/api/v1/", secure=secure) for secure in (False, True))
        page = client.get("/companies/")

    assert (told.status_code, told["Content-Type"]) == (403, "application/problem+json")
    assert "The API speaks HTTPS alone: https://register.example.org/api/v1/" in told.text
    assert "Location" not in told.headers
    assert secure.status_code == 200
    assert page.status_code == 301


def test_the_example_settings_use_the_database_socket_without_a_password():
    text = (ROOT / "deploy/pactwatch.env").read_text()

    [url] = re.findall(r"^DATABASE_URL=(\S+)$", text, re.MULTILINE)
    assert "@" not in url  # the machine's own socket, where PostgreSQL knows the user
