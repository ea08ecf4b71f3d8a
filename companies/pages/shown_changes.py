"""Changes prepared for pages and feeds: values in words, old beside new."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language

from companies.models import Change, Company, PartialDate
from companies.queries import (
    KnownRows,
    changes_of,
    companies_of,
    field_changes,
    newest_changes,
    of,
    sentence,
)

CHANGES_ON_RECORD = 300  # the newest; the history page has the others
WORDS_COMPARED = 400  # longer texts are shown whole, old and new
_WORD = re.compile(r"\S+\s*")
_FEW = 6  # words; a shorter text is clearer whole


@dataclass(frozen=True)
class TextPart:
    """A part of a changed text; `how` is "same", "gone" or "come"."""

    how: str
    text: str


@dataclass(frozen=True)
class FieldDifference:
    """One field of a changed row: its label, and its old value beside the new one."""

    label: str
    parts: list[TextPart]


@dataclass(frozen=True)
class ShownChange:
    """A change for a page; `company` is the current row, None if it was deleted."""

    change: Change
    company: Company | None
    known: KnownRows

    @property
    def recorded_on(self) -> datetime.date:
        return timezone.localdate(self.change.recorded_at)

    @cached_property
    def what(self) -> str:
        return sentence(self.change, self.known)

    def __str__(self) -> str:
        name = self.change.company_name
        return of(name, self.what) if name else self.what

    @cached_property
    def happened_elsewhen(self) -> PartialDate | None:
        """The date in the world, unless the sentence names it."""
        when = self.change.happened
        if when is None:
            return None
        words = when.in_words(get_language() or "en").replace("\u00a0", " ")
        return None if words in self.what.replace("\u00a0", " ") else when

    @cached_property
    def differences(self) -> list[FieldDifference]:
        """The changed fields; empty for an added or deleted row."""
        if self.change.action != Change.Action.CHANGED:
            return []
        return [
            FieldDifference(one.label, difference(one.old, one.new))
            for one in field_changes(self.change, self.known)
            if one.old
        ]


def difference(old: str, new: str) -> list[TextPart]:
    """The difference of two values: short ones whole, of long texts only changed words."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if not _FEW <= min(len(before), len(after)) <= max(len(before), len(after)) <= WORDS_COMPARED:
        return [part for part in (TextPart("gone", old), TextPart("come", new)) if part.text]
    parts: list[TextPart] = []
    for same, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if same == "equal":
            parts.append(TextPart("same", "".join(after[c:d])))
            continue
        pieces = (
            TextPart("gone", "".join(before[a:b]).strip()),
            TextPart("come", "".join(after[c:d]).strip()),
        )
        parts += [part for part in pieces if part.text]
    return parts


def shown_changes(changes: Iterable[Change]) -> list[ShownChange]:
    """Changes with their companies and words, in a fixed number of queries."""
    changes = list(changes)
    companies, known = companies_of(changes), KnownRows(changes)
    return [ShownChange(change, companies.get(change.company_slug), known) for change in changes]


def changes_on_record(company: Company, until: datetime.date | None) -> list[ShownChange]:
    """The newest material changes of a company, recorded on `until` or before."""
    if until:
        changes = changes_of(company).filter(has_line=True, material=True)
        found = list(changes.filter(recorded_at__date__lte=until)[:CHANGES_ON_RECORD])
    else:
        found = newest_changes(company, CHANGES_ON_RECORD)
    known = KnownRows(found)
    return [ShownChange(change, company, known) for change in found]
