"""Dry runs: what a load would change, and what a dump would overwrite."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import override

from .loading import load
from .results import Loaded
from .tables import TABLES, Rows, register_rows


@dataclass(frozen=True)
class DryRun:
    """The differences a load would make, one line each, and counts."""

    differences: list[str]
    loaded: Loaded

    def __str__(self) -> str:
        return "\n".join([*self.differences, str(self.loaded), "Nothing was written: a dry run."])


def preview(files: Mapping[str, bytes], *, replace: bool = False, reason: str) -> DryRun:
    """Load the package, compare the register before and after, and roll all of it back."""
    with override("en"), transaction.atomic():
        before = register_rows(computed=True)
        loaded = load(files, replace=replace, reason=reason)
        differences = list(_differences(before, register_rows(computed=True)))
        transaction.set_rollback(True)
    return DryRun(differences, loaded)


def _differences(before: Rows, after: Rows) -> Iterator[str]:
    order = [table.name for table in TABLES]
    for name, key in sorted({**before, **after}, key=lambda row: (order.index(row[0]), row[1])):
        row = f"{name} {' '.join(filter(None, key))}"
        old, new = before.get((name, key)), after.get((name, key))
        if old is None:
            yield f"would add {row}"
        elif new is None:
            yield f"would remove {row}"
        else:
            for column in (column for column in new if old[column] != new[column]):
                yield f"would change {row}: {column} {old[column]!r} to {new[column]!r}"


def lost_rows(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """The files in `folder` with more rows than the new ones, with both counts."""
    tables = [name for name in files if name.endswith(".csv") and (folder / name).is_file()]
    counts = {name: (_count((folder / name).read_bytes()), _count(files[name])) for name in tables}
    return [
        f"{name}: {there} rows in the folder, {here} in the register"
        for name, (there, here) in counts.items()
        if there > here
    ]


def _count(content: bytes) -> int:
    """The rows of a CSV file without its header; its lines where it is no CSV."""
    text = content.decode(errors="replace").replace("\0", "")
    try:
        records = sum(1 for record in csv.reader(io.StringIO(text, newline="")) if record)
    except csv.Error:
        records = len(text.splitlines())
    return max(records - 1, 0)
