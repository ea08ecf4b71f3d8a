"""The register's public history and its version."""

import datetime
import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from .dates import PartialDate, Precision
from .fields import Translated

NO_HASH = "0" * 64  # the previous hash of the first change


class Change(models.Model):
    """One public line of the register's history.

    Rows are only ever added: the database itself refuses to alter or delete one. Each holds the
    hash of the row before it, so that a row altered by other means is found. They name company and
    pact by public id, because a line outlives what it is about.
    """

    class Kind(models.TextChoices):
        """What the line is about."""

        STATUS = "status", _("signing status")
        PLEDGE = "pledge", _("pledge")
        REPORT = "report", _("progress report")
        EVIDENCE = "evidence", _("evidence")
        PROFILE = "profile", _("profile of a company")
        NAME = "name", _("name of a company")
        PACT = "pact", _("pact")
        SOURCE = "source", _("source")

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

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    company_slug = models.SlugField(_("company"), max_length=100, blank=True)
    company_name = models.CharField(_("company’s name then"), max_length=200, blank=True)
    pact_slug = models.SlugField(_("pact"), max_length=60, blank=True)
    subject = models.CharField(
        _("subject"),
        max_length=100,
        blank=True,
        help_text=_(
            "The code of a commitment, the period of a report or the public id of a source."
        ),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    what_en = models.CharField(_("in English"), max_length=500)
    what_fr = models.CharField(_("in French"), max_length=500)
    what = Translated("what")
    field = models.CharField(_("field"), max_length=60, blank=True)
    old = models.TextField(_("old value"), blank=True)
    new = models.TextField(_("new value"), blank=True)
    happened_on = models.DateField(
        _("happened on"),
        null=True,
        blank=True,
        help_text=_("The day in the world; empty where only the register changed."),
    )
    happened_precision = models.CharField(
        _("precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    material = models.BooleanField(_("material"), default=True)
    recorded_at = models.DateTimeField(_("recorded at"), db_index=True)
    by_role = models.CharField(_("by"), max_length=10, choices=ByRole)
    previous_hash = models.CharField(_("hash of the change before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.company_name}: {self.what}" if self.company_name else self.what

    @property
    def happened(self) -> PartialDate | None:
        if self.happened_on is None:
            return None
        return PartialDate(self.happened_on, self.happened_precision)

    def follow(self, last: "Change | None") -> None:
        """Take the place after `last` in the chain, with every other column already set."""
        self.number = last.number + 1 if last else 1
        self.previous_hash = last.hash if last else NO_HASH
        self.hash = self.computed_hash()

    def computed_hash(self) -> str:
        """SHA-256, in hexadecimal, over every other column as canonical JSON.

        An empty `subject` is left out, so that rows older than that column keep their hash.
        """
        values = {
            column.attname: _canonical(getattr(self, column.attname))
            for column in self._meta.concrete_fields
            if column.attname != "hash"
        }
        if not self.subject:
            del values["subject"]
        text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, datetime.date) else value


class RegisterVersion(models.Model):
    """The one row whose number grows with every recorded edit; caches and ETags depend on it."""

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
