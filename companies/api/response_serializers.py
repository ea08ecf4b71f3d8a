"""Serializers of responses that are not rows: statistics, the index, problems."""

from typing import Any

from rest_framework import serializers

from .serializer_fields import StatisticsUrlField
from .serializers import PactLinkSerializer


class Points(serializers.ListSerializer[Any]):
    """Points as they are: their fields took most of the time of the statistics."""

    def to_representation(self, points: Any) -> Any:
        return [{"date": day.isoformat(), "signatories": number} for day, number in points]


class PointSerializer(serializers.Serializer[Any]):
    """The number of known signatories from one day on."""

    date = serializers.DateField()
    signatories = serializers.IntegerField()

    class Meta:
        list_serializer_class = Points


class Counts(serializers.DictField):
    """From a code to a number of companies."""

    child = serializers.IntegerField()

    def to_representation(self, counts: Any) -> Any:
        return dict(counts)


class StatisticsSerializer(serializers.Serializer[Any]):
    """Counts on one day. `by_status` counts all companies, the others signatories."""

    pact = PactLinkSerializer()
    day = serializers.DateField()
    companies = serializers.IntegerField()
    signatories = serializers.IntegerField()
    listed_total = serializers.IntegerField(source="pact.listed_total", allow_null=True)
    listed_total_on = serializers.DateField(source="pact.listed_total_on", allow_null=True)
    by_status = Counts()
    by_region = Counts()
    by_country = Counts()
    by_sector = Counts()
    by_size = Counts()
    by_role = Counts()
    implementation = serializers.DictField(child=Counts())
    quotes = Counts(help_text="Quotes, not companies, by what the last check of the page found.")
    over_time = PointSerializer(many=True)
    url = StatisticsUrlField("api:statistics")
    page = StatisticsUrlField("statistics")


class KnownValuesSerializer(serializers.Serializer[Any]):
    """How many rows state a value. Empty: no source says, or there is none."""

    model = serializers.CharField(help_text="As in the data dictionary.")
    column = serializers.CharField()
    known = serializers.IntegerField()
    rows = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="From 0 to 1; null without rows.")


class ListCoverageSerializer(serializers.Serializer[Any]):
    """The newest complete list of a pact that was read; null where none could be."""

    pact = serializers.CharField()
    signatories = serializers.IntegerField(help_text="Known by name today.")
    listed_total = serializers.IntegerField(allow_null=True, help_text="As its issuer announced.")
    listed_total_on = serializers.DateField(allow_null=True)
    list_date = serializers.DateField(allow_null=True)
    list_names = serializers.IntegerField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True, help_text="Null for a list that is cited.")


class SourceCheckSerializer(serializers.Serializer[Any]):
    """When the page of a source was last fetched; null: never."""

    slug = serializers.CharField()
    url = serializers.URLField()
    checked_at = serializers.DateTimeField(allow_null=True)


class MethodChangeSerializer(serializers.Serializer[Any]):
    """A change of method, by its number in the changes."""

    number = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()


class CoverageSerializer(serializers.Serializer[Any]):
    """What we know and do not know."""

    day = serializers.DateField()
    columns = KnownValuesSerializer(many=True)
    lists = ListCoverageSerializer(many=True)
    sources = SourceCheckSerializer(many=True, help_text="Longest unchecked first, 500 at most.")
    method_changes = MethodChangeSerializer(many=True)
    page = serializers.URLField()


class IndexSerializer(serializers.Serializer[Any]):
    """Where everything is."""

    name = serializers.CharField()
    version = serializers.CharField(help_text="Of the program.")
    licence = serializers.URLField()
    documentation = serializers.URLField()
    limits = serializers.URLField()
    stability = serializers.URLField()
    changelog = serializers.URLField()
    schema = serializers.URLField()
    endpoints = serializers.DictField(child=serializers.URLField())
    templates = serializers.DictField(
        child=serializers.CharField(), help_text="URIs with names in braces (RFC 6570)."
    )
    files = serializers.DictField(child=serializers.URLField())
    feeds = serializers.DictField(child=serializers.URLField())
    page = serializers.URLField()


class FaultSerializer(serializers.Serializer[Any]):
    """A parameter that cannot be used."""

    parameter = serializers.CharField()
    reason = serializers.CharField()
    valid = serializers.ListField(child=serializers.CharField())


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no other answer (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField(help_text="Quote it when you report a fault.")


class BadQuerySerializer(ProblemSerializer):
    """Which parameters cannot be used, why, and the valid values."""

    errors = FaultSerializer(many=True, required=False)  # type: ignore[assignment]  # DRF has one of this name
