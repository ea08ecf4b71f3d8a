"""Tests on another day: `TEST_MOMENT=2028-02-28T23:30+00:00` lets them begin at that moment.

All of the register's code, and of its tests, reads the time from django.utils.timezone; files,
signatures, waiting and other processes keep to the true time.
"""

import datetime
import os

from django.utils import timezone


def begin() -> None:
    """Let Django's clock go on from the moment named in the environment, if one is."""
    if moment := os.environ.get("TEST_MOMENT"):
        true_now = timezone.now
        ahead = datetime.datetime.fromisoformat(moment) - true_now()
        timezone.now = lambda: true_now() + ahead
