"""Writes the read table: after each act the rows it touched, or all of them at once."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min, Model, Q
from django.utils import timezone

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    CompanyRow,
    NameKey,
    Pact,
    Pledge,
    ProgressReport,
    ReadTable,
    Retraction,
    Sector,
    Signing,
    Source,
    StatusRow,
)
from companies.names.spelling import spell
from companies.queries.roster.rosters import (
    Companies,
    PresentStanding,
    among,
    days_to_come,
    last_changes,
    sources_of,
    sources_of_periods,
    standings,
)

from .history import RowChange, UnitOfWork, current_version, lock_register, values_of

MANY = 500  # companies; with more, all rows are written anew
CHUNK = 5_000  # primary keys
BATCH = 1_000
NAME_INDEX = "companies_nameindex"  # a table of SQLite, an index of PostgreSQL
MODELS: tuple[type[Model], ...] = (CompanyRow, StatusRow, NameKey)
# Rows of these are no company's: each process reads the table anew after one changed.
SHARED = (Commitment, Pact, Sector)
# Rows of these show on no record but those of the companies that they are about.
OF_COMPANIES = (
    *(Company, CompanyName, CompanyIdentifier, CompanyRedirect, Signing, Pledge),
    *(ProgressReport, Retraction, Citation),
)


@dataclass(frozen=True)
class TableRows:
    """The rows of some companies as they should be."""

    companies: list[CompanyRow]
    statuses: list[StatusRow]
    keys: list[NameKey]

    @property
    def of_each(self) -> tuple[list[Any], ...]:
        return self.companies, self.statuses, self.keys


def keep(unit: UnitOfWork, changes: Iterable[Change]) -> None:
    """Write the rows of the companies that `unit` touched; nothing while there is no table."""
    table = ReadTable.objects.first()
    if table is None:
        return
    if unit.whole:
        rebuild()
        return
    touched, version = _touched(unit, changes, table), current_version()
    if len(touched) > MANY or table.version != version:
        rebuild()
        return
    # Django deletes the rows of a company one by one, each a unit that writes its row again.
    gone = {row.pk for row in unit.of(Company) if row.is_deleted}
    _replace(touched | gone, rows_of(touched, version, _places_kept(touched, unit)))
    if gone or any(map(unit.of, SHARED)):
        table.written = version
    if unit.shared or any(map(_is_on_records, unit.rows.values())):
        table.shared = version
    table.changes_on = _next_day()
    table.save()


def rebuild() -> int:
    """Write all rows anew; returns the number of companies."""
    with transaction.atomic():
        lock_register()
        for model in MODELS:
            model._default_manager.all()._raw_delete("default")
        version = current_version()
        for companies in _chunks():
            _create(rows_of(companies, version))
        ReadTable.objects.update_or_create(
            pk=1,
            defaults={
                "version": version,
                "written": version,
                "shared": version,
                "changes_on": _next_day(),
            },
        )
        return CompanyRow.objects.count()


def rebuild_after_migrating(using: str, **options: Any) -> None:
    """Write the table anew once a database has all its tables; hears `post_migrate`.

    Code of before it, as it runs again after a roll back, writes no rows of it.
    """
    if options.get("plan") is None or using != DEFAULT_DB_ALIAS:
        return
    executor = MigrationExecutor(connections[using])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        rebuild()


def check_name_index(
    *, databases: Iterable[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """Find a database where the migration could not make the index of names."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    database, table = connections[DEFAULT_DB_ALIAS], CompanyRow._meta.db_table
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        if table not in tables:  # yet to be migrated
            return []
        indexes = database.introspection.get_constraints(cursor, table)
    if NAME_INDEX in tables or NAME_INDEX in indexes:
        return []
    hint = "SQLite needs FTS5 for it, PostgreSQL the extension pg_trgm. See docs/deploy.md."
    return [Warning("Each search reads all names.", hint=hint, id="pactwatch.W003")]


def faults() -> Iterator[str]:
    """Each company, and pact, whose row is not what periods, pledges and names give."""
    if not ReadTable.objects.exists():
        return
    for companies in _chunks():
        right, of = rows_of(companies, 0), among(companies)
        of_each = (
            (CompanyRow, right.companies),
            (StatusRow, right.statuses),
            (NameKey, right.keys),
        )
        for model, rows in of_each:
            stored = {_named(row): _values(row) for row in model._default_manager.filter(**of)}
            wanted = {_named(row): _values(row) for row in rows}
            for name in sorted(stored.keys() | wanted.keys()):
                if stored.get(name) != wanted.get(name):
                    yield f"{name}: {stored.get(name)}, expected {wanted.get(name)}"


def rows_of(companies: Companies, version: int, placed: dict[int, int] | None = None) -> TableRows:
    """The rows of these companies, told from the register. Thirteen queries.

    `placed` has the version at which some of them were given their place among the names.
    """
    today = timezone.localdate()
    found = standings(today, companies=companies)
    coming, sources = days_to_come(today, companies), sources_of_periods(companies)
    statuses = [
        StatusRow(
            **dict(zip(("company_id", "pact_id"), key, strict=True)),
            **standing._asdict(),
            source_count=len(cited),
            first_source_id=next(iter(cited), None),
            changes_on=coming.get(key),
        )
        for key in found.keys() | coming.keys()
        for standing in [found.get(key, PresentStanding())]
        for cited in [sources.get(standing.signing_id, [])]
    ]
    return TableRows(_company_rows(companies, version, placed or {}), statuses, _keys(companies))


