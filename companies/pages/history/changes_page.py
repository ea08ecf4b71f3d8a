"""The public history: of the whole register, and of one company."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Change, Company, Pact
from companies.names.letters import alphabetical
from companies.pages.links import Chip, chip, feed_query, redirect_renamed
from companies.pages.shown_changes import ShownChange, shown_changes


def changes(request: HttpRequest) -> HttpResponse:
    return _page(request, queries.ChangeFilter.of(request), reverse("changes"))


def history(request: HttpRequest, slug: str) -> HttpResponse:
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "company-history", slug)
    found = queries.CompanyChangeFilter.of(request, queryset=queries.changes_of(company))
    return _page(request, found, reverse("company-history", args=[slug]), company=company)


def _page(
    request: HttpRequest, found: queries.ChangeFilter, url: str, company: Company | None = None
) -> HttpResponse:
    page = found.page_of_rows()
    pacts = list(Pact.objects.all())
    values = found.form.cleaned_data
    context = {
        "company": company,
        "url": url,
        "page": page,
        "days": by_day(shown_changes(page.object_list)),
        "chips": chips(found, {pact.slug: pact.name for pact in pacts}),
        "material": found.chosen_material,
        "q": values["q"],
        "since": _iso_day(values["since"]),
        "until": _iso_day(values["until"]),
        "pacts": pacts,
        "chosen_pact": values["pact"],
        "kinds": options(Change.Kind.choices, values["kind"]),
        "countries": [] if company else countries(values["country"]),
        "country_chosen": bool(values.get("country")),
        "company_parameter": found.data.get("company", ""),
        "feed_query": feed_query(found.data),
    }
    return render(request, "companies/history/changes.html", context)


def _iso_day(instant: datetime.datetime | None) -> str:
    return timezone.localdate(instant).isoformat() if instant else ""


@dataclass(frozen=True)
class DayOfChanges:
    """The changes of a page that were recorded on one day."""

    day: datetime.date
    changes: list[ShownChange]


def by_day(changes: Iterable[ShownChange]) -> list[DayOfChanges]:
    days = groupby(changes, key=attrgetter("recorded_on"))
    return [DayOfChanges(day, list(same_day)) for day, same_day in days]


@dataclass(frozen=True)
class Option:
    """One value of a filter, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


def options(choices: Iterable[tuple[Any, Any]], chosen: list[str]) -> list[Option]:
    return [Option(str(value), str(label), value in chosen) for value, label in choices]


def countries(chosen: list[str]) -> list[Option]:
    """The countries of the register's companies, sorted by name in the reader's language."""
    codes = {*Company.objects.order_by().values_list("country", flat=True).distinct(), *chosen}
    labels = queries.country_labels() | {queries.UNKNOWN: _("Unknown")}
    known = sorted(codes - {"", queries.UNKNOWN}, key=lambda code: alphabetical(labels[code]))
    return options([(code, labels[code]) for code in [*known, queries.UNKNOWN]], chosen)


def chips(found: queries.ChangeFilter, pacts: Mapping[str, str]) -> list[Chip]:
    """The filters in force; `pacts` are the names of pacts by slug."""
    query = found.data
    labels: dict[str, Mapping[str, Any]] = {
        "pact": pacts,
        "kind": dict(Change.Kind.choices),
        "country": queries.country_labels() | {queries.UNKNOWN: _("Country unknown")},
    }
    sentences = {
        "q": _("“%(text)s”") % {"text": found.form.cleaned_data["q"]},
        "since": _("since %(day)s") % {"day": queries.day_in_words(query.get("since", ""))},
        "until": _("until %(day)s") % {"day": queries.day_in_words(query.get("until", ""))},
    }
    return [
        chip(sentences.get(name) or str(labels.get(name, {}).get(value, value)), query, name, value)
        for name in ("q", "company", "pact", "kind", "country", "since", "until")
        for value in query.getlist(name)
    ]
