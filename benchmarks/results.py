"""What was measured, as a table to read and as JSON."""

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.addresses import LIST, OURS, PREFETCHED, RECORD, TUTORIAL
from benchmarks.client import Measured

FLOOR = 2.0
MODES = ("kept", "fresh")


@dataclass
class OnDatabase:
    """All measurements on one database: by side, name and mode."""

    database: str
    version: str
    rows: int
    dumped_per_second: float
    loaded_per_second: float
    answers: dict[str, dict[str, dict[str, Measured]]] = field(default_factory=dict)

    def ratio(self, name: str, mode: str, side: str) -> float:
        """How many times as many requests a second we answer as `side` does."""
        theirs = self.answers[side][name][mode].per_second
        return self.answers[OURS][name][mode].per_second / theirs

    def below_floor(self) -> list[str]:
        """A sentence for every ratio to the tutorial's view set that is too small."""
        return [
            f"{self.database}: {name}, {mode}, is {ratio:.1f} times a plain view set; "
            f"the floor is {FLOOR:.0f}."
            for name in (LIST, RECORD)
            for mode in MODES
            if (ratio := self.ratio(name, mode, TUTORIAL)) < FLOOR
        ]

    def lines(self) -> Iterator[str]:
        yield f"{self.database} ({self.version})"
        yield ""
        yield f"  load_register  {self.loaded_per_second:>8,.0f} rows/s of {self.rows:,} rows"
        yield f"  dump_register  {self.dumped_per_second:>8,.0f} rows/s"
        yield ""
        yield f"  {'':<34}{'kept':^27} {'fresh':^27}"
        heads = f"{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}"
        yield f"  {'':<34}{heads} {heads}"
        for side, measured in self.answers.items():
            for name, modes in measured.items():
                label = name if side == OURS else f"{name}, {side}"
                yield f"  {label:<34}" + " ".join(_numbers(modes[mode]) for mode in MODES)
        yield ""
        for side in (TUTORIAL, PREFETCHED):
            for name in (LIST, RECORD):
                ratios = (f"{self.ratio(name, mode, side):>8.1f}x {mode}" for mode in MODES)
                yield f"  {'ours / ' + side + ': ' + name:<40}" + "".join(ratios)


def _numbers(measured: Measured) -> str:
    return f"{measured.per_second:>9,.0f}{measured.p50:>9.1f}{measured.p99:>9.1f}"


def machine() -> dict[str, Any]:
    """What the numbers depend on; nothing that names the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cores": cores, "memory_gib": _memory(), "python": platform.python_version()}


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def as_json(plan: dict[str, Any], results: list[OnDatabase]) -> dict[str, Any]:
    return {"machine": machine(), "plan": plan, "results": [asdict(one) for one in results]}
