"""The official lists that periods cite, and how many signatories of their day each names.

To count them anew after each edit takes 7 s of processor time for 1,000,000 companies, so that a
process keeps which companies are counted and looks again only at those that were edited since.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Q
from django.db.models.expressions import Case, Value, When

from companies.models import Citation, Company, CompanyRow, Signing, Source

from . import bitmaps, table_state
from .table_state import TableState, may_keep, state

MANY = 500  # companies; with more, all are read
Key = tuple[int, datetime.date]  # a pact and the day of a list


class Named(NamedTuple):
    """How many signatories of its day a list names, and how many there were."""

    names: int
    known: int


@dataclass(frozen=True)
class _Counted:
    """The companies that are counted, each the bit of its primary key."""

    state: TableState
    known: dict[Key, int] = field(default_factory=dict)
    named: dict[Key, int] = field(default_factory=dict)


_kept = _Counted(TableState())
_counting = RLock()


def forget() -> None:
    global _kept
    _kept = _Counted(TableState())


table_state.on_forgetting(forget)


def named_by_lists() -> dict[Key, Named]:
    """The lists cited for periods, by pact and day. One query more than lists, and one for edits.

    A signatory counts where its period cites a list of that day.
    """
    if Company.objects.db != DEFAULT_DB_ALIAS:  # a copy, as recorded on a past day
        return _numbers(_read(_Counted(TableState()), None))
    global _kept
    with _counting:
        now = state()
        if now != _kept.state:
            before = _kept if now.tells_since(_kept.state) else _Counted(now)
            changed = _changed_since(_kept.state) if before is _kept else None
            if changed is not None and len(changed) > MANY:
                before, changed = _Counted(now), None
            read = _read(before, changed)
            counted = _Counted(now, read.known, read.named)
            if not may_keep():
                return _numbers(counted)
            _kept = counted
        return _numbers(_kept)


def _changed_since(before: TableState) -> list[int]:
    rows = CompanyRow.objects.filter(version__gt=before.number).order_by()
    return list(rows.values_list("pk", flat=True)[: MANY + 1])


def _numbers(counted: _Counted) -> dict[Key, Named]:
    return {
        key: Named(named.bit_count(), counted.known[key].bit_count())
        for key, named in counted.named.items()
    }


def _read(before: _Counted, changed: list[int] | None) -> _Counted:
    """What is counted after some companies changed; all are read where None is said."""
    gone = bitmaps.of_places(changed, max(changed)) if changed else 0
    if changed == []:
        return before
    found = defaultdict[Key, list[int]](list)
    for key, company in _cited(changed):
        found[key] += [company] if company else []
    named, known = dict[Key, int](), dict[Key, int]()
    for key in before.named.keys() | found.keys():
        is_new = key not in before.named
        names = before.named.get(key, 0) & ~gone | _bits(found[key])
        if names or _is_cited(key):
            named[key] = names
            signatories = _bits(_signatories(key, None if is_new else changed))
            known[key] = before.known.get(key, 0) & ~gone | signatories
    return _Counted(before.state, known, named)


def _bits(companies: Iterable[int]) -> int:
    found = list(companies)
    return bitmaps.of_places(found, max(found, default=0))


def _cited(companies: list[int] | None) -> Iterator[tuple[Key, int | None]]:
    """Each list that a period cites, with the company where it is a signatory of that day."""
    then = F("source__published_on")
    open_then = Q(signing__until__isnull=True) | Q(signing__until__gt=then)
    signed_then = Q(signing__status=Signing.Status.SIGNED, signing__since__lte=then) & open_then
    cited = Citation.objects.filter(
        signing__isnull=False,
        source__kind=Source.Kind.OFFICIAL_LIST,
        source__published_on__isnull=False,
    )
    if companies is not None:
        cited = cited.filter(signing__company__in=companies)
    rows = cited.order_by().values_list(
        "signing__pact_id",
        "source__published_on",
        Case(When(signed_then, then=F("signing__company_id")), default=Value(None)),
    )
    for pact, day, company in rows.iterator(chunk_size=5_000):
        yield (pact, day), company


def _signatories(key: Key, companies: list[int] | None) -> Iterable[int]:
    pact, day = key
    signed = Signing.objects.signed().filter(pact=pact).on(day).order_by()
    if companies is not None:
        signed = signed.filter(company__in=companies)
    return signed.values_list("company_id", flat=True)


def _is_cited(key: Key) -> bool:
    pact, day = key
    lists = Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST, published_on=day)
    return Citation.objects.filter(signing__pact=pact, source__in=lists).exists()