def _company_rows(companies: Companies, version: int, placed: dict[int, int]) -> list[CompanyRow]:
    of, sources = among(companies, "pk"), sources_of(timezone.localdate(), companies)
    names = {
        pk: [name] for pk, name in Company.objects.filter(**of).values_list("pk", "name_folded")
    }
    others = CompanyName.objects.filter(**among(companies)).order_by("pk")
    for pk, name in others.values_list("company_id", "name_folded"):
        names[pk].append(name)
    return [
        CompanyRow(
            company_id=pk,
            names="".join(f"\n{name}" for name in names[pk]),
            changed_at=changed_at,
            version=version,
            placed=placed.get(pk, version),
            sources=sources.get(pk, 0),
        )
        for pk, changed_at in last_changes(**of)
    ]


def _keys(companies: Companies) -> list[NameKey]:
    profiles = Company.objects.filter(**among(companies, "pk"))
    others = CompanyName.objects.filter(**among(companies))
    names = [
        *profiles.values_list("pk", "name"),
        *profiles.exclude(legal_name="").values_list("pk", "legal_name"),
        *others.values_list("company_id", "name"),
    ]
    longest = NameKey._meta.get_field("key").max_length
    found = {(key[:longest], pk) for pk, name in names for key in spell(name).keys}
    return [NameKey(key=key, company_id=pk) for key, pk in sorted(found)]


def _touched(unit: UnitOfWork, changes: Iterable[Change], table: ReadTable) -> set[int]:
    """The companies that an act is about, and those whose row is of a day that is over."""
    named = Q(pk__in=_of_rows(unit))
    if slugs := {
        slug for one in changes for slug in (one.company_slug, one.old("company")) if slug
    }:
        named |= Q(slug__in=slugs) | Q(redirects__old_slug__in=slugs)
    touched = set(Company.objects.filter(named).values_list("pk", flat=True))
    today = timezone.localdate()
    if table.changes_on and table.changes_on <= today:
        due = StatusRow.objects.filter(changes_on__lte=today)
        touched |= set(due.values_list("company_id", flat=True))
    return touched


def _is_on_records(row: RowChange) -> bool:
    """Whether a row may show on the records of companies that it is not about."""
    if row.model is Source:
        return not row.is_new  # which nothing cites but the rows that came with it
    return row.model not in OF_COMPANIES


def _of_rows(unit: UnitOfWork) -> set[int]:
    """The companies of the rows themselves and their groups, before and after."""
    rows = list(unit.rows.values())
    values = [values for row in rows for values in row.versions]
    found = {row.pk for row in rows if row.model is Company}
    for name in ("company_id", "parent_id"):
        found |= {one[name] for one in values if one.get(name)}
    cited = {one["signing_id"] for row in unit.of(Citation) for one in row.versions}
    signings = Signing.objects.filter(pk__in=cited - {None})
    return found | set(signings.values_list("company_id", flat=True)) | _citing(unit)


def _citing(unit: UnitOfWork) -> set[int]:
    """The companies whose surest source is perhaps another one, because of the kind of one."""
    sources = [row.pk for row in unit.of(Source) if row.changed("kind")]
    if not sources:
        return set()
    cited = Citation.objects.filter(source__in=sources, signing__isnull=False)
    return set(cited.order_by().values_list("signing__company_id", flat=True))


def _places_kept(companies: set[int], unit: UnitOfWork) -> dict[int, int]:
    """The version at which companies came or were renamed, of those that `unit` did not rename."""
    renamed = {row.pk for row in unit.of(Company) if row.differs("name_folded")}
    rows = CompanyRow.objects.filter(pk__in=companies - renamed)
    return dict(rows.values_list("pk", "placed"))


def _replace(companies: set[int], rows: TableRows) -> None:
    for model in MODELS:
        model._default_manager.filter(company__in=companies)._raw_delete("default")
    _create(rows)


def _create(rows: TableRows) -> None:
    for model, made in zip(MODELS, rows.of_each, strict=True):
        model._default_manager.bulk_create(made, batch_size=BATCH)


def _next_day() -> datetime.date | None:
    found: datetime.date | None = StatusRow.objects.aggregate(day=Min("changes_on"))["day"]
    return found


def _chunks() -> Iterator[range]:
    last = Company.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(1, last + 1, CHUNK):
        yield range(first, first + CHUNK)


_NOT_COMPARED = {"id", "version", "placed"}


def _values(row: CompanyRow | StatusRow | NameKey) -> dict[str, Any]:
    return {name: value for name, value in values_of(row).items() if name not in _NOT_COMPARED}


def _named(row: CompanyRow | StatusRow | NameKey) -> str:
    pact = f", pact {row.pact_id}" if isinstance(row, StatusRow) else ""
    key = f", name {row.key}" if isinstance(row, NameKey) else ""
    return f"company {row.company_id}{pact}{key}"
