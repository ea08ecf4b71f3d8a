"""The list of companies, with its facets."""

import datetime
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    Company,
    Pact,
    PartialDate,
    Pledge,
    Region,
    ReportState,
    Sector,
    Signing,
)
from companies.names.letters import alphabetical
from companies.queries.roster.table_state import state
from companies.queries.wording.counted import known_in_a_sentence
from pactwatch.page_fragments import render_cached

from .browsing.list_rows import ShownRow, shown_rows
from .links import Chip, chip

FACETS = (
    "status", "commitment", "implementation", "implementation_evidence", "report", "region",
    "country", "sector", "size", "role",
)  # fmt: skip
# Facets of many values, the most frequent first; the others keep one order.
RANKED = ("country", "sector")
CHOICES_CACHED = 1_000  # values of filters, of 200 bytes each; 100 took 16 ms of every page
# Gaps in cached HTML; no text of a page contains a NUL.
NUMBER, SHORT, REST = "\0number\0", "\0short\0", "\0rest\0"
FEW = 3  # companies found, from which those outside the other filters are not offered
# Parameters that the form passes on in hidden fields.
KEPT = (
    *("pact", "as_of", "recorded_as_of", "changed_since", "sort", "view", "page_size"),
    *(name for name in queries.CompanyFilter.base_filters if "__" in name or name == "company"),
)
# Which are no facets: the days, the companies and what is left out.
OTHERS = ("changed_since", *KEPT[7:])


def browse(request: HttpRequest) -> HttpResponse:
    companies = queries.CompanyPage.of(request)
    companies.refuse_faults()
    if companies.form.cleaned_data["to"]:
        return HttpResponseRedirect(comparison(companies))
    page = companies.page_of_rows()
    rows = list(shown_rows(companies, page))
    labels = value_labels(companies)
    facets, near = facet_groups(companies, labels), nearby(companies, page.paginator.count)
    return render_cached(
        request,
        "companies/browse/companies.html",
        lambda: around_rows(companies, page, rows, labels) | {"facets": facets, "nearby": near},
        key=fragment_key(companies, page, rows, near),
        parts={
            "rows": "".join(row.html for row in rows),
            "facets": "".join(facet.html for facet in facets),
        },
    )


