"""Resolve names broken into lines, with the help of known names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from companies.queries.lookup import look_up_listed

if TYPE_CHECKING:
    from companies.importers.official_page import ListedName

FEWEST = 5  # names whose second lines, such as "Company", may be a column


def settled(listed: Sequence["ListedName"]) -> list["ListedName"]:
    """The names, with those on several lines read as one, several, or one with a remark.

    A name stays as the page's form suggests if the register knows neither.
    """
    texts = {text for one in listed if one.lines for text in (" ".join(one.lines), *one.lines)}
    if not texts:
        return list(listed)
    known = {match.listed for match in look_up_listed(sorted(texts)) if match.company_id}
    others = [one.lines[1:] for one in listed if one.lines]
    is_column = len(others) >= FEWEST and len(set(others)) * 2 <= len(others)
    return _numbered(name for one in listed for name in _names(one, known, is_column=is_column))


def _names(one: "ListedName", known: set[str], *, is_column: bool) -> Iterator["ListedName"]:
    joined = " ".join(one.lines)
    if joined in known and not (is_column and one.lines[0] in known):
        yield replace(one, name=joined, note="")
    elif one.lines and known.issuperset(one.lines):
        yield from (replace(one, name=line, note="") for line in one.lines)
    elif one.lines and one.lines[0] in known:
        yield replace(one, name=one.lines[0], note=" ".join(one.lines[1:]))
    else:
        yield one


def _numbered(names: Iterable["ListedName"]) -> list["ListedName"]:
    """The names renumbered, without duplicates."""
    once = {one.name.casefold(): one for one in reversed(list(names))}
    return [replace(one, position=n) for n, one in enumerate(reversed(once.values()), start=1)]
