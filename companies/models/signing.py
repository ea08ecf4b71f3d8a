"""Signing statuses of companies toward pacts over time, and pledges."""

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BaseConstraint, Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .as_of import AsOfModel
from .dates import ListsWithout, PartialDate, PossibleDays, Precision, in_force, sharing_a_day
from .fields import LongText, Translated

if TYPE_CHECKING:
    from .evidence import Citation
    from .pact import Pact


class PeriodsDoNotOverlap(BaseConstraint):
    """Constraint: no two periods of one company and pact share a day.

    An exclusion constraint on PostgreSQL; on SQLite, which has none, it is checked when a form
    or the register's rules validate the row. Each range contains one key, because core
    PostgreSQL can exclude on ranges but needs an extension for plain integers.
    """

    definition = (
        "EXCLUDE USING gist (int8range(company_id, company_id, '[]') WITH &&, "
        "int8range(pact_id, pact_id, '[]') WITH &&, "
        "daterange(since, until) WITH &&)"
    )

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor != "postgresql":
            return ""
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self.definition}"

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        clause = self.constraint_sql(model, schema_editor)
        table = schema_editor.quote_name(model._meta.db_table)
        return clause and f"ALTER TABLE {table} ADD {clause}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor != "postgresql":
            return ""
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(
        self, model: Any, instance: Any, exclude: Any = None, using: str = "default"
    ) -> None:
        # As Django's own constraints: a form that leaves out a field checks the rest itself.
        if {"company", "pact", "since"} & set(exclude or ()):
            return
        if not (instance.company_id and instance.pact_id and instance.since):
            return
        others = model._default_manager.using(using).exclude(pk=instance.pk)
        of_both = Q(company_id=instance.company_id, pact_id=instance.pact_id)
        if others.filter(of_both, sharing_a_day(instance.since, instance.until)).exists():
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PeriodsDoNotOverlap) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class SigningQuerySet(models.QuerySet["Signing"]):
    def on(self, day: datetime.date) -> Self:
        """Signings in force on `day`."""
        return self.filter(in_force(day))

    def signed(self) -> Self:
        return self.filter(status=Signing.Status.SIGNED)

    def absent(self) -> Self:
        """Periods that are no signature, each with its own reason."""
        return self.exclude(status__in=[Signing.Status.SIGNED, Signing.Status.UNKNOWN])


