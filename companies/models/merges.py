"""Merges of two companies, with the data to undo them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import LineField, NameField


class Merge(models.Model):
    """A merge of one company into another, row by row.

    `rows` holds an object for each row that the merge wrote: `model`, `pk`, and its values
    `old` and `new`, null if there was no row. Companies are stored by primary key and public
    id, for the merged one is deleted and the other may be merged later.
    """

    kept_id = models.BigIntegerField(_("company that stayed"), db_index=True)
    merged_id = models.BigIntegerField(_("company that was merged"))
    merged_slug = models.SlugField(_("its public id"), max_length=100)
    merged_name = NameField(_("its name"), max_length=200)
    rows = models.JSONField(_("rows"))
    reason = LineField(_("reason"), max_length=500)
    merged_at = models.DateTimeField(_("merged at"), auto_now_add=True)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("merged by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-merged_at", "-pk"]

    def __str__(self) -> str:
        return self.merged_name
