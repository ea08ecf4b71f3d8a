"""The list of companies, with its facets."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Company, Pact, Pledge, Region, Sector, Signing
from companies.register.statistics import signatories

from .changes import Chip
from .errors import answers_bad_queries


@answers_bad_queries
def browse(request: HttpRequest) -> HttpResponse:
    companies = queries.CompanyFilter(request.GET)
    page = companies.page_of_rows()
    labels = value_labels()
    context = {
        "pact": companies.chosen_pact,
        "pacts": Pact.objects.all(),
        "page": page,
        "facets": facet_groups(companies, labels),
        "chips": chips(companies, labels),
        "sort": companies.form.cleaned_data["sort"] or "name",
        "q": companies.form.cleaned_data["q"],
        "signatories": signatories(companies.chosen_pact, companies.day),
        "core": companies.chosen_pact.commitments.core(),
        "levels": legend(),
    }
    return render(request, "companies/companies.html", context)


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many companies it would give, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with its values; `short` are shown, `rest` unfold."""

    name: str
    label: str
    choices: list[Choice]

    @property
    def short(self) -> list[Choice]:
        return self.choices[:5]

    @property
    def rest(self) -> list[Choice]:
        return self.choices[5:]

    @property
    def opened(self) -> bool:
        return any(choice.chosen for choice in self.rest)


def legend() -> list[tuple[str, Any]]:
    """What each filling of a bar means."""
    said = Pledge.Implementation
    return [
        (said.NO_EVIDENCE, _("pledged by signing, no evidence found")),
        *((level.value, level.label) for level in (said.PLANNED, said.PARTIAL, said.FULL)),
    ]


def facet_groups(
    companies: queries.CompanyFilter, labels: dict[str, dict[str, str]]
) -> list[Facet]:
    facets = []
    for name, counts in companies.facets().items():
        chosen = companies.form.cleaned_data[name]
        values = {**dict.fromkeys(chosen, 0), **counts}
        ranked = sorted(values, key=lambda value: (value == "unknown", -values[value], value))
        choices = [
            Choice(value, labels[name].get(value, value), values[value], value in chosen)
            for value in ranked
        ]
        facets.append(Facet(name, str(companies.filters[name].label), choices))
    return facets


def value_labels() -> dict[str, dict[str, Any]]:
    """What the values of each facet are called in the reader's language."""
    unknown = {"unknown": _("Not known")}
    return {
        "status": dict(Signing.Status.choices),
        "country": {**queries.country_labels(), **unknown},
        "region": dict(Region.choices),
        "sector": {sector.code: sector.label for sector in Sector.objects.all()} | unknown,
        "size": dict(Company.Size.choices),
        "role": dict(Company.Role.choices),
    }


def chips(companies: queries.CompanyFilter, labels: dict[str, dict[str, str]]) -> list[Chip]:
    found = []
    for name in ("q", *labels):
        for value in companies.asked.getlist(name):
            others = companies.asked.copy()
            others.pop("page", None)
            others.setlist(name, [other for other in others.getlist(name) if other != value])
            label = f"“{value}”" if name == "q" else str(labels[name].get(value, value))
            found.append(Chip(label, f"?{others.urlencode()}"))
    return found
