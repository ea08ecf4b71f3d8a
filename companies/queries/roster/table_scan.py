"""Read the whole read table: each of its tables by itself, as plain tuples.

Equal rows are stored once, with a number for each company. One query that joins the tables in the
order of names takes SQLite 10.8 s of CPU time for 1,000,000 companies, because it looks up each row
by itself; one after the other, in storage order, take 3.4 s. With the bitmaps made of them, the
first roster of a process takes 7.4 s and 260 MB in place of 18.9 s by the ORM; for 100,000
companies 0.7 s in place of 1.5.
"""

import datetime
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from companies.queries.records.statements import rows_of_statement

from . import table_state
from .roster import Coded, CompanyKeys, Overtaken, ValueColumn
from .table_state import TableState

if TYPE_CHECKING:
    from companies.models import Commitment

CHUNK = 5_000  # rows that are read together
Rows = QuerySet[Any]
_FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


@dataclass(frozen=True)
class TableScan:
    """The columns of all companies in the order of names.

    `profiles` are country, primary key of the sector, size and role; `statuses` status, since,
    its precision and the three dates of the first report; `pledges` texts as in the read table.
    """

    keys: "array[int]"
    profiles: Coded
    statuses: Coded
    pledges: Coded
    changed: "array[int]"
    sources: "array[int]"


def scan(pact: int) -> TableScan:
    """The read table about the pact of this primary key. Four queries."""
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute("SELECT id FROM companies_company ORDER BY name_folded, id")
        keys = array("q", chain.from_iterable(chain.from_iterable(_chunks(cursor))))
    last = max(keys, default=0)  # one that comes meanwhile has no place
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute(
            "SELECT id, country, sector_id, size, role FROM companies_company WHERE id <= %s",
            [last],
        )
        [profiles] = _coded(keys, _chunks(cursor), [slice(1, 5)], [("", None, "", "")])
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute(
            "SELECT company_id, status, CAST(since AS text), since_precision, "
            "CAST(due_on AS text), CAST(submitted_on AS text), CAST(published_on AS text), pledges "
            "FROM companies_statusrow WHERE pact_id = %s AND company_id <= %s",
            [pact, last],
        )
        parts, nothing = [slice(1, 7), slice(7, 8)], [(None,) * 6, ("",)]
        periods, pledges = _coded(keys, _chunks(cursor), parts, nothing)
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute(
            "SELECT company_id, CAST(changed_at AS text), sources FROM companies_companyrow "
            "WHERE company_id <= %s",
            [last],
        )
        changed, sources = _instants(keys, _chunks(cursor))
    days = [(row[0], _day(row[1]), row[2], *map(_day, row[3:])) for row in periods.values]
    texts = [text for (text,) in pledges.values]
    return TableScan(
        *(keys, profiles, Coded(days, periods.numbers), Coded(texts, pledges.numbers)),
        *(changed, sources),
    )


