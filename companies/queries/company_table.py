"""The full result of a query as flat rows, one per company, for files."""

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import (
    FilteredRelation,
    IntegerField,
    Lookup,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
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
from .roster.rosters import EvidenceLevel, PresentStanding, evidence_level, standings

if TYPE_CHECKING:
    from .company_filter import WholeResult

T = TypeVar("T")
Values = tuple[Any, ...]
Written = Callable[[Sequence[str], Values], T]

CHUNK = 20_000  # companies; more of them are read in the order in which they are stored
KEPT = 50_000  # parts of rows
# The columns that hold a field of the company or of its period, as the model explains it.
OF_COMPANY = ("name", "legal_name", "country", "sector", "size", "role")
OF_PERIOD = ("pact", "status", "since", "since_precision", "since_basis", "reason_en", "reason_fr")
IDENTIFIERS = ("lei", "wikidata")
# The columns in parts: of the company alone, then those that many companies have the same of.
OWN = ("slug", "name", "legal_name", *IDENTIFIERS)
PROFILE = ("country", "region", "sector", "size", "role")
STANDING = (
    *("pact", "status", "since", "since_precision", "since_basis", "last_checked"),
    *("reason_en", "reason_fr"),
)
CITED = ("source_count", "first_source_url")
# The columns read of a company and its period; parts are slices of them.
READ = ("slug", "name", "legal", *IDENTIFIERS, "country", "sector__code", "size", "role")
GROUNDS = ("since_basis", "reason_en", "reason_fr")
DECIDES = ("status", "since", "since_precision")
REPORTED = ("due_on", "submitted_on", "published_on")


class _Raw(NamedTuple):
    """Positions, in a row as read, of the values that determine a part of the written row."""

    own: slice = slice(1, 6)
    profile: slice = slice(6, 10)
    standing: slice = slice(10, 16)
    status: int = 13
    report: slice = slice(13, 19)
    pledges: int = 19
    cited: slice = slice(20, 22)


RAW = _Raw()


class _Parts(dict[Any, T]):
    """Caches written parts of rows by the values that determine them."""

    def __init__(self, write: Callable[..., T]) -> None:
        super().__init__()
        self.write = write

    def __missing__(self, raw: Any) -> T:
        if len(self) >= KEPT:
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
        return [*OWN, *PROFILE, *STANDING, *self._doing_columns, *CITED]

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
        return (list(chain(*parts)) for _slug, parts in self.parts(lambda _names, values: values))

    def parts(self, written: Written[T]) -> Iterator[tuple[str, list[T]]]:
        """Each public id with its row in parts, made by `written` from columns and values.

        A part that many companies share is written once, which takes a third of the time.
        """
        *pledge_columns, report_column = self._doing_columns
        profiles = _Parts(lambda *raw: written(PROFILE, _profile(*raw)))
        standings = _Parts(lambda *raw: written(STANDING, self._standing(0, *raw)))
        pledged = _Parts(lambda *raw: written(pledge_columns, self._pledged(*raw)))
        reports = _Parts(lambda *raw: written((report_column,), self._report(*raw)))
        cited = _Parts(lambda number, url: written(CITED, (number or 0, url)))
        for row in self._rows():
            standing = (
                written(STANDING, self._standing(row[0], *row[RAW.standing]))
                if row[0] in self.named
                else standings[row[RAW.standing]]
            )
            yield (
                row[1],
                [
                    written(OWN, row[RAW.own]),
                    profiles[row[RAW.profile]],
                    standing,
                    pledged[row[RAW.status], row[RAW.pledges]],
                    reports[row[RAW.report]],
                    cited[row[RAW.cited]],
                ],
            )

    def _rows(self) -> Iterator[Values]:
        for start in range(0, len(self.keys), CHUNK):
            keys = self.keys[start : start + CHUNK]
            found = {row[0]: row for row in self.rows_of(keys)}
            yield from (found[key] for key in keys if key in found)

    def _present(self, keys: Sequence[int]) -> Iterable[Values]:
        """Rows of the read table for these companies."""
        found = FilteredRelation("status_rows", condition=Q(status_rows__pact=self.pact.pk))
        columns: Values = (
            *(f"found__signing__{name}" for name in GROUNDS),
            *("found__status", _text_of("since"), "found__since_precision"),
            *(*map(_text_of, REPORTED), "found__pledges"),
            *("found__source_count", "found__first_source__url"),
        )
        return _companies(keys).annotate(found=found).values_list("pk", *READ, *columns)

    def _past(self, keys: Sequence[int]) -> Iterator[Values]:
        """The same values from the periods."""
        companies = _companies(keys).with_status(self.pact, self.day)
        columns = (*(f"current__{name}" for name in GROUNDS), *DECIDES)
        rows = companies.values_list("pk", *READ, *columns, "signing_id")
        found = standings(self.day, pact=self.pact, companies=keys)
        sources, nothing = sources_of_periods(keys), PresentStanding()
        firsts = Source.objects.in_bulk({cited[0] for cited in sources.values()})
        for *row, signing in rows:
            own, cited = found.get((row[0], self.pact.pk), nothing), sources.get(signing, [])
            url = firsts[cited[0]].url if cited else None
            yield (
                *row,
                *(own.due_on, own.submitted_on, own.published_on, own.pledges),
                *(len(cited), url),
            )

    # Parts

    def _standing(
        self, company: int, basis: Any, reason_en: Any, reason_fr: Any, *status: Any
    ) -> Values:
        """The values of a period; `company` is 0 unless a list may name it."""
        code, since, precision = status[0], _day(status[1]), status[2]
        lists = self.lists.without(company, self.pact.pk, _Status(code, since, precision))
        return (
            *(self.pact.slug, code or UNKNOWN),
            *(PartialDate(since, precision).typed if since else None, precision, basis),
            *(lists.last.typed if lists else None, reason_en or None, reason_fr or None),
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


@IntegerField.register_lookup
class AmongMany(Lookup):
    """The lookup `in` for thousands of integers as one parameter, cheap for Django."""

    lookup_name = "among_many"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        keys = list(self.rhs)
        if connection.vendor == "sqlite":
            among = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  # our own column
            return among, [*parameters, json.dumps(keys)]
        return f"{column} = ANY(%s)", [*parameters, keys]


def _companies(keys: Sequence[int]) -> CompanyQuerySet:
    companies = Company.objects.filter(pk__among_many=keys).order_by()
    identifiers = {scheme: _identifier(scheme) for scheme in IDENTIFIERS}
    return companies.annotate(legal=NullIf("legal_name", Value("")), **identifiers)


def _identifier(scheme: str) -> Subquery:
    found = CompanyIdentifier.objects.filter(company=OuterRef("pk"), scheme=scheme)
    return Subquery(found.order_by("value").values("value")[:1])


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
