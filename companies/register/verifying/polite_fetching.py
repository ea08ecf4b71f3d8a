"""Cited pages are fetched as a guest does: one at a time from a host, and not where it is asked.

A host is asked for its robots.txt first (RFC 9309); it decides although nobody crawls here. One
that answers 429 or 503 is left alone for the rest of the run.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from companies.importers.download import Download, DownloadError

PAUSE, LONGEST_PAUSE = 5.0, 30.0  # seconds between two requests to one host
HOSTS_AT_ONCE = 4
NAME = "PactWatch"  # in the user agent and in robots.txt
BUSY = (429, 503)
Fetch = Callable[[str], Download]
Found = TypeVar("Found")


class AskedToStayAway(DownloadError):
    """The host's robots.txt does not want programs at this address."""


class Postponed(DownloadError):
    """The host said that it is busy: it is asked again in another run."""


class PoliteFetcher:
    """Fetches pages of many hosts, in several threads."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.fetch, self.pause, self.clock, self.sleep = fetch, pause, clock, sleep
        self.hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self.adding = threading.Lock()

    def page(self, url: str) -> Download:
        """The page. Raises DownloadError, with Postponed where another run will ask again."""
        parts = urlsplit(url)
        with self.adding:
            host = self.hosts[parts.netloc.lower()]
        with host.turn:
            if host.is_busy:
                raise Postponed(url, "busy", f"{parts.netloc} is busy.")
            if host.robots is None:
                host.robots = self._robots(host, f"{parts.scheme}://{parts.netloc}/robots.txt")
            if not host.robots.can_fetch(NAME, url):
                message = f"robots.txt of {parts.netloc} asks programs to stay away."
                raise AskedToStayAway(url, "robots", message)
            return self._ask(host, url)

    def _ask(self, host: "_Host", url: str) -> Download:
        wait = host.pause(self.pause) - (self.clock() - host.asked_at)
        if wait > 0:
            self.sleep(wait)
        try:
            return self.fetch(url)
        except DownloadError as error:
            host.is_busy = error.status in BUSY
            raise
        finally:
            host.asked_at = self.clock()

    def _robots(self, host: "_Host", url: str) -> RobotFileParser:
        """The rules of a host; none where it has no such file. Raises DownloadError."""
        rules = RobotFileParser()
        try:
            lines = self._ask(host, url).content.decode(errors="replace").splitlines()
        except DownloadError as error:
            is_missing = 400 <= error.status < 500 and error.status not in BUSY
            if not is_missing and error.code != "empty":
                raise
            lines = []
        rules.parse(lines)
        return rules


class _Host:
    """A host: its rules, when it was last asked, and the lock of whoever asks it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.robots: RobotFileParser | None = None
        self.asked_at = float("-inf")
        self.is_busy = False

    def pause(self, least: float) -> float:
        wanted: Any = self.robots.crawl_delay(NAME) if self.robots else None
        return min(max(least, float(wanted or 0)), max(least, LONGEST_PAUSE))


class ByHost(Generic[Found]):
    """Does work for each URL, a few hosts at once and the URLs of one host one after another.

    Yields what is found as it comes, if not None. After `seconds` no more is begun.
    """

    def __init__(
        self, urls: Iterable[str], work: Callable[[str], Found | None], *, seconds: float
    ) -> None:
        self.urls: defaultdict[str, list[str]] = defaultdict(list)
        for url in urls:
            self.urls[urlsplit(url).netloc.lower()].append(url)
        self.work, self.ends_at = work, time.monotonic() + seconds
        self.done: SimpleQueue[Found | None] = SimpleQueue()
        self.stopped = threading.Event()

    def __iter__(self) -> Iterator[Found]:
        with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
            hosts = [pool.submit(self._of_host, urls) for urls in self.urls.values()]
            try:
                for _host in hosts:
                    while (found := self.done.get()) is not None:
                        yield found
            finally:
                self.stopped.set()
        for host in hosts:
            host.result()  # raises what the thread raised

    def _of_host(self, urls: list[str]) -> None:
        try:
            for url in urls:
                if self.stopped.is_set() or time.monotonic() > self.ends_at:
                    return
                if (found := self.work(url)) is not None:
                    self.done.put(found)
        finally:
            self.done.put(None)
