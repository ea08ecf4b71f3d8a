"""The record of one company: what it promised, since when, and where the proof is."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Citation, Company, Pact, Signing
from companies.models.text import is_web_address
from companies.register.reports import report_clock

from .changes import of_record
from .errors import answers_bad_queries


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
        "statements": queries.statements(company, min(today, asked.recorded_day or today)),
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
