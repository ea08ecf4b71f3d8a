"""Column headings of spreadsheets, in the languages of European offices.

`headings.csv` lists them, for the upload and the supplier check alike.
"""

import csv
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from .cells import Cell

NAMES = ("supplier", "company", "legal_name", "name")  # what names a supplier, the clearest first


def headings_of(*columns: str) -> tuple[str, ...]:
    """The headings of any of `columns`, in order."""
    return tuple(word for column in columns for word in _known()[column])


@cache
def _known() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("headings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            before = found.get(row["column"], ())
            found[row["column"]] = (*before, *row["headings"].split("|"))
    return found


def fold_header(header: str) -> str:
    """A heading without case, accents, spaces and punctuation."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", header).casefold() if letter.isalnum()
    )


class Headers:
    """The columns to look for, each with the spellings of its header."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[str]],
        optional: Collection[str] = (),
        *,
        of_names: Collection[str] = (),
    ) -> None:
        self.spellings = {name: spellings or [name] for name, spellings in columns.items()}
        self.required = [name for name in columns if name not in optional]
        # The columns that may hold the names of companies: the first one, where nothing is said.
        self.of_names = of_names or list(columns)[:1]
        self.names: dict[str, str] = {}
        self.rank: dict[str, int] = {}  # the clearest spelling first
        for name, spellings in columns.items():
            for spelling in (*spellings, name, name.replace("_", " ")):
                self.names.setdefault(fold_header(spelling), name)
                self.rank.setdefault(fold_header(spelling), len(self.rank))

    def key_of(self, cell: Cell) -> str:
        """The known heading that a cell matches, whole or in one of its languages; or ""."""
        if not isinstance(cell, str) or len(cell) > 100:
            return ""
        parts = (cell, *cell.replace("\n", "/").replace("(", "/").replace("|", "/").split("/"))
        return next((key for key in map(fold_header, parts) if key in self.names), "")

    def names_of(self, cells: Sequence[Cell]) -> list[str]:
        """The canonical name of each header, "" where it is not known."""
        return [self.names.get(self.key_of(cell), "") for cell in cells]

    def count_known(self, cells: Sequence[Cell]) -> int:
        return len(set(self.names_of(cells)) - {""})

    def head_names(self, cells: Sequence[Cell]) -> bool:
        """Whether one of the cells is a heading of names."""
        return not set(self.of_names).isdisjoint(self.names_of(cells))
