"""Filters of events, newest first: new statuses, published reports and milestones."""

import datetime
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest
from itertools import groupby
from typing import Any, NamedTuple

import django_filters
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Company,
    Milestone,
    Pact,
    PartialDate,
    Precision,
    ProgressReport,
    Signing,
    Source,
)
from companies.queries.clocks import Clock
from companies.queries.parameters import Day, PactChoice, StrictFilter, first_pact
from companies.queries.querysets import known_milestones
from companies.queries.roster.rosters import roster_of

from .cached_events import BEGUN, REPORT, CachedEvents, Ground, events

EVENTS = 18  # of a page, and those of the same day as the last of them
LAST_DAY = datetime.date(9998, 12, 31)  # the last one that has a following year
NAMED = 3  # companies of one event; of more, two and a number
ALL_NAMED = 300  # companies, where the query is for one kind of event of one pact
Status = Signing.Status
MILESTONE = "milestone"
EVENT_KINDS = (
    *((one.value, one.label) for one in BEGUN),
    (REPORT, _("Report")),
    (MILESTONE, _("Milestone")),
)
_KIND_OF_SOURCE = list(Source.Kind.values)


class NamedCompany(NamedTuple):
    """What an event shows of a company."""

    slug: str
    name: str


@dataclass(frozen=True)
class WorldEvent:
    """An event of one or more companies on one day, or a milestone.

    `companies` are the first of the `number`, and `source` supports all of them, if one does.
    """

    when: PartialDate
    kind: str
    basis: str = ""
    pact: Pact | None = None
    companies: list[NamedCompany] = field(default_factory=list)
    number: int = 1
    source: Source | None = None
    milestone: Milestone | None = None
    url: str = ""

    @property
    def until(self) -> datetime.date:
        """The last day of the month or year stated."""
        day = self.when.date
        if self.when.precision == Precision.DAY:
            return day
        month = 12 if self.when.precision == Precision.YEAR else day.month
        following = datetime.date(day.year + month // 12, month % 12 + 1, 1)
        return following - datetime.timedelta(days=1)


def _is_within(one: Ground, since: datetime.date | None, until: datetime.date | None) -> bool:
    """Whether the whole day, month or year of an event is within `since` and `until`."""
    if since and one.since < since:
        return False
    if until is None:
        return True
    if one.precision == Precision.DAY:
        return one.since <= until
    following = min(until, LAST_DAY) + datetime.timedelta(days=1)
    if one.precision == Precision.MONTH:
        return one.since < following.replace(day=1)
    return one.since < following.replace(month=1, day=1)


class EventFilter(StrictFilter):
    """The filter set of events, paged by whole days."""

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=[("happened", "happened"), ("recorded", "recorded")],
        empty_label=None,
        help_text=_("What happened in the world, or what we recorded."),
    )
    pact = PactChoice(method="unfiltered", of_all=True)
    event = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("kind of event"), choices=EVENT_KINDS
    )
    since = Day(method="unfiltered", label=_("happened since"), help_text=_("A date (YYYY-MM-DD)."))
    until = Day(method="unfiltered", label=_("happened until"), help_text=_("A date (YYYY-MM-DD)."))
    before = Day(
        method="unfiltered",
        label=_("before"),
        help_text=_("A date (YYYY-MM-DD); the page starts with the day before."),
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The parameter values; BadQuery when the query is invalid."""
        self.refuse_faults()
        return dict(self.form.cleaned_data)

    @property
    def named(self) -> int:
        """The number of companies named for each event."""
        return ALL_NAMED if self.chosen["pact"] and len(self.chosen["event"]) == 1 else NAMED

    def counts(self, ranges: dict[str, tuple[Any, Any]]) -> dict[str, int]:
        """The number of events in each range of days."""
        return {
            name: sum(_is_within(one, *days) for one in self._grounds)
            for name, days in ranges.items()
        }

    def kinds(self) -> dict[str, int]:
        """The number of events of each kind, ignoring the selected kinds."""
        days = (self.chosen["since"], self.chosen["until"])
        counted = Counter(one.status for one in self._of_any_kind if _is_within(one, *days))
        return {value: counted[value] for value, _label in EVENT_KINDS}

    def page(self) -> tuple[list[WorldEvent], datetime.date | None]:
        """The events of a page, and the day before which the next page begins, if any."""
        days, before = (self.chosen["since"], self.chosen["until"]), self.chosen["before"]
        found = [one for one in self._grounds if _is_within(one, *days)]
        found = [one for one in found if not before or one.since < before]
        newest = nlargest(EVENTS + 1, (one.since for one in found))
        if len(newest) <= EVENTS:
            return self._events(found), None
        last = newest[EVENTS - 1]
        more = any(one.since < last for one in found)
        return self._events([one for one in found if one.since >= last]), last if more else None

    def newest(self) -> PartialDate | None:
        """The date of the newest event, ignoring the days in the query."""
        last = max((one.since for one in self._grounds), default=None)
        of_last = [one for one in self._grounds if one.since == last]
        of_tables = groupby(sorted(of_last, key=_table), key=_table)
        firsts = [min(one.precision for one in same) for _table, same in of_tables]
        return max((PartialDate(last, one) for one in firsts if last), default=None)

    @cached_property
    def _grounds(self) -> list[Ground]:
        """The events of the query until today, whatever their days."""
        kinds = self.chosen["event"]
        return [one for one in self._of_any_kind if not kinds or one.status in kinds]

    @cached_property
    def _of_any_kind(self) -> list[Ground]:
        today, pact = timezone.localdate(), self.chosen["pact"]
        return [
            one
            for one in (*self._cached.groups, *self._milestones)
            if one.since <= today and (pact is None or one.pact == pact.pk)
        ]

    @cached_property
    def _cached(self) -> CachedEvents:
        return events()

    @cached_property
    def _milestones(self) -> dict[Ground, Milestone]:
        """Milestones; each is an event by itself."""
        return {
            Ground(one.date, one.date_precision, one.pact_id or 0, MILESTONE, one.title_en): one
            for one in known_milestones()
        }

    def _events(self, grounds: list[Ground]) -> list[WorldEvent]:
        of_companies = [one for one in grounds if one not in self._milestones]
        found = [
            *self._of_companies(of_companies),
            *(_of_milestone(self._milestones[one]) for one in grounds if one in self._milestones),
        ]
        return sorted(found, key=_order)

    def _of_companies(self, grounds: list[Ground]) -> Iterator[WorldEvent]:
        """Events of companies, of which the first by name are named. Four queries."""
        groups = {one: self._cached.groups[one] for one in grounds}
        named = _first_by_name(groups, self.named)
        shown = {key for keys in named.values() for key in keys}
        companies = _names(shown)
        pacts = Pact.objects.in_bulk({one.pact for one in grounds})
        sources, urls = _best_sources(self._cached.sources_of(grounds)), _urls(groups)
        for one in sorted(grounds):
            yield WorldEvent(
                when=PartialDate(one.since, one.precision),
                kind=one.status,
                basis=one.basis,
                pact=pacts[one.pact],
                companies=[companies[key] for key in named[one] if key in companies],
                number=len(groups[one]),
                source=sources.get(one),
                url=urls.get(one, ""),
            )


def _order(event: WorldEvent) -> tuple[int, str, int, str]:
    place = event.pact.position if event.pact else 99
    return -event.when.date.toordinal(), event.when.precision, place, event.kind


def _names(companies: Collection[int]) -> dict[int, NamedCompany]:
    """Public ids and names, without models: some events name hundreds. One query."""
    rows = Company.objects.filter(pk__among_many=companies).order_by()
    return {pk: NamedCompany(*rest) for pk, *rest in rows.values_list("pk", "slug", "name")}


def _table(one: Ground) -> str:
    return one.status if one.status in (REPORT, MILESTONE) else ""


def _first_by_name(groups: Mapping[Ground, "array[int]"], number: int) -> dict[Ground, list[int]]:
    """The first companies of each group by name: so many at most, of more one less, but two."""
    keys = roster_of(first_pact(Clock()) or Pact(pk=0), Clock()).keys
    found = {}
    for ground, group in groups.items():
        shown = len(group) if len(group) <= number else max(number - 1, 2)
        known = group[: bisect_left(group, len(keys.places))]
        places = nsmallest(shown, filter(None, map(keys.places.__getitem__, known)))
        found[ground] = [keys.by_place[place - 1] for place in places]
    return found


def _urls(groups: Mapping[Ground, "array[int]"]) -> dict[Ground, str]:
    """The URL of each report that is an event by itself. One query, none without one."""
    single = {one: keys[0] for one, keys in groups.items() if len(keys) == 1}
    wanted = {one: company for one, company in single.items() if one.status == REPORT}
    if not wanted:
        return {}
    reports = ProgressReport.objects.filter(company__in=wanted.values()).order_by()
    published = reports.values_list("published_on", "pact_id", "company_id", "url")
    urls = {tuple(of): url for *of, url in published}
    return {one: urls[one.since, one.pact, company] for one, company in wanted.items()}


def _best_sources(supporting: Mapping[Ground, list[int]]) -> dict[Ground, Source]:
    """The best source that supports all companies of each event. One query."""
    sources = Source.objects.in_bulk({pk for pks in supporting.values() for pk in pks})
    return {ground: _best(sources[pk] for pk in pks) for ground, pks in supporting.items() if pks}


def _best(sources: Iterable[Source]) -> Source:
    return min(sources, key=lambda source: (_KIND_OF_SOURCE.index(source.kind), source.pk))


def _of_milestone(one: Any) -> WorldEvent:
    when = PartialDate(one.date, one.date_precision)
    return WorldEvent(when, MILESTONE, pact=one.pact, source=one.source, milestone=one)
