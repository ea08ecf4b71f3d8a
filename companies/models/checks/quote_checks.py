"""The result of checking each quote on its page."""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models.as_of import AsOfModel
from companies.models.fields import LongText, WebField

if TYPE_CHECKING:
    pass


class QuoteCheckQuerySet(models.QuerySet["QuoteCheck"]):
    def of_current_quotes(self) -> "QuoteCheckQuerySet":
        """Checks whose citation still has the checked quote and URL."""
        return self.filter(quote=F("citation__quote"), url=F("citation__source__url"))


class QuoteCheck(AsOfModel):
    """The result of the last check of a cited page; about the page, not the register.

    It has no audit history and no `Change`: the register says what it says, found or not. The
    fetched bytes are stored in a folder under their hash.
    """

    class Result(models.TextChoices):
        """Whether the page has the quote; never more than the check saw."""

        FOUND = "found", _("quote found")
        CHANGED = "changed", _("page changed: quote no longer found")
        NOT_FOUND = "not_found", _("quote not found in the text that could be read")
        GONE = "gone", _("page gone")
        NOT_REACHABLE = "not_reachable", _("page not reachable")
        NOT_READ = "not_read", _("page could not be read")
        REACHABLE = "reachable", _("page reachable, no quote to look for")

    class Reason(models.TextChoices):
        """Why the result is not based on the text of the page."""

        STATUS = "status", _("status code of the server’s answer")
        NO_ANSWER = "no_answer", _("no answer in time")
        NO_CONNECTION = "no_connection", _("no connection")
        NO_HOST = "no_host", _("host not found")
        CERTIFICATE = "certificate", _("no valid certificate")
        ADDRESS = "address", _("an address we do not fetch")
        REDIRECTS = "redirects", _("too many redirects")
        SIZE = "size", _("a page too large to read")
        EMPTY = "empty", _("an empty page")
        ENCODING = "encoding", _("an unexpected compression")
        ROBOTS = "robots", _("robots.txt asks programs to stay away")
        PDF = "pdf", _("a PDF without readable text")
        NOT_TEXT = "not_text", _("not a text document")
        HARDLY_ANY_TEXT = "hardly_any_text", _("almost no text without JavaScript")
        ASKS_FIRST = "asks_first", _("asks for consent or a login first")
        ERROR_PAGE = "error_page", _("the page reports an error")
        FRONT_PAGE = "front_page", _("redirects to the home page")
        HIDDEN = "hidden", _("the quote is hidden or struck out")

    LOST = (Result.CHANGED, Result.NOT_FOUND)  # the page is there, the quote is not
    NOT_SEEN = (Result.NOT_REACHABLE, Result.NOT_READ)

    citation = models.OneToOneField(
        "Citation",
        verbose_name=_("citation"),
        on_delete=models.CASCADE,
        related_name="quote_check",
    )
    url = WebField(_("address"))
    quote = LongText(_("quote"), blank=True, max_length=1000)
    checked_at = models.DateTimeField(_("checked at"))
    result = models.CharField(_("result"), max_length=15, choices=Result)
    reason = models.CharField(_("reason"), max_length=15, choices=Reason, blank=True)
    status = models.PositiveSmallIntegerField(_("status of the answer"), null=True, blank=True)
    since = models.DateField(
        _("result since"), help_text=_("The first of the checks with this result.")
    )
    found_on = models.DateField(_("quote last found on"), null=True, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    in_copy = models.BooleanField(_("found in the archived copy"), default=False)
    copy_of = models.DateField(_("day of the archived copy"), null=True, blank=True)
    copy_sha256 = models.CharField(_("SHA-256 of the archived copy"), max_length=64, blank=True)

    objects = QuoteCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of a quote")
        verbose_name_plural = _("checks of quotes")
        ordering = ["-checked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(result="found") | Q(found_on__isnull=False),
                name="quotecheck_found_has_its_day",
                violation_error_message=_("A quote that was found needs the date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_result_display()} ({self.checked_on})"

    @property
    def checked_on(self) -> datetime.date:
        return timezone.localdate(self.checked_at)

    def forget_after(self, day: datetime.date) -> None:
        """Remove the whole check: earlier ones are not stored."""
        if self.checked_on > day:
            self.result = ""


def results_of_checks(
    checks: Iterable[tuple[str, datetime.datetime]], day: datetime.date
) -> dict[str, int]:
    """The number of quotes by result, of checks (result, checked_at) until `day`."""
    counts = dict.fromkeys(QuoteCheck.Result.values, 0)
    del counts[QuoteCheck.Result.REACHABLE]
    for result, checked_at in checks:
        if timezone.localdate(checked_at) <= day:
            counts[result] += 1
    return counts
