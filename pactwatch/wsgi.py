"""The WSGI entry point that `make run` and production serve."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")

application = get_wsgi_application()
