"""How each row looks in JSON. Every field is listed: what is new in a table is not public by it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    Milestone,
    Pact,
    Pledge,
    ProgressReport,
    Region,
    Sector,
    Signing,
    Source,
)

from .fields import (
    ApiAddress,
    BothLanguages,
    Code,
    MilestoneAddress,
    PageAddress,
    SharedPage,
    StatedDate,
)

SIGNINGS = ("company.slug", "pact.slug", "since")


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A document somewhere; `document_url` is where it stands, `archived_url` a kept copy."""

    document_url = serializers.URLField(source="url")
    archived_url = Code(allow_null=True)
    sha256 = Code(allow_null=True)
    url = ApiAddress("api:source", "slug")

    class Meta:
        model = Source
        fields = [
            "slug",
            "title",
            "publisher",
            "kind",
            "document_url",
            "archived_url",
            "sha256",
            "published_on",
            "retrieved_on",
            "url",
        ]


class CitationSerializer(serializers.ModelSerializer[Citation]):
    """What one source says in support of one fact, in its own words and language."""

    source = SourceSerializer()  # type: ignore[assignment]  # DRF's own attribute

    class Meta:
        model = Citation
        fields = ["quote", "confidence", "verified_on", "source"]


class SectorSerializer(serializers.ModelSerializer[Sector]):
    """A line of business."""

    label = BothLanguages("label")  # type: ignore[assignment]

    class Meta:
        model = Sector
        fields = ["code", "label"]


class CompanyLinkSerializer(serializers.ModelSerializer[Company]):
    """A company, named and linked."""

    url = ApiAddress("api:company", "slug")
    page = PageAddress()

    class Meta:
        model = Company
        fields = ["slug", "name", "url", "page"]


class PactLinkSerializer(serializers.ModelSerializer[Pact]):
    """A pact, named and linked."""

    name = BothLanguages("name")
    url = ApiAddress("api:pact", "slug")
    page = PageAddress()

    class Meta:
        model = Pact
        fields = ["slug", "name", "url", "page"]


class CommitmentLinkSerializer(serializers.ModelSerializer[Commitment]):
    """A commitment, named and linked."""

    pact = serializers.CharField(source="pact.slug")
    title = BothLanguages("title")
    url = ApiAddress("api:commitment", "pact.slug", "code")
    page = PageAddress()

    class Meta:
        model = Commitment
        fields = ["pact", "code", "kind", "title", "url", "page"]


class CommitmentSerializer(CommitmentLinkSerializer):
    """One thing a pact lets a company promise; `text` is in the language of its source."""

    text_basis = Code(allow_null=True)
    source = SourceSerializer(allow_null=True)  # type: ignore[assignment]

    class Meta(CommitmentLinkSerializer.Meta):
        fields = [
            "pact",
            "code",
            "kind",
            "audience",
            "title",
            "text",
            "text_basis",
            "ai_act_article",
            "source",
            "url",
            "page",
        ]


class PactSerializer(PactLinkSerializer):
    """A voluntary instrument; `listed_total` is what its issuer announced, not our count."""

    summary = BothLanguages("summary")
    official_url = serializers.URLField(source="url")
    url = ApiAddress("api:pact", "slug")

    class Meta(PactLinkSerializer.Meta):
        fields = [
            "slug",
            "name",
            "summary",
            "issuer",
            "opened_on",
            "closed_on",
            "official_url",
            "report_after_months",
            "listed_total",
            "listed_total_on",
            "url",
            "page",
        ]


class PactDetailSerializer(PactSerializer):
    """A pact with its commitments."""

    commitments = CommitmentSerializer(many=True)

    class Meta(PactSerializer.Meta):
        fields = [*PactSerializer.Meta.fields, "commitments"]


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    """A dated event of a pact or of the AI Act; `value` is the figure it announced, if any."""

    date = StatedDate("date")
    title = BothLanguages("title")
    value = Code(allow_null=True)
    source = SourceSerializer()  # type: ignore[assignment]  # DRF's own attribute
    url = MilestoneAddress()
    page = SharedPage("home")

    class Meta:
        model = Milestone
        fields = [
            "date",
            "date_precision",
            "moved_from",
            "topic",
            "title",
            "value",
            "confidence",
            "source",
            "url",
            "page",
        ]


class PeriodSerializer(serializers.ModelSerializer[Signing]):
    """One status over one period; `until` is null while it holds."""

    pact = PactLinkSerializer()
    since = StatedDate("since")
    until = StatedDate("until")
    reason = BothLanguages("reason")
    asked = Code(allow_null=True)
    citations = CitationSerializer(many=True)
    url = ApiAddress("api:signing", *SIGNINGS)
    page = PageAddress(source="company")

    class Meta:
        model = Signing
        fields = [
            "pact",
            "status",
            "since",
            "since_precision",
            "since_basis",
            "until",
            "until_precision",
            "reason",
            "asked",
            "asked_on",
            "citations",
            "url",
            "page",
        ]


class SigningSerializer(PeriodSerializer):
    """A period with its company."""

    company = CompanyLinkSerializer()

    class Meta(PeriodSerializer.Meta):
        fields = ["company", *PeriodSerializer.Meta.fields]


