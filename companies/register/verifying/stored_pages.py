"""Archived bytes of cited pages, in a folder by SHA-256; the oldest are deleted first."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings


def store(content: bytes, sha256: str) -> None:
    """Archive the bytes; nothing larger than the whole limit is stored."""
    if len(content) > _most():
        return
    path = _path(sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        path.touch()
        return
    # A process that is killed here leaves a draft, which is removed once it is the oldest.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix="draft-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(draft).replace(path)
    _make_room(path)


def stored(sha256: str) -> bytes | None:
    """The archived bytes with this hash; None if missing."""
    try:
        return _path(sha256).read_bytes() if sha256.isalnum() else None
    except FileNotFoundError:
        return None


@contextmanager
def one_run() -> Iterator[bool]:
    """Whether this is the only run archiving pages; a killed one no longer counts."""
    folder = Path(settings.KEPT_PAGES_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _most() -> int:
    megabytes: int = settings.KEPT_PAGES_MB
    return megabytes * 1_000_000


def _path(sha256: str) -> Path:
    return Path(settings.KEPT_PAGES_DIR) / sha256[:2] / sha256


def _make_room(newest: Path) -> None:
    """Delete the least recently used files, never `newest`, until the total fits."""
    found = []
    for path in Path(settings.KEPT_PAGES_DIR).glob("*/*"):
        with suppress(FileNotFoundError):  # another process removed it just now
            found.append((path.stat().st_mtime, path, path.stat().st_size))
    total = sum(size for *_rest, size in found)
    for _seen_at, path, size in sorted(found):
        if total <= _most():
            return
        if path != newest:
            path.unlink(missing_ok=True)
            total -= size
