"""Everything that the JSON of a record shows of a company, as plain values in one statement.

With rows of models and serializers, a record that nobody requested before took 2.4 ms of CPU time
on SQLite instead of 1.1, and 8.6 instead of 2.7 on PostgreSQL, its own included (30 November 2026,
10,000 companies). JSON stored beside the read table could save at most another 0.8 and 2.0. But it
makes the database a third larger (3.9 KB a record, for one pact), a load take twice as long (0.8
ms a company), and each check of quotes and each changed source makes all of it stale.
"""

import datetime
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import F, Func, QuerySet, TextField, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from companies.models import (
    Company,
    CompanyIdentifier,
    CompanyName,
    Pledge,
    ProgressReport,
    Retraction,
    Signing,
    surest_first,
)

from .prepared import ANY_DAY, Prepared, placeholder_texts

Values = dict[str, Any]  # of one row, by column
RecordValues = Mapping[str, list[Values]]  # by kind of row
_PACT = ("pact__slug", "pact__name_en", "pact__name_fr")
_CITATION = (
    *("quote", "language", "translation_en", "translation_fr", "own_words"),
    *("about_on", "about_on_precision", "verified_on"),
    *(
        "source__slug",
        "source__title",
        "source__publisher",
        "source__kind",
        "source__url",
    ),
    *(
        "source__archived_url",
        "source__sha256",
        "source__published_on",
        "source__retrieved_on",
    ),
    *("source__obtained", "source__received_from"),
    *("quote_check__quote", "quote_check__url", "quote_check__result", "quote_check__reason"),
    *("quote_check__checked_at", "quote_check__since", "quote_check__found_on"),
    *("quote_check__sha256", "quote_check__in_copy", "quote_check__copy_of"),
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company": (
        *("pk", "slug", "name", "legal_name", "country", "size", "role", "website", "description"),
        *("profile_basis", "profile_url", "sector__code", "sector__label_en", "sector__label_fr"),
        *("parent", "parent__slug", "parent__name"),
    ),
    "subsidiaries": ("pk", "slug", "name"),
    "names": ("name", "kind"),
    "identifiers": ("scheme", "value"),
    "signings": (
        *("pk", "pact", *_PACT, "status", "since", "since_precision", "since_basis"),
        *("until", "until_precision", "reason_en", "reason_fr", "asked", "asked_on"),
    ),
    "pledges": (
        *("pk", "commitment__pact__slug", "commitment__code", "commitment__kind"),
        *("commitment__title_en", "commitment__title_fr", "basis", "implementation"),
        *("implementation_basis", "as_of", "target_on", "note_en", "note_fr"),
    ),
    "reports": (
        *("pk", "pact__slug", "period", "due_on", "due_basis"),
        *("submitted_on", "published_on", "url"),
    ),
    "retractions": (
        *("pact__slug", "status", "since", "since_precision", "published_from", "retracted_on"),
        *("reason_en", "reason_fr"),
    ),
    # Each with the primary key of what it is cited for.
    "cited": ("pk", *_CITATION),
    "cited_signings": ("pk", *_CITATION),
    "cited_pledges": ("pk", *_CITATION),
    "cited_reports": ("pk", *_CITATION),
}
# What happened after the day of a record is not shown (`forget_after`): these are its dates.
_DATED = {
    "signings": ("until", "asked_on"),
    "pledges": ("as_of",),
    "reports": ("submitted_on", "published_on"),
}


def record_values(slug: str, day: datetime.date) -> RecordValues | None:
    """The rows of a record in its order, dates as ISO texts. One query.

    None without such a company, and if something in it is of a later day: that is for rows of
    models to leave out.
    """
    found: dict[str, list[Values]] = {kind: [] for kind in COLUMNS}
    for kind, _place, values in sorted(_query().values([slug, day]), key=_kind_and_place):
        row = dict(zip(COLUMNS[kind], json.loads(values), strict=True))
        if row.get("quote", "") is not None:  # of an owner without citations
            found[kind].append(row)
    return found if found["company"] and not _is_ahead_of(day, found) else None


def checked_on(row: Values) -> datetime.date:
    """The day of a citation's check."""
    at = datetime.datetime.fromisoformat(row["quote_check__checked_at"])
    return timezone.localdate(at if at.tzinfo else at.replace(tzinfo=datetime.UTC))


def _kind_and_place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]


def _is_ahead_of(day: datetime.date, found: RecordValues) -> bool:
    last = day.isoformat()
    dates = (row[name] for kind in _DATED for row in found[kind] for name in _DATED[kind])
    if any(one > last for one in dates if one):
        return True
    cited = (row for kind in COLUMNS if kind.startswith("cited") for row in found[kind])
    return any(checked_on(one) > day for one in cited if one["quote_check__checked_at"])


@lru_cache(1)
def _query() -> Prepared[Any]:
    (slug,) = placeholder_texts(1)
    of = {"company__slug": slug}
    by_pact = ("pact__position", "pact__slug")
    pledges = Pledge.objects.known().filter(**of)
    by_commitment = (*(f"commitment__{one}" for one in (*by_pact, "position")), "pk")
    # By an expression, not by the index: SQLite would read all names to find a few.
    by_name = (Coalesce("name_folded", Value("")), "pk")
    parts = [
        _part("company", Company.objects.filter(slug=slug), "pk"),
        _part("subsidiaries", Company.objects.filter(parent__slug=slug), *by_name),
        _part("names", CompanyName.objects.filter(**of)),
        _part("identifiers", CompanyIdentifier.objects.filter(**of)),
        _part("signings", Signing.objects.filter(**of, since__lte=ANY_DAY)),
        _part("pledges", pledges, *by_commitment),
        _part("reports", ProgressReport.objects.filter(**of), *by_pact, "period"),
        _part("retractions", Retraction.objects.filter(**of)),
        _citations("cited", Company.objects.filter(slug=slug)),
        _citations("cited_signings", Signing.objects.filter(**of)),
        _citations("cited_pledges", Pledge.objects.filter(**of)),
        _citations("cited_reports", ProgressReport.objects.filter(**of)),
    ]
    return Prepared(parts[0].union(*parts[1:], all=True), [slug, ANY_DAY])


def _citations(kind: str, owners: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The citations of each owner, by outer joins from these; one without any has a row, too.

    SQLite begins inner joins at the sources where hardly any citation is of a company, or of a
    report: 75 ms of 100,000 companies.
    """
    columns = ["pk", *(f"citations__{column}" for column in _CITATION)]
    return _part(kind, owners, *surest_first("citations__"), columns=columns)


def _part(
    kind: str, rows: QuerySet[Any], *ordering: Any, columns: Iterable[str] = ()
) -> QuerySet[Any, Any]:
    """The kind, place and JSON of each row; without `ordering`, by that of its model."""
    place = Window(RowNumber(), order_by=list(ordering or rows.model._meta.ordering))
    values = Together(*map(F, columns or COLUMNS[kind]))
    return rows.order_by().values_list(Value(kind), place, values)


class Together(Func):
    """Values as the text of a JSON array.

    Django's JSONArray first checks whether SQLite knows JSON, in a transaction that writes.
    """

    function = "JSON_ARRAY"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            function="JSON_BUILD_ARRAY",
            template="%(function)s(%(expressions)s)::text",
            **context,
        )
