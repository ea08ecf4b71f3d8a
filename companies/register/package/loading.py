"""Load a data package into the database: check everything, then write."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import override

from companies.importers.data_package import PackageFault, PackageRow, read_table
from companies.models import (
    FoldedField,
    Pledge,
    PossibleDays,
    Signing,
)
from companies.register.history import delete, save_changed, save_new, unit_of_work

from .proofs import names_of_others, too_strong
from .results import BrokenPackage, Loaded
from .row_rules import (
    basis_of,
    circle_of,
    is_stated,
    largest,
    precision_of,
    refuse_other_spelling,
    value_of,
)
from .tables import (
    BY_MODEL,
    BY_NAME,
    FACTS,
    TABLES,
    CitationTable,
    Key,
    Table,
    beside_its_fact,
    cited_pledges,
)


def load(files: Mapping[str, bytes], *, replace: bool = False, reason: str) -> Loaded:
    """Make the register equal to the package.

    `files` maps file names to their bytes. Rows missing from the package are left alone, or
    deleted with `replace`. Raises BrokenPackage, with nothing written, when anything is wrong.
    """
    with override("en"), unit_of_work():
        checked = _Check(files, replace=replace)
        if checked.faults:
            raise BrokenPackage(checked.faults)
        return _write(checked, replace=replace, reason=reason)


class _Check:
    """The package's rows as instances, compared with the register; `faults` are the errors."""

    def __init__(self, files: Mapping[str, bytes], *, replace: bool) -> None:
        self.files = files
        self.replace = replace
        self.unread: set[str] = set()
        self.faults: list[PackageFault] = []
        self.not_read: list[str] = []
        self.known: dict[str, dict[Key, models.Model]] = {}
        self.lines: dict[str, dict[Key, int]] = {}
        self.added: dict[str, list[models.Model]] = {}
        self.changed: dict[str, list[models.Model]] = {}
        self.surplus: dict[str, list[models.Model]] = {}
        for table in TABLES:
            self._check(table)
        self._leave_out_computed_pledges()
        if not self.faults:
            for row, what in [*names_of_others(self), *too_strong(self)]:
                self._fault_of(row, what)

    def fault(self, table: Table, row: PackageRow, what: str) -> None:
        self.faults.append(PackageFault(table.file, row.line, what))

    def _check(self, table: Table) -> None:
        rows = self._read(table)
        if table.name == "pledges":
            self._set_computed_bases(rows)
        stored = {
            table.key_of(values): (instance, values)
            for instance in table.rows().iterator(chunk_size=2000)
            for values in [table.values(instance)]
        }
        known = self.known[table.name] = {}
        lines = self.lines[table.name] = {}
        kept: list[tuple[PackageRow, models.Model, dict[str, str] | None]] = []
        for row in rows:
            key = table.key_of(row.values)
            if key in lines:
                what = f"{_named(table.key, key)} stands on line {lines[key]} already"
                self.fault(table, row, f"{what}, expected each once")
                continue
            lines[key] = row.line
            instance, values = stored.pop(key, (table.model(), None))
            for column in table.later:
                # A package older than the column says nothing of it.
                row.values.setdefault(column, values[column] if values else "")
            table.keep_seen(row.values, values or {})
            known[key] = instance
            kept.append((row, instance, values))
        self._check_unique(table, [row for row, _i, _v in kept])
        self.added[table.name] = []
        self.changed[table.name] = []
        for row, instance, values in kept:
            self._fill(table, row, instance)
            if values is None:
                self.added[table.name].append(instance)
            elif values != row.values:
                self.changed[table.name].append(instance)
        if table.newer and table.file not in self.files:
            stored = {}
        if table.name == "pledges":
            computed = set(Pledge.objects.computed().values_list("pk", flat=True))
            stored = {key: row for key, row in stored.items() if row[0].pk not in computed}
        self.surplus[table.name] = [instance for instance, _values in stored.values()]
        if not self.replace:
            left_alone = [values for _instance, values in stored.values()]
            self._check_against_register(table, rows, left_alone)
        if table.name == "signings":
            self._check_periods(table, [(row, instance) for row, instance, _v in kept])
        if table.name == "companies":
            self._check_groups(table, rows)

    def _read(self, table: Table) -> list[PackageRow]:
        if table.file not in self.files and table.newer:
            return []
        if table.file not in self.files:
            columns = ",".join(table.columns)
            faults = [PackageFault(table.file, 1, f"is missing, expected columns {columns!r}")]
            rows: list[PackageRow] = []
        else:
            rows, faults = read_table(
                table.file,
                self.files[table.file],
                list(table.columns),
                later=table.later,
                gone=table.gone,
            )
            header = self.files[table.file].partition(b"\n")[0].decode(errors="replace").split(",")
            gone = [column for column in table.gone if column in header]
            self.not_read += [f"{table.file}: the column {column}" for column in gone]
        if faults:
            self.unread.add(table.name)
            self.faults += faults
        return rows

    def _check_unique(self, table: Table, rows: list[PackageRow]) -> None:
        for columns in table.unique:
            seen: dict[Key, int] = {}
            for row in rows:
                unique = table.unique_key(row.values, columns)
                if unique in seen:
                    filled = tuple(column for column in columns if row.values[column])
                    what = f"{_named(filled, _cells(row, filled))} stands on line {seen[unique]}"
                    case = ", whatever its case" if "name" in columns else ""
                    self.fault(table, row, f"{what} already, expected each once{case}")
                seen.setdefault(unique, row.line)

    def _check_against_register(
        self, table: Table, rows: list[PackageRow], left_alone: list[dict[str, str]]
    ) -> None:
        """Report unique values that another row of the register has already."""
        for columns in table.unique:
            registered = {table.unique_key(values, columns): values for values in left_alone}
            for row in rows:
                if other := registered.get(table.unique_key(row.values, columns)):
                    named = _named(columns, _cells(row, columns))
                    owner = _named(table.key, table.key_of(other))
                    what = f"{named} belongs to {owner} of the register"
                    self.fault(table, row, f"{what}, expected that one here too, or --replace")

    def _fill(self, table: Table, row: PackageRow, instance: models.Model) -> None:
        """Set the instance's fields from the row and report every value that is not valid."""
        references = self._references(table, row)
        wrong = {
            name
            for name, (target, columns) in references.items()
            if not self._refer(table, row, instance, name, target, columns)
        }
        for column, model_field in table.fields.items():
            try:
                self._set(table, instance, column, row.values[column])
            except (ValidationError, ValueError) as error:
                wrong.add(column)
                reason = " ".join(error.messages) if isinstance(error, ValidationError) else ""
                self._wrong_value(table, row, column, model_field, reason)
        for model_field in table.model._meta.concrete_fields:
            # A bulk update calls no pre_save().
            if isinstance(model_field, FoldedField):
                model_field.pre_save(instance, add=False)
        self._check_rules(table, row, instance, wrong)

    def _check_rules(
        self, table: Table, row: PackageRow, instance: models.Model, wrong: set[str]
    ) -> None:
        """Report the check constraints that the row violates."""
        for rule in table.rules:
            if not rule.fields & wrong and rule.holds(instance) is False:
                named = _named(rule.columns, _cells(row, rule.columns))
                self.fault(table, row, f"{named}: {rule.message}")
        if not wrong and isinstance(instance, PossibleDays):
            self._check_days(table, row, instance)

    def _check_days(self, table: Table, row: PackageRow, instance: PossibleDays) -> None:
        try:
            instance.refuse_impossible_days()
        except ValidationError as error:
            for column, reasons in error.message_dict.items():
                said = f"{column} {row.values[column]!r}: {' '.join(reasons)}"
                self.fault(table, row, said)

    def _references(self, table: Table, row: PackageRow) -> dict[str, tuple[str, tuple[str, ...]]]:
        if not isinstance(table, CitationTable):
            return dict(table.references)
        fact = row.values["fact"]
        if fact not in FACTS:
            self.fault(table, row, f"fact {fact!r}, expected one of: {', '.join(FACTS)}")
            return dict(table.references)
        for column in beside_its_fact(row.values):
            what = f"{column} {row.values[column]!r} beside fact {fact!r}"
            self.fault(table, row, f"{what}, expected it empty: a citation has one target")
        return {**table.references, fact: FACTS[fact]}

    def _refer(
        self,
        table: Table,
        row: PackageRow,
        instance: models.Model,
        name: str,
        target: str,
        columns: tuple[str, ...],
    ) -> bool:
        """Set a relation to the row of `target` that the columns name, if it exists."""
        key = _cells(row, columns)
        nullable = table.model._meta.get_field(name).null and not isinstance(table, CitationTable)
        if nullable and not any(key):
            setattr(instance, name, None)
            return True
        if key in self.known[target]:
            setattr(instance, name, self.known[target][key])
            return True
        if target not in self.unread:
            what = f"{_named(columns, key)} is not in {target}.csv"
            self.fault(table, row, f"{what}, expected a row of it")
        return False

    def _set(
        self,
        table: Table,
        instance: models.Model,
        column: str,
        text: str,
    ) -> None:
        value = value_of(table, column, text, instance)
        if column in table.partial_dates:
            setattr(instance, f"{column}_precision", precision_of(text))
        setattr(instance, column, value)
        refuse_other_spelling(table, column, text, value)

    def _wrong_value(
        self,
        table: Table,
        row: PackageRow,
        column: str,
        model_field: "models.Field[Any, Any]",
        reason: str,
    ) -> None:
        text = row.values[column]
        shown = repr(text if len(text) <= 60 else text[:57] + "...")
        expected = _expected(table, column, model_field)
        reported = f": {reason} Expected" if reason else ", expected"
        self.fault(table, row, f"{column} {shown}{reported} {expected}")

    def _check_periods(self, table: Table, rows: list[tuple[PackageRow, Any]]) -> None:
        periods: dict[Key, list[tuple[PackageRow | None, Any]]] = defaultdict(list)
        for row, signing in rows:
            if isinstance(signing.since, datetime.date):
                periods[_cells(row, ("company", "pact"))].append((row, signing))
        for signing in self.surplus[table.name] if not self.replace else ():
            values = table.values(signing)
            periods[values["company"], values["pact"]].append((None, signing))
        for of_one in periods.values():
            of_one.sort(key=lambda pair: pair[1].since)
            for earlier, later in pairwise(of_one):
                if earlier[1].overlaps(later[1]):
                    self._report_overlap(table, earlier, later)

    def _report_overlap(
        self,
        table: Table,
        earlier: tuple[PackageRow | None, Any],
        later: tuple[PackageRow | None, Any],
    ) -> None:
        if earlier[0] and later[0]:
            what = f"overlaps the period of line {earlier[0].line}"
            self.fault(table, later[0], f"{what}, expected that one to have ended")
        elif row := earlier[0] or later[0]:
            registered = later[1] if earlier[0] else earlier[1]
            what = f"overlaps the period since '{registered.started}' of the register"
            self.fault(table, row, f"{what}, expected that one here too, or --replace")

    def _set_computed_bases(self, rows: list[PackageRow]) -> None:
        """Set the basis of pledges without a stated source, from the periods."""
        signings = BY_NAME["signings"]
        periods: list[tuple[Key, Any]] = list(self.known["signings"].items())
        if not self.replace:
            surplus = self.surplus["signings"]
            periods += [(signings.key_of(signings.values(row)), row) for row in surplus]
        signed = {key[:2] for key, row in periods if row.status == Signing.Status.SIGNED}
        for row in rows:
            kind = self._kind_of(_cells(row, ("pact", "commitment")))
            if kind:
                is_signed = _cells(row, ("company", "pact")) in signed
                row.values["basis"] = basis_of(row.values["basis"], kind, signed=is_signed)

    def _kind_of(self, commitment: Key) -> str:
        return getattr(self.known["commitments"].get(commitment), "kind", "")

    def _leave_out_computed_pledges(self) -> None:
        """Skip implied pledges, which the history hook writes; report those nothing implies."""
        cited = cited_pledges(self.lines["citations"])
        left_out = set()
        for key, line in self.lines["pledges"].items():
            pledge: Any = self.known["pledges"][key]
            says_more = bool(pledge.pk or pledge.says_more)
            if is_stated(self._kind_of(key[1:]), says_more=says_more, cited=key in cited):
                continue
            left_out.add(id(pledge))
            if not (pledge.basis or self.faults):  # a wrong period is reported already
                what = f"no signature of {key[0]!r} implies {key[2]!r}, expected basis 'stated'"
                self.faults.append(PackageFault("pledges.csv", line, f"{what} or no such line"))
        self.added["pledges"] = [row for row in self.added["pledges"] if id(row) not in left_out]

    def present(self, name: str) -> Iterator[Any]:
        """The rows of a table as they will be."""
        yield from self.known[name].values()
        if not self.replace:
            yield from self.surplus[name]

    def written(self, name: str) -> list[Any]:
        return [*self.added[name], *self.changed[name]]

    def _fault_of(self, instance: models.Model, what: str) -> None:
        table = BY_MODEL[type(instance)]
        key = table.key_of(table.values(instance))
        # A row of the register that the package does not state has no line in it.
        line = self.lines[table.name].get(key, 1)
        self.faults.append(PackageFault(table.file, line, f"{_named(table.key, key)}: {what}"))

    def _check_groups(self, table: Table, rows: list[PackageRow]) -> None:
        parents = {row.values["slug"]: row.values["parent"] for row in rows}
        for row in rows:
            if circle := circle_of(row.values["slug"], parents):
                owned = " < ".join(circle)
                self.fault(table, row, f"parent goes round ({owned}), expected a group at the top")


