"""Documents, what they support, and the reports companies owe or gave."""

import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .fields import WebField
from .known import KnownOnQuerySet


class Confidence(models.TextChoices):
    """How surely a source supports a fact."""

    HIGH = "high", _("high: the source says so")
    MEDIUM = "medium", _("medium: a second-hand source says so")
    LOW = "low", _("low: our own reading")


class Source(models.Model):
    """A document somewhere."""

    class Kind(models.TextChoices):
        """Who speaks."""

        OFFICIAL_LIST = "official_list", _("official list")
        OFFICIAL_DOCUMENT = "official_document", _("official document")
        COMPANY = "company", _("the company")
        PRESS = "press", _("press")
        RESEARCH = "research", _("research")

    slug = models.SlugField(_("public id"), max_length=100, unique=True)
    url = WebField(_("address"), db_index=True)
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    retrieved_on = models.DateField(_("read on"), null=True, blank=True)
    archived_url = WebField(_("kept copy"), blank=True)
    sha256 = models.CharField(
        _("SHA-256 of the kept copy"),
        max_length=64,
        blank=True,
        validators=[
            RegexValidator(r"\A[0-9a-f]{64}\Z", _("64 hexadecimal digits in lower case, please."))
        ],
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["title", "pk"]
        constraints = [
            # A page that changes silently is another document each time it is kept.
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
                violation_error_message=_("A document cannot be read before it was published."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProgressReportQuerySet(KnownOnQuerySet["ProgressReport"]):
    """Reports, as far as they were given by a day."""


class ProgressReport(models.Model):
    """A report a company was invited to give, or gave."""

    class DueBasis(models.TextChoices):
        """How the due date was derived."""

        FROM_STATED_SIGNING = "from_stated_signing", _("counted from the stated day of signing")
        FROM_FIRST_SEEN = "from_first_seen", _("counted from the first list that names the company")
        STATED = "stated", _("stated by the pact")

    company = models.ForeignKey(
        "Company", verbose_name=_("company"), on_delete=models.CASCADE, related_name="reports"
    )
    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="reports"
    )
    period = models.PositiveSmallIntegerField(
        _("reporting period"), default=1, help_text=_("1 is the first report after signing.")
    )
    due_on = models.DateField(_("invited by"), null=True, blank=True)
    due_basis = models.CharField(
        _("how the date was derived"), max_length=20, choices=DueBasis, blank=True
    )
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    url = WebField(_("address"), blank=True)
    history = HistoricalRecords()

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["company", "pact", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "pact", "period"],
                name="report_unique_in_period",
                violation_error_message=_("This company already has a report for that period."),
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | ~Q(url=""),
                name="report_published_has_address",
                violation_error_message=_("A published report needs its address."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company}, {self.pact}, {self.period}"

    def forget_after(self, day: datetime.date) -> None:
        """The report as it stood on `day`, when what was given later was still owed."""
        if self.submitted_on and self.submitted_on > day:
            self.submitted_on = None
        if self.published_on and self.published_on > day:
            self.published_on, self.url = None, ""


class Citation(models.Model):
    """A source supporting one fact."""

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
        ProgressReport, null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    company = models.ForeignKey(
        "Company", null=True, blank=True, on_delete=models.CASCADE, related_name="citations"
    )
    quote = models.TextField(
        _("quote"),
        blank=True,
        max_length=1000,
        help_text=_("The source’s own words, in its own language, as short as proves the fact."),
    )
    confidence = models.CharField(
        _("confidence"), max_length=6, choices=Confidence, default=Confidence.HIGH
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=100, blank=True)
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
        ]

    def __str__(self) -> str:
        return f"{self.source}"
