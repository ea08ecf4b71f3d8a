"""The fields of a change in words: labels and values."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Field, Model, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.countries import country_codes, country_name
from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    ListHeading,
    Milestone,
    OfficialList,
    Opinion,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    PublishedShare,
    Retraction,
    Sector,
    Signing,
    Source,
)
from companies.names.letters import fold

if TYPE_CHECKING:
    from .known_rows import KnownRows

# The tables of the data package, a higher layer; a test compares the two.
MODELS: dict[str, type[Model]] = {
    "sectors": Sector,
    "sources": Source,
    "pacts": Pact,
    "official_lists": OfficialList,
    "list_headings": ListHeading,
    "commitments": Commitment,
    "milestones": Milestone,
    "published_shares": PublishedShare,
    "opinions": Opinion,
    "companies": Company,
    "company_names": CompanyName,
    "company_identifiers": CompanyIdentifier,
    "company_redirects": CompanyRedirect,
    "signings": Signing,
    "retractions": Retraction,
    "pledges": Pledge,
    "progress_reports": ProgressReport,
    "citations": Citation,
}
# Where a column that refers to another row has its label.
_REFERENCES: dict[str, type[Model]] = {
    "company": Signing,
    "pact": Signing,
    "commitment": Pledge,
    "source": Citation,
    "since": Signing,
    "period": ProgressReport,
}


@dataclass(frozen=True)
class FieldChange:
    """A changed field with label, old and new value in words; "" if empty."""

    name: str
    label: str
    old: str
    new: str


def field_changes(change: Change, known: "KnownRows") -> list[FieldChange]:
    """All fields of the change with a label, in model order."""
    found = []
    for name in sorted(change.fields, key=lambda name: _place(change.table, name)):
        if field := field_of(change.table, name):
            old, new = (
                in_words(change, field, text, known)
                for text in (change.old(name), change.new(name))
            )
            found.append(FieldChange(name, str(field.verbose_name), old, new))
    return found


@cache
def field_of(table: str, column: str) -> "Field[Any, Any] | None":
    """The model field of a data package column; None if it no longer has one."""
    try:
        model = _REFERENCES.get(column) or MODELS[table]
        return model._meta.get_field(column)  # type: ignore[return-value]  # a column, no relation
    except (KeyError, FieldDoesNotExist):
        return None


@cache
def _place(table: str, column: str) -> int:
    names = [field.name for field in MODELS[table]._meta.concrete_fields] if table in MODELS else []
    return names.index(column) if column in names else len(names)


def in_words(change: Change, field: "Field[Any, Any]", text: str, known: "KnownRows") -> str:
    """A value in words; a deleted row by its public key."""
    if not text:
        return ""
    if field.is_relation:
        return _named(change, field.name, text, known)
    if field.name == "country":
        return country_name(text, get_language() or "en")
    if isinstance(field, DateField):
        return day_in_words(text)
    return str(dict(field.flatchoices).get(text, text))


def day_in_words(text: str) -> str:
    """Format a date, month or year in the active language; other texts are unchanged."""
    try:
        return PartialDate.parse(text).in_words(get_language() or "en").replace("\u00a0", " ")
    except ValueError:
        return text


def _named(change: Change, name: str, text: str, known: "KnownRows") -> str:
    found: Any
    match name:
        case "company" | "parent":
            found = known.companies.get(text)
        case "sector":
            found = known.sectors.get(text)
        case "pact":
            found = known.pacts.get(text)
        case "source":
            found = known.sources.get(text)
        case "commitment":
            found = known.commitments.get((change.pact_slug, text))
        case _:
            found = None
    return str(found) if found else text


def values_said_by(word: str) -> Q:
    """Condition for changes to a value whose label contains `word`."""
    said, sought = Q(), fold(word)
    for column, values in _values(sought):
        for value in values:
            said |= Q(**{f"fields__{column}__icontains": f'"{value}"'})
    return said


def _values(sought: str) -> Iterator[tuple[str, list[str]]]:
    """The values of each column whose label contains the folded `sought`."""
    language = get_language() or "en"
    names = {code: country_name(code, language) for code in country_codes()}
    yield "country", [code for code, name in names.items() if sought in fold(name)]
    yield "sector", [row.code for row in Sector.objects.all() if sought in fold(row.label)]
    for column, labels in _choices().items():
        yield column, sorted({value for value, label in labels if sought in fold(str(label))})


@cache
def _choices() -> dict[str, list[tuple[str, Any]]]:
    """The labelled values by column."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for model in MODELS.values():
        for field in model._meta.concrete_fields:
            if field.editable and field.choices and not field.name.endswith("_precision"):
                found.setdefault(field.name, []).extend(field.flatchoices)
    return found


def said(label: str, old: str, new: str) -> str:
    """A field's new and old value in short."""
    if not old:
        return _("%(field)s: %(new)s") % {"field": label, "new": new}
    if not new:
        return _("%(field)s: no longer %(old)s") % {"field": label, "old": old}
    return _("%(field)s: %(new)s, before: %(old)s") % {"field": label, "new": new, "old": old}
