"""Charts as numbers for SVG templates: drawn on the server, readable without colour or scripts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

# The picture is stretched to its place; its words stand beside it, where their size is a reader's.
WIDTH, HEIGHT = 440, 110


@dataclass(frozen=True)
class StepChart:
    """A number that changes on days: its line and area as SVG paths, and what to say of them.

    `jump_on` and `jump_to` are the day of the largest rise and the number it led to; None when the
    number changed only once. `total_at` is how far down the last number stands, in percent.
    """

    line: str
    area: str
    first: datetime.date
    last: datetime.date
    total: int
    total_at: int
    jump_on: datetime.date | None
    jump_to: int | None
    width: int = WIDTH
    height: int = HEIGHT


def step_chart(
    points: Sequence[tuple[datetime.date, int]], today: datetime.date, *, of: int = 0
) -> StepChart | None:
    """The steps from the first change until today, on a scale that reaches `of`.

    None when nothing has changed yet.
    """
    if not points:
        return None
    first = points[0][0]
    days = max((today - first).days, 1)
    highest = max(of, *(number for _day, number in points)) or 1
    total = points[-1][1]

    def x(day: datetime.date) -> float:
        return round(WIDTH * (day - first).days / days, 1)

    def y(number: int) -> float:
        return round(HEIGHT - (HEIGHT - 2) * number / highest, 1)

    path = f"M0 {HEIGHT}" + "".join(f" H{x(day)} V{y(number)}" for day, number in points)
    path += f" H{WIDTH}"
    total_at = round(100 * y(total) / HEIGHT)
    jump_on, jump_to = largest_rise(points) if len(points) > 1 else (None, None)
    return StepChart(path, f"{path} V{HEIGHT} Z", first, today, total, total_at, jump_on, jump_to)


def largest_rise(points: Sequence[tuple[datetime.date, int]]) -> tuple[datetime.date, int]:
    before = [0, *(number for _day, number in points)]
    rises = [number - before[i] for i, (_day, number) in enumerate(points)]
    return points[rises.index(max(rises))]
