"""The timeline of one company: each event with the day it was true and the day it was recorded."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from companies.models import (
    Change,
    Company,
    PartialDate,
    Pledge,
    ProgressReport,
    ReportClock,
    Signing,
)

if TYPE_CHECKING:
    from companies.pages.shown_changes import ShownChange

# The rows that the timeline shows as facts.
Row: TypeAlias = Signing | Pledge | ProgressReport


@dataclass(frozen=True)
class Event:
    """An entry of the timeline: a fact, or a change without a current fact.

    `when` is the date in the world, `recorded_on` the date of recording; at least one is known.
    """

    when: PartialDate | None
    recorded_on: datetime.date | None
    row: Row | None = None
    invitation: ReportClock | None = None
    shown: "ShownChange | None" = None

    @property
    def signing(self) -> Signing | None:
        return self.row if isinstance(self.row, Signing) else None

    @property
    def pledge(self) -> Pledge | None:
        return self.row if isinstance(self.row, Pledge) else None

    @property
    def report(self) -> ProgressReport | None:
        return self.row if isinstance(self.row, ProgressReport) else None

    @property
    def is_correction(self) -> bool:
        return self.shown is not None and self.shown.change.cause == Change.Cause.CORRECTION

    @property
    def is_superseded(self) -> bool:
        """Whether it is a former status that was corrected."""
        if self.shown is None or self.is_correction:
            return False
        return self.shown.change.table == "signings" and bool(self.shown.change.new("status"))

    @property
    def ordered_by(self) -> str:
        return str(self.when.date if self.when else self.recorded_on)


def timeline(
    company: Company,
    history: Iterable["ShownChange"],
    *,
    day: datetime.date,
    clock: ReportClock | None = None,
) -> list[Event]:
    """Facts until `day` and changes, newest first.

    Changes of a current fact are no entries of their own: the first of them dates its
    recording.
    """
    until = [shown for shown in history if not _is_later(shown.change, day)]
    events, of_facts = [], set()
    for fact in _facts(company, day):
        about = [shown for shown in until if fact.is_subject_of(shown.change)]
        recorded_on = min((shown.recorded_on for shown in about), default=None)
        events.append(Event(fact.when, recorded_on, fact.row))
        of_facts |= {shown.change.number for shown in about}
    if clock and clock.due_on and clock.due_on <= day:
        events.append(Event(PartialDate(clock.due_on), None, invitation=clock))
    events += [_event(shown) for shown in until if shown.change.number not in of_facts]
    return sorted(events, key=lambda event: event.ordered_by, reverse=True)


@dataclass(frozen=True)
class _Fact:
    """A dated row, with table, column and value of the change that recorded it."""

    when: PartialDate
    row: Row
    table: str
    pact: str
    column: str
    value: str
    subject: str | None = None

    def is_subject_of(self, change: Change) -> bool:
        same_row = (change.table, change.pact_slug) == (self.table, self.pact)
        same_subject = self.subject in (None, change.subject)
        says_so = change.new(self.column) == self.value
        return same_row and same_subject and says_so and change.happened_on == self.when.date


def _facts(company: Company, day: datetime.date) -> list[_Fact]:
    facts = [
        _Fact(s.started, s, "signings", s.pact.slug, "status", s.status)
        for s in company.signings.all()
    ]
    for pledge in company.pledges.all():
        code, pact = pledge.commitment.code, pledge.commitment.pact.slug
        if pledge.as_of:
            when, says = PartialDate(pledge.as_of), ("implementation", pledge.implementation)
            facts.append(_Fact(when, pledge, "pledges", pact, *says, subject=code))
    for report in company.reports.all():
        column = "published_on" if report.published_on else "submitted_on"
        given, pact = getattr(report, column), report.pact.slug
        if given and given <= day:
            when, says = PartialDate(given), (column, str(given))
            facts.append(
                _Fact(when, report, "progress_reports", pact, *says, subject=str(report.period))
            )
    return facts


def _is_later(change: Change, day: datetime.date) -> bool:
    return change.happened_on is not None and change.happened_on > day


def _event(shown: "ShownChange") -> Event:
    """The entry of a change; a corrected status has no date in the world."""
    event = Event(shown.change.happened, shown.recorded_on, shown=shown)
    if event.is_superseded:
        return Event(None, shown.recorded_on, shown=shown)
    return event
