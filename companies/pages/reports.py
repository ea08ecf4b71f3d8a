"""The reports page: when signatories are invited to report, and what we found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from companies import queries
from companies.importers.spreadsheet import write
from companies.models import Company, Pact, ReportClock, ReportState, Signing
from companies.pages.downloads import separator
from companies.queries.wording.counted import received_in_a_sentence

MEANINGS = {
    ReportState.PUBLISHED: _("The company’s report is public, with a link."),
    ReportState.SUBMITTED: _("A source says that the company reported; the report is not public."),
    ReportState.NONE_FOUND: _(
        "%(months)s months have passed and we found no published report. The issuer of the pact "
        "may have received one."
    ),
    ReportState.INVITED_SOON: _("Invited within the next 60 days."),
    ReportState.NOT_YET_INVITED: _("Invited at a later date."),
    ReportState.DATE_UNKNOWN: _("Start date unknown."),
}
COLUMNS = (
    "company", "name", "pact", "since", "since_basis", "invited_by", "invited_by_basis",
    "state", "submitted_on", "published_on", "report_url", "as_of",
)  # fmt: skip


@dataclass(frozen=True)
class ReportLine:
    """One signatory's clock."""

    signing: Signing
    clock: ReportClock

    @property
    def company(self) -> Company:
        return self.signing.company


@dataclass(frozen=True)
class Invited:
    """Signatories of one page with the same state, due date and derivation."""

    lines: list[ReportLine]

    @property
    def clock(self) -> ReportClock:
        return self.lines[0].clock


@dataclass(frozen=True)
class ReportTotal:
    """The number of signatories in one state of the report clock, and its meaning."""

    state: str
    label: str
    meaning: str
    number: int


def reports(request: HttpRequest) -> HttpResponse:
    query = queries.ReportFilter.of(request)
    page = query.page_of_rows()
    pact, counts = query.chosen_pact, query.counts()
    shown = list(lines(page, query))
    published = counts.get(ReportState.PUBLISHED, 0)
    received = queries.reports_received(pact, query.day)
    context = {
        "pact": pact,
        "said": [received_in_a_sentence(pact, published, received)],
        "pacts": Pact.objects.with_list_read(),
        "page": page,
        "lines": shown,
        "groups": groups(shown),
        "states": query.form.cleaned_data["state"],
        "totals": totals(counts, months=pact.report_after_months or 0),
        "signatories": sum(counts.values()),
        "received": received,
        "companies_query": "?" + urlencode({"pact": pact.slug, "status": Signing.Status.SIGNED}),
    }
    return render(request, "companies/reports/reports.html", context)


def reports_csv(request: HttpRequest) -> HttpResponse:
    """The CSV of all rows of the query, ignoring the page."""
    query = queries.ReportFilter.of(request)
    rows = (row(line, query) for line in lines(query.rows, query))
    content = write(rows, headers=COLUMNS, kind="csv", separator=separator())
    name = f"report-clock-{query.chosen_pact.slug}-{query.day}.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def lines(signings: Iterable[Signing], query: queries.ReportFilter) -> Iterator[ReportLine]:
    for signing in signings:
        clock = ReportClock.of(signing, signing.company.reports.all(), query.day)
        if clock:
            yield ReportLine(signing, clock)


def groups(shown: Iterable[ReportLine]) -> list[Invited]:
    """Group the rows by state and due date."""
    found: dict[tuple[Any, ...], list[ReportLine]] = {}
    for line in shown:
        clock = line.clock
        found.setdefault((clock.state, clock.due_on, clock.due_basis), []).append(line)
    return [Invited(same) for same in found.values()]


def totals(counts: dict[str, int], *, months: int) -> list[ReportTotal]:
    meanings = {state: str(meaning) % {"months": months} for state, meaning in MEANINGS.items()}
    return [
        ReportTotal(str(state), str(state.label), meanings[state], counts.get(state, 0))
        for state in queries.REPORT_STATES
    ]


def row(line: ReportLine, query: queries.ReportFilter) -> list[str]:
    report, due_on = line.clock.report, line.clock.due_on
    return [
        settings.SITE_URL + line.company.get_absolute_url(),
        line.company.name,
        line.signing.pact.slug,
        str(line.signing.started),
        line.signing.since_basis,
        str(due_on or ""),
        str(line.clock.due_basis) if due_on else "",
        str(line.clock.state),
        str((report and report.submitted_on) or ""),
        str((report and report.published_on) or ""),
        report.url if report else "",
        str(query.day),
    ]
