"""Draws the maps of the statistics: `.venv/bin/python -m tools.maps countries-50m.json`.

The input is `package/countries-50m.json` of the npm package world-atlas 2, which `npm pack
world-atlas@2` downloads: Natural Earth 1:50m, public domain. The output, in
`companies/pages/statistics/maps/`, holds for each map its size and for each country its outline
(`d`), the point for its mark (`at`) and how far that point is from the border (`room`). What is
drawn of disputed places, and why, is in docs/maps.md.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

OUT = Path(__file__).parent.parent / "companies/pages/statistics/maps"
SIMFEROPOL, RABAT = (34.1, 44.95), (-6.8, 33.9)
SAHARA_ENDS = 27.66  # degrees north: 27° 40'
CODES = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO", "Siachen Glacier": ""}
LEFT_OUT = {"AQ", "TF", "HM", "GS"}  # Antarctica and its islands: no headquarters, much ice

Point = tuple[float, float]
Ring = list[Point]
Projection = Callable[[Point], Point]


def main(path: str) -> None:
    atlas = Atlas(json.loads(Path(path).read_text()))
    for drawn in MAPS:
        (OUT / f"{drawn.name}.json").write_text(drawn.draw(atlas))


class Atlas:
    """The countries by ISO code, each as rings of arcs, which neighbours share.

    A ring is a list of arc indexes; the index ~n means arc n in reverse.
    """

    def __init__(self, topology: Any) -> None:
        self.arcs = [degrees(arc, **topology["transform"]) for arc in topology["arcs"]]
        self.countries: dict[str, list[list[int]]] = {}
        for shape in topology["objects"]["countries"]["geometries"]:
            polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
            rings = self.countries.setdefault(code_of(shape), [])
            rings += [ring for polygon in polygons for ring in polygon]
        self._give_crimea_to_ukraine()
        self._draw_western_sahara_whole()
        self.countries = {code: self._joined(rings) for code, rings in self.countries.items()}

    def _give_crimea_to_ukraine(self) -> None:
        """Move Crimea, which world-atlas draws inside Russia."""
        (crimea,) = (r for r in self.countries["RU"] if holds(laid(r, self.arcs), SIMFEROPOL))
        self.countries["RU"].remove(crimea)
        self.countries["UA"].append(crimea)

    def _draw_western_sahara_whole(self) -> None:
        """Draw the whole territory: world-atlas ends it at the wall, the UN at 27° 40' N."""
        (morocco,) = (r for r in self.countries["MA"] if holds(laid(r, self.arcs), RABAT))
        sahara = {~arc for ring in self.countries["EH"] for arc in ring}
        i = next(i for i, arc in enumerate(morocco) if arc in sahara)
        wall, coast = morocco[i], morocco[i + 1]
        line = self.arcs[coast]
        cut = next(i for i, (_east, north) in enumerate(line) if north >= SAHARA_ENDS)
        south, north, border = range(len(self.arcs), len(self.arcs) + 3)
        self.arcs += [line[: cut + 1], line[cut:], [self._start(wall), line[cut]]]
        self.countries["MA"].remove(morocco)
        self.countries["MA"].append([*morocco[:i], border, north, *morocco[i + 2 :]])
        self.countries["EH"].append([wall, south, ~border])

    def _joined(self, rings: list[list[int]]) -> list[list[int]]:
        """The rings without inner borders, that is arcs that occur once in each direction."""
        arcs = {arc for ring in rings for arc in ring}
        inner = {arc for arc in arcs if ~arc in arcs}
        whole = [ring for ring in rings if not inner & set(ring)]
        loose = [arc for ring in rings if inner & set(ring) for arc in ring if arc not in inner]
        while loose:
            ring = [loose.pop(0)]
            while self._start(ring[0]) != self._end(ring[-1]):
                following = next(a for a in loose if self._start(a) == self._end(ring[-1]))
                loose.remove(following)
                ring.append(following)
            whole.append(ring)
        return whole

    def _start(self, arc: int) -> Point:
        return self.arcs[arc][0] if arc >= 0 else self.arcs[~arc][-1]

    def _end(self, arc: int) -> Point:
        return self._start(~arc)


