"""Counters that all processes of a machine share.

Each process adds in a small memory-mapped file of its own, so that counting takes no lock and no
system call; a reader adds up the files. What ended processes counted is moved into one more file by
the next process that starts. A process is known to be alive by its file lock, not by its PID.
"""

import fcntl
import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from mmap import mmap
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from django.conf import settings

KINDS = ("page", "api", "admin", "static", "health")
STATUSES = (
    *(200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 410, 413, 414),
    *(415, 429, 431, 500, 501, 502, 503, 504),
)
OTHER = "other"
ANSWERS = ("kept", "fresh")
# Upper bounds in seconds; a cached response takes 0.00005.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
EVENTS = ("slow_queries", "mail_failures")

# Every number there is, in its place: (what, ...).
NAMES: tuple[tuple[str, ...], ...] = (
    *((event,) for event in EVENTS),
    *(
        ("requests", kind, str(status), answer)
        for kind in KINDS
        for status in (*STATUSES, OTHER)
        for answer in ANSWERS
    ),
    *(("seconds", kind, str(bound)) for kind in KINDS for bound in (*BOUNDS, "+Inf")),
    *(("microseconds", kind) for kind in KINDS),
)
_PLACE = {name: place for place, name in enumerate(NAMES)}
SIZE = 8 * len(NAMES)
# Files of another release may have other numbers.
LAYOUT = hashlib.sha256(repr(NAMES).encode()).hexdigest()[:8]
# By kind, status and whether the response was cached.
_REQUEST = {
    (kind, status, answer == "kept"): _PLACE["requests", kind, str(status), answer]
    for kind in KINDS
    for status in STATUSES
    for answer in ANSWERS
}
_SECONDS = {kind: _PLACE["seconds", kind, str(BOUNDS[0])] for kind in KINDS}
_MICROSECONDS = {kind: _PLACE["microseconds", kind] for kind in KINDS}


class Counters:
    """The counters of this process, in a file in `folder` if one is given."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.cells: Any = array("Q", bytes(SIZE))
        if folder:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(folder):
                _take_over(folder)
                self.cells = self._file(folder)

    def count(self, event: str) -> None:
        self.cells[_PLACE[(event,)]] += 1

    def count_request(self, kind: str, status: int, seconds: float, *, is_cached: bool) -> None:
        cells = self.cells
        place = _REQUEST.get((kind, status, is_cached))
        if place is None:
            place = _PLACE["requests", kind, OTHER, ANSWERS[not is_cached]]
        cells[place] += 1
        cells[_SECONDS[kind] + bisect_left(BOUNDS, seconds)] += 1
        cells[_MICROSECONDS[kind]] += int(seconds * 1_000_000)

    def of_all(self) -> dict[tuple[str, ...], int]:
        """The sum over all processes, ended ones included."""
        if self.folder is None:
            return dict(zip(NAMES, self.cells, strict=True))
        with _alone(self.folder):
            found = [_read(path) for path in self.folder.glob(f"{LAYOUT}-*")]
        return dict(zip(NAMES, map(sum, zip(*found, strict=True)), strict=True))

    def _file(self, folder: Path) -> memoryview:
        # Open for as long as the process lives: its lock says that it does.
        self.file = (folder / f"{LAYOUT}-{os.getpid()}-{token_hex(4)}").open("w+b")
        fcntl.flock(self.file, fcntl.LOCK_SH)
        self.file.write(bytes(SIZE))
        self.file.flush()
        return memoryview(mmap(self.file.fileno(), SIZE)).cast("Q")


@cache
def counters() -> Counters:
    """The counters of this process."""
    return Counters(settings.METRICS_DIR if settings.METRICS_TOKEN else None)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _take_over(folder: Path) -> None:
    """Merge the files of ended processes into one, and delete files of another layout."""
    total = folder / f"{LAYOUT}-ended"
    dead = [path for path in folder.glob("*-*-*") if _has_ended(path)]
    counted = [_read(path) for path in chain(dead, [total]) if path.name.startswith(LAYOUT)]
    draft = folder / "ended.draft"
    draft.write_bytes(array("Q", map(sum, zip(*counted, strict=True))).tobytes())
    draft.replace(total)
    for path in dead:
        path.unlink()


def _has_ended(path: Path) -> bool:
    with path.open("rb") as file:
        return _locked(file)


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> "array[int]":
    """The counters in a file; empty if it is missing or truncated."""
    content = path.read_bytes() if path.exists() else b""
    return array("Q", content if len(content) == SIZE else bytes(SIZE))
