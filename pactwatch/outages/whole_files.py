"""Write files atomically: nobody sees one that is not complete."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

DRAFT = ".draft"


def write_whole(path: Path, make: Callable[[Path], None]) -> None:
    """Write a file by `make`, first under another name. Raises OSError if the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(suffix=DRAFT, dir=path.parent)
    os.close(descriptor)
    try:
        make(Path(draft))
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)  # where a disk is full, it is in the way
