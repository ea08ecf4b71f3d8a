"""The record of one company: what it promised, since when, and on what evidence."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    DEFAULT_PACT,
    Company,
    CompanyName,
    Pact,
    Pledge,
    ReportClock,
    Signing,
    is_web_address,
)
from companies.pages.links import redirect_renamed
from companies.pages.shown_changes import changes_on_record

from .citation_formats import FORMS, citable
from .claims import claims, supported
from .commitments import CommitmentTable, commitment_table
from .timeline import timeline

# Statuses that do not say what the company itself decided.
NOT_REFUSED = (Signing.Status.NOT_SIGNED, Signing.Status.INTERESTED)


def record(request: HttpRequest, slug: str) -> HttpResponse:
    query = queries.DayQuery.of(request)
    pact = queries.pact_or_404(DEFAULT_PACT)
    company = queries.record(pact, query.day).filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "company", slug)
    past = queries.clock_of(request).past.get("as_of")
    return render(
        request, "companies/record/record.html", record_context(company, pact, query, past)
    )


def cite(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    query = queries.DayQuery.of(request)
    query.refuse_faults()
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, f"company-cite-{form}", slug)
    cited = citable(company, query, queries.pact_or_404(DEFAULT_PACT).name)
    chosen = FORMS[form]
    answer = HttpResponse(chosen.written(cited), content_type=chosen.content_type)
    answer["Content-Disposition"] = f'attachment; filename="pactwatch-{slug}.{form}"'
    return answer


def record_context(
    company: Company, pact: Pact, query: queries.DayQuery, past: datetime.date | None
) -> dict[str, Any]:
    """The context of a record; `past` is the `as_of` of the query if it is before today."""
    queries.full_lists(query.clock).mark(company.signings.all())
    found = pact_statuses(company, query.day)
    unknown = PactStatus(pact, None, CommitmentTable([], 0))
    here = next((one for one in found if one.pact == pact), unknown)
    current = here.signing
    clock = ReportClock.of(current, company.reports.all(), query.day) if current else None
    history = changes_on_record(company, query.clock.recorded_as_of)
    made = claims(company)
    return {
        "company": company,
        "pact": pact,
        "current": current,
        "evidence": current.evidence if current else [],
        "table": here.table,
        "pact_statuses": found,
        "clock": clock,
        "timeline": timeline(company, history, day=query.day, clock=clock),
        "claims": made,
        "supported": supported(made),
        "unknowns": unknowns(company, current, here.table, clock, past),
        "organization": organization(company),
        "statements": queries.statements(
            company, min(query.day, query.clock.recorded_as_of or query.day)
        ),
        "citable": citable(company, query, pact.name),
    }


@dataclass(frozen=True)
class PactStatus:
    """A company's status toward one pact, and the pact's commitments with its pledges."""

    pact: Pact
    signing: Signing | None
    table: CommitmentTable


def pact_statuses(company: Company, day: datetime.date) -> list[PactStatus]:
    """The status toward every pact of the register, known or not."""
    commitments = list(queries.commitments())
    in_force = {s.pact_id: s for s in company.signings.all() if s.is_in_force(day)}
    return [
        PactStatus(
            pact,
            in_force.get(pact.pk),
            commitment_table(
                company,
                [c for c in commitments if c.pact_id == pact.pk],
                [p for p in company.pledges.all() if p.commitment.pact_id == pact.pk],
            ),
        )
        for pact in Pact.objects.that_were_read()
    ]


def unknowns(
    company: Company,
    current: Signing | None,
    pledged: CommitmentTable,
    clock: ReportClock | None,
    past: datetime.date | None,
) -> list[str]:
    """What readers may look for and no source says; `past` is the `as_of` of the query."""
    found = []
    signed = current is not None and current.status == Signing.Status.SIGNED
    if current and past and current.started.may_be_after(past):
        stated = {"date": current.started.in_words(get_language() or "en")}
        found.append(
            _("Whether its status had begun by then: the source gives only %(date)s.") % stated
        )
    if current and signed and current.since_basis != Signing.SinceBasis.STATED:
        found.append(_("When it signed (we only know when it was first listed)."))
    if current is None:
        found.append(_("Whether it signed the EU AI Pact."))
    if signed and pledged.has_choice:
        found.append(_("Which optional commitments it made."))
    if any(p.implementation == Pledge.Implementation.NO_EVIDENCE for p in pledged.pledged):
        found.append(_("What it has done about pledges marked “no evidence found”."))
    if clock and not (clock.report and clock.report.published_on):
        found.append(_("Whether it sent a report that is not public."))
    if current and current.status == Signing.Status.REMOVED:
        found.append(_("Why it is no longer on the list."))
    return found + _unasked(current) + _unknown_facts(company)


def _unasked(current: Signing | None) -> list[str]:
    """What a list without the company leaves open, and whether it was asked and answered."""
    if current is None or current.status not in NOT_REFUSED:
        return []
    found = []
    if current.lists_without:
        seen = {"date": current.lists_without.last.in_words(get_language() or "en")}
        found.append(_("Whether it has signed since %(date)s, when we last checked.") % seen)
    if not current.asked:
        found.append(
            _("Why it is not on the list and whether it will sign (we have not contacted it).")
        )
    if current.asked == Signing.Asked.NO_ANSWER:
        found.append(
            _("Why it is not on the list and whether it will sign (it has not replied to us).")
        )
    if current.asked == Signing.Asked.CONSIDERING:
        found.append(_("Whether it will sign (it is considering)."))
    return found


def _unknown_facts(company: Company) -> list[str]:
    found = []
    if not company.country:
        found.append(_("Where it has its headquarters."))
    if company.sector is None:
        found.append(_("In which sector it works."))
    if company.role == Company.Role.UNKNOWN:
        found.append(_("Whether it provides AI systems, deploys them, or both."))
    if not company.legal_name and not company.identifiers.all():
        found.append(_("Which legal entity of that name it is."))
    return found


def organization(company: Company) -> dict[str, Any]:
    """The company in JSON-LD, as a schema.org Organization."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": company.name,
        "url": settings.SITE_URL + company.get_absolute_url(),
    }
    sold = (CompanyName.Kind.BRAND, CompanyName.Kind.PRODUCT)
    names = [name.name for name in company.names.all() if name.kind not in sold]
    identifiers = company.identifiers.all()
    website = [company.website] if is_web_address(company.website) else []
    optional = {
        "legalName": company.legal_name,
        "alternateName": names,
        "sameAs": [*website, *(one.url for one in identifiers if one.url)],
        "leiCode": next((one.value for one in identifiers if one.scheme == "lei"), ""),
        "vatID": next((one.value for one in identifiers if one.scheme == "vat"), ""),
        "address": {"@type": "PostalAddress", "addressCountry": company.country}
        if company.country
        else None,
    }
    return data | {key: value for key, value in optional.items() if value}
