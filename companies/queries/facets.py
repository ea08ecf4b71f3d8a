"""Facets: for each filter of companies, how many each of its values would give."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Max, Q, Sum, When

from companies.models import Company, Pledge

from .parameters import UNKNOWN
from .querysets import EvidenceLevel, core_pledges, evidenced, report_states

if TYPE_CHECKING:
    from .company_filter import CompanyFilter

COLUMNS = {
    "status": "status",
    "country": "country",
    "sector": "sector__code",
    "size": "size",
    "role": "role",
}
OTHERS = (
    "commitment",
    "implementation",
    "implementation_evidence",
    "report",
    "region",
    "q",
    "changed_since",
)


def facets(companies: "CompanyFilter") -> dict[str, dict[str, int]]:
    """Companies by each value of each facet, all parameters kept but that of the facet itself."""
    companies.refuse_faults()
    return _by_column(companies) | {
        "commitment": _by_commitment(companies),
        "implementation": _by_implementation(companies),
        "implementation_evidence": _by_evidence(companies),
        "report": _by_report(companies),
    }


def _by_column(companies: "CompanyFilter") -> dict[str, dict[str, int]]:
    """Facets of columns; those without a chosen value count the same companies, in one query.

    A register that is not narrowed is counted column by column: indexes do it faster.
    """
    values = companies.form.cleaned_data
    narrowed = any(values[name] for name in (*COLUMNS, *OTHERS))
    together = [name for name in COLUMNS if narrowed and not values[name]]
    counts = _count(companies, *together)
    for name in COLUMNS:
        if name not in together:
            counts |= _count(companies, name)
    countries = counts
    if values["country"] or values["region"]:
        countries = _count(companies, "country", without="region")
    return counts | {"region": _by_region(countries["country"])}


def _count(companies: "CompanyFilter", *names: str, without: str = "") -> dict[str, dict[str, int]]:
    """For each of these facets, companies by its values; a facet alone leaves itself out."""
    if not names:
        return {}
    without = without or (names[0] if len(names) == 1 else "")
    counted_by = "status" if "status" in names else ""
    rows = companies.narrowed(without=without, counted_by=counted_by).order_by()
    counts = {name: Counter[str]() for name in names}
    for *values, number in rows.values_list(*map(COLUMNS.get, names)).annotate(n=Count("pk")):
        for name, value in zip(names, values, strict=True):
            counts[name][value or UNKNOWN] += number
    return {name: dict(counted) for name, counted in counts.items()}


def _by_region(countries: Mapping[str, int]) -> dict[str, int]:
    counts = Counter[str]()
    for country, number in countries.items():
        code = "" if country == UNKNOWN else country
        counts[Company(country=code).region.value] += number
    return dict(counts)


def _by_commitment(companies: "CompanyFilter") -> dict[str, int]:
    pledges = companies.pledges(without="commitment").filter(company__in=_pledging(companies))
    rows = pledges.order_by().values_list("commitment__code")
    return dict(rows.annotate(companies=Count("pk")))  # a company pledges each once


def _by_implementation(companies: "CompanyFilter") -> dict[str, int]:
    """Companies with any pledge at each level; a company may have pledges at several."""
    pledges = companies.pledges(without="implementation").filter(company__in=_pledging(companies))
    levels = {
        str(level): Max(Case(When(Q(then=level), then=1), default=0))
        for level in Pledge.Implementation.values
    }
    rows = pledges.order_by().values("company").annotate(**levels)
    counts = rows.aggregate(**{f"of_{level}": Sum(level) for level in levels})
    return {level: n for level in levels if (n := counts[f"of_{level}"])}


def _pledging(companies: "CompanyFilter") -> Any:
    narrowed = companies.narrowed(without="commitment", counted_by="status")
    return narrowed.order_by().signed().values("pk")


def _by_evidence(companies: "CompanyFilter") -> dict[str, int]:
    """Signatories by the number of core commitments with evidence, as a level."""
    narrowed = companies.narrowed(without="implementation_evidence", counted_by="status").order_by()
    signatories = companies.with_evidence_levels(narrowed)
    if not companies.core:
        return {}
    pledges = evidenced(core_pledges(companies.chosen_pact), companies.day)
    rows = pledges.filter(company__in=signatories.values("pk")).order_by().values("company")
    counts = rows.annotate(done=Count("pk")).aggregate(
        **{str(EvidenceLevel.SOME_CORE): Count("company", filter=Q(done__lt=companies.core))},
        **{str(EvidenceLevel.ALL_CORE): Count("company", filter=Q(done__gte=companies.core))},
    )
    counts[str(EvidenceLevel.NONE_FOUND)] = signatories.count() - sum(counts.values())
    return {level: number for level, number in counts.items() if number}


def _by_report(companies: "CompanyFilter") -> dict[str, int]:
    narrowed = companies.narrowed(without="report").order_by().values("pk")
    states = report_states(companies.chosen_pact, companies.day).filter(company__in=narrowed)
    rows = states.order_by().values_list("report_state")
    return dict(rows.annotate(companies=Count("pk")))
