"""Rows and texts of the matrix, for its page and card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from companies.models import Company, PartialDate, Precision, Signing
from companies.pages.definitions import short_name
from companies.queries.matrix.matrix_filter import QUOTED, MatrixFilter, MatrixValues, Pattern


def known_of(pact: Any) -> str:
    """The number of known signatories with the announced total, in short."""
    if pact.listed_total is None:
        said = ngettext("%(number)s known", "%(number)s known", pact.signatories)
    elif pact.announces_a_minimum:
        said = ngettext(
            "%(number)s known of more than %(total)s",
            "%(number)s known of more than %(total)s",
            pact.signatories,
        )
    else:
        said = ngettext(
            "%(number)s known of %(total)s", "%(number)s known of %(total)s", pact.signatories
        )
    return said % {"number": pact.signatories, "total": pact.listed_total}


# The sentence on top


def sentences(query: MatrixFilter) -> Iterator[str]:
    """Sentences: how many signed every pact, and how many signed only others."""
    every, other = (query.counts[f"in_{int(p)}"] for p in QUOTED)
    if every:
        yield ngettext(
            "%(number)s company has signed all %(pacts)s pacts in this table.",
            "%(number)s companies have signed all %(pacts)s pacts in this table.",
            every,
        ) % {"number": every, "pacts": len(query.pacts)}
    if other:
        yield ngettext(
            "%(number)s company signed another pact and is not on the list of the EU AI Pact.",
            "%(number)s companies signed another pact and are not on the list of the EU AI Pact.",
            other,
        ) % {"number": other}
    if not (every or other):
        yield _("No company that we know of has signed all of them.")


# The rows


@dataclass(frozen=True)
class MatrixCell:
    """One cell: a company's status toward one pact, with month and source."""

    name: str  # of the pact, short
    record: str  # URL of the company's record
    signing: Signing | None
    chapters: str = ""

    @property
    def status(self) -> str:
        return self.signing.status if self.signing else Signing.Status.UNKNOWN.value

    @property
    def label(self) -> str:
        """The short label of the status."""
        short = {
            Signing.Status.NOT_SIGNED.value: pgettext("in a narrow table", "Not on the list"),
            Signing.Status.REMOVED.value: pgettext("in a narrow table", "No longer listed"),
        }
        return short.get(self.status) or str(Signing.Status(self.status).label)

    @property
    def day(self) -> PartialDate | None:
        """The start date; for an absence, the date of the newest list without the company."""
        if self.signing is None:
            return None
        lists = self.signing.lists_without
        return lists.last if lists else self.signing.started

    @property
    def month(self) -> PartialDate | None:
        """The month of `day`."""
        if self.day is None or self.day.precision != Precision.DAY:
            return self.day
        return PartialDate(self.day.date, Precision.MONTH)

    @property
    def source(self) -> Any:
        """The most reliable source; None for an absence from several lists."""
        cited = list(self.signing.citations.all()) if self.signing else []
        return cited[0].source if cited and self.signing and not self.signing.is_absence else None


@dataclass(frozen=True)
class PatternGroup:
    """The companies with one pattern on this page, and their total."""

    label: str
    number: int
    rows: list[tuple[Company, list[MatrixCell]]]


def groups(query: MatrixFilter, keys: Sequence[tuple[int, int]]) -> Iterator[PatternGroup]:
    companies = Company.objects.in_bulk([pk for pk, _pattern in keys])
    values = query.values_of(list(companies))
    for pattern, here in groupby(keys, key=itemgetter(1)):
        rows = [(companies[pk], cells(query, values, companies[pk])) for pk, _pattern in here]
        label = str(Pattern(pattern).label)
        yield PatternGroup(label, query.counts[f"shown_{pattern}"], rows)


def cells(query: MatrixFilter, values: MatrixValues, company: Company) -> list[MatrixCell]:
    return [
        MatrixCell(
            short_name(pact),
            company.get_absolute_url(),
            values.periods.get((company.pk, pact.pk)),
            chapters(values.chapters[company.pk, pact.pk], pact),
        )
        for pact in query.pacts
    ]


def chapters(signed: int, pact: Any) -> str:
    """How many chapters were signed, if not all; "" if no source says."""
    if not 0 < signed < pact.chapters:
        return ""
    return ngettext("%(number)s chapter", "%(number)s chapters", signed) % {"number": signed}
