"""Companies as two plain view sets: as a tutorial writes them, and with their rows prefetched."""

from typing import Any

from rest_framework import serializers, viewsets
from rest_framework.pagination import PageNumberPagination

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


class TutorialCompanies(viewsets.ModelViewSet[Company]):
    """What a newcomer writes: a queryset, a serializer and page numbers."""

    queryset = Company.objects.all()
    pagination_class = FiftyRows
    lookup_field = "slug"

    def get_serializer_class(self) -> Any:
        return ListedCompanySerializer if self.action == "list" else CompanySerializer


class PrefetchedCompanies(TutorialCompanies):
    """The same after reading Django's page on prefetch_related."""

    queryset = Company.objects.select_related("sector").prefetch_related("signings", "pledges")

    def get_queryset(self) -> Any:
        if self.action == "list":
            return super().get_queryset()
        return (
            super()
            .get_queryset()
            .prefetch_related(
                "names",
                "identifiers",
                "subsidiaries",
                "citations__source",
                "reports__pact",
                "reports__citations__source",
                "signings__pact",
                "signings__citations__source",
                "pledges__commitment",
                "pledges__citations__source",
            )
        )
