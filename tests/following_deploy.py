"""Follows docs/deploy.md on a clean machine, block by block, and asks the site what readers ask.

Prints one line a step and what it saw; the last one is "followed".
"""

import http.client
import http.cookiejar
import json
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .stand_ins import LOG, put_in_place, systemctl

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/deploy.md").read_text()
HOST = "register.example.org"
PASSWORD = "a long enough password 7"
CODE = Path("/opt/code")
LEFT_OUT = (".git", ".venv", "var", "__pycache__", "*.mo", ".*_cache", "test-results")
OVER = "Stopped old worker-2"  # the last line of a reload
# What a later release brings: a table and a column, and its number.
LATER = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("companies", "%s")]
    operations = [
        migrations.RunSQL("CREATE TABLE later (id integer)"),
        migrations.RunSQL("ALTER TABLE companies_source ADD later text NOT NULL DEFAULT ''"),
    ]
"""


def section(heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)[1]


def follow(heading):
    """Run the blocks below a heading, one after the other in one shell, until one fails."""
    blocks = re.findall(r"^```sh\n(.*?)^```", section(heading), re.MULTILINE | re.DOTALL)
    script = "".join(blocks)
    address = re.search(r"CODE=\S+", PAGE)[0]
    script = f"{address}\nHOST={HOST}\n{script}".replace(address, f"CODE={CODE}")
    # Here nobody sits at a terminal.
    script = script.replace("create_editor alice", "create_editor --password-stdin alice")
    trap = """trap 'echo "FAILED: $BASH_COMMAND" >&2' ERR\nset -e -o pipefail\n"""
    answer = subprocess.run(
        ["bash", "-c", trap + script],
        cwd="/",
        input=f"{PASSWORD}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    log = LOG.read_text() if LOG.exists() else ""
    assert answer.returncode == 0, f"{heading}\n{answer.stdout}\n{log}"
    print(f"{heading}: {len([line for line in script.splitlines() if line])} lines", flush=True)
    return answer.stdout


def git(*arguments):
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(CODE), *who, *arguments], check=True)


def make_the_code():
    shutil.copytree(ROOT, CODE, ignore=shutil.ignore_patterns(*LEFT_OUT))
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(CODE)], check=True)
    git("add", "--all")
    git("commit", "--quiet", "--message=now")


def release_a_later_one():
    migrations = CODE / "companies/migrations"
    newest = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "0999_later.py").write_text(LATER % newest)
    project = CODE / "pyproject.toml"
    project.write_text(
        re.sub(r'^version = ".*"', 'version = "9.9.9"', project.read_text(), flags=re.M)
    )
    git("add", "--all")
    git("commit", "--quiet", "--message=later")


def start_postgres():
    version = sorted(path.name for path in Path("/usr/lib/postgresql").iterdir())[-1]
    if Path("/etc/postgresql", version, "main").exists():
        subprocess.run(["pg_dropcluster", version, "main"], check=True)
    Path("/run/postgresql").mkdir(mode=0o775)
    shutil.chown("/run/postgresql", "postgres", "postgres")
    command = ["pg_createcluster", version, "main", "--start"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Reader:
    """A browser: HTTPS to this machine, cookies kept, redirects followed."""

    def __init__(self):
        tls = ssl.create_default_context(cafile="/etc/ssl/register.pem")
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), jar)

    def ask(self, path, body=None, **headers):
        url = path if path.startswith("http") else f"https://{HOST}{path}"
        request = urllib.request.Request(url, body, {"Referer": url} | headers)  # noqa: S310
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.geturl(), answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.geturl(), error.read().decode(errors="replace")

    def send(self, path, **fields):
        """Send a form as its page has it: with its token, to where it stands."""
        _status, url, html = self.ask(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
        fields |= {"csrfmiddlewaretoken": token[1]} if token else {}
        return self.ask(url, urllib.parse.urlencode(fields).encode())


def upload(path, size):
    """A form with a file of `size` bytes, as browsers send it."""
    rows = b"Company\n" + b"Acme,\n" * (size // 6)
    head = 'Content-Disposition: form-data; name="file"; filename="a.csv"'
    body = f"--b\r\n{head}\r\nContent-Type: text/csv\r\n\r\n".encode() + rows + b"\r\n--b--\r\n"
    return Reader().ask(path, body, **{"Content-Type": "multipart/form-data; boundary=b"})


def look(*, later=False):
    """What the site answers over HTTPS, through nginx."""
    reader = Reader()
    status, url, html = reader.ask(f"http://{HOST}/fr/")
    assert (status, url) == (200, f"https://{HOST}/fr/"), (status, url)
    assert "signataires" in html
    style = re.search(r'href="(/static/site[^"]+css)"', html)[1]
    for path in ("/", style, "/companies/", "/changes/", "/api/v1/companies/"):
        assert reader.ask(path)[0] == 200, path
    count = json.loads(reader.ask("/api/v1/companies/")[2])["count"]
    ready = json.loads(reader.ask("/healthz/ready")[2])
    assert (ready["status"], ready["database"]) == ("ok", "postgresql"), ready
    assert (ready["release"] == "9.9.9") == later, ready
    status, _url, html = upload("/check/", 4_000_000)
    assert status < 500, (status, html[-2000:])
    assert status not in (413, 429), status
    print(f"home, style, API ({count} companies), readiness; an upload of 4 MB: {status}")


def log_in():
    reader = Reader()
    status, url, _html = reader.send("/admin/", username="alice", login="alice", password=PASSWORD)
    assert status == 200, (status, url)
    assert "login" not in url, url  # the admin, or where a second factor is enrolled
    print(f"an editor logs in, and is led to {urllib.parse.urlsplit(url).path}")


def answers(ended):
    """Ask the program itself until something has ended; what went wrong, and of how many."""
    wrong, sent = [], 0
    while sent < 200 or not ended.is_set():
        sent += 1
        connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=30)
        try:
            headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
            connection.request("GET", "/companies/", headers=headers)
            if (answer := connection.getresponse()).status != 200:
                wrong.append(answer.status)
            answer.read()
        except OSError as error:
            wrong.append(type(error).__name__)
        time.sleep(0.05)
    return wrong, sent


def lost(name, what, *, reloads):
    """Print how many requests, sent one after the other meanwhile, were not answered."""
    ended = threading.Event()
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(answers, ended)
        before = LOG.read_text().count(OVER)
        what()
        while reloads and LOG.read_text().count(OVER) == before:
            time.sleep(0.2)
        while not reloads and Reader().ask("/healthz/live")[0] != 200:
            time.sleep(0.2)
        ended.set()
        wrong, sent = asking.result()
    print(f"lost at {name}: {len(wrong)} {[*set(wrong)] or ''} (of {sent})", flush=True)


def dumped(name):
    folder = Path("/var/lib/pactwatch", name)
    subprocess.run(
        ["pactwatch", "dump_register", str(folder)], check=True, stdout=subprocess.DEVNULL
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def main():
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"127.0.0.1 {HOST}\n")
    put_in_place()
    start_postgres()
    make_the_code()
    follow("On a server")
    look()
    log_in()
    web = "pactwatch-web.service"
    lost("a reload", lambda: systemctl("reload", web), reloads=True)
    lost("a restart", lambda: systemctl("restart", web), reloads=False)
    before = dumped("before")
    release_a_later_one()
    lost("an upgrade", lambda: follow("Upgrade"), reloads=True)
    look(later=True)
    lost("a roll back", lambda: follow("Roll back"), reloads=True)
    look()
    subprocess.run(["pactwatch", "backup"], check=True)
    follow("Backups")
    look()
    assert dumped("after") == before
    print("followed")


if __name__ == "__main__":
    sys.exit(main())
