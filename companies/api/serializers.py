"""Serializers of rows. They list their fields: a new column is not public by itself."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    Confidence,
    Milestone,
    Opinion,
    Pact,
    Pledge,
    ProgressReport,
    Region,
    Retraction,
    Sector,
    Signing,
    Source,
)

from .quick.rendering import cached_serializer
from .serializer_fields import (
    ApiUrlField,
    BothLanguagesField,
    LastCheckedField,
    ListsWithoutField,
    MilestoneUrlField,
    NullableField,
    PageUrlField,
    QuoteCheckSerializer,
    StatedDateField,
    ViewUrlField,
)

SIGNINGS = ("company.slug", "pact.slug", "since")
STATUS = ("pact", "status", "since", "since_precision", "since_basis", "last_checked")


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A document; `document_url` is its own URL, `archived_url` that of an archived copy."""

    document_url = serializers.URLField(source="url")
    archived_url = NullableField()
    sha256 = NullableField()
    obtained = NullableField()
    received_from = NullableField()
    url = ApiUrlField("api:source", "slug")

    class Meta:
        model = Source
        fields = [
            "slug", "title", "publisher", "kind", "document_url", "archived_url", "sha256",
            "published_on", "retrieved_on", "obtained", "received_from", "url",
        ]  # fmt: skip


class CitationSerializer(serializers.ModelSerializer[Citation]):
    """What one source says in support of one fact, in its own words and language.

    `translation` is ours; `language` is null where the quote is a name only or no one recorded it.
    `confidence` is computed from the kind of the source and from the quote. `verified_on` is the
    day on which a person, or first our program, found the quote at its source; `check`
    is what the program saw last, null before the first time.
    """

    own_words = NullableField()
    about_on = StatedDateField("about_on")
    language = NullableField()
    translation = BothLanguagesField("translation")
    confidence = serializers.ChoiceField(choices=Confidence.choices)
    check = QuoteCheckSerializer(source="check_of_page", allow_null=True)
    source = SourceSerializer()  # type: ignore[assignment]  # DRF's own attribute

    class Meta:
        model = Citation
        fields = [
            "quote", "language", "translation", "own_words", "about_on", "confidence",
            "verified_on", "check", "source",
        ]  # fmt: skip


class SectorSerializer(serializers.ModelSerializer[Sector]):
    """A line of business."""

    label = BothLanguagesField("label")  # type: ignore[assignment]  # DRF has one of this name

    class Meta:
        model = Sector
        fields = ["code", "label"]


class CompanyLinkSerializer(serializers.ModelSerializer[Company]):
    """A company, named and linked."""

    url = ApiUrlField("api:company", "slug")
    page = PageUrlField()

    class Meta:
        model = Company
        fields = ["slug", "name", "url", "page"]


class PactLinkSerializer(serializers.ModelSerializer[Pact]):
    """A pact, named and linked."""

    name = BothLanguagesField("name")
    url = ApiUrlField("api:pact", "slug")
    page = PageUrlField()

    class Meta:
        model = Pact
        fields = ["slug", "name", "url", "page"]


class CommitmentLinkSerializer(serializers.ModelSerializer[Commitment]):
    """A commitment, named and linked."""

    pact = serializers.CharField(source="pact.slug")
    title = BothLanguagesField("title")
    url = ApiUrlField("api:commitment", "pact.slug", "code")
    page = PageUrlField()

    class Meta:
        model = Commitment
        fields = ["pact", "code", "kind", "title", "url", "page"]


class CommitmentSerializer(CommitmentLinkSerializer):
    """One thing a pact lets a company promise; `text` is in the language of its source."""

    text_basis = NullableField()
    source = SourceSerializer(allow_null=True)  # type: ignore[assignment]  # DRF has one of this name

    class Meta(CommitmentLinkSerializer.Meta):
        fields = [
            "pact", "code", "kind", "audience", "title", "text", "text_basis", "ai_act_article",
            "source", "url", "page",
        ]  # fmt: skip


class PactSerializer(PactLinkSerializer):
    """A voluntary instrument; `listed_total` is what its issuer announced, not our count.

    Until a list of it was read, `list_read` is false and the register has no information on any
    company.
    """

    summary = BothLanguagesField("summary")
    official_url = serializers.URLField(source="url")
    list_read = serializers.BooleanField(source="was_read")
    url = ApiUrlField("api:pact", "slug")

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
            "list_read",
            "url",
            "page",
        ]


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """An author’s opinion on absences from the pact, not a company’s own words."""

    says = BothLanguagesField("says")
    translation = BothLanguagesField("translation")
    author = BothLanguagesField("author")
    source = SourceSerializer()  # type: ignore[assignment]  # DRF's own attribute

    class Meta:
        model = Opinion
        fields = ["says", "quote", "language", "translation", "author", "source"]


