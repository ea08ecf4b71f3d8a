"""Charts as coordinates for SVG templates, drawn on the server.

Their text is inside the SVG, so that a chart can be downloaded.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

# The other fills are patterns, drawn by templates/companies/statistics/pictures/_fills.svg.
PAINTS = {"full": "#0f6b43", "no_evidence": "#ffffff", "unknown": "#ffffff"}
LETTER = 9.0  # width of an average letter at font size 15, with room to spare
WIDEST = 14.6  # the same at font size 23, as phones draw the steps
LOWER = 30  # from line to line at that size
MARKS = 60  # the largest steps that get a mark
LABELS = 3  # the largest steps that get a label, and the lines for labels


@dataclass(frozen=True)
class Tick:
    """A position on an axis and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Jump:
    """The mark of a step; `label` is "" if it does not fit."""

    x: float
    y: float
    says: str
    url: str
    label: str = ""
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"

    @property
    def is_far(self) -> bool:
        """Whether a hairline must connect mark and label."""
        return bool(self.label) and self.label_y - self.y > LOWER

    @property
    def takes(self) -> tuple[float, float, float]:
        """The horizontal extent of its label, and its line."""
        width = WIDEST * len(self.label)
        start = self.label_x - (width if self.anchor == "end" else 0)
        return start, start + width, self.label_y


@dataclass(frozen=True)
class Quiet:
    """The time at the end of the chart since the last list was read, with a centred label."""

    x: float
    lines: list[Tick]


@dataclass(frozen=True)
class Steps:
    """A number over time as a stepped line, with its axes."""

    line: str
    area: str
    xs: list[Tick]
    ys: list[Tick]
    jumps: list[Jump]
    quiet: Quiet | None = None
    left: int = 54
    top: int = 22
    right: int = 616
    bottom: int = 262
    width: int = 640
    height: int = 300


@dataclass(frozen=True)
class ChartStep:
    """A day on which the number changed: the new number, its words, and the URL of its rows."""

    day: datetime.date
    number: int
    label: str
    says: str
    url: str


def steps(
    points: Sequence[ChartStep],
    until: datetime.date,
    *,
    months: Sequence[tuple[datetime.date, str]],
    quiet: tuple[datetime.date, str] | None = None,
) -> Steps | None:
    """Build the chart from the first step until a day; None without steps.

    `months` are the labels of the time axis by date, and `quiet` the date since which no list
    was read, with its label.
    """
    if not points:
        return None
    first = points[0].day
    days = max((until - first).days, 1)
    scale = nice_scale(max(point.number for point in points))
    box = Steps("", "", [], [], [])

    def x(day: datetime.date) -> float:
        return round(box.left + (box.right - box.left) * (day - first).days / days, 1)

    def y(number: int) -> float:
        return round(box.bottom - (box.bottom - box.top) * number / scale[-1], 1)

    jumps = labelled([(x(p.day), y(p.number), p) for p in points], box.right, box.bottom)
    path = f"M{x(first)} {box.bottom}"
    path += "".join(f"H{x(point.day)}V{y(point.number)}" for point in points)
    path += f"H{box.right}"
    return Steps(
        path,
        f"{path}V{box.bottom}z",
        [Tick(x(day), words) for day, words in months],
        [Tick(y(number), str(number)) for number in scale],
        jumps,
        quiet_part(x(max(quiet[0], first)), quiet[1], box, jumps) if quiet else None,
    )


def quiet_part(x: float, words: str, box: Steps, jumps: Sequence[Jump]) -> Quiet:
    """Place the label of the quiet time as low as it overlaps no step label."""
    lines = wrap(words, max(int((box.right - x) / WIDEST), 14))
    width = WIDEST * max(map(len, lines))
    middle = min((x + box.right) / 2, box.right - width / 2)
    taken = [jump.takes for jump in jumps if jump.label]
    heights = range(box.bottom - 24, box.top + LOWER * (len(lines) + 1), -LOWER)
    for y in heights:
        bases = [y - 12 - LOWER * i for i in reversed(range(len(lines)))]
        if all(_is_free(middle - width / 2, width, base, taken) for base in bases):
            break
    return Quiet(round(middle, 1), [Tick(*both) for both in zip(bases, lines, strict=True)])


