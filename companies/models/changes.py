"""The register's public history and its version."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from .dates import PartialDate, Precision

NO_HASH = "0" * 64  # the previous hash of the first change
_OF_SUBSTANCE = models.Q(has_line=True, material=True)  # what pages and feeds show


class CanonicalEncoder(json.JSONEncoder):
    """JSON with unescaped letters, so that SQLite finds accented ones in stored values."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False})


class Link(NamedTuple):
    """What the next change repeats of the one before it."""

    number: int
    hash: str


class Change(models.Model):
    """One write to a public table, as facts; `queries.wording` says it in the reader's language.

    Rows are only ever added: the database itself refuses to alter or delete one. Each holds the
    hash of the row before it, so that a row altered by other means is found. They name rows by
    public keys and values, as the data package does, because they outlive what they are about:
    replayed from the first, they give the register.
    """

    class Kind(models.TextChoices):
        """What the change is about."""

        STATUS = "status", _("signing status")
        PLEDGE = "pledge", _("pledge")
        REPORT = "report", _("progress report")
        EVIDENCE = "evidence", _("evidence")
        PROFILE = "profile", _("profile of a company")
        NAME = "name", _("name of a company")
        PACT = "pact", _("pact")
        SOURCE = "source", _("source")
        REGISTER = "register", _("register as a whole")

    class Cause(models.TextChoices):
        """Why the register changed."""

        WORLD = "world", _("event")
        SOURCE = "source", _("new or updated source")
        CORRECTION = "correction", _("correction of an error")
        METHOD = "method", _("change of method")
        RETRACTION = "retraction", _("retraction")

    class ByRole(models.TextChoices):
        """Who made the change, without naming a person."""

        EDITOR = "editor", _("an editor")
        REVIEWER = "reviewer", _("a reviewer")
        COMPANY = "company", _("the company")
        MACHINE = "machine", _("an automatic import")

    class Action(models.TextChoices):
        """What happened to the row; derived from its fields."""

        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("removed")

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    table = models.CharField(
        _("table"), max_length=30, blank=True, help_text=_("As named in the data package.")
    )
    key = models.JSONField(
        _("public key"),
        default=dict,
        blank=True,
        encoder=CanonicalEncoder,
        help_text=_(
            "The columns that identify the row in the data package, with their values "
            "after the change."
        ),
    )
    fields = models.JSONField(
        _("fields"),
        default=dict,
        blank=True,
        encoder=CanonicalEncoder,
        help_text=_(
            "Each column that changed, with its old and its new value; null where there was no "
            "row before, or where the row is gone."
        ),
    )
    about = models.JSONField(
        _("known by"),
        default=dict,
        blank=True,
        encoder=CanonicalEncoder,
        help_text=_("Values that did not change, to tell readers which row it is."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
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
    happened_on = models.DateField(
        _("happened on"),
        null=True,
        blank=True,
        help_text=_("The date of the event; empty if only the register changed."),
    )
    happened_precision = models.CharField(
        _("precision"), max_length=5, choices=Precision, default=Precision.DAY
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    material = models.BooleanField(_("of substance"), default=True)
    has_line = models.BooleanField(
        _("has its own line"),
        default=True,
        help_text=_("False if the line of another change covers it."),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_index=True)
    by_role = models.CharField(_("by"), max_length=10, choices=ByRole)
    previous_hash = models.CharField(_("hash of the change before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-number"]
        indexes = [
            # SQLite takes `material` for no equality: in an index of both it would sort all.
            models.Index(fields=["number"], condition=_OF_SUBSTANCE, name="change_of_substance"),
            models.Index(fields=["kind", "number"], condition=_OF_SUBSTANCE, name="change_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.table} {' '.join(self.key.values())}"

    @property
    def action(self) -> "Change.Action | None":
        """None for a change of the register as a whole."""
        if not self.table:
            return None
        if all(old is None for old, _new in self.fields.values()):
            return self.Action.ADDED
        deleted = all(new is None for _old, new in self.fields.values())
        return self.Action.DELETED if deleted else self.Action.CHANGED

    @property
    def old_key(self) -> dict[str, str]:
        """The public key of the row before the change."""
        return {
            name: self.old(name) if name in self.fields else self.key[name] for name in self.key
        }

    def old(self, column: str) -> str:
        return self.fields[column][0] or "" if column in self.fields else ""

    def new(self, column: str) -> str:
        return self.fields[column][1] or "" if column in self.fields else ""

    def value(self, column: str) -> str:
        """The value after the change, or before a deletion; "" if the change does not hold it."""
        last = self.new(column) or self.old(column)
        return last or self.about.get(column) or self.key.get(column, "")

    @property
    def happened(self) -> PartialDate | None:
        if self.happened_on is None:
            return None
        return PartialDate(self.happened_on, self.happened_precision)

    def follow(self, last: "Change | Link | None") -> None:
        """Link this change to `last` in the chain; every other column must be set."""
        self.number = last.number + 1 if last else 1
        self.previous_hash = last.hash if last else NO_HASH
        self.hash = self.computed_hash()

    def computed_hash(self) -> str:
        """SHA-256, in hexadecimal, over every other column as canonical JSON.

        What is empty is left out, so that a column that is added later alters no older hash.
        """
        hashed = _hashed()
        return self.hash_of(dict(zip(hashed, attrgetter(*hashed)(self), strict=True)))

    @staticmethod
    def hash_of(values: Mapping[str, object]) -> str:
        """The hash of a change with these values, by column."""
        stated = {name: one for name, one in values.items() if one or isinstance(one, int)}
        return Change.hash_of_text(_compact(stated))

    @staticmethod
    def hash_of_text(stated: str) -> str:
        """As `hash_of`, for columns that are canonical JSON already."""
        return hashlib.sha256(stated.encode()).hexdigest()


def canonical(day: datetime.date) -> str:
    """A date or datetime in the form that is hashed."""
    if isinstance(day, datetime.datetime):
        return day.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return day.isoformat()


# One encoder for all rows: json.dumps would make one for each.
_compact = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    default=canonical,
).encode


@cache
def _hashed() -> tuple[str, ...]:
    """The columns that the hash covers."""
    return tuple(one.attname for one in Change._meta.concrete_fields if one.attname != "hash")


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
