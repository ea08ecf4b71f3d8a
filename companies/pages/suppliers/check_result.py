"""The result of a check of suppliers, as a page and as a spreadsheet."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Company, Pact, ReportClock, Signing, Source
from companies.register.suppliers import NOBODY, Found, OwnColumns

if TYPE_CHECKING:
    from companies.names.matcher import Suggestion

Cell = str | int | datetime.date | None


@dataclass(frozen=True)
class SuggestedCompany:
    """A company that a name may mean."""

    company: Company
    suggestion: "Suggestion"

    @property
    def reason(self) -> str:
        return queries.reason_of(self.suggestion, self.company)


@dataclass(frozen=True)
class Row:
    """One name of the list, with its company's current status."""

    position: int
    found: Found
    company: Company | None
    current: Signing | None
    others: list[Signing]
    sources: list[Source]
    clock: ReportClock | None
    candidates: list[SuggestedCompany]
    own: list[tuple[str, str]]  # headings and cells of the reader's own columns, where filled
    own_cells: tuple[str, ...]

    @property
    def status(self) -> str:
        return self.current.status if self.current else Signing.Status.UNKNOWN

    @property
    def is_refused(self) -> bool:
        return self.found.choice == NOBODY


@dataclass(frozen=True)
class Question:
    """Names that may mean the same companies, decided together."""

    rows: list[Row]

    @property
    def companies(self) -> list[SuggestedCompany]:
        return self.rows[0].candidates

    @property
    def of_all(self) -> str:
        """The form field that decides for all its names."""
        return "-".join(str(row.position) for row in self.rows)


@dataclass(frozen=True)
class Result:
    """A checked list and its counts."""

    rows: list[Row]
    pact: Pact
    day: datetime.date
    known: int  # signatories of the pact that the register knows

    @property
    def matched(self) -> list[Row]:
        return [row for row in self.rows if row.company]

    @property
    def to_choose(self) -> list[Row]:
        """Names for which a person must choose, or did."""
        return [row for row in self.rows if row.candidates]

    @property
    def questions(self) -> list[Question]:
        """Undecided names grouped by candidates, largest groups first."""
        groups = defaultdict[frozenset[int], list[Row]](list)
        for row in self.to_choose:
            groups[frozenset(one.company.pk for one in row.candidates)].append(row)
        return [Question(rows) for rows in sorted(groups.values(), key=len, reverse=True)]

    @property
    def undecided(self) -> list[Row]:
        return [row for row in self.rows if row.found.is_unsure]

    @property
    def possible(self) -> int:
        """The number of companies that undecided names may mean."""
        return len({one.company for row in self.undecided for one in row.candidates})

    @property
    def unknown(self) -> int:
        return sum(row.found.is_unknown for row in self.rows)

    @property
    def companies(self) -> int:
        """The number of companies matched; two names may mean one."""
        return len({row.company for row in self.matched})

    @property
    def signatories(self) -> int:
        signed = {row.company for row in self.matched if row.status == Signing.Status.SIGNED}
        return len(signed)


def result(found: Sequence[Found], pact: Pact, day: datetime.date, own: OwnColumns) -> Result:
    """The companies found with their status on `day`, in a fixed number of queries."""
    companies = queries.companies_on(day, (one.company_id for one in found if one.company_id))
    clock = queries.Clock(as_of=day)
    lists = queries.full_lists(clock)
    lists.mark(one for company in companies.values() for one in company.signings.all())
    ids = {suggestion.company_id for one in found for suggestion in one.suggestions}
    suggested = Company.objects.in_bulk(ids)
    rows = [
        _row(position, one, companies.get(one.company_id or 0), suggested, pact, day, own)
        for position, one in enumerate(found)
    ]
    return Result(rows, pact, day, queries.signatories(pact, clock))


def _row(
    position: int,
    found: Found,
    company: Company | None,
    suggested: dict[int, Company],
    pact: Pact,
    day: datetime.date,
    columns: OwnColumns,
) -> Row:
    own = columns.beside(position), columns.rows[position] if columns.headings else ()
    candidates = [
        SuggestedCompany(suggested[one.company_id], one)
        for one in found.suggestions
        if one.company_id in suggested
    ]
    if company is None:
        return Row(position, found, None, None, [], [], None, candidates, *own)
    signings = list(company.signings.all())
    current = next((signing for signing in signings if signing.pact_id == pact.pk), None)
    citations = current.citations.all() if current else []
    return Row(
        position,
        found,
        company,
        current,
        [signing for signing in signings if signing.pact_id != pact.pk],
        list({citation.source_id: citation.source for citation in citations}.values()),
        ReportClock.of(current, company.reports.all(), day) if current else None,
        candidates,
        *own,
    )


# As a spreadsheet


def headers(pact: Pact) -> list[str]:
    return [
        _("Name checked"),
        _("Result"),
        _("Company on the register"),
        _("Similarity (0 to 100)"),
        _("Why this result"),
        _("Possible companies"),
        _("Status: %(pact)s") % {"pact": pact.name},
        _("Since"),
        _("Basis of the date"),
        str(queries.DATE_OF_LIST),
        _("Progress report"),
        _("Other pacts"),
        _("Number of sources"),
        _("Sources"),
        _("Record"),
        _("Date of the check"),
    ]


def cells(row: Row, day: datetime.date) -> list[Cell]:
    """The cells of one name in the spreadsheet."""
    found, company, current = row.found, row.company, row.current
    if company is None:
        may_mean = ", ".join(one.company.name for one in row.candidates)
        return [found.name, outcome(row), None, None, decided_by(row), may_mean, *[None] * 9, day]
    return [
        found.name,
        outcome(row),
        company.name,
        found.score,
        decided_by(row),
        None,
        str(Signing.Status(row.status).label),
        current.started.typed if current else None,
        str(current.get_since_basis_display()) if current else None,
        current.lists_without.last.typed if current and current.lists_without else None,
        str(row.clock.state.label) if row.clock else None,
        "; ".join(f"{one.pact.name}: {one.get_status_display()}" for one in row.others),
        len(row.sources),
        " ".join(source.url for source in row.sources),
        settings.SITE_URL + company.get_absolute_url(),
        day,
    ]


def outcome(row: Row) -> str:
    """The result for one name: one of three fixed words."""
    if row.company:
        return _("matched")
    return _("unsure") if row.found.is_unsure else _("not on the register")


def decided_by(row: Row) -> str:
    """How the result of one name was decided."""
    if row.is_refused:
        return _("You rejected the similar names.")
    if row.found.is_unsure:
        return _("Not decided yet.")
    return _("You chose it.") if row.found.choice else row.found.reason or _("No similar name.")
