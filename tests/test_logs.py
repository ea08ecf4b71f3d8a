"""Lines of the log: no secret of an address, and no traceback for what was only refused."""

import io
import logging
import logging.config
import re
import time

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from pactwatch.logs import PublicLines, without_secrets
from tests import roles

from .editors import a_login

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """What reaches standard error by the settings."""
    logging.config.DictConfigurator(dict(settings.LOGGING)).configure()
    [stderr] = [one for one in logging.root.handlers if type(one) is logging.StreamHandler]
    stderr.setStream(io.StringIO())
    yield stderr.stream
    logging.root.removeHandler(stderr)


SECRET_LINKS = [
    route for route in roles.routes() if "<str:token>" in route or "<str:code>" in route
]


@pytest.mark.parametrize("language", ["/", "/fr/"])
@pytest.mark.parametrize("route", SECRET_LINKS)
def test_no_secret_link_is_logged(log, route, language):
    path = re.sub("<str:(token|code)>", "t0ken", route).replace("<str:receipt>", "PW-7K3M-Q9XD")

    Client().get(f"{language}{path}")

    assert "/…" in log.getvalue()
    assert "t0ken" not in log.getvalue()


def test_a_forbidden_page_is_one_line_of_the_log(log):
    editor = a_login("ann", "Editors")

    assert editor.get("/admin/auth/user/").status_code == 403
    assert len(log.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/admin/companies/company/?name__regex=a", 400),
        ("/admin/companies/company/?name__regex%0AERROR+x=a", 400),
        ("/admin/companies/company/?id__exact=abc", 400),
        ("/admin/companies/company/²/change/", 302),
        ("/admin/companies/company/1/change/?_to_field=name", 400),
        ("/admin/companies/company/1/history/%0A1/", 404),
        ("/admin/auth/user/{user}%0A/password/", 200),
        ("/nothing%0AERROR forged: line/", 404),
        ("/nothing%E2%80%A8line/", 404),
        ("/companies/?q=%00", 400),
    ],
)
def test_a_refused_request_is_one_line_of_the_log(log, address, status):
    client = a_login()
    answer = client.get(address.replace("{user}", client.session["_auth_user_id"]))

    assert answer.status_code == status
    assert len(log.getvalue().splitlines()) <= 1, log.getvalue()


def test_a_form_with_too_many_fields_is_one_line_of_the_log(log):
    answer = a_login().post("/admin/companies/company/add/", {f"a{n}": 1 for n in range(2_501)})

    assert answer.status_code == 400
    assert len(log.getvalue().splitlines()) == 1


def test_an_outage_is_logged_once_however_many_requests_fail():
    lines = PublicLines()
    error = OperationalError("connection\nrefused")
    met = {"name": "django.request", "status_code": 503, "msg": "Service Unavailable: /"}
    records = [logging.makeLogRecord(met | {"exc_info": (type(error), error, None)}) for _ in "abc"]

    assert [lines.filter(record) for record in records] == [True, False, False]
    assert records[0].getMessage() == "Service Unavailable: /: connection refused"
    assert not records[0].exc_info


def test_a_programming_error_is_logged_with_its_traceback():
    fault = logging.makeLogRecord(
        {"name": "django.request", "status_code": 500, "exc_info": (ValueError, None, None)}
    )

    assert PublicLines().filter(fault)
    assert fault.exc_info


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        "550 <{}>: Recipient address rejected",
        "{'{}': (550, b'no such user {}')}",
        "Key (email)=({}) already exists.",
        "mailto:{}?subject=x",
        "a,{},b",
    ],
)
@pytest.mark.parametrize(
    "address", ["reader@a.example", "zoé+x@bücher.example", "o.n-e_il@localhost", "r@[192.0.2.1]"]
)
def test_no_log_line_contains_an_e_mail_address(log, said, address):
    said = said.replace("{}", address)
    try:
        int(said)
    except ValueError:
        logging.getLogger("companies").exception("While writing to %s", said)
        logging.getLogger("django.request").error("at /%s", said, exc_info=True)

    assert "Traceback" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert not re.search(r"reader|zoé|il@|r@", log.getvalue())


def test_e_mail_addresses_are_removed_from_a_long_log_line_quickly():
    began = time.process_time()  # other programs may hold the machine
    for text in ("a" * 20_000, "a@" * 10_000, "@" * 20_000, "a." * 10_000 + "@"):
        without_secrets(text)

    assert time.process_time() - began < 1
