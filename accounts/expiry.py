"""Deletes what is kept of logins for a time only."""

import datetime

from django.utils import timezone

from .limits.login_limits import WHILE
from .models import AccountEvent, LoginAttempt


def delete_events(until: datetime.datetime) -> int:
    """Delete events of before, and attempts that no longer count."""
    LoginAttempt.objects.filter(at__lt=timezone.now() - WHILE).delete()
    return AccountEvent.objects.filter(at__lte=until).delete()[0]
