"""Tests in a real browser: Debian's Chromium, driven by Playwright."""

import shutil

CHROMIUM_MISSING = "no Chromium found: install it (Debian: apt-get install chromium)"


def chromium() -> str | None:
    """Where the machine's Chromium is; Playwright's own download is never used."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)
