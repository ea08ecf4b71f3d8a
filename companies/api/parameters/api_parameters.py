"""Query parameters for programs only: cursor, fields, include, facets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework.serializers import BaseSerializer

from companies import queries
from companies.api import serializers
from companies.queries import PAGE_SIZE, BadParameter, RegisterFilter
from companies.queries.finding.facets import FACETS
from companies.queries.read_query import CodeList, CursorField, cursor_after
from companies.queries.records.company_record import DETAILS, details_of
from pactwatch.outages.costly_requests import one_at_a_time


class RowsCursor(django_filters.Filter):
    field_class = CursorField


@dataclass(frozen=True)
class RowsAfter:
    """A page of a cursor: rows in order of primary key, and the cursor after them.

    `count` is their total, `size` the requested page size.
    """

    object_list: list[Any]
    count: int
    size: int
    cursor: str
    more: bool


class ProgramQuery(RegisterFilter):
    """Adds a cursor to a filter set; it reads by primary key, which no edit changes.

    So a row that is merged, renamed or sorted elsewhere between two requests moves no other.
    """

    @property
    def cursor(self) -> int | None:
        """The primary key after which to continue; None for numbered pages."""
        self.refuse_faults()
        number: int | None = self.form.cleaned_data["cursor"]
        return number

    @property
    def size(self) -> int:
        size: int = self.form.cleaned_data["page_size"] or PAGE_SIZE
        return size

    @cached_property
    def faults(self) -> list[BadParameter]:
        faults = super().faults
        for name in ("page", "sort"):
            if "cursor" in self.data and name in self.data:
                reason = gettext("Rows read by a cursor have one order. Leave out %(name)s.")
                faults.append(BadParameter("cursor", reason % {"name": name}, []))
        return faults

    def chosen_fields(self, row: dict[str, Any]) -> dict[str, Any]:
        """The requested fields of a row; all if none were named."""
        names = self.form.cleaned_data["fields"]
        return {name: row[name] for name in row if name in names} if names else row

    def rows_after(self, key: int) -> RowsAfter:
        """The rows after a primary key. Two queries, and those that a row takes."""
        rows: QuerySet[Any] = self.rows
        found = list(rows.order_by("pk").filter(pk__gt=key)[: self.size + 1])
        return self.cut(found, [row.pk for row in found], count=self.number_of_rows())

    def cut(self, found: list[Any], keys: list[int], *, count: int) -> "RowsAfter":
        """The first `size` rows of `found`, which has one more if there is a next page."""
        last = keys[: self.size][-1] if keys else self.cursor or 0
        cursor = cursor_after(last, of=self.base_filters["cursor"].extra["of"])
        return RowsAfter(found[: self.size], count, self.size, cursor, len(found) > self.size)


def for_programs(
    filterset: type[RegisterFilter], serializer: type[BaseSerializer[Any]], **more: Any
) -> type[ProgramQuery]:
    """Extend a filter set by the cursor and the choice of the serializer's fields."""
    meta = filterset.Meta  # type: ignore[attr-defined]  # every one has it
    parameters = {
        "fields": fields_of(serializer),
        "cursor": RowsCursor(
            method="unfiltered",
            of=meta.model.__name__.lower(),
            label=_("cursor"),
            help_text=_(
                "* for the first rows, then the next_cursor of the answer before. No row is "
                "missed or given twice, whatever is edited meanwhile. Takes no page and no sort."
            ),
        ),
    }
    return type(filterset.__name__, (ProgramQuery, filterset), {"Meta": meta, **parameters, **more})


def fields_of(serializer: type[BaseSerializer[Any]]) -> CodeList:
    """The parameter that chooses among the fields of a row."""
    names = serializer.Meta.fields  # type: ignore[attr-defined]  # those of models
    return CodeList(
        method="unfiltered",
        label=_("fields"),
        choices=[(name, name) for name in names],
        help_text=_("The fields to give of each row, with commas between them. Default: all."),
    )


# Companies with their details

INCLUDED = _("Details to give of each company, with commas between them, as its record has them.")


def include(help_text: Any) -> CodeList:
    choices = [(name, name) for name in DETAILS]
    return CodeList(method="unfiltered", label=_("include"), choices=choices, help_text=help_text)


class KeyedCompanies(queries.CompanyFilter):
    """Companies found by primary key, before any row is read."""

    def requested_page(self) -> tuple[Page[int] | RowsAfter, list[int]]:
        """The requested page, and the primary keys on it."""
        query: Any = self  # a ProgramQuery, too
        if query.cursor is None:
            page: Any = self.page_of_keys()
        else:
            after = self.keys_after(query.cursor, query.size + 1)
            page = query.cut(after, after, count=self.found().bit_count())
        return page, list(page.object_list)


CompanyListQuery: type[ProgramQuery] = for_programs(
    KeyedCompanies,
    serializers.CompanySerializer,
    include=include(INCLUDED),
    facets=CodeList(
        method="unfiltered",
        label=_("facets"),
        choices=[(name, name) for name in FACETS],
        help_text=_(
            "Properties of which to count the companies for each value, with commas between "
            "them; all parameters are kept but that of the property itself."
        ),
    ),
)


class CompanyQuery(queries.PactQuery):
    """The query of one record: which fields and details to return."""

    fields = fields_of(serializers.CompanyDetailSerializer)
    include = include(_("Of the details of the company, those to give. Default: all."))

    @property
    def shown(self) -> set[str] | None:
        """The requested fields; None for all."""
        self.refuse_faults()
        names, given = self.form.cleaned_data["fields"], self.form.cleaned_data["include"]
        if not names and not given:
            return None
        every = {*serializers.CompanyDetailSerializer.Meta.fields}
        return ({*names} or every - {*DETAILS}) | {*given}


@extend_schema_serializer(component_name="Company")
class CompanyItemSerializer(serializers.CompanySerializer):
    """A company and its status today for the pact in `pact`.

    The last five fields are those of its record, and are there where `include` names them.
    """

    names = serializers.CompanyNameSerializer(many=True, required=False)
    signings = serializers.PeriodSerializer(many=True, required=False)
    pledges = serializers.TakenOnSerializer(many=True, required=False)
    citations = serializers.CitationSerializer(many=True, required=False)
    reports = serializers.ProgressReportSerializer(many=True, required=False)

    class Meta(serializers.CompanySerializer.Meta):
        fields = [*serializers.CompanySerializer.Meta.fields, *DETAILS]


def details(keys: Sequence[int], query: ProgramQuery) -> dict[str, dict[str, Any]]:
    """The details that `include` names, by public id, as in the companies' records."""
    names = query.form.cleaned_data["include"]
    if not names:
        return {}
    with one_at_a_time():
        clock, pact = query.clock, query.chosen_pact  # type: ignore[attr-defined]  # of companies
        companies = details_of(keys, names, pact, clock.day)
        lists, one = queries.full_lists(clock), only(names)
        if "signings" in names:
            for company in companies:
                lists.mark(company.signings.all())
        return {company.slug: one.to_representation(company) for company in companies}


def only(names: Collection[str], **context: Any) -> serializers.CompanyDetailSerializer:
    """The record's serializer with these fields only."""
    found = serializers.CompanyDetailSerializer(context=context)
    for name in {*found.fields} - {*names}:
        del found.fields[name]
    return found
