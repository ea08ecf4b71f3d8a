"""A few plain lines to whoever left an e-mail, each time the state of their correction changes."""

import logging
import smtplib
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import Correction

logger = logging.getLogger(__name__)


def tell_sender(correction: Correction) -> None:
    """Write once the new state is stored; a mail server that fails never undoes it."""
    if settings.EMAIL_URL and correction.email:
        transaction.on_commit(partial(_send, _message(correction)))


def _message(correction: Correction) -> EmailMessage:
    with override(correction.language):
        context = {
            "correction": correction,
            "address": settings.SITE_URL + correction.get_absolute_url(),
        }
        return EmailMessage(
            subject=_("PactWatch, receipt %(receipt)s: %(state)s")
            % {"receipt": correction.receipt, "state": correction.get_state_display()},
            body=render_to_string("companies/corrections/correction_mail.txt", context),
            to=[correction.email],
        )


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # Only the kind of fault: a mail server's words repeat the address.
        logger.error("A sender could not be told of a state: %s", type(error).__name__)  # noqa: TRY400
