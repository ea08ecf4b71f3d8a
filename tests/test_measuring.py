"""The line of each request, what is counted, and who may read it."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from accounts.sessions import role_of
from pactwatch.guards import Application
from pactwatch.logs import JsonLines, PublicLines, TextLines
from pactwatch.measuring import counters, exposition, request_log, slow_queries
from pactwatch.measuring.request_ids import current, id_of
from pactwatch.response_cache import ResponseCache
from pactwatch.response_cache.quick_answers import QuickAnswers

from .builders import a_company, a_pact
from .editors import a_login, a_user

ROOT = Path(__file__).parent.parent
TOKEN = "a-token-of-twenty-letters"
pytestmark = pytest.mark.django_db
LIST = "/api/v1/companies/"


@pytest.fixture(autouse=True)
def no_request():
    """Whatever a test before this one asked for."""
    current.environ = None
    yield
    current.environ = None


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """The numbers of this process, in a folder of their own."""
    own = counters.Counters(tmp_path / "metrics")
    for module in (counters, request_log, slow_queries):
        monkeypatch.setattr(module, "counters", lambda: own)
    return own


@pytest.fixture
def observed(counted):
    """The whole program as a server calls it, and what it writes."""
    a_pact()
    ends = (request_started, request_finished)  # which would end the transaction of the test
    for signal in ends:
        signal.disconnect(close_old_connections)

    def make(**options):
        options = {"logs": True, "as_json": True} | options
        return request_log.Observed(ResponseCache(QuickAnswers(Application())), **options)

    yield make
    for signal in ends:
        signal.connect(close_old_connections)


def asked(application, path, method="GET", **headers):
    """The status of a request, and what standard error then holds."""
    told = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "REMOTE_ADDR": "192.0.2.7",
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = application(environ, lambda status, headers, *_: told.append((status, dict(headers))))
    content = b"".join(body)
    getattr(body, "close", int)()
    (status, headers), *_more = told
    return int(status[:3]), headers, content


def last_line(capsys):
    lines = capsys.readouterr().err.splitlines()
    return json.loads(lines[-1])


# The line of a request


def test_each_request_is_logged_as_json_and_says_whether_it_was_cached(observed, capsys):
    application = observed()
    for answer in ("fresh", "kept"):
        assert asked(application, f"{LIST}?status=signed")[0] == 200
        line = last_line(capsys)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", line.pop("time"))
        assert re.fullmatch(r"[0-9a-f]{16}", line.pop("request"))
        assert 0 <= line.pop("ms") < 60_000
        assert line == {
            "level": "INFO",
            "logger": "pactwatch.requests",
            "method": "GET",
            "path": LIST,
            "status": 200,
            "answer": answer,
            "role": "reader",
        }


def test_each_request_can_be_logged_as_text(observed, capsys):
    asked(observed(as_json=False), f"{LIST}?q=secret")

    said = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(
        r'\S+ INFO pactwatch.requests: GET "/api/v1/companies/" 200 \d+\.\d ms fresh "reader" '
        r"\(request [0-9a-f]{16}\)",
        said,
    )


def test_a_request_log_line_has_no_ip_address_query_or_private_link(observed, capsys):
    asked(observed(), "/check/kept/t0ken/?email=reader@example.org", x_forwarded_for="192.0.2.9")

    said = capsys.readouterr().err
    assert '"/check/kept/\\u2026' in said
    for private in ("t0ken", "reader@", "192.0.2"):
        assert private not in said


@pytest.mark.parametrize(
    "path",
    [
        '/a"\n{"level": "ERROR"}',
        "/a\r\nINFO x",
        "/\x1b[31mred",
        "/a\u2028b",
        "/\xff\xfe",
        "/" + "a" * 9000,
        "/\\",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_path_cannot_inject_lines_or_quotes_into_the_request_log(observed, capsys, path, as_json):
    raw = path.encode("utf-8", "surrogateescape").decode("latin-1")
    asked(observed(as_json=as_json), raw, method='GET"\n', x_request_id="a\nb")

    said = [line for line in capsys.readouterr().err.splitlines() if "pactwatch.requests" in line]
    assert len(said) == 1
    assert said[0].isascii()
    assert len(said[0]) < 2500
    if as_json:
        line = json.loads(said[0])
        assert line["method"] == "OTHER"
        assert line["path"][0] == "/"


@pytest.mark.parametrize(
    ("behind_proxy", "given", "taken"),
    [
        (True, "abcdef0123456789abcdef0123456789", True),
        (True, "0b6a2c9e-9f11-4bd5-8d3c-1", True),
        (True, "short", False),
        (True, "a" * 65, False),
        (True, 'abcdefgh"', False),
        (True, "abcdefgh\n", False),
        (True, "é" * 10, False),
        (False, "abcdef0123456789abcdef0123456789", False),
    ],
)
def test_the_request_id_is_taken_from_a_trusted_proxy_only(settings, behind_proxy, given, taken):
    settings.BEHIND_PROXY = behind_proxy
    environ = {"HTTP_X_REQUEST_ID": given}

    assert (id_of(environ) == given) == taken
    assert id_of(environ) == id_of(environ)


def test_the_log_line_and_the_response_have_the_same_request_id(observed, capsys, settings):
    settings.BEHIND_PROXY = True
    application = observed()
    name = "f00dfeed" * 4
    status, headers, content = asked(application, "/api/v1/nowhere/", x_request_id=name)

    assert (status, headers["X-Request-Id"]) == (404, name)
    assert json.loads(content)["request_id"] == name
    assert last_line(capsys)["request"] == name


def test_a_server_error_logs_the_traceback_with_the_request_id_shown_to_the_user(
    observed, monkeypatch, capsys
):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(PublicLines())
    handler.setFormatter(JsonLines())
    logging.getLogger("django.request").addHandler(handler)

    def broken(*_arguments, **_named):
        raise ValueError("a fault of ours")

    monkeypatch.setattr("django.core.handlers.base.BaseHandler._get_response", broken)
    status, headers, content = asked(observed(), "/fr/method/")
    logging.getLogger("django.request").removeHandler(handler)

    line = last_line(capsys)
    assert (status, line["status"]) == (500, 500)
    number = line["request"]
    assert headers["X-Request-Id"] == number
    assert number in content.decode()
    [fault] = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert fault["request"] == number
    assert "ValueError: a fault of ours" in fault["traceback"]


def test_the_request_log_has_roles_and_never_user_names(settings):
    settings.REQUEST_LOG = True
    for groups, role in (
        (["Editors"], "editors"),
        (["Editors", "Reviewers"], "editors, reviewers"),
    ):
        user = a_user(f"ann-{len(groups)}")
        user.groups.set(Group.objects.filter(name__in=groups))
        assert role_of(user) == role
    assert role_of(a_user("eve")) == "no role"
    assert role_of(User(username="root", is_superuser=True)) == "administrator"
    request = a_login("bob", "Editors").get("/admin/").wsgi_request
    assert request.META["pactwatch.role"] == "editors"


def test_no_role_is_looked_up_when_request_logging_is_off():
    assert "pactwatch.role" not in a_login("ann", "Editors").get("/admin/").wsgi_request.META


def formatted(formatter, **values):
    record = logging.makeLogRecord({"name": "companies", "levelname": "ERROR", **values})
    PublicLines().filter(record)
    return formatter.format(record)


def test_a_line_break_inside_a_json_log_line_is_escaped():
    try:
        int("x\ny")
    except ValueError:
        error = sys.exc_info()
    said = formatted(JsonLines(), msg="forged\n{} %s", args=("é",), exc_info=error)

    assert len(said.splitlines()) == 1
    assert said.isascii()
    line = json.loads(said)
    assert line["message"] == "forged\\n{} \xe9"
    assert line["traceback"].startswith("Traceback (most recent call last):\n")
    assert "request" not in line


def test_every_log_line_of_a_request_has_its_request_id():
    current.environ = {"pactwatch.request_id": "0123456789abcdef"}

    assert json.loads(formatted(JsonLines(), msg="x"))["request"] == "0123456789abcdef"
    assert formatted(TextLines("{message}", style="{"), msg="x") == "x (request 0123456789abcdef)"
    current.environ = None
    assert formatted(TextLines("{message}", style="{"), msg="x") == "x"


def test_the_measuring_middleware_is_absent_when_logging_and_metrics_are_off(tmp_path):
    code = "from pactwatch.wsgi import application; print(type(application).__name__)"
    for extra, name in (
        ({}, "ResponseCache"),
        ({"REQUEST_LOG": "on"}, "Observed"),
        ({"METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path)}, "Observed"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": "sqlite:///:memory:"} | extra,
            capture_output=True,
            text=True,
        )
        assert done.stdout == f"{name}\n", done.stderr


# Slow statements


def test_a_slow_query_is_logged_without_its_values(settings, counted, caplog):
    settings.SLOW_QUERY_MS = 0
    with connection.execute_wrapper(slow_queries.log_if_slow):
        list(a_company("Acme").names.filter(name="Secret Name", pk__in=[1, 2, 3]))
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'a secret', 4711 AS n")

    said = [record.getMessage() for record in caplog.records if record.name.endswith("queries")]
    assert any('FROM "companies_companyname"' in line and "%s, …" in line for line in said)
    assert all(line.startswith("Slow query: ") for line in said)
    assert said[-1].endswith(" ms on default: SELECT %s, %s AS n".replace("%s, %s", "%s, …"))
    for secret in ("Secret Name", "a secret", "4711"):
        assert secret not in "".join(said)
    assert counted.of_all()["slow_queries",] == len(said)


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("INSERT INTO a (b, c) VALUES (%s, %s), (%s, %s), (1, 'x')", "VALUES (%s, …), …"),
        (
            "SELECT  b\n FROM a\tWHERE c = 'it''s' AND d = 1.5",
            "SELECT b FROM a WHERE c = %s AND d = %s",
        ),
        ("SELECT c1 FROM a2", "SELECT c1 FROM a2"),
        ("SELECT '" + "x" * 5000, "…"),
    ],
)
def test_a_logged_query_is_shortened_and_has_no_value(statement, shape):
    found = slow_queries.shape_of(statement)

    assert found.endswith(shape)
    assert len(found) <= slow_queries.LONGEST + 1


def test_a_fast_query_is_not_logged(settings, counted, caplog):
    settings.SLOW_QUERY_MS = 60_000
    with connection.execute_wrapper(slow_queries.log_if_slow):
        a_company("Acme")

    assert caplog.records == []


def test_the_slow_query_log_is_installed_once_per_connection(settings):
    class Connection:
        execute_wrappers = []

    slow_queries.watch(None, Connection)
    slow_queries.watch(None, Connection)

    assert Connection.execute_wrappers == [slow_queries.log_if_slow]


# Counting


def test_metrics_add_up_all_processes_including_ended_ones(tmp_path):
    code = (
        "import sys; from pathlib import Path; from pactwatch.measuring.counters import Counters\n"
        "one = Counters(Path(sys.argv[1])); one.count('mail_failures')\n"
        "one.count_request('page', 200, 0.02, is_cached=True)\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    start = lambda: subprocess.Popen(  # noqa: E731
        [sys.executable, "-c", code, tmp_path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    living, killed = start(), start()
    assert living.stdout.readline() == killed.stdout.readline() == "ready\n"
    own = counters.Counters(tmp_path)
    own.count("mail_failures")
    assert own.of_all()["mail_failures",] == 3

    killed.kill()
    killed.communicate()
    assert own.of_all()["mail_failures",] == 3
    later = counters.Counters(tmp_path)
    assert later.of_all()["mail_failures",] == 3
    assert later.of_all()["requests", "page", "200", "kept"] == 2
    files = sorted(path.name.partition("-")[2] for path in tmp_path.glob(f"{counters.LAYOUT}-*"))
    assert len(files) == 4, "two of this process, the living one, and the sum of those that ended"
    living.kill()
    living.communicate()


def test_metric_files_of_another_layout_are_deleted_and_broken_ones_ignored(tmp_path):
    (tmp_path / "01234567-12-ab").write_bytes(b"\1" * 800)
    (tmp_path / f"{counters.LAYOUT}-ended").write_bytes(b"\1" * 7)

    own = counters.Counters(tmp_path)

    assert not any(own.of_all().values())
    assert not (tmp_path / "01234567-12-ab").exists()


def test_requests_are_counted_by_kind_status_and_whether_cached(observed, counted):
    application = observed(logs=False)
    for path in (LIST, LIST, "/nowhere/", "/fr/nowhere/", "/api/v1/companies/?x=1", "/admin/"):
        asked(application, path)
    for status in (299, 500):
        counted.count_request("page", status, 100.0, is_cached=False)

    numbers = {name: number for name, number in counted.of_all().items() if number}
    requests = {name[1:]: number for name, number in numbers.items() if name[0] == "requests"}
    assert requests == {
        ("api", "200", "fresh"): 1,
        ("api", "200", "kept"): 1,
        ("api", "400", "fresh"): 1,
        ("page", "404", "fresh"): 2,
        ("admin", "302", "fresh"): 1,
        ("page", "other", "fresh"): 1,
        ("page", "500", "fresh"): 1,
    }
    assert numbers["seconds", "page", "+Inf"] == 2


def test_a_histogram_counts_the_values_up_to_each_bound():
    own = counters.Counters()
    for seconds in (0.0005, 0.001, 0.3, 99):
        own.count_request("api", 200, seconds, is_cached=False)

    text = exposition.written(exposition.of_requests(own.of_all()))
    found = dict(
        re.findall(r'^pactwatch_request_seconds_bucket{kind="api",le="(\S+)"} (\d+)$', text, re.M)
    )
    assert found["0.001"] == "2"
    assert found["0.25"] == "2"
    assert found["0.5"] == "3"
    assert found["10.0"] == "3"
    assert found["+Inf"] == "4"
    assert 'pactwatch_request_seconds_count{kind="api"} 4' in text
    assert 'pactwatch_request_seconds_sum{kind="api"} 99.3015' in text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "page"),
        ("", "page"),
        ("/companies/", "page"),
        ("/fr/companies/", "page"),
        ("/fr/admin/", "admin"),
        ("/admin/", "admin"),
        ("/api/v1/", "api"),
        ("/static/x.css", "static"),
        ("/healthz/ready", "health"),
        ("/metrics", "health"),
    ],
)
def test_each_path_has_one_kind_of_request(path, kind):
    assert request_log.named(path)[0] == kind
