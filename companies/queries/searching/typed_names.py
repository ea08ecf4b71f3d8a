"""What a field or the admin finds as one types."""

import sys
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from companies.models import Company, CompanyName, Pact
from companies.names.letters import fold
from companies.queries.clocks import Clock
from companies.queries.roster import bitmaps
from companies.queries.roster.roster import Roster
from companies.queries.roster.rosters import roster_of
from companies.queries.roster.table_state import cached_shared, state

from .cached_words import places_named
from .name_words import GRAM

MOST_SUGGESTED = 8
FEW_NAMED = 500  # companies, among which names are looked for
MOST_NAMED = 10_000  # companies whose primary keys a query can have as parameters


def suggested_names(text: str) -> list[str]:
    """Name suggestions for a field: names with a word starting with `text`, one per company."""
    return list(names_beginning(text).values())[:MOST_SUGGESTED]


def names_beginning(text: str, most: int = MOST_SUGGESTED) -> dict[int, str]:
    """Names with a word starting with `text`, by primary key of their company.

    Names that start with it come first, and main names before others. At most `most`, in as many
    as four queries.
    """
    beginning, found = fold(text), dict[int, str]()
    if beginning:
        starts = Q(name_folded__gte=beginning, name_folded__lt=beginning + chr(sys.maxunicode))
        _add(found, most, starts, None)
        if len(found) < most:
            within = Q(name_folded__contains=f" {beginning}")
            _add(found, most, within, _few_beginning(beginning))
    return found


def _add(found: dict[int, str], most: int, condition: Q, among: list[int] | None) -> None:
    """The first names, of these companies or of all, until as many companies are found."""
    for rows, company in ((Company, "pk"), (CompanyName, "company_id")):
        if len(found) < most:
            of = {} if among is None else {f"{company}__in": among}
            names = rows.objects.using("default").filter(condition, **of)
            in_order = names.order_by("name_folded", "pk").values_list(company, "name")
            for pk, name in in_order[: most + len(found)]:
                if len(found) < most:
                    found.setdefault(pk, name)


def _few_beginning(text: str) -> list[int] | None:
    """The companies with a word that begins like the last of `text`; None if they are many.

    Of many, the first by name are soon found; reading all names for a few takes 0.2 s of 1,000,000.
    """
    *words, last = text.split()
    return _named(words, FEW_NAMED, beginning=last) if len(last) >= GRAM else None


def narrowed(companies: Any, text: str) -> Any:
    """The rows of `companies` with every word of `text` in a name.

    The database reads the names of 1,000,000 companies in 2.5 s, so it does only for many.
    """
    words = fold(text).split()
    keys = _named(words, MOST_NAMED) if words else None
    return companies.search(text) if keys is None else companies.filter(pk__in=keys)


def _named(words: Sequence[str], most: int, *, beginning: str = "") -> list[int] | None:
    """The primary keys of the companies so named; None if they are more, or not in memory."""
    roster = present_roster() if state().follows else None
    if roster is None:
        return None
    places = places_named(words, roster, beginning=beginning)
    few = places.bit_count() <= most
    return list(bitmaps.keys_of(places, roster.keys.by_place)) if few else None


def present_roster() -> Roster | None:
    """A roster of the present, which has all companies; None without any pact."""
    pact = _any_pact()
    return roster_of(pact, Clock()) if pact else None


@cached_shared
def _any_pact() -> Pact | None:
    """One of the pacts, whose rosters all have all companies."""
    return Pact.objects.first()
