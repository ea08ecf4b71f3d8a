"""The history views of a record and of the rows that are edited with it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Max, Model, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper

from companies.models import (
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Pledge,
    ProgressReport,
    Signing,
)

Trail = QuerySet[Any]


def trails(record: Model) -> list[Trail]:
    """The history querysets of `record` and of its rows, deleted ones included."""
    own = history_of(type(record)).filter(**{str(record._meta.pk.name): record.pk})
    if isinstance(record, Company):
        return [own, *_trails_of_company(record)]
    if isinstance(record, Signing):
        return [own, history_of(Citation).filter(signing_id=record.pk)]
    if isinstance(record, Pledge):
        return [own, history_of(Citation).filter(pledge_id=record.pk)]
    if isinstance(record, ProgressReport):
        return [own, history_of(Citation).filter(report_id=record.pk)]
    return [own]


def history_of(model: type[Model]) -> Any:
    return model.history  # type: ignore[attr-defined]  # simple_history adds it


def _trails_of_company(company: Company) -> Iterator[Trail]:
    details: tuple[type[Model], ...] = (CompanyName, CompanyIdentifier, CompanyRedirect)
    for model in details:
        yield history_of(model).filter(company_id=company.pk)
    evidence = Q(company_id=company.pk)
    targets: dict[str, type[Model]] = {
        "signing": Signing,
        "pledge": Pledge,
        "report": ProgressReport,
    }
    for target, model in targets.items():
        rows = history_of(model).filter(company_id=company.pk)
        evidence |= Q(**{f"{target}_id__in": rows.order_by().values("id")})
        yield rows
    yield history_of(Citation).filter(evidence)


def version_of(record: Model) -> str:
    """A token that changes with every edit of `record` or of a row on its page."""
    latest = (rows.aggregate(latest=Max("history_id"))["latest"] for rows in trails(record))
    return ".".join(str(number or 0) for number in latest)


def last_version(record: Model) -> Any:
    """The newest history row of `record` and of the rows edited with it."""
    newest = (rows.order_by("-history_date", "-history_id").first() for rows in trails(record))
    return max((row for row in newest if row), key=lambda row: row.history_date, default=None)


def company_id_of(record: Model) -> int | None:
    """The primary key of the company that a row belongs to, which an edit locks."""
    if isinstance(record, Company):
        return record.pk
    if isinstance(record, Citation):
        target = record.signing or record.pledge or record.report
        return target.company_id if target else record.company_id
    return getattr(record, "company_id", None)


def lock(record: Model) -> None:
    """Lock the company of `record` until the transaction ends: one editor saves at a time."""
    company_id = company_id_of(record)
    model, pk = (Company, company_id) if company_id else (type(record), record.pk)
    model._default_manager.select_for_update().filter(pk=pk).first()


@dataclass(frozen=True)
class DeletedRelation:
    """A deleted row that a version refers to, with the current value of the field."""

    field: "ForeignKey[Any, Any]"
    was: Model
    now: Model | None
    is_needed: bool

    @property
    def is_replaced(self) -> bool:
        return self.now is not None or not self.is_needed

    def replace_in(self, row: Model) -> None:
        if self.is_replaced:
            setattr(row, self.field.name, self.now)

    def __str__(self) -> str:
        said = {"field": capfirst(str(self.field.verbose_name)), "was": self.was, "now": self.now}
        if self.now is not None:
            text = _t(
                "%(field)s: “%(was)s” is no longer on the register. The current value, "
                "“%(now)s”, is kept unless you change it."
            )
        elif self.is_needed:
            text = _t(
                "%(field)s: “%(was)s” is no longer on the register, so this version cannot be "
                "restored."
            )
        else:
            text = _t("%(field)s: “%(was)s” is no longer on the register; the field is now empty.")
        return text % said


def deleted_relations(row: Model, *, only_needed: bool = False) -> list[DeletedRelation]:
    """The deleted rows that a version refers to.

    `row` gets each as it last was, so that it can be displayed.
    """
    gone = []
    for field in row._meta.concrete_fields:
        pk = getattr(row, field.attname)
        if not isinstance(field, ForeignKey) or pk is None or (only_needed and field.null):
            continue
        target: type[Model] = field.related_model
        if target._base_manager.filter(pk=pk).exists():
            continue
        was = last_stored(target, pk)
        field.set_cached_value(row, was)
        present = type(row)._base_manager.filter(pk=row.pk).first()
        now = getattr(present, field.name) if present else None
        # A citation has one of four targets, and is none without it.
        gone.append(DeletedRelation(field, was, now, not field.null or isinstance(row, Citation)))
    return gone


def last_stored(model: type[Model], pk: Any) -> Model:
    """A deleted row as its last version."""
    versions = history_of(model).filter(**{model._meta.pk.name: pk})
    last = versions.order_by("history_id").last()
    row: Model = last.instance if last else model(pk=pk)
    deleted_relations(row, only_needed=True)
    return row


def named(row: Any) -> Any:
    """`row` with its deleted relations restored in memory, so that str() works."""
    try:
        str(row)
    except ObjectDoesNotExist:
        deleted_relations(row)
    return row


class Differences(HistoricalRecordContextHelper):  # type: ignore[misc]  # it has no types
    """The differences between two versions, without computed fields."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        of_people = [
            change for change in delta.changes if self.model._meta.get_field(change.field).editable
        ]
        shown: list[dict[str, Any]] = super().context_for_delta_changes(
            replace(delta, changes=of_people)
        )
        return shown

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        if isinstance(value, DeletedObject):
            return str(last_stored(value.model, value.pk))
        return "–" if value in (None, "") else super().prepare_delta_change_value(change, value)


def timeline(record: Model) -> list[tuple[Any, Any]]:
    """The versions of `record` and of its rows, newest first, each with its predecessor.

    The predecessor is of the same row, and None if the row was new.
    """
    versions: list[tuple[Any, Any]] = []
    for rows in trails(record):
        by_row: dict[Any, list[Any]] = {}
        tracked = rows.select_related("history_user")._select_related_history_tracked_objs()  # type: ignore[attr-defined]  # simple_history's
        for version in tracked.order_by("history_date", "history_id"):
            by_row.setdefault(version.id, []).append(version)
        for history in by_row.values():
            versions += [(history[0], None), *((new, old) for old, new in pairwise(history))]
    return sorted(
        versions, key=lambda pair: (pair[0].history_date, pair[0].history_id), reverse=True
    )


def describe(version: Any, before: Any) -> dict[str, Any]:
    """The template context of one version."""
    model = version.instance_type
    changes = []
    # A row restored after its deletion has no predecessor to compare with.
    if before and version.history_type == "~":
        delta = version.diff_against(before, foreign_keys_are_objs=True)
        changes = Differences(model, version).context_for_delta_changes(delta)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return {
        "step": version,
        "kind": model._meta.verbose_name,
        "row": named(version.history_object),
        "changes": changes,
        "version_url": reverse(f"{name}_simple_history", args=[version.id, version.pk]),
        "history_url": reverse(f"{name}_history", args=[version.id]),
    }
