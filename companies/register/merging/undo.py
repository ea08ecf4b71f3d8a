"""Undoes a merge from the rows it stored."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from companies.models import Change, Commitment, Company, Merge, Pledge, early_days
from companies.register.history import delete, save, unit_of_work
from companies.register.stored_rows import StoredRow, instance_of, model_of, plain, values_of

NAMED = 10  # rows that a refusal names


def merges_into(company: Company) -> Iterable[Merge]:
    """The merges that can be undone, the newest first."""
    merges = Merge.objects.filter(kept_id=company.pk, undone_at=None).defer("rows")
    return merges.select_related("merged_by")


@early_days()  # what was accepted stays accepted
def undo_merge(merge: Merge, *, reason: str, by: Any = None) -> Company:
    """Restore every row of both companies as before the merge; the history keeps both.

    Raises ValidationError if one of the rows was changed since; then nothing is written.
    """
    with unit_of_work(by=by) as unit:
        unit.cause = Change.Cause.CORRECTION
        merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if merge.undone_at:
            raise ValidationError(_("This merge has already been undone."), code="stale")
        current = _current(merge.rows)
        commitments = set(Commitment.objects.values_list("pk", flat=True))
        rows = [row for row in merge.rows if not _is_void(row, current, commitments)]
        _check_unchanged(rows, current)
        # Each company had its statuses before, with whoever agreed to them.
        unit.agreed |= {row["pk"] for row in rows if row["model"] == "signing"}
        for row in sorted(rows, key=lambda row: _order(row, merge)):
            _put_back(row, current.get(_key(row)), reason)
        merge.undone_at = timezone.now()
        merge.save(update_fields=["undone_at"])
        return Company.objects.get(pk=merge.merged_id)


def _key(row: StoredRow) -> tuple[str, int]:
    return row["model"], row["pk"]


def _current(rows: list[StoredRow]) -> dict[tuple[str, int], Any]:
    """The current rows, one query per table."""
    found: dict[tuple[str, int], Any] = {}
    for model in {model_of(row) for row in rows}:
        name = str(model._meta.model_name)
        keys = [row["pk"] for row in rows if row["model"] == name]
        found |= {(name, pk): row for pk, row in model._default_manager.in_bulk(keys).items()}
    return found


def _check_unchanged(rows: list[StoredRow], current: Mapping[tuple[str, int], Any]) -> None:
    changed = [row for row in rows if not _is_as_merged(row, current.get(_key(row)))]
    if not changed:
        return
    names = [_named(row, current.get(_key(row))) for row in changed[:NAMED]]
    if len(changed) > NAMED:
        names.append("…")
    raise ValidationError(
        _(
            "Nothing was undone, because these rows have changed since the merge: %(rows)s. "
            "Restore them first, or correct the two records by hand."
        ),
        params={"rows": "; ".join(names)},
        code="stale",
    )


def _is_as_merged(row: StoredRow, now: Any) -> bool:
    if row["new"] is None or now is None:
        return row["new"] is None and now is None
    present = plain(values_of(now)) or {}
    return _stated(present) == _stated(present | row["new"])


def _stated(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`values` without a basis that the history hook computes."""
    return {k: v for k, v in values.items() if k != "basis" or v == Pledge.Basis.STATED}


def _is_void(
    row: StoredRow, current: Mapping[tuple[str, int], Any], commitments: Collection[int]
) -> bool:
    """Whether the row is an implied pledge that nothing implies any more."""
    if row["model"] != "pledge":
        return False
    pledges: list[Any] = [instance_of(row, one) for one in (row["old"], row["new"]) if one]
    if any(pledge.says_more for pledge in pledges):
        return False
    is_gone = row["new"] is not None and _key(row) not in current
    return is_gone or pledges[0].commitment_id not in commitments


def _named(row: StoredRow, now: Any) -> str:
    name = capfirst(str(model_of(row)._meta.verbose_name))
    try:
        return f"{name} “{now or instance_of(row, row['new'] or row['old'])}”"
    except ObjectDoesNotExist:  # what the row belonged to is gone with it
        return name


def _order(row: StoredRow, merge: Merge) -> tuple[int, int]:
    """The sort key of rows to restore, so that each finds the rows it refers to.

    Rows that the merge added are removed first; then the company returns, moved rows return to
    it and make room for changed or deleted ones; citations come last.
    """
    if row["old"] is None:
        return 0, 0
    if row["model"] == "company" and row["new"] is None:
        return 1, 0
    returns = row["old"].get("company_id") == merge.merged_id
    order = 4 if row["new"] is None else 2 if returns else 3
    return (5 if row["model"] == "citation" else 2), order


def _put_back(row: StoredRow, now: Any, reason: str) -> None:
    if row["old"] is None:
        delete(now, reason)
        return
    if now is None:
        now = instance_of(row, row["old"])
    else:
        before = instance_of(row, row["old"])
        for name in row["old"]:
            setattr(now, name, getattr(before, name))
    if hasattr(type(now), "history"):
        save(now, reason)
    else:
        now.save()
