"""The full result of a query as flat rows, one per company, for files."""

import datetime
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import FilteredRelation, Q, TextField, Value
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext as _

from companies.models import (
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyQuerySet,
    PartialDate,
    Pledge,
    Region,
    ReportState,
    ReportStates,
    Signing,
    Source,
    codes,
    meaning,
)

from .parameters import UNKNOWN
from .readings import full_lists
from .roster.cited import sources_of_periods
from .roster.roster import EvidenceLevel, evidence_level
from .roster.rosters import StatusValues, status_values

if TYPE_CHECKING:
    from .company_filter import WholeResult

T = TypeVar("T")
U = TypeVar("U")
Values = tuple[Any, ...]
Written = Callable[[Sequence[str], Values], T]
Joined = Callable[[str, Sequence[T]], U]

CHUNK = 20_000  # companies; more of them are read in the order in which they are stored
READ_AT_ONCE = 1_000  # rows
MOST_CACHED = 50_000  # parts of rows
# The columns with a field of the company or of its period, as the model explains it.
OF_COMPANY = ("name", "legal_name", "country", "sector", "size", "role")
OF_PERIOD = ("pact", "status", "since", "since_precision", "since_basis", "reason_en", "reason_fr")
IDENTIFIERS = ("lei", "wikidata")
# The columns in parts: of the company alone, then those that many companies have the same of.
OWN = ("slug", "name", "legal_name", *IDENTIFIERS)
PROFILE = ("country", "region", "sector", "size", "role")
STATUS = (
    *("pact", "status", "since", "since_precision", "since_basis", "last_checked"),
    *("reason_en", "reason_fr"),
)
CITED = ("source_count", "first_source_url")
# The columns read of a company and its period.
PROFILED = ("country", "sector__code", "size", "role")
READ = ("slug", "name", "legal", *PROFILED)
DECIDES = ("status", "since", "since_precision")
REASONS = ("reason_en", "reason_fr")
REPORTED = ("due_on", "submitted_on", "published_on")


# Slices of a row as read, after the primary key: the values that determine each written part.
_NAMES, _OF_PROFILE, _OF_STATUS, _OF_REPORT = slice(1, 4), slice(4, 8), slice(8, 12), slice(9, 15)
_STATUS, _PLEDGES, _OF_SOURCES, _SIGNING = 9, 15, slice(16, 18), 18
_NO_REASONS = (None,) * len(REASONS)
_NO_IDENTIFIERS = (None,) * len(IDENTIFIERS)


class _Parts(dict[Any, T]):
    """Caches written parts of rows by the values that determine them."""

    def __init__(self, write: Callable[..., T]) -> None:
        super().__init__()
        self.write = write

    def __missing__(self, raw: Any) -> T:
        if len(self) >= MOST_CACHED:
            self.clear()
        part = self[raw] = self.write(*raw)
        return part


class _Status(NamedTuple):
    status: str | None
    since: datetime.date | None
    since_precision: str | None


