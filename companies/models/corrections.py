"""What readers and companies tell us about a record."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import Company
from .text import WebField

# No two of these are mistaken for each other when a receipt is read over the phone.
_RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_receipt() -> str:
    """A receipt number nobody can guess, such as PW-7K2M-9QXD-4TRB."""
    groups = ("".join(secrets.choice(_RECEIPT_ALPHABET) for _i in range(4)) for _g in range(3))
    return "-".join(["PW", *groups])


class Correction(models.Model):
    """A reader's or company's report about a record, with a public receipt number."""

    class Kind(models.TextChoices):
        """What the message is."""

        ERROR = "error", _("an error in the record")
        CLAIM = "claim", _("new evidence")
        NEW_COMPANY = "new_company", _("a missing company")
        STATEMENT = "statement", _("the company’s own statement")

    class State(models.TextChoices):
        """How far we are with it."""

        RECEIVED = "received", _("received")
        CHECKING = "checking", _("being checked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    receipt = models.CharField(
        _("receipt"), max_length=20, unique=True, default=new_receipt, editable=False
    )
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="corrections"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    message = models.TextField(_("message"), max_length=4000)
    evidence_url = WebField(_("address of the evidence"), blank=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Never public; deleted 90 days after closing.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    reply = models.TextField(_("public reply"), blank=True, max_length=4000)
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return self.receipt
