"""Stores what an editor entered and one person may not publish."""

import hashlib
import json
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from companies.models import Company, ImportRun, Pact, Proposal
from companies.register.history import UnitOfWork, lock_register
from companies.register.stored_rows import StoredRow, stored

from . import notices

if TYPE_CHECKING:
    from .second_person import NeedsSecondPerson


def propose(alone: "NeedsSecondPerson", *, by: AbstractBaseUser, early: bool = False) -> Proposal:
    """Store unsaved rows as a proposal of its own run, unless the same waits already.

    `early` says that a reviewer accepted dates before the pact opened.
    """
    unit, period = alone.unit, alone.periods[0].values
    rows = [row for row in stored(unit) if row["model"] != "pledge" or not _is_implied(row)]
    company = Company.objects.filter(pk=period["company_id"]).first()
    difference = _difference(rows)
    with transaction.atomic():
        lock_register()
        waiting = Proposal.objects.filter(difference=difference, state=Proposal.State.PROPOSED)
        if before := waiting.filter(run__started_by=by.pk).select_related("run").first():
            return before
        run = ImportRun.objects.create(
            pact=Pact.objects.get(pk=period["pact_id"]),
            kind=ImportRun.Kind.ENTRY,
            retrieved_at=timezone.now(),
            seen_on=timezone.localdate(),
            names_count=1,
            proposals_count=1,
            partial=True,
            started_by_id=by.pk,
        )
        made = Proposal.objects.create(
            run=run,
            company=company,
            new_name="" if company else _new_name(unit, period["company_id"]),
            action=Proposal.Action.CHANGE,
            new={"cause": unit.cause or "", "reason": unit.reason, "early": early},
            rows=rows,
            difference=difference,
        )
        notices.of_proposals([made])
        return made


def _is_implied(row: StoredRow) -> bool:
    return bool((row["new"] or row["old"])["basis"] == "implied_by_signature")


def _new_name(unit: UnitOfWork, company_id: int) -> str:
    return next(str(row.values["name"]) for row in unit.of(Company) if row.pk == company_id)


def _difference(rows: list[StoredRow]) -> str:
    """A text identifying the entry; unsaved rows have no primary keys."""
    new = {row["pk"] for row in rows if row["old"] is None}
    entered = [
        [
            row["model"],
            row["old"],
            row["new"] and {k: v for k, v in row["new"].items() if k != "id" and v not in new},
        ]
        for row in rows
    ]
    return hashlib.sha256(json.dumps(entered, sort_keys=True).encode()).hexdigest()
