"""Names that resemble what was searched for, where few or none hold its words.

They are offered beside a result and never mixed into it: "Orange Bank" is not "Orange".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from companies.models import Company, CompanyName
from companies.names.spelling import Spelling, spell

FEW = 3  # companies found, from which nothing else is offered
MOST = 5
# How names are compared, from how many percent alike and from how many letters on, and how much
# less a resemblance counts: two names with slips, and a part of a longer name.
_MEASURES = ((fuzz.ratio, 76, 4, 0), (fuzz.partial_ratio, 84, 5, 10))
_INITIALS = range(2, 7)


@dataclass(frozen=True)
class Near:
    """A company with a name that resembles; `name` is that one, where it is not the main one."""

    company: Company
    name: str


def near_names(text: str, companies: Any, *, found: Collection[int]) -> list[Near]:
    """The companies whose names resemble `text` most, the likeliest first, without those `found`.

    `companies` says how they are read. Three queries, for any number of names.
    """
    searched = spell(text)
    if not searched.compact:
        return []
    names = _names()
    scores: dict[int, tuple[float, int]] = {}
    for score, position in _alike(searched, [folded for _pk, folded, _name in names]):
        pk = names[position][0]
        if pk not in found:
            scores[pk] = max(scores.get(pk, (0.0, 0)), (score, -position))
    best = sorted(scores, key=lambda pk: scores[pk], reverse=True)[:MOST]
    rows = {company.pk: company for company in companies.filter(pk__in=best)}
    shown = {pk: names[-scores[pk][1]][2] for pk in best}
    return [
        Near(rows[pk], "" if shown[pk] == rows[pk].name else shown[pk]) for pk in best if pk in rows
    ]


def _names() -> list[tuple[int, str, str]]:
    """Every name with its company, main names first."""
    main = Company.objects.order_by("name_folded").values_list("pk", "name_folded", "name")
    others = CompanyName.objects.order_by("name_folded", "pk")
    return [*main, *others.values_list("company_id", "name_folded", "name")]


def _alike(searched: Spelling, names: list[str]) -> list[tuple[float, int]]:
    """Scores of 0 to 100 and positions of the names that resemble."""
    found: list[tuple[float, int]] = []
    for scorer, least, letters, less in _MEASURES:
        long = {at: name for at, name in enumerate(names) if len(name) >= letters}
        if len(searched.compact) >= letters:
            hits = process.extract(
                searched.bare_name, long, scorer=scorer, score_cutoff=least, limit=10 * MOST
            )
            found += [(score - less, at) for _name, score, at in hits]
    if len(searched.compact) in _INITIALS and len(searched.bare) == 1:
        found += [(85.0, at) for at in _with_initials(searched.compact, names)]
    return found


def _with_initials(letters: str, names: list[str]) -> list[int]:
    """Positions of the names whose words begin with these letters, small words left out."""
    words = r"\w* (?:(?:and|of|the|de|la|et|für|und) )?".join(map(re.escape, letters))
    fits = re.compile(rf"{words}\w*(?: \w{{1,4}})?").fullmatch
    return [at for at, name in enumerate(names) if fits(name)]
