"""Existing releases, each in its folder."""

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

ABOUT, SUMS, RECEIPT = "release.json", "SHA256SUMS", "receipt.json"
DRAFT = ".draft-"


@dataclass(frozen=True)
class Release:
    """A release folder and its release.json."""

    folder: Path
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def made_at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self.about["made_at"])

    @property
    def is_signed(self) -> bool:
        return json.loads((self.folder / RECEIPT).read_bytes())["signature"] is not None

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files with checksums in release.json, and the three written after it."""
        last = (ABOUT, SUMS, RECEIPT)
        return [
            *self.about["files"],
            *({"name": name, "bytes": (self.folder / name).stat().st_size} for name in last),
        ]

    def path_of(self, name: str) -> Path | None:
        """The path of a file of the release, or None."""
        return self.folder / name if name in {one["name"] for one in self.files} else None


def has_releases() -> bool:
    """Whether there is a release, without reading any."""
    return any(settings.RELEASES_DIR.glob(f"*/{ABOUT}"))


def releases(folder: Path | None = None) -> list[Release]:
    """All releases, newest first."""
    found = [
        Release(about.parent, json.loads(about.read_bytes()))
        for about in (folder or settings.RELEASES_DIR).glob(f"*/{ABOUT}")
        if not about.parent.name.startswith(".")
    ]
    return sorted(found, key=lambda one: one.about["number"], reverse=True)


def close(draft: Path, release: Path) -> Path:
    """Rename a complete draft to its final name; it is never written again."""
    for path in draft.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o444)
    draft.chmod(0o755)
    os.sync()  # a name on the disk without what it names would be no release
    return draft.rename(release)
