"""Missing data: each gap is one condition, which the desk counts and admin lists filter by.

All gaps of a model are counted in one query.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    NameKey,
    Pact,
    QuoteCheck,
    ReportState,
    Signing,
    Source,
    stronger_than_quote,
    with_report_state,
)
from companies.names.spelling import NEAR_MARKS

VERIFIED_FOR = datetime.timedelta(days=365)
# Periods whose quotes are read one by one while an editor waits; 5,000 take about a second.
MOST_PROVED = 5_000
Condition = Callable[[datetime.date], Any]


@dataclass(frozen=True)
class Gap:
    """A kind of missing data in rows of a model, with a label that follows a number."""

    code: str
    model: type[Model]
    label: Any  # lazy
    condition: Condition
    parameter: str = "lacks"  # of the list that shows them

    def of(self, rows: QuerySet[Any], day: datetime.date) -> QuerySet[Any]:
        return rows.filter(self.condition(day))


def _cited(**conditions: Any) -> Q:
    """Statuses with such a citation.

    A set and not EXISTS: for each status SQLite would scan all citations of an official list.
    """
    found = Citation.objects.filter(signing__isnull=False, **conditions).order_by()
    return Q(pk__in=found.values("signing"))


def _last_checked(*results: str) -> Condition:
    checks = QuoteCheck.objects.of_current_quotes().filter(
        citation=OuterRef("pk"), result__in=results
    )
    return lambda day: Exists(checks.order_by())


def _never_checked(day: datetime.date) -> Any:
    return ~Exists(
        QuoteCheck.objects.of_current_quotes().filter(citation=OuterRef("pk")).order_by()
    )


def _same_name(day: datetime.date) -> Q:
    """Companies sharing a spelling of a name with another, unless one owns the other."""
    same = NameKey.objects.filter(key=OuterRef("key")).exclude(company=OuterRef("company"))
    owned = same.filter(company__parent=OuterRef("company"))
    owner = same.filter(company__subsidiaries=OuterRef("company"))
    near = (Q(key__startswith=mark) for mark in NEAR_MARKS)
    spelled = NameKey.objects.exclude(reduce(or_, near))
    shared = spelled.values("key").annotate(n=Count("pk")).filter(n__gt=1).values("key")
    keys = NameKey.objects.filter(key__in=shared).filter(~Exists(owned), ~Exists(owner))
    return Q(pk__in=keys.values("company"))


def _without_quote(day: datetime.date) -> Q:
    """Statuses without any quote, though a source could have one."""
    on_list = _cited(source__kind=Source.Kind.OFFICIAL_LIST)
    absence = Q(status__in=(Signing.Status.NOT_SIGNED, Signing.Status.REMOVED)) & on_list
    return Q(_stated, ~_cited(quote__gt=""), ~absence)


def _report_due(day: datetime.date) -> Q:
    """Signatories whose invited report is overdue and unknown."""
    pacts = Pact.objects.filter(report_after_months__gt=0).order_by()
    due = Q(pk__in=[])
    for months in set(pacts.values_list("report_after_months", flat=True)):
        signed = Signing.objects.on(day).signed().filter(pact__report_after_months=months)
        states: Any = with_report_state(signed, months=months or 0, day=day)
        due |= Q(pk__in=states.filter(report_state=ReportState.NONE_FOUND).values("pk"))
    return due


_stated = ~Q(status=Signing.Status.UNKNOWN)
_Result = QuoteCheck.Result
GAPS = (
    Gap(
        "source",
        Signing,
        _("Without a source"),
        lambda day: _stated & ~_cited(),
    ),
    Gap("quote", Signing, _("Without a quote"), _without_quote),
    Gap("report", Signing, _("Progress report due, none found"), _report_due),
    Gap("country", Company, _("Without a country"), lambda day: Q(country="")),
    Gap("sector", Company, _("Without a sector"), lambda day: Q(sector=None)),
    Gap(
        "role",
        Company,
        _("Role under the AI Act unknown"),
        lambda day: Q(role=Company.Role.UNKNOWN),
    ),
    Gap(
        "identifier",
        Company,
        _("Without an identifier"),
        lambda day: ~Exists(CompanyIdentifier.objects.filter(company=OuterRef("pk")).order_by()),
    ),
    Gap(
        "legal_name",
        Company,
        _("Without a legal name"),
        lambda day: (
            Q(legal_name="")
            & ~Q(
                Exists(CompanyName.objects.filter(company=OuterRef("pk"), kind="legal").order_by())
            )
        ),
    ),
    Gap("duplicate", Company, _("Possible duplicates"), _same_name),
    Gap(
        "verified",
        Citation,
        _("Not verified for a year"),
        lambda day: Q(verified_on=None) | Q(verified_on__lt=day - VERIFIED_FOR),
    ),
    Gap(
        "lost", Citation, _("Quote not found on its page"), _last_checked(*QuoteCheck.LOST), "check"
    ),
    Gap("gone", Citation, _("Page gone"), _last_checked(_Result.GONE), "check"),
    Gap(
        "not_seen",
        Citation,
        _("Page not reachable or not read"),
        _last_checked(*QuoteCheck.NOT_SEEN),
        "check",
    ),
    Gap("never", Citation, _("Page never checked"), _never_checked, "check"),
    Gap("date", Source, _("Without a date"), lambda day: Q(published_on=None)),
    Gap("copy", Source, _("Without an archived copy"), lambda day: Q(archived_url="")),
    Gap(
        "title",
        Source,
        _("Title taken from the address"),
        lambda day: Q(title__startswith="http") | Q(title=F("url")),
    ),
)
# What "of 476" counts.
COUNTED: Mapping[type[Model], Callable[[], QuerySet[Any]]] = {
    Signing: lambda: Signing.objects.filter(_stated),
    Company: Company.objects.all,
    Citation: Citation.objects.all,
    Source: Source.objects.all,
}


def gaps_of(model: type[Model]) -> dict[str, Gap]:
    return {gap.code: gap for gap in GAPS if gap.model is model}


@dataclass(frozen=True)
class GapCounts:
    """The number of rows of a model, and of those with each gap, by code."""

    total: int
    gaps: Mapping[str, int]


def counts(model: type[Model], day: datetime.date) -> GapCounts:
    """Count the gaps of a model. One query, one more for pacts with reports."""
    wanted = {
        f"gap_{code}": Count("pk", filter=Q(gap.condition(day)))
        for code, gap in gaps_of(model).items()
    }
    found = COUNTED[model]().order_by().aggregate(total=Count("pk"), **wanted)
    return GapCounts(found.pop("total"), {name[4:]: number for name, number in found.items()})


def too_strong() -> int | None:
    """How many statuses say more than their quotes; None if too many to check."""
    if Signing.objects.count() > MOST_PROVED:
        return None
    return len(stronger_than_quote(Signing.objects.all()))
