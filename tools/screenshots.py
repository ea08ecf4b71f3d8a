"""Takes the pictures of the main pages: `make test` once, `.venv/bin/python -m tools.screenshots`.

Serves the real register from a scratch SQLite database and photographs it in Chromium; then an
editor reviews an invented list of 236 names there, for docs/operate.md, and two people publish an
invented status, for docs/editors.md. `... -m tools.screenshots editors` takes only the last ones.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

import urllib3
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.first_live_reading import page_of_2026
from tools.postgres import free_port

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs/screenshots"
START_TIMEOUT = 30  # seconds
DESKTOP, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 780}
WIDE = {"width": 1440, "height": 860}  # the record is beside the form
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
OF_THE_REVIEW = ("operate-queue.png", "operate-review.png", "operate-done.png")
OF_THE_EDITOR = tuple(
    f"editors-{name}.png"
    for name in ("status", "preview", "waits", "approve", "draft", "undo", "merge")
)
PASSWORD = token_urlsafe()
# Nothing is invented of a company that there is.
INVENTED = """
import datetime
from companies.models import Company, Correction, Pact, Signing
for name in ("Sample Motors", "Vehicles Ltd"):
    slug = name.lower().replace(" ", "-")
    company = Company.objects.create(name=name, slug=slug, country="BE")
    Signing.objects.create(
        company=company, pact=Pact.objects.get(slug="eu-ai-pact"), status="signed",
        since=datetime.date(2024, 10, 9), since_basis="first_seen",
    )
Correction.objects.create(
    company=company, kind="error", message="Since June our headquarters are in Lyon, not in Ghent."
)
"""


def run(*command: str, env: Mapping[str, str] = os.environ, typed: str = "") -> None:
    words = [sys.executable, *command]
    subprocess.run(words, check=True, env=env, input=typed, text=True, timeout=600)


def shrink(pictures: list[Path]) -> None:
    """Reduce a picture to 128 colours, which is enough for text; uv lends Pillow for it."""
    program = (
        "import sys; from PIL import Image\n"
        "for path in sys.argv[1:]: Image.open(path).quantize(128).save(path, optimize=True)"
    )
    pillow = ("-m", "uv", "run", "--quiet", "--no-project", "--with", "pillow", "python")
    run(*pillow, "-c", program, *map(str, pictures))


@contextmanager
def served_register() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Serve the register of companies/data; yields the URL and the environment."""
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
            yield address, environment
        finally:
            server.terminate()
            server.wait(timeout=10)


def read_new_list(environment: Mapping[str, str]) -> None:
    """Create an editor's login, and the proposals of an invented list of 236 names."""
    rows = {}
    for name in ("companies", "signings"):
        with (ROOT / f"companies/data/{name}.csv").open(newline="", encoding="utf-8") as file:
            rows[name] = list(csv.DictReader(file))
    signed = {
        row["company"]
        for row in rows["signings"]
        if (row["pact"], row["status"], row["until"]) == ("eu-ai-pact", "signed", "")
    }
    known = [row["name"] for row in rows["companies"] if row["slug"] in signed]
    saved = f"--date={time.strftime('%Y-%m-%d')}"  # the page does not say of when it is
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(page_of_2026(known))
        page.flush()
        watch = ("manage.py", "watch", "--pact=eu-ai-pact", f"--file={page.name}", saved)
        run(*watch, env=environment)
    make_login(environment, "alice", "reviewer")


def make_login(environment: Mapping[str, str], name: str, role: str) -> None:
    editor = ("manage.py", "create_editor", name, f"--role={role}")
    run(*editor, env=environment, typed=f"{PASSWORD}\n{PASSWORD}\n")


