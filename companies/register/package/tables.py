"""The tables of the data package: which file holds which model, and which column which field.

Reading, checking, comparing and writing all follow from this one list, and this list from the
models: a column has the name of its field, in the order of the fields. A reference holds the public
id of the row it points to; a date with a precision is one column, as long as the source states it;
what the program writes by itself has no column.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Field, QuerySet, UniqueConstraint
from django.db.models.functions import Cast
from django.utils.functional import cached_property

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

from .constraints import Check, NamedF, check_constraints, fields_of, in_memory

Key = tuple[str, ...]
READ_AT_ONCE = 2_000  # rows


@dataclass(frozen=True)
class Rule:
    """A check constraint of the model, with the fields it compares and the columns of these."""

    message: str
    holds: Check
    fields: frozenset[str]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One CSV file of the package.

    `key` names the columns that identify a row. `later` are the columns that were added since the
    first package: they come last, in the order they were added, and an older package lacks them;
    it lacks the whole file where the table is `newer`, and says nothing of its rows. `gone` are the
    columns that an older package may still have, and that are not read.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    later: tuple[str, ...] = ()
    newer: bool = False
    gone: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @cached_property
    def columns(self) -> dict[str, str]:
        """Each column with the attribute path of its value."""
        found: dict[str, str] = {}
        for own in self.stored_fields:
            found |= self._paths(own) if own.is_relation else {own.name: own.name}
        return found | {column: found.pop(column) for column in self.later}

    @cached_property
    def stored_fields(self) -> "list[Field[Any, Any]]":
        """The fields in the file, in model order."""
        names = {f.name for f in self.model._meta.concrete_fields}
        return [
            own
            for own in self.model._meta.concrete_fields
            if own.editable and not own.primary_key
            if own.name.removesuffix("_precision") not in names - {own.name}
        ]

    def _paths(self, reference: "Field[Any, Any]") -> dict[str, str]:
        columns = self.references[reference.name][1]
        keys = [f"{reference.name}.{path}" for path in _table_of(reference).key_paths]
        return dict(zip(columns, keys, strict=True))

    @cached_property
    def key_paths(self) -> list[str]:
        """The attribute paths of the key, for tables that refer to this one."""
        own = [self.model._meta.get_field(column) for column in self.key]
        return [
            f"{f.name}.{_table_of(f).key_paths[-1]}" if f.is_relation else f.name  # type: ignore[arg-type]  # the types are wider
            for f in own
        ]

    @cached_property
    def references(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Foreign keys, with the table and columns that identify the referenced row."""
        found = {}
        for own in self.stored_fields:
            if own.is_relation:
                table = _table_of(own)
                found[own.name] = (table.name, (*table.key[:-1], own.name))
        return found

    @cached_property
    def related(self) -> list[str]:
        """The relations that `values` reads, for select_related."""
        return sorted(
            {path.rpartition(".")[0].replace(".", "__") for path in self.columns.values()} - {""}
        )

    @cached_property
    def fields(self) -> "dict[str, Field[Any, Any]]":
        """The model's own fields among the columns, without relations, by column."""
        return {own.name: own for own in self.stored_fields if not own.is_relation}

    @cached_property
    def explained(self) -> "dict[str, Field[Any, Any]]":
        """The field of each column, which describes it in a data dictionary."""
        above = {
            name: BY_NAME[table].explained[name]
            for table, columns in self.references.values()
            for name in columns[:-1]
        }
        return above | {own.name: own for own in self.stored_fields}

    @cached_property
    def partial_dates(self) -> frozenset[str]:
        names = {f.name for f in self.model._meta.concrete_fields}
        return frozenset(column for column in self.fields if f"{column}_precision" in names)

    @cached_property
    def rules(self) -> list[Rule]:
        """The check constraints on columns of the file."""
        found = []
        for constraint in check_constraints(self.model):
            fields = frozenset(fields_of(constraint.condition))
            columns = tuple(column for column in self.columns if column in fields)
            holds = in_memory(constraint.condition, self.model)
            message = str(constraint.get_violation_error_message())
            found.append(Rule(message, holds, fields, columns))
        return found

    @cached_property
    def unique(self) -> list[tuple[str, ...]]:
        """The columns of each unique constraint beyond the key.

        Conditional ones are excluded: periods are compared with one another.
        """
        found = []
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
                columns = tuple(self._columns_of(constraint))
                looser = any(self._comparable(column, "A") != "A" for column in columns)
                if looser or set(columns) != set(self.key):
                    found.append(columns)
        return found

    def _columns_of(self, constraint: UniqueConstraint) -> Iterator[str]:
        for name in constraint.fields or _names(constraint.expressions):
            yield from self.references.get(name, ("", (name,)))[1]

    def rows(self) -> "QuerySet[Any]":
        rows = self.model._default_manager.order_by("pk")
        return rows.select_related(*self.related) if self.related else rows

    def stated_rows(self) -> "QuerySet[Any]":
        """The rows in the package; computed rows are left out."""
        return self.rows()

    def stated_texts(self) -> Iterator[dict[str, str]]:
        return self.texts(self.stated_rows())

    def texts(self, rows: "QuerySet[Any]") -> Iterator[dict[str, str]]:
        """`values` of each row, without creating instances."""
        return (dict(zip(self.columns, cells, strict=True)) for cells in self.cells(rows))

    def cells(self, rows: "QuerySet[Any]") -> Iterator[Sequence[str]]:
        """The values of `texts`, without the names of the columns."""
        return _texts(rows, self.read_columns(self.columns))

    def read_columns(self, names: Iterable[str], before: str = "") -> "list[ReadColumn]":
        """The query paths of columns; `before` leads from another table to this one."""
        return [
            ReadColumn(
                before + self.columns[name].replace(".", "__"),
                f"{before}{name}_precision" if name in self.partial_dates else "",
                self.fields.get(name),
            )
            for name in names
        ]

    def values(self, instance: models.Model) -> dict[str, str]:
        """The texts of an instance, by column."""
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
        """The unique key of a row: names ignoring case, dates ignoring precision."""
        return tuple(self._comparable(column, values[column]) for column in columns)

    def _comparable(self, column: str, text: str) -> str:
        if column in self.partial_dates:
            return (text + "-01-01")[:10]
        return text.lower() if column == "name" else text

    def as_now(self, column: str, text: str) -> str:
        """A text of an old change, converted to today's column."""
        return text

    def keep_seen(self, stated: dict[str, str], stored: dict[str, str]) -> None:
        """Keep in a loaded row what only the program records, such as verification."""


