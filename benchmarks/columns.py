"""The URLs to request: for each column those of each side, for the same companies."""

import itertools
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks import register

COLUMNS = (
    *("list", "filter", "search", "record", "deep", "statistics", "browse", "record page", "home"),
)
OURS, TUNED, NAIVE, DATASETTE = "ours", "tuned SQL", "naive", "Datasette"
PAGE_SIZE = 50
POOL = 200  # different addresses at most, for each column
KEPT = 10  # of them, with cached responses

Addresses = dict[str, list[str]]  # by column


class Place(NamedTuple):
    """A company at some position in the register."""

    slug: str
    name: str


def addresses(database: sqlite3.Connection, size: int) -> dict[str, Addresses]:
    """The URLs for each side; those of one column are about the same companies."""
    places = list(_places(database, size))
    words = list(_words(places))
    choices = list(_choices())
    last = size // PAGE_SIZE
    deep = [last - n for n in range(min(POOL, last // 2))] or [1]
    return {
        OURS: _ours(places, words, choices, deep),
        TUNED: _tuned(places, words, choices),
        NAIVE: _naive(places, words, choices, deep),
        DATASETTE: _datasette(places, words, choices),
    }


def _ours(
    places: list[Place], words: list[str], choices: list[dict[str, str]], deep: list[int]
) -> Addresses:
    api = "/api/v1/companies/"
    return {
        "list": [api],
        "filter": [f"{api}?{urlencode(one)}" for one in choices],
        "search": [f"{api}?{urlencode({'q': word})}" for word in words],
        "record": [f"{api}{one.slug}/" for one in places],
        "deep": [f"{api}?page={page}" for page in deep],
        "statistics": [f"/api/v1/statistics/?pact={pact}" for pact in register.COMMITMENTS],
        "browse": [f"/companies/?{urlencode(one)}" for one in choices],
        "record page": [f"/companies/{one.slug}/" for one in places],
        "home": ["/"],
    }


def _tuned(places: list[Place], words: list[str], choices: list[dict[str, str]]) -> Addresses:
    far = places[len(places) // 2 :]
    return {
        "list": ["/list"],
        "filter": [f"/filter?{urlencode(one)}" for one in choices],
        "search": [f"/search?{urlencode({'q': word})}" for word in words],
        "record": [f"/record?{urlencode({'slug': one.slug})}" for one in places],
        "deep": [f"/deep?{urlencode({'name': p.name, 'after': p.slug})}" for p in far],
        "statistics": ["/statistics"],
        "browse": [f"/browse?{urlencode(one)}" for one in choices],
    }


def _naive(
    places: list[Place], words: list[str], choices: list[dict[str, str]], deep: list[int]
) -> Addresses:
    return {
        "list": ["/naive/"],
        "filter": [
            "/naive/?"
            + urlencode(
                {
                    "country": one["country"],
                    "signings__status": one["status"],
                    "ordering": one["sort"].replace("since", "signings__since"),
                }
            )
            for one in choices
        ],
        "search": [f"/naive/?{urlencode({'search': word})}" for word in words],
        "record": [f"/naive/{one.slug}/" for one in places],
        "deep": [f"/naive/?page={page}" for page in deep],
        "statistics": ["/naive/statistics/"],
    }


def _datasette(places: list[Place], words: list[str], choices: list[dict[str, str]]) -> Addresses:
    table, size = "/register/companies", {"_size": PAGE_SIZE}
    chosen = [
        {"country": one["country"], "status": one["status"], **_sorted(one["sort"]), **size}
        for one in choices
    ]
    facets = [("_facet", name) for name in ("country", "status", "sector", "size", "role")]
    counts = "select country, status, sector, count(*) from companies group by 1, 2, 3 limit 1000"
    far = places[len(places) // 2 :]
    return {
        "list": [f"{table}.json?{urlencode(size)}"],
        "filter": [f"{table}.json?{urlencode(one)}" for one in chosen],
        "search": [f"{table}.json?{urlencode({'_search': word, **size})}" for word in words],
        "record": [f"{table}/{one.slug}.json" for one in places],
        "deep": [f"{table}.json?{urlencode({'_next': one.slug, **size})}" for one in far],
        "statistics": [f"/register.json?{urlencode({'sql': counts})}"],
        "browse": [f"{table}?{urlencode([*one.items(), *facets])}" for one in chosen],
        "record page": [f"{table}/{one.slug}" for one in places],
        "home": ["/"],
    }


def _sorted(sort: str) -> dict[str, str]:
    return {"_sort_desc" if sort.startswith("-") else "_sort": sort.removeprefix("-")}


def _places(database: sqlite3.Connection, size: int) -> Iterator[Place]:
    """POOL companies, evenly spaced over the whole register."""
    step = max(1, size // POOL)
    sql = (
        "SELECT slug, name_folded FROM companies_company WHERE id % ? = 0 "
        "ORDER BY name_folded LIMIT ?"
    )
    yield from (Place(*row) for row in database.execute(sql, [step, POOL]))


def _words(places: list[Place]) -> Iterator[str]:
    """Prefixes of words of names, as half-typed searches."""
    words = dict.fromkeys(w for one in places for w in one.name.split() if not w.isdigit())
    for number, word in enumerate(words):
        yield word[: max(3, len(word) - number % 3)]


def _choices() -> Iterator[dict[str, str]]:
    countries = [code for code in register.COUNTRIES if code][:10]
    for country, status, sort in itertools.product(
        countries, ("signed", "not_signed"), ("-since", "since", "-name", "country")
    ):
        yield {"country": country, "status": status, "sort": sort}
