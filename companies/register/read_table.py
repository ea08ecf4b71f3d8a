"""Write the read table: the affected rows after each edit, or all of it."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

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
    ReadTable,
    Sector,
    Signing,
    Source,
    StatusRow,
)
from companies.names.spelling import LONGEST_KEY, spell
from companies.queries.clocks import Clock
from companies.queries.events.cached_events import events
from companies.queries.roster import roster_files
from companies.queries.roster.cited import quotes_of, sources_of_periods
from companies.queries.roster.keys import Companies, Key, among
from companies.queries.roster.rosters import (
    StatusValues,
    last_changes,
    roster_of,
    sources_of,
    status_values,
)
from companies.queries.searching import cached_words

from .bulk_rows import insert_tuples
from .filling.later_indexes import indexed_later
from .history import UnitOfWork, current_version, lock_register
from .shown_elsewhere import others_shown

MANY = 500  # companies; with more, all rows are rewritten
CHUNK = 5_000  # primary keys
# Rows of no company: after a change of one, each process reads the whole table again.
SHARED = (Commitment, Pact, Sector)


# The columns of each, without those that the database fills.
COLUMNS: Mapping[type[Model], Sequence[str]] = {
    CompanyRow: ("company_id", "names", "changed_at", "version", "placed", "sources"),
    StatusRow: (
        *("company_id", "pact_id", *StatusValues._fields),
        *("source_count", "first_source_id", "quotes", "changes_on"),
    ),
    NameKey: ("key", "company_id"),
}
Rows = Mapping[type[Model], Sequence[tuple[Any, ...]]]


def write(unit: UnitOfWork, changes: Iterable[Change]) -> None:
    """Write the rows of the companies that `unit` affects; nothing without a read table."""
    if not exists():
        return
    table = ReadTable.objects.get()
    if unit.whole:
        with indexed_later(COLUMNS):
            rebuild()
        return
    touched, version = _touched(unit, changes, table), current_version()
    if len(touched) > MANY or table.version != version:
        rebuild()
        return
    # Django deletes the rows of a company one by one, each a unit that writes its row again.
    gone = {row.pk for row in unit.of(Company) if row.is_deleted}
    _replace(touched | gone, rows_of(touched, version, _versions_of_places(touched, unit)))
    if gone or any(map(unit.of, SHARED)):
        table.written = version
    others = others_shown(unit, touched)
    if others is None or len(others) > MANY:
        table.records = version
    else:
        CompanyRow.objects.filter(pk__in=others - touched).update(version=version)
    if _names_changed(unit):
        table.named = version
    table.changes_on = _next_day()
    table.save()


def exists() -> bool:
    """Whether there is a read table. Every edit asks, so without the ORM."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1 FROM companies_readtable")
        return cursor.fetchone() is not None


def rebuild() -> int:
    """Rewrite all rows; returns the number of companies."""
    with transaction.atomic():
        lock_register()
        version = current_version()
        for model in COLUMNS:
            model._default_manager.all()._raw_delete("default")
        for companies in _chunks():
            _create(rows_of(companies, version))
        ReadTable.objects.update_or_create(
            pk=1,
            defaults={
                **dict.fromkeys(("version", "written", "records", "named"), version),
                "changes_on": _next_day(),
            },
        )
        number = CompanyRow.objects.count()
        if number >= roster_files.LEAST:
            transaction.on_commit(_write_rosters)
        return number


def _write_rosters() -> None:
    """Write the files of a large register's caches, which servers need seconds to build."""
    for pact in Pact.objects.with_reading():
        cached_words.prepare(roster_of(pact, Clock()))
    events()


def rebuild_after_migrating(using: str, **options: Any) -> None:
    """post_migrate receiver: rebuild the table once all tables exist.

    Older code, running again after a rollback, does not maintain it.
    """
    if options.get("plan") is None or using != DEFAULT_DB_ALIAS:
        return
    executor = MigrationExecutor(connections[using])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        rebuild()


def faults() -> Iterator[str]:
    """Each company and pact whose row differs from periods, pledges and names."""
    if not exists():
        return
    for companies in _chunks():
        of = among(companies)
        for model, rows in rows_of(companies, 0).items():
            columns = COLUMNS[model]
            found = model._default_manager.filter(**of).values_list(*columns)
            stored, wanted = (dict(_by_name(model, some)) for some in (found, rows))
            for name in sorted(stored.keys() | wanted.keys()):
                if stored.get(name) != wanted.get(name):
                    yield f"{name}: {stored.get(name)}, expected {wanted.get(name)}"


def rows_of(companies: Companies, version: int, placed: dict[int, int] | None = None) -> Rows:
    """Compute the rows of these companies from the register. Sixteen queries.

    `placed` has the version at which some of them got their place among the names.
    """
    today = timezone.localdate()
    found = status_values(today, companies=companies)
    coming, sources = _days_to_come(today, companies), sources_of_periods(companies)
    quotes = quotes_of(today, companies)
    statuses = [
        (*key, *values, len(cited), next(iter(cited), None), quotes[key], coming.get(key))
        for key in found.keys() | coming.keys() | quotes.keys()
        for values in [found.get(key, StatusValues())]
        for cited in [sources.get(values.signing_id, [])]
    ]
    return {
        CompanyRow: list(_company_rows(companies, version, placed or {})),
        StatusRow: statuses,
        NameKey: _keys(companies),
    }


