"""The one table of personal data: the privacy page, the commands and the docs are made from it.

A test walks all models and demands each field that may hold personal data in `fields`, or a reason
why it holds none. Periods are settings, which docs/deploy.md lists.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.register.corrections import forget_emails, forget_messages, forget_wishes
from companies.register.following.outbox import delete_ended, delete_log, delete_unconfirmed
from companies.register.suppliers import delete_expired

from .expired import delete_activity, delete_sessions, empty_spreadsheets

Text = Any  # a lazy translation


class People(TextChoices):
    """Whose data it is, as the sections of the privacy page."""

    SENDER = "sender", _("If you send a correction")
    CHECKER = "checker", _("If you keep a list of suppliers here")
    FOLLOWER = "follower", _("If you follow changes by webhook or e-mail")
    READER = "reader", _("If you read these pages")
    EDITOR = "editor", _("If you work on the register")
    NAMED = "named", _("If a source names you")
    ALL = "all", _("All of the above")


@dataclass(frozen=True)
class PersonalData:
    """One kind of personal data: whose, what, why, legal basis, how long, and who sees it."""

    code: str
    people: People
    what: Text
    why: Text
    ground: Text
    seen_by: Text
    until: Text  # with %(period)s where `days` names a setting
    days: str = ""
    fields: tuple[str, ...] = ()  # app.Model.field
    # Deletes what ended by a time, and returns how much that was.
    delete: Callable[[datetime.datetime], int] | None = None
    has_own_end: bool = False  # each row has the time at which it is over

    @property
    def how_long(self) -> str:
        period = in_words(getattr(settings, self.days)) if self.days else ""
        return str(self.until) % {"period": period}

    def delete_over(self, now: datetime.datetime) -> int:
        """Delete all data whose retention period is over; returns how much."""
        own = 0 if self.has_own_end or not self.days else getattr(settings, self.days)
        return self.delete(now - datetime.timedelta(days=own)) if self.delete else 0


def in_words(days: int) -> str:
    """A number of days in words, in years if it is whole years."""
    if days % 365 == 0:
        years = days // 365
        return ngettext("%(number)s year", "%(number)s years", years) % {"number": years}
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


INTEREST = _("our legitimate interest (GDPR, Article 6(1)(f))")
CONSENT = _("your consent (GDPR, Article 6(1)(a))")
EDITORS = _("our editors")
OPERATORS = _("the people who run the server")

INVENTORY = (
    PersonalData(
        "e-mail",
        People.SENDER,
        _("your e-mail address, if you give one"),
        _("to reply to you and to tell you the outcome"),
        CONSENT,
        EDITORS,
        _("%(period)s after we answer"),
        "KEEP_EMAILS_DAYS",
        ("companies.Correction.email",),
        forget_emails,
    ),
    PersonalData(
        "notices",
        People.SENDER,
        _("your e-mail address, if you confirmed a company statement and asked to be told"),
        _("to tell the company before and when we show a status that can harm it"),
        CONSENT,
        EDITORS,
        _("%(period)s after you asked, or until you use the link in one of the messages"),
        "KEEP_NOTICES_DAYS",
        (
            "companies.Correction.tell_status",
            "companies.StatusNotice.correction",
            "companies.StatusNotice.status",
            "companies.StatusNotice.since",
            "companies.StatusNotice.failed",
        ),
        forget_wishes,
    ),
    PersonalData(
        "message",
        People.SENDER,
        _("your message, the name of the company, the link to the evidence and your language"),
        _("to check what you say and to answer you"),
        INTEREST,
        _("our editors; everyone, if it is a company statement that we publish"),
        _(
            "%(period)s after we answer; a published statement for as long as it appears beside "
            "its record"
        ),
        "KEEP_MESSAGES_DAYS",
        (
            "companies.Correction.message",
            "companies.Correction.company_name",
            "companies.Correction.evidence_url",
            "companies.Correction.language",
        ),
        forget_messages,
    ),
    PersonalData(
        "reply",
        People.SENDER,
        _(
            "the receipt number, the dates (including when you confirmed a statement), and our "
            "reply, which does not name you"
        ),
        _("to show how each message was dealt with"),
        INTEREST,
        _("anyone with the receipt number"),
        _("as long as the register exists"),
        fields=(
            "companies.Correction.receipt",
            "companies.Correction.reply",
            "companies.Correction.withdrawal_reason",
        ),
    ),
    PersonalData(
        "mail",
        People.SENDER,
        _("the e-mails we send you"),
        _(
            "to acknowledge your message, to confirm who sent a statement, and to tell you the "
            "outcome"
        ),
        CONSENT,
        _("the mail servers that carry them to you"),
        _("we keep no copy"),
    ),
    PersonalData(
        "list",
        People.CHECKER,
        _("the names on your list and your choices; nothing about you"),
        _("to show you the list again at your private link, and in its feed what is new about it"),
        CONSENT,
        _("anyone with the private link"),
        _(
            "%(period)s after its feed was last read or a webhook followed it, or until you "
            "delete it"
        ),
        "KEEP_LISTS_DAYS",
        ("companies.SupplierCheck.entries", "companies.SupplierCheck.token_hash"),
        delete_expired,
        has_own_end=True,
    ),
    PersonalData(
        "subscription",
        People.FOLLOWER,
        _("the address you gave, what you follow, and the secret that signs our messages"),
        _("to tell you what changes"),
        CONSENT,
        _("you, at your private link; our editors, without the secret"),
        _("until you delete it; %(period)s after it ended"),
        "KEEP_DELIVERIES_DAYS",
        (
            "companies.Subscription.query",
            "companies.Subscription.language",
            "companies.Subscription.address",
            "companies.Subscription.host",
            "companies.Subscription.token_hash",
            "companies.Subscription.secret",
            "companies.Subscription.members",
        ),
        delete_ended,
    ),
    PersonalData(
        "unconfirmed",
        People.FOLLOWER,
        _("your e-mail address, if you asked for e-mail alerts and have not confirmed yet"),
        _("to ask you once whether you want them"),
        INTEREST,
        EDITORS,
        _("48 hours after you asked"),
        fields=(),
        delete=delete_unconfirmed,
    ),
    PersonalData(
        "deliveries",
        People.FOLLOWER,
        _("which messages we sent you, when, and how your server answered"),
        _("to tell you nothing twice, and to show you what failed"),
        CONSENT,
        _("you, at your private link; our editors"),
        _("%(period)s after the message was delivered or given up"),
        "KEEP_DELIVERIES_DAYS",
        ("companies.Delivery.message_id",),
        delete_log,
    ),
    PersonalData(
        "server-log",
        People.READER,
        _("your IP address, the page you asked for and the time, in the log of the web server"),
        _("to keep the site running and to stop attacks"),
        INTEREST,
        OPERATORS,
        "%(period)s",
        "KEEP_LOGS_DAYS",
    ),
    PersonalData(
        "limits",
        People.READER,
        _("a code made from your IP address, when you send a form or a list or use the API"),
        _("to limit how often one reader can send or ask"),
        INTEREST,
        _("no one: the address cannot be read from it"),
        _("an hour at most"),
        fields=("accounts.RequestCount.client",),
    ),
    PersonalData(
        "account",
        People.EDITOR,
        _("your user name, name, e-mail address, login methods and saved filters"),
        _("to let you in, and no one else in your name"),
        INTEREST,
        _(
            "other editors see the user name; administrators see everything except passwords and "
            "keys"
        ),
        _("until your account is erased"),
        fields=(
            "auth.User.username",
            "auth.User.first_name",
            "auth.User.last_name",
            "auth.User.email",
            "auth.User.password",
            "account.EmailAddress.user",
            "account.EmailAddress.email",
            "account.EmailConfirmation.key",
            "mfa.Authenticator.user",
            "mfa.Authenticator.data",
            "companies.SavedFilter.owner",
            "companies.SavedFilter.name",
            "companies.SavedFilter.query",
        ),
    ),
    PersonalData(
        "sessions",
        People.EDITOR,
        _("your sessions, with your IP address, your browser and its cookie"),
        _("to keep you logged in"),
        INTEREST,
        OPERATORS,
        _("until you log out or the session ends"),
        fields=(
            "sessions.Session.session_key",
            "sessions.Session.session_data",
            "accounts.LoginSession.id",
            "accounts.LoginSession.session_key",
            "accounts.LoginSession.session_data",
            "accounts.LoginSession.account",
            "accounts.LoginSession.address",
            "accounts.LoginSession.device",
        ),
        delete=delete_sessions,
        has_own_end=True,
    ),
    PersonalData(
        "edits",
        People.EDITOR,
        _("what you changed and decided, when and why, with your user name"),
        _("to account for what the register says about a company"),
        INTEREST,
        _("other editors; everyone sees the change and your role, never your name"),
        _(
            "as long as the register exists; your role instead of your name once your account is "
            "erased"
        ),
        fields=(
            "companies.AnswerDraft.reply",
            "companies.AnswerDraft.returned_because",
            "companies.AnswerDraft.returned_by",
            "companies.AnswerDraft.written_by",
            "companies.Correction.taken_by",
            "companies.Correction.closed_by",
            "companies.Correction.withdrawn_by",
            "companies.ImportRun.started_by",
            "companies.Proposal.approved_by",
            "companies.Proposal.approved",
            "companies.Proposal.decided_by",
            "companies.Proposal.reason",
            "companies.RefusedMatch.decided_by",
            "companies.Merge.merged_by",
            "companies.Merge.reason",
            "companies.Citation.verified_by",
            "history_user",
            "history_change_reason",
        ),
    ),
    PersonalData(
        "activity",
        People.EDITOR,
        _("what you did on the editors’ screens; your logins, with IP address and browser"),
        _("to find out what happened after a mistake or an attack"),
        INTEREST,
        _("administrators"),
        "%(period)s",
        "AUDIT_LOG_DAYS",
        (
            "admin.LogEntry.user",
            "admin.LogEntry.object_repr",
            "admin.LogEntry.change_message",
            "accounts.AccountEvent.account",
            "accounts.AccountEvent.by",
            "accounts.AccountEvent.address",
            "accounts.AccountEvent.network",
            "accounts.AccountEvent.device",
            "accounts.AccountEvent.detail",
            "accounts.LoginAttempt.name_hash",
            "accounts.LoginAttempt.network",
        ),
        delete_activity,
    ),
    PersonalData(
        "spreadsheets",
        People.NAMED,
        _("spreadsheets that an editor uploads, with everything in them, and who sent them"),
        _("to review what is read from them"),
        INTEREST,
        EDITORS,
        _("the file: %(period)s, or longer while something in it awaits a decision"),
        "KEEP_UPLOADS_DAYS",
        (
            "companies.ImportRun.content",
            "companies.ImportRun.listed",
            "companies.ImportRun.file_name",
            "companies.ImportRun.received_from",
        ),
        empty_spreadsheets,
    ),
    PersonalData(
        "sources",
        People.NAMED,
        _("your name, if it appears in a public page or document that we quote"),
        _("to prove what the register says"),
        _("freedom of expression and information (GDPR, Article 85)"),
        _("everyone"),
        _("as long as the register exists; tell us if a quote wrongs you"),
        fields=(
            "companies.Citation.quote",
            "companies.Citation.translation_en",
            "companies.Citation.translation_fr",
            "companies.QuoteCheck.quote",
            "companies.Opinion.quote",
            "companies.Opinion.translation_en",
            "companies.Opinion.translation_fr",
            "companies.Opinion.author_en",
            "companies.Opinion.author_fr",
            "companies.Source.received_from",
            "companies.Source.title",
            "companies.Source.publisher",
            "companies.Source.publisher_fr",
        ),
    ),
    PersonalData(
        "backups",
        People.ALL,
        _("copies of the database, with all of the above except the server’s log"),
        _("to restore the register after a failure"),
        INTEREST,
        OPERATORS,
        _("%(period)s; anything deleted earlier is deleted again after a restore"),
        "KEEP_BACKUPS_DAYS",
    ),
)