def _cells(row: PackageRow, columns: Sequence[str]) -> Key:
    return tuple(row.values[column] for column in columns)


def _named(columns: tuple[str, ...], key: Key) -> str:
    return ", ".join(f"{c} {v!r}" for c, v in zip(columns, key, strict=True))


def _expected(table: Table, column: str, model_field: "models.Field[Any, Any]") -> str:
    if column in table.partial_dates:
        return "a date as YYYY, YYYY-MM or YYYY-MM-DD"
    if model_field.choices:
        return "one of: " + ", ".join(str(value) for value, _label in model_field.flatchoices)
    if isinstance(model_field, models.DateField):
        return "a date as YYYY-MM-DD"
    if isinstance(model_field, models.IntegerField):
        return f"a whole number of at most {largest(model_field)}"
    if isinstance(model_field, models.URLField):
        return "an http or https address"
    some = "a text" if model_field.blank else "a text, not empty,"
    return f"{some} of at most {model_field.max_length} characters"


def _write(checked: _Check, *, replace: bool, reason: str) -> Loaded:
    loaded = Loaded(not_read=checked.not_read)
    for table in TABLES:
        surplus = checked.surplus[table.name]
        if replace:
            _count(loaded.removed, table, len(surplus))
        elif surplus:
            keys = [table.key_of(table.values(row)) for row in surplus]
            loaded.left_alone[table.name] = [" ".join(filter(None, key)) for key in keys]
    if replace:
        _remove(checked, reason, needed=False)
        _make_way(checked)
    for table in TABLES:
        changed = checked.changed[table.name]
        waiting = [row for row in changed if _points_to_unsaved(row)]
        ready = [row for row in changed if not _points_to_unsaved(row)]
        # A period ends before the next begins, a name is given up before another takes it.
        _change(table, ready, reason)
        _count(loaded.added, table, _add(table, checked.added[table.name], reason))
        _change(table, waiting, reason)
        _count(loaded.changed, table, len(changed))
    if replace:
        _remove(checked, reason, needed=True)
    return loaded


