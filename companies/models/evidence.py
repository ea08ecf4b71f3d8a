"""Sources, citations, and the milestones, shares and opinions that sources publish."""

import datetime
from typing import TYPE_CHECKING, Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .dates import PartialDate, PossibleDays, Precision
from .fields import LineField, LongText, Translated, VerifierField, WebField

if TYPE_CHECKING:
    from .checks.quote_checks import QuoteCheck
    from .pact import Pact


two_letters = RegexValidator(r"\A[a-z]{2}\Z", _("Two lower-case letters."))


class Confidence(models.TextChoices):
    """How reliably a source supports a fact: computed from its kind and quote, never typed."""

    HIGH = "high", _("high: stated by the issuer or the company")
    MEDIUM = "medium", _("medium: reported second-hand")
    LOW = "low", _("low: our interpretation")


class Source(PossibleDays, models.Model):
    """A document somewhere."""

    class Kind(models.TextChoices):
        """Who published it."""

        OFFICIAL_LIST = "official_list", _("official list")
        OFFICIAL_DOCUMENT = "official_document", _("official document")
        COMPANY = "company", _("the company")
        PRESS = "press", _("press")
        RESEARCH = "research", _("research")

    class Obtained(models.TextChoices):
        """How we obtained it; blank: we read it at its URL."""

        SAVED_FILE = "saved_file", _("from a saved file")

    slug = models.SlugField(_("public id"), max_length=100, unique=True)
    url = WebField(_("address"), db_index=True)
    title = LineField(_("title"), max_length=300)
    publisher = LineField(_("publisher"), max_length=200, blank=True)
    publisher_fr = LineField(
        _("publisher in French"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Leave empty if the name is the same."),
    )
    published_by = Translated("publisher")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    retrieved_on = models.DateField(_("read on"), null=True, blank=True)
    archived_url = WebField(_("archived copy"), blank=True)
    sha256 = models.CharField(
        _("SHA-256 of the archived copy"),
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"\A[0-9a-f]{64}\Z", _("64 hexadecimal digits in lower case."))],
    )
    obtained = models.CharField(
        _("how we got it"),
        max_length=10,
        choices=Obtained,
        blank=True,
        default="",
        db_default="",
        help_text=_("Leave empty if we read it online."),
    )
    received_from = LineField(
        _("file from"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who saved or sent the file."),
    )
    history = HistoricalRecords()

    FIRST_HAND = (Kind.OFFICIAL_LIST, Kind.OFFICIAL_DOCUMENT, Kind.COMPANY)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["title", "pk"]
        constraints = [
            # A page that changes silently is another document each time it is archived.
            models.UniqueConstraint(
                fields=["url", "sha256"],
                name="source_unique",
                violation_error_message=_("This document is already on the register."),
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True)
                | Q(retrieved_on__isnull=True)
                | Q(retrieved_on__gte=F("published_on")),
                name="source_read_after_publication",
                violation_error_message=_("A document cannot be read before its publication date."),
            ),
        ]

    OBSERVED = ("published_on", "retrieved_on")

    def __str__(self) -> str:
        return self.title

    @property
    def is_official_list(self) -> bool:
        return self.kind == self.Kind.OFFICIAL_LIST

    @property
    def speaks_on(self) -> datetime.date | None:
        """The last date it can be about: its publication, or else when we read it."""
        return self.published_on or self.retrieved_on


VERIFIERS = {
    "editor": _("an editor"),
    "verify_sources": _("the program that looks at cited pages"),
}


