"""Three-way comparison of the shipped package: as before, as now, and the register.

Rows are plain text, as in the package files. Nothing here uses the database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .tables import BY_NAME, FACTS, TABLES, Key, Rows

Values = Mapping[str, str]


@dataclass(frozen=True)
class RowDifference:
    """A row that the package changed and the register lacks.

    `old` has the register's values of the columns that differ and `new` the package's, None
    if there is no such row; `before` is what the package stated until now. `row` is the
    whole row.
    """

    table: str
    key: Key
    row: Values
    old: Values | None
    new: Values | None
    before: Values | None

    @property
    def is_conflict(self) -> bool:
        """Whether the register's row changed too, since the package stated it."""
        if self.old is None or self.before is None:
            return self.old is not None or self.before is not None
        return any(self.before.get(name, value) != value for name, value in self.old.items())

    @property
    def company(self) -> str:
        return self.row["slug"] if self.table == "companies" else self.row.get("company", "")

    def as_json(self) -> dict[str, Any]:
        """The row in the form of `Proposal.rows`."""
        return {
            "table": self.table,
            "key": list(self.key),
            "old": self.old,
            "new": self.new,
            "before": self.before,
        }


def differences(before: Rows, package: Rows, register: Rows) -> Iterator[RowDifference]:
    """The changes of the package that the register lacks, in table order."""
    order = {table.name: number for number, table in enumerate(TABLES)}
    keys = sorted(
        {key for key in before if key[0] in order} | package.keys(),
        key=lambda key: (order[key[0]], key[1]),
    )
    for key in keys:
        found = _difference(key, before.get(key), package.get(key), register.get(key))
        if found:
            yield found


def _difference(
    key: tuple[str, Key],
    before: Values | None,
    package: Values | None,
    register: Values | None,
) -> RowDifference | None:
    if package is None:
        removed = register is not None and before is not None
        return RowDifference(*key, register, register, None, before) if removed else None  # type: ignore[arg-type]  # the types are wider
    changed = [name for name in package if before is None or before.get(name) != package[name]]
    if register is None:
        # Without a change it is the register that gave the row up.
        return RowDifference(*key, package, None, package, before) if changed else None
    differing = [name for name in changed if register[name] != package[name]]
    if not differing:
        return None
    was = before and {name: before[name] for name in differing if name in before}
    old, new = ({name: rows[name] for name in differing} for rows in (register, package))
    return RowDifference(*key, package, old, new, was)


@dataclass(frozen=True)
class Group:
    """Differences that belong together, such as a new company with all its rows.

    `main` is the row that the others belong to. New rows of other groups that they refer to are
    included in `rows`, so that each group can be decided alone.
    """

    main: RowDifference
    rows: list[RowDifference]


def groups(found: Iterable[RowDifference]) -> list[Group]:
    found = list(found)
    added = {(one.table, one.key): one for one in found if one.old is None and one.new}
    merged = {
        one.key[0]: one.row["company"] for one in added.values() if one.table == "company_redirects"
    }
    by_subject: dict[tuple[str, ...], dict[tuple[str, Key], RowDifference]] = {}
    for one in found:
        subject = _subject(one, added, merged)
        by_subject.setdefault(subject, {})[one.table, one.key] = one
    needed = {subject: _needed(own, added) for subject, own in by_subject.items()}
    elsewhere = {key for keys in needed.values() for key in keys}
    made = []
    for subject, own in by_subject.items():
        if not own.keys() <= elsewhere:
            rows = [*own.values(), *(added[key] for key in needed[subject])]
            rows.sort(key=lambda one: TABLES.index(BY_NAME[one.table]))
            made.append(Group(next(iter(own.values())), rows))
    return made


def _subject(
    one: RowDifference, added: Mapping[tuple[str, Key], Any], merged: Mapping[str, str]
) -> tuple[str, ...]:
    company = merged.get(one.company, one.company)
    # Two companies that become one: neither half of it is sound without the other.
    if ("companies", (company,)) in added or company in merged.values():
        return "companies", company
    table, columns = one.table, BY_NAME[one.table].key
    if table == "citations":
        table, columns = FACTS[one.row["fact"]]
    key = tuple(one.row[column] for column in columns)
    # A period that begins another day has another key, and ends where the next begins.
    return (table, *(key[:2] if table == "signings" else key))


def _needed(
    group: Mapping[tuple[str, Key], RowDifference], added: Mapping[tuple[str, Key], RowDifference]
) -> set[tuple[str, Key]]:
    """New rows outside the group that its rows refer to, directly or not."""
    needed: set[tuple[str, Key]] = set()
    waiting = list(group.values())
    while waiting:
        one = waiting.pop()
        if one.new is None:
            continue
        for target, columns in BY_NAME[one.table].references.values():
            key = (target, tuple(one.row[column] for column in columns))
            if key in added and key not in group and key not in needed:
                needed.add(key)
                waiting.append(added[key])
    return needed
