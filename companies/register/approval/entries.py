"""Save an editor's entry once a second person agrees."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Proposal, Retraction, Signing, early_days
from companies.register.history import UnitOfWork, delete, save
from companies.register.statuses import refuse_stronger_than_quote
from companies.register.stored_rows import StoredRow, instance_of, model_of, plain, values_of

from .agreement import guarded_periods


class MovedOn(Exception):
    """The register changed since the rows were entered."""


def apply(unit: UnitOfWork, proposal: Proposal, reason: str) -> None:
    """Save the rows as entered. Raises MovedOn or ValidationError, and saves none."""
    rows, before = proposal.rows, dict(unit.rows)
    _check_unchanged(rows, proposal)
    try:
        with transaction.atomic(), early_days(accepted=proposal.new.get("early", False)):
            if proposal.company_id:  # which may have lost a name
                unit.agreed |= {one.pk for one in guarded_periods([proposal.company_id])}
            unit.agreed |= set(_write(rows, reason))
            unit.cause = proposal.new.get("cause") or unit.cause
            refuse_stronger_than_quote(unit)
    except ValidationError:
        unit.rows = before
        raise


def _check_unchanged(rows: list[StoredRow], proposal: Proposal) -> None:
    for row in rows:
        now = model_of(row)._default_manager.filter(pk=row["pk"]).first()
        if row["old"] is not None and (now is None or plain(values_of(now)) != row["old"]):
            raise MovedOn(_moved_on(proposal))
        if row["old"] is None and row["model"] == "signing" and proposal.company_id:
            _check_free(row, rows, proposal)


def _check_free(row: StoredRow, rows: list[StoredRow], proposal: Proposal) -> None:
    """Raise MovedOn if the entered period now overlaps another one."""
    period: Any = instance_of(row, row["new"])
    own = {one["pk"] for one in rows if one["model"] == "signing" and one["old"] is not None}
    others = Signing.objects.filter(company=period.company_id, pact=period.pact_id)
    if any(period.overlaps(other) for other in others.exclude(pk__in=own)):
        raise MovedOn(_moved_on(proposal))


def _moved_on(proposal: Proposal) -> str:
    return _("%(company)s has changed since this was entered. Enter it again.") % {
        "company": proposal.subject
    }


# Companies before what points to them, citations after all; what goes leaves its place first.
_ORDER = {"source": 0, "company": 1, "citation": 3}


def _write(rows: list[StoredRow], reason: str) -> Iterator[int]:
    """Save all rows, new ones with new primary keys; yields those of the periods."""
    keys: dict[tuple[str, int], int] = {}
    gone = [row for row in rows if row["new"] is None]
    for row in sorted(gone, key=lambda one: -_ORDER.get(one["model"], 2)):
        delete(model_of(row)._default_manager.get(pk=row["pk"]), reason)
    stored = [row for row in rows if row["new"] is not None]
    # A period ends before the next begins.
    for row in sorted(stored, key=lambda one: (_ORDER.get(one["model"], 2), one["old"] is None)):
        saved = _instance(row, keys)
        save(saved, reason)
        keys[row["model"], row["pk"]] = saved.pk
        if row["model"] == "signing":
            yield saved.pk


def _instance(row: StoredRow, keys: Mapping[tuple[str, int], int]) -> Any:
    values = dict(row["new"])
    model = model_of(row)
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model:
            key = (str(field.related_model._meta.model_name), values[field.attname])
            values[field.attname] = keys.get(key, values[field.attname])
    if row["old"] is None:
        values[model._meta.pk.attname] = None
    if model is Retraction and row["old"] is None:
        values["retracted_on"] = timezone.localdate().isoformat()
    entered = instance_of(row, values)
    if row["old"] is None:
        return entered
    stored_row = model._default_manager.get(pk=row["pk"])
    for name in values:
        setattr(stored_row, name, getattr(entered, name))
    return stored_row
