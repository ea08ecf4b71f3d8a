"""Folders of backups: names, the newest one, and expired ones."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

MANIFEST = "manifest.json"
NAME = "%Y-%m-%dT%H%M%SZ"
FOLDER = r"\d{4}-\d\d-\d\dT\d{6}Z"  # what NAME gives


def delete_backups(folder: Path, before: datetime) -> list[str]:
    """Delete backups made before a time; returns their names."""
    old = [path for path in sorted(folder.iterdir()) if is_older(path.name, before)]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def is_older(name: str, before: datetime) -> bool:
    """Whether a backup folder is older; other folders never are."""
    return re.fullmatch(rf"\.?{FOLDER}", name) is not None and made_at(name) < before


def made_at(name: str) -> datetime:
    """When a backup was made, by the name of its folder."""
    return datetime.strptime(name.removeprefix("."), NAME).replace(tzinfo=UTC)


def last_made(folder: Path) -> datetime | None:
    """When the newest complete backup in a folder was made; None without one."""
    try:
        whole = [path.name for path in folder.iterdir() if (path / MANIFEST).exists()]
    except OSError:
        return None
    return max((made_at(name) for name in whole if re.fullmatch(FOLDER, name)), default=None)
