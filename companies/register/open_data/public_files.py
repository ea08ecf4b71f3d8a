"""The public data files: names, version and checksums.

Those of a small register are made on demand and cached in memory. A large one offers the files of
the newest release: making them for each version would take minutes.
"""

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control

from companies.models import Citation, Company, Pledge, RegisterVersion, known_as_of
from companies.queries.counting.cached_counts import CachedCounts
from companies.queries.roster.keys import Companies, among
from companies.register.package.dumping import (
    PACKAGE,
    as_json,
    consistent_snapshot,
    described,
    ordered_rows,
)
from companies.register.package.tables import BY_NAME, TABLES, Table

from .file_formats import MEDIA_TYPES, makers
from .released import Release, has_releases, releases

# Registers with at most this many rows: files are made on demand and cached, 20 MB at most.
SMALL = 20_000


@dataclass(frozen=True)
class DataFile:
    """A file in memory, on disk, or not made yet, when its size and checksum are None."""

    name: str
    table: Table | None
    rows: int
    content: bytes | None = None
    path: Path | None = None
    size: int | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, name: str, table: Table | None, rows: int, content: bytes | None) -> Self:
        if content is None:
            return cls(name, table, rows)
        sha256 = hashlib.sha256(content).hexdigest()
        return cls(name, table, rows, content, size=len(content), sha256=sha256)

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("data-file", args=[self.name])


@dataclass(frozen=True)
class PublicFiles:
    """Data files of one register version by name; `release` is the one they belong to, if any."""

    version: int
    changed_at: datetime.datetime | None
    files: Mapping[str, DataFile]
    release: str = ""

    def keep_fresh(self, response: HttpResponse) -> HttpResponse:
        """Forbid caching of a response about releases, which are written without an edit."""
        if self.release:
            patch_cache_control(response, private=True, no_cache=True)
        return response

    @property
    def whole(self) -> list[DataFile]:
        """The files with all tables."""
        return [one for one in self.files.values() if one.table is None and one.name != PACKAGE]

    def of_kind(self, ending: str) -> list[DataFile]:
        """The files with one table each."""
        files = self.files.values()
        return [one for one in files if one.table and one.name.endswith(f".{ending}")]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.of_kind("csv"))


def public_files() -> PublicFiles:
    """The current files of the register, or those of the newest release if it is large."""
    with known_as_of(None), consistent_snapshot():
        version = _version()
        is_released = has_releases() and _is_large(*version)
        newest = next(iter(releases()), None) if is_released else None
        # Older releases lack some of these files.
        if newest and newest.path_of("pactwatch.sqlite3"):
            return _of_release(newest)
        return _public_files(*version)


def _version() -> tuple[int, datetime.datetime | None]:
    version = RegisterVersion.objects.values_list("number", "changed_at").first()
    return version or (0, None)


@lru_cache(maxsize=1)
def _is_large(version: int, changed_at: datetime.datetime | None) -> bool:
    return has_more_than(SMALL)


@lru_cache(maxsize=1)
def _public_files(version: int, changed_at: datetime.datetime | None) -> PublicFiles:
    counts = row_counts()
    made: dict[str, bytes] = {}
    if sum(counts.values()) <= SMALL:
        content = {table.name: list(ordered_rows(table)) for table in TABLES}
        made = {
            name: b"".join(parts(lambda table: content[table.name]))
            for name, parts in makers(version, changed_at).items()
            if not name.endswith(".parquet")  # whose library is 66 MB: loaded when one is requested
        }
    sums = {name: (len(made[name]), hashlib.sha256(made[name]).hexdigest()) for name in made}
    made |= {PACKAGE: as_json(described(version, changed_at, sums))}
    files = (
        DataFile.of(name, table := _table_of(name), _count(counts, table), made.get(name))
        for name in (PACKAGE, *makers(version, changed_at))
    )
    return PublicFiles(version, changed_at, {one.name: one for one in files})


def _of_release(release: Release) -> PublicFiles:
    about, files = release.about, {}
    for one in about["files"]:
        name, table = one["name"], _table_of(one["name"])
        if name == PACKAGE or name in makers(release.name, None):
            rows = _count(about["rows"], table)
            size, sha256 = one["bytes"], one["sha256"]
            path = release.folder / name
            files[name] = DataFile(name, table, rows, path=path, size=size, sha256=sha256)
    ordered = {name: files[name] for name in (PACKAGE, *makers("", None)) if name in files}
    return PublicFiles(about["register_version"], release.made_at, ordered, release.name)


def forget() -> None:
    """Clear this process's cache of files."""
    _public_files.cache_clear()
    _is_large.cache_clear()


def parts_of(name: str) -> Iterator[bytes]:
    """The bytes of a file as a consistent snapshot, for any number of rows."""
    with known_as_of(None), consistent_snapshot():
        yield from makers(*_version())[name](ordered_rows)


def write(name: str, path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(parts_of(name))


def _table_of(name: str) -> Table | None:
    return BY_NAME.get(name.rpartition(".")[0])


def _count(counts: Mapping[str, int], table: Table | None) -> int:
    return counts[table.name] if table else sum(counts.values())


# How many rows each file has. To count those of 1,000,000 companies takes 1.7 s, nearly all of it
# for the pledges that say more than a signature.


def has_more_than(number: int) -> bool:
    """Whether there are more rows; no more than so many are counted."""
    left = number
    for table in TABLES:
        left -= table.stated_rows().order_by()[: left + 1].count()
        if left < 0:
            return True
    return False


def row_counts() -> Mapping[str, int]:
    """The rows of each table; after an edit those of companies near it are counted again."""
    of_companies = _OF_COMPANIES.of()
    return {
        table.name: of_companies.get(table.name, 0) if _path(table) else table.rows().count()
        for table in TABLES
    }


def _path(table: Table) -> str:
    """The path to the company of a row; "" for citations and for what belongs to no company."""
    if table.model is Company:
        return "pk"
    # A citation has one of four, which would have to be looked for.
    is_of_one = "company" in table.columns and table.model is not Citation
    return "company" if is_of_one else ""


def _of_companies(companies: Companies | None) -> dict[str, int]:
    found = {
        table.name: table.rows().filter(**among(companies, path)).count()
        for table in TABLES
        if (path := _path(table))
    }
    # Counted by themselves: to leave them out of the pledges of a range, all would be read.
    found["pledges"] -= Pledge.objects.computed().filter(**among(companies)).count()
    return found


_OF_COMPANIES = CachedCounts(_of_companies)
