"""Lists on several pages: read to their end, or known to be a part."""

import datetime
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from companies.importers.download import Download, download
from companies.models import ImportRun
from companies.register.review import whole_list
from companies.register.review.watch import Page, Reading, read_online
from companies.register.review.watch import read as read_page

from .builders import a_company, a_signing
from .lists import a_list, a_reading, a_reviewer, proposed
from .official_pages import europa_page, items
from .pdfs import TITLE, a_pdf, column
from .test_download import CERTIFICATE, LIST, OTHER, Server, an_answer, serving_from

pytestmark = pytest.mark.django_db

NAMES = [f"{letter}{word}" for letter in "ABCDEFGHIK" for word in ("bacus", "xiom")]
FIRST, SECOND = NAMES[:10], NAMES[10:]


class Site(Server):
    """A server that answers by path; a path it does not know is a 404."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, bytes] = {}

    def reply(self, head: str) -> bytes:
        path = head.split(" ", 2)[1]
        answer = self.pages.get(path) or an_answer("404 Not Found", b"<h1>Not found</h1>")
        etag = answer.split(b"ETag: ")[1].split(b"\r\n")[0].decode() if b"ETag: " in answer else ""
        if etag and f"If-None-Match: {etag}" in head:
            return an_answer("304 Not Modified", b"", ETag=etag)
        return answer

    @property
    def paths(self) -> list[str]:
        return [head.split(" ", 2)[1] for head in self.requests]


@contextmanager
def a_site(**pages: bytes) -> Iterator[tuple[Site, Callable[..., Reading]]]:
    """A site with pages by path, and how its list at /list is read."""
    with serving_from(Site()) as site:

        def fetch(url: str, **options: object) -> Download:
            return download(
                url,
                **{
                    "hosts": [LIST, OTHER],
                    "user_agent": "PactWatch/1",
                    "port": site.port,
                    "ca_certs": str(CERTIFICATE),
                    "resolve": lambda host, port: ["127.0.0.1"],
                    "is_public": lambda address: True,
                    "sleep": lambda seconds: None,
                }
                | options,
            )

        url = f"https://{LIST}:{site.port}/list"
        yield site, partial(read_online, a_list(url=url).pact, url, fetch=fetch)


def a_page(names: list[str], after: str = "", **headers: str) -> bytes:
    return an_answer(body=europa_page(items(*names) + after), **headers)


def pager(*links: str) -> str:
    return f'<nav class="pager">{"".join(links)}</nav>'


NEXT = pager('<a href="?page=0">1</a><a href="?page=1">2</a><a href="?page=1">Next</a>')
BACK = pager('<a href="?page=0">Previous</a><a href="?page=0">1</a>')


def test_all_pages_of_a_list_are_read():
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, NEXT), "/list?page=1": a_page(SECOND, BACK)}
        site.pages["/list?page=0"] = site.pages["/list"]
        reading = read()

    run = reading.run
    assert [entry["name"] for entry in run.listed] == NAMES
    assert (run.state, run.partial, run.part_because) == ("read", False, "")
    assert "2 pages were read: 10 + 10 names." in str(reading)


def test_a_leaver_on_one_page_is_not_listed_by_another_and_stored_once():
    gone = f"<h3>Former signatories</h3>{items(NAMES[0])}"
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, NEXT), "/list?page=1": a_page(SECOND, BACK + gone)}
        site.pages["/list?page=0"] = site.pages["/list"]
        listed_first = read(dry_run=True).run
        site.pages["/list"] = site.pages["/list?page=0"] = a_page(FIRST[1:], NEXT + gone)
        told_twice = read(dry_run=True).run

    for run in (listed_first, told_twice):
        assert (run.names_count, [one["name"] for one in run.left]) == (19, [NAMES[0]])


def test_the_bytes_of_each_page_are_stored_with_their_hash():
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, NEXT), "/list?page=1": a_page(SECOND)}
        site.pages["/list?page=0"] = site.pages["/list"]
        run = ImportRun.objects.get(pk=read().run.pk)

    bodies = [site.pages[path].split(b"\r\n\r\n", 1)[1] for path in ("/list", "/list?page=1")]
    assert bytes(run.content) == b"".join(bodies)
    assert run.sha256 == hashlib.sha256(run.content).hexdigest()
    assert [page["size"] for page in run.documents] == [len(body) for body in bodies]
    hashes = [hashlib.sha256(body).hexdigest() for body in bodies]
    assert [page["sha256"] for page in run.documents] == hashes


def test_a_list_is_unchanged_only_if_all_its_pages_are_unchanged():
    first, second = a_page(FIRST, NEXT, ETag='"a"'), a_page(SECOND, ETag='"b"')
    with a_site() as (site, read):
        site.pages = {"/list": first, "/list?page=1": second, "/list?page=0": first}
        read()
        site.requests.clear()
        unchanged = read()
        assert site.paths == ["/list", "/list?page=1"]
        site.pages["/list?page=1"] = a_page(SECOND[:-1], ETag='"c"')
        changed = read()
        site.pages["/list?page=1"] = a_page(SECOND[:-1], ETag='"d"')
        same_bytes = read()

    assert [one.run.state for one in (unchanged, changed, same_bytes)] == [
        "unchanged",
        "read",
        "unchanged",
    ]
    assert (unchanged.run.names_count, changed.run.names_count) == (20, 19)
    assert len(unchanged.run.documents) == 2


def parts(after: str, **pages: bytes) -> tuple[ImportRun, list[str]]:
    """The run of a list whose first page ends with `after`, and the paths that were asked for."""
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, after)} | {
            f"/list?page={number[1:]}": page for number, page in pages.items()
        }
        return read().run, site.paths


def test_a_page_that_fails_fails_the_whole_reading():
    run, _ = parts(NEXT)
    assert (run.state, run.listed) == ("failed", [])
    assert "404" in run.refusal


def test_a_list_that_continues_on_another_host_is_partial():
    run, paths = parts(pager(f'<a href="https://{OTHER}/list?page=1">Next</a>'))
    assert (run.partial, paths) == (True, ["/list"])
    assert OTHER in run.part_because


def test_a_following_page_that_is_not_a_list_makes_it_partial():
    answer = an_answer(body=b"<html><body><h1>Your session</h1><p>Hello</p></body></html>")
    run, _ = parts(pager('<a href="?page=1">Next</a>'), p1=answer)
    assert (run.state, run.partial, run.names_count) == ("read", True, 10)
    assert "Page 2 of the list could not be read" in run.part_because


def test_repeated_pages_make_the_list_partial():
    again = pager('<a href="?page=1">2</a><a href="?page=2">3</a>')
    run, paths = parts(again, p1=a_page(FIRST, again), p2=a_page(FIRST, again))
    assert (run.partial, len(paths)) == (True, 2)
    assert "Page 2 repeats" in run.part_because


def test_a_circle_of_pages_ends():
    forward = pager('<a href="?page=1" rel="next">Next</a>')
    back = pager('<a href="/list" rel="next">Next</a>')
    run, paths = parts(forward, p1=a_page(SECOND, back))
    assert (paths, run.names_count) == (["/list", "/list?page=1"], 20)


def test_a_list_that_changes_while_it_is_read_is_partial():
    link = pager('<a href="?page=1">Next</a>')
    run, _ = parts(link, p1=a_page(NAMES[9:]))
    assert (run.partial, run.names_count) == (True, 20)
    assert NAMES[9] in run.part_because
    counted = f"<p>Showing 1 to 10 of 20</p>{link}"
    run, _ = parts(counted, p1=a_page(NAMES[9:], "<p>Showing 11 to 20 of 20</p>"))
    assert run.partial is False


def test_a_list_below_its_stated_total_is_partial():
    link = "<p>Showing 1 to 10 of 50</p>" + pager('<a href="?page=1">Next</a>')
    run, _ = parts(link, p1=a_page(SECOND, "<p>Showing 11 to 20 of 50</p>"))
    assert (run.partial, run.names_count) == (True, 20)
    assert run.part_because == ("The page says “Showing 1 to 10 of 50 · Next”; 20 names were read.")


def test_a_page_that_shows_all_names_replaces_the_pages_before():
    run, _ = parts('<a class="btn" href="?page=all">Show all 20</a>', pall=a_page(NAMES))
    assert (run.partial, [entry["name"] for entry in run.listed]) == (False, NAMES)


def test_the_letters_of_an_index_are_read_one_by_one():
    letters = sorted({name[0] for name in NAMES})
    index = "<p>A " + " ".join(f'<a href="?page={one}">{one}</a>' for one in letters[1:]) + "</p>"
    pages = {f"p{one}": a_page([n for n in NAMES if n[0] == one], index) for one in letters[1:]}
    with a_site() as (site, read):
        site.pages = {"/list": a_page(NAMES[:2], index)}
        site.pages |= {f"/list?page={key[1:]}": page for key, page in pages.items()}
        site.pages["/list?page=K"] = a_page([], "<p>No results</p>")
        run = read().run
    assert (run.partial, run.part_because) == (False, "")
    assert run.names_count == 18


def test_reading_stops_at_the_limits_of_pages_and_bytes(monkeypatch):
    monkeypatch.setattr(whole_list, "MAX_PAGES", 3)
    pages = {
        f"p{number}": a_page([f"Company {number}"], pager(f'<a href="?page={number + 1}">Next</a>'))
        for number in range(1, 6)
    }
    run, paths = parts(pager('<a href="?page=1">Next</a>'), **pages)
    assert (run.partial, len(paths)) == (True, 3)
    assert run.part_because == "The list continues after 3 pages."

    monkeypatch.setattr(whole_list, "MAX_BYTES", len(a_page(FIRST)) + 1000)
    run, _ = parts(pager('<a href="?page=1">Next</a>'), **pages)
    assert run.partial is True


def test_an_editor_can_download_each_page_of_an_import_run(client):
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, NEXT), "/list?page=1": a_page(SECOND)}
        site.pages["/list?page=0"] = site.pages["/list"]
        run = read().run
    client.force_login(a_reviewer())
    shown = client.get(f"/admin/companies/importrun/{run.pk}/change/").content.decode()
    second = f"/admin/companies/importrun/{run.pk}/bytes/?page=2"
    assert f'href="{second}"' in shown
    assert run.documents[1]["sha256"] in shown
    body = site.pages["/list?page=1"].split(b"\r\n\r\n", 1)[1]
    assert client.get(second).content == body
    for none in ("0", "3", "-1", "x", "²", "9" * 400):
        assert client.get(second, {"page": none}).content == b""
    assert "2 pages" in client.get(f"/admin/companies/importrun/{run.pk}/review/").content.decode()


def linked(href: str) -> bytes:
    link = f'<p><a href="{href}">List of signatories</a></p>'
    return an_answer(body=europa_page(link))


FILES = {
    "/list.pdf": a_pdf([*TITLE, *column(NAMES)]),
    "/document/7": "\n".join(["Company;Country", *(f"{name};France" for name in NAMES)]).encode(),
}


@pytest.mark.parametrize("href", FILES)
def test_a_list_in_a_linked_file_is_read(href):
    with a_site() as (site, read):
        site.pages = {"/list": linked(href), href: an_answer(body=FILES[href], ETag='"f"')}
        reading = read()
        same = read()

    assert [entry["name"] for entry in reading.run.listed] == NAMES
    assert [page["names"] for page in reading.run.documents] == [0, 20]
    assert reading.run.documents[1]["url"].endswith(href)
    assert bytes(reading.run.content).endswith(FILES[href])
    assert same.run.state == "unchanged"


def test_an_unreadable_list_file_is_refused_and_a_failed_download_fails_the_run():
    with a_site() as (site, read):
        site.pages = {"/list": linked(f"https://elsewhere.example:{site.port}/list.pdf")}
        refused = read().run
        site.pages = {"/list": linked("/list.pdf")}
        failed = read().run

    assert (refused.state, failed.state) == ("refused", "failed")
    assert "elsewhere.example is not a host we may download from" in refused.refusal
    assert "404" in failed.refusal


def test_a_saved_page_whose_list_is_in_a_linked_file_is_refused_with_its_url(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(linked("/list.pdf").split(b"\r\n\r\n", 1)[1])
    out = saved(path)
    assert "The list is in a file that the page links to: https://" in out
    assert out.splitlines()[0].endswith("/list.pdf")


@pytest.mark.parametrize("name", ["list.pdf", "list.csv"])
def test_a_saved_file_is_read_like_a_page(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES["/list.pdf" if name == "list.pdf" else "/document/7"])
    assert saved(path).startswith("EU AI Pact: read, 20 names, 20 proposals")


def saved(path: Path) -> str:
    """What the command says of a saved file."""
    out = StringIO()
    a_list()
    with suppress(CommandError):
        call_command("watch", pact="eu-ai-pact", file=path, date=timezone.localdate(), stdout=out)
    return out.getvalue()


def test_a_saved_page_of_a_longer_list_is_partial(tmp_path):
    for name in NAMES[:12]:
        a_signing(a_company(name))
    path = tmp_path / "page.html"
    path.write_bytes(europa_page(items(*NAMES[:9]) + NEXT))
    assert saved(path).splitlines()[:2] == [
        "EU AI Pact: read, 9 names, 0 proposals",
        "  Partial list, so no removals proposed: The list continues on another page: “Next · 2”.",
    ]


def test_a_saved_partial_list_does_not_count_as_reading_the_live_list():
    with a_site() as (site, read):
        site.pages = {"/list": a_page(FIRST, NEXT), "/list?page=1": a_page(SECOND)}
        site.pages["/list?page=0"] = site.pages["/list"]
        content = site.pages["/list"].split(b"\r\n\r\n", 1)[1]
        saved = Page(content, read.args[1], datetime.date(2026, 1, 1))
        assert read_page(read.args[0], saved).run.partial is True
        assert read().run.partial is False


def test_a_list_that_ends_early_in_the_alphabet_is_partial():
    for name in NAMES[:17]:
        a_signing(a_company(name))
    run = a_reading(NAMES[:12]).run
    assert (run.state, run.partial) == ("read", True)
    assert run.part_because == (
        "The names go from “Abacus” to “Fxiom”; 5 known signatories come before or after them "
        "in the alphabet."
    )


def test_a_list_with_a_few_missing_names_is_complete():
    for name in NAMES:
        a_signing(a_company(name))
    run = a_reading([*NAMES[:8], *NAMES[10:18]]).run
    assert (run.partial, run.proposals_count) == (False, 4)


def test_a_partial_list_proposes_new_names_and_no_removal():
    for name in NAMES[:13]:
        a_signing(a_company(name))
    with a_site() as (site, read):
        site.pages = {"/list": a_page([*FIRST, "Bolt"], "<button>Load more</button>")}
        reading = read()
    assert proposed(reading) == [("new_company", "Bolt")]
    assert "Partial list, so no removals proposed: " in str(reading)
