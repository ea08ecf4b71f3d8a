"""A line of the public history, the related rows it names, and the wording of a changed field."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Field, Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.countries import country_name
from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    Pact,
    PartialDate,
    Pledge,
    Precision,
    ProgressReport,
    Sector,
    Signing,
    Source,
)

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork

Cause = Change.Cause
QUOTED = 120  # characters; of a longer text, a line says only that it was reworded
MANY = 500  # primary keys in one query; above it the whole table is read


@dataclass(frozen=True)
class Line:
    """A change before it has its place in the chain; `what` is in the active language."""

    kind: str
    what: str
    company: tuple[str, str] = ("", "")  # public id, name
    pact: str = ""
    subject: str = ""  # code of a commitment, period of a report, slug of a source
    field: str = ""
    old: str = ""
    new: str = ""
    happened: PartialDate | None = None
    cause: str = Cause.SOURCE
    material: bool = True

    @property
    def order(self) -> datetime.date:
        return self.happened.date if self.happened else datetime.date.min

    def columns(self) -> dict[str, Any]:
        return {
            "company_slug": self.company[0],
            "company_name": self.company[1],
            "pact_slug": self.pact,
            "subject": self.subject,
            "kind": self.kind,
            "field": self.field,
            "old": self.old,
            "new": self.new,
            "happened_on": self.happened.date if self.happened else None,
            "happened_precision": self.happened.precision if self.happened else Precision.DAY,
            "cause": self.cause,
            "material": self.material,
        }


class Related:
    """The rows that a unit's rows point to, read in a fixed number of queries."""

    def __init__(self, unit: "UnitOfWork") -> None:
        self.unit = unit

    @cached_property
    def companies(self) -> dict[int, tuple[str, str]]:
        """Slug and name of each company; of a deleted one, as they were before the unit."""
        ids = self._ids(Company, "company_id", "parent_id")
        ids |= {values["company_id"] for values in self.targets.values()}
        found = {row.pk: (row.slug, row.name) for row in by_pk(Company, ids)}
        gone = {s.pk: (s.values["slug"], s.values["name"]) for s in self.unit.of(Company)}
        return gone | found

    @cached_property
    def pacts(self) -> dict[int, Any]:
        return {row.pk: row for row in Pact.objects.all()}

    @cached_property
    def commitments(self) -> dict[int, Any]:
        return {row.pk: row for row in Commitment.objects.all()}

    @cached_property
    def sectors(self) -> dict[int, Any]:
        return {row.pk: row for row in Sector.objects.all()}

    @cached_property
    def sources(self) -> dict[int, Any]:
        return {row.pk: row for row in by_pk(Source, self._ids(Source, "source_id"))}

    @cached_property
    def targets(self) -> dict[tuple[type[Model], int], Mapping[str, Any]]:
        """The values of each signing, pledge and report that a citation of this unit supports."""
        found: dict[tuple[type[Model], int], Mapping[str, Any]] = {}
        models: dict[str, type[Model]] = {
            "signing_id": Signing,
            "pledge_id": Pledge,
            "report_id": ProgressReport,
        }
        for attname, model in models.items():
            ids = {row.values[attname] for row in self.unit.of(Citation)} - {None}
            known = {row.pk: row.values for row in self.unit.of(model)}
            found |= {(model, pk): known[pk] for pk in ids & known.keys()}
            for row in by_pk(model, ids - known.keys()):
                found[model, row.pk] = {"company_id": row.company_id}
        return found

    @cached_property
    def on_official_lists(self) -> set[int]:
        """Primary keys of the signings that this unit cites an official list for."""
        return {
            row.values["signing_id"]
            for row in self.unit.of(Citation)
            if (source := self.sources.get(row.values["source_id"]))
            and source.kind == Source.Kind.OFFICIAL_LIST
        }

    @cached_property
    def companies_with_new_periods(self) -> set[int]:
        """Primary keys of the companies with a period that this unit adds."""
        return {row.values["company_id"] for row in self.unit.of(Signing) if row.is_new}

    @cached_property
    def beginnings(self) -> dict[bool, set[tuple[int, int, datetime.date]]]:
        """Company, pact and first day of the periods that this unit adds (True) or deletes."""
        found: dict[bool, set[tuple[int, int, datetime.date]]] = {True: set(), False: set()}
        for row in self.unit.of(Signing):
            if row.is_new or row.is_deleted:
                found[row.is_new].add(period_key(row.values, row.values["since"]))
        return found

    def company(self, pk: int | None) -> tuple[str, str]:
        return self.companies.get(pk or 0, ("", ""))

    def pact(self, pk: int) -> str:
        return self.pacts[pk].slug if pk in self.pacts else ""

    def _ids(self, model: type[Model], *attnames: str) -> set[int]:
        ids = {row.pk for row in self.unit.of(model)}
        for row in self.unit.rows.values():
            for values in (row.old or {}, row.new or {}):
                ids |= {values[name] for name in attnames if values.get(name)}
        return ids


