"""The WSGI entry point that `make run` and production serve."""

import gc
from collections.abc import Callable
from typing import Any

from django.conf import settings

from pactwatch.startup import setup

setup()

from pactwatch.guards import Application  # noqa: E402  # Django's handlers need the settings
from pactwatch.response_cache import ResponseCache  # noqa: E402  # which needs the settings
from pactwatch.response_cache.quick_answers import QuickAnswers  # noqa: E402  # the same

application: Callable[..., Any] = ResponseCache(QuickAnswers(Application()))

if settings.REQUEST_LOG or settings.METRICS_TOKEN:
    from pactwatch.measuring.request_log import Observed

    application = Observed(
        application, logs=settings.REQUEST_LOG, as_json=settings.LOG_FORMAT == "json"
    )

# What a server has once it is started stays, and the objects of an answer go with their last name:
# looking for others after each 700 new ones took 15 % of the first request for a record.
gc.freeze()
gc.set_threshold(10_000, 10, 10)
