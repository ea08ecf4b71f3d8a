"""The official lists that periods cite, and how many signatories of their day each names.

Counting them again after each edit takes 6.2 s of CPU time for 1,000,000 companies, so a process
caches which companies are counted and reads only those edited since.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Case, Value, When

from companies.models import Citation, Company, Signing, Source
from companies.queries.records.prepared import Prepared, parameter_count, placeholder_keys

from . import bitmaps, table_state
from .roster_files import LISTS, newest_version, read_parts, write_parts
from .table_scan import gone_between
from .table_state import TableState, state, written_since

MANY = 500  # companies; with more, all are read
MANY_IN_FILE = 200  # versions of the register since a file was written
Key = tuple[int, datetime.date]  # a pact and the day of a list


class Named(NamedTuple):
    """How many signatories of its day a list names, and how many there were."""

    names: int
    known: int


@dataclass(frozen=True)
class _Counted:
    """The counted companies, as bitmaps of primary keys."""

    state: TableState
    known: dict[Key, int] = field(default_factory=dict)
    named: dict[Key, int] = field(default_factory=dict)


_cached = _Counted(TableState())
_counting = RLock()


def forget() -> None:
    global _cached
    _cached = _Counted(TableState())


table_state.on_forgetting(forget)


def named_by_lists() -> dict[Key, Named]:
    """The lists cited for periods, by pact and day. One query more than lists, and one for edits.

    A signatory counts where its period cites a list of that day.
    """
    if Company.objects.db != DEFAULT_DB_ALIAS:  # a copy, as recorded on a past day
        return _numbers(_read(_Counted(TableState()), None))
    global _cached
    with _counting:
        now = state()
        if now != _cached.state:
            if _cached.state == TableState():
                _cached = _of_file(now)
            then = _cached.state
            gone = gone_between(then, now) if now.records == then.records else None
            follows = now.follows and then.number <= now.number and gone is not None
            written = written_since(then.number, MANY) if follows else None
            changed = None if written is None else [*written, *(gone or ())]
            before = _Counted(now) if changed is None else _cached
            read = _read(before, changed)
            _cached = _Counted(now, read.known, read.named)
            since_file = now.number - newest_version(LISTS)
            if now.follows and (changed is None or gone or since_file >= MANY_IN_FILE):
                _write(_cached)
        return _numbers(_cached)


def _of_file(now: TableState) -> _Counted:
    """What another process counted; it takes the place of nothing counted."""
    found = read_parts(LISTS, now)
    if found is None:
        return _cached
    state_then, heads, parts = found
    keys = [(pact, datetime.date.fromisoformat(day)) for pact, day in heads]
    bitmaps_of = [int.from_bytes(part, "little") for part in parts]
    known, named = bitmaps_of[::2], bitmaps_of[1::2]
    return _Counted(state_then, *(dict(zip(keys, of, strict=True)) for of in (known, named)))


def _write(counted: _Counted) -> None:
    of_each = [one for key, named in counted.named.items() for one in (counted.known[key], named)]
    parts = [one.to_bytes(one.bit_length() // 8 + 1, "little") for one in of_each]
    heads = [(pact, day.isoformat()) for pact, day in counted.named]
    most = max(map(int.bit_length, of_each), default=0)
    write_parts(LISTS, counted.state, heads, parts, companies=most)


def _numbers(counted: _Counted) -> dict[Key, Named]:
    return {
        key: Named(named.bit_count(), counted.known[key].bit_count())
        for key, named in counted.named.items()
    }


def _read(before: _Counted, changed: list[int] | None) -> _Counted:
    """Recount after some companies changed; `changed` None recounts all."""
    gone = bitmaps.of_places(changed, max(changed)) if changed else 0
    if changed == []:
        return before
    found = defaultdict[Key, list[int]](list)
    for key, company in _cited(changed):
        found[key] += [company] if company else []
    named, known = dict[Key, int](), dict[Key, int]()
    signed = list(_signed(changed)) if changed else []
    for key in before.named.keys() | found.keys():
        is_new = key not in before.named
        names = before.named.get(key, 0) & ~gone | _bits(found[key])
        if names or _is_cited(key):
            named[key] = names
            if is_new:
                known[key] = _bits(_signatories(key))
            else:
                then = (one.company for one in signed if one.is_of(key))
                known[key] = before.known.get(key, 0) & ~gone | _bits(then)
    return _Counted(before.state, known, named)


def _bits(companies: Iterable[int]) -> int:
    found = list(companies)
    return bitmaps.of_places(found, max(found, default=0))


def _cited(companies: list[int] | None) -> Iterator[tuple[Key, int | None]]:
    """Each list that a period cites, with the company where it is a signatory of that day."""
    rows: Iterable[Any]
    if companies is None:
        rows = _citations(Citation.objects.all()).iterator(chunk_size=5_000)
    else:
        rows = _citations_of(parameter_count(companies)).values(companies)
    for pact, day, company in rows:
        yield (pact, day), company


@lru_cache(16)
def _citations_of(number: int) -> Prepared[Citation]:
    keys = placeholder_keys(number)
    # Of eight companies or more, SQLite would begin with the lists and read all that cites one.
    periods = Signing.objects.filter(company__in=keys).order_by().values("pk")
    return Prepared(_citations(Citation.objects.filter(signing__in=periods)), keys)


def _citations(rows: QuerySet[Citation]) -> QuerySet[Citation, Any]:
    then = F("source__published_on")
    open_then = Q(signing__until__isnull=True) | Q(signing__until__gt=then)
    signed_then = Q(signing__status=Signing.Status.SIGNED, signing__since__lte=then) & open_then
    cited = rows.filter(
        signing__isnull=False,
        source__kind=Source.Kind.OFFICIAL_LIST,
        source__published_on__isnull=False,
    )
    return cited.order_by().values_list(
        "signing__pact_id",
        "source__published_on",
        Case(When(signed_then, then=F("signing__company_id")), default=Value(None)),
    )


def _signatories(key: Key) -> Iterable[int]:
    pact, day = key
    signed = Signing.objects.signed().filter(pact=pact).on(day).order_by()
    return signed.values_list("company_id", flat=True)


class _Signed(NamedTuple):
    """A period of a signatory."""

    company: int
    pact: int
    since: datetime.date
    until: datetime.date | None

    def is_of(self, key: Key) -> bool:
        """Whether the period counts for the list of this pact and day."""
        pact, day = key
        return self.pact == pact and self.since <= day and (self.until is None or self.until > day)


def _signed(companies: list[int]) -> Iterator[_Signed]:
    """The periods of these companies as signatories. One query."""
    return map(_Signed._make, _periods(parameter_count(companies)).values(companies))


@lru_cache(16)
def _periods(number: int) -> Prepared[Signing]:
    keys = placeholder_keys(number)
    signed = Signing.objects.signed().filter(company__in=keys).order_by()
    return Prepared(signed.values_list(*_Signed._fields), keys)


def _is_cited(key: Key) -> bool:
    pact, day = key
    lists = Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST, published_on=day)
    return Citation.objects.filter(signing__pact=pact, source__in=lists).exists()