def around_rows(
    companies: queries.CompanyPage,
    page: Page[Any],
    rows: Sequence[ShownRow],
    labels: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    values, pact, found = companies.form.cleaned_data, companies.chosen_pact, page.paginator.count
    removable = chips(companies, labels)
    signatories = queries.signatories(pact, companies.clock)
    return {
        "pact": pact,
        "pacts": [one for one, _commitments in queries.pacts_read(companies.clock)],
        "page": page,
        "chips": removable,
        "active": len(removable) - bool(companies.search.words),
        "sort": ",".join(companies.sorts),
        "orders": orders(companies.sorts[0]),
        "date_heading": date_heading(rows),
        "view": values["view"] or "table",
        "q": values["q"],
        "left": bool(set(Signing.LEFT).intersection(values["status"])),
        "kept": [(name, one) for name in KEPT for one in companies.data.getlist(name)],
        "searched": companies.search.words and (companies.search.words if found else values["q"]),
        "signatories": signatories,
        "said": [known_in_a_sentence(pact, signatories)],
        "core": companies.core,
        "levels": legend(),
        "most_compared": queries.MOST_COMPARED,
        "ticked_elsewhere": [
            one for one in values["compare"] if one.pk not in {row.company.pk for row in rows}
        ],
    }


def fragment_key(
    companies: queries.CompanyPage,
    page: Page[Any],
    rows: Sequence[ShownRow],
    near: "NearbyCompanies",
) -> Hashable:
    """What the fragment around the rows depends on besides the URL; None if it cannot be cached."""
    if companies.form.cleaned_data["compare"]:  # companies of other pages are named
        return None
    signatories = queries.signatories(companies.chosen_pact, companies.clock)
    named = [(one.name, one.company.slug, one.company.name, one.status) for one in near.names]
    return (
        *(state().shared, companies.clock, signatories, companies.search.words),
        *(page.paginator.count, len(rows), str(date_heading(rows)), near.outside, *named),
    )


def comparison(companies: queries.CompanyPage) -> str:
    """The URL that compares the ticked companies, with the same pact and dates."""
    names = ("pact", "as_of", "recorded_as_of")
    slugs = [company.slug for company in companies.form.cleaned_data["compare"]]
    query: dict[str, Any] = {"company": slugs}
    query |= {name: companies.data[name] for name in names if name in companies.data}
    return reverse("compare", query=query)


@dataclass(frozen=True)
class FacetChoice:
    """One value of a facet: the number of companies it would list, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool

    def html_in(self, facet: str) -> str:
        return _choice_html(facet, self.value, self.label, self.chosen).replace(
            NUMBER, f"{self.count}"
        )


@dataclass(frozen=True)
class Facet:
    """A facet with its values; `short` are shown, `rest` are collapsed."""

    name: str
    label: str
    choices: tuple[FacetChoice, ...]

    @property
    def short(self) -> Sequence[FacetChoice]:
        return self.choices[:5]

    @property
    def rest(self) -> Sequence[FacetChoice]:
        return self.choices[5:]

    @property
    def opened(self) -> bool:
        return any(choice.chosen for choice in self.rest)

    @property
    def html(self) -> str:
        around = (self.name, self.label, len(self.rest), self.opened, get_language() or "en")
        short, rest = (
            "".join(one.html_in(self.name) for one in part) for part in (self.short, self.rest)
        )
        return _facet_html(*around).replace(SHORT, short).replace(REST, rest)


@lru_cache(CHOICES_CACHED)
def _choice_html(name: str, value: str, label: str, chosen: bool) -> str:
    """Render a facet value with a gap for its count."""
    choice = {"value": value, "label": label, "chosen": chosen, "count": NUMBER}
    return render_to_string("companies/browse/_choice.html", {"name": name, "choice": choice})


@lru_cache(CHOICES_CACHED)
def _facet_html(name: str, label: str, more: int, opened: bool, language: str) -> str:
    """Render a facet without its values, in the active language, which must be `language`."""
    context = {"name": name, "label": label, "more": more, "opened": opened}
    gaps = {"short": SHORT, "rest": REST}
    return render_to_string("companies/browse/_facet.html", context | gaps)


@dataclass(frozen=True)
class Order:
    """One sort link: its parameter value, and the direction if it is active."""

    label: str
    sort: str
    arrow: str
    reversal: str

    @property
    def in_force(self) -> bool:
        return bool(self.arrow)

    @property
    def anchor(self) -> str:
        """The id of the link, the same in both directions."""
        return "sort-" + self.sort.lstrip("-")


@dataclass(frozen=True)
class SimilarCompany:
    """A company that may be meant, and the name that resembles the search."""

    company: Company
    name: str

    @property
    def status(self) -> str | None:
        status: str | None = self.company.status  # type: ignore[attr-defined]  # annotated
        return status

    @property
    def other_name(self) -> str:
        return "" if self.name == self.company.name else self.name


@dataclass(frozen=True)
class NearbyCompanies:
    """Companies outside the other filters, and companies whose names resemble the search."""

    outside: int
    names: list[SimilarCompany]


def orders(sort: str) -> list[Order]:
    """The sort links; that of the active order reverses it."""
    offered = (
        ("known", _("known status")),
        ("name", _("name")),
        ("-since", _("date")),
        ("country", _("country")),
        ("-changed", _("last change")),
    )
    return [order(first, label, sort) for first, label in offered]


def date_heading(rows: Iterable[ShownRow]) -> Any:
    """The heading of the date column: start dates, dates of lists without the company, or both."""
    absent = {bool(row.lists_without) for row in rows if row.company.since}
    if absent == {True}:
        return queries.DATE_OF_LIST
    return _("Date") if True in absent else _("Since")


def order(first: str, label: str, sort: str) -> Order:
    if sort.lstrip("-") != first.lstrip("-"):
        return Order(label, first, "", "")
    rising = not sort.startswith("-")
    reverse = f"-{sort}" if rising else sort[1:]
    said = _("ascending, reverse") if rising else _("descending, reverse")
    return Order(label, reverse, "↑" if rising else "↓", said)


def legend() -> list[tuple[str, Any]]:
    """The meaning of each fill of the bars."""
    said = Pledge.Implementation
    return [
        (said.NO_EVIDENCE, _("pledged by signing, no evidence found")),
        *((level.value, level.label) for level in (said.PLANNED, said.PARTIAL, said.FULL)),
    ]


def facet_groups(
    companies: queries.CompanyFilter, labels: Mapping[str, Mapping[str, Any]]
) -> list[Facet]:
    """The facets that have values, each with its values in their order."""
    facets = []
    counted = queries.facets(companies)
    for name in FACETS:
        chosen = companies.form.cleaned_data[name]
        counts = dict.fromkeys(chosen, 0) | counted[name]
        choices = [
            FacetChoice(value, str(labels[name].get(value, value)), count, value in chosen)
            for value, count in counts.items()
        ]
        if choices:
            placed = ranked(choices) if name in RANKED else as_declared(choices, labels[name])
            label = str(companies.base_filters[name].label)
            facets.append(Facet(name, label, tuple(placed)))
    return facets


def ranked(choices: Iterable[FacetChoice]) -> list[FacetChoice]:
    """Sort choices by count, then by label; an unknown value comes last."""
    return sorted(
        choices, key=lambda one: (one.value == queries.UNKNOWN, -one.count, alphabetical(one.label))
    )


def as_declared(choices: Iterable[FacetChoice], labels: Mapping[str, Any]) -> list[FacetChoice]:
    """Sort choices in the order of the labels; values without a label come last."""
    places = {value: place for place, value in enumerate(labels)}
    return sorted(choices, key=lambda one: places.get(one.value, len(places)))


def value_labels(companies: queries.CompanyFilter) -> dict[str, Mapping[str, Any]]:
    """The labels of the values of each facet, in the reader's language."""
    return _labels(companies.chosen_pact, companies.clock, get_language() or "en")


@queries.cached_shared
def _labels(pact: Pact, clock: queries.Clock, language: str) -> dict[str, Mapping[str, Any]]:
    """The labels in the active language, which must be `language`."""
    unknown = {queries.UNKNOWN: _("Unknown")}
    labels: dict[str, Mapping[str, Any]] = {
        "status": dict(Signing.Status.choices),
        "commitment": {one.code: one.title for one in queries.commitments_of(pact, clock)},
        "implementation": dict(Pledge.Implementation.choices),
        "implementation_evidence": dict(queries.EvidenceLevel.choices),
        "report": dict(ReportState.choices),
        "country": {**queries.country_labels(), **unknown},
        "region": dict(Region.choices),
        "sector": {sector.code: sector.label for sector in Sector.objects.all()} | unknown,
        "size": dict(Company.Size.choices),
        "role": dict(Company.Role.choices),
    }
    return {
        name: {value: str(label) for value, label in of_facet.items()}
        for name, of_facet in labels.items()
    }


def chips(companies: queries.CompanyFilter, labels: Mapping[str, Mapping[str, Any]]) -> list[Chip]:
    query = companies.data
    searched = ("q",) if companies.search.words else ()
    return [
        chip(chip_label(companies, name, value, labels), query, name, value)
        for name in (*searched, *FACETS, *OTHERS)
        for value in query.getlist(name)
    ]


def chip_label(
    companies: queries.CompanyFilter,
    name: str,
    value: str,
    labels: Mapping[str, Mapping[str, Any]],
) -> str:
    """The label of a chip, with the name of its facet where the value alone is ambiguous."""
    if name == "q":
        return _("“%(text)s”") % {"text": value}
    if name == "changed_since":
        return _("Changed since %(when)s") % {"when": day_in_words(value)}
    if name in OTHERS:
        said = labels.get(name.removesuffix(queries.NOT), {}).get(value) or day_in_words(value)
        if name.endswith(queries.NOT) and value != queries.UNKNOWN:
            return _("Excluding: {what}").format(what=said)
        label = capfirst(str(companies.base_filters[name].label))
        facts = {"facet": label, "value": str(said)}
        return _("%(facet)s: %(value)s") % facts
    label = str(labels[name].get(value, value))
    if name in ("status", "commitment", "country", "region", "sector") and value != queries.UNKNOWN:
        return label
    facet = str(companies.base_filters[name].label)
    return _("%(facet)s: %(value)s") % {"facet": facet, "value": label}


def day_in_words(text: str) -> str:
    """Format an ISO date in the active language; other texts are unchanged."""
    try:
        return PartialDate(datetime.date.fromisoformat(text)).in_words(get_language() or "en")
    except ValueError:
        return text


def nearby(companies: queries.CompanyFilter, found: int) -> NearbyCompanies:
    """Companies to offer beside the search results."""
    search = companies.search
    if not search.words:
        return NearbyCompanies(0, [])
    outside = (search.found or 0).bit_count() - found if found < FEW else 0
    beside = [] if found else search.beside()
    if not beside:
        return NearbyCompanies(outside, [])
    rows = Company.objects.with_status(companies.chosen_pact, companies.day)
    shown = rows.in_bulk([one.company_id for one in beside])
    names = [
        SimilarCompany(shown[one.company_id], one.name) for one in beside if one.company_id in shown
    ]
    return NearbyCompanies(outside, names)