def by_pk(model: type[Model], ids: set[int]) -> Iterable[Any]:
    if not ids:
        return []
    rows = model._default_manager.all()
    return rows if len(ids) > MANY else rows.filter(pk__in=ids)


def period_key(values: Mapping[str, Any], since: Any) -> tuple[int, int, Any]:
    return values["company_id"], values["pact_id"], since


def in_words(date: PartialDate) -> str:
    return date.in_words(get_language() or "en").replace("\u00a0", " ")


def fields_changed(
    row: "RowChange",
    model: type[Model],
    related: Related,
    kind: str,
    about: dict[str, Any],
    *,
    prefix: str = "",
    material_fields: tuple[str, ...] = (),
    all_material: bool = False,
) -> Iterator[Line]:
    """One line for each field that people edit and that changed."""
    for field in model._meta.concrete_fields:
        if not (field.editable and row.changed(field.attname)):
            continue
        old, new = (row.old or {})[field.attname], (row.new or {})[field.attname]
        yield Line(
            kind,
            prefix + _field_changed(field, old, new, related),
            **about,
            field=field.name,
            old=_stored(field, old, related),
            new=_stored(field, new, related),
            cause=Cause.CORRECTION if old not in (None, "", "unknown") else Cause.SOURCE,
            material=all_material or field.attname in material_fields,
        )


def _field_changed(field: "Field[Any, Any]", old: Any, new: Any, related: Related) -> str:
    label = str(field.verbose_name)
    before, after = _shown(field, old, related), _shown(field, new, related)
    if max(len(before), len(after)) > QUOTED:
        return _("%(field)s reworded") % {"field": label}
    if not before:
        return _("%(field)s: %(new)s") % {"field": label, "new": after}
    if not after:
        return _("%(field)s: no longer %(old)s") % {"field": label, "old": before}
    return _("%(field)s: %(new)s, before: %(old)s") % {
        "field": label,
        "new": after,
        "old": before,
    }


def _shown(field: "Field[Any, Any]", value: Any, related: Related) -> str:
    """The value as a reader knows it; empty when there is none."""
    if value in (None, ""):
        return ""
    if field.name == "country":
        return country_name(value, get_language() or "en")
    if isinstance(value, datetime.date):
        return in_words(PartialDate(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return POINTERS[field.name](value, related) if field.name in POINTERS else str(value)


def _stored(field: "Field[Any, Any]", value: Any, related: Related) -> str:
    """The value as a program reads it: public ids in place of primary keys."""
    if value is None:
        return ""
    if field.name == "parent":
        return related.company(value)[0]
    if field.name == "sector":
        return related.sectors[value].code if value in related.sectors else ""
    return str(value)


POINTERS: dict[str, Callable[[int, Related], str]] = {
    "parent": lambda pk, related: related.company(pk)[1],
    "sector": lambda pk, related: related.sectors[pk].label if pk in related.sectors else "",
    "source": lambda pk, related: related.sources[pk].title if pk in related.sources else "",
    "pact": lambda pk, related: related.pacts[pk].name if pk in related.pacts else "",
    "commitment": lambda pk, related: (
        related.commitments[pk].title if pk in related.commitments else ""
    ),
}
