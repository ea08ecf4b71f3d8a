"""Fetch cited pages politely: one at a time per host, obeying robots.txt.

robots.txt (RFC 9309) is obeyed although this is no crawler. A host that answers 429 or 503 is
skipped for the rest of the run.
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


class DisallowedByRobots(DownloadError):
    """robots.txt disallows this URL."""


class Postponed(DownloadError):
    """The host is busy; another run will retry."""


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
        """Fetch the page. Raises DownloadError; Postponed if another run will retry."""
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
                raise DisallowedByRobots(url, "robots", message)
            return self._fetch(host, url)

    def _fetch(self, host: "_Host", url: str) -> Download:
        wait = host.pause(self.pause) - (self.clock() - host.fetched_at)
        if wait > 0:
            self.sleep(wait)
        try:
            return self.fetch(url)
        except DownloadError as error:
            host.is_busy = error.status in BUSY
            raise
        finally:
            host.fetched_at = self.clock()

    def _robots(self, host: "_Host", url: str) -> RobotFileParser:
        """The robots.txt rules of a host; empty without such a file. Raises DownloadError."""
        rules = RobotFileParser()
        try:
            lines = self._fetch(host, url).content.decode(errors="replace").splitlines()
        except DownloadError as error:
            is_missing = 400 <= error.status < 500 and error.status not in BUSY
            if not is_missing and error.code != "empty":
                raise
            lines = []
        rules.parse(lines)
        return rules


class _Host:
    """A host: its rules, last request time, and lock."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.robots: RobotFileParser | None = None
        self.fetched_at = float("-inf")
        self.is_busy = False

    def pause(self, least: float) -> float:
        wanted: Any = self.robots.crawl_delay(NAME) if self.robots else None
        return min(max(least, float(wanted or 0)), max(least, LONGEST_PAUSE))


class ByHost(Generic[Found]):
    """Runs work for each URL: a few hosts at once, the URLs of one host one after another.

    Yields results that are not None as they come. After `seconds` nothing more is started.
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
