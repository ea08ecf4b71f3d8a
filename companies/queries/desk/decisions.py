"""Open decisions for the desk: proposals by kind, corrections by age."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.models import Correction, Proposal

OPEN = Q(state__in=(Correction.State.RECEIVED, Correction.State.CHECKING))
# An answer is due after a week; a month later somebody was forgotten.
DAYS, MANY_DAYS = datetime.timedelta(days=7), datetime.timedelta(days=30)


@dataclass
class ProposalsOfKind:
    """The open proposals of one kind: count, runs, pacts, and when last read."""

    number: int = 0
    runs: list[int] = field(default_factory=list)
    pacts: set[int] = field(default_factory=set)  # primary keys
    read_at: datetime.datetime | None = None


def open_proposals() -> dict[str, ProposalsOfKind]:
    """The open proposals by kind. One query."""
    waiting = Proposal.objects.filter(state=Proposal.State.PROPOSED).order_by()
    runs = waiting.values("action", "run", "run__pact", "run__retrieved_at")
    found: dict[str, ProposalsOfKind] = defaultdict(ProposalsOfKind)
    for row in runs.annotate(number=Count("pk")):
        kind = found[row["action"]]
        kind.number += row["number"]
        kind.runs.append(row["run"])
        kind.pacts.add(row["run__pact"])
        kind.read_at = max(kind.read_at or row["run__retrieved_at"], row["run__retrieved_at"])
    return found


@dataclass(frozen=True)
class Age:
    """An age of open corrections."""

    code: str
    label: Any  # lazy
    least: datetime.timedelta
    most: datetime.timedelta | None

    def condition(self, now: datetime.datetime) -> Q:
        older = Q(received_at__lte=now - self.least)
        return older if self.most is None else older & Q(received_at__gt=now - self.most)

    @property
    def is_late(self) -> bool:
        return self.least >= DAYS


AGES = (
    Age("month", _("waiting for over a month"), MANY_DAYS, None),
    Age("week", _("waiting for over a week"), DAYS, MANY_DAYS),
    Age("new", _("received in the last week"), datetime.timedelta(0), DAYS),
)


def of_age(
    corrections: QuerySet[Correction], code: str, now: datetime.datetime
) -> QuerySet[Correction]:
    """Open corrections of this age; all open ones for any other code."""
    age = next((one for one in AGES if one.code == code), None)
    return corrections.filter(OPEN, age.condition(now)) if age else corrections


# Whether the answer to an open correction is drafted.
WITH_REVIEWER, SENT_BACK, NOT_DRAFTED = "waiting", "returned", "none"
BY_DRAFT = {
    WITH_REVIEWER: OPEN & Q(draft__isnull=False, draft__returned_at=None),
    SENT_BACK: OPEN & Q(draft__returned_at__isnull=False),
    NOT_DRAFTED: OPEN & Q(draft__isnull=True),
}


def drafted_answers(code: str) -> tuple[int, datetime.datetime | None]:
    """How many corrections have a draft of this kind, and the age of the oldest."""
    at = "draft__returned_at" if code == SENT_BACK else "draft__written_at"
    found = Correction.objects.filter(BY_DRAFT[code]).aggregate(number=Count("pk"), since=Min(at))
    return found["number"], found["since"]


@dataclass(frozen=True)
class WaitingCorrections:
    """Open corrections by age, company statements apart; and the oldest."""

    by_age: dict[str, int]
    statements: int
    oldest: datetime.datetime | None
    oldest_statement: datetime.datetime | None

    @property
    def number(self) -> int:
        return sum(self.by_age.values()) + self.statements


def open_corrections(now: datetime.datetime) -> WaitingCorrections:
    """Count open corrections. One query."""
    statement = Q(kind=Correction.Kind.STATEMENT)
    counted: Iterable[tuple[str, Any]] = (
        (age.code, Count("pk", filter=~statement & age.condition(now))) for age in AGES
    )
    found = Correction.objects.waiting().aggregate(
        statements=Count("pk", filter=statement),
        oldest=Min("received_at", filter=~statement),
        oldest_statement=Min("received_at", filter=statement),
        **dict(counted),
    )
    by_age = {age.code: found[age.code] for age in AGES}
    return WaitingCorrections(
        by_age, found["statements"], found["oldest"], found["oldest_statement"]
    )
