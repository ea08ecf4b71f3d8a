"""Charts as coordinates for SVG templates, drawn on the server.

Their words are inside, so that a picture can be downloaded whole.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

# The other fillings are patterns, which templates/companies/statistics/pictures/_fills.svg draws.
PAINTS = {"full": "#0f6b43", "no_evidence": "#ffffff", "unknown": "#ffffff"}
LETTER = 9.0  # the average width of a letter of 15 units, generously
NARROW = 7.4  # the same where a label that overlaps would only be left out
MARKS = 60  # changes that get a mark of their own: the largest
LABELS = 3  # of them that get words, and lines to which these may move down


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there; a `minor` one may be left out on a phone."""

    at: float
    label: str
    minor: bool = False


@dataclass(frozen=True)
class Jump:
    """A day on which the number changed. `label` is "" where there is no room for words."""

    x: float
    y: float
    says: str
    address: str
    label: str = ""
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"
    is_largest: bool = False


@dataclass(frozen=True)
class Steps:
    """A number over time with its axes."""

    line: str
    area: str
    xs: list[Tick]
    ys: list[Tick]
    jumps: list[Jump]
    left: int = 54
    top: int = 22
    right: int = 616
    bottom: int = 262
    width: int = 640
    height: int = 300


@dataclass(frozen=True)
class ChartStep:
    """A step: the day, the number after it, what to say of it and where its rows are."""

    day: datetime.date
    number: int
    label: str
    says: str
    address: str


def steps(
    changes: Sequence[ChartStep],
    until: datetime.date,
    *,
    months: Sequence[tuple[datetime.date, str]],
) -> Steps | None:
    """The steps from the first change until a day; None when nothing has changed yet.

    `months` are the days that the axis of time may name, with their words.
    """
    if not changes:
        return None
    first = changes[0].day
    days = max((until - first).days, 1)
    scale = nice_scale(max(change.number for change in changes))
    box = Steps("", "", [], [], [])

    def x(day: datetime.date) -> float:
        return round(box.left + (box.right - box.left) * (day - first).days / days, 1)

    def y(number: int) -> float:
        return round(box.bottom - (box.bottom - box.top) * number / scale[-1], 1)

    path = f"M{x(first)} {box.bottom}"
    path += "".join(f"H{x(change.day)}V{y(change.number)}" for change in changes)
    path += f"H{box.right}"
    return Steps(
        path,
        f"{path}V{box.bottom}z",
        [Tick(x(day), words, minor=i % 2 == 1) for i, (day, words) in enumerate(months)],
        [Tick(y(number), str(number)) for number in scale],
        labelled([(x(c.day), y(c.number), c) for c in changes], box.right, box.bottom),
    )


def nice_scale(highest: int) -> list[int]:
    """Round numbers from 0 to `highest` or just above it."""
    step = 1
    while step * 4 < highest:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, max(highest, 1) + step, step))


def labelled(
    places: Sequence[tuple[float, float, ChartStep]], right: float, bottom: float
) -> list[Jump]:
    """The changes, the largest with their words under the line where those fit."""
    before = [0, *(change.number for _x, _y, change in places)]
    rises = [abs(change.number - before[i]) for i, (_x, _y, change) in enumerate(places)]
    largest = sorted(range(len(places)), key=lambda i: -rises[i])[:MARKS]
    taken: list[tuple[float, float, float]] = []
    jumps = [Jump(x, y, change.says, change.address) for x, y, change in places]
    for i in largest[:LABELS]:
        x, y, change = places[i]
        width = NARROW * len(change.label)
        on_the_left = x + 8 + width > right
        start = x - 8 - width if on_the_left else x + 8
        for base in (y + 22 + 24 * down for down in range(LABELS)):
            if base < bottom - 6 and _is_free(start, width, base, taken):
                taken.append((start, start + width, base))
                at, anchor = (x - 8, "end") if on_the_left else (x + 8, "start")
                jumps[i] = replace(
                    jumps[i],
                    label=change.label,
                    label_x=at,
                    label_y=base,
                    anchor=anchor,
                    is_largest=i == largest[0],
                )
                break
    return [jumps[i] for i in sorted(largest)]


