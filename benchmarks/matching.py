"""Measure how well and how fast listed names are matched with companies.

`name_pairs.csv` has names as people and official pages write them, each with the company of the
register that it means, or none. They were written and labelled by hand, not made by a program.
"""

import csv
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import register
from companies.names.matcher import KnownName
from companies.queries.lookup import matches
from companies.queries.searching.near_names import NamesInMemory

HERE = Path(__file__).parent
REGISTER = HERE.parent / "companies" / "data"
LEAST_RECALL = 0.98
MOST_SECONDS = 10.0
IN_VIEW = 3  # suggestions a person is sure to look at
COMPANIES, LISTED = 100_000, 2_000


class Pair(NamedTuple):
    """A listed name and the slug of the company it means, empty when the register has none."""

    listed: str
    company: str
    relation: str


class Name(NamedTuple):
    """One name of a company as the data package states it; `kind` is empty for the main name."""

    company: str
    name: str
    kind: str
    country: str


class Answer(NamedTuple):
    """The matcher's result for a pair, in slugs; `matched` is empty without an automatic match."""

    pair: Pair
    matched: str
    suggested: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return bool(self.matched) and self.matched == self.pair.company

    @property
    def is_wrong(self) -> bool:
        return bool(self.matched) and self.matched != self.pair.company

    @property
    def is_found(self) -> bool:
        return self.pair.company in {self.matched, *self.suggested[:IN_VIEW]} - {""}


def pairs() -> list[Pair]:
    return [Pair(**row) for row in _rows(HERE / "name_pairs.csv")]


def names() -> list[Name]:
    """Every name of every company of the register, from its data package."""
    companies = {row["slug"]: row for row in _rows(REGISTER / "companies.csv")}
    found = []
    for slug, row in companies.items():
        found.append(Name(slug, row["name"], "", row["country"]))
        if row["legal_name"]:
            found.append(Name(slug, row["legal_name"], "legal", row["country"]))
    for row in _rows(REGISTER / "company_names.csv"):
        slug = row["company"]
        found.append(Name(slug, row["name"], row["kind"], companies[slug]["country"]))
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def answers(pairs: Iterable[Pair]) -> list[Answer]:
    known = names()
    slugs = list(dict.fromkeys(one.company for one in known))
    ids = {slug: company_id for company_id, slug in enumerate(slugs)}
    register = NamesInMemory(KnownName(ids[one.company], *one[1:]) for one in known)
    found, asked = [], list(pairs)
    listed = (pair.listed for pair in asked)
    for pair, match in zip(asked, matches(listed, register), strict=True):
        matched = "" if match.company_id is None else slugs[match.company_id]
        suggested = tuple(slugs[suggestion.company_id] for suggestion in match.suggestions)
        found.append(Answer(pair, matched, suggested))
    return found


def precision(given: Sequence[Answer]) -> float:
    """The share of automatic matches that is right."""
    return _share([one.is_right for one in given if one.matched])


def recall(given: Sequence[Answer]) -> float:
    """The share of names meaning a company that match it or suggest it in view."""
    return _share([one.is_found for one in given if one.pair.company])


def automatic_recall(given: Sequence[Answer]) -> float:
    """The share of names meaning a company that match it automatically."""
    return _share([one.is_right for one in given if one.pair.company])


def _share(marks: Sequence[bool]) -> float:
    return sum(marks) / len(marks) if marks else 1.0


@dataclass(frozen=True)
class Speed:
    """Seconds to prepare for all companies and to match all listed names."""

    companies: int
    listed: int
    preparing: float
    matching: float
    found: float  # the share of listed names matched or suggesting the company meant in view

    @property
    def seconds(self) -> float:
        return self.preparing + self.matching


