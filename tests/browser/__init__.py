"""Tests in a real browser: Debian's Chromium, driven by Playwright."""

import shutil

CHROMIUM_MISSING = "no Chromium found: install it (Debian: apt-get install chromium-headless-shell)"
# The first has no window to draw around a page: the tests take three quarters of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where the machine's Chromium is; Playwright's own download is never used."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
