"""The WSGI entry point that `make run` and production serve."""

from pactwatch.startup import setup

setup()

from pactwatch.guards import Application  # noqa: E402  # Django's handlers need the settings

application = Application()
