"""What Django looks up thousands of times a test, at a tenth of the cost: 2 % of the time.

Which connection, which language, which URLs: asgiref stores them by thread and by asyncio task, and
no test has tasks. Each attribute of the settings goes through a method that only `dir` needs.
"""

import threading

from django.conf import LazySettings
from django.db import connections
from django.urls import base
from django.utils import timezone
from django.utils.translation import trans_real


def keep_by_thread() -> None:
    """To be called before there is a connection."""
    connections._connections = threading.local()
    trans_real._active = threading.local()
    timezone._active = threading.local()
    base._prefixes, base._urlconfs = threading.local(), threading.local()


def read_settings_directly() -> None:
    LazySettings.__getattribute__ = object.__getattribute__
