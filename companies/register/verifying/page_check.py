"""Fetch one cited page and search it for its quotes. No database here."""

import datetime
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlsplit

from companies.importers.cited_page import CitedPage, read_cited_page
from companies.importers.download import Download, DownloadError
from companies.importers.official_page.visibility import STRUCK_OUT
from companies.models import QuoteCheck
from companies.names.quotes import QuotedText

from .polite_fetching import PoliteFetcher, Postponed

Reason = QuoteCheck.Reason
GONE = (404, 410)
# What the codes of a download mean for the page; the others are the network's.
REASONS = {
    "status": Reason.STATUS,
    "timeout": Reason.NO_ANSWER,
    "certificate": Reason.CERTIFICATE,
    "robots": Reason.ROBOTS,
    "encoding": Reason.ENCODING,
    "empty": Reason.EMPTY,
    "size": Reason.SIZE,
    "unpacked_size": Reason.SIZE,
    **dict.fromkeys(("redirects", "redirect", "not_modified"), Reason.REDIRECTS),
    **dict.fromkeys(("url", "scheme", "credentials", "port", "host", "address"), Reason.ADDRESS),
}
NETWORK = (Reason.NO_ANSWER, Reason.NO_CONNECTION, Reason.NO_HOST, Reason.CERTIFICATE)
# How long a quote must be to be that of the cited page on what looks like another.
SURELY_OF: Mapping[str, int] = {
    Reason.FRONT_PAGE: 1_000_000,
    Reason.ERROR_PAGE: 40,
    Reason.ASKS_FIRST: 40,
}
FRONT_PAGE = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?|index\.\w{3,5})?", re.IGNORECASE)
# The day in a URL of the Internet Archive and its like: /web/20240925101500/https://…
COPY_OF = re.compile(r"/((?:19|20)\d\d)(\d\d)(\d\d)\d{0,6}(?:[a-z]{2}_)?/")
# A page of 10 MB takes 400 MB to read: one at a time.
_reading = Lock()


@dataclass(frozen=True)
class PageToCheck:
    """A URL with its quotes, and those of each archived copy."""

    url: str
    quotes: frozenset[str]
    copies: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PageSeen:
    """The result at a URL: which quotes were found, or why none. `url` is the one requested."""

    url: str
    found: frozenset[str] = frozenset()
    concealed: frozenset[str] = frozenset()
    is_there: bool = False
    reason: str = ""
    status: int | None = None
    content: bytes = b""
    sha256: str = ""
    message: str = ""

    @property
    def is_gone(self) -> bool:
        return self.status in GONE

    @property
    def is_unreached(self) -> bool:
        """Whether nothing responded: the fault may be on our side."""
        return self.reason in NETWORK

    @property
    def of_day(self) -> datetime.date | None:
        """The date of an archived copy, if its URL has one."""
        try:
            numbers = map(int, COPY_OF.search(self.url).groups())  # type: ignore[union-attr]  # it matched before
            return datetime.date(*numbers)
        except (AttributeError, ValueError):
            return None


@dataclass(frozen=True)
class PageOutcome:
    """A checked page, and the archived copies searched for quotes that it lost."""

    wanted: PageToCheck
    page: PageSeen
    copies: Mapping[str, PageSeen] = field(default_factory=dict)


def look(wanted: PageToCheck, fetcher: PoliteFetcher) -> PageOutcome | None:
    """Check a page, and its copies for lost quotes; None if its host is busy."""
    page = _seen(wanted.url, wanted.quotes, fetcher)
    if page is None:
        return None
    lost = wanted.quotes - page.found if page.is_there or page.is_gone else frozenset()
    copies = {url: quotes & lost for url, quotes in wanted.copies.items() if quotes & lost}
    seen = {url: _seen(url, quotes, fetcher) for url, quotes in copies.items()}
    return PageOutcome(wanted, page, {url: one for url, one in seen.items() if one})


def _seen(url: str, quotes: Iterable[str], fetcher: PoliteFetcher) -> PageSeen | None:
    try:
        fetched = fetcher.page(url)
    except Postponed:
        return None
    except DownloadError as error:
        status = error.status or None
        return PageSeen(url, reason=_reason(error), status=status, message=error.message)
    with _reading:
        page = read_cited_page(fetched.content, fetched.content_type)
        return _searched(url, fetched, page, frozenset(filter(None, quotes)))


def _reason(error: DownloadError) -> str:
    cause = error.__cause__
    if isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_NONAME, _NO_DATA):
        return Reason.NO_HOST
    return REASONS.get(error.code, Reason.NO_CONNECTION)


_NO_DATA = getattr(socket, "EAI_NODATA", socket.EAI_NONAME)


def _searched(url: str, fetched: Download, page: CitedPage, quotes: frozenset[str]) -> PageSeen:
    obstacle: str = Reason.FRONT_PAGE if _is_front_page(url, fetched.url) else page.obstacle
    sought = frozenset(quote for quote in quotes if len(quote) >= SURELY_OF.get(obstacle, 0))
    struck = frozenset(quote for quote in sought if STRUCK_OUT in quote)
    found = _found(page.texts, sought - struck) | _found(page.struck, struck)
    return PageSeen(
        url,
        found=found,
        concealed=_found(page.concealed, quotes - found - struck),
        is_there=not obstacle or bool(found),
        reason=str(obstacle),
        content=fetched.content,
        sha256=fetched.sha256,
    )


def _found(texts: Iterable[str], quotes: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts if quotes else ():
        searched = QuotedText(text)
        found |= {quote for quote in quotes - found if searched.has(_with_marker(quote))}
    return frozenset(found)


def _with_marker(quote: str) -> str:
    """The quote with “struck out” as a marker to match, as in `CitedPage.struck`."""
    return quote.replace(STRUCK_OUT, STRUCK_OUT.strip("[]"))


def _is_front_page(url: str, led_to: str) -> bool:
    """Whether a deep URL redirected to the front page, as for removed articles."""
    before, after = urlsplit(url), urlsplit(led_to)
    is_inside = FRONT_PAGE.fullmatch(before.path) is None or before.query
    return bool(is_inside and FRONT_PAGE.fullmatch(after.path) and not after.query)
