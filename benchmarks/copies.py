"""Multiply an invented register inside the database: a million companies in a minute or two.

Each copy of the rows about companies has its own primary keys, names and public ids; copies share
pacts, commitments and sources. All that pages and the API read of the present is there, including
the read table; the copies have neither audit history nor changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from companies.models import (
    Citation,
    Company,
    CompanyName,
    CompanyRow,
    NameKey,
    Pledge,
    Signing,
    StatusRow,
)
from companies.names.spelling import NEAR_MARKS, spell
from companies.register.bulk_rows import insert_tuples

MODELS: tuple[type[models.Model], ...] = (
    *(Company, CompanyName, Signing, Pledge, Citation),
    *(CompanyRow, StatusRow, NameKey),
)
# No invented company has a number as high in its name, and so no copy the name of another.
FIRST_NUMBER = 1000
RENAMED = {"name": "' '", "name_folded": "' '", "slug": "'-'", "key": "' '"}
# All names of a company, each after a line feed.
NAMES = """'\n' || replace(substr(names, 2), '\n', ' ' || {k} || '\n') || ' ' || {k}"""
# The copies are as sound as the first, so nothing is checked again.
QUICK = {
    "sqlite": ("PRAGMA ignore_check_constraints = ON", "PRAGMA cache_size = -400000"),
    "postgresql": (
        # A table whose rows still wait for their check keeps its indexes.
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET LOCAL session_replication_role = replica",
        "SET LOCAL maintenance_work_mem = '512MB'",
    ),
}
USUAL = {"sqlite": ("PRAGMA ignore_check_constraints = OFF",), "postgresql": ()}


@transaction.atomic
def multiply(copies: int) -> None:
    """Add `copies` copies of every company with its rows.

    Indexes are dropped and rebuilt on the full tables, which takes half the time.
    """
    with connection.cursor() as cursor:
        for statement in QUICK[connection.vendor]:
            cursor.execute(statement)
        strides = {model: _highest(cursor, model) for model in MODELS}
        names = _names()
        for mark in NEAR_MARKS:  # of names with another number at the end, these are not copies
            NameKey.objects.filter(key__startswith=mark)._raw_delete("default")
        for model in MODELS:
            with _without_indexes(cursor, model):
                cursor.execute(_statement(model, strides), [copies])
                for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                    cursor.execute(statement)
                if model is NameKey:
                    for copy in range(copies + 1):
                        rows = _near_keys(names, copy, strides[Company])
                        insert_tuples(NameKey, ("key", "company_id"), sorted(rows))
        for statement in USUAL[connection.vendor]:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _names() -> list[tuple[int, str]]:
    """All names of the first companies."""
    profiles = Company.objects.order_by()
    return [
        *profiles.values_list("pk", "name"),
        *profiles.exclude(legal_name="").values_list("pk", "legal_name"),
        *CompanyName.objects.order_by().values_list("company_id", "name"),
    ]


def _near_keys(names: list[tuple[int, str]], copy: int, stride: int) -> set[tuple[str, int]]:
    """The keys for suggestions of the names in a copy; 0 is the first."""
    number = f" {FIRST_NUMBER + copy}" if copy else ""
    return {
        (key, pk + copy * stride) for pk, name in names for key in spell(name + number).near_keys
    }


def _statement(model: type[models.Model], strides: dict[type[models.Model], int]) -> str:
    fields = model._meta.concrete_fields
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = ", ".join(_value(field, strides) for field in fields)
    return (  # nosec B608  # our own names
        "WITH RECURSIVE copy(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copy WHERE k < %s) "  # noqa: S608  # our own names
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM copy CROSS JOIN {table} "
        f"WHERE {table}.{model._meta.pk.column} <= {strides[model]}"
    )


def _value(field: Any, strides: dict[type[models.Model], int]) -> str:
    column: str = connection.ops.quote_name(field.column)
    number = f"({FIRST_NUMBER} + k)"
    target = field.related_model or (field.model if field.primary_key else None)
    if field.name == "signing_id":  # of a read table, which has no foreign keys
        target = Signing
    if target in strides:
        return f"{column} + k * {strides[target]}"
    if field.name == "changed_at":  # of a company with no entry in the chain of changes
        return "NULL"
    if field.name in RENAMED:
        return f"{column} || {RENAMED[field.name]} || {number}"
    return NAMES.format(k=number) if field.name == "names" else column


def _highest(cursor: Any, model: type[models.Model]) -> int:
    return model._default_manager.aggregate(highest=models.Max("pk"))["highest"] or 0


@contextmanager
def _without_indexes(cursor: Any, model: type[models.Model]) -> Iterator[None]:
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
            "AND sql IS NOT NULL",
            [table],
        )
    else:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)",
            [table],
        )
    indexes = cursor.fetchall()
    for name, _sql in indexes:
        cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    for _name, sql in indexes:
        cursor.execute(sql)