class ReadColumn(NamedTuple):
    """The query path of a column's value, and its precision if it is a partial date."""

    lookup: str
    precision: str
    field: "Field[Any, Any] | None"

    @property
    def expression(self) -> Any:
        is_date = isinstance(self.field, models.DateField)
        is_day = is_date and not isinstance(self.field, models.DateTimeField)
        return Cast(self.lookup, models.TextField()) if is_day else self.lookup

    @property
    def is_text(self) -> bool:
        """Whether the database has the text itself, and always one."""
        is_text = isinstance(self.field, models.CharField | models.TextField)
        return is_text and self.field is not None and not self.field.null


def _texts(rows: "QuerySet[Any]", columns: "Sequence[ReadColumn]") -> Iterator[tuple[str, ...]]:
    """The cells of each row. A day stays the text that it is to the database."""
    lookups = [one.expression for one in columns]
    precisions = [one.precision for one in columns if one.precision]
    found = rows.values_list(*lookups, *precisions).iterator(chunk_size=READ_AT_ONCE)
    while block := list(islice(found, READ_AT_ONCE)):
        values = zip(*block, strict=True)
        read = list(zip(columns, values, strict=False))
        yield from zip(*[_column_texts(one, of, values) for one, of in read], strict=True)


def _column_texts(
    column: "ReadColumn", values: Sequence[Any], precisions: Iterator[Sequence[str]]
) -> Iterable[str]:
    """The texts of one column; those of partial dates take the next column of precisions."""
    if column.precision:
        return map(_partial_text, values, next(precisions))
    if column.is_text:
        return values
    return ["" if value is None else str(value) for value in values]


