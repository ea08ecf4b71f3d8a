"""The changes that affect a list: those of its companies, or of the rows it shows.

A new commitment or milestone changes nothing about a company and so is not material, but it is a
new row of these lists.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from companies.models import Change, Commitment
from companies.queries.absences import AbsenceFilter
from companies.queries.events.cached_events import BEGUN, REPORT
from companies.queries.events.event_filter import MILESTONE, EventFilter
from companies.queries.events.former import FormerFilter
from companies.queries.filters import CommitmentFilter
from companies.queries.report_filter import ReportFilter

from .newest_changes import Listed

if TYPE_CHECKING:
    from companies.queries.company_filter import CompanyFilter
    from companies.queries.matrix.matrix_filter import MatrixFilter

Kind = Change.Kind
ListedChanges = tuple[QuerySet[Change], Listed | None]  # of these companies alone, if any
STATUSES = {str(status) for status in BEGUN}


def of_absences(query: AbsenceFilter) -> ListedChanges:
    """Changes of the listed companies, except those about another pact."""
    pacts = ("", query.chosen_pact.slug)
    return Change.objects.all(), Listed(query.roster, query.found, pacts)


def of_former(query: FormerFilter) -> ListedChanges:
    """Statuses of companies that left, toward the pact of the query or all."""
    query.refuse_faults()
    pact = query.form.cleaned_data["pact"]
    pacts = (pact.slug,) if pact else ()
    return Change.objects.filter(kind=Kind.STATUS), Listed(*query.found, pacts)


def of_reports(query: ReportFilter) -> ListedChanges:
    """Changes of reports of the listed signatories."""
    pacts = (query.chosen_pact.slug,)
    return Change.objects.filter(kind=Kind.REPORT), Listed(query.roster, query.found, pacts)


def of_matrix(query: "MatrixFilter") -> ListedChanges:
    """Statuses toward any pact of the companies in the matrix."""
    query.refuse_faults()
    return Change.objects.filter(kind=Kind.STATUS), Listed(*query.found)


def of_companies(query: "CompanyFilter") -> ListedChanges:
    """Changes of the companies that a query finds, under all public ids they have had."""
    query.refuse_faults()
    changes, found = Change.objects.exclude(company_slug=""), query.found()
    return changes, None if found == query.roster.all else Listed(query.roster, found)


def of_commitments(query: CommitmentFilter) -> QuerySet[Change]:
    """Changes of the listed commitments and of pledges to them."""
    return of_these_commitments(query.rows)


def of_these_commitments(commitments: QuerySet[Commitment]) -> QuerySet[Change]:
    codes: dict[str, list[str]] = {}
    for pact, code in commitments.order_by().values_list("pact__slug", "code"):
        codes.setdefault(pact, []).append(code)
    here = Q(pk__in=[])
    for pact, some in codes.items():
        here |= Q(pact_slug=pact, subject__in=some)
    new = Q(fields__code__1__gt="")
    shown = Q(kind=Kind.PLEDGE, material=True) | Q(table="commitments") & (Q(material=True) | new)
    return Change.objects.filter(here, shown)


def of_events(query: EventFilter) -> QuerySet[Change]:
    """The changes that recorded the events of the query."""
    chosen = query.chosen
    kinds = set(chosen["event"]) or {*STATUSES, REPORT, MILESTONE}
    here = Q(table="signings", fields__status__1__in=sorted(kinds & STATUSES))
    if REPORT in kinds:
        here |= Q(table="progress_reports", fields__published_on__1__gt="")
    here &= _within("happened_on", chosen["since"], chosen["until"])
    if MILESTONE in kinds:
        days = _within("key__date", *(str(chosen[name] or "") for name in ("since", "until")))
        here |= days & Q(table="milestones", fields__date__1__gt="")
    if chosen["pact"]:
        here &= Q(pact_slug=chosen["pact"].slug)
    return Change.objects.filter(here)


def _within(column: str, since: Any, until: Any) -> Q:
    days = {f"{column}__gte": since, f"{column}__lte": until}
    return Q(**{name: day for name, day in days.items() if day})
