"""Companies as a plain view set, as a tutorial writes it."""

from typing import Any

from django.db.models import Count
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    Pact,
    Pledge,
    ProgressReport,
    Sector,
    Signing,
    Source,
)


class SectorSerializer(serializers.ModelSerializer[Sector]):
    class Meta:
        model = Sector
        fields = ["code", "label_en", "label_fr"]


class NameSerializer(serializers.ModelSerializer[CompanyName]):
    class Meta:
        model = CompanyName
        fields = ["name", "kind"]


class IdentifierSerializer(serializers.ModelSerializer[CompanyIdentifier]):
    class Meta:
        model = CompanyIdentifier
        fields = ["scheme", "value"]


class SourceSerializer(serializers.ModelSerializer[Source]):
    class Meta:
        model = Source
        fields = ["slug", "url", "title", "publisher", "kind", "published_on", "archived_url"]


class CitationSerializer(serializers.ModelSerializer[Citation]):
    source = SourceSerializer()  # type: ignore[assignment]  # a field may well be called so

    class Meta:
        model = Citation
        fields = ["source", "quote", "own_words", "verified_on"]


class PactSerializer(serializers.ModelSerializer[Pact]):
    class Meta:
        model = Pact
        fields = ["slug", "name_en", "name_fr"]


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    class Meta:
        model = Commitment
        fields = ["code", "kind", "title_en", "title_fr"]


class SigningSerializer(serializers.ModelSerializer[Signing]):
    pact = PactSerializer()
    citations = CitationSerializer(many=True)

    class Meta:
        model = Signing
        fields = [
            "pact", "status", "since", "since_precision", "since_basis", "until",
            "until_precision", "reason_en", "reason_fr", "citations",
        ]  # fmt: skip


class PledgeSerializer(serializers.ModelSerializer[Pledge]):
    commitment = CommitmentSerializer()
    citations = CitationSerializer(many=True)

    class Meta:
        model = Pledge
        fields = [
            "commitment", "basis", "implementation", "implementation_basis", "as_of", "target_on",
            "note_en", "note_fr", "citations",
        ]  # fmt: skip


class ReportSerializer(serializers.ModelSerializer[ProgressReport]):
    pact = PactSerializer()
    citations = CitationSerializer(many=True)

    class Meta:
        model = ProgressReport
        fields = [
            "pact", "period", "due_on", "due_basis", "submitted_on", "published_on", "url",
            "citations",
        ]  # fmt: skip


class ListedSigningSerializer(serializers.ModelSerializer[Signing]):
    class Meta:
        model = Signing
        fields = ["pact", "status", "since", "since_precision", "since_basis", "until"]


class ListedPledgeSerializer(serializers.ModelSerializer[Pledge]):
    class Meta:
        model = Pledge
        fields = ["commitment", "implementation"]


class ListedCompanySerializer(serializers.ModelSerializer[Company]):
    sector = SectorSerializer()
    signings = ListedSigningSerializer(many=True)
    pledges = ListedPledgeSerializer(many=True)

    class Meta:
        model = Company
        fields = [
            "slug", "name", "country", "country_name", "region", "sector", "size", "role",
            "website", "signings", "pledges",
        ]  # fmt: skip


class CompanySerializer(serializers.ModelSerializer[Company]):
    sector = SectorSerializer()
    names = NameSerializer(many=True)
    identifiers = IdentifierSerializer(many=True)
    signings = SigningSerializer(many=True)
    pledges = PledgeSerializer(many=True)
    reports = ReportSerializer(many=True)
    citations = CitationSerializer(many=True)

    class Meta:
        model = Company
        fields = [
            *ListedCompanySerializer.Meta.fields, "legal_name", "parent", "description",
            "profile_basis", "profile_url", "names", "identifiers", "subsidiaries", "reports",
            "citations",
        ]  # fmt: skip


class FiftyRows(PageNumberPagination):
    page_size = 50


class Companies(viewsets.ModelViewSet[Company]):
    """The view set a newcomer writes: a queryset, a serializer, page numbers and filters."""

    queryset = Company.objects.all()
    pagination_class = FiftyRows
    lookup_field = "slug"
    filter_backends = [DjangoFilterBackend, SearchFilter, OrderingFilter]
    filterset_fields = ["country", "signings__status"]
    search_fields = ["name", "names__name"]
    ordering_fields = ["name", "country", "signings__since"]

    def get_serializer_class(self) -> Any:
        return ListedCompanySerializer if self.action == "list" else CompanySerializer

    @action(detail=False)
    def statistics(self, request: Request) -> Response:
        """Companies by each value of some fields."""
        fields = ("country", "size", "role", "sector__code", "signings__status")
        counted = {
            name: list(Company.objects.values(name).annotate(companies=Count("pk")))
            for name in fields
        }
        return Response(counted)
