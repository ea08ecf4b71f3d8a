"""The WSGI entry point that `make run` and production serve."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
django.setup(set_prefix=False)

from pactwatch.guards import Application  # noqa: E402  # Django's handlers need the settings

application = Application()
