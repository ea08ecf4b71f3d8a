"""Endpoints of the public changes: each change once, in order, from a cursor on."""

import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from companies.models import Change, Company, Precision
from companies.queries import (
    ChangeLog,
    CompanyChangeLog,
    KnownRows,
    changes_of,
    companies_of,
    sentence,
)

from .base_views import RegisterView, moved
from .parameters.api_parameters import fields_of
from .serializer_fields import NullableField, absolute

_FIELDS = {
    "type": "object",
    "description": "Each column that changed, with its old and its new value: null where there was "
    "no row before, or is no longer one.",
    "additionalProperties": {
        "type": "array",
        "items": {"type": ["string", "null"]},
        "minItems": 2,
        "maxItems": 2,
    },
    "examples": [{"country": ["FR", "DE"]}],
}
_WORDS = {
    "type": "object",
    "description": "The change in words, in each language of the site, worded at this moment.",
    "required": [language for language, _name in settings.LANGUAGES],
    "additionalProperties": {"type": "string"},
}


class ChangedCompanySerializer(serializers.Serializer[Change]):
    """The company as it was named then; `url` and `page` are those of today, null if it is gone."""

    slug = serializers.CharField(source="company_slug")
    name = serializers.CharField(source="company_name")
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, change: Change) -> str | None:
        company = self._today(change)
        return absolute(reverse("api:company", args=[company.slug])) if company else None

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_page(self, change: Change) -> str | None:
        company = self._today(change)
        return absolute(company.get_absolute_url()) if company else None

    def _today(self, change: Change) -> Company | None:
        company: Company | None = self.context["companies"].get(change.company_slug)
        return company


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """One write to the register as facts, in the tables and values of the data package.

    `what` says them; its words may be corrected later, the facts never change.
    """

    action = serializers.ChoiceField(choices=Change.Action.choices, allow_null=True)
    key = serializers.DictField(
        child=serializers.CharField(),
        help_text=(
            "The columns that identify the row in the data package, with their values after the "
            "write."
        ),
    )
    fields = serializers.SerializerMethodField(method_name="get_fields_changed")  # type: ignore[assignment]  # DRF has one of this name
    about = serializers.DictField(
        child=serializers.CharField(),
        help_text="Unchanged values of then by which `what` names the row.",
    )
    company = serializers.SerializerMethodField()
    pact = NullableField(source="pact_slug", help_text="The pact’s public id.")
    what = serializers.SerializerMethodField()
    subject = NullableField(
        allow_null=True,
        help_text="The code of a commitment, the period of a report or the public id of a source.",
    )
    happened_on = serializers.CharField(
        source="happened", allow_null=True, help_text="YYYY, YYYY-MM or YYYY-MM-DD, as stated."
    )
    happened_precision = serializers.SerializerMethodField()
    recorded_at = serializers.DateTimeField(default_timezone=datetime.UTC)

    class Meta:
        model = Change
        fields = [
            "number",
            "recorded_at",
            "table",
            "action",
            "key",
            "fields",
            "about",
            "company",
            "pact",
            "kind",
            "subject",
            "what",
            "happened_on",
            "happened_precision",
            "cause",
            "material",
            "has_line",
            "by_role",
            "previous_hash",
            "hash",
        ]

    @extend_schema_field(_FIELDS)
    def get_fields_changed(self, change: Change) -> Any:
        return change.fields

    @extend_schema_field(_WORDS)
    def get_what(self, change: Change) -> dict[str, str]:
        found = {}
        for language, _name in settings.LANGUAGES:
            with override(language):
                found[language] = sentence(change, self.context["known"])
        return found

    @extend_schema_field(ChangedCompanySerializer(allow_null=True))
    def get_company(self, change: Change) -> Any:
        if not change.company_slug:
            return None
        return ChangedCompanySerializer(change, context=self.context).data

    @extend_schema_field(serializers.ChoiceField(choices=Precision.choices, allow_null=True))
    def get_happened_precision(self, change: Change) -> str | None:
        return change.happened_precision if change.happened_on else None


class ChangeLogQuery(ChangeLog):
    """The filters of the changes, and the choice of fields."""

    fields = fields_of(ChangeSerializer)


class CompanyLogQuery(CompanyChangeLog):
    """The filters of the changes of the company in the URL."""

    fields = fields_of(ChangeSerializer)


class LogPagination(BasePagination):
    """The envelope around changes, with the cursor for now or later."""

    def answer(self, rows: list[Any], cursor: str, more: bool, request: Request) -> Response:
        query = request.query_params.copy()
        query["cursor"] = cursor
        following = f"{settings.SITE_URL}{request.path}?{query.urlencode()}" if more else None
        body = {"next_cursor": cursor, "next": following, "results": rows}
        headers = {"Link": f'<{following}>; rel="next"'} if following else {}
        return Response(body, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = {
            "next_cursor": {
                "type": "string",
                "description": "Where to read on: now, if there is a next, or whenever you like.",
                "examples": ["MTozNjY"],
            },
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "The changes after these; null when there are none yet.",
            },
            "results": schema,
        }
        return {"type": "object", "required": list(properties), "properties": properties}


class ChangeList(RegisterView, ListAPIView[Change]):
    """What the register has changed, the oldest first, to follow without missing anything.

    Keep `next_cursor` and ask with `cursor` for what came after: no change is missed or repeated,
    even while new ones are being recorded. Every write to a public table is one, so that replayed
    from the first they give the register; `material=true` gives changes of substance only.
    """

    serializer_class = ChangeSerializer
    filterset_class: type[ChangeLog] = ChangeLogQuery
    pagination_class = LogPagination
    paginator: LogPagination
    queryset = Change.objects.all()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(request, self.get_queryset())

    def answer(self, request: Request, among: QuerySet[Change]) -> Response:
        log = self.filterset_class.of(request, queryset=among)
        changes, cursor, more = log.read()
        context = {
            **self.get_serializer_context(),
            "companies": companies_of(changes),
            "known": KnownRows(changes),
        }
        shown: Any = self.get_serializer_class()(context=context)
        if names := log.form.cleaned_data["fields"]:
            for name in {*shown.fields} - {*names}:
                del shown.fields[name]
        rows = [shown.to_representation(change) for change in changes]
        return self.paginator.answer(rows, cursor, more, request)


class CompanyHistory(ChangeList):
    """The changes of one company, also from before it was merged or renamed, the oldest first.

    A company that moved to another public id answers 308 with its present address.
    """

    filterset_class = CompanyLogQuery

    def get(self, request: Request, slug: str) -> HttpResponse:  # type: ignore[override]  # one view, one more argument
        company = Company.objects.filter(slug=slug).first()
        if company is None:
            return moved(request, slug, "api:company-history")
        return self.answer(request, changes_of(company))
