"""Start Django for manage.py and for the server, and explain in one line why it cannot."""

import os
import re
import sys
from collections.abc import Callable
from errno import EDQUOT, ENOSPC
from functools import cached_property
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError
from django.urls.resolvers import RoutePattern, URLResolver
from django.utils.module_loading import import_string
from environs import EnvError

ROOT = Path(__file__).resolve().parent.parent
LOCAL_SETTINGS = ROOT / "var" / "local.env"
# An environment with one of these is that of a site of its own.
OF_A_SITE = {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"}
OUTDATED = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")
UNUSABLE = ("OperationalError", "InsufficientPrivilege", "not a database")
INTERRUPTED = 130


def setup() -> None:
    """Set up Django for the server, which takes its settings from the environment only."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
    try:
        django.setup(set_prefix=False)
    except (ImproperlyConfigured, EnvError) as error:
        sys.exit(f"PactWatch cannot start: {sentence(error)}.")
    engines = {one["ENGINE"] for one in settings.DATABASES.values()}
    if "django.db.backends.postgresql" not in engines:
        # As if it were not installed: REST framework would import it for fields that nothing here
        # has, 10 MB of a worker's memory.
        sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]  # Python allows it


def run_command(arguments: list[str]) -> None:
    """Run a management command; with `--traceback` an error shows where it comes from."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
    # A command needs one connection, and a pool waits 30 seconds for a database that is not there.
    os.environ.setdefault("DATABASE_POOL", "off")
    try:
        read_local_settings()
        _ = settings.INSTALLED_APPS  # else Django says "Unknown command" where a setting is wrong
        execute_from_command_line(arguments)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except EOFError:
        sys.exit("The input ended where an answer was expected.")
    except (ImproperlyConfigured, EnvError, DatabaseError, OSError) as error:
        reason = explain(error)
        if reason is None or "--traceback" in arguments:
            raise
        sys.exit(reason)


def read_local_settings() -> None:
    """Read the settings that `make run` wrote, unless the environment has settings of a site.

    Only commands do: a server without SECRET_KEY refuses to start, whatever is in var/.
    """
    if OF_A_SITE & {*os.environ} or not os.access(LOCAL_SETTINGS, os.R_OK):
        return
    for line in LOCAL_SETTINGS.read_text().splitlines():
        name, _, value = line.partition("=")
        os.environ.setdefault(name, value)
    print(f"Using {LOCAL_SETTINGS.relative_to(ROOT)}, written by make run.", file=sys.stderr)  # noqa: T201  # said to the operator


def sentence(error: Exception) -> str:
    """The message of an error on one line, without the full stop; environs wraps some in a list."""
    words = " ".join(str(error).split())
    return re.sub(r"\['(.*)'\]$", r"\1", words).rstrip(".")


def explain(error: Exception) -> str | None:
    """What an operator can do about an error, in one line; None for a programming error."""
    reason = sentence(error)
    if isinstance(error, OSError):
        if error.filename:
            return f"{error.filename}: {error.strerror}."
        # A file that is open has no name: the disk is full, or its owner may use no more of it.
        return f"{error.strerror}." if error.errno in (ENOSPC, EDQUOT) else None
    if not isinstance(error, DatabaseError):
        return f"{reason}."
    # Django's errors name the driver's as their cause: that says more.
    found = f"{type(error).__name__} {type(error.__cause__).__name__} {reason}"
    if any(sign in found for sign in OUTDATED):
        return f"The database lacks tables of this version ({reason}). Run: manage.py migrate"
    if any(sign in found for sign in UNUSABLE):
        return f"The database cannot be used: {reason.rstrip('?')}{_of_a_file(reason)}."
    return None


def _of_a_file(reason: str) -> str:
    """Which file SQLite cannot open, and what that means."""
    if "unable to open" not in reason:
        return ""
    name = settings.DATABASES["default"]["NAME"]
    return f" {name}: its folder is missing, or this user may not write there"


class LaterView:
    """A view that is imported with its first request.

    Importing the API's views took a sixth of the start time, those of the login a tenth.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    @cached_property
    def view(self) -> Callable[..., Any]:
        found: Callable[..., Any] = import_string(self.path)
        return found.as_view() if hasattr(found, "as_view") else found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.view(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """The attributes of a view that Django's middleware and REST framework look up."""
        if name not in ("cls", "csrf_exempt", "initkwargs"):
            raise AttributeError(name)
        return getattr(self.view, name)


class LaterURLs(URLResolver):
    """A URLconf that is imported when one of its URLs is resolved or reversed."""

    def __init__(self, route: str, module: str, namespace: str) -> None:
        super().__init__(RoutePattern(route), module, app_name=namespace, namespace=namespace)

    def _populate(self) -> None:
        """Skip collecting URL names for include(), which Django does at the first reverse()."""