def logged_in(browser: Browser, name: str, address: str) -> Page:
    page = browser.new_page(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    page.goto(address)
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def opened(page: Page) -> str:
    """Open the first record of a list; returns its URL without the name of the screen."""
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_url("**/change/**")
    return page.url.partition("change/")[0]


def photograph_entry(browser: Browser, address: str, environment: Mapping[str, str]) -> None:
    """Photograph an editor's status that a reviewer publishes, its undoing, and a merge."""
    run("manage.py", "shell", "--verbosity=0", "--command", INVENTED, env=environment)
    make_login(environment, "ann", "editor")
    make_login(environment, "rob", "reviewer")
    with (ROOT / "companies/data/sources.csv").open(newline="", encoding="utf-8") as file:
        source = next(one for one in csv.DictReader(file) if one["published_on"] > "2025")
    status, preview, waits, approve, draft, undo, merge = (FOLDER / name for name in OF_THE_EDITOR)
    admin = f"{address}/admin/companies/company/"
    page = logged_in(browser, "ann", f"{admin}?q=Sample Motors")
    record = opened(page)
    page.goto(f"{record}change-status/")
    page.locator("[name=status]").select_option("withdrawn")
    page.locator("[name=since]").fill(source["published_on"])
    page.locator("[name=since_basis]").select_option("first_seen")
    page.locator(".field-source .select2-selection").click()
    page.locator(".select2-search__field").fill(source["title"])
    page.locator(".select2-results__option", has_text=source["title"]).first.click()
    page.locator("[name=quote]").fill("We have decided to leave the Pact, said a spokesperson.")
    page.locator("details:has([name=own_words]) summary").click()
    page.locator("[name=own_words]").select_option("has_left")
    page.locator("[name=change_reason]").fill("press release of today")
    page.locator(".field-pact").first.evaluate("row => row.scrollIntoView()")
    page.screenshot(path=status)
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="Preview", exact=True).click()
    page.frame_locator("[name=record-preview]").get_by_text("Preview: nothing").wait_for()
    page.locator(".field-source").first.evaluate("row => row.scrollIntoView()")
    page.screenshot(path=preview)
    page.set_viewport_size(DESKTOP)
    page.locator(".submit-row [type=submit].default").click()
    page.locator(".messagelist .warning").wait_for()
    page.screenshot(path=waits)
    waiting = page.url
    page.goto(f"{address}/admin/companies/correction/")
    page.locator("#result_list tbody a").first.click()
    page.locator("[name=verdict]").first.check()
    page.locator("[name=reply]").fill("Thank you. The record now has France, with your report.")
    page.screenshot(path=draft)
    page.close()
    page = logged_in(browser, "rob", waiting)
    page.locator(".line input[type=checkbox]").first.check()
    page.screenshot(path=approve)
    page.locator(".decide [name=apply]").click()
    page.locator(".messagelist .success").wait_for()
    page.goto(f"{record}undo-status/")
    page.screenshot(path=undo)
    page.goto(f"{admin}?q=Vehicles")
    page.goto(f"{opened(page)}merge/?into={record.split('/')[-2]}")
    page.screenshot(path=merge)
    page.close()


def photograph_review(browser: Browser, address: str) -> None:
    """Photograph the queue, filling in new companies, and the result pages."""
    page = logged_in(browser, "alice", f"{address}/admin/companies/importrun/queue/")
    queue, review, done = (FOLDER / name for name in OF_THE_REVIEW)
    page.screenshot(path=queue)
    page.locator(".receipt h2 a").click()
    for line in page.locator("#kind-match_unsure .line").all():
        line.locator("input[type=radio]").last.check()
    page.locator("#all-new_company").check()
    page.get_by_role("button", name="Use the suggested countries").click()
    page.locator("#kind-match_unsure .line").last.evaluate("line => line.scrollIntoView()")
    page.screenshot(path=review)
    page.locator(".decide [name=apply]").click()
    page.locator(".messagelist .success").wait_for()
    page.screenshot(path=done)
    page.close()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            urllib3.request("GET", address, timeout=2, retries=False)
        except urllib3.exceptions.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def main(only: str = "") -> None:
    FOLDER.mkdir(exist_ok=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with served_register() as (address, environment), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        if not only:
            photograph_pages(browser, address)
            read_new_list(environment)  # last: public pages would show its day
            photograph_review(browser, address)
        photograph_entry(browser, address, environment)
        browser.close()
    taken = OF_THE_EDITOR if only else (*PICTURES, *OF_THE_REVIEW, *OF_THE_EDITOR)
    shrink([FOLDER / name for name in taken])


def photograph_pages(browser: Browser, address: str) -> None:
    for name, (path, size, scheme) in PICTURES.items():
        page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        page.goto(address + path)
        page.screenshot(path=FOLDER / name)
        page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
