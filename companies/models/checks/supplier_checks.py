"""Lists of suppliers that readers save for a time behind a private link."""

import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SupplierCheckQuerySet(models.QuerySet["SupplierCheck"]):
    def kept(self) -> Self:
        """Checks that have not expired."""
        return self.filter(expires_at__gt=timezone.now())


class SupplierCheck(models.Model):
    """The names a reader checked and the choices for unsure ones, behind a private link.

    It is no part of the register: it has no history and nobody else can find it. `entries`
    holds for each name: the name; the public id chosen for it, "-" for none, "" for undecided;
    and that of the company which it meant when the list was saved, "" for none. Older ones lack
    the last.
    """

    token_hash = models.CharField(_("SHA-256 of the token"), max_length=64, unique=True)
    entries = models.JSONField(_("names and choices"))
    made_at = models.DateTimeField(_("kept since"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    objects = SupplierCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept check")
        verbose_name_plural = _("kept checks")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        # Not the names: this may be printed anywhere.
        return f"{self.pk}"

    @property
    def names(self) -> list[str]:
        return [str(entry[0]) for entry in self.entries]

    @property
    def choices(self) -> dict[int, str]:
        """The chosen public ids, by position of the name."""
        return {position: str(entry[1]) for position, entry in enumerate(self.entries)}

    @property
    def meant(self) -> list[str | None]:
        """The public id that each name meant when the list was saved; None if not recorded."""
        return [entry[2] if len(entry) > 2 else None for entry in self.entries]  # the third

    @property
    def made_on(self) -> datetime.date:
        return timezone.localdate(self.made_at)

    @property
    def kept_until(self) -> datetime.date:
        return timezone.localdate(self.expires_at)
