"""Database sessions whose rows name their account; settings.SESSION_ENGINE."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils.dateparse import parse_datetime

from .models import LoginSession

BEGAN, USED, ADDRESS, DEVICE = "_began", "_used", "_address", "_device"


class SessionStore(db.SessionStore):
    """Django's store, filling the columns of LoginSession from the session data."""

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        row: LoginSession = super().create_model_instance(data)  # type: ignore[assignment]  # get_session_store_class says which
        row.id = LoginSession.id_of(row.session_key)
        row.account_id = data.get(SESSION_KEY)
        row.began_at, row.used_at = stored_time(data, BEGAN), stored_time(data, USED)
        row.expire_date = end_of(row) or row.expire_date
        row.address, row.device = data.get(ADDRESS) or None, data.get(DEVICE, "")
        return row


def end_of(row: LoginSession) -> datetime.datetime | None:
    """When a login session expires, whatever its cookie says."""
    if row.began_at is None or row.used_at is None:
        return None
    idle = datetime.timedelta(hours=settings.SESSION_IDLE_HOURS)
    age = datetime.timedelta(hours=settings.SESSION_MAX_HOURS)
    return min(row.used_at + idle, row.began_at + age)


def stored_time(data: Any, name: str) -> datetime.datetime | None:
    return parse_datetime(data.get(name) or "")
