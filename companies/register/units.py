"""What one deed of an editor, a command or an import did to the register, row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model

from companies.models import Change

Values = Mapping[str, Any]


@dataclass
class Step:
    """One row before and after: `old` is None for a new row, `new` for a deleted one."""

    model: type[Model]
    pk: int
    old: Values | None
    new: Values | None

    @property
    def values(self) -> Values:
        """The row as it is, or as it was before it was deleted."""
        return (self.old or {}) if self.new is None else self.new

    @property
    def is_new(self) -> bool:
        return self.old is None

    @property
    def is_gone(self) -> bool:
        return self.new is None

    def changed(self, *attnames: str) -> bool:
        """Whether any of these values differ; never for a new or a deleted row."""
        old, new = self.old, self.new
        return bool(old and new) and any(old[name] != new[name] for name in attnames)  # type: ignore[index]


@dataclass
class Act:
    """The steps of one deed, and what is known of it as a whole."""

    cause: Change.Cause | None = None
    by: AbstractBaseUser | None = None
    steps: dict[tuple[type[Model], int], Step] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Take in a row of the audit history, just written."""
        self.by = self.by or row.history_user
        values = {
            f.attname: getattr(row, f.attname) for f in row.instance_type._meta.concrete_fields
        }
        if row.history_type == "+":
            self._take(Step(row.instance_type, row.id, None, values))
        elif row.history_type == "-":
            self._take(Step(row.instance_type, row.id, values, None))
        else:
            self._take(Step(row.instance_type, row.id, self._before(row), values))

    def add_new(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self._take(Step(type(row), row.pk, None, values_of(row)))

    def add_changed(self, rows: Iterable[Model], before: Mapping[int, Values]) -> None:
        for row in rows:
            self._take(Step(type(row), row.pk, before[row.pk], values_of(row)))

    def _before(self, row: Any) -> Values:
        if held := self.steps.get((row.instance_type, row.id)):
            return held.values
        trail = type(row).objects.filter(id=row.id, history_id__lt=row.history_id)
        previous = trail.order_by("-history_id").first() or row
        return {
            f.attname: getattr(previous, f.attname) for f in row.instance_type._meta.concrete_fields
        }

    def _take(self, step: Step) -> None:
        """A row that several steps touched is told once, from its first state to its last."""
        key = (step.model, step.pk)
        if held := self.steps.get(key):
            step.old = held.old
        self.steps[key] = step
        if step.old is None and step.new is None:
            del self.steps[key]

    def of(self, model: type[Model]) -> list[Step]:
        return [step for step in self.steps.values() if step.model is model]


def values_of(row: Model) -> Values:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