class PactDetailSerializer(PactSerializer):
    """A pact with its commitments, and opinions on why companies stay away."""

    commitments = CommitmentSerializer(many=True)
    opinions = OpinionSerializer(many=True)

    class Meta(PactSerializer.Meta):
        fields = [*PactSerializer.Meta.fields, "commitments", "opinions"]


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    """A dated event of a pact or of the AI Act; `value` is the figure it announced, if any."""

    date = StatedDateField("date")
    title = BothLanguagesField("title")
    pact = PactLinkSerializer(allow_null=True)
    value = NullableField()
    confidence = serializers.ChoiceField(choices=Confidence.choices)
    source = SourceSerializer()  # type: ignore[assignment]  # DRF's own attribute
    url = MilestoneUrlField()
    page = ViewUrlField("home")

    class Meta:
        model = Milestone
        fields = [
            "date",
            "date_precision",
            "moved_from",
            "topic",
            "pact",
            "title",
            "value",
            "reports_received",
            "confidence",
            "source",
            "url",
            "page",
        ]


class PeriodSerializer(serializers.ModelSerializer[Signing]):
    """One status over one period; `until` is null while it holds.

    For `not_signed`, `lists_without` are the days of the official lists on which the company was
    looked for and not found, the last of them `last_checked`.
    """

    pact = PactLinkSerializer()
    since = StatedDateField("since")
    until = StatedDateField("until")
    last_checked = LastCheckedField()
    lists_without = ListsWithoutField()
    reason = BothLanguagesField("reason")
    asked = NullableField()
    citations = CitationSerializer(many=True)
    url = ApiUrlField("api:signing", *SIGNINGS)
    page = PageUrlField(source="company")

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
            "last_checked",
            "lists_without",
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
    implementation_basis = NullableField()
    note = BothLanguagesField("note")
    citations = CitationSerializer(many=True)
    url = ApiUrlField("api:pledge", "company.slug", "commitment.pact.slug", "commitment.code")
    page = PageUrlField(source="company")

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
    due_basis = NullableField()
    document_url = NullableField(source="url")
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
    """An identifier of the company in another register; `url` is its page there, if it has one."""

    url = NullableField(allow_null=True, help_text="Its page in that register; null without one.")

    class Meta:
        model = CompanyIdentifier
        fields = ["scheme", "value", "url"]


class CompanySerializer(serializers.ModelSerializer[Company]):
    """A company and its status today for the pact in `pact`."""

    country = NullableField()
    region = serializers.ChoiceField(choices=Region.choices)
    sector = SectorSerializer(allow_null=True)
    pact = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    since = StatedDateField("since")
    since_precision = serializers.CharField(allow_null=True)
    since_basis = serializers.CharField(allow_null=True)
    last_checked = LastCheckedField()
    source_count = serializers.IntegerField()
    core_pledges = CorePledgeSerializer(many=True)
    url = ApiUrlField("api:company", "slug")
    page = PageUrlField()

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
            *STATUS,
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


class RetractionSerializer(serializers.ModelSerializer[Retraction]):
    """A status that the register published from `published_from` on and that was wrong."""

    pact = serializers.CharField(source="pact.slug")
    since = StatedDateField("since")
    reason = BothLanguagesField("reason")

    class Meta:
        model = Retraction
        fields = [
            "pact",
            "status",
            "since",
            "since_precision",
            "published_from",
            "retracted_on",
            "reason",
        ]


class OtherPactSerializer(serializers.ModelSerializer[Signing]):
    """The company’s status for a pact other than that of the query."""

    pact = serializers.CharField(source="pact.slug")
    since = StatedDateField("since")

    class Meta:
        model = Signing
        fields = ["pact", "status", "since", "since_precision", "since_basis"]


class CompanyDetailSerializer(CompanySerializer):
    """Everything we know about a company; `signings` and `pledges` cover every pact."""

    website = NullableField()
    profile_url = NullableField()
    group = GroupSerializer(source="*")
    names = CompanyNameSerializer(many=True)
    identifiers = CompanyIdentifierSerializer(many=True)
    signings = PeriodSerializer(many=True)
    other_pacts = serializers.SerializerMethodField()
    pledges = TakenOnSerializer(many=True)
    reports = ProgressReportSerializer(many=True)
    retractions = RetractionSerializer(many=True)
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
            *STATUS,
            "signings",
            "other_pacts",
            "pledges",
            "reports",
            "retractions",
            "url",
            "page",
        ]

    @extend_schema_field(OtherPactSerializer(many=True))
    def get_other_pacts(self, company: Company) -> Any:
        """The open periods toward other pacts, from the prefetched signings."""
        pact, day = self.context["pact"], self.context["day"]
        current = [
            one for one in company.signings.all() if one.pact != pact and one.is_in_force(day)
        ]
        other = cached_serializer(OtherPactSerializer, {})
        return list(map(other.to_representation, current))
