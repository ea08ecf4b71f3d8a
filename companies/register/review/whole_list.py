"""Read all pages of a list, within its host and the limits of one page."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from companies.importers.download import MAX_BYTES, Download, DownloadRefused, download
from companies.importers.official_page import (
    ListedName,
    NamesRead,
    OfficialPage,
    Reason,
    UnreadableList,
)
from companies.models import ImportRun

MAX_PAGES = 40
MAX_SECONDS = 60.0  # for all pages together

Fetch = Callable[..., Download]
Parse = Callable[..., OfficialPage]
MOST_FILES = 3  # links that are tried


@dataclass(frozen=True)
class Document:
    """One fetched page of the list."""

    url: str
    content: bytes
    etag: str = ""
    last_modified: str = ""
    names: int = 0
    name: str = ""  # of a saved file

    def as_row(self) -> dict[str, Any]:
        """The metadata that a run stores about it."""
        return {
            "url": self.url,
            "size": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "etag": self.etag,
            "last_modified": self.last_modified,
            "names": self.names,
        }


def allowed_download() -> Fetch:
    """A download function restricted to the hosts of official lists."""
    return partial(download, hosts=settings.WATCH_HOSTS, user_agent=settings.WATCH_USER_AGENT)


def fetch_first(url: str, last: ImportRun | None, fetch: Fetch) -> Download:
    """The page at `url`; "not modified" only if no page of the list changed since `last`.

    Raises DownloadRefused and DownloadFailed.
    """
    if last and last.part_because:
        return fetch(url)  # the rest may be readable today
    if last is None or len(last.documents) < 2:
        known = {"etag": last.etag, "last_modified": last.last_modified} if last else {}
        return fetch(url, **known)
    first, *further = last.documents
    answer = _fetch_again(first, fetch)
    if answer.not_modified and not all(_fetch_again(one, fetch).not_modified for one in further):
        return fetch(url)
    return answer


def _fetch_again(page: dict[str, Any], fetch: Fetch) -> Download:
    return fetch(page["url"], etag=page["etag"], last_modified=page["last_modified"])


class ListInFile(Exception):
    """The list is in a file that cannot be read; the message says which and why."""


class WholeList:
    """The names on all pages of a list, and why it is partial, if it is."""

    def __init__(self, first: Document, parse: Parse, fetch: Fetch | None) -> None:
        self.parse = parse
        self.documents: list[Document] = []
        self.pages: list[OfficialPage] = []
        self.names: dict[str, ListedName] = {}
        self.rows = 0
        self.visited = {_without_fragment(first.url)}
        self.waiting: list[str] = []  # URLs in the order to read them
        self.firsts: set[str] = set()  # URLs of a page 1
        self.fault = ""  # why not all pages were read
        self.on_two_pages = ""
        try:
            self.add(first, parse(first.content, is_csv=_is_csv(first.name or first.url)))
        except UnreadableList as error:
            self._read_file(first, error, fetch)

    def add(self, document: Document, page: OfficialPage) -> None:
        """Add the names of a page, unless it only repeats those before."""
        found = {one.name.casefold(): one for one in page.names}
        again = found.keys() & self.names.keys()
        if self.pages and len(again) == len(found):
            if document.url not in self.firsts:
                self.fault = _("Page %(number)s repeats names from earlier pages.") % {
                    "number": len(self.pages) + 1
                }
            return
        if len(again) == len(self.names):  # the first page, or one that shows all
            self.names, self.rows, again = {}, 0, set()
        elif again:
            self.on_two_pages = self.on_two_pages or found[min(again)].name
        self.names |= {key: one for key, one in found.items() if key not in again}
        self.rows += max(page.extent.rows, len(found)) - len(again)
        self.documents.append(replace(document, names=len(found)))
        self.pages.append(page)
        self.queue(document.url, page)

    def _read_file(self, first: Document, error: UnreadableList, fetch: Fetch | None) -> None:
        """Read the linked file that is the list."""
        if not error.files:
            raise error
        urls = [urljoin(first.url, href) for href in error.files[:MOST_FILES]]
        if fetch is None:
            said = _("The list is in a file that the page links to: %(url)s")
            raise ListInFile(said % {"url": urls[0]})
        faults = []
        for url in urls:
            try:
                found = fetch(url, max_bytes=MAX_BYTES - len(first.content))
                page = self.parse(found.content, is_csv=not _is_page(found.content))
            except (DownloadRefused, UnreadableList) as fault:
                faults.append(f"{url}: {fault}")
                continue
            self.documents.append(first)
            self.add(Document(url, found.content, found.etag, found.last_modified), page)
            return
        raise ListInFile(
            _("The list is in a file that the page links to, which could not be read: %(why)s")
            % {"why": "; ".join(faults)}
        )

    def queue(self, url: str, page: OfficialPage) -> None:
        """Queue the links of this page before those of earlier pages."""
        links = [urljoin(url, link) for link in page.extent.links]
        if len(self.pages) == 1 and page.extent.first:
            first = urljoin(url, page.extent.first)
            self.firsts.add(first)
            links.append(first)
        self.waiting = [*links, *self.waiting]

    def read_on(self, fetch: Fetch) -> None:
        """Read the further pages of the list. Raises DownloadFailed."""
        ends = time.monotonic() + MAX_SECONDS
        for url in self._unread_urls():
            size = sum(len(document.content) for document in self.documents)
            if len(self.visited) > MAX_PAGES or time.monotonic() > ends or size >= MAX_BYTES:
                self.fault = _("The list continues after %(number)s pages.") % {
                    "number": len(self.pages)
                }
            elif not _is_same_site(url, self.documents[0].url):
                self.fault = _("The list continues at %(url)s, on another host.") % {"url": url}
            else:
                self._read_page(url, fetch, MAX_BYTES - size)
            if self.fault:
                return

    def _unread_urls(self) -> Iterator[str]:
        while self.waiting:
            url = self.waiting.pop(0)
            if _without_fragment(url) not in self.visited:
                self.visited.add(_without_fragment(url))
                yield url

    def _read_page(self, url: str, fetch: Fetch, max_bytes: int) -> None:
        try:
            found = fetch(url, max_bytes=max_bytes)
            document = Document(url, found.content, found.etag, found.last_modified)
            self.add(document, self.parse(found.content))
        except DownloadRefused as error:
            self.fault = str(error)
        except UnreadableList as error:
            is_empty = error.reason in {Reason.EMPTY_SECTION, Reason.NOT_A_LIST}
            if not (is_empty and self.pages[0].extent.is_index):
                self.fault = _("Page %(number)s of the list could not be read: %(reason)s.") % {
                    "number": len(self.pages) + 1,
                    "reason": error,
                }

    # What was read

    @property
    def content(self) -> bytes:
        return b"".join(document.content for document in self.documents)

    def joined(self) -> OfficialPage:
        """All pages as one: the names in order and those that left, each once."""
        read = NamesRead(list(self.names.values()))
        read.add_left(one for page in self.pages for one in page.left)
        return replace(self.pages[0], names=read.listed, left=read.left)

    @property
    def total(self) -> int:
        return max(page.extent.total for page in self.pages)

    @property
    def stated(self) -> str:
        """What the pages say about the length of the list."""
        said = [page.extent.says for page in self.pages if page.extent.total or page.extent.pages]
        about = next((page.extent.about for page in self.pages if page.extent.about), "")
        return next(iter(said), about)[:300]

    def part_because(self) -> str:
        """Why the list is partial; "" if it seems complete."""
        extents = [page.extent for page in self.pages]
        if any(one.is_counted for one in extents) and self.rows >= self.total:
            return ""
        says = next((one.says for one in extents if one.says), "")
        if self.fault:
            return self.fault
        if any(one.is_selection for one in extents):
            return _("The page names only some: “%(words)s”.") % {"words": says}
        if self.rows < self.total:
            return _("The page says “%(words)s”; %(number)s names were read.") % {
                "words": says,
                "number": len(self.names),
            }
        if self._goes_on():
            return _("The list continues on another page: “%(words)s”.") % {"words": says}
        if self.on_two_pages:
            return _("“%(name)s” is on two pages: the list changed while it was being read.") % {
                "name": self.on_two_pages
            }
        return ""

    def _goes_on(self) -> bool:
        pages = max(page.extent.pages for page in self.pages)
        unread = any(_without_fragment(url) not in self.visited for url in self.waiting)
        return unread or len(self.pages) < pages or any(one.extent.is_open for one in self.pages)


def _is_csv(name: str) -> bool:
    return urlsplit(name).path.lower().endswith(".csv")


def _is_page(content: bytes) -> bool:
    return b"<html" in content[:5000].lower() or b"<!doctype" in content[:5000].lower()


def _without_fragment(url: str) -> str:
    return urldefrag(url).url


def _is_same_site(url: str, other: str) -> bool:
    ours, theirs = urlsplit(url), urlsplit(other)
    return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())
