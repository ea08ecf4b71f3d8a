"""Propose what the shipped package changed since it was last read.

Nothing here changes the register: people decide on each proposal, and an editor's values stay until
one does.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from companies.importers.data_package import read_table
from companies.models import Company, ImportRun, Pact, Proposal
from companies.register.approval.superseding import carry_over
from companies.register.history import lock_register

from .results import BrokenPackage
from .row_differences import Group, RowDifference, differences, groups
from .tables import TABLES, Rows, Table, register_rows, without_computed

State = Proposal.State
LOADED = "load_register"  # the reason that this command leaves in the history
SHOWN = 20  # proposals that a command names
NAMES = ("name", "name_en", "title_en", "title", "label_en", "text", "slug")


@dataclass
class Offer:
    """A run of the shipped package; `left_out` are rows of deleted companies."""

    run: ImportRun
    proposals: list[Proposal] = field(default_factory=list)
    left_out: list[RowDifference] = field(default_factory=list)

    def __str__(self) -> str:
        number = len(self.proposals)
        some = f"{number} proposal{'s' if number > 1 else ''} to review under Import runs"
        lines = [f"The register's own package: {some if number else 'nothing new to review'}."]
        lines += [
            f"  {proposal.get_action_display():<22} {proposal.subject}"
            for proposal in self.proposals[:SHOWN]
        ]
        if number > SHOWN:
            lines.append("  ...")
        if self.left_out:
            slugs = ", ".join(sorted({one.company for one in self.left_out}))
            lines.append(f"Not offered, as these companies were merged or removed here: {slugs}.")
        return "\n".join(lines)


def offer(files: Mapping[str, bytes]) -> Offer | None:
    """Propose what the package changed since its last run; None if it is the same package.

    Open proposals are replaced; reverted changes are no longer proposed. Raises BrokenPackage
    for unreadable files.
    """
    package = package_rows(files)
    content = _as_bytes(package)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        lock_register()
        pact = Pact.objects.first()
        last = ImportRun.objects.filter(kind=ImportRun.Kind.PACKAGE).first()
        if pact is None or (last and last.sha256 == sha256):
            return None
        made = Offer(_run(pact, package, content, sha256))
        register = register_rows()
        found = list(differences(_rows_before(last), package, register))
        made.left_out = [one for one in found if _is_gone(one, register, found)]
        chosen = groups(one for one in found if one not in made.left_out)
        made.proposals = list(_not_rejected(_proposals(made.run, chosen)))
        made.run.proposals_count = len(made.proposals)
        made.run.save()
        carry_over(_open_proposals(), made.proposals)
        Proposal.objects.bulk_create(made.proposals, batch_size=500)
    return made


def package_rows(files: Mapping[str, bytes]) -> Rows:
    """The rows of a package. Raises BrokenPackage."""
    found: Rows = {}
    faults = []
    for table in TABLES:
        rows, wrong = read_table(
            table.file,
            files.get(table.file, b""),
            list(table.columns),
            later=table.later,
            gone=table.gone,
        )
        faults += wrong
        for row in rows:
            values = dict.fromkeys(table.columns, "") | row.values
            found[table.name, table.key_of(values)] = values
    if faults:
        raise BrokenPackage(faults)
    return without_computed(found)


def _as_bytes(package: Rows) -> bytes:
    """The rows by table, as stored with the run for the next comparison."""
    tables = {table.name: [] for table in TABLES}  # type: dict[str, list[dict[str, str]]]
    for (table, _key), values in sorted(package.items()):
        tables[table].append(values)
    return json.dumps(tables, ensure_ascii=False, indent=1).encode()


def _run(pact: Pact, package: Rows, content: bytes, sha256: str) -> ImportRun:
    return ImportRun(
        pact=pact,
        kind=ImportRun.Kind.PACKAGE,
        file_name="companies-data.json",
        retrieved_at=timezone.now(),
        seen_on=timezone.localdate(),
        sha256=sha256,
        content=content,
        names_count=sum(table == "companies" for table, _key in package),
    )


# What the package stated before


def _rows_before(last: ImportRun | None) -> Rows:
    """The package of the last run, without changes still open or stale."""
    if last is None:
        return without_computed(_rows_loaded())
    rows = without_computed(_stored_rows(last))
    for proposal in last.proposals.filter(state__in=[State.PROPOSED, State.STALE]):
        for row in proposal.rows:
            key = (row["table"], tuple(row["key"]))
            if row["before"] is None:
                rows.pop(key, None)
            else:
                rows[key] = rows.get(key, {}) | row["before"]
    return rows


def _stored_rows(run: ImportRun) -> Rows:
    tables = json.loads(bytes(run.content))
    return {
        (table.name, table.key_of(values)): values
        for table in TABLES
        for values in tables.get(table.name, [])
        if all(column in values for column in table.key)
    }


def _rows_loaded() -> Rows:
    """What load_register last wrote, from the audit history, if no run stored a package."""
    return {
        (table.name, table.key_of(values)): values
        for table in TABLES
        for values in _loaded_values(table)
    }


def _loaded_values(table: Table) -> Iterator[dict[str, str]]:
    history: Any = table.model.history.order_by("history_id")  # type: ignore[attr-defined]  # simple_history's
    latest = dict(history.values_list("id", "history_id"))
    loaded = history.filter(history_change_reason=LOADED).exclude(history_type="-")
    current = {instance.pk: instance for instance in table.rows()}
    for pk, row in {row.id: row for row in loaded}.items():
        untouched = pk in current and latest[pk] == row.history_id
        try:
            yield table.values(current[pk] if untouched else row.instance)
        except ObjectDoesNotExist:  # what the row belonged to is gone too
            continue


# The proposals


def _is_gone(one: RowDifference, register: Rows, found: list[RowDifference]) -> bool:
    """Whether the difference is about a merged or deleted company."""
    if not one.company or ("companies", (one.company,)) in register:
        return False
    merged = ("company_redirects", (one.company,)) in register
    is_new = any(row.table == "companies" and row.company == one.company for row in found)
    return merged or not is_new


def _proposals(run: ImportRun, found: list[Group]) -> Iterator[Proposal]:
    slugs = {group.main.company for group in found}
    companies = Company.objects.in_bulk(slugs, field_name="slug")
    for group in found:
        company = companies.get(group.main.company)
        is_new = company is None and bool(group.main.company)
        action = Proposal.Action.NEW_COMPANY if is_new else Proposal.Action.CHANGE
        if any(one.is_conflict for one in group.rows):
            action = Proposal.Action.CONFLICT
        yield Proposal(
            run=run,
            company=company,
            new_name="" if company else _name_of(group.main),
            action=action,
            rows=[one.as_json() for one in group.rows],
            difference=_digest(group.rows),
        )


def _name_of(one: RowDifference) -> str:
    return next((one.row[name] for name in NAMES if one.row.get(name)), one.key[0])[:200]


def _digest(rows: list[RowDifference]) -> str:
    """A hash of the package's rows, whatever the register has."""
    text = json.dumps([[one.table, one.key, one.new] for one in rows], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _not_rejected(proposals: Iterator[Proposal]) -> Iterator[Proposal]:
    before = Proposal.objects.filter(run__kind=ImportRun.Kind.PACKAGE, state=State.REJECTED)
    rejected = set(before.values_list("difference", flat=True))
    return (proposal for proposal in proposals if proposal.difference not in rejected)


def _open_proposals() -> Any:
    return Proposal.objects.filter(run__kind=ImportRun.Kind.PACKAGE, state=State.PROPOSED)
