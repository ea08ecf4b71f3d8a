"""Chromium for the browser tests: pytest-playwright's fixtures with the machine's browser."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser import CHROMIUM_MISSING, chromium

# Playwright's event loop runs in the test's thread, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent
QUIET = (
    # Scripts of pages run once; to compile them for speed takes an eighth of the time.
    "--js-flags=--no-turbofan,--no-maglev",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Else each context begins with a process of its own: a sixth of a short test's time.
    "--renderer-process-limit=1",
)


# A thread of Django's live server that outlives its test may not close the shared connection.
LATE_THREAD = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")
            item.add_marker(LATE_THREAD)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    executable = chromium()
    if executable is None:
        pytest.skip(CHROMIUM_MISSING)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {
        "executable_path": executable,
        "args": [*QUIET, *sandbox],
    }


# A test asks for others by their names: @pytest.mark.parametrize("width", [360, 768, 1440])


@pytest.fixture
def width() -> int:
    return 1440


@pytest.fixture
def colour_scheme() -> str:
    """light or dark"""
    return "light"


@pytest.fixture
def language() -> str:
    """The prefix of every URL: nothing for English, /fr for French."""
    return ""


@pytest.fixture
def browser_context_args(
    browser_context_args: dict[str, Any], live_server: LiveServer, width: int, colour_scheme: str
) -> dict[str, Any]:
    """A fresh browser on the live server, so that page.goto("/companies/") is enough."""
    return browser_context_args | {
        "base_url": live_server.url,
        "viewport": {"width": width, "height": 900},
        "color_scheme": colour_scheme,
    }


@pytest.fixture
def log_in(page: Page, live_server: LiveServer) -> Callable[[User], None]:
    """Give the page the session of a user; through the form, it would load two pages more."""

    def by_cookie(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])

    return by_cookie
