"""The counts of the statistics as tables, and the shares that others published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from companies.models import Company, Region, Sector
from companies.names.letters import alphabetical
from companies.queries.querysets import country_labels
from companies.queries.statistics import UNKNOWN, Statistics

# https://digital-strategy.ec.europa.eu/en/news/ai-pact-marks-one-year-progress-trustworthy-ai-europe
COMMISSION = "digital-strategy-ec-europa-eu-en-news-ai-pact-marks-one-year"
COMMISSION_REGIONS = {Region.EU: 63, Region.US: 23, Region.OTHER: 14}
COMMISSION_ROLES = {Company.Role.BOTH: 63, Company.Role.DEPLOYER: 18, Company.Role.PROVIDER: 14}
# https://techno-polis.com/eu-ai-pact-a-look-at-the-dialogue-with-businesses-waiting-for-the-ai-act-copy
STUDY = "techno-polis-com-eu-ai-pact-a-look-at-the-dialogue-with-busi"
STUDY_OUTSIDE = 42


@dataclass(frozen=True)
class BreakdownRow:
    """How many signatories have one value; `parameter=value` chooses them in the list."""

    value: str
    label: str
    number: int


@dataclass(frozen=True)
class Breakdown:
    """Signatories by one property. Shares are of those of whom it is known."""

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
    """The most frequent first, and equals by their labels in the reader's language."""
    rows = list(numbers.items())
    if not as_given:
        rows.sort(key=lambda row: (-row[1], alphabetical(str(names.get(row[0], row[0])))))
    return rows


def labels(choices: type[models.TextChoices]) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices.choices}


@dataclass(frozen=True)
class Share:
    """How many signatories have one of `values`, beside the percentage that a source published."""

    values: tuple[str, ...]
    label: str
    number: int
    published: int
    publisher: str
    source: str


@dataclass(frozen=True)
class Comparison:
    """Our shares beside those that others published, of the signatories of whom it is known."""

    parameter: str
    head: str
    shares: list[Share]
    known: int
    signatories: int

    @property
    def picture(self) -> str:
        return f"compared-{self.parameter}"

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Ours beside the Commission's, as (label, number of ours, their share in percent)."""
        return [
            (share.label, share.number, share.published)
            for share in self.shares
            if share.source == COMMISSION
        ]


def comparisons(counts: Statistics) -> list[Comparison]:
    published: list[tuple[str, str, dict[str, int], Mapping[Any, int]]] = [
        ("region", _("Headquarters"), counts.by_region, COMMISSION_REGIONS),
        ("role", _("Role"), counts.by_role, COMMISSION_ROLES),
    ]
    return [
        Comparison(
            parameter,
            head,
            [
                Share(
                    (str(value),),
                    str(value.label),
                    ours.get(value, 0),
                    share,
                    _("Commission"),
                    COMMISSION,
                )
                for value, share in theirs.items()
            ]
            + ([_study(counts)] if parameter == "region" else []),
            counts.signatories - ours.get(UNKNOWN, 0),
            counts.signatories,
        )
        for parameter, head, ours, theirs in published
    ]


def _study(counts: Statistics) -> Share:
    return Share(
        (str(Region.US), str(Region.OTHER)),
        _("outside the European Union"),
        outside_the_union(counts),
        STUDY_OUTSIDE,
        "Techno Polis",
        STUDY,
    )


def outside_the_union(counts: Statistics) -> int:
    return counts.by_region[Region.US] + counts.by_region[Region.OTHER]
