"""The matrix: companies beside all pacts; its filters, order and rows."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.paginator import Page
from django.db import models
from django.db.models import OuterRef
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import (
    DEFAULT_PACT,
    Commitment,
    Company,
    Pact,
    Pledge,
    Signing,
    meaning,
)
from companies.queries.company_filter import NOT, ProfileFilter
from companies.queries.lookup import Search
from companies.queries.querysets import CITATIONS, number_of
from companies.queries.readings import full_lists
from companies.queries.roster.orders import ByName, Ordered
from companies.queries.roster.roster import Roster
from companies.queries.roster.rosters import roster_of
from companies.queries.statistics import with_signatories

Status = Signing.Status
PROFILE = ("country", "region", "sector", "size", "role")
KNOWN: list[str] = [one for one in Status if one != Status.UNKNOWN]
OWN = ("name", "country", "sector")  # columns of a file
CHUNK = 1000  # companies

if TYPE_CHECKING:
    from companies.queries.company_table import Joined, T, U, Written


class Pattern(models.IntegerChoices):
    """A company's statuses toward all pacts together, in page order."""

    ALL = 1, _("Signed all pacts in this table")
    MAIN_AND_OTHER = 2, _("Signed the EU AI Pact and another")
    OTHER_NOT_LISTED = 3, _("Not on the list of the EU AI Pact, signed another")
    OTHER_LEFT = 4, _("No longer a signatory of the EU AI Pact, signed another")
    OTHER_NOT_MAIN = 5, _("Signed another pact, not the EU AI Pact")
    OTHER = 6, _("Signed another pact; no information on the EU AI Pact")
    MAIN = 7, _("Signed the EU AI Pact, and no other that we know of")
    LEFT = 8, _("No longer a signatory")
    NONE = 9, _("Not a signatory of any pact we checked")
    UNKNOWN = 10, _("No information")


# Those that the sentence on top counts, whatever is shown.
QUOTED = (Pattern.ALL, Pattern.OTHER_NOT_LISTED)


class Show(models.TextChoices):
    """Which rows are shown."""

    SEVERAL = "several", _("Two pacts or more")
    ALL = "all", _("All companies")
    DIFFERENCES = "differences", _("Differences only")
    LEFT = "left", _("Who left")


@dataclass(frozen=True)
class Stood:
    """Bitmaps of the companies matching the profile, by their statuses toward all pacts."""

    patterns: Mapping[Pattern, int]
    shown: Mapping[Show, int]


class PatternKeys(Sequence[tuple[int, Pattern]]):
    """The primary keys of companies with their patterns: by pattern, then by name."""

    def __init__(self, roster: Roster, groups: Mapping[Pattern, int]) -> None:
        self.groups = {one: Ordered(roster, places, [ByName()]) for one, places in groups.items()}

    def __len__(self) -> int:
        return sum(map(len, self.groups.values()))

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(len(self))
        found = list[tuple[int, Pattern]]()
        for pattern, keys in self.groups.items():
            here = keys[max(start, 0) : max(stop, 0)]
            found += [(key, pattern) for key in here]
            start, stop = start - len(keys), stop - len(keys)
        return found

    def __iter__(self) -> Iterator[tuple[int, Pattern]]:
        for start in range(0, len(self), CHUNK):
            yield from self[start : start + CHUNK]

    def first_of_each(self, number: int) -> list[tuple[int, Pattern]]:
        """The first `number` companies of each pattern."""
        return [(key, pattern) for pattern, keys in self.groups.items() for key in keys[:number]]


@dataclass(frozen=True)
class MatrixValues:
    """The periods of some companies toward the pacts, and the number of chapters each signed."""

    periods: dict[tuple[int, int], Signing]
    chapters: Counter[tuple[int, int]]