class CompanyTable:
    """The rows of a result, read in chunks: one query each for the present, six for a past day.

    With `keys`, the rows of these companies, whatever the query selects.

    100,000 companies take 1.0 s of processor time as CSV and 1.2 as JSON; a fifth less where many
    have the same pledges since the same day. The query alone takes 0.4: what is left to gain is
    the text of a row, which SQLite would have to prepare.
    """

    def __init__(self, companies: "WholeResult", keys: Sequence[int] | None = None) -> None:
        self.pact, self.day = companies.chosen_pact, companies.day
        self.commitments = companies.commitments
        self.lists = full_lists(companies.clock)
        self.named = frozenset[int]().union(*(one.may_name for one in self.lists.of(self.pact.pk)))
        self.reports = ReportStates(self.pact.report_after_months or 0, self.day)
        # A bad query ends here, before the file begins.
        self.keys = companies.keys if keys is None else keys
        self.rows_of = self._present if companies.roster.stored else self._past

    @property
    def columns(self) -> list[str]:
        """The column names, the same in every language; one for each commitment of the pact."""
        return [*OWN, *PROFILE, *STATUS, *self._doing_columns, *CITED]

    @property
    def _doing_columns(self) -> list[str]:
        pledges = (pledge_column(one) for one in self.commitments)
        return [*pledges, "implementation_evidence", "report"]

    @property
    def meanings(self) -> dict[str, str]:
        """The meaning of each column with facts of the company, in the active language."""
        own = {name: meaning(Company._meta.get_field(name)) for name in OF_COMPANY}  # type: ignore[arg-type]  # a column, no relation
        period = {name: meaning(Signing._meta.get_field(name)) for name in OF_PERIOD}  # type: ignore[arg-type]  # a column, no relation
        pledge = meaning(Pledge._meta.get_field("implementation"))
        levels, states = codes(EvidenceLevel.choices), codes(ReportState.choices)
        return (
            own
            | {"region": f"{_('Headquarters')}. {codes(Region.choices)}"}
            | period
            | {pledge_column(one): f"{one.title}: {pledge}" for one in self.commitments}
            | {"implementation_evidence": f"{_('Evidence of implementation')}: {levels}"}
            | {"report": f"{_('Progress report')}. {states}"}
        )

    def __iter__(self) -> Iterator[list[Any]]:
        return self.rows(lambda _names, values: values, lambda _slug, parts: [*chain(*parts)])

    def rows(self, written: Written[T], joined: Joined[T, U]) -> Iterator[U]:
        """Each row: `joined` of its public id and its parts, each `written` from values.

        A part that many companies share is written once. Status, pledges and report are parts of
        their own: together they differ in 5,500 ways among 20,000 companies, each alone in few.
        And a row is joined before the next is read: to keep what was read of a chunk takes a third
        more time.
        """
        *pledging, reporting = self._doing_columns
        profiles = _Parts(lambda *raw: written(PROFILE, _profile(*raw)))
        periods = _Parts(lambda *raw: written(STATUS, self._status_parts(0, _NO_REASONS, *raw)))
        pledges = _Parts(lambda *raw: written(pledging, self._pledged(*raw)))
        reports = _Parts(lambda *raw: written([reporting], self._report(*raw)))
        cited = _Parts(lambda number, url: written(CITED, (number or 0, url)))
        reasons, named = self._reasons(), self.named
        for start in range(0, len(self.keys), CHUNK):
            keys = self.keys[start : start + CHUNK]
            identifiers, found = _identifiers(keys), dict[int, U]()
            for row in self.rows_of(keys):
                key, signing = row[0], row[_SIGNING]
                if key in named or signing in reasons:
                    said = reasons.get(signing, _NO_REASONS)
                    period = written(STATUS, self._status_parts(key, said, *row[_OF_STATUS]))
                else:
                    period = periods[row[_OF_STATUS]]
                own = written(OWN, row[_NAMES] + identifiers.get(key, _NO_IDENTIFIERS))
                doing = pledges[row[_STATUS], row[_PLEDGES]], reports[row[_OF_REPORT]]
                parts = own, profiles[row[_OF_PROFILE]], period, *doing, cited[row[_OF_SOURCES]]
                found[key] = joined(row[1], parts)
            yield from (found[key] for key in keys if key in found)

    def _reasons(self) -> dict[int, Values]:
        """The reasons of the periods that have some, which are few, in both languages."""
        said = Signing.objects.filter(pact=self.pact.pk).exclude(reason_en="", reason_fr="")
        if len(self.keys) <= CHUNK:  # to look for more companies takes longer than to read all
            said = said.filter(company__pk__among_many=array("q", self.keys[:]))
        return {pk: (en, fr) for pk, en, fr in said.order_by().values_list("pk", *REASONS)}

    def _present(self, keys: Sequence[int]) -> Iterable[Values]:
        """Rows of the read table for these companies."""
        found = FilteredRelation("status_rows", condition=Q(status_rows__pact=self.pact.pk))
        columns: Values = (
            *("found__since_basis", "found__status", _text_of("since"), "found__since_precision"),
            *(*map(_text_of, REPORTED), "found__pledges"),
            *("found__source_count", "found__first_source__url", "found__signing_id"),
        )
        rows = _companies(keys).annotate(found=found).values_list("pk", *READ, *columns)
        return rows.iterator(chunk_size=READ_AT_ONCE)

    def _past(self, keys: Sequence[int]) -> Iterator[Values]:
        """The values of `_present` on a past day, from the periods."""
        companies = _companies(keys).with_status(self.pact, self.day)
        rows = companies.values_list("pk", *READ, "current__since_basis", *DECIDES, "signing_id")
        found = status_values(self.day, pact=self.pact, companies=keys)
        sources, nothing = sources_of_periods(keys), StatusValues()
        firsts = Source.objects.in_bulk({cited[0] for cited in sources.values()})
        for *row, signing in rows:
            own, cited = found.get((row[0], self.pact.pk), nothing), sources.get(signing, [])
            url = firsts[cited[0]].url if cited else None
            yield (
                *row,
                *(own.due_on, own.submitted_on, own.published_on, own.pledges),
                *(len(cited), url, signing),
            )

    # Parts

    def _status_parts(
        self, company: int, reasons: Values, basis: Any, status: Any, stored: Any, precision: Any
    ) -> Values:
        """The values of a period; `company` is 0 unless a list may name it."""
        since = _day(stored)
        lists = self.lists.without(company, self.pact.pk, _Status(status, since, precision))
        return (
            *(self.pact.slug, status or UNKNOWN),
            *(PartialDate(since, precision).typed if since else None, precision, basis),
            *(lists.last.typed if lists else None, *(reason or None for reason in reasons)),
        )

    def _pledged(self, status: Any, pledges: Any) -> Values:
        """The implementation of each pledge, and the evidence level."""
        if status != Signing.Status.SIGNED:
            return (None,) * (len(self.commitments) + 1)
        known = dict(one.split(":") for one in (pledges or "").split())
        pledged = {one.code: known.get(str(one.pk)) for one in self.commitments}
        return (*pledged.values(), self._evidence(pledged))

    def _report(self, status: Any, since: Any, precision: Any, *reported: Any) -> Values:
        """The report state of a signatory."""
        if status != Signing.Status.SIGNED or not self.pact.report_after_months:
            return (None,)
        return (self.reports.of(_day(since), precision, *map(_day, reported)).value,)

    def _evidence(self, pledged: dict[str, str | None]) -> str | None:
        core = [one.code for one in self.commitments if one.kind == Commitment.Kind.CORE]
        done = [code for code in core if pledged.get(code) not in (None, *Pledge.WITHOUT_EVIDENCE)]
        return evidence_level(len(done), len(core)) if core else None