class Signing(PossibleDays, AsOfModel):
    """A company's status toward one pact over one period; an open period has no end."""

    class Status(models.TextChoices):
        """A company's status toward a pact. An absence we observed is never a refusal."""

        SIGNED = "signed", _("Signed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REMOVED = "removed", _("No longer listed")
        DECLINED = "declined", _("Publicly declined")
        INTERESTED = "interested", _("In the network, not a signatory")
        NOT_SIGNED = "not_signed", _("Not on the list")
        UNKNOWN = "unknown", _("No information")

    LEFT = (Status.WITHDRAWN, Status.REMOVED)  # of companies that had signed before
    HARMFUL = (Status.DECLINED, *LEFT)  # what can harm a company if it is wrong

    class SinceBasis(models.TextChoices):
        """The basis of the start date."""

        STATED = "stated", _("date stated by a source")
        FIRST_SEEN = "first_seen", _("first list or report that we know")
        OBSERVED = "observed", _("our check of the list")

    class Asked(models.TextChoices):
        """The outcome of our question to a company that has not signed; blank: none recorded."""

        NO_ANSWER = "no_answer", _("contacted, no reply")
        CONSIDERING = "considering", _("contacted, considering")

    company = models.ForeignKey(
        "Company", verbose_name=_("company"), on_delete=models.CASCADE, related_name="signings"
    )
    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="signings"
    )
    status = models.CharField(_("signing status"), max_length=10, choices=Status)
    since = models.DateField(_("since"), help_text=_("The first day of this status."))
    since_precision = models.CharField(
        _("start date precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    since_basis = models.CharField(_("start date basis"), max_length=10, choices=SinceBasis)
    until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("First day the status no longer applied. Leave empty if current."),
    )
    until_precision = models.CharField(
        _("end date precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    reason_en = LongText(_("reason in English"), blank=True, max_length=1000)
    reason_fr = LongText(_("reason in French"), blank=True, max_length=1000)
    reason = Translated("reason")
    asked = models.CharField(
        _("contacted by us"),
        max_length=12,
        choices=Asked,
        blank=True,
        help_text=_(
            "Only for a company that has not signed. Leave empty if we have not contacted it."
        ),
    )
    asked_on = models.DateField(
        _("contacted or replied on"),
        null=True,
        blank=True,
        help_text=_("The day we contacted it, or the day it replied."),
    )
    history = HistoricalRecords()

    objects = SigningQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing status")
        verbose_name_plural = _("signing statuses")
        ordering = ["-since", "pk"]
        indexes = [
            models.Index(fields=["pact", "status", "since"], name="signing_by_status"),
            # Without it SQLite joins companies to their periods by pact alone: 20 s for 10,000.
            models.Index(fields=["company", "pact", "since"], name="signing_of_company"),
            models.Index(fields=["since"], name="signing_by_day"),
            models.Index(fields=["asked_on"], name="signing_asked"),
            models.Index(
                fields=["pact", "status", "until", "since", "company"],
                condition=Q(until__isnull=False),
                name="signing_ended",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="signing_ends_after_it_starts",
                violation_error_message=_("A period must end after it began."),
            ),
            models.UniqueConstraint(
                fields=["company", "pact"],
                condition=Q(until__isnull=True),
                name="signing_one_open_period",
                violation_error_message=_(
                    "This company already has an open period for this pact. "
                    "End it first, or use “Change status”."
                ),
            ),
            models.CheckConstraint(
                condition=Q(asked="") | ~Q(status__in=["signed", "unknown"]),
                name="signing_asked_only_if_absent",
                violation_error_message=_(
                    "Only a company that is not a signatory can be contacted about it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(asked="", asked_on__isnull=True)
                | (~Q(asked="") & Q(asked_on__isnull=False)),
                name="signing_asked_has_its_day",
                violation_error_message=_("Record the outcome and the date."),
            ),
            PeriodsDoNotOverlap(
                name="signing_periods_apart",
                violation_error_message=_(
                    "This period overlaps another one of the same company and pact."
                ),
            ),
        ]

    OBSERVED = ("since", "until", "asked_on")
    ABSENCES = (Status.NOT_SIGNED, Status.REMOVED)

    def __str__(self) -> str:
        return f"{self.company}: {self.get_status_display()} ({self.pact}, {self.started})"

    def forget_after(self, day: datetime.date) -> None:
        """Remove an end, lists and questions after `day`."""
        if self.until and self.until > day:
            self.until, self.until_precision = None, Precision.DAY
        if self.asked_on and self.asked_on > day:
            self.asked, self.asked_on = "", None

    def is_in_force(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)

    def overlaps(self, other: "Signing") -> bool:
        """Whether both periods are of one pact and share a day, as in `PeriodsDoNotOverlap`."""
        return (
            self.pact_id == other.pact_id
            and (self.until is None or self.until > other.since)
            and (other.until is None or other.until > self.since)
        )

    @property
    def is_absence(self) -> bool:
        """Whether the status is an absence from a list: not there, or no longer."""
        return self.status in self.ABSENCES

    @property
    def started(self) -> PartialDate:
        return PartialDate(self.since, self.since_precision)

    @property
    def ended(self) -> PartialDate | None:
        return PartialDate(self.until, self.until_precision) if self.until else None

    @cached_property
    def lists_without(self) -> ListsWithout | None:
        """The lists without the company: only the first one until `FullLists.mark` sets all."""
        return ListsWithout((self.started,)) if self.status == self.Status.NOT_SIGNED else None

    @property
    def evidence(self) -> "list[Citation]":
        """Its citations: own words, first-hand sources, others; ties go to the start date."""
        return sorted(self.citations.all(), key=self._place_of)

    def _place_of(self, citation: "Citation") -> tuple[bool, bool, bool]:
        source = citation.source
        second_hand = source.kind not in source.FIRST_HAND
        return not citation.own_words, second_hand, source.published_on != self.since

    @property
    def reason_language(self) -> str:
        return type(self).reason.chosen(self)[0]


def implementation_on(day: datetime.date) -> Case:
    """The known implementation of a pledge on `day`, as an expression."""
    later = When(as_of__gt=day, then=Value(Pledge.Implementation.NO_EVIDENCE.value))
    return Case(later, default=F("implementation"), output_field=models.CharField())


def protect_unless_computed(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """on_delete handler: delete implied pledges with the commitment; others protect it."""
    stated = sub_objs.exclude(pk__in=Pledge.objects.using(using).computed())
    (models.PROTECT if stated.exists() else models.CASCADE)(collector, field, sub_objs, using)


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def known(self, day: datetime.date | None = None) -> Self:
        """Pledges with a basis; with a past day, those of companies that had signed by then."""
        known = self.exclude(basis="")  # the others only keep evidence
        if day is None or day >= timezone.localdate():
            return known
        return known._of_those_with(Signing.objects.signed().filter(since__lte=day))

    def bare(self) -> Self:
        """Pledges without a stated source or any further information."""
        unstated = self.exclude(basis=Pledge.Basis.STATED)
        return unstated.filter(citations=None, **Pledge.nothing_more())

    def computed(self) -> Self:
        """Pledges implied by a signature only: the history hook writes all of them."""
        return self.bare().filter(commitment__kind="core")

    def of_signatories(self, day: datetime.date) -> Self:
        """Pledges of companies that were signatories on `day`."""
        return self._of_those_with(Signing.objects.signed().on(day))

    def _of_those_with(self, periods: SigningQuerySet) -> Self:
        return self.filter(
            Exists(periods.filter(company=OuterRef("company"), pact=OuterRef("commitment__pact")))
        )


class Pledge(PossibleDays, AsOfModel):
    """A company taking on one commitment of a pact it signed."""

    class Basis(models.TextChoices):
        """The basis of a pledge."""

        IMPLIED_BY_SIGNATURE = "implied_by_signature", _("by signing")
        STATED = "stated", _("stated by a source")

    class Implementation(models.TextChoices):
        """The known implementation; finding nothing is not a “no”."""

        NO_EVIDENCE = "no_evidence", _("no evidence found")
        PLANNED = "planned", _("planned")
        PARTIAL = "partial", _("partially implemented")
        FULL = "full", _("fully implemented")
        EVIDENCE_WITHDRAWN = "evidence_withdrawn", _("evidence withdrawn")

    WITHOUT_EVIDENCE = (Implementation.NO_EVIDENCE, Implementation.EVIDENCE_WITHDRAWN)

    class ImplementationBasis(models.TextChoices):
        """Who reported the implementation."""

        SELF_REPORTED = "self_reported", _("according to the company")
        THIRD_PARTY = "third_party", _("according to a third party")
        REGULATOR = "regulator", _("according to a regulator")

    company = models.ForeignKey(
        "Company", verbose_name=_("company"), on_delete=models.CASCADE, related_name="pledges"
    )
    commitment = models.ForeignKey(
        "Commitment",
        verbose_name=_("commitment"),
        on_delete=protect_unless_computed,
        related_name="pledges",
    )
    basis = models.CharField(
        _("basis of the pledge"),
        max_length=20,
        choices=Basis,
        blank=True,
        help_text=_(
            "Choose “stated by a source” only if one says so; pledges implied by the signature "
            "are added automatically. Leave empty if no pledge is known."
        ),
    )
    implementation = models.CharField(
        _("implementation"),
        max_length=20,
        choices=Implementation,
        default=Implementation.NO_EVIDENCE,
    )
    implementation_basis = models.CharField(
        _("basis of the implementation"),
        max_length=15,
        choices=ImplementationBasis,
        blank=True,
    )
    as_of = models.DateField(_("known as of"), null=True, blank=True)
    target_on = models.DateField(_("target date"), null=True, blank=True)
    note_en = LongText(_("note in English"), blank=True, max_length=1000)
    note_fr = LongText(_("note in French"), blank=True, max_length=1000)
    note = Translated("note")
    history = HistoricalRecords()

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["commitment__pact", "commitment__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "commitment"],
                name="pledge_unique",
                violation_error_message=_("This company already has a pledge for that commitment."),
            ),
            models.CheckConstraint(
                condition=Q(implementation="no_evidence", implementation_basis="")
                | (~Q(implementation="no_evidence") & ~Q(implementation_basis="")),
                name="pledge_implementation_has_its_basis",
                violation_error_message=_(
                    "Say who reports the implementation. Leave empty if there is no evidence."
                ),
            ),
        ]

    OBSERVED = ("as_of",)

    def __str__(self) -> str:
        return f"{self.company}: {self.commitment}"

    @property
    def pact_of_days(self) -> "Pact":
        return self.commitment.pact

    @property
    def comes_with_signature(self) -> bool:
        """Whether the history hook maintains it, whatever anyone writes or deletes."""
        return self.basis == self.Basis.IMPLIED_BY_SIGNATURE and self.commitment.kind == "core"

    @classmethod
    def unstated_basis(cls, kind: str, *, signed: bool) -> str:
        """The basis of a pledge without a stated source; optional ones are never implied."""
        return cls.Basis.IMPLIED_BY_SIGNATURE if signed and kind != "additional" else ""

    @classmethod
    def nothing_more(cls) -> dict[str, Any]:
        """Field values of a pledge without further information."""
        identity = ("id", "company", "commitment", "basis")
        return {
            own.name: own.get_default()
            for own in cls._meta.concrete_fields
            if own.name not in identity
        }

    @property
    def says_more(self) -> bool:
        """Whether it says more than a signature would, apart from its citations."""
        nothing = self.nothing_more().items()
        return self.basis == self.Basis.STATED or any(getattr(self, k) != v for k, v in nothing)

    def forget_after(self, day: datetime.date) -> None:
        """Remove evidence after `day`."""
        if self.as_of and self.as_of > day:
            self.implementation = self.Implementation.NO_EVIDENCE
            self.implementation_basis, self.as_of = "", None
            self.note_en = self.note_fr = ""


class Retraction(PossibleDays, models.Model):
    """A published status that was wrong, and why; never removed."""

    ON_BADGE = datetime.timedelta(days=90)

    company = models.ForeignKey(
        "Company", verbose_name=_("company"), on_delete=models.CASCADE, related_name="retractions"
    )
    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="retractions"
    )
    status = models.CharField(_("wrong status"), max_length=10, choices=Signing.Status)
    since = models.DateField(_("since"), help_text=_("Its first day, as published."))
    since_precision = models.CharField(
        _("start date precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    published_from = models.DateField(
        _("published from"), help_text=_("First day the register showed it.")
    )
    retracted_on = models.DateField(_("retracted on"))
    reason_en = LongText(
        _("explanation in English"),
        max_length=1000,
        help_text=_("What was wrong, how it happened and what is right. This is public."),
    )
    reason_fr = LongText(_("explanation in French"), max_length=1000)
    reason = Translated("reason")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("retraction")
        verbose_name_plural = _("retractions")
        ordering = ["-retracted_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "pact", "status", "since", "retracted_on"],
                name="retraction_unique",
                violation_error_message=_("This status has already been retracted on that day."),
            ),
            models.CheckConstraint(
                condition=Q(retracted_on__gte=F("published_from")),
                name="retraction_follows_publication",
                violation_error_message=_(
                    "A status cannot be retracted before the day it was published."
                ),
            ),
        ]

    OBSERVED = ("published_from", "retracted_on")

    def __str__(self) -> str:
        return f"{self.company}: {self.get_status_display()} ({self.pact}, {self.started})"

    @property
    def started(self) -> PartialDate:
        return PartialDate(self.since, self.since_precision)

    def is_on_badge(self, day: datetime.date) -> bool:
        """Whether a badge still mentions the retraction on `day`."""
        return self.retracted_on <= day < self.retracted_on + self.ON_BADGE
