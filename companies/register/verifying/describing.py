"""Describe a page for an editor who cites it: fetched once, nothing is saved.

A request waits meanwhile, so that everything has a limit: two pages at once in a process, one
attempt each, and so many seconds for the page and for the query to the Internet Archive.
"""

import datetime
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.download import DownloadError, download
from companies.importers.page_details import (
    PageDetails,
    original_of,
    read_archived_copy,
    read_details,
)
from companies.models import Company, Source

from .polite_fetching import Fetch

SECONDS, SECONDS_OF_ARCHIVE = 8.0, 4.0
LARGEST_PAGE, LARGEST_ANSWER = 5_000_000, 20_000  # bytes
ARCHIVE = "archive.org"
AVAILABLE = f"https://{ARCHIVE}/wayback/available?url="
AT_ONCE = 2
_free = threading.BoundedSemaphore(AT_ONCE)

_once = partial(download, user_agent=settings.VERIFY_USER_AGENT, attempts=1)
fetch_page: Fetch = partial(
    _once, hosts=None, http_port=80, seconds=SECONDS, max_bytes=LARGEST_PAGE
)
fetch_archive: Fetch = partial(
    _once, hosts={ARCHIVE}, seconds=SECONDS_OF_ARCHIVE, max_bytes=LARGEST_ANSWER
)


class PageNotRead(Exception):
    """The page could not be read; the message is for editors."""


@dataclass(frozen=True)
class Described:
    """The fields of a source read from its page, and the page's language."""

    url: str
    title: str
    publisher: str
    kind: str
    published_on: datetime.date | None
    archived_url: str
    language: str

    @property
    def of_source(self) -> dict[str, Any]:
        """The known source fields."""
        names = ("url", "title", "publisher", "kind", "published_on", "archived_url")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value}


def describe(
    url: str,
    *,
    company: Company | None = None,
    fetch: Fetch | None = None,
    archive: Fetch | None = None,
) -> Described:
    """Fetch and describe a page. Raises PageNotRead.

    `company` is the one that it is cited for. A copy in the Internet Archive is described as
    its original page.
    """
    url = url.strip()
    if not _free.acquire(blocking=False):
        raise PageNotRead(_("Other pages are being read. Try again in a few seconds."))
    try:
        answer = (fetch or fetch_page)(url)
        original = original_of(url)
        copy = url if original else _copy_of(url, archive or fetch_archive)
    except DownloadError as error:
        raise PageNotRead(_why(error)) from error
    finally:
        _free.release()
    details = read_details(answer.content, answer.content_type)
    if details is None:
        raise PageNotRead(_("This is not a web page: its title and date cannot be read."))
    page_url = original or url
    return Described(
        url=page_url,
        title=details.title,
        publisher=details.publisher or (urlsplit(page_url).hostname or "").removeprefix("www."),
        kind=_kind(page_url, company),
        published_on=_possible_day(details),
        archived_url=copy,
        language=details.language,
    )


def _copy_of(url: str, archive: Fetch) -> str:
    """The URL of the newest copy in the Internet Archive; "" without a response."""
    try:
        return read_archived_copy(archive(AVAILABLE + quote(url, safe="")).content)
    except DownloadError:
        return ""


def _kind(url: str, company: Company | None) -> str:
    """The kind of source, guessed from the host only."""
    host = _host(url)
    own = _host(company.website) if company else ""
    if own and (host == own or host.endswith(f".{own}")):
        return Source.Kind.COMPANY
    official = host == "europa.eu" or host.endswith(".europa.eu")
    return Source.Kind.OFFICIAL_DOCUMENT if official else Source.Kind.PRESS


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().removeprefix("www.")


def _possible_day(details: PageDetails) -> datetime.date | None:
    day = details.published_on
    return day if day and day <= timezone.localdate() else None


def _why(error: DownloadError) -> str:
    if error.status in (404, 410):
        return _("The page does not exist (status %(status)s).") % {"status": error.status}
    if error.status:
        return _("The server did not give the page (status %(status)s).") % {"status": error.status}
    match error.code:
        case "url" | "scheme" | "credentials" | "port":
            return _("A page’s address begins with https:// or http://, without a login or a port.")
        case "host" | "address":
            return _("This address does not lead to a public web server.")
        case "timeout":
            return _("The server took too long to answer.")
        case "certificate":
            return _("The server’s certificate is not valid.")
        case "size" | "unpacked_size":
            return _("The page is too large to be read.")
        case "empty":
            return _("The page is empty.")
        case "redirects" | "redirect":
            return _("The address leads on too often.")
        case _unreached:
            return _("The server could not be reached.")
