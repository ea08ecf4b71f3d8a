"""Puts the invented register into an empty database."""

import tempfile
from pathlib import Path

from benchmarks import copies, package
from companies.register.package import TABLES, load

# More than these are copies: so many are loaded by the rules of every load in half a minute.
LOADED = 100_000
FIRST = 10_000


def fill(number: int) -> None:
    """Load `number` companies; above LOADED, load FIRST and let the database multiply them."""
    with tempfile.TemporaryDirectory(prefix="pactwatch-invented-") as name:
        folder = Path(name)
        package.write(folder, number if number <= LOADED else FIRST)
        load(read(folder), reason="invented")
    if number > LOADED:
        copies.multiply(number // FIRST - 1)


def read(folder: Path) -> dict[str, bytes]:
    return {table.file: (folder / table.file).read_bytes() for table in TABLES}
