"""The tables of the data package: which file holds which model, and which column which field.

Reading, checking, comparing and writing all follow from this one list. A column has the name of its
field; a reference holds the public id of the row it points to; a date with a precision is one
column, as long as the source states it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import QuerySet

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    ListHeading,
    Milestone,
    OfficialList,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    Sector,
    Signing,
    Source,
)

Key = tuple[str, ...]
Status = Signing.Status


@dataclass(frozen=True)
class Table:
    """One CSV file of the package.

    `columns` maps each column to a path of attributes, `key` names the columns that identify a row.
    `later` are the last columns, which packages of before they existed lack.
    `references` maps a foreign key to the table and the columns that name the row it points to.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: Mapping[str, str]
    references: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    related: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @cached_property
    def fields(self) -> "dict[str, models.Field[Any, Any]]":
        """The model's own fields among the columns, references apart, by column."""
        own = {f.name: f for f in self.model._meta.concrete_fields if not f.is_relation}
        return {c: own[path] for c, path in self.columns.items() if path in own}

    @cached_property
    def partial_dates(self) -> frozenset[str]:
        names = {f.name for f in self.model._meta.concrete_fields}
        return frozenset(column for column in self.fields if f"{column}_precision" in names)

    def rows(self) -> "QuerySet[Any]":
        return self.model._default_manager.select_related(*self.related).order_by("pk")

    def values(self, instance: models.Model) -> dict[str, str]:
        """A row of the database as the file states it."""
        return {column: self.text(instance, column) for column in self.columns}

    def text(self, instance: Any, column: str) -> str:
        if column in self.partial_dates:
            date = getattr(instance, column)
            precision = getattr(instance, f"{column}_precision")
            return str(PartialDate(date, precision)) if date else ""
        value = instance
        for name in self.columns[column].split("."):
            value = getattr(value, name, None)
        return "" if value is None else str(value)

    def key_of(self, values: Mapping[str, str]) -> Key:
        return tuple(values[column] for column in self.key)

    def unique_key(self, values: Mapping[str, str], columns: tuple[str, ...]) -> Key:
        """What must differ: a name whatever its case, a date whatever its precision."""
        return tuple(self._comparable(column, values[column]) for column in columns)

    def _comparable(self, column: str, text: str) -> str:
        if column in self.partial_dates:
            return (text + "-01-01")[:10]
        return text.lower() if column == "name" else text


FACTS = {
    "signing": ("signings", ("company", "pact", "since")),
    "pledge": ("pledges", ("company", "pact", "commitment")),
    "report": ("progress_reports", ("company", "pact", "period")),
    "company": ("companies", ("company",)),
}


class CitationTable(Table):
    """Citations name what they support by `fact` and by the columns that identify it."""

    def values(self, instance: models.Model) -> dict[str, str]:
        own = super().values(instance)
        fact = next(name for name in FACTS if getattr(instance, f"{name}_id"))
        table, columns = FACTS[fact]
        target = BY_NAME[table].key_of(BY_NAME[table].values(getattr(instance, fact)))
        named = dict.fromkeys(("company", "pact", "since", "commitment", "period"), "")
        return own | named | dict(zip(columns, target, strict=True)) | {"fact": fact}

    def text(self, instance: models.Model, column: str) -> str:
        named = column in ("company", "pact", "fact", "since", "commitment", "period")
        return "" if named else super().text(instance, column)


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


COMPANY = ("companies", ("company",))
PACT = ("pacts", ("pact",))
SOURCE = ("sources", ("source",))

