"""The record of one company: its pledges, dates and evidence.

A rendered page is cached until the company or anything else that its record shows changes.
"""

import datetime
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    DEFAULT_PACT,
    Citation,
    Company,
    CompanyName,
    Pact,
    PartialDate,
    Pledge,
    ReportClock,
    Signing,
    Source,
    is_web_url,
)
from companies.pages.links import redirect_renamed, with_cache_key
from companies.pages.shown_changes import changes_on_record
from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import state
from pactwatch.page_fragments import PRESENT, VERSION

from .citation_formats import FORMS, citable
from .claims import claims, supported
from .commitments import CommitmentTable, ProvedRow, commitment_table, proved, shown_pledges
from .timeline import timeline

# A page has 17 KB and takes 15 ms of CPU time, from the cache 0.4.
PAGES = CachedTexts(16_000_000)
MOST_NAMED = 3  # publishers
# Statuses that do not say what the company itself decided.
NOT_REFUSED = (Signing.Status.NOT_SIGNED, Signing.Status.INTERESTED)


class RecordPage(NamedTuple):
    """A rendered record with its cache key (see `record_key`) and the companies it mentions.

    Without a key it contains PRESENT in place of the register version.
    """

    html: bytes
    key: str
    companies: Collection[int]


def record(request: HttpRequest, slug: str) -> HttpResponse:
    if request.META.get("QUERY_STRING"):
        rendered = _render(request, slug)
        answer = rendered and with_cache_key(rendered.key, HttpResponse(rendered.html))
    else:
        answer = _finished_page(request, lambda: _render(request, slug, PRESENT))
    return answer or redirect_renamed(request, "company", slug)


def _finished_page(
    request: HttpRequest, render_page: Callable[[], RecordPage | None]
) -> HttpResponse | None:
    """The current record from the cache, or from `render_page`; None if there is none."""
    clock, now = queries.clock_of(request), state()
    shelf = PAGES.at(now, (clock.today, now.records, settings.SITE_URL))
    text = shelf.get(request.path)
    if text is None:
        # What a record says of an absence depends on the lists.
        of_lists = (request.path, queries.full_lists(clock))
        text = shelf.get(of_lists)
    if text is None:
        rendered = render_page()
        if rendered is None:
            return None
        text = rendered.key.encode() + b"\n" + rendered.html
        shelf_key: Hashable = request.path if rendered.key else of_lists
        shelf.add(shelf_key, text, now.number, *rendered.companies)
    key, _line, html = text.partition(b"\n")
    if not key:
        html = html.replace(b"%d" % PRESENT, b"%d" % now.number)
    return with_cache_key(key.decode(), HttpResponse(html))


def _render(request: HttpRequest, slug: str, version: int | None = None) -> RecordPage | None:
    """Render the page; `version` is shown if it depends on more than the record."""
    query = queries.DayQuery.of(request)
    pact = query.pact_or_default(None)
    company = queries.record_of(slug, pact, query.day)
    if company is None:
        return None
    key = queries.record_key(
        company.slug, [one.status for one in company.signings.all()], query.clock
    )
    if key or version is None:
        version = queries.changed_at(key)
    request.META[VERSION] = version  # for the URL of its picture
    past = query.clock.past.get("as_of")
    context = record_context(company, pact, query, past) | {
        "citable": citable(company, query, pact.name, version)
    }
    html = render(request, "companies/record/record.html", context).content
    return RecordPage(html, key, queries.group_of(company))


def cite(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    query = queries.DayQuery.of(request)
    query.refuse_faults()
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, f"company-cite-{form}", slug)
    pact = queries.pact_or_404(DEFAULT_PACT)
    statuses = company.signings.filter(since__lte=query.day).values_list("status", flat=True)
    version = queries.changed_at(queries.record_key(company.slug, statuses, query.clock))
    cited = citable(company, query, pact.name, version)
    chosen = FORMS[form]
    answer = HttpResponse(chosen.written(cited), content_type=chosen.content_type)
    answer["Content-Disposition"] = f'attachment; filename="pactwatch-{slug}.{form}"'
    return answer