class MatrixFilter(ProfileFilter):
    """Companies with their status toward every pact that was read, on one day."""

    show = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Show"),
        choices=Show.choices,
        empty_label=None,
        help_text=_(
            "several: companies with a known status for two pacts or more. all: every company. "
            "differences: those whose status differs between pacts. left: those that left one. "
            "Default: several, or all for a search by name."
        ),
    )

    @cached_property
    def pacts(self) -> list[Pact]:
        """The pacts that were read, each with its `signatories` and its number of `chapters`."""
        chapters = Commitment.objects.filter(kind=Commitment.Kind.CHAPTER, pact=OuterRef("pk"))
        read = Pact.objects.with_list_read().annotate(chapters=number_of(chapters, "pact"))
        return with_signatories(read, self.clock)

    @property
    def shown(self) -> Show:
        """The selected rows; all if the selection would hide the search result."""
        values = self.form.cleaned_data
        plain = Show.ALL if values["q"] or len(self.pacts) < 2 else Show.SEVERAL
        return Show(values["show"] or plain)

    @property
    def keys(self) -> PatternKeys:
        """The primary keys and patterns of the companies shown, in the order of the page."""
        shown = self._stood.shown[self.shown]
        groups = {one: places & shown for one, places in self._stood.patterns.items()}
        return PatternKeys(self._roster, groups)

    @property
    def found(self) -> tuple[Roster, int]:
        """A roster, and the bitmap of the companies shown on all pages."""
        return self._roster, self._stood.shown[self.shown]

    def page_of_rows(self) -> Page[Any]:
        """A page of `keys`."""
        self.refuse_faults()
        return self.page_of(self.keys)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of companies by selection and by pattern."""
        stood = self._stood
        chosen = stood.shown[self.shown]
        whole = {f"of_{show}": places.bit_count() for show, places in stood.shown.items()}
        quoted = {f"in_{int(one)}": stood.patterns[one].bit_count() for one in QUOTED}
        among = {
            f"shown_{int(one)}": (places & chosen).bit_count()
            for one, places in stood.patterns.items()
        }
        return whole | quoted | among

    def values_of(self, companies: Collection[int]) -> MatrixValues:
        """The statuses of these companies by pact. Three queries, and those of the lists."""
        pacts = [pact.pk for pact in self.pacts]
        periods = Signing.objects.on(self.day).filter(company__in=companies, pact__in=pacts)
        periods = periods.exclude(status=Status.UNKNOWN)
        found = list(periods.prefetch_related(CITATIONS))
        full_lists(self.clock).mark(found)
        pledges = Pledge.objects.known().filter(
            company__in=companies, commitment__kind=Commitment.Kind.CHAPTER
        )
        return MatrixValues(
            {(one.company_id, one.pact_id): one for one in found},
            Counter(pledges.order_by().values_list("company", "commitment__pact")),
        )

    @cached_property
    def _rosters(self) -> list[Roster]:
        """All companies toward each pact, at the same places; without any, toward none."""
        return [roster_of(pact, self.clock) for pact in self.pacts or [Pact(pk=0)]]

    @property
    def _roster(self) -> Roster:
        return self._rosters[0]

    @cached_property
    def _stood(self) -> Stood:
        """Counted in memory: the database takes 5.6 s of 1,000,000 companies."""
        found = self._of_profile()
        by_pact = [
            {one: roster.having("status", [one]) for one in KNOWN} for roster in self._rosters
        ]
        main = next(
            (
                of
                for pact, of in zip(self.pacts, by_pact, strict=False)
                if pact.slug == DEFAULT_PACT
            ),
            dict.fromkeys(KNOWN, 0),
        )
        signed, another = _once_and_twice(of[Status.SIGNED] for of in by_pact)
        known, several = _once_and_twice(reduce(or_, of.values()) for of in by_pact)
        # Two different statuses, whichever pacts they are toward.
        differing = _once_and_twice(reduce(or_, (of[one] for of in by_pact)) for one in KNOWN)[1]
        every = reduce(and_, (of[Status.SIGNED] for of in by_pact)) if len(by_pact) > 1 else 0
        left = reduce(or_, (of[one] for of in by_pact for one in Signing.LEFT))
        rules = {
            Pattern.ALL: every,
            Pattern.MAIN_AND_OTHER: main[Status.SIGNED] & another,
            Pattern.MAIN: main[Status.SIGNED],
            Pattern.OTHER_NOT_LISTED: signed & main[Status.NOT_SIGNED],
            Pattern.OTHER_LEFT: signed & (main[Status.WITHDRAWN] | main[Status.REMOVED]),
            Pattern.OTHER_NOT_MAIN: signed & reduce(or_, main.values()),
            Pattern.OTHER: signed,
            Pattern.LEFT: left,
            Pattern.NONE: known,
            Pattern.UNKNOWN: found,
        }
        patterns, rest = dict.fromkeys(Pattern, 0), found
        for pattern, places in rules.items():  # the first that holds
            patterns[pattern] = rest & places
            rest &= ~places
        shown = {
            Show.SEVERAL: found & several,
            Show.ALL: found,
            Show.DIFFERENCES: found & several & differing,
            Show.LEFT: found & left,
        }
        return Stood(patterns, shown)

    def _of_profile(self) -> int:
        """The places of the companies that fit the profile."""
        roster, values = self._roster, self.form.cleaned_data
        found = roster.all
        search = Search(values["q"], roster)
        if search.found is not None:
            found &= search.found
        for name in PROFILE:
            if chosen := values[name]:
                found &= roster.having(name, chosen)
            if left_out := values[f"{name}{NOT}"]:
                found &= ~roster.having(name, left_out)
        return found


def _once_and_twice(sets: Iterable[int]) -> tuple[int, int]:
    """The places in one of the sets or more, and those in two or more."""
    once = twice = 0
    for places in sets:
        once, twice = once | places, twice | once & places
    return once, twice


# The file


class MatrixTable:
    """The rows of the matrix, read in chunks: one query, and five more for each chunk."""

    def __init__(self, query: MatrixFilter) -> None:
        query.refuse_faults()
        self.query = query

    @property
    def columns(self) -> list[str]:
        """The headings, the same in every language."""
        return ["slug", *OWN, *(name for pact in self.query.pacts for name in columns_of(pact))]

    @property
    def meanings(self) -> dict[str, str]:
        """The meaning of each column with facts, in the active language."""
        said = {name: meaning(Company._meta.get_field(name)) for name in OWN}  # type: ignore[arg-type]  # a column, no relation
        status, since = (meaning(Signing._meta.get_field(one)) for one in ("status", "since"))  # type: ignore[arg-type]  # a column, no relation
        checked = gettext("Date of the newest list without the company")
        source = gettext("Its most reliable source")
        for pact in self.query.pacts:
            texts = (f"{pact.name}. {text}" for text in (status, since, checked, source))
            said |= dict(zip(columns_of(pact), texts, strict=True))
        return said

    def __iter__(self) -> Iterator[list[Any]]:
        keys = (pk for pk, _pattern in self.query.keys)
        while chunk := list(islice(keys, CHUNK)):
            yield from self._rows(chunk)

    def rows(self, written: "Written[T]", joined: "Joined[T, U]") -> "Iterator[U]":
        """Each row, in one part."""
        return (joined(row[0], [written(self.columns, tuple(row))]) for row in self)

    def _rows(self, chunk: Sequence[int]) -> Iterator[list[Any]]:
        companies = Company.objects.select_related("sector").in_bulk(chunk)
        periods = self.query.values_of(chunk).periods
        for pk in chunk:
            company = companies[pk]
            sector = company.sector.code if company.sector else None
            row: list[Any] = [company.slug, company.name, company.country or None, sector]
            for pact in self.query.pacts:
                row += cells(periods.get((pk, pact.pk)))
            yield row


def columns_of(pact: Pact) -> list[str]:
    prefix = pact.slug.replace("-", "_")
    return [f"{prefix}_{name}" for name in ("status", "since", "last_checked", "source_url")]


def cells(period: Signing | None) -> list[datetime.date | str | None]:
    """Status, start date, date of the newest list without the company, and best source."""
    if period is None:
        return [Status.UNKNOWN.value, None, None, None]
    lists, cited = period.lists_without, list(period.citations.all())
    return [
        period.status,
        period.started.typed,
        lists.last.typed if lists else None,
        cited[0].source.url if cited else None,
    ]
