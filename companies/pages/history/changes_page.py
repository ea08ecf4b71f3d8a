"""The public history: of the whole register, and of one record."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.countries import country_name
from companies.models import Change, Company, Pact, PartialDate, Pledge, Sector, Signing
from companies.names.letters import alphabetical
from companies.pages.errors import register_page
from companies.queries.change_log import ChangeFilter, CompanyChangeFilter, changes_of, companies_of

CHANGES_ON_RECORD = 300  # the newest; the page of all changes has the others
WORDS_COMPARED = 400  # above it the old text and the new stand whole
_WORD = re.compile(r"\S+\s*")
_FEW = 6  # words; a shorter text is clearer whole
_DATES = ("since", "until", "as_of", "target_on", "published_on", "submitted_on", "due_on")
# What the codes of a field are called; one that several tables have is told by the kind of change.
_CHOICES: Mapping[str, type[TextChoices]] = {
    "status": Signing.Status,
    "since_basis": Signing.SinceBasis,
    "asked": Signing.Asked,
    "size": Company.Size,
    "role": Company.Role,
    "profile_basis": Company.ProfileBasis,
    "implementation": Pledge.Implementation,
    "implementation_basis": Pledge.ImplementationBasis,
}


@dataclass(frozen=True)
class Part:
    """A piece of a text that changed: how is "same", "gone" or "come"."""

    how: str
    text: str


@dataclass(frozen=True)
class Told:
    """One change as a page shows it; `company` is that of today, if it is still there."""

    change: Change
    company: Company | None
    sectors: Mapping[str, str]

    @property
    def recorded_on(self) -> datetime.date:
        return timezone.localdate(self.change.recorded_at)

    @cached_property
    def difference(self) -> list[Part]:
        """What was there before and what is now; empty where nothing was there before."""
        change = self.change
        if not change.old:
            return []
        return difference(self._in_words(change.old), self._in_words(change.new))

    def _in_words(self, value: str) -> str:
        field = self.change.field
        if field in _CHOICES and value in _CHOICES[field]:
            return str(_CHOICES[field](value).label)
        if field == "country" and value:
            return country_name(value, get_language() or "en")
        if field == "sector":
            return self.sectors.get(value, value)
        return _date_in_words(value) if field in _DATES else value


def _date_in_words(value: str) -> str:
    try:
        return PartialDate.parse(value).in_words(get_language() or "en")
    except ValueError:
        return value


def difference(old: str, new: str) -> list[Part]:
    """Short values whole, the old before the new; of long texts only the words that differ."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if not _FEW <= min(len(before), len(after)) <= max(len(before), len(after)) <= WORDS_COMPARED:
        return [part for part in (Part("gone", old), Part("come", new)) if part.text]
    parts: list[Part] = []
    for same, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if same == "equal":
            parts.append(Part("same", "".join(after[c:d])))
            continue
        pieces = (
            Part("gone", "".join(before[a:b]).strip()),
            Part("come", "".join(after[c:d]).strip()),
        )
        parts += [part for part in pieces if part.text]
    return parts


def told(changes: Iterable[Change]) -> list[Told]:
    """Changes with the companies they are about, in at most three queries."""
    changes = list(changes)
    companies = companies_of(changes)
    sectors = sector_labels(changes)
    return [Told(change, companies.get(change.company_slug), sectors) for change in changes]


def sector_labels(changes: Iterable[Change]) -> dict[str, str]:
    """The names of sectors by code, where one of the changes is about a sector."""
    named = any(change.field == "sector" for change in changes)
    return {sector.code: sector.label for sector in Sector.objects.all()} if named else {}


@dataclass(frozen=True)
class Day:
    """All changes of a page that were recorded on one day."""

    day: datetime.date
    changes: list[Told]


def by_day(changes: Iterable[Told]) -> list[Day]:
    together = groupby(changes, key=attrgetter("recorded_on"))
    return [Day(day, list(same_day)) for day, same_day in together]


def of_record(company: Company, day: datetime.date | None) -> list[Told]:
    """The last material changes of a company, for its record; `day` is the last one to look at."""
    changes = changes_of(company).filter(material=True)
    if day:
        changes = changes.filter(recorded_at__date__lte=day)
    found = list(changes[:CHANGES_ON_RECORD])
    sectors = sector_labels(found)
    return [Told(change, company, sectors) for change in found]


