"""Statistics as tables, and published percentages for comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from companies.models import Company, PublishedShare, Region, Sector
from companies.names.letters import alphabetical
from companies.queries.parameters import UNKNOWN
from companies.queries.querysets import country_labels
from companies.queries.statistics import Statistics

# What each published share counts, as the values of a parameter of the list of companies.
COUNTED: dict[str, tuple[str, ...]] = {
    PublishedShare.Value.EU: (Region.EU,),
    PublishedShare.Value.US: (Region.US,),
    PublishedShare.Value.OTHER: (Region.OTHER,),
    PublishedShare.Value.OUTSIDE_EU: (Region.US, Region.OTHER),
    PublishedShare.Value.PROVIDER: (Company.Role.PROVIDER,),
    PublishedShare.Value.DEPLOYER: (Company.Role.DEPLOYER,),
    PublishedShare.Value.BOTH: (Company.Role.BOTH,),
}


@dataclass(frozen=True)
class BreakdownRow:
    """The number of signatories with one value; `parameter=value` filters the list by it."""

    value: str
    label: str
    number: int


@dataclass(frozen=True)
class Breakdown:
    """Signatories by one property; percentages exclude unknown values."""

    parameter: str
    title: str
    head: str
    rows: list[BreakdownRow]
    unknown: int
    signatories: int

    @property
    def known(self) -> int:
        return self.signatories - self.unknown

    @property
    def picture(self) -> str:
        return f"by-{self.parameter}"


def breakdowns(counts: Statistics) -> list[Breakdown]:
    sectors = {sector.code: sector.label for sector in Sector.objects.all()}
    tables: list[tuple[str, str, str, dict[str, int], Mapping[str, Any]]] = [
        ("region", _("By headquarters"), _("Headquarters"), counts.by_region, labels(Region)),
        ("role", _("By role under the AI Act"), _("Role"), counts.by_role, labels(Company.Role)),
        ("sector", _("By sector"), _("Sector"), counts.by_sector, sectors),
        ("country", _("By country"), _("Country"), counts.by_country, country_labels()),
        ("size", _("By size"), _("Size"), counts.by_size, labels(Company.Size)),
    ]
    return [
        Breakdown(
            parameter,
            title,
            head,
            [
                BreakdownRow(value, str(names.get(value, value)), number)
                for value, number in ranked(numbers, names, as_given=parameter == "region")
                if value != UNKNOWN
            ],
            numbers.get(UNKNOWN, 0),
            counts.signatories,
        )
        for parameter, title, head, numbers, names in tables
    ]


def ranked(
    numbers: Mapping[str, int], names: Mapping[str, Any], *, as_given: bool
) -> list[tuple[str, int]]:
    """Sort by count, then by label in the active language."""
    rows = list(numbers.items())
    if not as_given:
        rows.sort(key=lambda row: (-row[1], alphabetical(str(names.get(row[0], row[0])))))
    return rows


def labels(choices: type[models.TextChoices]) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices.choices}


@dataclass(frozen=True)
class Share:
    """The number of signatories with one of `values`, beside the percentage a source published."""

    values: tuple[str, ...]
    number: int
    published: PublishedShare

    @property
    def label(self) -> str:
        return self.published.get_value_display()

    @property
    def is_the_issuers(self) -> bool:
        return self.published.source.publisher == self.published.pact.issuer

    @property
    def publisher(self) -> str:
        return _("Commission") if self.is_the_issuers else self.published.source.published_by


@dataclass(frozen=True)
class Comparison:
    """Our percentages, excluding unknown values, beside published ones."""

    parameter: str
    head: str
    shares: list[Share]
    known: int
    signatories: int

    @property
    def picture(self) -> str:
        return f"compared-{self.parameter}"

    @property
    def by_issuer(self) -> PublishedShare | None:
        return next((one.published for one in self.shares if one.is_the_issuers), None)

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Ours, as (label, count, percentage)."""
        return [
            (share.label, share.number, share.published.percent)
            for share in self.shares
            if share.is_the_issuers
        ]


def comparisons(counts: Statistics, published: Iterable[PublishedShare]) -> list[Comparison]:
    """Comparisons by region and by role, as far as percentages were published."""
    tables: list[tuple[str, str, dict[str, int], type[models.TextChoices]]] = [
        ("region", _("Headquarters"), counts.by_region, Region),
        ("role", _("Role"), counts.by_role, Company.Role),
    ]
    found = []
    for parameter, head, ours, values in tables:
        shares = [
            Share(COUNTED[share.value], sum(ours.get(v, 0) for v in COUNTED[share.value]), share)
            for share in published
            if set(COUNTED[share.value]) <= set(values)
        ]
        shares.sort(key=lambda share: (not share.is_the_issuers, -share.published.percent))
        known = counts.signatories - ours.get(UNKNOWN, 0)
        if shares:
            found.append(Comparison(parameter, head, shares, known, counts.signatories))
    return found