def nice_scale(highest: int) -> list[int]:
    """Round numbers from 0 to `highest` or just above it."""
    step = 1
    while step * 4 < highest:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, max(highest, 1) + step, step))


def labelled(
    places: Sequence[tuple[float, float, ChartStep]], right: float, bottom: float
) -> list[Jump]:
    """Mark the largest steps, with a label under the line if it fits."""
    before = [0, *(step.number for _x, _y, step in places)]
    rises = [abs(step.number - before[i]) for i, (_x, _y, step) in enumerate(places)]
    largest = sorted(range(len(places)), key=lambda i: -rises[i])[:MARKS]
    taken: list[tuple[float, float, float]] = []
    jumps = [Jump(x, y, step.says, step.url) for x, y, step in places]
    for i in largest[:LABELS]:
        x, y, step = places[i]
        width = WIDEST * len(step.label)
        on_the_left = x + 8 + width > right
        start = x - 8 - width if on_the_left else x + 8
        for base in (y + 22 + LOWER * down for down in range(LABELS)):
            if base < bottom - 6 and _is_free(start, width, base, taken):
                taken.append((start, start + width, base))
                at, anchor = (x - 8, "end") if on_the_left else (x + 8, "start")
                jumps[i] = replace(
                    jumps[i],
                    label=step.label,
                    label_x=at,
                    label_y=base,
                    anchor=anchor,
                )
                break
    return [jumps[i] for i in sorted(largest)]


def _is_free(
    start: float, width: float, base: float, taken: Sequence[tuple[float, float, float]]
) -> bool:
    return all(
        start > end or start + width < begin or abs(base - line) >= LOWER
        for begin, end, line in taken
    )


@dataclass(frozen=True)
class BarPart:
    """A segment of a bar: its fill, number, and texts."""

    x: float
    width: float
    fill: str
    number: str
    says: str
    url: str

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
    """A bar with the lines of its label; `figure` is the number at its end."""

    lines: list[Tick]
    y: float
    figure_x: float
    figure: str
    parts: list[BarPart]
    says: str
    url: str
    top: float
    depth: float

    @property
    def middle(self) -> float:
        return self.y + THICK / 2


@dataclass(frozen=True)
class Key:
    """One fill of the bars and what it means."""

    x: float
    y: float
    fill: str
    label: str

    @property
    def paint(self) -> str:
        return PAINTS.get(self.fill, f"url(#fill-{self.fill})")


@dataclass(frozen=True)
class Bars:
    """A horizontal bar chart."""

    bars: list[Bar]
    keys: list[Key]
    left: float
    width: int
    height: float


@dataclass(frozen=True)
class Datum:
    """Input for one bar; a part is (number, fill, figure, words, URL)."""

    label: str
    figure: str
    parts: list[tuple[float, str, str, str, str]]
    says: str
    url: str


WIDE, THICK, GAP, LINE = 440, 16, 10, 20


def bars(
    data: Sequence[Datum],
    *,
    whole: float,
    keys: Sequence[tuple[str, str]] = (),
    beside: bool = False,
    wide: int = WIDE,
) -> Bars | None:
    """Bars on a scale where `whole` has the full width; labels are above or `beside` them.

    None when there is nothing to draw.
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
        for number, fill, figure, says, url in datum.parts:
            width = round(room * number / (whole or 1), 1)
            parts.append(
                BarPart(round(x, 1), max(width, 1.5 if number else 0), fill, figure, says, url)
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
                datum.url,
                top - GAP / 2,
                y - top,
            )
        )
    return Bars(drawn, legend, left, wide, round(y, 1))


def _keys(keys: Sequence[tuple[str, str]], wide: int) -> list[Key]:
    """The legend in rows, as many entries in each as fit."""
    found: list[Key] = []
    x, y = 1.0, 1.0
    for fill, label in keys:
        width = 30 + LETTER * len(label) + 14
        if x > 1 and x + width > wide:
            x, y = 1, y + 26
        found.append(Key(x, y, fill, label))
        x += width
    return found