TABLES = (
    Table(
        "sectors",
        Sector,
        ("code",),
        same("code", "label_en", "label_fr"),
    ),
    Table(
        "sources",
        Source,
        ("slug",),
        same(
            "slug",
            "url",
            "title",
            "publisher",
            "kind",
            "published_on",
            "retrieved_on",
            "archived_url",
            "sha256",
        ),
        unique=(("url", "sha256"),),
    ),
    Table(
        "pacts",
        Pact,
        ("slug",),
        same(
            "slug",
            "position",
            "name_en",
            "name_fr",
            "summary_en",
            "summary_fr",
            "issuer",
            "opened_on",
            "closed_on",
            "url",
            "report_after_months",
            "listed_total",
            "listed_total_on",
            "issuer_fr",
        ),
        later=("issuer_fr",),
    ),
    Table(
        "official_lists",
        OfficialList,
        ("pact",),
        {"pact": "pact.slug"} | same("url", "every_hours", "watched"),
        references={"pact": PACT},
        related=("pact",),
    ),
    Table(
        "list_headings",
        ListHeading,
        ("pact", "kind", "language", "text"),
        {"pact": "pact.slug"} | same("language", "kind", "text"),
        references={"pact": PACT},
        related=("pact",),
    ),
    Table(
        "commitments",
        Commitment,
        ("pact", "code"),
        {"pact": "pact.slug"}
        | same(
            "code",
            "position",
            "kind",
            "audience",
            "title_en",
            "title_fr",
            "text",
            "text_basis",
            "ai_act_article",
        )
        | {"source": "source.slug"}
        | same("ai_act_article_fr"),
        references={"pact": PACT, "source": SOURCE},
        related=("pact", "source"),
        later=("ai_act_article_fr",),
    ),
    Table(
        "milestones",
        Milestone,
        ("date", "title_en"),
        same("date", "topic", "title_en", "title_fr", "value")
        | {"source": "source.slug"}
        | same("confidence", "moved_from"),
        references={"source": SOURCE},
        unique=(("date", "title_en"),),
        related=("source",),
        later=("moved_from",),
    ),
    Table(
        "companies",
        Company,
        ("slug",),
        same("slug", "name", "legal_name", "country")
        | {"sector": "sector.code"}
        | same("size", "role", "website")
        | {"parent": "parent.slug"}
        | same("description", "profile_basis", "profile_url"),
        references={"sector": ("sectors", ("sector",)), "parent": ("companies", ("parent",))},
        unique=(("name",),),
        related=("sector", "parent"),
    ),
    Table(
        "company_names",
        CompanyName,
        ("company", "name"),
        {"company": "company.slug"} | same("name", "kind"),
        references={"company": COMPANY},
        unique=(("company", "name"),),
        related=("company",),
    ),
    Table(
        "company_identifiers",
        CompanyIdentifier,
        ("scheme", "value"),
        {"company": "company.slug"} | same("scheme", "value"),
        references={"company": COMPANY},
        related=("company",),
    ),
    Table(
        "company_redirects",
        CompanyRedirect,
        ("old_slug",),
        same("old_slug") | {"company": "company.slug"},
        references={"company": COMPANY},
        related=("company",),
    ),
    Table(
        "signings",
        Signing,
        ("company", "pact", "since"),
        {"company": "company.slug", "pact": "pact.slug"}
        | same("status", "since", "since_basis", "until", "reason_en", "reason_fr")
        | same("asked", "asked_on"),
        references={"company": COMPANY, "pact": PACT},
        related=("company", "pact"),
        later=("asked", "asked_on"),
    ),
    Table(
        "pledges",
        Pledge,
        ("company", "pact", "commitment"),
        {
            "company": "company.slug",
            "pact": "commitment.pact.slug",
            "commitment": "commitment.code",
        }
        | same(
            "basis",
            "implementation",
            "implementation_basis",
            "as_of",
            "target_on",
            "note_en",
            "note_fr",
        ),
        references={"company": COMPANY, "commitment": ("commitments", ("pact", "commitment"))},
        related=("company", "commitment__pact"),
    ),
    Table(
        "progress_reports",
        ProgressReport,
        ("company", "pact", "period"),
        {"company": "company.slug", "pact": "pact.slug"}
        | same("period", "due_on", "due_basis", "submitted_on", "published_on", "url"),
        references={"company": COMPANY, "pact": PACT},
        related=("company", "pact"),
    ),
    CitationTable(
        "citations",
        Citation,
        ("company", "pact", "fact", "since", "commitment", "period", "source", "quote"),
        same("company", "pact", "fact", "since", "commitment", "period")
        | {"source": "source.slug"}
        | same("quote", "confidence", "verified_on", "verified_by"),
        references={"source": SOURCE},
        related=(
            "source",
            "company",
            "signing__company",
            "signing__pact",
            "pledge__company",
            "pledge__commitment__pact",
            "report__company",
            "report__pact",
        ),
    ),
)
BY_NAME = {table.name: table for table in TABLES}


Rule = tuple[tuple[str, ...], Callable[[Any], bool], str]

# What the database's own check constraints say, told by line before anything is written.
RULES: Mapping[str, Sequence[Rule]] = {
    "sources": [
        (
            ("published_on", "retrieved_on"),
            lambda s: not (s.published_on and s.retrieved_on) or s.published_on <= s.retrieved_on,
            "a document to be read after it was published",
        ),
    ],
    "pacts": [
        (
            ("opened_on", "closed_on"),
            lambda pact: not pact.closed_on or pact.opened_on < pact.closed_on,
            "a pact to close after it opened",
        ),
        (
            ("listed_total", "listed_total_on"),
            lambda pact: (pact.listed_total is None) == (pact.listed_total_on is None),
            "both or neither",
        ),
    ],
    "milestones": [
        (
            ("date", "moved_from"),
            lambda milestone: milestone.moved_from != milestone.date,
            "another day than its own",
        ),
    ],
    "companies": [
        (
            ("slug", "parent"),
            lambda company: company.parent is not company,
            "another company as its group",
        ),
    ],
    "signings": [
        (
            ("since", "until"),
            lambda signing: not signing.until or signing.since < signing.until,
            "the period to end after it began",
        ),
        (
            ("status", "asked"),
            lambda s: not s.asked or s.status not in (Status.SIGNED, Status.UNKNOWN),
            "nothing asked of a signatory or of one not known",
        ),
        (
            ("asked", "asked_on"),
            lambda signing: bool(signing.asked) == bool(signing.asked_on),
            "both or neither",
        ),
    ],
    "pledges": [
        (
            ("implementation", "implementation_basis"),
            lambda p: (p.implementation == "no_evidence") != bool(p.implementation_basis),
            "a basis with evidence, and none without",
        ),
    ],
    "progress_reports": [
        (
            ("published_on", "url"),
            lambda report: bool(report.url) or not report.published_on,
            "the address of a published report",
        ),
    ],
}
