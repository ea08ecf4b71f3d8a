"""Decide what a write means: material or not, date in the world, cause."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyName,
    CompanyRedirect,
    PartialDate,
    Pledge,
    Retraction,
    Signing,
    Source,
)

from .public_rows import Texts, Write

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork
    from companies.register.stored_rows import Values

Kind, Cause = Change.Kind, Change.Cause

KINDS = {
    "sectors": Kind.SOURCE,
    "sources": Kind.SOURCE,
    "pacts": Kind.PACT,
    "official_lists": Kind.PACT,
    "list_headings": Kind.PACT,
    "commitments": Kind.PACT,
    "milestones": Kind.PACT,
    "published_shares": Kind.PACT,
    "opinions": Kind.PACT,
    "companies": Kind.PROFILE,
    "company_names": Kind.NAME,
    "company_identifiers": Kind.PROFILE,
    "company_redirects": Kind.PROFILE,
    "signings": Kind.STATUS,
    "retractions": Kind.STATUS,
    "pledges": Kind.PLEDGE,
    "progress_reports": Kind.REPORT,
    "citations": Kind.EVIDENCE,
}
# The column that names what a change is about inside a company or a pact.
SUBJECTS = {
    "sectors": "code",
    "sources": "slug",
    "commitments": "code",
    "pledges": "commitment",
    "progress_reports": "period",
    "citations": "source",
}
# Columns whose value a reader's conclusion hangs on.
MATERIAL = {
    "pacts": {"opened_on", "closed_on", "report_after_months", "listed_total", "listed_total_on"},
    "commitments": {"kind", "audience", "text"},
    "milestones": {"date", "value", "reports_received"},
    "published_shares": {"value", "percent"},
    "opinions": {"quote"},
    "companies": {"name", "country", "sector", "size", "role", "parent"},
    "signings": {"status", "since", "until", "asked", "asked_on"},
    "pledges": {"basis", "implementation", "implementation_basis", "target_on"},
    "progress_reports": {"published_on", "submitted_on"},
    "retractions": {"status", "published_from", "reason_en", "reason_fr"},
}
MATERIAL_WHEN_ADDED = {
    "company_redirects",
    "signings",
    "pledges",
    "progress_reports",
    "retractions",
}
MATERIAL_WHEN_DELETED = MATERIAL.keys() | {"company_redirects"}
# What a line on a changed row names it by, where the key does not say.
ABOUT = {
    "signings": ("status", "asked", "asked_on"),
    "sources": ("title",),
    "milestones": ("title_fr",),
    "opinions": ("says_en", "says_fr"),
}
# That somebody, or verify_sources, saw the quote: it is shown beside it and is no news.
VERIFIED = {"verified_on", "verified_by"}
# Settings of the watch, which readers do not see.
WITHOUT_LINE = {"official_lists", "list_headings"}


@dataclass(frozen=True)
class Meaning:
    """The published meaning of one write."""

    material: bool
    has_line: bool
    cause: str
    happened: PartialDate | None = None
    subject: str = ""
    about: Texts = field(default_factory=dict)


class Judge:
    """Decides the meaning of writes in one unit together: one public line covers related rows."""

    def __init__(self, unit: "UnitOfWork", writes: list[Write]) -> None:
        self.unit, self.writes = unit, writes
        self.merged = merged_in(unit)

    def meaning(self, write: Write) -> Meaning:
        has_line = self._has_line(write)
        return Meaning(
            material=has_line and self._is_material(write),
            has_line=has_line,
            cause=self.unit.cause or self._cause(write),
            happened=None if write.row.is_deleted else self._happened(write),
            subject=self._subject(write),
            about=self._about(write),
        )

    # Whether it has a line of its own

    def _has_line(self, write: Write) -> bool:
        name, row = write.table.name, write.row
        if name in WITHOUT_LINE or (self.merged and only_moved(row, self.merged)):
            return False
        whole, covered = row.is_new or row.is_deleted, self._is_covered(write)
        if row.is_new:
            begins = name == "companies" and write.key["slug"] in self._beginners
            return has_line_when_new(name, write.values, begins=begins, covered=covered)
        match name:
            case "signings":
                return bool(self._shown_columns(write)) and not self._retracted(write)
            case "pledges":
                return not (whole and is_implied(write.values)) and not _follows_a_signature(write)
            case "citations" if not whole and {*write.fields} <= VERIFIED:
                return False
        return not covered

    def _is_covered(self, write: Write) -> bool:
        """Whether the public line of another row covers this one."""
        match write.table.name:
            case "company_names" | "company_identifiers":
                return self._comes_with(Company, write.row.values["company_id"])
            case "company_redirects":
                whole = write.row.is_new or write.row.is_deleted
                return not whole or self._other(write) is None
            case "citations":
                return self._comes_with_its_fact(write)
        return False

    @cached_property
    def _beginners(self) -> set[str]:
        """The companies that get a period in this unit."""
        added = (w for w in self.writes if w.row.is_new and w.table.name == "signings")
        return {write.values["company"] for write in added}

    def _comes_with(self, model: Any, pk: int) -> bool:
        other = self.unit.rows.get((model, pk))
        return other is not None and (other.is_new or other.is_deleted)

    def _comes_with_its_fact(self, write: Write) -> bool:
        values = write.row.values
        targets = (
            (write.table.model._meta.get_field(name).related_model, values[f"{name}_id"])
            for name in ("signing", "pledge", "report", "company")
        )
        return any(self._comes_with(model, pk) for model, pk in targets if pk)

    def _other(self, write: Write) -> str | None:
        """The name of the company that a merge removed or its undoing restored."""
        slug = write.values["old_slug"]
        return next((row["name"] for row in self.merged.values() if row["slug"] == slug), None)

    def _retracted(self, write: Write) -> bool:
        """Whether this unit retracts the period, whose retraction has a line of its own."""
        values = write.row.values
        return write.row.is_deleted and any(
            _period(row.values, row.values["since"]) == _period(values, values["since"])
            for row in self.unit.of(Retraction)
            if row.is_new
        )

    def _shown_columns(self, write: Write) -> set[str]:
        """The changed columns, except an end date where the next period begins."""
        fields = {*write.fields}
        if write.old and write.new and "until" in fields and self._followed(write):
            fields.discard("until")
        return fields

    def _followed(self, write: Write) -> bool:
        old, new = write.row.old or {}, write.row.new or {}
        added, removed = self._beginnings[True], self._beginnings[False]
        return _period(new, new["until"]) in added or _period(new, old["until"]) in removed

    @cached_property
    def _beginnings(self) -> dict[bool, set[tuple[int, int, Any]]]:
        """Company, pact and start date of periods that this unit adds (True) or deletes."""
        found: dict[bool, set[tuple[int, int, Any]]] = {True: set(), False: set()}
        for row in self.unit.of(Signing):
            if row.is_new or row.is_deleted:
                found[row.is_new].add(_period(row.values, row.values["since"]))
        return found

    def _is_material(self, write: Write) -> bool:
        name = write.table.name
        if write.row.is_new:
            return name in MATERIAL_WHEN_ADDED
        if write.row.is_deleted:
            return name in MATERIAL_WHEN_DELETED
        return bool(self._shown_columns(write) & MATERIAL.get(name, set()))

    # Why, when, about what

    def _cause(self, write: Write) -> str:
        row = write.row
        if row.is_deleted or write.table.name == "company_redirects":
            return Cause.CORRECTION
        if row.is_new:
            return cause_when_new(write.table.name, write.values)
        if cause := _CAUSES.get(write.table.name, _no_cause)(write):
            return cause
        known = any(old not in ("", "unknown") for old, _new in write.fields.values())
        return Cause.CORRECTION if known else Cause.SOURCE

    def _happened(self, write: Write) -> PartialDate | None:
        values, fields = write.values, write.fields
        if write.row.is_new:
            return happened_when_new(write.table.name, values)
        match write.table.name:
            case "signings" if "until" in self._shown_columns(write):
                return _day(values["until"])
            case "signings" if {"asked", "asked_on"} & {*fields}:
                return _day(values["asked_on"])
            case "pledges" if "implementation" in fields and not is_implied(values):
                return _day(values["as_of"])
            case "progress_reports":
                return _day(values["published_on"] or values["submitted_on"])
        return None

    def _subject(self, write: Write) -> str:
        if write.table.name == "signings":
            return self._cited.get(write.row.pk, "")
        return write.values.get(SUBJECTS.get(write.table.name, ""), "")

    @cached_property
    def _cited(self) -> dict[int, str]:
        """The source cited for each period in this unit: preferably an official list."""
        citations = [
            (write.row.values["signing_id"], write.row.values["source_id"], write.values["source"])
            for write in self.writes
            if write.table.name == "citations" and write.row.is_new
            if write.row.values["signing_id"]
        ]
        lists = Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST)
        official = set(lists.values_list("pk", flat=True)) if citations else set()
        citations.sort(key=lambda one: one[1] in official)
        return {signing: slug for signing, _source, slug in citations}

    def _about(self, write: Write) -> Texts:
        if write.table.name == "company_redirects":
            return {"name": other} if (other := self._other(write)) else {}
        if write.row.is_new or write.row.is_deleted:
            return {}
        names = ABOUT.get(write.table.name, ())
        unchanged = {name: write.values[name] for name in names if name not in write.fields}
        return {name: value for name, value in unchanged.items() if value}


# Of a new row, also of the many of a first load, which nobody judges beside one another


def has_line_when_new(name: str, values: Texts, *, begins: bool, covered: bool) -> bool:
    """Whether a new row gets its own public line.

    `begins` is whether a company also gets a period, `covered` whether the line of a related
    row covers this one.
    """
    if name in WITHOUT_LINE or name == "sources":  # the fact that cites a source has one
        return False
    if name == "pledges":
        return not is_implied(values)
    return not (begins or covered)


def happened_when_new(name: str, values: Texts) -> PartialDate | None:
    match name:
        case "signings":
            return _day(values["since"])
        case "pledges" if not is_implied(values):
            return _day(values["as_of"])
        case "progress_reports":
            return _day(values["published_on"] or values["submitted_on"])
    return None


def cause_when_new(name: str, values: Texts) -> str:
    if name == "company_redirects":
        return Cause.CORRECTION
    given = name == "progress_reports" and (values["published_on"] or values["submitted_on"])
    return Cause.WORLD if name == "signings" or given else Cause.SOURCE


def is_implied(values: Texts) -> bool:
    """Whether it is an implied pledge, which has no line beside that of the period."""
    said = values["implementation"] != Pledge.Implementation.NO_EVIDENCE
    return not said and values["basis"] != Pledge.Basis.STATED


def _follows_a_signature(write: Write) -> bool:
    """Whether a pledge only lost or regained its basis with the signature."""
    return {*write.fields} == {"basis"} and Pledge.Basis.STATED not in write.fields["basis"]


def _cause_of_status(write: Write) -> str:
    fields, values = write.fields, write.values
    ended = "until" in fields and not fields["until"][0]
    if {*fields} == {"since"} and values["since_basis"] == Signing.SinceBasis.FIRST_SEEN:
        old, new = fields["since"]
        return Cause.SOURCE if (new or "") < (old or "") else Cause.CORRECTION
    was_contacted = "asked" in fields and values["asked"]
    only = {*fields} <= {"until", "asked", "asked_on"}
    return Cause.WORLD if only and (ended or was_contacted) else Cause.CORRECTION


def _cause_of_report(write: Write) -> str:
    return cause_when_new(write.table.name, write.values)


def _cause_of_pledge(write: Write) -> str:
    return Cause.SOURCE if "implementation" in write.fields else ""


def _no_cause(write: Write) -> str:
    return ""


_CAUSES: dict[str, Callable[[Write], str]] = {
    "signings": _cause_of_status,
    "pledges": _cause_of_pledge,
    "progress_reports": _cause_of_report,
}


def _period(values: Any, since: datetime.date | None) -> tuple[int, int, Any]:
    return values["company_id"], values["pact_id"], since


def _day(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


# Rows that a merge only moved between companies

TARGETS = ("signing_id", "pledge_id", "report_id", "company_id")


def merged_in(unit: "UnitOfWork") -> dict[int, "Values"]:
    """The companies that this unit merges or restores, by primary key."""
    redirects = unit.of(CompanyRedirect)
    began = {row.values["old_slug"] for row in redirects if row.is_new}
    ended = {row.values["old_slug"] for row in redirects if row.is_deleted}
    return {
        row.pk: row.values
        for row in unit.of(Company)
        if (row.is_deleted and row.values["slug"] in began)
        or (row.is_new and row.values["slug"] in ended)
    }


def only_moved(row: "RowChange", merged: Mapping[int, "Values"]) -> bool:
    """Whether the row only moved between the companies, as the line of the merge says."""
    if row.model is Company:
        return row.pk in merged or _is_subsidiary(row, merged)
    if row.model is Citation and row.changed(*TARGETS):
        return True
    if row.model is CompanyName:
        names = {company["name"] for company in merged.values()}
        if (row.is_new or row.is_deleted) and row.values["name"] in names:
            return True
    return row.model is not CompanyRedirect and _holds(row, "company_id", merged)


def _is_subsidiary(row: "RowChange", merged: Mapping[int, "Values"]) -> bool:
    changed = [name for name in row.values if row.changed(name)]
    return changed == ["parent_id"] and _holds(row, "parent_id", merged)


def _holds(row: "RowChange", name: str, merged: Mapping[int, "Values"]) -> bool:
    return any(values.get(name) in merged for values in (row.old or {}, row.new or {}))
