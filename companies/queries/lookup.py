"""Which companies readers mean by the names they type: the matching, kept ready.

To index all names takes seconds for a large register, so each process keeps one index until a
company or a name of one changes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from django.db.models import Max

from companies.models import Company, CompanyName, RefusedMatch
from companies.names.matcher import KnownName, Match, Matcher


class _Kept(NamedTuple):
    version: tuple[object, ...]
    matcher: Matcher


_kept: list[_Kept] = []
# Whoever comes meanwhile waits for the index instead of building another one.
_building = Lock()


def matcher() -> Matcher:
    """Matches names to the companies of the register as it is now."""
    version = _version()
    with _building:
        if not _kept or _kept[0].version != version:
            refused = set(RefusedMatch.objects.values_list("name_folded", "company_id"))
            with _without_collections():
                _kept[:] = [_Kept(version, Matcher(register_names(), refused).prepared())]
        return _kept[0].matcher


def register_names() -> list[KnownName]:
    """All names of all companies, in two queries."""
    names = []
    # The register of today: a page about a past day is asked in today's words.
    companies = (
        Company.objects.using("default")
        .order_by()
        .values_list("pk", "name", "legal_name", "country")
    )
    for company_id, name, legal_name, country in companies:
        names.append(KnownName(company_id, name, "", country))
        if legal_name:
            names.append(KnownName(company_id, legal_name, CompanyName.Kind.LEGAL, country))
    others = (
        CompanyName.objects.using("default")
        .order_by()
        .values_list("company_id", "name", "kind", "company__country")
    )
    return names + [KnownName(*row) for row in others]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Nothing of a growing index is garbage, and to look for some takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _version() -> tuple[object, ...]:
    """What the index hangs on: when a company or a name last changed, and what was refused.

    The register's own version grows with every pledge too. Times, for the numbers of a restored
    backup come again.
    """
    return (
        Company.history.aggregate(last=Max("history_date"))["last"],
        CompanyName.history.aggregate(last=Max("history_date"))["last"],
        RefusedMatch.objects.count(),
    )


def look_up(name: str) -> Match:
    """The company that one name means, or suggestions, or nothing."""
    return matcher().match(name)
