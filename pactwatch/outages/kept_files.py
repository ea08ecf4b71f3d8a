"""Costly files, made whole at the first request for them and kept on disk; old ones give way."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from .turns import taking_turns

ABANDONED = 3600  # seconds after which nobody is still writing a draft


@dataclass(frozen=True)
class KeptFiles:
    """The files of one kind: so many of the newest used, and so many bytes, stay."""

    suffix: str
    most: int
    most_bytes: float = float("inf")

    def path(self, name: str, make: Callable[[Path], None]) -> Path:
        """The path of a file, which `make` writes unless it is there."""
        folder = Path(settings.RECORDED_DIR)
        path = folder / f"{name}{self.suffix}"
        try:
            if path.exists():
                path.touch()
                return path
            folder.mkdir(parents=True, exist_ok=True)
            with taking_turns():
                # A request for the same file waited for it instead of making another one.
                return path if path.exists() else self._made(path, make)
        except OSError as error:
            message = f"No file can be kept in {folder}: {error.strerror}"
            raise OperationalError(message) from error

    def forget(self) -> None:
        """Remove all of them: what they were made of is another."""
        for path in Path(settings.RECORDED_DIR).glob(f"*{self.suffix}"):
            path.unlink(missing_ok=True)

    def _made(self, path: Path, make: Callable[[Path], None]) -> Path:
        self._remove_old(path.parent)
        descriptor, draft = tempfile.mkstemp(suffix=".draft", dir=path.parent)
        os.close(descriptor)
        try:
            make(Path(draft))
            return Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)  # where a disk is full, it is in the way

    def _remove_old(self, folder: Path) -> None:
        """Remove the files longest unused, and drafts that a killed process left."""
        drafts = [d for d in folder.glob("*.draft") if _used(d)[0] < time.time() - ABANDONED]
        for path in [*self._too_many(folder), *drafts]:
            path.unlink(missing_ok=True)

    def _too_many(self, folder: Path) -> Iterator[Path]:
        kept = 0
        newest = sorted(folder.glob(f"*{self.suffix}"), key=_used, reverse=True)
        for place, path in enumerate(newest, start=1):
            kept += _used(path)[1]
            if place >= self.most or kept > self.most_bytes:
                yield path


def _used(path: Path) -> tuple[float, int]:
    """When a file was last used, and its size; nothing of one that another process removed."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime, found.st_size
    return 0, 0
