"""Watched official lists, import runs, and the differences they found."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .fields import FoldedField, LineField, LongText, NameField, WebField


class OfficialList(models.Model):
    """Where a pact's issuer publishes its signatories, and how often we read it."""

    pact = models.OneToOneField(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="official_list"
    )
    url = WebField(_("address"), help_text=_("The page that holds the list, in English."))
    every_hours = models.PositiveSmallIntegerField(
        _("hours between readings"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 366)],
    )
    watched = models.BooleanField(
        _("watched"), default=True, help_text=_("Untick to stop scheduled reading.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("official list")
        verbose_name_plural = _("official lists")
        ordering = ["pact__position", "pk"]

    def __str__(self) -> str:
        return str(self.pact)


class ListHeading(models.Model):
    """How a page announces its list of signatories, in one of its languages."""

    class Kind(models.TextChoices):
        """Whether it is compared with headings or anchors."""

        HEADING = "heading", _("heading")
        ANCHOR = "anchor", _("anchor")

    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.CASCADE, related_name="list_headings"
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, such as fr. Leave empty for an anchor."),
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.HEADING)
    text = LineField(
        _("text"), max_length=200, help_text=_("Case and accents do not matter in a heading.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("heading of a list")
        verbose_name_plural = _("headings of lists")
        ordering = ["pact", "kind", "language", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "kind", "language", "text"],
                name="listheading_unique",
                violation_error_message=_("This heading is already known."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of_lists(self) -> "ImportRunQuerySet":
        return self.filter(kind=ImportRun.Kind.OFFICIAL_LIST)

    def read(self) -> "ImportRunQuerySet":
        """Runs that read names, newest first."""
        return self.filter(state=ImportRun.State.READ)

    def that_reached(self) -> "ImportRunQuerySet":
        """Runs that fetched the list, changed or not."""
        return self.filter(state__in=[ImportRun.State.READ, ImportRun.State.UNCHANGED])

    def requested_as(self, *, partial: bool) -> "ImportRunQuerySet":
        """Runs by the requested extent, which may have turned out partial."""
        whole = Q(partial=False) | ~Q(part_because="")
        return self.exclude(whole) if partial else self.filter(whole)

    def without_bytes(self) -> "ImportRunQuerySet":
        """Defer the large columns, which few pages need."""
        return self.defer("content", "listed")


class ImportRun(models.Model):
    """One reading of an outside list, with the bytes it read."""

    class Kind(models.TextChoices):
        """What was read."""

        OFFICIAL_LIST = "official_list", _("official list")
        SPREADSHEET = "spreadsheet", _("spreadsheet of an editor")
        PACKAGE = "package", _("the register’s data package")
        ENTRY = "entry", _("entry of an editor")

    class State(models.TextChoices):
        """The outcome of the run."""

        READ = "read", _("read")
        UNCHANGED = "unchanged", _("unchanged since the last reading")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("could not be fetched")

    class PageDateBasis(models.TextChoices):
        """Where a page states its own date, the surest first."""

        ARCHIVED = "archived", _("stamp of the archive or program that kept the copy")
        STATED = "stated", _("stated in words on the page")
        METADATA = "metadata", _("metadata of the page")
        HEADER = "header", _("header Last-Modified of the server")

    class LeftAs(models.TextChoices):
        """How a page shows that a company is no longer on its list."""

        SAID = "said", _("in words")
        HEADED = "headed", _("below a heading")
        STRUCK = "struck_out", _("struck out")
        HIDDEN = "hidden", _("hidden on the page")

    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="import_runs"
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.OFFICIAL_LIST)
    source_url = WebField(_("address"), blank=True)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    received_from = LineField(
        _("file from"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who saved or sent the file."),
    )
    retrieved_at = models.DateTimeField(_("read at"))
    seen_on = models.DateField(_("day of the list"), help_text=_("The date of the list."))
    page_date = models.DateField(_("date on the page"), null=True, blank=True)
    page_date_basis = models.CharField(
        _("where the date is stated"),
        max_length=8,
        choices=PageDateBasis,
        blank=True,
        default="",
        db_default="",
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    etag = models.CharField(_("ETag"), max_length=200, blank=True)
    last_modified = models.CharField(_("Last-Modified"), max_length=100, blank=True)
    content = models.BinaryField(_("original file"), blank=True)
    listed = models.JSONField(_("names read"), default=list, blank=True)
    names_count = models.PositiveIntegerField(_("number of names"), default=0)
    proposals_count = models.PositiveIntegerField(_("proposals made"), default=0)
    partial = models.BooleanField(_("partial list"), default=False)
    part_because = models.TextField(
        _("why it is partial"),
        blank=True,
        default="",
        db_default="",
        help_text=_("According to the page. Empty if the person reading it said so."),
    )
    stated = models.CharField(
        _("what the page says of its length"), max_length=300, blank=True, default="", db_default=""
    )
    documents = models.JSONField(
        _("pages"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_(
            "For a list of several pages: each in order, with address, size in bytes, hash and "
            "number of names. The original file holds them one after the other."
        ),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READ)
    refusal = models.TextField(_("why it was refused"), blank=True)
    accepted = models.BooleanField(
        _("accepted by an operator"),
        default=False,
        db_default=False,
        help_text=_(
            "The checks would have refused it. The person who read it had looked at the page."
        ),
    )
    remarks = models.TextField(_("remarks of the checks"), blank=True, default="", db_default="")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    source = models.ForeignKey(
        "Source",
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="import_runs",
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        ordering = ["-retrieved_at", "-pk"]
        indexes = [models.Index(fields=["pact", "kind", "state"], name="importrun_of_list")]

    def __str__(self) -> str:
        what = self.get_kind_display() if self.kind == self.Kind.PACKAGE else self.pact
        return f"{what}, {timezone.localtime(self.retrieved_at):%Y-%m-%d %H:%M}"

    @property
    def is_copy(self) -> bool:
        """Whether a saved file or archived page was read instead of the live list."""
        return bool(self.file_name) or self.page_date_basis == self.PageDateBasis.ARCHIVED

    @property
    def left(self) -> list[dict[str, str]]:
        """Names that the page says left the list, each with note and how it says so.

        They are stored among the names read, but not counted.
        """
        return [entry for entry in self.listed if "left" in entry]

    def bytes_of_page(self, number: str) -> bytes:
        """The bytes of one page of a list, counted from 1; empty if there is none."""
        sizes = [page["size"] for page in self.documents]
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
        if not 1 <= at <= len(sizes):
            return b""
        first = sum(sizes[: at - 1])
        return bytes(self.content[first : first + sizes[at - 1]])


class Proposal(models.Model):
    """One difference between an outside list and the register, for a person to decide."""

    class Action(models.TextChoices):
        """What the difference would mean."""

        NEW_COMPANY = "new_company", _("new company")
        NEW_SIGNING = "new_signing", _("new signing")
        BACK_ON_LIST = "back_on_list", _("back on the list")
        NO_LONGER_LISTED = "no_longer_listed", _("no longer on the list")
        SPELLED_DIFFERENTLY = "spelled_differently", _("spelled differently")
        MATCH_UNSURE = "match_unsure", _("unsure match")
        SEEN_EARLIER = "seen_earlier", _("seen earlier")
        CHANGE = "change", _("change of the record")
        CONFLICT = "conflict", _("changed here too")

    class State(models.TextChoices):
        """The state of the decision."""

        PROPOSED = "proposed", _("proposed")
        APPLIED = "applied", _("applied")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")
        STALE = "stale", _("stale")

    run = models.ForeignKey(
        ImportRun, verbose_name=_("import run"), on_delete=models.PROTECT, related_name="proposals"
    )
    company = models.ForeignKey(
        "Company",
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="proposals",
    )
    new_name = NameField(_("name as listed"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    old = models.JSONField(_("old values"), default=dict, blank=True)
    new = models.JSONField(_("new values"), default=dict, blank=True)
    rows = models.JSONField(
        _("rows"),
        default=list,
        blank=True,
        help_text=_("What the register’s data package, or an editor, changed, row by row."),
    )
    suggestions = models.JSONField(_("suggested matches"), default=list, blank=True)
    difference = models.CharField(
        _("difference"),
        max_length=64,
        db_index=True,
        help_text=_("What the proposal is about, whichever run makes it."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("first person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Who entered it or approved it first, where it needs two people."),
    )
    approved_at = models.DateTimeField(_("first approved at"), null=True, blank=True)
    approved = models.JSONField(
        _("as first approved"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("What the first person chose or typed; the second person approves the same."),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = LongText(_("reason"), blank=True, max_length=1000)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-run", "pk"]
        indexes = [models.Index(fields=["run", "state"], name="proposal_of_run")]
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
                violation_error_message=_("A decided proposal needs a date and who decided it."),
            ),
            models.CheckConstraint(
                condition=~Q(state="applied")
                | Q(approved_by__isnull=True)
                | ~Q(approved_by=F("decided_by")),
                name="proposal_needs_two_people",
                violation_error_message=_("The same person cannot approve a proposal twice."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.subject}"

    @property
    def subject(self) -> Any:
        """The company, or the listed name as long as there is none."""
        return self.company or self.new_name


class RefusedMatch(models.Model):
    """A listed name that a person said is not this company; not suggested again."""

    company = models.ForeignKey(
        "Company",
        verbose_name=_("company"),
        on_delete=models.CASCADE,
        related_name="refused_matches",
    )
    name = NameField(_("name as listed"), max_length=200)
    name_folded = FoldedField(source="name")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("refused match")
        verbose_name_plural = _("refused matches")
        ordering = ["name_folded", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name_folded"],
                name="refusedmatch_unique",
                violation_error_message=_("This match has already been refused."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ≠ {self.company}"
