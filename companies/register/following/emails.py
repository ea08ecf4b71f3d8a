"""Send a delivery as an e-mail, with one-click unsubscribe (RFC 8058), and no tracking."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from companies.models import Delivery, Subscription

from .mail_contents import Followed, MailEntry, followed, news_in, number_of_news
from .outbox import AttemptResult, Outcome
from .sending import Send
from .signups import link

Fault, Kind = Delivery.Fault, Delivery.Kind
REFUSALS = 3  # of one mail; then its address gets nothing more
AN_HOUR = 3600.0
# Seconds, of one answer of a mail server and of the whole mail; less than a lease leaves.
PATIENCE, WHOLE = 10, 15.0
PERMANENT = 500  # and above (RFC 5321)


def emails(delivery: Delivery) -> Send:
    """The e-mail channel."""
    if not settings.EMAIL_URL:
        return lambda: Outcome(AttemptResult.RETRY, None, Fault.NETWORK)
    return partial(send, message_of(delivery), delivery.refusals)


# The mail


def message_of(delivery: Delivery) -> EmailMultiAlternatives:
    """The e-mail of a delivery in its reader's language, with the delivery's Message-ID."""
    subscription = delivery.subscription
    with override(subscription.language):
        about = followed(subscription)
        is_question = delivery.kind == Kind.CONFIRM
        news = [] if is_question else news_in(delivery)
        context = {
            "subscription": subscription,
            "followed": about,
            "news": news,
            "more": number_of_news(delivery) - len(news),
            "weekly": delivery.kind == Kind.DIGEST,
            "language": subscription.language,
            "link": link(subscription),
        }
        name = "confirm" if is_question else "news"
        subject = _question(subscription, about) if is_question else _subject(delivery, news, about)
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string(f"companies/following/{name}_mail.txt", context),
            to=[subscription.address],
            headers=_headers(delivery, is_question=is_question),
        )
        message.attach_alternative(
            render_to_string(f"companies/following/{name}_mail.html", context), "text/html"
        )
    return message


def _headers(delivery: Delivery, *, is_question: bool) -> dict[str, str]:
    found = {
        "Message-ID": f"<{delivery.message_id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Date": format_datetime(delivery.made_at),
        "Auto-Submitted": "auto-generated",
        "Content-Language": delivery.subscription.language,
    }
    if not is_question:
        found["List-Unsubscribe"] = f"<{link(delivery.subscription, 'alert-stop')}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _question(subscription: Subscription, about: Followed) -> str:
    if subscription.state == Subscription.State.UNCONFIRMED:
        return _("PactWatch: please confirm that you want e-mails about %(followed)s") % {
            "followed": about.words
        }
    return _("PactWatch: you already follow %(followed)s") % {"followed": about.words}


def _subject(delivery: Delivery, news: list[MailEntry], about: Followed) -> str:
    number = number_of_news(delivery)
    if number == 1 and news:
        return _("PactWatch: %(line)s") % {"line": news[0].line}
    words = {"number": number, "followed": about.words}
    if delivery.kind == Kind.DIGEST:
        text = ngettext(
            "PactWatch: %(number)d change in a week, %(followed)s",
            "PactWatch: %(number)d changes in a week, %(followed)s",
            number,
        )
    else:
        text = ngettext(
            "PactWatch: %(number)d change, %(followed)s",
            "PactWatch: %(number)d changes, %(followed)s",
            number,
        )
    return text % words


# Sending


def send(message: EmailMultiAlternatives, refusals: int) -> Outcome:
    """Hand an e-mail to the mail server, within WHOLE seconds in all.

    `refusals` is the number of permanent refusals before.
    """
    message.connection = get_connection()
    try:
        with ended_in_time(message.connection) as late:
            message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = max(code for code, _words in refused.recipients.values())
        return _refused(code, refusals)
    except smtplib.SMTPDataError as refused:
        return _refused(refused.smtp_code, refusals)
    except smtplib.SMTPResponseException as answered:
        return Outcome(AttemptResult.RETRY, answered.smtp_code, Fault.NETWORK)
    except (OSError, smtplib.SMTPException) as fault:
        slow = late.is_set() or isinstance(fault, TimeoutError)
        return Outcome(AttemptResult.RETRY, None, Fault.TIMEOUT if slow else Fault.NETWORK)
    return Outcome(AttemptResult.DELIVERED, 250)


def _refused(code: int, refusals: int) -> Outcome:
    """The outcome of a permanent refusal: final after REFUSALS times, an hour apart."""
    if code < PERMANENT:
        return Outcome(AttemptResult.RETRY, code, Fault.STATUS)
    result = AttemptResult.GONE if refusals + 1 >= REFUSALS else AttemptResult.RETRY
    return Outcome(result, code, Fault.REFUSED, AN_HOUR)


@contextmanager
def ended_in_time(connection: Any) -> Iterator[threading.Event]:
    """Disconnect a mail server that takes too long in all; its own timeout is per response."""
    late, servers = threading.Event(), list[smtplib.SMTP]()

    def cut() -> None:
        late.set()
        for server in servers:
            if server.sock:
                server.sock.shutdown(socket.SHUT_RDWR)

    if isinstance(connection, EmailBackend):
        connection.timeout = PATIENCE
        _watch(connection, servers)
    timer = threading.Timer(WHOLE, cut)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _watch(connection: EmailBackend, servers: list[smtplib.SMTP]) -> None:
    """Record the SMTP client before it reads the server's greeting."""
    kind: Any = connection.connection_class

    class Watched(kind):  # type: ignore[misc]  # one of two classes
        def connect(self, *args: Any, **kwargs: Any) -> Any:
            servers.append(self)
            return super().connect(*args, **kwargs)

    connection.__class__ = type(
        "WatchedBackend", (connection.__class__,), {"connection_class": Watched}
    )
