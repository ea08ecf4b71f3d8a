"""Querysets with all that one page or answer shows, in a fixed number of queries."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, StrIndex
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.countries import country_codes, country_name
from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyQuerySet,
    Milestone,
    Pact,
    Pledge,
    PledgeQuerySet,
    ProgressReport,
    Signing,
    SigningQuerySet,
    Source,
)
from companies.names.letters import alphabetical

from .signing_state import evidenced, number_of

# The surest first, and among equals the official list, then other official documents.
SUREST_FIRST = (
    Case(When(confidence="high", then=0), When(confidence="medium", then=1), default=2),
    Case(
        When(source__kind="official_list", then=0),
        When(source__kind="official_document", then=1),
        default=2,
    ),
    "pk",
)
_CITATIONS = Prefetch(
    "citations", Citation.objects.select_related("source").order_by(*SUREST_FIRST)
)


def number_of_sources(signing: str) -> Coalesce:
    """How many different sources support the period whose number the column `signing` holds."""
    sources = (
        Citation.objects.filter(signing=OuterRef(signing))
        .order_by()
        .values("signing")
        .annotate(number=Count("source", distinct=True))
        .values("number")
    )
    return Coalesce(Subquery(sources), 0)


def told_beside_lists() -> Exists:
    """Whether a source other than an official list supports a period."""
    told = Citation.objects.filter(signing=OuterRef("pk"))
    return Exists(told.exclude(source__kind=Source.Kind.OFFICIAL_LIST))


def listing(companies: CompanyQuerySet, pact: Pact, day: datetime.date) -> CompanyQuerySet:
    """Rows of a list: the sector, the sources behind the status, and `core_pledges` of `pact`."""
    core = (
        _known(Pledge.objects.all(), day)
        .filter(commitment__pact=pact, commitment__kind=Commitment.Kind.CORE)
        .select_related("commitment")
    )
    return (
        companies.select_related("sector")
        .annotate(source_count=number_of_sources("signing_id"))
        .prefetch_related(Prefetch("pledges", core, to_attr="core_pledges"))
    )


def record(pact: Pact, day: datetime.date) -> CompanyQuerySet:
    """Companies with everything the register knows of each."""
    return (
        Company.objects.with_status(pact, day)
        .select_related("sector")
        .prefetch_related(
            "names",
            "identifiers",
            Prefetch("parent", Company.objects.with_status(pact, day)),
            Prefetch("subsidiaries", _by_name(Company.objects.with_status(pact, day))),
            _CITATIONS,
            Prefetch(
                "signings",
                Signing.objects.known_on(day)
                .filter(since__lte=day)
                .select_related("pact")
                .prefetch_related(_CITATIONS),
            ),
            Prefetch(
                "pledges",
                _known(Pledge.objects.all(), day)
                .select_related("commitment__pact")
                .prefetch_related(_CITATIONS),
            ),
            Prefetch(
                "reports",
                ProgressReport.objects.known_on(day)
                .select_related("pact")
                .prefetch_related(_CITATIONS),
            ),
        )
    )


def _by_name(companies: CompanyQuerySet) -> CompanyQuerySet:
    """Sorted by name, not by its index: SQLite would read all names to find a few companies."""
    return companies.order_by(Coalesce("name_folded", Value("")), "pk")


def standing(companies: Iterable[int], day: datetime.date) -> dict[int, Company]:
    """Companies by number, with their periods and reports as on `day` and the sources of these."""
    periods = Signing.objects.on(day).select_related("pact").prefetch_related(_CITATIONS)
    reports: Any = Prefetch("reports", ProgressReport.objects.known_on(day))
    return Company.objects.prefetch_related(Prefetch("signings", periods), reports).in_bulk(
        set(companies)
    )


def _known(pledges: PledgeQuerySet, day: datetime.date) -> PledgeQuerySet:
    """Pledges as they stood on `day`; today nothing has to be left out."""
    if day >= timezone.localdate():
        return pledges
    return pledges.made_by(day).known_on(day)


def signings() -> SigningQuerySet:
    """Periods with their company, pact and citations."""
    return (
        Signing.objects.select_related("company", "pact")
        .prefetch_related(_CITATIONS)
        .order_by("-since", "company__name_folded", "pk")
    )


def pledges(day: datetime.date | None = None) -> PledgeQuerySet:
    """Pledges with their company, commitment and citations, as they stood on `day`."""
    return (
        _known(Pledge.objects.all(), day or timezone.localdate())
        .select_related("company", "commitment__pact")
        .prefetch_related(_CITATIONS)
        .order_by(
            "company__name_folded", "commitment__pact__position", "commitment__position", "pk"
        )
    )


def absent(pact: Pact, day: datetime.date) -> SigningQuerySet:
    """Companies known not to be signatories of `pact` on `day`, with reasons and sources.

    First who declined, then whom a source other than a list names as missing, then the large.
    """
    return (
        signings()
        .filter(pact=pact)
        .on(day)
        .absent()
        .order_by(
            Case(When(status=Signing.Status.DECLINED, then=0), default=1),
            Case(When(told_beside_lists(), then=0), default=1),
            Case(When(company__size=Company.Size.LARGE, then=0), default=1),
            "company__name_folded",
            "pk",
        )
    )


def commitments() -> QuerySet[Commitment]:
    return Commitment.objects.select_related("pact", "source")


def counted_commitments(day: datetime.date) -> QuerySet[Commitment]:
    """Commitments with the `signatories` of their pact on `day` and how many of them pledged it.

    `evidenced` counts the pledges among these for whose implementation there is evidence.
    """
    signed = Signing.objects.on(day).signed()
    held = Pledge.objects.filter(
        Exists(signed.filter(pact=OuterRef("commitment__pact"), company=OuterRef("company")))
    )
    return commitments().annotate(
        signatories=number_of(signed.filter(pact=OuterRef("pact")), "pact"),
        pledged=number_of(held.filter(commitment=OuterRef("pk")), "commitment"),
        evidenced=number_of(evidenced(held, day).filter(commitment=OuterRef("pk")), "commitment"),
    )


def counted_pacts(day: datetime.date) -> QuerySet[Pact]:
    """Pacts with the number of their known `signatories` on `day`, as they were known then."""
    signed = Signing.objects.on(day).signed().filter(pact=OuterRef("pk"))
    return Pact.objects.known_on(day).annotate(signatories=number_of(signed, "pact"))


def milestones() -> QuerySet[Milestone]:
    return Milestone.objects.select_related("source")


def pact_or_none(slug: str) -> Pact | None:
    return Pact.objects.filter(slug=slug).first()


def pact_or_404(slug: str) -> Pact:
    pact = pact_or_none(slug)
    if pact is None:
        # In a register of the past that did not have it yet, nobody had signed it.
        pact = Pact.objects.using("default").known_on(datetime.date.min).filter(slug=slug).first()
    if pact is None:
        raise Http404(_("The register knows no pact called “%(slug)s”.") % {"slug": slug[:100]})
    return pact


def company_moved_from(slug: str) -> Company | None:
    """The company that had `slug` before a merge or a renaming."""
    return Company.objects.filter(redirects__old_slug=slug).first()


def country_labels() -> dict[str, str]:
    """Every country's name in the reader's language, by its code."""
    language = get_language() or "en"
    return {code: country_name(code, language) for code in country_codes()}


def country_place() -> StrIndex:
    """Where a company's country stands in the reader's alphabet; None where it is not known."""
    labels = country_labels()
    codes = " ".join(sorted(labels, key=lambda code: alphabetical(labels[code])))
    return StrIndex(Value(codes), NullIf("country", Value("")))
