"""Alerts that were already mailed to the operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ToldAlert(models.Model):
    """One mailed alert; deleted when its cause is over."""

    class Kind(models.TextChoices):
        """The kind of alert."""

        LIST = "list", _("list not read")
        BACKUP = "backup", _("no backup")
        QUOTE = "quote", _("quote gone")
        CORRECTION = "correction", _("correction waiting")
        PROPOSAL = "proposal", _("proposals waiting")
        DELIVERY = "delivery", _("deliveries waiting")
        FOLLOWER = "follower", _("follower not reached")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    subject = models.CharField(
        _("subject"), max_length=100, blank=True, help_text=_("What it is about, by its public id.")
    )
    since = models.DateTimeField(
        _("since"), null=True, blank=True, help_text=_("Since when; empty if it never was.")
    )
    told_at = models.DateTimeField(_("told at"), auto_now_add=True)

    class Meta:
        verbose_name = _("told alert")
        verbose_name_plural = _("told alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                name="alert_once",
                violation_error_message=_("This has been told already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
