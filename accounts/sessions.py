"""Session lifetime: idle timeout, maximum age, and ending sessions."""

import datetime
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pactwatch.measuring.request_ids import ROLE

from .audit_log import Visitor, current_request, record
from .models import AccountEvent, LoginSession
from .session_store import ADDRESS, BEGAN, DEVICE, USED, stored_time

# To note each use would cost a request three queries.
FRESH = datetime.timedelta(minutes=5)


class RefreshSession:
    """Middleware that records the last use of a session, at most every five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Public pages never read the session, and must not for this.
        if request.session.accessed and SESSION_KEY in request.session:
            refresh(request.session)
            if settings.REQUEST_LOG:
                request.META[ROLE] = role_of(request.user)
        return response


def role_of(user: Any) -> str:
    """The role of a user for the request log: never the name."""
    if user.is_superuser:
        return "administrator"
    groups = user.groups.order_by("name").values_list("name", flat=True)
    return ", ".join(groups).lower() or "no role"


def refresh(session: SessionBase) -> None:
    used, now = stored_time(session, USED), timezone.now()
    if used is None or now - used >= FRESH:
        use(session, now)


def use(session: SessionBase, now: datetime.datetime) -> None:
    """Record a use at `now`; the session expires so many hours later."""
    began = stored_time(session, BEGAN) or now
    session[BEGAN], session[USED] = began.isoformat(), now.isoformat()


def begin(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Start the session of a login under a new key."""
    session = request.session
    if BEGAN in session:  # logged in again, when Django does not change the key
        session.cycle_key()
    visitor = Visitor.of(request)
    session[BEGAN] = timezone.now().isoformat()
    session[ADDRESS], session[DEVICE] = visitor.address, visitor.device
    use(session, timezone.now())


def marked(sessions: QuerySet[LoginSession], request: HttpRequest) -> QuerySet[LoginSession]:
    """Annotate sessions with `is_this_one`: whether it is that of the request."""
    this = Q(session_key=request.session.session_key or "")
    return sessions.annotate(is_this_one=ExpressionWrapper(this, output_field=BooleanField()))


def end(sessions: QuerySet[LoginSession], *, why: str = "") -> int:
    """End sessions and log it once per account."""
    accounts = User.objects.filter(pk__in=sessions.values("account")).in_bulk()
    ended: dict[int | None, int] = {}
    for session in sessions:
        session.delete()
        ended[session.account_id] = ended.get(session.account_id, 0) + 1
    for pk, number in ended.items():
        detail = f"{number} ended{f': {why}' if why else ''}"
        record(AccountEvent.Kind.SESSION_ENDED, account=accounts.get(pk or 0), detail=detail)
    return sum(ended.values())


def end_others(user: User, *, why: str = "") -> int:
    """End all sessions of an account except the current one, if it is the account's own request."""
    sessions = LoginSession.objects.filter(account=user)
    request = current_request()
    if request and getattr(request, "user", None) == user and request.session.session_key:
        sessions = sessions.exclude(session_key=request.session.session_key)
    return end(sessions, why=why)
