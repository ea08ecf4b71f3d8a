"""Corrections that readers and companies send in, their receipts, and our answers."""

import re
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .fields import LongText, NameField, WebField

# No two of these are mistaken for each other when a receipt is read over the phone. They are 31,
# a prime: that lets one check character find every wrong one and every pair turned round.
_RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RECEIPT_LENGTH = 8
MESSAGE_LENGTH = 4000
# Domains at which anybody can get an address, so that one proves nothing of their company.
PUBLIC_MAILBOXES = frozenset(
    """
    163.com 126.com aol.com bluewin.ch free.fr freenet.de gmail.com gmx.at gmx.ch gmx.de
    gmx.net googlemail.com hotmail.com icloud.com interia.pl laposte.net libero.it
    live.com mail.ru me.com msn.com naver.com o2.pl onet.pl orange.fr outlook.com
    proton.me protonmail.com qq.com rambler.ru seznam.cz sfr.fr t-online.de telenet.be
    tiscali.it tutanota.com virgilio.it wanadoo.fr web.de wp.pl yahoo.co.jp yahoo.com
    yahoo.de yahoo.fr yandex.ru ziggo.nl
    """.split()  # noqa: SIM905  # one a word reads better than quotes around each
)


def new_receipt() -> str:
    """A random receipt number, such as PW-7K3M-Q9XD; its last character is a check character."""
    drawn = "".join(secrets.choice(_RECEIPT_ALPHABET) for _i in range(_RECEIPT_LENGTH - 1))
    return _grouped(drawn + _check_character(drawn))


def receipt_of(opening: str) -> str:
    """The receipt number derived from one form token: the same for every resubmission."""
    digest = salted_hmac(f"{__name__}.receipt", opening, algorithm="sha256").digest()
    letters = len(_RECEIPT_ALPHABET)
    drawn = "".join(_RECEIPT_ALPHABET[byte % letters] for byte in digest[: _RECEIPT_LENGTH - 1])
    return _grouped(drawn + _check_character(drawn))


def read_receipt(text: str) -> str:
    """Parse a receipt number in any spelling; "" if it is none."""
    typed = re.sub(r"[^0-9A-Z]", "", text[:40].upper()).removeprefix("PW")
    drawn, check = typed[:-1], typed[-1:]
    if len(typed) != _RECEIPT_LENGTH or not set(typed) <= set(_RECEIPT_ALPHABET):
        return ""
    return _grouped(typed) if _check_character(drawn) == check else ""


def _check_character(drawn: str) -> str:
    weighted = sum(
        place * _RECEIPT_ALPHABET.index(character) for place, character in enumerate(drawn, 1)
    )
    return _RECEIPT_ALPHABET[weighted % len(_RECEIPT_ALPHABET)]


def _grouped(typed: str) -> str:
    return f"PW-{typed[:4]}-{typed[4:]}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def closed(self) -> Self:
        return self.filter(state__in=[Correction.State.ACCEPTED, Correction.State.DECLINED])

    def waiting(self) -> Self:
        """Corrections that are not decided yet."""
        return self.filter(state__in=[Correction.State.RECEIVED, Correction.State.CHECKING])

    def published(self) -> Self:
        """Statements of companies that are shown beside their records."""
        return self.filter(
            kind=Correction.Kind.STATEMENT,
            state=Correction.State.ACCEPTED,
            company__isnull=False,
            withdrawn_at__isnull=True,
        )


