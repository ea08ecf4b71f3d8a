"""Delete login data whose retention period is over."""

import datetime

from django.utils import timezone

from .limits.api_limit import MINUTE
from .limits.login_limits import WHILE
from .models import AccountEvent, LoginAttempt, RequestCount


def delete_events(until: datetime.datetime) -> int:
    """Delete events older than `until`, and attempts and request counts that no longer matter."""
    now = timezone.now()
    LoginAttempt.objects.filter(at__lt=now - WHILE).delete()
    RequestCount.objects.filter(minute__lt=int(now.timestamp()) // MINUTE).delete()
    return AccountEvent.objects.filter(at__lte=until).delete()[0]
