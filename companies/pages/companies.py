"""Home, the list of companies, and the record of one."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    DEFAULT_PACT,
    Citation,
    Company,
    Pact,
    Pledge,
    Region,
    Sector,
    Signing,
    Source,
)
from companies.models.text import is_web_address
from companies.queries.lists_read import lists_read
from companies.register.reports import report_clock
from companies.register.statistics import signatories, signatories_over_time

from .changes import Chip, of_record
from .charts import step_chart
from .errors import answers_bad_queries

ABSENT_ON_HOME = 6
CHANGES_ON_HOME = 4
MILESTONES_ON_HOME = 3
# What two periods must share to be told in one sentence.
ALIKE = ("since", "pact_id", "status", "since_basis", "since_precision")


@answers_bad_queries
def home(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    today = timezone.localdate()
    pact = queries.pact_or_none(DEFAULT_PACT)
    if pact is None:
        return render(request, "companies/empty.html")
    points = signatories_over_time(pact, today)
    absent = list(queries.absent(pact, today))
    context = {
        "pact": pact,
        "signatories": points[-1][1] if points else 0,
        "chart": step_chart(points, today),
        "last_list_on": last_list_on(pact),
        "absent_count": len(absent),
        "large_are_absent": any(s.company.size == Company.Size.LARGE for s in absent),
        "absent": sorted(absent, key=_best_known_first)[:ABSENT_ON_HOME],
        "changes": latest_changes(today),
        "milestones": queries.milestones().filter(date__gte=today)[:MILESTONES_ON_HOME],
        "lists_read": lists_read(),
    }
    return render(request, "companies/home.html", context)


def last_list_on(pact: Pact) -> datetime.date | None:
    """The day of the newest official list that we could read."""
    lists = Source.objects.filter(
        kind=Source.Kind.OFFICIAL_LIST, citations__signing__pact=pact, published_on__isnull=False
    )
    return lists.order_by("-published_on").values_list("published_on", flat=True).first()


def _best_known_first(signing: Signing) -> tuple[bool, bool, str]:
    declined = signing.status == Signing.Status.DECLINED
    large = signing.company.size == Company.Size.LARGE
    return not declined, not large, signing.company.name_folded


@dataclass(frozen=True)
class Happening:
    """What one day brought to one pact: several companies with the same new status."""

    signings: list[Signing]

    @property
    def first(self) -> Signing:
        return self.signings[0]

    @property
    def shown(self) -> list[Company]:
        return [signing.company for signing in self.signings[:2]]

    @property
    def more(self) -> int:
        return len(self.signings) - len(self.shown)


def latest_changes(today: datetime.date) -> list[Happening]:
    """The newest beginnings of a status; those of one day on the same ground stand together."""
    proved = Exists(Citation.objects.filter(signing=OuterRef("pk")))
    begun = (
        Signing.objects.filter(proved, since__lte=today)
        .exclude(status=Signing.Status.UNKNOWN)
        .order_by("-since", "pact__position", *ALIKE, "company__name_folded")
    )
    grounds = begun.order_by("-since", "pact__position", *ALIKE).values(*ALIKE).distinct()
    shown = list(grounds[:CHANGES_ON_HOME])
    if not shown:
        return []
    signings = begun.filter(since__gte=shown[-1]["since"]).select_related("company", "pact")
    together = groupby(signings, key=attrgetter(*ALIKE))
    happenings = [Happening(list(alike)) for _ground, alike in together]
    return happenings[:CHANGES_ON_HOME]


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


@answers_bad_queries
def record(request: HttpRequest, slug: str) -> HttpResponse:
    asked = queries.DayQuery(request.GET)
    today = asked.day
    pact = queries.pact_or_404(DEFAULT_PACT)
    company = queries.record(pact, today).filter(slug=slug).first()
    if company is None:
        return _moved(request, slug)
    signings = list(company.signings.all())
    current = next((s for s in signings if s.pact_id == pact.pk and s.is_in_force(today)), None)
    core = [p for p in company.pledges.all() if p.commitment.pact_id == pact.pk]
    context = {
        "company": company,
        "pact": pact,
        "current": current,
        "evidence": evidence(current),
        "pledges": core,
        "other_pacts": other_pacts(signings, company, today),
        "timeline": timeline(company, today),
        "clock": report_clock(current, company.reports.all(), today) if current else None,
        "unknowns": unknowns(company, current, core, queries.asked_moment(request.GET).as_of),
        "organization": organization(company),
        "history": of_record(company, asked.recorded_day),
    }
    return render(request, "companies/company.html", context)


def evidence(current: Signing | None) -> list[Citation]:
    """What the present status rests on; the document of its very first day goes before others."""
    if current is None:
        return []
    return sorted(
        current.citations.all(),
        key=lambda citation: citation.source.published_on != current.since,
    )


def _moved(request: HttpRequest, slug: str) -> HttpResponse:
    company = queries.company_moved_from(slug)
    if company is None:
        raise Http404(_("The register knows no company called “%(slug)s”.") % {"slug": slug[:100]})
    query = request.GET.urlencode()
    address = company.get_absolute_url() + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(address, preserve_request=True)


@dataclass(frozen=True)
class OtherPact:
    """Where a company stands toward another pact, and which of its chapters it took on."""

    pact: Pact
    signing: Signing
    pledges: list[Any]


def other_pacts(
    signings: Iterable[Signing], company: Company, today: datetime.date
) -> list[OtherPact]:
    pledges = list(company.pledges.all())
    return [
        OtherPact(
            signing.pact,
            signing,
            [p for p in pledges if p.commitment.pact_id == signing.pact_id],
        )
        for signing in sorted(signings, key=lambda s: s.pact.position)
        if signing.pact.slug != DEFAULT_PACT and signing.is_in_force(today)
    ]


@dataclass(frozen=True)
class Event:
    """One dated line of what happened to a company."""

    when: Any
    signing: Signing | None = None
    pledge: Any = None
    report: Any = None


def timeline(company: Company, today: datetime.date) -> list[Event]:
    """Everything dated until today that the register holds of a company, the newest first."""
    events = [Event(signing.started, signing=signing) for signing in company.signings.all()]
    events += [Event(p.as_of, pledge=p) for p in company.pledges.all() if p.as_of]
    events += [
        Event(r.published_on, report=r)
        for r in company.reports.all()
        if r.published_on and r.published_on <= today
    ]
    return sorted(events, key=lambda e: str(getattr(e.when, "date", e.when)), reverse=True)


def unknowns(
    company: Company, current: Signing | None, pledges: list[Any], past: datetime.date | None
) -> list[str]:
    """What a reader might expect here and no source says; `past` is the past day asked about."""
    found = []
    if current and past and current.started.may_be_after(past):
        stated = {"date": current.started.in_words(get_language() or "en")}
        found.append(
            _("Whether its status had begun by then: its source states only %(date)s.") % stated
        )
    if current and current.status == "signed" and current.since_basis != "stated":
        found.append(_("The day on which it signed: only when it was first seen is known."))
    if current is None:
        found.append(_("Whether it signed the EU AI Pact: no list that we read says so."))
    if pledges and any(p.implementation == "no_evidence" for p in pledges):
        found.append(_("What it has done about the pledges marked “no evidence found”."))
    if not company.country:
        found.append(_("Where it has its headquarters."))
    if company.role == Company.Role.UNKNOWN:
        found.append(_("Whether it provides AI systems, deploys them, or both."))
    return found


def organization(company: Company) -> dict[str, Any]:
    """The company in schema.org's terms."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": company.name,
        "url": settings.SITE_URL + company.get_absolute_url(),
    }
    names = [name.name for name in company.names.all()]
    optional = {
        "legalName": company.legal_name,
        "alternateName": names,
        "sameAs": [company.website] if is_web_address(company.website) else [],
        "address": {"@type": "PostalAddress", "addressCountry": company.country}
        if company.country
        else None,
    }
    return data | {key: value for key, value in optional.items() if value}
