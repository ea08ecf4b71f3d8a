"""The whole result of a query of companies, flat: one row each, for a file."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    PartialDate,
    Pledge,
    Region,
    ReportState,
    Signing,
    codes,
    implementation_on,
    meaning,
)

from .parameters import UNKNOWN
from .querysets import (
    SUREST_FIRST,
    report_states,
)
from .readings import full_lists
from .roster.rosters import EvidenceLevel, evidence_level

if TYPE_CHECKING:
    from .company_filter import WholeResult

CHUNK = 1000  # companies; three queries for each chunk
# The columns that hold a field of the company or of its period, as the model explains it.
OWN = ("name", "legal_name", "country", "sector", "size", "role")
OF_PERIOD = ("pact", "status", "since", "since_precision", "since_basis", "reason_en", "reason_fr")
PROFILE = ("slug", "name", "legal_name", "country", "sector__code", "size", "role")
IDENTIFIERS = ("lei", "wikidata")
PERIOD = (
    "signing_id", "status", "since", "since_precision", "since_basis", "current__reason_en",
    "current__reason_fr",
)  # fmt: skip


class _Status(NamedTuple):
    status: str | None
    since: datetime.date | None
    since_precision: str | None


class CompanyTable:
    """The rows of a result, read by chunks: one query, and three more for each chunk."""

    def __init__(self, companies: "WholeResult") -> None:
        self.pact, self.day = companies.chosen_pact, companies.day
        self.commitments = companies.commitments
        self.lists = full_lists(companies.clock)
        self.keys = companies.keys  # a bad query ends here, before the file begins

    @property
    def columns(self) -> list[str]:
        """The headings, the same in every language; one for each commitment of the pact."""
        return [
            *("slug", "name", "legal_name", *IDENTIFIERS, "country", "region", "sector"),
            *("size", "role"),
            *("pact", "status", "since", "since_precision", "since_basis", "last_checked"),
            *("reason_en", "reason_fr", *(pledge_column(one) for one in self.commitments)),
            *("implementation_evidence", "report", "source_count", "first_source_url"),
        ]

    @property
    def meanings(self) -> dict[str, str]:
        """What each column that holds a fact of the company means, in the reader's language."""
        own = {name: meaning(Company._meta.get_field(name)) for name in OWN}  # type: ignore[arg-type]  # a column, no relation
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
        rows = Company.objects.with_status(self.pact, self.day).order_by()
        rows = rows.annotate(**{scheme: _identifier(scheme) for scheme in IDENTIFIERS})
        for start in range(0, len(self.keys), CHUNK):
            keys = self.keys[start : start + CHUNK]
            chunk = rows.filter(pk__in=keys).values_list("pk", *PROFILE, *PERIOD, *IDENTIFIERS)
            found = {row[0]: row for row in chunk}
            yield from self._filled([found[key] for key in keys if key in found])

    def _filled(self, chunk: Sequence[tuple[Any, ...]]) -> Iterator[list[Any]]:
        signings = {row[8]: row[0] for row in chunk if row[8]}
        signed = [row[0] for row in chunk if row[9] == Signing.Status.SIGNED]
        pledges = self._pledges(signed)
        sources = _sources(list(signings))
        states = report_states(self.pact, self.day).filter(pk__in=signings)
        reports = dict(states.values_list("pk", "report_state"))
        for pk, *profile in chunk:
            signing_id, status, since, precision, basis, reason_en, reason_fr = profile[7:14]
            slug, name, legal_name, country, sector, size, role = profile[:7]
            lists = self.lists.without(pk, self.pact.pk, _Status(status, since, precision))
            urls = sources[signing_id]
            yield [
                *(slug, name, legal_name or None, *profile[14:], country or None),
                *(region(country), sector, size, role, self.pact.slug, status or UNKNOWN),
                *(PartialDate(since, precision).typed if since else None, precision, basis),
                lists.last.typed if lists else None,
                *(reason_en or None, reason_fr or None),
                *(pledges[pk].get(one.code) for one in self.commitments),
                self._evidence(pledges[pk]) if status == Signing.Status.SIGNED else None,
                *(reports.get(signing_id), len(urls), next(iter(urls.values()), None)),
            ]

    def _pledges(self, signatories: list[int]) -> Mapping[int, dict[str, str]]:
        """For each signatory, the known implementation by the code of the commitment."""
        pledges = (
            Pledge.objects.known()
            .filter(company__in=signatories, commitment__pact=self.pact)
            .annotate(then=implementation_on(self.day))
        )
        found = defaultdict[int, dict[str, str]](dict)
        for pk, code, then in pledges.order_by().values_list("company", "commitment__code", "then"):
            found[pk][code] = then
        return found

    def _evidence(self, pledged: Mapping[str, str]) -> str | None:
        core = [one.code for one in self.commitments if one.kind == Commitment.Kind.CORE]
        done = [code for code in core if pledged.get(code) not in (None, *Pledge.WITHOUT_EVIDENCE)]
        return evidence_level(len(done), len(core)) if core else None


def _identifier(scheme: str) -> Subquery:
    found = CompanyIdentifier.objects.filter(company=OuterRef("pk"), scheme=scheme)
    return Subquery(found.order_by("value").values("value")[:1])


def pledge_column(commitment: Commitment) -> str:
    return "pledge_" + commitment.code.replace("-", "_")


@lru_cache(300)  # countries
def region(country: str) -> str:
    return str(Company(country=country).region.value)


def _sources(signings: list[int]) -> Mapping[int | None, dict[int, str]]:
    """For each period, the URLs of its sources by primary key, the surest first."""
    found = defaultdict[int | None, dict[int, str]](dict)
    citations = Citation.objects.filter(signing__in=signings).order_by(*SUREST_FIRST)
    for signing, source, url in citations.values_list("signing", "source", "source__url"):
        found[signing].setdefault(source, url)
    return found
