"""Changes of the register as pages and feeds show them: values in words, old beside new."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import get_language

from companies.countries import country_name
from companies.models import Change, Company, PartialDate, Pledge, Sector, Signing
from companies.queries.change_log import changes_of, companies_of

CHANGES_ON_RECORD = 300  # the newest; the history page has the others
WORDS_COMPARED = 400  # longer texts are shown whole, old and new
_WORD = re.compile(r"\S+\s*")
_FEW = 6  # words; a shorter text is clearer whole
_DATES = ("since", "until", "as_of", "target_on", "published_on", "submitted_on", "due_on")
# The choices of a field, for its label.
_CHOICES: Mapping[str, type[TextChoices]] = {
    "status": Signing.Status,
    "since_basis": Signing.SinceBasis,
    "asked": Signing.Asked,
    "size": Company.Size,
    "role": Company.Role,
    "profile_basis": Company.ProfileBasis,
    "implementation": Pledge.Implementation,
    "implementation_basis": Pledge.ImplementationBasis,
}


@dataclass(frozen=True)
class TextPart:
    """A piece of a text that changed; `how` is "same", "gone" or "come"."""

    how: str
    text: str


@dataclass(frozen=True)
class ShownChange:
    """One change for a page; `company` is the present row, None when there is none any more."""

    change: Change
    company: Company | None
    sectors: Mapping[str, str]

    @property
    def recorded_on(self) -> datetime.date:
        return timezone.localdate(self.change.recorded_at)

    @cached_property
    def difference(self) -> list[TextPart]:
        """The old value beside the new one; empty where there was no old value."""
        change = self.change
        if not change.old:
            return []
        return difference(self._in_words(change.old), self._in_words(change.new))

    def _in_words(self, value: str) -> str:
        field = self.change.field
        if field in _CHOICES and value in _CHOICES[field]:
            return str(_CHOICES[field](value).label)
        if field == "country" and value:
            return country_name(value, get_language() or "en")
        if field == "sector":
            return self.sectors.get(value, value)
        return date_in_words(value) if field in _DATES else value


def date_in_words(text: str) -> str:
    """An ISO date as the reader's language writes it; any other text as it is."""
    try:
        return PartialDate.parse(text).in_words(get_language() or "en")
    except ValueError:
        return text


def difference(old: str, new: str) -> list[TextPart]:
    """Short values whole, the old before the new; of long texts only the words that differ."""
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
    """Changes with their companies, in at most three queries."""
    changes = list(changes)
    companies = companies_of(changes)
    sectors = _sector_labels(changes)
    return [ShownChange(change, companies.get(change.company_slug), sectors) for change in changes]


def changes_on_record(company: Company, until: datetime.date | None) -> list[ShownChange]:
    """The newest material changes of a company, recorded on `until` or before."""
    changes = changes_of(company).filter(material=True)
    if until:
        changes = changes.filter(recorded_at__date__lte=until)
    found = list(changes[:CHANGES_ON_RECORD])
    sectors = _sector_labels(found)
    return [ShownChange(change, company, sectors) for change in found]


def _sector_labels(changes: Iterable[Change]) -> dict[str, str]:
    """The label of each sector by its code; no query unless a change is about a sector."""
    needed = any(change.field == "sector" for change in changes)
    return {sector.code: sector.label for sector in Sector.objects.all()} if needed else {}
