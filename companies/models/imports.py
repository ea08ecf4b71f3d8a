"""Readings of outside lists and the differences they show."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .company import Company
from .pact import Pact
from .text import WebField


class ImportRun(models.Model):
    """One reading of an outside list, with the bytes it read."""

    class State(models.TextChoices):
        """What became of the reading."""

        READ = "read", _("read")
        UNCHANGED = "unchanged", _("the same bytes as before")
        REFUSED = "refused", _("refused")

    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="import_runs")
    source_url = WebField(_("address"))
    retrieved_at = models.DateTimeField(_("read at"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    content = models.BinaryField(_("raw bytes"), blank=True)
    names_count = models.PositiveIntegerField(_("names read"), default=0)
    proposals_count = models.PositiveIntegerField(_("proposals made"), default=0)
    partial = models.BooleanField(_("partial list"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READ)
    refusal = models.TextField(_("why it was refused"), blank=True)

    class Meta:
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        ordering = ["-retrieved_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pact}, {self.retrieved_at:%Y-%m-%d %H:%M}"


class Proposal(models.Model):
    """One difference between an outside list and the register, for a person to decide."""

    class Action(models.TextChoices):
        """What the difference would mean."""

        ADD = "add", _("add")
        CHANGE = "change", _("change")
        NO_LONGER_LISTED = "no_longer_listed", _("no longer listed")
        MATCH_UNSURE = "match_unsure", _("match unsure")

    class State(models.TextChoices):
        """How far the decision is."""

        PROPOSED = "proposed", _("proposed")
        APPLIED = "applied", _("applied")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")
        STALE = "stale", _("stale")

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="proposals")
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="proposals"
    )
    new_name = models.CharField(_("name as listed"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    old = models.JSONField(_("old values"), default=dict, blank=True)
    new = models.JSONField(_("new values"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=1000)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["run", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False) | ~Q(new_name=""),
                name="proposal_names_its_company",
                violation_error_message=_("A proposal is about a company or a new name."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "rejected"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decision_has_who_and_when",
                violation_error_message=_("A decided proposal needs who decided it and when."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.company or self.new_name}"