def _chunks(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := cursor.fetchmany(CHUNK):
        yield chunk


def _coded(
    keys: "array[int]",
    chunks: Iterable[list[tuple[Any, ...]]],
    parts: Sequence[slice],
    nothing: Sequence[Any],
) -> list[Coded]:
    """Split rows into parts, each as a Coded column; the company's primary key comes first."""
    size = max(keys, default=0) + 1
    codes = [defaultdict[Any, int](count().__next__) for _part in parts]
    numbers = [array("I", bytes(4 * size)) for _part in parts]
    for of, first in zip(codes, nothing, strict=True):
        of[first]  # has the number 0
    for chunk in chunks:
        columns = list(zip(*chunk, strict=True))
        for part, of, found in zip(parts, codes, numbers, strict=True):
            values = map(of.__getitem__, zip(*columns[part], strict=True))
            for pk, number in zip(columns[0], values, strict=True):
                found[pk] = number
    return [
        Coded(list(of), array("I", map(found.__getitem__, keys)))
        for of, found in zip(codes, numbers, strict=True)
    ]


def _instants(
    keys: "array[int]", chunks: Iterable[list[tuple[Any, ...]]]
) -> Iterator["array[int]"]:
    """When each record last changed, in microseconds, and its number of sources."""
    changed, sources = (array("q", bytes(8 * (max(keys, default=0) + 1))) for _column in range(2))
    for chunk in chunks:
        known = _Instants()
        for pk, instant, number in chunk:
            changed[pk], sources[pk] = known[instant], number or 0
    return (array("q", map(one.__getitem__, keys)) for one in (changed, sources))


class _Instants(dict[str | None, int]):
    """Parses datetimes to microseconds, cached: many rows were written by one edit."""

    def __missing__(self, text: str | None) -> int:
        self[text] = _microseconds_of_text(text) if text else 0
        return self[text]


def _microseconds_of_text(text: str) -> int:
    """Parse a datetime as either database writes it; SQLite's is UTC without a suffix."""
    instant = datetime.datetime.fromisoformat(text)
    return microseconds(instant.replace(tzinfo=instant.tzinfo or datetime.UTC))


def microseconds(instant: datetime.datetime | None) -> int:
    """The integer by which instants are sorted; 0 if there is none."""
    return (instant - _FIRST) // _MICROSECOND if instant else 0


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


class Ordinals(dict[datetime.date | None, int]):
    """The number of a day; 0 for None."""

    def __missing__(self, day: datetime.date | None) -> int:
        self[day] = day.toordinal() if day else 0
        return self[day]


@dataclass(frozen=True)
class PastScan:
    """What was different on a past day; `statuses` are as in a `TableScan`.

    `undone` are the companies, by commitment, whose implementation became known later.
    """

    statuses: Coded
    undone: defaultdict[int, list[int]]


def scan_past(keys: "array[int]", periods: Rows, reports: Rows, later: Rows) -> PastScan:
    """The companies with these keys, from what was in force and from later pledges."""
    current = _scanned(keys, periods, "status", _text_of("since"), "since_precision", days=[1])
    days = map(_text_of, ("due_on", "submitted_on", "published_on"))
    reported = _scanned(keys, reports, *days, days=[0, 1, 2])
    codes = defaultdict[tuple[int, int], int](count().__next__)
    both = zip(current.numbers, reported.numbers, strict=True)
    numbers = array("I", map(codes.__getitem__, both))
    values = [(*current.values[one], *reported.values[other]) for one, other in codes]
    undone = defaultdict[int, list[int]](list)
    for commitment, company in later.values_list("commitment_id", "company_id").iterator(CHUNK):
        undone[commitment].append(company)
    return PastScan(Coded(values, numbers), undone)


def _scanned(keys: "array[int]", rows: Rows, *columns: Any, days: Sequence[int]) -> Coded:
    """Three columns of the rows of companies; `days` are the places of those that are days."""
    last = max(keys, default=0)  # one that comes meanwhile has no place
    read = rows.filter(company__lte=last).values_list("company_id", *columns).iterator(CHUNK)
    chunks = iter(lambda: list(islice(read, CHUNK)), [])
    [found] = _coded(keys, chunks, [slice(1, 4)], [(None,) * 3])
    values = [
        tuple(_day(one) if place in days else one for place, one in enumerate(row))
        for row in found.values
    ]
    return Coded(values, found.numbers)


def _text_of(name: str) -> Cast:
    """A day as a text, of which an instance is made once for all that have it."""
    return Cast(name, TextField())


def first_days(grounds: Coded) -> "array[int]":
    """The ordinal of the first day of each status, to sort by; 0 if there is none."""
    ordinals = Ordinals()
    return grounds.keys(lambda one: ordinals[one[1]])


class Pledged(dict[str | None, tuple[str, ...]]):
    """Parses pledge texts into columns; many companies share one text."""

    def __init__(self, commitments: "Collection[Commitment]") -> None:
        self.columns = {str(one.pk): ValueColumn() for one in commitments}

    def __missing__(self, text: str | None) -> tuple[str, ...]:
        known = dict(one.split(":") for one in (text or "").split())
        self[text] = tuple(known.get(key, "") for key in self.columns)
        return self[text]

    def extend(self, texts: Iterable[str | None]) -> None:
        if self.columns:
            of_each = zip(*map(self.__getitem__, texts), strict=True)
            for column, each in zip(self.columns.values(), of_each, strict=True):
                column.extend(each)
        self.clear()


# Companies that are gone

MOST_GONE = 8  # companies; with more, a roster is built again
_gone_between: dict[tuple[int | None, int | None], list[int]] = {}
table_state.on_forgetting(_gone_between.clear)


def note_gone(before: TableState, now: TableState, gone: list[int]) -> None:
    """Note for other caches which companies a roster found gone between two states."""
    while len(_gone_between) >= MOST_GONE:
        _gone_between.pop(next(iter(_gone_between)))
    _gone_between[before.written, now.written] = gone


def gone_between(before: TableState, now: TableState) -> list[int] | None:
    """The companies that are gone since, if no more than that was written; None if unknown."""
    return [] if before.written == now.written else _gone_between.get((before.written, now.written))


def gone_from(keys: CompanyKeys, changed: Collection[int], version: int) -> list[int] | None:
    """The companies of a roster that are gone from the read table of a version of the register.

    `changed` are the companies written since, of which some are new. Found by counts of halves
    of the primary keys, of which the database counts a million in 20 ms. None if they are many,
    or if the register has another version by now.
    """
    added = sorted(key for key in changed if keys.place(key) is None)
    end = max(len(keys.places), *added, 0) + 1
    with suppress(Overtaken):
        number = _missing(keys, added, range(end), version)
        if 0 <= number <= MOST_GONE:
            return [*_gone(keys, added, range(end), number, version)]
    return None


def _gone(
    keys: CompanyKeys, added: Sequence[int], among: range, number: int, version: int
) -> Iterator[int]:
    """Find `number` companies that are gone, among these primary keys."""
    if number and len(among) == 1:
        yield among.start
    elif number:
        half = among[: len(among) // 2]
        before = _missing(keys, added, half, version)
        yield from _gone(keys, added, half, before, version)
        yield from _gone(keys, added, among[len(half) :], number - before, version)


def _missing(keys: CompanyKeys, added: Sequence[int], among: range, version: int) -> int:
    """How many of these primary keys the read table lacks."""
    [(now, stored)] = rows_of_statement(
        DEFAULT_DB_ALIAS,
        "SELECT (SELECT number FROM companies_registerversion WHERE id = 1), COUNT(*) "
        "FROM companies_companyrow WHERE company_id >= %s AND company_id < %s",
        [among.start, among.stop],
    )
    if now != version:
        raise Overtaken
    new = bisect_left(added, among.stop) - bisect_left(added, among.start)
    return keys.number_within(among.start, among.stop) + new - int(stored)
