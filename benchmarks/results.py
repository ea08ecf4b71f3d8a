"""Results as a table, as ratios beside floors and goals, and as JSON."""

import os
import platform
import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from benchmarks.client import Measured
from benchmarks.columns import COLUMNS, DATASETTE, NAIVE, TUNED

HELLO = "bare hello"
# In the clear, and with TLS: the files, and our answers from the cache.
BEHIND_NGINX = (
    ("nginx, files", "kept, behind nginx"),
    ("nginx, files, TLS", "kept, behind nginx, TLS"),
)
DATABASES = ("SQLite", "PostgreSQL")
KEPT_ANSWERS = {name: f"kept, {name}" for name in DATABASES}
FRESH = {name: f"fresh, {name}" for name in DATABASES}
FIRST = {name: f"first, {name}" for name in DATABASES}
ORDER = (
    *(HELLO, *chain.from_iterable(BEHIND_NGINX), *KEPT_ANSWERS.values()),
    *(TUNED, DATASETTE, NAIVE),
    *(*FRESH.values(), *FIRST.values()),
)

SLOWEST = 5.0  # milliseconds that are asked of the answers behind nginx, of 64 readers at once


@dataclass(frozen=True)
class Ratio:
    """The ratio of responses per core to those of a rival.

    A result below a floor, given by column, makes the exit code 1. `asked` are targets that
    become floors once they hold; they and the `goals` are only shown.
    """

    label: str
    sides: Mapping[str, str]
    rival: str
    goals: Mapping[str, float]
    asked: Mapping[str, float]
    floors: Mapping[str, float]
    by_bytes: bool = False  # of as many bytes


def _same(value: float, **others: float) -> dict[str, float]:
    return dict.fromkeys(COLUMNS, value) | {k.replace("_", " "): v for k, v in others.items()}


OF_FILES = _same(0.5)  # 0.57 or more in the runs so far
RATIOS = (
    Ratio("kept / bare hello", KEPT_ANSWERS, HELLO, _same(1.0), {}, _same(0.7)),
    Ratio(
        "fresh / Datasette",
        FRESH,
        DATASETTE,
        _same(5.0, record=3.5, browse=20.0),
        {},
        _same(3.0),
    ),
    Ratio("first / Datasette", FIRST, DATASETTE, {}, _same(3.0), {}),
    *(
        Ratio(f"{ours} / files", {"nginx": ours}, files, _same(1.0), _same(0.9), OF_FILES)
        for files, ours in BEHIND_NGINX
    ),
    Ratio("fresh / tuned SQL at equal bytes", FRESH, TUNED, _same(0.5), {}, {}, by_bytes=True),
)


@dataclass
class Result:
    """All measurements at one size: by side and column, one for each round."""

    size: int
    left_out: list[str] = field(default_factory=list)
    measured: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)

    def add(self, side: str, column: str, measured: Measured) -> None:
        self.measured.setdefault(side, {}).setdefault(column, []).append(measured)

    def cpu(self, side: str, column: str) -> float | None:
        """CPU milliseconds per response: the median of the rounds."""
        rounds = self.measured.get(side, {}).get(column, [])
        return statistics.median(one.cpu for one in rounds) if rounds else None

    def slowest(self, side: str, column: str) -> float | None:
        """What 99 of 100 answers took less than, in milliseconds: the median of the rounds."""
        rounds = self.measured.get(side, {}).get(column, [])
        return statistics.median(one.p99 for one in rounds) if rounds else None

    def ratio(self, of: Ratio, side: str, column: str) -> float | None:
        """The median ratio over the rounds, in each of which both sides ran one after another."""
        ours = self.measured.get(side, {}).get(column, [])
        theirs = self.measured.get(of.rival, {}).get(column, [])
        pairs = list(zip(ours, theirs, strict=False))
        if not pairs:
            return None
        return statistics.median(
            b.cpu / max(a.cpu, 0.001) * (a.size / b.size if of.by_bytes else 1) for a, b in pairs
        )

    def below(self) -> Iterator[str]:
        """A sentence for every ratio that is below its floor."""
        for of in RATIOS:
            for side in of.sides.values():
                for column, floor in of.floors.items():
                    ratio = self.ratio(of, side, column)
                    if ratio is not None and ratio < floor:
                        yield (
                            f"{self.size:,} companies, {column}, {side}: {of.label} is "
                            f"{ratio:.2f}; the floor is {floor:g}."
                        )

    def lines(self) -> Iterator[str]:
        yield f"{self.size:,} companies"
        yield ""
        yield _row("answers a second", COLUMNS)
        for side in ORDER:
            if side in self.measured:
                yield _row(side, (_per_second(self.cpu(side, column)) for column in COLUMNS))
        yield ""
        yield _row("CPU ms of an answer", COLUMNS)
        for side in (*FRESH.values(), *FIRST.values()):
            if side in self.measured:
                yield _row(side, (_number(self.cpu(side, column)) for column in COLUMNS))
        behind = [side for side in chain.from_iterable(BEHIND_NGINX) if side in self.measured]
        if behind:
            yield from ("", _row("slowest hundredth, ms", COLUMNS))
            for side in behind:
                yield _row(side, (_number(self.slowest(side, column)) for column in COLUMNS))
            yield _row("  asked", (_number(SLOWEST) for _column in COLUMNS))
        for of in RATIOS:
            yield from self._compared(of)
        yield from ("", *self.left_out) if self.left_out else ()

    def _compared(self, of: Ratio) -> Iterator[str]:
        if of.rival not in self.measured:
            return
        yield ""
        yield _row(of.label, COLUMNS)
        for side in of.sides.values():
            if side in self.measured:
                yield _row(side, (_number(self.ratio(of, side, column)) for column in COLUMNS))
        rival = self.measured[of.rival]
        for name, values in (("floor", of.floors), ("asked", of.asked), ("goal", of.goals)):
            if not values:
                continue
            shown = (_number(values.get(c) if c in rival else None) for c in COLUMNS)
            yield _row(f"  {name}", shown)


def grown(results: list[Result]) -> Iterator[str]:
    """How much the CPU time per response grows for ten times as many companies."""
    for less, more in pairwise(results):
        yield ""
        yield _row(f"{less.size:,} to {more.size:,}", COLUMNS)
        for side in FRESH.values():
            if side in less.measured:
                pairs = ((more.cpu(side, c), less.cpu(side, c)) for c in COLUMNS)
                yield _row(
                    side, (_number(a / max(b, 0.001) if a and b else None) for a, b in pairs)
                )


def _row(label: str, cells: Any) -> str:
    return f"{label:<32}" + "".join(f"{cell:>12}" for cell in cells)


def _per_second(cpu: float | None) -> str:
    return "-" if cpu is None else _number(1000 / max(cpu, 0.001))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def machine() -> dict[str, Any]:
    """The hardware and versions behind the numbers; nothing that identifies the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cores": cores, "memory_gib": _memory(), "python": platform.python_version()}


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def as_json(plan: dict[str, Any], results: list[Result]) -> dict[str, Any]:
    return {"machine": machine(), "plan": plan, "results": [asdict(one) for one in results]}


RUN = re.compile(r"(?<=<!-- run -->\n).*?(?=<!-- end of run -->)", re.DOTALL)


def write_into(document: Path, text: str) -> None:
    """Replace the last run in the document."""
    document.write_text(RUN.sub(lambda _old: text, document.read_text(), count=1))
