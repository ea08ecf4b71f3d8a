"""Charts as numbers for SVG templates: drawn on the server, readable without colour or scripts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 440, 130
TOP, BOTTOM = 14, 22


@dataclass(frozen=True)
class StepChart:
    """A number that changes on days: the points of its line, in the units of its view box."""

    line: str
    area: str
    first: datetime.date
    last: datetime.date
    total: int
    end_y: float
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def step_chart(
    points: Sequence[tuple[datetime.date, int]], today: datetime.date
) -> StepChart | None:
    """The steps from the first change until today; None when nothing has changed yet."""
    if not points:
        return None
    first = points[0][0]
    days = max((today - first).days, 1)
    highest = max(number for _day, number in points) or 1
    base = HEIGHT - BOTTOM

    def x(day: datetime.date) -> float:
        return round((WIDTH - 44) * (day - first).days / days, 1)

    def y(number: int) -> float:
        return round(base - (base - TOP) * number / highest, 1)

    path = f"M0 {base}" + "".join(f" H{x(day)} V{y(number)}" for day, number in points)
    path += f" H{x(today)}"
    total = points[-1][1]
    return StepChart(path, f"{path} V{base} Z", first, today, total, y(total))
