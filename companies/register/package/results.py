"""Results of a load: what was written, or all faults."""

from dataclasses import dataclass, field

from companies.importers.data_package import PackageFault

SHOWN = 5  # names of rows left alone, of each table


class BrokenPackage(Exception):
    """A package that cannot be loaded, with every fault found in it."""

    def __init__(self, faults: list[PackageFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.file, fault.line))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass
class Loaded:
    """The number of rows a load wrote, by table, and the rows it left alone."""

    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    left_alone: dict[str, list[str]] = field(default_factory=dict)
    not_read: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
        }
        lines = [
            f"{what}: " + ", ".join(f"{number} {table}" for table, number in tables.items())
            for what, tables in counts.items()
            if tables
        ]
        for table, names in self.left_alone.items():
            shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            lines.append(f"only in the register, left alone: {len(names)} {table} ({shown})")
        lines += [f"{column} is computed and was not read" for column in self.not_read]
        if self.nothing:
            lines.insert(0, "The register already holds all of it: nothing was changed.")
        return "\n".join(lines)
