"""The bytes of cited pages, in a folder under their SHA-256; the oldest give way to new ones."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings


def keep(content: bytes, sha256: str) -> None:
    """Keep the bytes, as the newest; nothing is kept that alone is larger than all may be."""
    if len(content) > _most():
        return
    path = _path(sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        path.touch()
        return
    # A process that is killed here leaves a draft, which is removed as the oldest in its turn.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix="draft-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(draft).replace(path)
    _make_room(path)


def kept(sha256: str) -> bytes | None:
    """The bytes with this hash, None where they were never kept or gave way."""
    try:
        return _path(sha256).read_bytes() if sha256.isalnum() else None
    except FileNotFoundError:
        return None


@contextmanager
def one_run() -> Iterator[bool]:
    """Whether no other run keeps pages here; that of a killed one is no longer counted."""
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
    """Remove the files longest not seen, never `newest`, until all together are small enough."""
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
