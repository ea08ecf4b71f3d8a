"""Named filters of admin lists."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models.fields import LineField


class SavedFilter(models.Model):
    """The named filters of one admin list; each editor has their own."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="saved_filters",
    )
    table = models.CharField(_("list"), max_length=50)  # as the admin's addresses name a model
    name = LineField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["name", "pk"]
        default_permissions = ()  # whoever sees a list may save its filters
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "table", "name"],
                name="savedfilter_unique",
                violation_error_message=_("You have saved filters of this list by that name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