def _companies(keys: Sequence[int]) -> CompanyQuerySet:
    companies = Company.objects.filter(pk__among_many=array("q", keys)).order_by()
    return companies.annotate(legal=NullIf("legal_name", Value("")))


def _identifiers(keys: Sequence[int]) -> dict[int, Values]:
    """The IDENTIFIERS of companies; the first if there are several of a scheme."""
    named = CompanyIdentifier.objects.filter(company__pk__among_many=array("q", keys))
    rows = named.filter(scheme__in=IDENTIFIERS).order_by("-value")
    found: dict[int, dict[str, str]] = {}
    for company, scheme, value in rows.values_list("company_id", "scheme", "value"):
        found.setdefault(company, {})[scheme] = value
    return {company: tuple(map(of.get, IDENTIFIERS)) for company, of in found.items()}


def _text_of(name: str) -> Cast:
    """Cast a date to text, so that no date object is created."""
    return Cast(f"found__{name}", TextField())


def _day(stored: Any) -> Any:
    return datetime.date.fromisoformat(str(stored)) if stored else None


def _profile(country: str, sector: str | None, size: str, role: str) -> Values:
    return country or None, _region(country), sector, size, role


@cache
def _region(country: str) -> str:
    return str(Company(country=country).region.value)


def pledge_column(commitment: Commitment) -> str:
    return "pledge_" + commitment.code.replace("-", "_")