@lru_cache(5000)  # many rows have the same day
def _partial_text(day: str | None, precision: str) -> str:
    return str(PartialDate(datetime.date.fromisoformat(day), precision)) if day else ""


class PledgeTable(Table):
    """The table of pledges that say more than a signature; implied ones are computed."""

    def stated_rows(self) -> "QuerySet[Any]":
        return super().stated_rows().exclude(pk__in=Pledge.objects.computed())


FACTS = {
    "signing": ("signings", ("company", "pact", "since")),
    "pledge": ("pledges", ("company", "pact", "commitment")),
    "report": ("progress_reports", ("company", "pact", "period")),
    "company": ("companies", ("company",)),
}


# What a citation names its fact by.
NAMED = ("company", "pact", "fact", "since", "commitment", "period")


def beside_its_fact(values: Mapping[str, str]) -> list[str]:
    """The columns that identify another fact than the one a citation supports."""
    _table, used = FACTS[values["fact"]]
    return [column for column in NAMED if values[column] and column not in (*used, "fact")]


class CitationTable(Table):
    """The table of citations, which identify their fact by `fact` and key columns."""

    @cached_property
    def stored_fields(self) -> "list[Field[Any, Any]]":
        """Its own fields, without the four targets, which are in the key columns."""
        return [own for own in super().stored_fields if own.name not in FACTS]

    @cached_property
    def columns(self) -> dict[str, str]:
        return dict.fromkeys(NAMED, "") | super().columns

    @cached_property
    def explained(self) -> "dict[str, Field[Any, Any]]":
        named = [
            (column, BY_NAME[table].explained[column])
            for fact, (table, columns) in FACTS.items()
            if fact != "company"
            for column in columns
        ]
        return dict(named) | super().explained

    @cached_property
    def related(self) -> list[str]:
        facts = [
            f"{fact}__{path}"
            for fact, (table, _columns) in FACTS.items()
            for path in BY_NAME[table].related
            if fact != "company"
        ]
        return [*super().related, *FACTS, *facts]

    def values(self, instance: models.Model) -> dict[str, str]:
        own = super().values(instance)
        fact = next(name for name in FACTS if getattr(instance, f"{name}_id"))
        table, columns = FACTS[fact]
        target = BY_NAME[table].key_of(BY_NAME[table].values(getattr(instance, fact)))
        named = dict.fromkeys(NAMED, "")
        return own | named | dict(zip(columns, target, strict=True)) | {"fact": fact}

    def cells(self, rows: "QuerySet[Any]") -> Iterator[Sequence[str]]:
        own = [column for column in self.columns if column not in NAMED]
        columns, starts = self.read_columns(own), dict[str, int]()
        for fact, (name, _columns) in FACTS.items():
            starts[fact] = len(columns)
            columns += BY_NAME[name].read_columns(BY_NAME[name].key, f"{fact}__")
        # After what is read stand the names of the facts, and what the other columns have.
        named = (*FACTS, "")
        last = len(columns) + len(FACTS)
        getters = []
        for number, (fact, (_name, keys)) in enumerate(FACTS.items()):
            places = dict(zip(keys, range(starts[fact], last), strict=False))
            places["fact"] = len(columns) + number
            at = (places.get(column, last) for column in NAMED)
            getters.append((starts[fact], itemgetter(*at, *range(len(own)))))
        for cells in _texts(rows, columns):
            for start, of_fact in getters:  # the one fact whose key is filled
                if cells[start]:
                    yield of_fact(cells + named)
                    break

    def text(self, instance: models.Model, column: str) -> str:
        return "" if column in NAMED else super().text(instance, column)

    def as_now(self, column: str, text: str) -> str:
        """Old changes named the editor who verified a quote."""
        return str(self.fields[column].to_python(text)) if column == "verified_by" else text

    def keep_seen(self, stated: dict[str, str], stored: dict[str, str]) -> None:
        """Keep verification: the quote is part of the key, so that it is the same quote."""
        verified = ("verified_on", "verified_by")
        by_program = stored.get("verified_by") == Citation.BY_PROGRAM
        if by_program and not any(stated[column] for column in verified):
            stated.update({column: stored[column] for column in verified})


