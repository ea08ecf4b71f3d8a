"""Companies that are not signatories of a pact: declined, contacted, or only not on a list."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.core.paginator import Page
from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Pact, Signing

from .clocks import Clock
from .parameters import PactQuery, RegisterFilter
from .querysets import cited_outside_lists, signings
from .roster.keys import among
from .roster.orders import ByName
from .roster.periods import chosen_of, page_of_periods
from .roster.roster import Roster, numbers
from .roster.rosters import roster_of
from .roster.table_state import CachedCompanies, cached

Status = Signing.Status


class Absence(models.TextChoices):
    """The state of a company that is not a signatory; only the first is a refusal."""

    DECLINED = Status.DECLINED.value, Status.DECLINED.label
    CONSIDERING = Signing.Asked.CONSIDERING.value, _("Considering (contacted by us)")
    NO_ANSWER = Signing.Asked.NO_ANSWER.value, _("No reply (contacted by us)")
    INTERESTED = Status.INTERESTED.value, Status.INTERESTED.label
    NOT_ASKED = "not_asked", _("Not on the list, not contacted")
    WITHDRAWN = Status.WITHDRAWN.value, Status.WITHDRAWN.label
    REMOVED = Status.REMOVED.value, Status.REMOVED.label


@dataclass(frozen=True)
class AbsenceCounts:
    """The number of companies that are not signatories, in four groups."""

    pact: Pact
    clock: Clock
    declined: int
    looked_for: int
    left: int
    interested: int

    @cached_property
    def named(self) -> int:
        """How many absent companies a source other than a list names as missing. One query."""
        if self.clock.is_past:
            return len(list(_named(self.pact, self.clock.day, None)))
        return len(_NAMED.of(self.pact, self.clock.day))


def _named(
    pact: Pact, day: datetime.date, companies: Collection[int] | None
) -> QuerySet[Signing, int]:
    missed = Signing.objects.filter(pact=pact, status=Status.NOT_SIGNED, **among(companies))
    named = missed.on(day).filter(cited_outside_lists()).order_by()
    return named.values_list("company", flat=True)


_NAMED = CachedCompanies(_named)


@cached
def absence_counts(pact: Pact, clock: Clock) -> AbsenceCounts:
    """The counts by the clock, from the roster."""
    roster = roster_of(pact, clock)

    def number(*statuses: str) -> int:
        return roster.having("status", statuses).bit_count()

    return AbsenceCounts(
        pact,
        clock,
        declined=number(Status.DECLINED),
        looked_for=number(Status.NOT_SIGNED),
        left=number(*Signing.LEFT),
        interested=number(Status.INTERESTED),
    )


# An answer to our question says more than a list does; it says less than a public no or a leaving.
_ASKABLE = (Status.NOT_SIGNED, Status.INTERESTED)
_RANK = Case(*(When(absence=state, then=Value(i)) for i, state in enumerate(Absence)))


class AbsenceFilter(PactQuery, RegisterFilter):
    """Companies that are not signatories of a pact, with their `absence`."""

    state = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("situation"),
        choices=[(state.value, state.label) for state in Absence],
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        chosen = self.form.cleaned_data["state"]
        absences = self._absent()
        absences = absences.filter(absence__in=chosen) if chosen else absences
        return absences.order_by(_RANK, "company__name_folded", "pk")

    @cached_property
    def roster(self) -> Roster:
        return roster_of(self.chosen_pact, self.clock)

    def page_of_rows(self) -> Page[Signing]:
        return page_of_periods(self, self.roster, self.states, [ByName()])

    def counts(self) -> dict[str, int]:
        """The number of companies by state, without empty states."""
        return numbers(self.states, self.roster.all)

    @property
    def states(self) -> Mapping[str, int]:
        """The companies in each state, as roster bitmaps."""
        roster, answers = self.roster, _answers(self.chosen_pact, self.clock)
        askable = roster.having("status", _ASKABLE)
        found = {one: roster.places_of(of) & askable for one, of in answers.items()}
        answered = reduce(or_, found.values(), 0)
        for one in Absence.values:
            status = Status.NOT_SIGNED if one == Absence.NOT_ASKED else one
            found.setdefault(one, roster.having("status", [status]) & ~answered)
        return {one: found[one] for one in Absence.values}

    @property
    def found(self) -> int:
        """The bitmap of the companies of all pages."""
        return chosen_of(self, self.states)

    def _absent(self) -> Any:
        has_answer = Q(status__in=_ASKABLE, asked_on__lte=self.day) & ~Q(asked="")
        state = Case(
            When(has_answer, then=F("asked")),
            When(status=Status.NOT_SIGNED, then=Value(Absence.NOT_ASKED.value)),
            default=F("status"),
            output_field=models.CharField(),
        )
        rows = signings().filter(pact=self.chosen_pact).on(self.day).absent()
        return rows.annotate(absence=state)


@cached
def _answers(pact: Pact, clock: Clock) -> Mapping[str, list[int]]:
    """The companies by outcome of our question, as bitmaps. One query."""
    contacted = Signing.objects.on(clock.day).filter(pact=pact, asked_on__lte=clock.day)
    found: dict[str, list[int]] = {}
    answers = contacted.exclude(asked="").order_by().values_list("asked", "company_id")
    for answer, company in answers:
        found.setdefault(answer, []).append(company)
    return found