def _is_free(
    start: float, width: float, base: float, taken: Sequence[tuple[float, float, float]]
) -> bool:
    return all(
        start > end or start + width < begin or abs(base - line) >= 24 for begin, end, line in taken
    )


@dataclass(frozen=True)
class BarPart:
    """A piece of a bar: how it is filled, and what it says of how many."""

    x: float
    width: float
    fill: str
    number: str
    says: str
    address: str

    @property
    def paint(self) -> str:
        return PAINTS.get(self.fill, f"url(#fill-{self.fill})")

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def holds_its_number(self) -> bool:
        return self.width > LETTER * len(self.number) + 10


@dataclass(frozen=True)
class Bar:
    """A label, line by line, and what is drawn for it; `figure` stands at the end."""

    lines: list[Tick]
    y: float
    figure_x: float
    figure: str
    parts: list[BarPart]
    says: str
    address: str
    top: float
    depth: float

    @property
    def middle(self) -> float:
        return self.y + THICK / 2


@dataclass(frozen=True)
class Key:
    """One filling of the bars and what it means."""

    x: float
    y: float
    fill: str
    label: str

    @property
    def paint(self) -> str:
        return PAINTS.get(self.fill, f"url(#fill-{self.fill})")


@dataclass(frozen=True)
class Bars:
    """Bars from one line at the left, each as long as its number."""

    bars: list[Bar]
    keys: list[Key]
    left: float
    width: int
    height: float


@dataclass(frozen=True)
class Datum:
    """One bar before it is drawn: (number, filling, words for it, address) for each part."""

    label: str
    figure: str
    parts: list[tuple[float, str, str, str, str]]
    says: str
    address: str


WIDE, THICK, GAP, LINE = 440, 16, 10, 20


def bars(
    data: Sequence[Datum],
    *,
    whole: float,
    keys: Sequence[tuple[str, str]] = (),
    beside: bool = False,
    wide: int = WIDE,
) -> Bars | None:
    """Bars of which one of `whole` would fill the picture; labels stand above or `beside` them.

    None where there is nothing to draw.
    """
    if not data or not whole:
        return None
    left = min(max(LETTER * len(datum.label) for datum in data) + 10, 190) if beside else 0
    room = wide - left - LETTER * max(len(datum.figure) for datum in data) - 10
    drawn, y = [], 4.0
    legend = _keys(keys, wide)
    if legend:
        y = legend[-1].y + 30
    for datum in data:
        top = y
        texts = wrap(datum.label, max(int((left if beside else wide) / LETTER), 12))
        lines = [Tick(y + 14 + LINE * i, text) for i, text in enumerate(texts)]
        if beside:
            bar_y, y = y, y + max(LINE * len(texts), THICK) + GAP
        else:
            bar_y = y + (LINE * len(texts) + 2 if texts else -4)
            y = bar_y + THICK + GAP + 2
        parts, x = [], left + 1
        for number, fill, figure, says, address in datum.parts:
            width = round(room * number / (whole or 1), 1)
            parts.append(
                BarPart(round(x, 1), max(width, 1.5 if number else 0), fill, figure, says, address)
            )
            x += width
        drawn.append(
            Bar(
                lines,
                bar_y,
                round(x + 7 if parts else left, 1),
                datum.figure,
                parts,
                datum.says,
                datum.address,
                top - GAP / 2,
                y - top,
            )
        )
    return Bars(drawn, legend, left, wide, round(y, 1))


def _keys(keys: Sequence[tuple[str, str]], wide: int) -> list[Key]:
    """The fillings in rows, as many in each as fit."""
    found: list[Key] = []
    x, y = 1.0, 1.0
    for fill, label in keys:
        width = 30 + LETTER * len(label) + 14
        if x > 1 and x + width > wide:
            x, y = 1, y + 26
        found.append(Key(x, y, fill, label))
        x += width
    return found