# The tables in the order of writing: each after those it points to.
TABLES = (
    Table("sectors", Sector, ("code",)),
    Table("sources", Source, ("slug",), later=("obtained", "received_from", "publisher_fr")),
    Table("pacts", Pact, ("slug",), later=("issuer_fr",)),
    Table("official_lists", OfficialList, ("pact",)),
    Table("list_headings", ListHeading, ("pact", "kind", "language", "text")),
    Table("commitments", Commitment, ("pact", "code"), later=("ai_act_article_fr",)),
    Table(
        "milestones",
        Milestone,
        ("date", "title_en"),
        later=("moved_from", "pact", "reports_received"),
        gone=("confidence",),
    ),
    Table("published_shares", PublishedShare, ("pact", "value", "source"), newer=True),
    Table("opinions", Opinion, ("pact", "position"), newer=True),
    Table("companies", Company, ("slug",)),
    Table("company_names", CompanyName, ("company", "name")),
    Table("company_identifiers", CompanyIdentifier, ("scheme", "value")),
    Table("company_redirects", CompanyRedirect, ("old_slug",)),
    Table("signings", Signing, ("company", "pact", "since"), later=("asked", "asked_on")),
    PledgeTable("pledges", Pledge, ("company", "pact", "commitment")),
    Table("progress_reports", ProgressReport, ("company", "pact", "period")),
    Table(
        "retractions",
        Retraction,
        ("company", "pact", "status", "since", "retracted_on"),
        newer=True,
    ),
    CitationTable(
        "citations",
        Citation,
        (*NAMED, "source", "quote"),
        later=("own_words", "about_on", "language", "translation_en", "translation_fr"),
        gone=("confidence",),
    ),
)
BY_NAME = {table.name: table for table in TABLES}
BY_MODEL = {table.model: table for table in TABLES}

# Rows as the files state them, by table and key.
Rows = dict[tuple[str, Key], dict[str, str]]


def register_rows(*, computed: bool = False) -> Rows:
    """The rows of the register as the package has them, or also computed ones."""
    return {
        (table.name, table.key_of(values)): values
        for table in TABLES
        for rows in [table.rows() if computed else table.stated_rows()]
        for instance in rows.iterator(chunk_size=2000)
        for values in [table.values(instance)]
    }


def cited_pledges(citations: Iterable[Key]) -> set[Key]:
    """The keys of the pledges that these citations support."""
    named = (dict(zip(NAMED, key, strict=False)) for key in citations)
    columns = FACTS["pledge"][1]
    return {tuple(one[c] for c in columns) for one in named if one["fact"] == "pledge"}


@cache
def nothing_more() -> dict[str, str]:
    """The texts of a pledge without further information."""
    return {name: str(value or "") for name, value in Pledge.nothing_more().items()}


def says_more(pledge: Mapping[str, str]) -> bool:
    """`Pledge.says_more` for the texts of a row."""
    return pledge["basis"] == Pledge.Basis.STATED or not nothing_more().items() <= pledge.items()


def without_computed(rows: Rows) -> Rows:
    """`rows` without implied pledges, which packages once listed."""
    cited = cited_pledges(key for name, key in rows if name == "citations")

    def is_computed(name: str, key: Key) -> bool:
        values = rows[name, key]
        commitment = rows.get(("commitments", key[1:]), {})
        return (
            name == "pledges"
            and not says_more(values)
            and commitment.get("kind") == Commitment.Kind.CORE
            and key not in cited
        )

    return {row: values for row, values in rows.items() if not is_computed(*row)}


def _table_of(reference: "Field[Any, Any]") -> Table:
    return BY_MODEL[reference.related_model]  # type: ignore[index]  # a relation has one


def _names(expressions: Any) -> Iterator[str]:
    """The field names in a constraint's expressions, such as "company" and Lower("name")."""
    for expression in expressions:
        if isinstance(expression, NamedF):
            yield expression.name
        else:
            yield from _names(expression.get_source_expressions())