def speed(companies: int = COMPANIES, listed: int = LISTED) -> Speed:
    chance = random.Random(register.SEED)  # nosec B311  # no secret: the same each time
    known = [KnownName(number, name) for number, name in enumerate(_invented(companies, chance))]
    meant = chance.sample(known, listed)
    misspelt = [_misspelt(one.name, chance) for one in meant]
    began = time.perf_counter()
    names = NamesInMemory(known)
    prepared = time.perf_counter()
    answers = list(matches(misspelt, names))
    ended = time.perf_counter()
    found = [
        one.company_id in {match.company_id, *(s.company_id for s in match.suggestions[:IN_VIEW])}
        for one, match in zip(meant, answers, strict=True)
    ]
    return Speed(companies, listed, prepared - began, ended - prepared, _share(found))


def _invented(number: int, chance: random.Random) -> Iterator[str]:
    """Names of invented words: those of the benchmark's register have too few for so many."""
    consonants, vowels = "bcdfglmnprstvz", ("a", "e", "i", "o", "u", "an", "er")
    syllables = [first + second for first in consonants for second in vowels]
    endings = ["AI", "Group", "Technologies", "Systems", "Labs", "Consulting", "GmbH", "S.p.A.", ""]
    for _ in range(number):
        word = "".join(chance.choices(syllables, k=chance.randint(2, 4))).title()
        second = "".join(chance.choices(syllables, k=2)).title()
        yield f"{word} {second} {chance.choice(endings)}".strip()


def _misspelt(name: str, chance: random.Random) -> str:
    """Misspell three names of four: a letter dropped, added, or two swapped."""
    at = chance.randrange(1, len(name) - 1)
    return chance.choice(
        [
            name,
            name[:at] + name[at + 1 :],
            name[:at] + chance.choice("aeinst") + name[at:],
            name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
        ]
    )


def table(given: Sequence[Answer], took: Speed) -> Iterator[str]:
    yield f"matching of listed names: {len(given)} labelled pairs"
    yield ""
    yield f"  {'':<14}{'pairs':>7}{'wrong':>7}{'automatic':>11}{'in top three':>14}"
    for relation in sorted({one.pair.relation for one in given}):
        yield _row(relation, [one for one in given if one.pair.relation == relation])
    yield _row("all", given)
    missed = [one.pair.listed for one in given if one.pair.company and not one.is_found]
    yield ""
    yield f"  precision of automatic matches {precision(given):.3f}"
    yield f"  not in the top three: {', '.join(missed) or 'none'}"
    yield (
        f"  {took.listed:,} names against {took.companies:,} invented companies: "
        f"{took.seconds:.1f} s, {took.preparing:.1f} s of it to prepare; "
        f"{took.found:.1%} in the top three"
    )


def _row(label: str, given: Sequence[Answer]) -> str:
    wrong = sum(one.is_wrong for one in given)
    shares = f"{'-':>11}{'-':>14}"
    if any(one.pair.company for one in given):
        shares = f"{automatic_recall(given):>11.1%}{recall(given):>14.1%}"
    return f"  {label:<14}{len(given):>7}{wrong:>7}{shares}"


def broken(given: Sequence[Answer], took: Speed) -> Iterator[str]:
    """A sentence for every threshold that is missed."""
    for one in given:
        if one.is_wrong:
            yield f"matching: “{one.pair.listed}” was matched to {one.matched}, which is wrong."
    if recall(given) < LEAST_RECALL:
        yield f"matching: recall is {recall(given):.3f}; the floor is {LEAST_RECALL}."
    if took.seconds > MOST_SECONDS:
        yield f"matching: {took.seconds:.1f} s; the most allowed is {MOST_SECONDS:.0f} s."


def measured() -> dict[str, Any]:
    given, took = answers(pairs()), speed()
    return {
        "lines": list(table(given, took)),
        "broken": list(broken(given, took)),
        "figures": {
            "pairs": len(given),
            "precision": precision(given),
            "recall": recall(given),
            "automatic_recall": automatic_recall(given),
            "seconds": took.seconds,
        },
    }
