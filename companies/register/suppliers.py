"""Supplier checks: read a list, match it with the register and, on request, save it."""

import datetime
import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.spreadsheet import (
    BadSpreadsheet,
    Faults,
    Kind,
    NameList,
    NameOnLine,
    SpreadsheetFault,
    checked_name,
    column_letters,
    read_names,
)
from companies.models import Company, SupplierCheck
from companies.names.matcher import LONGEST_NAME, Match, Suggestion
from companies.names.visible import clean_name
from companies.queries.candidates.scoring import SURE
from companies.queries.lookup import likely, look_up_all
from companies.queries.querysets import companies_with_ids

__all__ = [
    "MAX_BYTES",
    "MOST_NAMES",
    "NOBODY",
    "BadSpreadsheet",
    "Found",
    "Kind",
    "NameList",
    "OwnColumns",
    "SpreadsheetFault",
    "delete_expired",
    "find",
    "forget",
    "keep",
    "kept_check",
    "names_in_file",
    "names_in_text",
    "own_columns",
    "prolong",
]

MOST_NAMES = 2_000
MAX_BYTES = 2_000_000
BULLET = re.compile(r"^[•◦▪·‣*–—-]\s+")  # of a list pasted from a document
NOBODY = "-"  # the choice that none of the suggestions is meant


# Reading a list


def names_in_text(text: str) -> NameList:
    """Read one name a line, or a pasted table; raise BadSpreadsheet with every fault."""
    if "\t" in text.strip():
        return names_in_file(text.encode(errors="replace"))
    faults = Faults(_)
    names: list[NameOnLine] = []
    for line, name in enumerate(text.splitlines(), 1):
        names += checked_name(BULLET.sub("", clean_name(name), count=1), line, LONGEST_NAME, faults)
        if len(names) > MOST_NAMES:
            reason = _("There are more than %(limit)s names. Split the list into parts.")
            raise BadSpreadsheet([SpreadsheetFault(line, "", reason % {"limit": MOST_NAMES})])
    if faults.found:
        raise BadSpreadsheet(faults.as_list())
    return NameList(names)


def names_in_file(content: bytes) -> NameList:
    """Read names from a spreadsheet; raise BadSpreadsheet with every row that cannot be used."""
    if len(content) > MAX_BYTES:
        reason = _("This file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1_000_000}
        raise BadSpreadsheet([SpreadsheetFault(None, "", reason)])
    read = read_names(content, max_rows=MOST_NAMES, longest=LONGEST_NAME, gettext=_)
    names = [replace(one, name=clean_name(one.name), written=one.name) for one in read.names]
    return replace(read, names=[one for one in names if one.name])


@dataclass(frozen=True)
class OwnColumns:
    """The reader's own columns: headings, and a row of cells for each name."""

    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def beside(self, position: int) -> list[tuple[str, str]]:
        """The headings and filled cells beside one name."""
        cells = self.rows[position] if self.headings else ()
        return [pair for pair in zip(self.headings, cells, strict=True) if pair[1]] if cells else []


def own_columns(listed: NameList, *, ours: Sequence[Collection[str]]) -> OwnColumns:
    """The non-empty columns except the names; in our own result file, not those we wrote."""
    written = {name for names in ours if set(names) <= set(listed.headings) for name in names}
    width = max((len(one.cells) for one in listed.names), default=0)
    headings = [*listed.headings, *[""] * (width - len(listed.headings))]
    cells = [[*one.cells, *[""] * (len(headings) - len(one.cells))] for one in listed.names]
    places = [
        place
        for place, heading in enumerate(headings)
        if place != listed.place and heading not in written and any(row[place] for row in cells)
    ]
    return OwnColumns(
        tuple(headings[place] or column_letters(place) for place in places),
        tuple(tuple(row[place] for place in places) for row in cells),
    )


# Matching


@dataclass(frozen=True)
class Found:
    """The result for one name: a company, suggestions, or nothing."""

    name: str
    company_id: int | None = None
    score: int | None = None  # 0 to 100; None where the register sees no likeness
    reason: str = ""
    choice: str = ""  # what the reader decided, if anything
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def is_unsure(self) -> bool:
        return self.company_id is None and bool(self.suggestions) and not self.choice

    @property
    def is_unknown(self) -> bool:
        return self.company_id is None and not self.is_unsure


def find(names: Sequence[str], choices: Mapping[int, str]) -> Iterator[Found]:
    """One result for each name, in order; `choices` are the reader's, by position."""
    chosen = companies_with_ids(set(choices.values()) - {NOBODY, ""})
    for position, match in enumerate(look_up_all(names)):
        yield _found(match, choices.get(position, ""), chosen)


def _found(match: Match, choice: str, chosen: Mapping[str, int]) -> Found:
    if match.basis:
        score, reason = SURE[match.basis]
        return Found(match.listed, match.company_id, score, str(reason))
    shown = likely(match.suggestions)
    if choice == NOBODY:
        return Found(match.listed, choice=choice, suggestions=shown)
    company_id = chosen.get(choice)
    if company_id is None:
        return Found(match.listed, suggestions=shown)
    seen = next((one for one in match.suggestions if one.company_id == company_id), None)
    if seen is None:
        return Found(match.listed, company_id, None, "", choice, shown)
    shown = shown if seen in shown else (*shown, seen)
    return Found(match.listed, company_id, seen.score, seen.reason, choice, shown)


# Keeping a list


def keep(names: Sequence[str], choices: Mapping[int, str]) -> str:
    """Save a list for a time; returns its token, of which only a hash is stored."""
    token = secrets.token_urlsafe(24)
    found = list(find(names, choices))
    slugs = public_ids(one.company_id for one in found)
    SupplierCheck.objects.create(
        token_hash=_hash(token),
        entries=[
            [name, choices.get(position, ""), slugs.get(one.company_id, "")]
            for position, (name, one) in enumerate(zip(names, found, strict=True))
        ],
        expires_at=_end(),
    )
    return token


def public_ids(keys: Iterable[int | None]) -> dict[int | None, str]:
    companies = Company.objects.filter(pk__in={key for key in keys if key})
    return dict(companies.values_list("pk", "slug"))


def _end() -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=settings.KEEP_LISTS_DAYS)


def prolong(check: SupplierCheck) -> None:
    """Extend the expiry of a followed list, once a day."""
    if _end() - check.expires_at > datetime.timedelta(days=1):
        check.expires_at = _end()
        check.save(update_fields=["expires_at"])


def kept_check(token: str) -> SupplierCheck | None:
    return SupplierCheck.objects.kept().filter(token_hash=_hash(token)).first()


def forget(check: SupplierCheck) -> None:
    """Delete a saved list before it expires."""
    check.delete()


def delete_expired(until: datetime.datetime) -> int:
    """Delete the lists that expired by then; returns how many."""
    deleted, _by_model = SupplierCheck.objects.filter(expires_at__lte=until).delete()
    return deleted


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
