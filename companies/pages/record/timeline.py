"""The timeline of one company: each event with the day it was true and the day it was recorded."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from companies.models import (
    Change,
    Company,
    PartialDate,
    Pledge,
    ProgressReport,
    ReportClock,
    Signing,
)
from companies.pages.shown_changes import ShownChange

# The rows that the timeline shows as facts.
Row: TypeAlias = Signing | Pledge | ProgressReport


@dataclass(frozen=True)
class Event:
    """One entry: a fact, or a change that is about no present fact.

    `when` is the day in the world, `recorded_on` the day it came into the register; either may be
    unknown, never both.
    """

    when: PartialDate | None
    recorded_on: datetime.date | None
    row: Row | None = None
    invitation: ReportClock | None = None
    told: ShownChange | None = None

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
        return self.told is not None and self.told.change.cause == Change.Cause.CORRECTION

    @property
    def is_superseded(self) -> bool:
        """Whether it is a former status that the register has corrected."""
        if self.told is None or self.is_correction:
            return False
        return self.told.change.field == "status" and bool(self.told.change.new)

    @property
    def ordered_by(self) -> str:
        return str(self.when.date if self.when else self.recorded_on)


def timeline(
    company: Company,
    history: Iterable[ShownChange],
    *,
    day: datetime.date,
    clock: ReportClock | None = None,
) -> list[Event]:
    """Facts dated until `day` and changes of the register, the newest first.

    A change that told a fact which still stands gives it the day of its recording.
    """
    told = [told for told in history if not _is_later(told.change, day)]
    events, of_facts = [], set()
    for fact in _facts(company, day):
        telling = [one for one in told if fact.is_told_by(one.change)]
        recorded_on = min((one.recorded_on for one in telling), default=None)
        events.append(Event(fact.when, recorded_on, fact.row))
        of_facts |= {one.change.number for one in telling}
    if clock and clock.due_on and clock.due_on <= day:
        events.append(Event(PartialDate(clock.due_on), None, invitation=clock))
    events += [_of_change(one) for one in told if one.change.number not in of_facts]
    return sorted(events, key=lambda event: event.ordered_by, reverse=True)


@dataclass(frozen=True)
class _Fact:
    """A dated row, and of a change that told of it: field, pact, new value and subject."""

    when: PartialDate
    row: Row
    field: str
    pact: str
    new: str
    subject: str = ""

    def is_told_by(self, change: Change) -> bool:
        told = (change.field, change.pact_slug, change.new, change.happened_on)
        same = told == (self.field, self.pact, self.new, self.when.date)
        # Changes recorded before the column `subject` existed have none.
        return same and change.subject in ("", self.subject)


def _facts(company: Company, day: datetime.date) -> list[_Fact]:
    facts = [_Fact(s.started, s, "status", s.pact.slug, s.status) for s in company.signings.all()]
    for pledge in company.pledges.all():
        commitment = pledge.commitment
        if pledge.as_of:
            told = ("implementation", commitment.pact.slug, pledge.implementation)
            when = PartialDate(pledge.as_of)
            facts.append(_Fact(when, pledge, *told, subject=commitment.code))
    for report in company.reports.all():
        given = report.published_on or report.submitted_on
        if given and given <= day:
            told = ("report", report.pact.slug, str(given))
            facts.append(_Fact(PartialDate(given), report, *told, subject=str(report.period)))
    return facts


def _is_later(change: Change, day: datetime.date) -> bool:
    return change.happened_on is not None and change.happened_on > day


def _of_change(told: ShownChange) -> Event:
    """A change that no fact tells: where the register no longer says it, its day does not count."""
    event = Event(told.change.happened, told.recorded_on, told=told)
    if event.is_superseded:
        return Event(None, told.recorded_on, told=told)
    return event