def code_of(shape: Any) -> str:
    """The ISO 3166-1 alpha-2 code, XK for Kosovo, "" for what UN maps assign to nobody."""
    name = shape["properties"]["name"]
    if name in CODES:
        return CODES[name]
    alias = get_global("territory_aliases").get(shape.get("id", ""))
    return str(alias[0]) if alias else ""


def degrees(arc: list[list[int]], *, scale: list[float], translate: list[float]) -> Ring:
    """Decode a TopoJSON arc, which stores steps on a grid, into degrees."""
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
    return points


def laid(ring: list[int], arcs: list[Ring]) -> Ring:
    """The points of a ring, closed: the last equals the first."""
    points: Ring = []
    for arc in ring:
        line = arcs[arc] if arc >= 0 else arcs[~arc][::-1]
        points += line[1:] if points else line
    return points


# Geometry


def holds(ring: Ring, point: Point) -> bool:
    """Whether a point is inside a ring, by counting the edges to its right."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


def area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def distance(point: Point, a: Point, b: Point) -> float:
    """The distance from a point to a line segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length if length else 0
    along = min(max(along, 0), 1)
    return math.dist(point, (a[0] + along * dx, a[1] + along * dy))


def simplified(line: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's: no point left out lies further than `tolerance` from the line."""
    if len(line) < 3:
        return line
    far = max(range(len(line)), key=lambda i: distance(line[i], line[0], line[-1]))
    if distance(line[far], line[0], line[-1]) <= tolerance:
        return [line[0], line[-1]]
    return simplified(line[: far + 1], tolerance)[:-1] + simplified(line[far:], tolerance)


def clipped(ring: Ring, width: float, height: float, margin: float = 8) -> Ring:
    """Sutherland and Hodgman's: what of a ring is inside the picture, or just outside of it."""
    edges = ((0, -margin, 1), (0, width + margin, -1), (1, -margin, 1), (1, height + margin, -1))
    for axis, limit, sign in edges:
        kept: Ring = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            a_in, b_in = sign * (a[axis] - limit) >= 0, sign * (b[axis] - limit) >= 0
            if a_in:
                kept.append(a)
            if a_in != b_in:
                share = (limit - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
        ring = kept
        if not ring:
            break
    return ring


def middle(ring: Ring, steps: int = 24) -> tuple[Point, float]:
    """The point inside a ring that is furthest from its border, with that distance, on a grid."""
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    best, room = (sum(xs) / len(xs), sum(ys) / len(ys)), 0.0
    for i in range(1, steps):
        for j in range(1, steps):
            point = (
                min(xs) + (max(xs) - min(xs)) * i / steps,
                min(ys) + (max(ys) - min(ys)) * j / steps,
            )
            if holds(ring, point):
                to_border = min(distance(point, *e) for e in pairwise([*ring, ring[0]]))
                if to_border > room:
                    best, room = point, to_border
    return best, room


# Projections: degrees to a plane, y upwards


def equal_area(point: Point) -> Point:
    """Lambert azimuthal equal-area about 52° N 10° E, as EPSG:3035, on a sphere."""
    east, north, centre = math.radians(point[0] - 10), math.radians(point[1]), math.radians(52)
    up, along = math.sin(north), math.cos(north) * math.cos(east)
    k = math.sqrt(2 / max(1 + math.sin(centre) * up + math.cos(centre) * along, 1e-9))
    across = k * math.cos(north) * math.sin(east)
    return across, k * (math.cos(centre) * up - math.sin(centre) * along)


def natural_earth(point: Point) -> Point:
    """https://www.shadedrelief.com/NE_proj/, about 11.5° E so that the edge cuts no country."""
    east, f = math.radians((point[0] - 11.5 + 180) % 360 - 180), math.radians(point[1])
    x = 0.8707 - 0.131979 * f**2 - 0.013791 * f**4 + 0.003971 * f**10 - 0.001529 * f**12
    y = 1.007226 + 0.015085 * f**2 - 0.044475 * f**6 + 0.028874 * f**8 - 0.005916 * f**10
    return east * x, f * y


@dataclass(frozen=True)
class Map:
    """One map: which part of the world, how large, and in how much detail."""

    name: str
    project: Projection
    width: int
    corners: tuple[Point, Point, Point, Point]  # west, south, east, north: a point on each side
    tolerance: float
    smallest: float  # islands with a smaller area are left out, but for a country's largest

    def draw(self, atlas: Atlas) -> str:
        west, south, east, north = (self.project(point) for point in self.corners)
        scale = self.width / (east[0] - west[0])
        height = round((north[1] - south[1]) * scale)

        def place(point: Point) -> Point:
            x, y = self.project(point)
            return (x - west[0]) * scale, (north[1] - y) * scale

        arcs = [self._simple([place(point) for point in arc]) for arc in atlas.arcs]
        countries = {
            code: shape
            for code, rings in sorted(atlas.countries.items())
            if code not in LEFT_OUT
            and (shape := self._shape([laid(ring, arcs) for ring in rings], height))
        }
        drawn = {"width": self.width, "height": height, "countries": countries}
        return json.dumps(drawn, indent=0, sort_keys=True) + "\n"

    def _simple(self, line: Ring) -> Ring:
        if line[0] != line[-1]:
            return simplified(line, self.tolerance)
        # An island: its first and last point are one, so that it is cut in two first.
        far = max(range(len(line)), key=lambda i: math.dist(line[i], line[0]))
        halves = (simplified(half, self.tolerance) for half in (line[: far + 1], line[far:]))
        first, second = halves
        return first[:-1] + second

    def _shape(self, rings: list[Ring], height: int) -> dict[str, Any] | None:
        # An islet that the map's edge cuts would be drawn right across it.
        whole = [ring for ring in rings if not self._crosses_the_edge(ring)]
        seen = [part for ring in whole if len(part := clipped(ring, self.width, height)) > 2]
        seen.sort(key=area, reverse=True)
        if not seen:
            return None
        at, room = middle(seen[0])
        if not (0 < at[0] < self.width and 0 < at[1] < height):
            at = (-1, -1)
        large = [ring for i, ring in enumerate(seen) if area(ring) >= self.smallest or i == 0]
        d = "".join(path(ring) for ring in large)
        return {"d": d, "at": [round(at[0]), round(at[1])], "room": round(room, 1)}

    def _crosses_the_edge(self, ring: Ring) -> bool:
        return any(abs(a[0] - b[0]) > self.width / 2 for a, b in pairwise(ring))


def path(ring: Ring) -> str:
    """A ring as SVG path data in whole numbers: a point, then steps; "" when nothing is left."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = list(_steps(points))
    if len(steps) < 2:
        return ""
    text = " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-")
    return f"M{points[0][0]} {points[0][1]}l{text}z".replace(" -", "-")


def _steps(points: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = points[0]
    for point in points[1:]:
        if point not in (last, points[0]):
            yield point[0] - last[0], point[1] - last[1]
            last = point


MAPS = (
    Map(
        name="europe",
        project=equal_area,
        width=560,
        corners=((-10.2, 38.7), (14.4, 34.3), (42.0, 50.0), (25.7, 71.5)),
        tolerance=0.8,
        smallest=5,
    ),
    Map(
        name="world",
        project=natural_earth,
        width=720,
        corners=((-168.499, 0), (0, -56), (-168.501, 0), (0, 83.5)),
        tolerance=0.7,
        smallest=4,
    ),
)

if __name__ == "__main__":
    main(sys.argv[1])
