"""Candidates for a description of a company: name, country, website and identifiers.

The name is answered by `lookup`, as everywhere. The rest of the description finds further
companies, changes the score, and can turn a certain match into a candidate, but never makes a
similar name a match.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from companies.models import Company, CompanyIdentifier
from companies.names.identifiers import one_form
from companies.names.matcher import Basis, Match
from companies.queries.lookup import likely, look_up_all

# Limits of a request: names, candidates of a name, and their default number.
MOST_NAMES, MOST_CANDIDATES, CANDIDATES = 500, 10, 5
MOST_WEBSITES = 500  # URLs in one query
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)

# How good a match by name is that needs no person, and why.
SURE: Mapping[Basis, tuple[int, Any]] = {
    Basis.EXACT: (100, _("Exact name.")),
    Basis.ALIAS: (100, _("Known other name.")),
    Basis.LEGAL_FORM: (98, _("Only the legal form differs.")),
    Basis.FORMER: (100, _("Former name.")),
    Basis.ABBREVIATION: (100, _("Known abbreviation.")),
    Basis.BRAND: (100, _("Brand of this company.")),
    Basis.PRODUCT: (100, _("Product of this company.")),
    Basis.PUBLIC_ID: (100, _("Public id of this company.")),
}


class ReasonCode(StrEnum):
    """Codes of further reasons for or against a company."""

    label: Any  # the sentence in the reader's language
    points: int  # added to the score

    SAME_NUMBER = "same_identifier", _("Same identifier."), 100
    OTHER_NUMBER = "other_identifier", _("We list another identifier of this kind."), -40
    SAME_WEBSITE = "same_website", _("Same website."), 5
    SAME_COUNTRY = "same_country", _("Same country."), 2
    OTHER_COUNTRY = "other_country", _("We list this company in another country."), -20

    def __new__(cls, value: str, label: Any = "", points: int = 0) -> "ReasonCode":
        member = str.__new__(cls, value)
        member._value_, member.label, member.points = value, label, points
        return member

    @property
    def contradicts(self) -> bool:
        return self.points < 0


@dataclass(frozen=True, kw_only=True)
class Description:
    """A description of a company. `identifiers` are (scheme, value); "" is any scheme."""

    name: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    website: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class WhyLikely:
    """A reason for or against a match: a code, and a sentence in any language."""

    code: str
    text: Any


@dataclass(frozen=True)
class LikelyCompany:
    """A candidate for a description."""

    company_id: int
    score: int  # 0 to 100
    is_match: bool  # sure enough to be taken without a person; of one candidate at most
    reasons: tuple[WhyLikely, ...]


def candidates_of(descriptions: Sequence[Description]) -> Iterator[list[LikelyCompany]]:
    """The candidates for each description, best first. Five queries, and those of the names."""
    numbers = KnownIdentifiers([pair for one in descriptions for pair in one.identifiers])
    websites = companies_at({host_of(one.website) for one in descriptions} - {""})
    named = list(look_up_all(one.name for one in descriptions))
    found = [
        {
            **dict.fromkeys(numbers.companies(one.identifiers)),
            **dict.fromkeys(websites.get(host_of(one.website), ())),
            **_by_name(match),
        }
        for one, match in zip(descriptions, named, strict=True)
    ]
    profiles = profiles_of({pk for keys in found for pk in keys})
    for one, match, keys in zip(descriptions, named, found, strict=True):
        scored = [
            _scored(one, match, keys[pk], profiles[pk], numbers) for pk in keys if pk in profiles
        ]
        yield ranked(scored)


def _by_name(match: Match) -> dict[int, tuple[int, WhyLikely] | None]:
    """The companies that the name means or resembles, by primary key, with score and reason."""
    if match.company_id and match.basis:
        score, said = SURE[match.basis]
        return {match.company_id: (score, WhyLikely(match.basis.value, said))}
    return {
        one.company_id: (one.score, WhyLikely(one.resemblance.value, one.resemblance.label))
        for one in likely(match.suggestions)
    }


@dataclass(frozen=True)
class Profile:
    """The data of a company that is compared with a description."""

    pk: int
    country: str
    host: str
    numbers: frozenset[tuple[str, str]]

    def has(self, scheme: str, value: str) -> bool:
        """Whether the company has this identifier; "" is any scheme."""
        return any(form in self.numbers for form in _forms(scheme, value))


def _scored(
    wanted: Description,
    match: Match,
    by_name: tuple[int, WhyLikely] | None,
    company: Profile,
    numbers: "KnownIdentifiers",
) -> LikelyCompany:
    beside = [*_beside(wanted, company, numbers)]
    score = by_name[0] if by_name else 0
    if not by_name and ReasonCode.SAME_WEBSITE in beside:
        score = 60  # a group has one website for many companies
    score = max(0, min(100, score + sum(one.points for one in beside)))
    same_number = ReasonCode.SAME_NUMBER in beside
    sure = match.company_id == company.pk or (same_number and (by_name or not wanted.name))
    reasons = [by_name[1]] if by_name else []
    reasons += [WhyLikely(one.value, one.label) for one in beside]
    contradicted = any(one.contradicts for one in beside)
    return LikelyCompany(company.pk, score, bool(sure and not contradicted), tuple(reasons))


def _beside(
    wanted: Description, company: Profile, numbers: "KnownIdentifiers"
) -> Iterator[ReasonCode]:
    theirs = numbers.forms(wanted.identifiers)
    if theirs & company.numbers:
        yield ReasonCode.SAME_NUMBER
    else:
        schemes = {scheme for scheme, _value in company.numbers}
        if any(scheme in schemes for scheme, _value in wanted.identifiers if scheme):
            yield ReasonCode.OTHER_NUMBER
    if wanted.website and company.host and host_of(wanted.website) == company.host:
        yield ReasonCode.SAME_WEBSITE
    if wanted.country and company.country:
        same = wanted.country == company.country
        yield ReasonCode.SAME_COUNTRY if same else ReasonCode.OTHER_COUNTRY


def ranked(candidates: Iterable[LikelyCompany]) -> list[LikelyCompany]:
    """Sort best first; if two would match, both become candidates."""
    found = sorted(candidates, key=lambda one: (-one.is_match, -one.score))
    if sum(one.is_match for one in found) > 1:
        found = [replace(one, is_match=False) for one in found]
    return found


def profiles_of(keys: set[int]) -> dict[int, Profile]:
    """The profiles of companies by primary key. Two queries."""
    numbers = defaultdict[int, set[tuple[str, str]]](set)
    rows = CompanyIdentifier.objects.using("default").filter(company__pk__among_many=keys)
    for pk, scheme, value in rows.order_by().values_list("company_id", "scheme", "value"):
        numbers[pk].add((scheme, value))
    companies = Company.objects.using("default").filter(pk__among_many=keys).order_by()
    return {
        pk: Profile(pk, country, host_of(website), frozenset(numbers[pk]))
        for pk, country, website in companies.values_list("pk", "country", "website")
    }


class KnownIdentifiers:
    """The canonical identifiers of some descriptions, and the companies that have them."""

    def __init__(self, identifiers: Iterable[tuple[str, str]]) -> None:
        self._forms = {pair: frozenset(_forms(*pair)) for pair in identifiers}
        values = {value for forms in self._forms.values() for _scheme, value in forms}
        self._companies = defaultdict[tuple[str, str], set[int]](set)
        if values:
            rows = CompanyIdentifier.objects.using("default").filter(value__in=values).order_by()
            for pk, scheme, value in rows.values_list("company_id", "scheme", "value"):
                self._companies[scheme, value].add(pk)

    def forms(self, identifiers: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        return frozenset().union(*(self._forms[pair] for pair in identifiers))

    def companies(self, identifiers: Iterable[tuple[str, str]]) -> set[int]:
        return set().union(*(self._companies.get(one, ()) for one in self.forms(identifiers)))


def _forms(scheme: str, value: str) -> Iterator[tuple[str, str]]:
    """The schemes that an identifier may have, each with its canonical form."""
    for one in [scheme] if scheme else CompanyIdentifier.Scheme.values:
        yield one, one_form(one, value)


def host_of(website: str) -> str:
    """The host of a website in lower case, without "www."; "" without one."""
    found = _HOST.match(website.strip())
    return found[1].lower() if found else ""


def companies_at(hosts: set[str]) -> dict[str, list[int]]:
    """Companies by the host of their website, as primary keys. One query per 500 hosts."""
    urls = [
        f"{scheme}://{www}{host}{end}"
        for host in sorted(hosts)
        for scheme in ("https", "http")
        for www in ("", "www.")
        for end in ("", "/")
    ]
    found = defaultdict[str, list[int]](list)
    for start in range(0, len(urls), MOST_WEBSITES):
        some = urls[start : start + MOST_WEBSITES]
        rows = Company.objects.using("default").filter(website__in=some).order_by("pk")
        for pk, website in rows.values_list("pk", "website"):
            found[host_of(website)].append(pk)
    return found
