"""The page of former signatories: both dates and the quote of the source."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies import queries
from companies.models import Citation, Company, Pact, PartialDate, Signing


@dataclass(frozen=True)
class Former:
    """A former signatory of one pact; `began` is None if no source names it as one."""

    period: Signing
    began: Signing | None

    @property
    def company(self) -> Company:
        return self.period.company

    @property
    def is_stated(self) -> bool:
        """Whether a status says that it left, rather than its signature only having ended."""
        return self.period.status in Signing.LEFT

    @property
    def ended(self) -> PartialDate | None:
        return self.period.started if self.is_stated else self.period.ended

    @property
    def evidence(self) -> list[Citation]:
        return self.period.evidence if self.is_stated else []


@dataclass(frozen=True)
class SaidTogether:
    """Companies with the same statement in the same words of the same sources."""

    lines: list[Former]

    @property
    def first(self) -> Former:
        return self.lines[0]


@dataclass(frozen=True)
class LeftPact:
    """The former signatories of one pact on this page."""

    pact: Pact
    leavings: list[SaidTogether]


def left(request: HttpRequest) -> HttpResponse:
    query = queries.FormerFilter.of(request)
    page = query.page_of_rows()
    chosen = query.form.cleaned_data["pact"]
    parameters: dict[str, Any] = {"status": sorted(Signing.LEFT), **query.clock.past}
    parameters |= {"pact": chosen.slug} if chosen else {}
    context = {
        "page": page,
        "groups": by_pact(page),
        "companies": query.companies(),
        "pact": chosen,
        "without": () if chosen else query.pacts_without(),
        "companies_query": "?" + urlencode(parameters, doseq=True),
    }
    return render(request, "companies/history/left.html", context)


def by_pact(periods: Iterable[Signing]) -> list[LeftPact]:
    return [
        LeftPact(pact, [SaidTogether(list(lines)) for _words, lines in groupby(same, key=_said)])
        for pact, same in groupby(map(former, periods), key=attrgetter("period.pact"))
    ]


def _said(line: Former) -> tuple[Any, ...]:
    """Everything the page says of a leaving except the company."""
    period, words = line.period, [(one.source_id, one.quote) for one in line.evidence]
    return line.is_stated, period.status, line.ended, period.since_basis, period.reason, words


def former(period: Signing) -> Former:
    """Build the former signatory from the period after its last signature."""
    of_pact = [one for one in period.company.periods if one.pact_id == period.pact_id]  # type: ignore[attr-defined]  # of the queryset
    before = [one for one in of_pact if one.since <= period.since]
    return Former(period, before[-1] if before else None)
