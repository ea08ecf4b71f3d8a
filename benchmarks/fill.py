"""Load the invented register into an empty database."""

import tempfile
from pathlib import Path

from benchmarks import copies, package
from companies.register.filling.quick_load import load_folder

# More than these are copies: so many are loaded by the rules of every load in half a minute.
LOADED = 10_000
FIRST = 2_000


def fill(number: int) -> None:
    """Load `number` companies; above LOADED, load FIRST and let the database multiply them."""
    with tempfile.TemporaryDirectory(prefix="pactwatch-invented-") as name:
        folder = Path(name)
        package.write(folder, number if number <= LOADED else FIRST)
        load_folder(folder, reason="invented")
    if number > LOADED:
        copies.multiply(number // FIRST - 1)
