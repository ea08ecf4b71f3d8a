"""Voluntary instruments and the commitments they offer."""

import datetime
from typing import Self

from babel.numbers import format_decimal
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .as_of import AsOfModel
from .dates import PossibleDays
from .fields import LineField, LongText, Translated, WebField

# The pact a page or an API answer is about when nobody says otherwise.
DEFAULT_PACT = "eu-ai-pact"
# Their issuer announced "more than" so many signatories.
ANNOUNCED_AS_MINIMUM = (DEFAULT_PACT, "transparency-code")


class PactQuerySet(models.QuerySet["Pact"]):
    def with_reading(self) -> Self:
        """Annotate pacts with `was_read`: whether any status toward it is known.

        The register is about the EU AI Pact, which always counts as read.
        """
        periods = self.model._meta.get_field("signings").related_model._default_manager
        read = Q(Exists(periods.filter(pact=OuterRef("pk")))) | Q(slug=DEFAULT_PACT)
        return self.annotate(was_read=ExpressionWrapper(read, output_field=models.BooleanField()))

    def with_list_read(self) -> Self:
        """Pacts with known statuses, which pages count and offer as choices."""
        return self.with_reading().filter(was_read=True)


class Pact(PossibleDays, AsOfModel):
    """A voluntary instrument that companies sign: the EU AI Pact first."""

    slug = models.SlugField(_("public id"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name_en = LineField(_("name in English"), max_length=200)
    name_fr = LineField(_("name in French"), max_length=200)
    name = Translated("name")
    summary_en = LongText(_("summary in English"), blank=True, max_length=2000)
    summary_fr = LongText(_("summary in French"), blank=True, max_length=2000)
    summary = Translated("summary", falls_back=False)
    issuer = LineField(_("issuer"), max_length=200)
    issuer_fr = LineField(
        _("issuer in French"),
        max_length=200,
        blank=True,
        help_text=_("Leave empty if the name is the same."),
    )
    issued_by = Translated("issuer")
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    url = WebField(_("official page"))
    report_after_months = models.PositiveSmallIntegerField(
        _("months until a report is invited"),
        null=True,
        blank=True,
        help_text=_("Leave empty if the pact invites no report."),
    )
    listed_total = models.PositiveIntegerField(
        _("officially announced total"), null=True, blank=True
    )
    listed_total_on = models.DateField(_("announced on"), null=True, blank=True)
    history = HistoricalRecords()
    was_read: bool  # of `with_reading`

    objects = PactQuerySet.as_manager()

    class Meta:
        verbose_name = _("pact")
        verbose_name_plural = _("pacts")
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gt=models.F("opened_on")),
                name="pact_closes_after_opening",
                violation_error_message=_("A pact must close after it opens."),
            ),
            models.CheckConstraint(
                condition=models.Q(listed_total__isnull=True, listed_total_on__isnull=True)
                | models.Q(listed_total__isnull=False, listed_total_on__isnull=False),
                name="pact_total_has_its_date",
                violation_error_message=_("An announced total needs the date it was announced."),
            ),
        ]

    OBSERVED = ("listed_total_on",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pact", args=[self.slug])

    @property
    def announces_a_minimum(self) -> bool:
        """Whether the announced total is "more than" so many, as the Commission says."""
        return self.slug in ANNOUNCED_AS_MINIMUM

    def total_beyond(self, number: int) -> int | None:
        """The announced total, unless more signatories are known: it is of an earlier day then."""
        total = self.listed_total
        return total if total is not None and total >= number else None

    def known(self, number: int) -> str:
        """The number of known signatories with the announced total, in words."""
        if self.total_beyond(number) is None:
            words = ngettext("%(number)s known signatory", "%(number)s known signatories", number)
        elif self.announces_a_minimum:
            words = ngettext(
                "%(number)s known signatory (of more than %(total)s)",
                "%(number)s known signatories (of more than %(total)s)",
                number,
            )
        else:
            words = ngettext(
                "%(number)s known signatory (of %(total)s)",
                "%(number)s known signatories (of %(total)s)",
                number,
            )
        locale = get_language() or "en"
        total = format_decimal(self.listed_total or 0, locale=locale)
        return words % {"number": format_decimal(number, locale=locale), "total": total}

    def forget_after(self, day: datetime.date) -> None:
        """Remove a total announced after `day`."""
        if self.listed_total_on and self.listed_total_on > day:
            self.listed_total = self.listed_total_on = None


class Commitment(models.Model):
    """One thing a pact lets a company promise."""

    class Kind(models.TextChoices):
        """Core commitments come with the signature; the others are chosen."""

        CORE = "core", _("core")
        ADDITIONAL = "additional", _("additional")
        CHAPTER = "chapter", _("chapter")

    class Audience(models.TextChoices):
        """Who the commitment is for, in the AI Act's terms."""

        ALL = "all", _("every signatory")
        PROVIDER = "provider", _("providers")
        DEPLOYER = "deployer", _("deployers")

    class TextBasis(models.TextChoices):
        """Whether the text is quoted or paraphrased."""

        VERBATIM = "verbatim", _("word for word")
        PARAPHRASE = "paraphrase", _("in our words")

    pact = models.ForeignKey(
        Pact, verbose_name=_("pact"), on_delete=models.PROTECT, related_name="commitments"
    )
    code = models.SlugField(_("code"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    audience = models.CharField(
        _("audience"), max_length=10, choices=Audience, default=Audience.ALL
    )
    title_en = LineField(_("title in English"), max_length=200)
    title_fr = LineField(_("title in French"), max_length=200)
    title = Translated("title")
    text = LongText(_("text"), blank=True, max_length=4000)
    text_basis = models.CharField(
        _("basis of the text"), max_length=10, choices=TextBasis, blank=True
    )
    ai_act_article = LineField(_("article of the AI Act"), max_length=100, blank=True)
    ai_act_article_fr = LineField(_("article of the AI Act in French"), max_length=100, blank=True)
    translated_article = Translated("ai_act_article")
    source = models.ForeignKey(
        "Source",
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="commitments",
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["pact", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "code"],
                name="commitment_code_unique_in_pact",
                violation_error_message=_("This pact already has a commitment with that code."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        url = reverse("commitment", args=[self.code])
        return url if self.pact.slug == DEFAULT_PACT else f"{url}?pact={self.pact.slug}"

    @property
    def article(self) -> str:
        """The article of the AI Act it prepares for, as French or English readers write it.

        A line may not end between "Art." and its number.
        """
        return self.translated_article.replace(". ", ".\N{NO-BREAK SPACE}", 1)
