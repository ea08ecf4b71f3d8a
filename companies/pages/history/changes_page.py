"""Pages of the public changes: of the whole register, and of one company."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Change, Company, Pact
from companies.names.letters import alphabetical
from companies.pages.links import (
    Chip,
    QuickFilter,
    chip,
    feed_query,
    query_string,
    redirect_renamed,
)
from companies.pages.shown_changes import ShownChange, shown_changes


def changes(request: HttpRequest, happened: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The changes page: events by default, recorded changes if the query asks for them.

    A parameter that only the view of recorded changes has selects it too, for URLs older than
    the two views.
    """
    view = request.GET.get("view") or None
    unknown = {*request.GET} - {*queries.EventFilter.base_filters}
    if view == "recorded" or (view is None and unknown):
        return _page(request, queries.ChangeFilter.of(request), reverse("changes"))
    return happened(request)


def history(request: HttpRequest, slug: str) -> HttpResponse:
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "company-history", slug)
    found = queries.CompanyChangeFilter.of(request, queryset=queries.changes_of(company))
    return _page(request, found, reverse("company-history", args=[slug]), company=company)


def _page(
    request: HttpRequest, found: queries.ChangeFilter, url: str, company: Company | None = None
) -> HttpResponse:
    entries, before, page = _entries(found)
    pacts = list(Pact.objects.all())
    values = found.form.cleaned_data
    context = {
        "company": company,
        "view": None if company else "recorded",
        "url": url,
        "page": page,
        "before": before,
        "days": by_day(entries),
        "quick": quick_filters(found, url),
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
        "data": _data(found, company),
    }
    return render(request, "companies/history/changes.html", context)


def _entries(
    found: queries.ChangeFilter,
) -> tuple[list[Change | queries.Batch], int | None, Page[Change] | None]:
    """The entries of a page and the start of the next; numbered pages have single changes."""
    if found.data.get("page"):
        page = found.page_of_rows()
        return list(page), None, page
    return *found.entries(), None


def _data(found: queries.ChangeFilter, company: Company | None) -> str:
    """The API URL of the same changes, which includes those without a public line."""
    parameters = found.data.copy()
    parameters.setdefault("material", found.chosen_material)
    path = (
        reverse("api:company-history", args=[company.slug]) if company else reverse("api:changes")
    )
    return settings.SITE_URL + path + feed_query(parameters)


def _iso_day(instant: datetime.datetime | None) -> str:
    return timezone.localdate(instant).isoformat() if instant else ""


@dataclass(frozen=True)
class Edit:
    """Changes recorded together for one reason; `batch` stands for too many to list.

    `kinds` are the counts of a batch by kind, each with the query for its changes.
    """

    at: datetime.datetime
    role: str
    cause: str
    changes: list[ShownChange]
    batch: queries.Batch | None = None
    kinds: Sequence[tuple[str, int, str]] = ()


@dataclass(frozen=True)
class DayOfChanges:
    """The changes of a page that were recorded on one day."""

    day: datetime.date
    edits: list[Edit]


def by_day(entries: Sequence[Change | queries.Batch]) -> list[DayOfChanges]:
    days = groupby(_edits(entries), key=lambda edit: timezone.localdate(edit.at))
    return [DayOfChanges(day, list(same_day)) for day, same_day in days]


def _edits(entries: Sequence[Change | queries.Batch]) -> Iterator[Edit]:
    shown = iter(shown_changes(one for one in entries if isinstance(one, Change)))
    alike = attrgetter("recorded_at", "by_role", "cause")
    for is_batch, some in groupby(entries, key=lambda one: isinstance(one, queries.Batch)):
        if is_batch:
            yield from (_whole(batch) for batch in some if isinstance(batch, queries.Batch))
            continue
        same = [next(shown) for _change in some]
        for (at, _role, _cause), changes in groupby(same, key=lambda one: alike(one.change)):
            together = list(changes)
            first = together[0].change
            yield Edit(at, first.get_by_role_display(), first.get_cause_display(), together)


def _whole(batch: queries.Batch) -> Edit:
    role = str(Change.ByRole(batch.by_role).label)
    labels = dict(Change.Kind.choices)
    kinds = [(str(labels[kind]), n, kind) for kind, n in batch.numbers.items()]
    return Edit(batch.recorded_at, role, "", [], batch, kinds)


def quick_filters(found: queries.ChangeFilter, url: str) -> list[QuickFilter]:
    """Links for this week, this month and all, the first two with counts."""
    today = timezone.localdate()
    starts = {
        "week": today - datetime.timedelta(days=today.weekday()),
        "month": today.replace(day=1),
    }
    instants = {name: _midnight(day) for name, day in starts.items()}
    numbers = found.since_counts(instants)
    names = {"week": _("This week"), "month": _("This month")}
    given, until = (found.form.cleaned_data[name] for name in ("since", "until"))
    quick = [
        QuickFilter(
            names[name], numbers[name], _since(found, url, str(starts[name])),
            chosen=given == instant and not until,
        )
        for name, instant in instants.items()
    ]  # fmt: skip
    return [*quick, QuickFilter(_("All"), None, _since(found, url), chosen=not (given or until))]


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _since(found: queries.ChangeFilter, url: str, day: str = "") -> str:
    """The URL with the other filters and changes recorded since a day."""
    rest = found.data.copy()
    for name in ("since", "until", "before", "page"):
        rest.pop(name, None)
    if not isinstance(found, queries.CompanyChangeFilter):
        rest["view"] = "recorded"
    if day:
        rest["since"] = day
    return query_string(rest) or url


@dataclass(frozen=True)
class Option:
    """One value of a filter, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


def options(choices: Iterable[tuple[Any, Any]], chosen: list[str]) -> list[Option]:
    return [Option(str(value), str(label), value in chosen) for value, label in choices]


def countries(chosen: list[str]) -> list[Option]:
    """The countries of all companies, sorted by name in the active language."""
    codes = {*queries.countries_of_companies(), *chosen}
    labels = queries.country_labels() | {queries.UNKNOWN: _("Unknown")}
    known = sorted(codes - {queries.UNKNOWN}, key=lambda code: alphabetical(labels[code]))
    return options([(code, labels[code]) for code in [*known, queries.UNKNOWN]], chosen)


def chips(found: queries.ChangeFilter, pacts: Mapping[str, str]) -> list[Chip]:
    """Chips of the active filters; `pacts` are pact names by slug."""
    query, values = found.data, found.form.cleaned_data
    labels: dict[str, Mapping[str, Any]] = {
        "pact": pacts,
        "kind": dict(Change.Kind.choices),
        "country": queries.country_labels() | {queries.UNKNOWN: _("Country unknown")},
    }
    sentences = {
        "q": _("“%(text)s”") % {"text": values["q"]},
        "since": _("since %(day)s") % {"day": _day_of(query.get("since", ""), values["since"])},
        "until": _("until %(day)s") % {"day": _day_of(query.get("until", ""), values["until"])},
    }
    return [
        chip(sentences.get(name) or str(labels.get(name, {}).get(value, value)), query, name, value)
        for name in ("q", "company", "pact", "kind", "country", "since", "until")
        for value in query.getlist(name)
    ]


def _day_of(text: str, instant: datetime.datetime | None) -> str:
    """Format a date, or a datetime in the register's time zone."""
    if instant is None or "T" not in text.upper():
        return queries.day_in_words(text)
    local = timezone.localtime(instant)
    return f"{queries.day_in_words(local.date().isoformat())}, {local:%H:%M}"
