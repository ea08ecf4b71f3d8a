"""The WSGI entry point that `make run` and production serve."""

from pactwatch.startup import setup

setup()

from pactwatch.guards import Application  # noqa: E402  # Django's handlers need the settings
from pactwatch.response_cache import ResponseCache  # noqa: E402  # which needs the settings

application = ResponseCache(Application())
