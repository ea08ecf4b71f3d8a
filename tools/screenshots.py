"""Takes the pictures of the main pages: `make test` once, `.venv/bin/python -m tools.screenshots`.

Serves the real register from a scratch SQLite database and photographs it in Chromium.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tools.postgres import free_port

FOLDER = Path(__file__).parent.parent / "docs/screenshots"
START_TIMEOUT = 30  # seconds
DESKTOP, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 780}
PICTURES = {
    "home.png": ("/", DESKTOP, "light"),
    "home-phone-fr.png": ("/fr/", PHONE, "dark"),
    "browse.png": ("/companies/?country=US", DESKTOP, "light"),
    "browse-phone-fr.png": ("/fr/companies/?country=FR", PHONE, "light"),
    "record.png": ("/companies/milestone-systems/", DESKTOP, "light"),
    "record-phone-fr.png": ("/fr/companies/mistral-ai/", PHONE, "light"),
    "absent.png": ("/absent/", DESKTOP, "light"),
    "reports.png": ("/reports/", DESKTOP, "dark"),
    "statistics.png": ("/statistics/#by-country", DESKTOP, "light"),
    "compare.png": (
        "/compare/?company=google&company=mistral-ai&company=telefonica",
        DESKTOP,
        "light",
    ),
    "check.png": ("/check/", DESKTOP, "light"),
    "correction-phone-fr.png": ("/fr/corrections/new/?company=telefonica", PHONE, "light"),
}


def run(*command: str, env: Mapping[str, str] = os.environ) -> None:
    subprocess.run([sys.executable, *command], check=True, env=env)  # our own words


def shrink(pictures: list[Path]) -> None:
    """A palette of 128 colours is enough for text; uv lends Pillow for it."""
    program = (
        "import sys; from PIL import Image\n"
        "for path in sys.argv[1:]: Image.open(path).quantize(128).save(path, optimize=True)"
    )
    pillow = ("-m", "uv", "run", "--quiet", "--no-project", "--with", "pillow", "python")
    run(*pillow, "-c", program, *map(str, pictures))


@contextmanager
def served_register() -> Iterator[str]:
    """The address of a server that has the register of companies/data."""
    run("-m", "babel.messages.frontend", "--quiet", "compile", "-d", "locale", "-D", "django")
    with tempfile.TemporaryDirectory(prefix="pactwatch-screenshots-") as folder:
        address = f"http://127.0.0.1:{(port := free_port())}"
        settings = {
            "DATABASE_URL": f"sqlite:///{folder}/register.sqlite3",
            "DEBUG": "on",
            "SITE_URL": address,
        }
        environment = os.environ | settings
        run("manage.py", "migrate", "--verbosity=0", env=environment)
        run("manage.py", "load_register", env=environment)
        serve = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
        serve += ["--blocking-threads", "2", "--log-level", "warning", "pactwatch.wsgi:application"]
        server = subprocess.Popen(serve, env=environment)
        try:
            wait_for(f"{address}/healthz/ready")
            yield address
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            urlopen(address).close()  # noqa: S310  # an address of our own server
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with served_register() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        for name, (path, size, scheme) in PICTURES.items():
            page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            page.goto(address + path)
            page.screenshot(path=FOLDER / name)
            page.close()
        browser.close()
    shrink([FOLDER / name for name in PICTURES])


if __name__ == "__main__":
    main()
