"""Maps of Europe and of the world with a number for each country; docs/maps.md says what they show.

The outlines beside this module are drawn by tools/maps.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Room around its middle below which a country is too small to see or hit, and gets a circle.
TINY = {"europe": 5.0, "world": 2.4}
# Room that a number needs around it.
ROOM = {"europe": 5.0, "world": 6.5}
LEGEND = 44
# On paper and in downloaded pictures; on a page static/site.css sets them.
PAINTS = ("#e6e2d8", "#cde3d7", "#9dccb3", "#5fa883", "#0f6b43")


@dataclass(frozen=True)
class Mark:
    """One country: its outline, with a circle where that is tiny, and its number."""

    code: str
    d: str
    x: int
    y: int
    is_tiny: bool
    has_number: bool
    shade: int
    number: str
    says: str
    url: str

    @property
    def paint(self) -> str:
        return PAINTS[self.shade]


@dataclass(frozen=True)
class Shade:
    """A colour class of the map and its range of numbers."""

    x: int
    shade: int
    label: str

    @property
    def paint(self) -> str:
        return PAINTS[self.shade]


@dataclass(frozen=True)
class MapChart:
    """A map; `base` is one outline of all countries without a number."""

    base: str
    marks: list[Mark]
    shades: list[Shade]
    radius: float
    width: int
    map_height: int

    @property
    def height(self) -> int:
        return self.map_height + LEGEND


@cache
def outlines(name: str) -> dict[str, Any]:
    """The width, height and countries of one map."""
    drawn: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return drawn


def map_chart(name: str, values: Mapping[str, tuple[int, str, str, str]]) -> MapChart | None:
    """A map of `values`, a (number, figure, words, URL) by country code; None if it shows none."""
    drawn = outlines(name)
    countries = drawn["countries"]
    shown = {code: value for code, value in values.items() if _is_on(countries.get(code))}
    if not shown:
        return None
    limits = classes(max(number for number, *_words in shown.values()))
    marks = [_mark(name, code, countries[code], value, limits) for code, value in shown.items()]
    base = "".join(shape["d"] for code, shape in countries.items() if code not in shown)
    # Large ones first, so that no circle lies under its neighbour.
    marks.sort(key=lambda mark: mark.is_tiny)
    return MapChart(
        base,
        marks,
        _shades(limits),
        7 if name == "europe" else 4.5,
        drawn["width"],
        drawn["height"],
    )


def _is_on(shape: Any) -> bool:
    return bool(shape) and shape["at"][0] >= 0


def _mark(
    name: str, code: str, shape: Any, value: tuple[int, str, str, str], limits: list[int]
) -> Mark:
    number, figure, says, url = value
    return Mark(
        code,
        shape["d"],
        x=shape["at"][0],
        y=shape["at"][1],
        is_tiny=shape["room"] < TINY[name],
        has_number=shape["room"] >= ROOM[name],
        shade=sum(number >= limit for limit in limits),
        number=figure,
        says=says,
        url=url,
    )


def classes(highest: int) -> list[int]:
    """The lowest number of each shade: at most four, each two or three times the one before."""
    starts = (
        {1, 2, 5, 10} if highest < 25 else {1, max(2, highest // 12), highest // 5, highest // 2}
    )
    return sorted(start for start in starts if start <= highest)


def _shades(limits: list[int]) -> list[Shade]:
    following = [*(limit - 1 for limit in limits[1:]), None]
    texts = [
        f"{a}–{b}" if b and b > a else f"{a}" if b else f"{a}+"
        for a, b in zip(limits, following, strict=True)
    ]
    return [Shade(i * 110, i + 1, text) for i, text in enumerate(texts)]
