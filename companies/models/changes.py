"""The register's public history and its version."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import Company


class Change(models.Model):
    """One public line of the register's history; rows are only ever added."""

    class Cause(models.TextChoices):
        """Why the register says something else than before."""

        WORLD = "world", _("something happened")
        SOURCE = "source", _("a source was found or changed")
        CORRECTION = "correction", _("we corrected an error")
        METHOD = "method", _("we changed our method")

    class ByRole(models.TextChoices):
        """Who made the change, without naming a person."""

        EDITOR = "editor", _("an editor")
        REVIEWER = "reviewer", _("a reviewer")
        COMPANY = "company", _("the company")
        MACHINE = "machine", _("a command")

    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    what_en = models.CharField(_("in English"), max_length=500)
    what_fr = models.CharField(_("in French"), max_length=500)
    field = models.CharField(_("field"), max_length=60, blank=True)
    old = models.TextField(_("old value"), blank=True)
    new = models.TextField(_("new value"), blank=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    material = models.BooleanField(_("material"), default=True)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True, db_index=True)
    by_role = models.CharField(_("by"), max_length=10, choices=ByRole)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return self.what_en


class RegisterVersion(models.Model):
    """The one row whose number grows with every recorded edit; caches and ETags hang on it."""

    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("register version")
        verbose_name_plural = _("register versions")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="register_has_one_version"),
        ]

    def __str__(self) -> str:
        return str(self.number)
