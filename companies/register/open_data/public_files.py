"""The files that the register is offered as: which there are, of which version, and their sums."""

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from companies.models import RegisterVersion, known_as_of
from companies.register.package.dumping import (
    LICENCE,
    PACKAGE,
    as_json,
    csv_parts,
    described,
    one_moment,
    ordered_rows,
)
from companies.register.package.tables import BY_NAME, TABLES, Table

from .file_formats import (
    HAS_PARQUET,
    MEDIA_TYPES,
    Rows,
    json_lines,
    package_parts,
    parquet_file,
    sqlite_file,
    zipped,
)

# The files of a register with at most so many rows are made at once, and kept: 20 MB at most.
SMALL = 20_000
Parts = Callable[[Rows], Iterable[bytes]]


@dataclass(frozen=True)
class DataFile:
    """One file; where it is not made yet, nobody knows its size and its sum."""

    name: str
    table: Table | None
    rows: int
    content: bytes | None = None

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    @property
    def size(self) -> int | None:
        return None if self.content is None else len(self.content)

    @cached_property
    def sha256(self) -> str | None:
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("data-file", args=[self.name])


@dataclass(frozen=True)
class PublicFiles:
    """The files of one version of the register, by name."""

    version: int
    changed_at: datetime.datetime | None
    files: Mapping[str, DataFile]

    @property
    def whole(self) -> list[DataFile]:
        """Those with all tables in them."""
        return [one for one in self.files.values() if one.table is None and one.name != PACKAGE]

    def of_kind(self, ending: str) -> list[DataFile]:
        """Those with one table each."""
        files = self.files.values()
        return [one for one in files if one.table and one.name.endswith(f".{ending}")]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.of_kind("csv"))


def public_files() -> PublicFiles:
    """The files of the register as it is now."""
    with known_as_of(None), one_moment():
        return _public_files(*_version())


def _version() -> tuple[int, datetime.datetime | None]:
    version = RegisterVersion.objects.values_list("number", "changed_at").first()
    return version or (0, None)


@lru_cache(maxsize=1)
def _public_files(version: int, changed_at: datetime.datetime | None) -> PublicFiles:
    counts = {table.name: table.stated_rows().count() for table in TABLES}
    made: dict[str, bytes] = {}
    if sum(counts.values()) <= SMALL:
        held = {table.name: list(ordered_rows(table)) for table in TABLES}
        made = {
            name: b"".join(parts(lambda table: held[table.name]))
            for name, parts in _parts(version, changed_at).items()
            if not name.endswith(".parquet")  # whose library is 66 MB: loaded for who asks for one
        }
    sums = {name: (len(made[name]), hashlib.sha256(made[name]).hexdigest()) for name in made}
    made |= {PACKAGE: as_json(described(version, changed_at, sums))}
    files = (
        DataFile(name, table := _table_of(name), _count(counts, table), made.get(name))
        for name in (PACKAGE, *_parts(version, changed_at))
    )
    return PublicFiles(version, changed_at, {one.name: one for one in files})


def forget() -> None:
    """Drop the files that this process keeps."""
    _public_files.cache_clear()


def parts_of(name: str) -> Iterator[bytes]:
    """The bytes of a file of the register at one moment, however many rows it has."""
    with known_as_of(None), one_moment():
        yield from _parts(*_version())[name](ordered_rows)


def write(name: str, path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(parts_of(name))


def _parts(version: int, changed_at: datetime.datetime | None) -> dict[str, Parts]:
    """How each file is made, but for the description of the package."""
    about = about_the_files(version, changed_at)
    package = as_json(described(version, changed_at, {}))
    parts: dict[str, Parts] = {
        "pactwatch.zip": lambda rows: zipped([(PACKAGE, [package]), *package_parts(rows)]),
        "pactwatch.jsonl": json_lines,
        "pactwatch.sqlite3": lambda rows: sqlite_file(rows, about),
    }
    parts |= {table.file: partial(_csv, table) for table in TABLES}
    if HAS_PARQUET:
        parts |= {f"{table.name}.parquet": partial(parquet_file, table) for table in TABLES}
    return parts


def _csv(table: Table, rows: Rows) -> Iterator[bytes]:
    return csv_parts(table.columns, rows(table))


def _table_of(name: str) -> Table | None:
    return BY_NAME.get(name.rpartition(".")[0])


def _count(counts: Mapping[str, int], table: Table | None) -> int:
    return counts[table.name] if table else sum(counts.values())


def about_the_files(version: int, changed_at: datetime.datetime | None) -> dict[str, str]:
    return {
        "title": "PactWatch: who has signed the EU AI Pact",
        "url": f"{settings.SITE_URL}/data/",
        "version": str(version),
        "changed_at": changed_at.astimezone(datetime.UTC).isoformat() if changed_at else "",
        "licence": LICENCE,
        "attribution": f"PactWatch, {settings.SITE_URL}, CC BY 4.0",
    }
