"""A fresh checkout, set up word for word as README and docs/deploy.md say, then asked in French."""

import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from companies.register.package import TABLES
from tests.official_pages import europa_page

ROOT = Path(__file__).parent.parent
COPIED = ("accounts", "companies", "deploy", "locale", "pactwatch", "static", "templates")
FILES = ("LICENSE-DATA", "Makefile", "manage.py", "pyproject.toml", "requirements.txt")
HOST = "register.example.org"
README = (ROOT / "README.md").read_text()
DEPLOY = (ROOT / "docs/deploy.md").read_text()
# The packages are installed: the tests run in them.
INSTALLED = "make -o .venv/installed"
START = 300  # seconds
PASSWORD = "a long enough password 7\n"


@pytest.fixture
def checkout(tmp_path):
    """The files that git keeps, with the virtual environment of the tests."""
    ignore = shutil.ignore_patterns("*.mo", "__pycache__")
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def environment(**variables):
    return {"PATH": os.environ["PATH"], "PYTHON3": sys.executable, **variables}


def run(checkout, script, **variables):
    """What a script says; it must end well."""
    answer = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=checkout,
        env=environment(**variables),
        input=PASSWORD * 2,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START,
        start_new_session=True,  # without a terminal, a password is read from the input
    )
    assert answer.returncode == 0, answer.stdout
    return answer.stdout


@contextmanager
def served(checkout, script, port, **variables):
    """The server that a script starts, until the block ends; `get` asks it as a proxy does."""
    log = checkout / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            ["bash", "-c", script],
            cwd=checkout,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    headers = {"Host": variables.get("ALLOWED_HOSTS", "127.0.0.1"), "X-Forwarded-Proto": "https"}

    def get(path):
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers)) as answer:
            return answer.read().decode()

    try:
        deadline = time.monotonic() + START
        while True:
            try:
                get("/healthz/live")
                break
            except URLError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        yield get
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lines_in_english_only(get):
    """The lines of the public history whose French is their English."""
    found, path = [], "/api/v1/changes/?page_size=100"
    while path:
        answer = json.loads(get(path))
        found += [line["what"] for line in answer["results"]]
        path = answer["next"] and f"/api/v1/{answer['next'].partition('/api/v1/')[2]}"
    assert len(found) > 300
    return [what["fr"] for what in found if what["fr"] == what["en"]]


def block(text, containing):
    [found] = [b for b in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if containing in b]
    return found


NEEDS_MAKE = pytest.mark.skipif(not shutil.which("make"), reason="there is no make")


def served_by_make(checkout):
    port = free_port()
    return served(checkout, f"exec {INSTALLED} run PORT={port}", port)


@pytest.mark.long
@NEEDS_MAKE
def test_make_run_serves_a_fresh_checkout_in_french(checkout):
    with served_by_make(checkout) as get:
        assert "signataires" in get("/fr/")
        assert lines_in_english_only(get) == []


@pytest.mark.long
@NEEDS_MAKE
def test_the_daily_make_commands_work_beside_make_run(checkout):
    with served_by_make(checkout):
        # A list much shorter than the 137 signatories known is refused, and one of made-up names.
        with (ROOT / "companies/data/companies.csv").open(newline="") as file:
            known = [row["name"] for row in csv.DictReader(file)]
        names = "".join(f"<li>{escape(name)}</li>" for name in known[:140])
        (checkout / "page.html").write_bytes(europa_page(f"<ul>{names}</ul>"))
        daily = block(README, "make dump").replace("make ", f"{INSTALLED} ")
        watch = [line for line in block(README, "page.html").splitlines() if "page.html" in line]
        said = run(checkout, daily + watch[0])

    assert "Nothing was written: a dry run." in said
    assert f"Wrote {len(TABLES) + 1} files to var/dump." in said
    assert re.search(r"All \d+ changes hold", said)
    assert "EU AI Pact: read, 140 names" in said


@pytest.mark.long
def test_the_steps_of_docs_deploy_serve_a_fresh_checkout_in_french(checkout):
    steps = block(DEPLOY, "granian").splitlines()
    done = ("python3 -m venv", ".venv/bin/pip")  # as above
    setup = [line for line in steps if not line.startswith((*done, ".venv/bin/granian"))]
    [serve] = [line for line in steps if line.startswith(".venv/bin/granian")]
    url = f"sqlite:///{checkout}/register.sqlite3"
    script = "\n".join(setup).replace("SECRET_KEY=…", f"SECRET_KEY={'k3y-Abc' * 10}")
    script = re.sub(r"DATABASE_URL=\S+", f"DATABASE_URL={url}", script)
    exports = "\n".join(line for line in script.splitlines() if line.startswith("export"))

    said = run(checkout, script)
    port = free_port()
    server = f"{exports}\nexec {serve.replace('--port 8000', f'--port {port}')}"
    with served(checkout, server, port, ALLOWED_HOSTS=HOST) as get:
        assert "signataires" in get("/fr/")
        assert lines_in_english_only(get) == []
        assert json.loads(get("/healthz/ready"))["status"] == "ok"

    assert "alice can log in." in said


def test_docs_deploy_compiles_the_translations_before_loading_data():
    steps = block(DEPLOY, "granian")
    order = ["install --require-hashes", "pybabel compile", "export SECRET_KEY", "check --deploy"]
    order += ["migrate", "load_register", "collectstatic", "granian"]

    assert sorted(order, key=steps.index) == order