def _company_rows(
    companies: Companies, version: int, placed: dict[int, int]
) -> Iterator[tuple[Any, ...]]:
    of, sources = among(companies, "pk"), sources_of(timezone.localdate(), companies)
    names = {
        pk: [name] for pk, name in Company.objects.filter(**of).values_list("pk", "name_folded")
    }
    others = CompanyName.objects.filter(**among(companies)).order_by("pk")
    for pk, name in others.values_list("company_id", "name_folded"):
        names[pk].append(name)
    for pk, changed_at in last_changes(**of):
        folded = "".join(f"\n{name}" for name in names[pk])
        yield pk, folded, changed_at, version, placed.get(pk, version), sources.get(pk, 0)


def _days_to_come(day: datetime.date, companies: Companies | None) -> dict[Key, datetime.date]:
    """The next day on which a status changes by its date alone, if there is one. Two queries."""
    of_both = ("company_id", "pact_id")
    of, found = among(companies), dict[Key, datetime.date]()
    ahead = Q(since__gt=day) | Q(until__gt=day)
    periods = Signing.objects.filter(ahead, **of).order_by()
    days = list(periods.values_list(*of_both, "since", "until"))
    known = Pledge.objects.known().filter(as_of__gt=day, **of).order_by()
    days += known.values_list("company_id", "commitment__pact_id", "as_of", "as_of")
    for one, pact, *both in days:
        coming = [when for when in both if when and when > day]
        found[one, pact] = min([*coming, found.get((one, pact), datetime.date.max)])
    return found


def _keys(companies: Companies) -> list[tuple[str, int]]:
    profiles = Company.objects.filter(**among(companies, "pk"))
    others = CompanyName.objects.filter(**among(companies))
    names = [
        *profiles.values_list("pk", "name"),
        *profiles.exclude(legal_name="").values_list("pk", "legal_name"),
        *others.values_list("company_id", "name"),
    ]
    found = set[tuple[str, int]]()
    for pk, name in names:
        spelling = spell(name)
        found |= {(key[:LONGEST_KEY], pk) for key in spelling.keys | spelling.near_keys}
    return sorted(found)


def _names_changed(unit: UnitOfWork) -> bool:
    """Whether a name or id may mean another company after an edit."""
    if any(map(unit.of, (CompanyName, CompanyRedirect, CompanyIdentifier))):
        return True
    return any(
        row.is_deleted or any(map(row.differs, ("name", "legal_name", "country", "slug")))
        for row in unit.of(Company)
    )


def _touched(unit: UnitOfWork, changes: Iterable[Change], table: ReadTable) -> set[int]:
    """The companies affected by an edit, and those whose row expired by date."""
    slugs = {slug for one in changes for slug in (one.company_slug, one.old("company")) if slug}
    # One after another: "or" between them would read all companies, 0.1 s of 100,000.
    named = Company.objects.filter(slug__in=slugs).order_by().values_list("pk")
    moved = CompanyRedirect.objects.filter(old_slug__in=slugs).order_by()
    stored = Company.objects.filter(pk__in=_of_rows(unit)).order_by().values_list("pk")
    touched = {pk for (pk,) in stored.union(named, moved.values_list("company_id"))}
    today = timezone.localdate()
    if table.changes_on and table.changes_on <= today:
        due = StatusRow.objects.filter(changes_on__lte=today)
        touched |= set(due.values_list("company_id", flat=True))
    return touched


def _of_rows(unit: UnitOfWork) -> set[int]:
    """The companies of the changed rows, before and after."""
    rows = list(unit.rows.values())
    values = [values for row in rows for values in row.versions]
    found = {row.pk for row in rows if row.model is Company}
    found |= {one["company_id"] for one in values if one.get("company_id")}
    cited = {one["signing_id"] for row in unit.of(Citation) for one in row.versions}
    signings = Signing.objects.filter(pk__in=cited - {None})
    return found | set(signings.values_list("company_id", flat=True)) | _citing(unit)


def _citing(unit: UnitOfWork) -> set[int]:
    """The companies whose best source may change with the kind of a source."""
    sources = [row.pk for row in unit.of(Source) if row.changed("kind")]
    if not sources:
        return set()
    cited = Citation.objects.filter(source__in=sources, signing__isnull=False)
    return set(cited.order_by().values_list("signing__company_id", flat=True))


def _versions_of_places(companies: set[int], unit: UnitOfWork) -> dict[int, int]:
    """The version at which companies were added or renamed, except those renamed in `unit`."""
    renamed = {row.pk for row in unit.of(Company) if row.differs("name_folded")}
    rows = CompanyRow.objects.filter(pk__in=companies - renamed)
    return dict(rows.values_list("pk", "placed"))


def _replace(companies: set[int], rows: Rows) -> None:
    for model in COLUMNS:
        model._default_manager.filter(company__in=companies)._raw_delete("default")
    _create(rows)


def _create(rows: Rows) -> None:
    for model, made in rows.items():
        if made:
            insert_tuples(model, COLUMNS[model], made)


def _next_day() -> datetime.date | None:
    found: datetime.date | None = StatusRow.objects.aggregate(day=Min("changes_on"))["day"]
    return found


def _chunks() -> Iterator[range]:
    last = Company.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(1, last + 1, CHUNK):
        yield range(first, first + CHUNK)


_NOT_COMPARED = {"version", "placed"}


def _by_name(
    model: type[Model], rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The compared values of each row, with its name for a fault."""
    for row in rows:
        values = dict(zip(COLUMNS[model], row, strict=True))
        pact = f", pact {values['pact_id']}" if model is StatusRow else ""
        key = f", name {values['key']}" if model is NameKey else ""
        named = f"company {values['company_id']}{pact}{key}"
        yield named, {one: value for one, value in values.items() if one not in _NOT_COMPARED}