def _count(counts: dict[str, int], table: Table, number: int) -> None:
    if number:
        counts[table.name] = counts.get(table.name, 0) + number


def _add(table: Table, rows: Sequence[models.Model], reason: str) -> int:
    """Save new rows; rows referring to others of their table wait until these are saved."""
    waiting = list(rows)
    while waiting:
        ready = [row for row in waiting if not _points_to_unsaved(row)]
        save_new(ready, reason)
        waiting = [row for row in waiting if row.pk is None]
    return len(rows)


def _points_to_unsaved(row: models.Model) -> bool:
    parent = getattr(row, "parent", None)
    return parent is not None and parent.pk is None


def _change(table: Table, rows: list[models.Model], reason: str) -> None:
    if rows:
        save_changed(rows, table.model, reason)


# Rows that others point to and protect: removed only once those others point elsewhere.
NEEDED = {"sectors", "sources", "pacts", "commitments", "companies"}


def _remove(checked: _Check, reason: str, *, needed: bool) -> None:
    for table in reversed(TABLES):
        if (table.name in NEEDED) == needed:
            _delete(checked.surplus[table.name], reason)


def _delete(rows: list[models.Model], reason: str) -> None:
    for row in sorted(rows, key=_depth, reverse=True):
        delete(row, reason)


def _depth(row: models.Model) -> int:
    """The number of ancestors of a company: they are deleted after it."""
    parent = getattr(row, "parent", None)
    return 1 + _depth(parent) if parent else 0


def _make_way(checked: _Check) -> None:
    """Rename unique values of rows to be deleted, for new rows that take them over."""
    for table in TABLES:
        if table.name in NEEDED:
            for column in (columns[0] for columns in table.unique):
                for row in checked.surplus[table.name]:
                    freed = {column: f"about:removed-{row.pk}"}
                    table.model._default_manager.filter(pk=row.pk).update(**freed)