def record_context(
    company: Company, pact: Pact, query: queries.DayQuery, past: datetime.date | None
) -> dict[str, Any]:
    """The context of a record; `past` is the `as_of` of the query if it is before today."""
    lists = queries.full_lists(query.clock)
    lists.mark(company.signings.all())
    found = pact_statuses(company, query.clock)
    unknown = PactStatus(pact, None, CommitmentTable([], 0))
    here = next((one for one in found if one.pact == pact), unknown)
    current = here.signing
    clock = ReportClock.of(current, company.reports.all(), query.day) if current else None
    history = changes_on_record(company, query.clock.recorded_as_of)
    made = claims(company)
    signed = current is not None and current.status == Signing.Status.SIGNED
    evidence = current.evidence if current else []
    best = evidence[0] if evidence else None
    core, optional = proved(here.table.core.rows, best), proved(here.table.optional, best)
    return {
        "company": company,
        "pact": pact,
        "current": current,
        "first_line": first_line(company, current),
        "evidence": evidence,
        "more_publishers": publishers(evidence[1:]),
        "missed_on": missed_on(current, lists),
        "table": here.table,
        "core_rows": core,
        "optional_rows": optional,
        "has_pledges": signed or bool(here.table.pledged),
        "shown_pledges": _shown_pledges(company, here, [*core, *optional], query),
        "others": [one for one in found if one.pact != pact and one.is_known],
        "unknown_pacts": [one.pact for one in found if one.pact != pact and not one.is_known],
        "clock": clock,
        "timeline": timeline(company, history, day=query.day, clock=clock),
        "claims": made,
        "supported": supported(made),
        "unknowns": unknowns(company, current, here.table, clock, past),
        "organization": organization(company),
        "statements": queries.statements(
            company, min(query.day, query.clock.recorded_as_of or query.day)
        ),
        "quotable": quotable(company, pact, current, query),
        "has_badge": signed and not query.clock.past,
    }


def _shown_pledges(
    company: Any, here: "PactStatus", rows: list[ProvedRow], query: queries.DayQuery
) -> Hashable:
    """What the section of pledges depends on, where companies share it; None where it is alone."""
    pledges = None if query.clock.past else shown_pledges(rows)
    if pledges is None:
        return None
    return state().shared, here.pact.slug, company.status == "signed", here.table.silent, pledges


def publishers(citations: Iterable[Citation]) -> str:
    """The publishers of the cited sources, each once, the first three by name."""
    names = list(dict.fromkeys(one.source.published_by or one.source.title for one in citations))
    return ", ".join(names[:MOST_NAMED] + (["…"] if len(names) > MOST_NAMED else []))


def first_line(company: Company, current: Signing | None) -> str:
    """For a company that left, when it was a signatory; "" for any other."""
    if current is None or current.status not in Signing.LEFT:
        return ""
    signed = [
        one
        for one in company.signings.all()
        if one.pact_id == current.pact_id
        and one.status == Signing.Status.SIGNED
        and one.since < current.since
    ]
    return queries.left_in_one_sentence(current, max(signed, key=_began)) if signed else ""


def _began(signing: Signing) -> datetime.date:
    return signing.since


def quotable(
    company: Company, pact: Pact, current: Signing | None, query: queries.DayQuery
) -> list[queries.Quotable]:
    """The sentences to quote, as of the day by which the register is read."""
    recorded_on = query.clock.past.get("recorded_as_of")
    day = min(query.day, recorded_on or query.day)
    return queries.to_quote(company, pact, current, day, recorded_on)


@dataclass(frozen=True)
class ListWithout:
    """The newest list without a company: a cited source of that date, or a list we read."""

    full_list: queries.FullList
    source: Source | None


def missed_on(current: Signing | None, lists: queries.FullLists) -> ListWithout | None:
    """The newest list without an absent company, unless its period cites it.

    One query, for such a company only.
    """
    if current is None or current.lists_without is None:
        return None
    last = current.lists_without.last
    cited = (one.source for one in current.citations.all())
    if any(source.is_official_list and source.published_on == last.date for source in cited):
        return None
    found = next((one for one in lists.of(current.pact_id) if PartialDate(one.day) == last), None)
    return ListWithout(found, queries.cited_list(found)) if found else None


@dataclass(frozen=True)
class PactStatus:
    """A company's status toward one pact, with the commitments and its pledges."""

    pact: Pact
    signing: Signing | None
    table: CommitmentTable

    @property
    def is_known(self) -> bool:
        return self.signing is not None and self.signing.status != Signing.Status.UNKNOWN


def pact_statuses(company: Company, clock: queries.Clock) -> list[PactStatus]:
    """The status toward every pact, known or not."""
    in_force = {s.pact_id: s for s in company.signings.all() if s.is_in_force(clock.day)}
    return [
        PactStatus(
            pact,
            in_force.get(pact.pk),
            commitment_table(
                company,
                commitments,
                [p for p in company.pledges.all() if p.commitment.pact_id == pact.pk],
            ),
        )
        for pact, commitments in queries.pacts_read(clock)
    ]


def unknowns(
    company: Company,
    current: Signing | None,
    pledged: CommitmentTable,
    clock: ReportClock | None,
    past: datetime.date | None,
) -> list[str]:
    """What readers may look for but no source says; `past` is the `as_of` of the query."""
    found = []
    signed = current is not None and current.status == Signing.Status.SIGNED
    if current and past and current.started.may_be_after(past):
        stated = {"date": current.started.in_words(get_language() or "en")}
        found.append(
            _("Whether this status had begun by then (the source gives only %(date)s).") % stated
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
    """What an absence leaves open, and whether the company was asked and answered."""
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
        found.append(_("Where its headquarters are."))
    if company.sector is None:
        found.append(_("Which sector it is in."))
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
    website = [company.website] if is_web_url(company.website) else []
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