@register_page
def changes(request: HttpRequest) -> HttpResponse:
    return _page(request, ChangeFilter.of(request), reverse("changes"))


@register_page
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """The changes of one company; 308 for a public id it had before."""
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return moved(slug, "company-history", request)
    asked = CompanyChangeFilter.of(request, queryset=changes_of(company))
    address = reverse("company-history", args=[slug])
    return _page(request, asked, address, company=company)


def moved(slug: str, view: str, request: HttpRequest) -> HttpResponse:
    """Where `view` of a company stands now, with the same question; Http404 for one unknown."""
    company = queries.company_moved_from(slug)
    if company is None:
        raise Http404(_("The register knows no company called “%(slug)s”.") % {"slug": slug[:100]})
    query = request.GET.urlencode()
    address = reverse(view, args=[company.slug]) + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(address, preserve_request=True)


def _page(
    request: HttpRequest, asked: ChangeFilter, address: str, company: Company | None = None
) -> HttpResponse:
    page = asked.page_of_rows()
    pacts = list(Pact.objects.all())
    values = asked.form.cleaned_data
    context = {
        "company": company,
        "address": address,
        "page": page,
        "days": by_day(told(page.object_list)),
        "chips": chips(asked, {pact.slug: pact.name for pact in pacts}),
        "material": asked.chosen_material,
        "q": values["q"],
        "since": _day_of(values["since"]),
        "until": _day_of(values["until"]),
        "pacts": pacts,
        "chosen_pact": values["pact"],
        "kinds": options(Change.Kind.choices, values["kind"]),
        "countries": [] if company else countries(values["country"]),
        "country_chosen": bool(values.get("country")),
        "company_asked": asked.data.get("company", ""),
        "feed_query": feed_query(asked),
    }
    return render(request, "companies/history/changes.html", context)


def _day_of(moment: datetime.datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""


@dataclass(frozen=True)
class Option:
    """One value of a filter, and whether it is in force."""

    value: str
    label: str
    chosen: bool


def options(choices: Iterable[tuple[Any, Any]], chosen: list[str]) -> list[Option]:
    return [Option(str(value), str(label), value in chosen) for value, label in choices]


def countries(chosen: list[str]) -> list[Option]:
    """The countries of companies of the register, by their names."""
    codes = {*Company.objects.order_by().values_list("country", flat=True).distinct(), *chosen}
    labels = queries.country_labels() | {queries.UNKNOWN: _("Not known")}
    known = sorted(codes - {"", queries.UNKNOWN}, key=lambda code: alphabetical(labels[code]))
    return options([(code, labels[code]) for code in [*known, queries.UNKNOWN]], chosen)


@dataclass(frozen=True)
class Chip:
    """A filter in force, with the query string that lets it go."""

    label: str
    without: str


def chips(asked: ChangeFilter, pacts: Mapping[str, str]) -> list[Chip]:
    values = asked.form.cleaned_data
    labels: dict[str, Mapping[str, Any]] = {
        "pact": pacts,
        "kind": dict(Change.Kind.choices),
        "country": queries.country_labels() | {queries.UNKNOWN: _("Country not known")},
    }
    since, until = (_moment_in_words(asked, values, name) for name in ("since", "until"))
    said = {
        "q": _("“%(text)s”") % {"text": values["q"]},
        "since": _("since %(day)s") % {"day": since},
        "until": _("until %(day)s") % {"day": until},
    }
    found = []
    for name in ("q", "company", "pact", "kind", "country", "since", "until"):
        for value in asked.data.getlist(name):
            others = asked.data.copy()
            others.pop("page", None)
            others.setlist(name, [other for other in others.getlist(name) if other != value])
            label = said.get(name) or str(labels.get(name, {}).get(value, value))
            found.append(Chip(label, f"?{others.urlencode()}"))
    return found


def _moment_in_words(asked: ChangeFilter, values: Mapping[str, Any], name: str) -> str:
    """A day as a reader writes it; an instant as it was asked for."""
    text = asked.data.get(name, "")
    if values[name] is None or len(text) > len("YYYY-MM-DD"):
        return text
    return PartialDate.parse(text).in_words(get_language() or "en")


def feed_query(asked: ChangeFilter) -> str:
    """What a feed is asked so that it holds what the page shows."""
    query = asked.data.copy()
    query.pop("page", None)
    return f"?{query.urlencode()}" if query else ""
