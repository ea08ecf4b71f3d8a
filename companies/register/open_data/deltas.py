"""The difference of two packages: the first and these files give the second.

`examples/apply_delta.py` applies it, without our code and byte for byte.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.functional import cached_property

Row = dict[str, str]
KINDS = ("added", "changed", "removed")


@dataclass(frozen=True)
class Package:
    """A data package in a folder, whose rows are in the order in which we write them."""

    folder: Path

    @cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        described = json.loads((self.folder / "datapackage.json").read_bytes())
        return {one["name"]: one["schema"] for one in described["resources"]}

    def columns(self, table: str) -> list[str]:
        fields = self.schemas.get(table, {}).get("fields", ())
        return [field["name"] for field in fields]

    def key(self, table: str) -> list[str]:
        """The key columns, by which the file is sorted; all columns without a key."""
        key: list[str] = self.schemas.get(table, {}).get("primaryKey") or self.columns(table)
        return key

    def rows(self, table: str) -> Iterator[Row]:
        columns = self.columns(table)
        return (dict(zip(columns, cells, strict=True)) for cells in self.cells(table))

    def cells(self, table: str) -> Iterator[Sequence[str]]:
        if table in self.schemas:
            with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                yield from islice(csv.reader(file), 1, None)


def write_delta(before: Package, after: Package, folder: Path) -> dict[str, Counter[str]]:
    """Write the three files; returns the number of rows in each, by table."""
    counts: dict[str, Counter[str]] = {}
    with ExitStack() as files:
        sinks = {
            kind: files.enter_context((folder / f"{kind}.jsonl").open("w", encoding="utf-8"))
            for kind in KINDS
        }
        for table in {**before.schemas, **after.schemas}:
            counts[table] = Counter()
            for kind, line in _differences(before, after, table):
                counts[table][kind] += 1
                sinks[kind].write(_json({"table": table} | line) + "\n")
    return counts


def _differences(
    before: Package, after: Package, table: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    key = before.key(table)
    for old, new in _pairs(before, after, table):
        if new is None:
            yield "removed", {"key": {name: (old or {})[name] for name in key}}
        elif old is None:
            yield "added", {"row": {name: text for name, text in new.items() if text}}
        elif fields := {
            name: [old.get(name), text] for name, text in new.items() if old.get(name, "") != text
        }:
            yield "changed", {"key": {name: new[name] for name in key}, "fields": fields}


def _pairs(before: Package, after: Package, table: str) -> Iterator[tuple[Row | None, Row | None]]:
    """Each row before and after; all rows as new if the key columns changed."""
    old, new = before.rows(table), after.rows(table)
    keyed = "primaryKey" in before.schemas.get(table, {})
    was, now = before.key(table), after.key(table)
    # A row without a key is its own key; new columns are empty in the earlier rows.
    if was == now if keyed else was == now[: len(was)]:
        yield from _merged(old, new, lambda row: [row.get(name, "") for name in now])
        return
    yield from ((row, None) for row in old)
    yield from ((None, row) for row in new)


def _merged(
    before: Iterator[Row], after: Iterator[Row], place: Callable[[Row], list[str]]
) -> Iterator[tuple[Row | None, Row | None]]:
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and place(old) < place(new)):
            yield old, None
            old = next(before, None)
        elif old is None or place(new) < place(old):
            yield None, new
            new = next(after, None)
        else:
            yield old, new
            old, new = next(before, None), next(after, None)


def schema_changes(before: Package, after: Package) -> Mapping[str, tuple[list[str], list[str]]]:
    """Tables with changed columns: the added and the removed ones."""
    found = {}
    for table in {**before.schemas, **after.schemas}:
        was, now = before.columns(table), after.columns(table)
        if was != now:
            came, went = set(now) - set(was), set(was) - set(now)
            found[table] = ([c for c in now if c in came], [c for c in was if c in went])
    return found


_json = json.JSONEncoder(ensure_ascii=False).encode