class Citation(PossibleDays, models.Model):
    """A source supporting one fact."""

    class OwnWords(models.TextChoices):
        """What the company or its spokesperson says in the quote; blank: neither of these."""

        WILL_NOT_SIGN = "will_not_sign", _("says that it will not sign")
        HAS_LEFT = "has_left", _("says that it has left")

    source = models.ForeignKey(
        Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="citations"
    )
    signing = models.ForeignKey(
        "Signing", null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    pledge = models.ForeignKey(
        "Pledge", null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    report = models.ForeignKey(
        "ProgressReport", null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    company = models.ForeignKey(
        "Company", null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    quote = LongText(
        _("quote"),
        blank=True,
        max_length=1000,
        help_text=_("The shortest quote that proves the fact, in the source’s own language."),
    )
    language = models.CharField(
        _("language of the quote"),
        max_length=2,
        blank=True,
        default="",
        db_default="",
        validators=[two_letters],
        help_text=_("Two letters, such as “de”. Leave empty if the quote is a name only."),
    )
    translation_en = LongText(
        _("our translation into English"), max_length=1000, blank=True, default="", db_default=""
    )
    translation_fr = LongText(
        _("our translation into French"), max_length=1000, blank=True, default="", db_default=""
    )
    translation = Translated("translation", falls_back=False)
    own_words = models.CharField(
        _("the company’s own words"),
        max_length=15,
        choices=OwnWords,
        blank=True,
        help_text=_(
            "Only if the company or its spokesperson says so in the quote. Leave empty for “not "
            "now”, silence, or what others say."
        ),
    )
    about_on = models.DateField(
        _("about the day"),
        null=True,
        blank=True,
        help_text=_(
            "Only if the source reports on a list or event of an earlier date: that date. "
            "Otherwise the source’s own date counts."
        ),
    )
    about_on_precision = models.CharField(
        _("precision of the day"), max_length=5, choices=Precision, default=Precision.DAY
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_by = VerifierField(_("verified by"), max_length=100, blank=True, choices=VERIFIERS)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(signing__isnull=False, pledge=None, report=None, company=None)
                    | Q(signing=None, pledge__isnull=False, report=None, company=None)
                    | Q(signing=None, pledge=None, report__isnull=False, company=None)
                    | Q(signing=None, pledge=None, report=None, company__isnull=False)
                ),
                name="citation_has_one_target",
                violation_error_message=_(
                    "A citation supports exactly one thing: a signing status, a pledge, a report "
                    "or a company."
                ),
            ),
            models.CheckConstraint(
                condition=Q(own_words="") | (Q(signing__isnull=False) & ~Q(quote="")),
                name="citation_own_words_are_quoted",
                violation_error_message=_(
                    "The company’s own words belong to a signing status, with the quote that has "
                    "them."
                ),
            ),
            models.CheckConstraint(
                condition=Q(translation_en="", translation_fr="")
                | (~Q(quote="") & ~Q(language="")),
                name="citation_translates_a_quote",
                violation_error_message=_("A translation needs the quote and its language."),
            ),
        ]

    OBSERVED = ("verified_on",)
    BY_PROGRAM = "verify_sources"  # in verified_by, where no person did

    def __str__(self) -> str:
        return f"{self.source}"

    @property
    def translation_language(self) -> str:
        return Citation.translation.chosen(self)[0]

    @property
    def check_of_page(self) -> "QuoteCheck | None":
        """The last check of its page, if it was of the present quote and URL."""
        found: QuoteCheck | None = getattr(self, "quote_check", None)
        is_of_this = found and (found.quote, found.url) == (self.quote, self.source.url)
        return found if found and found.result and is_of_this else None

    @property
    def pact_of_days(self) -> "Pact | None":
        target = self.signing or self.pledge or self.report
        return target.pact_of_days if target else None

    @property
    def proves(self) -> PartialDate | None:
        """The date it is about; None if neither it nor its source has one."""
        if self.about_on:
            return PartialDate(self.about_on, self.about_on_precision)
        return PartialDate(day) if (day := self.source.speaks_on) else None

    @property
    def confidence(self) -> Confidence:
        """Computed from the kind of source and whether a quote names the company.

        Quotes from a list name the company, or the status would have been refused; citing a
        list that does not name it is our own interpretation.
        """
        absence = self.signing and self.signing.is_absence
        if not self.quote or (absence and self.source.is_official_list):
            return Confidence.LOW
        return confidence_in(self.source)


def confidence_in(source: Source) -> Confidence:
    """How reliably the quote of this source supports the fact."""
    return Confidence.HIGH if source.kind in Source.FIRST_HAND else Confidence.MEDIUM


def surest_first(path: str = "") -> tuple[Case | str, ...]:
    """The ordering of citations by `confidence`; `path` leads to them, such as `citations__`.

    Among equals the official list comes first, then other official documents.
    """
    signing: Any = Citation._meta.get_field("signing").related_model
    by_list = Q(**{f"{path}source__kind": Source.Kind.OFFICIAL_LIST})
    by_document = Q(**{f"{path}source__kind": Source.Kind.OFFICIAL_DOCUMENT})
    first_hand = Q(**{f"{path}source__kind__in": Source.FIRST_HAND})
    without_the_name = by_list & Q(**{f"{path}signing__status__in": signing.ABSENCES})
    unquoted = Q(**{f"{path}quote": ""})
    sureness = Case(When(unquoted | without_the_name, then=2), When(first_hand, then=0), default=1)
    official = Case(When(by_list, then=0), When(by_document, then=1), default=2)
    return sureness, official, f"{path}pk"


class Milestone(PossibleDays, models.Model):
    """A dated event of a pact or of the AI Act."""

    class Topic(models.TextChoices):
        """What the event belongs to."""

        AI_PACT = "ai_pact", _("AI Pact")
        AI_ACT = "ai_act", _("AI Act")
        OMNIBUS = "omnibus", _("Digital Omnibus")
        GPAI_CODE = "gpai_code", _("General-Purpose AI Code")
        TRANSPARENCY_CODE = "transparency_code", _("Transparency Code")

    date = models.DateField(_("date"))
    date_precision = models.CharField(
        _("precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    moved_from = models.DateField(
        _("moved from"),
        null=True,
        blank=True,
        help_text=_("The original date, if the law moved it and the source says so."),
    )
    topic = models.CharField(_("topic"), max_length=20, choices=Topic)
    pact = models.ForeignKey(
        "Pact",
        verbose_name=_("pact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="milestones",
        help_text=_("Leave empty if the event concerns the law or a pact we do not track."),
    )
    title_en = LineField(_("title in English"), max_length=300)
    title_fr = LineField(_("title in French"), max_length=300)
    title = Translated("title")
    value = LineField(_("figure"), max_length=100, blank=True)
    reports_received = models.PositiveIntegerField(
        _("progress reports received"),
        null=True,
        blank=True,
        help_text=_("The number the issuer announced, if this event is that announcement."),
    )
    source = models.ForeignKey(
        Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="milestones"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["date", "title_en"]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "title_en"],
                name="milestone_unique",
                violation_error_message=_("This milestone is already on the register."),
            ),
            models.CheckConstraint(
                condition=Q(moved_from__isnull=True) | ~Q(moved_from=F("date")),
                name="milestone_moved_from_another_day",
                violation_error_message=_("“Moved from” must be a different date."),
            ),
            models.CheckConstraint(
                condition=Q(reports_received__isnull=True) | Q(pact__isnull=False),
                name="milestone_reports_have_their_pact",
                violation_error_message=_("A number of reports needs its pact."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def pact_of_days(self) -> None:
        """Milestones may be before the pact opened, such as its announcement."""

    @property
    def when(self) -> PartialDate:
        return PartialDate(self.date, self.date_precision)

    @property
    def confidence(self) -> Confidence:
        return confidence_in(self.source)


class PublishedShare(models.Model):
    """A share of a pact's signatories that someone else published; pages show ours beside it."""

    class Value(models.TextChoices):
        """Which signatories it counts; codes are those of a company's region and role."""

        EU = "eu", _("European Union")
        US = "us", _("United States")
        OTHER = "other", _("other countries")
        OUTSIDE_EU = "outside_eu", _("outside the European Union")
        PROVIDER = "provider", _("provider")
        DEPLOYER = "deployer", _("deployer")
        BOTH = "both", _("provider and deployer")

    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="published_shares"
    )
    value = models.CharField(_("signatories counted"), max_length=10, choices=Value)
    percent = models.PositiveSmallIntegerField(_("percent"))
    signatories = models.PositiveIntegerField(
        _("of how many signatories"),
        null=True,
        blank=True,
        help_text=_("Leave empty if the source gives no number."),
    )
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        on_delete=models.PROTECT,
        related_name="published_shares",
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("published share")
        verbose_name_plural = _("published shares")
        ordering = ["pact", "source", "-percent", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "value", "source"],
                name="publishedshare_unique",
                violation_error_message=_("This source’s share is already on the register."),
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100),
                name="publishedshare_is_a_percentage",
                violation_error_message=_("A share cannot be more than 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_value_display()}: {self.percent} %"


class Opinion(models.Model):
    """An author's opinion on companies staying away from a pact: no fact, no company's word."""

    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="opinions"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    says_en = LineField(_("what it says, in English"), max_length=300)
    says_fr = LineField(_("what it says, in French"), max_length=300)
    says = Translated("says")
    quote = LongText(
        _("quote"), max_length=1000, help_text=_("The author’s own words, in their own language.")
    )
    language = models.CharField(
        _("language of the quote"),
        max_length=2,
        validators=[two_letters],
    )
    translation_en = LongText(_("our translation into English"), max_length=1000, blank=True)
    translation_fr = LongText(_("our translation into French"), max_length=1000, blank=True)
    translation = Translated("translation", falls_back=False)
    author_en = LineField(
        _("author, in English"),
        max_length=200,
        help_text=_("Who says so, and when, if the source gives a date."),
    )
    author_fr = LineField(_("author, in French"), max_length=200)
    author = Translated("author")
    source = models.ForeignKey(
        Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="opinions"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["pact", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "position"],
                name="opinion_position_unique",
                violation_error_message=_(
                    "Another opinion on this pact already has this position."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.says

    @property
    def translation_language(self) -> str:
        return Opinion.translation.chosen(self)[0]