class TakenOnSerializer(serializers.ModelSerializer[Pledge]):
    """A commitment taken on; `no_evidence` means that we found none, not that nothing was done."""

    commitment = CommitmentLinkSerializer()
    implementation_basis = Code(allow_null=True)
    note = BothLanguages("note")
    citations = CitationSerializer(many=True)
    url = ApiAddress("api:pledge", "company.slug", "commitment.pact.slug", "commitment.code")
    page = PageAddress(source="company")

    class Meta:
        model = Pledge
        fields = [
            "commitment",
            "basis",
            "implementation",
            "implementation_basis",
            "as_of",
            "target_on",
            "note",
            "citations",
            "url",
            "page",
        ]


class PledgeSerializer(TakenOnSerializer):
    """A pledge with its company."""

    company = CompanyLinkSerializer()

    class Meta(TakenOnSerializer.Meta):
        fields = ["company", *TakenOnSerializer.Meta.fields]


class ProgressReportSerializer(serializers.ModelSerializer[ProgressReport]):
    """A report a company was invited to give, or gave."""

    pact = serializers.CharField(source="pact.slug")
    due_basis = Code(allow_null=True)
    document_url = Code(source="url", allow_null=True)
    citations = CitationSerializer(many=True)

    class Meta:
        model = ProgressReport
        fields = [
            "pact",
            "period",
            "due_on",
            "due_basis",
            "submitted_on",
            "published_on",
            "document_url",
            "citations",
        ]


class CorePledgeSerializer(serializers.ModelSerializer[Pledge]):
    """A core commitment, in short."""

    commitment = serializers.CharField(source="commitment.code")

    class Meta:
        model = Pledge
        fields = ["commitment", "implementation"]


class CompanyNameSerializer(serializers.ModelSerializer[CompanyName]):
    """Another name of a company."""

    class Meta:
        model = CompanyName
        fields = ["name", "kind"]


class CompanyIdentifierSerializer(serializers.ModelSerializer[CompanyIdentifier]):
    """What a company is called in another register."""

    class Meta:
        model = CompanyIdentifier
        fields = ["scheme", "value"]


class CompanySerializer(serializers.ModelSerializer[Company]):
    """A company and its status today toward the one pact that `pact` names."""

    country = Code(allow_null=True)
    region = serializers.ChoiceField(choices=Region.choices)
    sector = SectorSerializer(allow_null=True)
    pact = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    since = StatedDate("since")
    since_precision = serializers.CharField(allow_null=True)
    since_basis = serializers.CharField(allow_null=True)
    source_count = serializers.IntegerField()
    core_pledges = CorePledgeSerializer(many=True)
    url = ApiAddress("api:company", "slug")
    page = PageAddress()

    class Meta:
        model = Company
        fields = [
            "slug",
            "name",
            "country",
            "region",
            "sector",
            "size",
            "role",
            "pact",
            "status",
            "since",
            "since_precision",
            "since_basis",
            "source_count",
            "core_pledges",
            "url",
            "page",
        ]

    def get_pact(self, company: Company) -> str:
        slug: str = self.context["pact"].slug
        return slug

    @extend_schema_field(serializers.ChoiceField(choices=Signing.Status.choices))
    def get_status(self, company: Any) -> str:
        return company.status or Signing.Status.UNKNOWN


class GroupSerializer(serializers.ModelSerializer[Company]):
    """The company above and those below."""

    parent = CompanyLinkSerializer(allow_null=True)
    subsidiaries = CompanyLinkSerializer(many=True)

    class Meta:
        model = Company
        fields = ["parent", "subsidiaries"]


class OtherPactSerializer(serializers.ModelSerializer[Signing]):
    """Where the company stands today toward a pact other than the one asked for."""

    pact = serializers.CharField(source="pact.slug")
    since = StatedDate("since")

    class Meta:
        model = Signing
        fields = ["pact", "status", "since", "since_precision", "since_basis"]


class CompanyDetailSerializer(CompanySerializer):
    """Everything the register knows of a company; `signings` and `pledges` cover every pact."""

    website = Code(allow_null=True)
    profile_url = Code(allow_null=True)
    group = GroupSerializer(source="*")
    names = CompanyNameSerializer(many=True)
    identifiers = CompanyIdentifierSerializer(many=True)
    signings = PeriodSerializer(many=True)
    other_pacts = serializers.SerializerMethodField()
    pledges = TakenOnSerializer(many=True)
    reports = ProgressReportSerializer(many=True)
    citations = CitationSerializer(many=True)

    class Meta(CompanySerializer.Meta):
        fields = [
            "slug",
            "name",
            "legal_name",
            "names",
            "identifiers",
            "country",
            "region",
            "sector",
            "size",
            "role",
            "website",
            "description",
            "profile_basis",
            "profile_url",
            "citations",
            "group",
            "pact",
            "status",
            "since",
            "since_precision",
            "since_basis",
            "signings",
            "other_pacts",
            "pledges",
            "reports",
            "url",
            "page",
        ]

    @extend_schema_field(OtherPactSerializer(many=True))
    def get_other_pacts(self, company: Company) -> Any:
        """Chosen among the periods already read: no query."""
        pact, day = self.context["pact"], self.context["day"]
        current = [
            signing
            for signing in company.signings.all()
            if signing.pact != pact and signing.is_in_force(day)
        ]
        return OtherPactSerializer(current, many=True).data
