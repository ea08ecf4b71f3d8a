"""Apply proposals with package rows, by loading the register's own dump with these rows.

So a row of any table is checked and written by the rules of a load.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from companies.register.review.checks import StaleProposal

from .dumping import csv_of
from .loading import load
from .tables import BY_NAME, TABLES, Rows, register_rows

if TYPE_CHECKING:
    from companies.models import Proposal

__all__ = ["put_rows", "register_rows", "write"]


def put_rows(register: Rows, proposal: "Proposal") -> None:
    """Put the rows of `proposal` into `register`. Raises StaleProposal, and then puts none.

    A value that is already there, by another proposal or an editor, is accepted.
    """
    changed: Rows = {}
    removed = []
    for row in proposal.rows:
        key = (row["table"], tuple(row["key"]))
        now, old, new = register.get(key), _present(row, "old"), _present(row, "new")
        if not _fits(now, old, new):
            raise StaleProposal(
                _("%(subject)s has changed since this was proposed: %(row)s.")
                % {"subject": proposal.subject, "row": " ".join(filter(None, [key[0], *key[1]]))}
            )
        if new is not None:
            changed[key] = (now or {}) | new
        elif now is not None:
            removed.append(key)
    register.update(changed)
    for key in removed:
        del register[key]


def _present(row: Mapping[str, Any], which: str) -> dict[str, str] | None:
    """The values of a proposed row in existing columns: it may be older than these."""
    values = row[which]
    columns = BY_NAME[row["table"]].columns
    return values and {name: text for name, text in values.items() if name in columns}


def _fits(now: Mapping[str, str] | None, old: Any, new: Any) -> bool:
    if now is None or new is None:
        return (now is None and (new is None or old is None)) or now == old
    return all(now[name] in (value, (old or {}).get(name, value)) for name, value in new.items())


def write(register: Rows, before: Iterable[tuple[str, Any]], reason: str) -> None:
    """Make the register equal to these rows. Raises BrokenPackage, and then writes nothing.

    `before` are its present keys.
    """
    by_table: dict[str, list[Mapping[str, str]]] = {table.name: [] for table in TABLES}
    for (name, _key), row in register.items():
        by_table[name].append(row)
    files = {table.file: csv_of(table, by_table[table.name]) for table in TABLES}
    load(files, replace=bool(set(before) - register.keys()), reason=reason)
