"""A cache of costly files on disk: made completely at the first request, oldest deleted first."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError

from .costly_requests import one_at_a_time
from .whole_files import DRAFT, write_whole

T = TypeVar("T")

ATTEMPTS = 5  # to open a file that other requests remove as soon as it is there
ABANDONED = 3600  # seconds after which nobody is still writing a draft


@dataclass(frozen=True)
class CachedFiles:
    """Cached files of one kind, limited in number and in bytes."""

    suffix: str
    most: int
    most_bytes: float = float("inf")

    def opened(self, name: str, make: Callable[[Path], None], open_file: Callable[[Path], T]) -> T:
        """Call `make` to write the file `name` if it is missing, and return `open_file(path)`.

        Another process may delete the file before it is open, but not once it is.
        """
        path = Path(settings.RECORDED_DIR) / f"{name}{self.suffix}"
        for _attempt in range(ATTEMPTS - 1):
            self._provide(path, make)
            try:
                return open_file(path)
            except (OSError, OperationalError):
                if path.exists():
                    raise
        self._provide(path, make)
        return open_file(path)

    def _provide(self, path: Path, make: Callable[[Path], None]) -> None:
        try:
            if _is_used(path):
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            with one_at_a_time():
                # A request for the same file waited for it instead of making another one.
                if not _is_used(path):
                    self._make(path, make)
        except OSError as error:
            message = f"No file can be cached in {path.parent}: {error.strerror}"
            raise OperationalError(message) from error

    def forget(self) -> None:
        """Delete all files, because the data they were made from was replaced."""
        for path in Path(settings.RECORDED_DIR).glob(f"*{self.suffix}"):
            path.unlink(missing_ok=True)

    def _make(self, path: Path, make: Callable[[Path], None]) -> None:
        self._remove_old(path.parent)
        write_whole(path, make)

    def _remove_old(self, folder: Path) -> None:
        """Delete the least recently used files, and drafts of killed processes."""
        drafts = [d for d in folder.glob(f"*{DRAFT}") if _used(d)[0] < time.time() - ABANDONED]
        for path in [*self._too_many(folder), *drafts]:
            path.unlink(missing_ok=True)

    def _too_many(self, folder: Path) -> Iterator[Path]:
        size = 0
        newest = sorted(folder.glob(f"*{self.suffix}"), key=_used, reverse=True)
        for place, path in enumerate(newest, start=1):
            size += _used(path)[1]
            if place >= self.most or size > self.most_bytes:
                yield path


def _is_used(path: Path) -> bool:
    """Whether the file exists; marks it as used. `touch` would create an empty one."""
    with suppress(FileNotFoundError):
        os.utime(path)
        return True
    return False


def _used(path: Path) -> tuple[float, int]:
    """When a file was last used, and its size; zeros if another process deleted it."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime, found.st_size
    return 0, 0
