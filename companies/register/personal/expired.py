"""Delete expired personal data that no other module deletes."""

import datetime

from django.contrib.admin.models import LogEntry

from accounts.expiry import delete_events
from companies.models import ImportRun, Proposal

from .persons import session_model


def delete_sessions(until: datetime.datetime) -> int:
    return session_model()._base_manager.filter(expire_date__lte=until).delete()[0]


def delete_activity(until: datetime.datetime) -> int:
    entries = LogEntry.objects.filter(action_time__lte=until).delete()[0]
    return entries + delete_events(until)


def empty_spreadsheets(until: datetime.datetime) -> int:
    """Empty spreadsheets read by then without open proposals."""
    waiting = Proposal.objects.filter(state=Proposal.State.PROPOSED).values("run")
    read = ImportRun.objects.filter(kind=ImportRun.Kind.SPREADSHEET, retrieved_at__lte=until)
    return read.exclude(content=b"").exclude(pk__in=waiting).update(content=b"")