class Correction(models.Model):
    """A reader's or company's report about a record, with a public receipt number.

    It has no audit history: that would keep the sender's e-mail when it has to be gone.
    """

    class Kind(models.TextChoices):
        """The kind of message."""

        ERROR = "error", _("an error in the record")
        CLAIM = "claim", _("new evidence")
        NEW_COMPANY = "new_company", _("a missing company")
        STATEMENT = "statement", _("the company’s own statement")

    class State(models.TextChoices):
        """The state of the correction; it only moves forward."""

        RECEIVED = "received", _("received")
        CHECKING = "checking", _("being checked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    receipt = models.CharField(
        _("receipt"), max_length=20, unique=True, default=new_receipt, editable=False
    )
    company = models.ForeignKey(
        "Company", null=True, blank=True, on_delete=models.SET_NULL, related_name="corrections"
    )
    company_name = NameField(_("company, as named by the sender"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    message = LongText(_("message"), max_length=MESSAGE_LENGTH)
    evidence_url = WebField(_("link to evidence"), blank=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Never public. Deleted some time after we answer.")
    )
    language = models.CharField(_("language of the sender"), max_length=2, default="en")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    reply = LongText(_("public reply"), blank=True, max_length=MESSAGE_LENGTH)
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    taken_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sender_confirmed_at = models.DateTimeField(_("sender confirmed at"), null=True, blank=True)
    tell_status = models.BooleanField(
        _("tell the sender of a status"),
        default=False,
        db_default=False,
        help_text=_("Whether the confirmed sender asked to hear of a status that can harm."),
    )
    withdrawn_at = models.DateTimeField(_("statement withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("statement withdrawn by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawal_reason = LongText(_("why the statement was withdrawn"), blank=True, max_length=1000)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "received_at"], name="correction_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    Q(state__in=["accepted", "declined"]),
                    Q(closed_at__isnull=False, closed_by__isnull=False),
                    ~Q(reply=""),
                )
                | Q(state__in=["received", "checking"], closed_at=None, closed_by=None),
                name="correction_decision_has_who_when_and_reply",
                violation_error_message=_(
                    "A closed correction needs a date, a public reply and who closed it. An open "
                    "one has none of these."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state="received", taken_at=None, taken_by=None)
                | Q(state="checking", taken_at__isnull=False, taken_by__isnull=False)
                | Q(state__in=["accepted", "declined"]),
                name="correction_taken_has_who_and_when",
                violation_error_message=_(
                    "A correction being checked needs a date and who took it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(sender_confirmed_at=None) | Q(kind="statement"),
                name="correction_confirmed_is_statement",
                violation_error_message=_("Only the sender of a statement can be confirmed."),
            ),
            models.CheckConstraint(
                condition=Q(tell_status=False)
                | ~Q(email="") & Q(sender_confirmed_at__isnull=False),
                name="correction_told_is_confirmed",
                violation_error_message=_("Only a confirmed sender can be told of a status."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
                | Q(
                    Q(kind="statement", state="accepted"),
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                    ~Q(withdrawal_reason=""),
                ),
                name="correction_withdrawal_has_who_when_and_why",
                violation_error_message=_(
                    "Only a published statement can be withdrawn. Record who did it, when and why."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt

    def get_absolute_url(self) -> str:
        return reverse("correction", args=[self.receipt])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RECEIVED, self.State.CHECKING)

    @property
    def is_statement(self) -> bool:
        return self.kind == self.Kind.STATEMENT

    @property
    def is_published(self) -> bool:
        """Whether its message is shown beside the record as the company's own words."""
        return (
            self.is_statement
            and self.state == self.State.ACCEPTED
            and self.company_id is not None
            and self.withdrawn_at is None
        )

    @property
    def comes_from_company(self) -> bool:
        """Whether the sender's e-mail is at the company's website domain, or a parent domain."""
        return self.is_at_own_domain or self._host.endswith(f".{self._domain}")

    @property
    def is_at_own_domain(self) -> bool:
        """Whether only the company can create addresses at the sender's e-mail domain.

        Not a parent domain of its website, which may belong to a hosting provider.
        """
        domain, host = self._domain, self._host
        if not domain or not host or domain in PUBLIC_MAILBOXES:
            return False
        return domain == host or domain.endswith(f".{host}")

    @property
    def can_confirm_sender(self) -> bool:
        """Whether a link mailed to the sender can still prove that the company sent it."""
        return self.is_statement and self.is_at_own_domain and (self.is_open or self.is_published)

    @property
    def _domain(self) -> str:
        return self.email.rpartition("@")[2].lower()

    @property
    def _host(self) -> str:
        """The host of the company's website, without www."""
        website = self.company.website if self.company else ""
        return re.split(r"[/:?#]", re.sub(r"^https?://(www\.)?", "", website.lower()))[0]


class AnswerDraft(models.Model):
    """An editor's draft of the reply; deleted once the correction is answered.

    It has a table of its own, so that nothing that reads corrections for the public reads it.
    """

    class Verdict(models.TextChoices):
        """The decision that the draft proposes."""

        ACCEPT = "accepted", _("accept")
        DECLINE = "declined", _("decline")

    correction = models.OneToOneField(
        Correction,
        verbose_name=_("correction"),
        on_delete=models.CASCADE,
        related_name="draft",
    )
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    reply = LongText(_("reply"), max_length=MESSAGE_LENGTH)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("written by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    written_at = models.DateTimeField(_("written at"))
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent back by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    returned_at = models.DateTimeField(_("sent back at"), null=True, blank=True)
    returned_because = LongText(_("why it was sent back"), blank=True, max_length=1000)

    class Meta:
        verbose_name = _("draft of an answer")
        verbose_name_plural = _("drafts of answers")
        default_permissions = ("add",)
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_by=None, returned_at=None, returned_because="")
                | Q(
                    Q(returned_by__isnull=False, returned_at__isnull=False),
                    ~Q(returned_because=""),
                ),
                name="answerdraft_return_has_who_when_and_why",
                violation_error_message=_(
                    "A draft that was sent back needs who did it, when and why."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.correction)

    @property
    def is_returned(self) -> bool:
        return self.returned_at is not None

    @property
    def version(self) -> str:
        """A token that changes when the draft is edited or returned."""
        return (self.returned_at or self.written_at).isoformat()


class StatusNotice(models.Model):
    """A notice of a status still to be mailed to a company; deleted when the mail was sent."""

    class Stage(models.TextChoices):
        """Whether the status is proposed or published."""

        PROPOSED = "proposed", _("proposed")
        PUBLISHED = "published", _("published")

    correction = models.ForeignKey(
        Correction,
        verbose_name=_("correction"),
        on_delete=models.CASCADE,
        related_name="notices",
    )
    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.CASCADE, related_name="+"
    )
    status = models.CharField(_("status"), max_length=10)
    since = models.CharField(_("since"), max_length=10)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    failed = models.CharField(
        _("why it was not sent"), max_length=60, blank=True, help_text=_("The kind of fault.")
    )

    class Meta:
        verbose_name = _("notice of a status")
        verbose_name_plural = _("notices of statuses")
        default_permissions = ()
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["correction", "pact", "status", "since", "stage"],
                name="statusnotice_unique",
                violation_error_message=_("The company is already to be told of this."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.correction}: {self.status} ({self.since})"
