"""Files beside the database: the releases, and the archived pages.

Neither is ever changed: a release gets its name once complete, a page is named by its SHA-256. So a
restore adds what is missing and replaces nothing.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

from companies.register.open_data.released import DRAFT, close

from .manifest import PAGES, RELEASES, Manifest, content_of, is_name


def files_beside() -> Iterator[tuple[str, Path]]:
    """The names in a backup, with the paths of the files."""
    for place, folder in ((PAGES, settings.KEPT_PAGES_DIR), (RELEASES, settings.RELEASES_DIR)):
        for path in sorted(folder.rglob("*")):
            name = f"{place}/{path.relative_to(folder).as_posix()}"
            if is_name(name) and path.is_file():  # else a draft
                yield name, path


def restore_files(folder: Path, manifest: Manifest) -> tuple[int, int]:
    """Copy missing releases and pages of a backup; returns how many. Raises OSError."""
    return _restore_releases(folder, manifest), _restore_pages(folder, manifest)


def _restore_releases(folder: Path, manifest: Manifest) -> int:
    """Copy each missing release completely or not at all."""
    there, written = settings.RELEASES_DIR, 0
    for release, names in groupby(manifest.names_in(RELEASES), lambda name: name.split("/")[1]):
        if (there / release).exists():
            continue
        there.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=DRAFT, dir=there))
        for name in names:
            _write(draft / name.split("/", 2)[2], content_of(folder, manifest, name))
        close(draft, there / release)
        written += 1
    return written


def _restore_pages(folder: Path, manifest: Manifest) -> int:
    written = 0
    for name in manifest.names_in(PAGES):
        path = settings.KEPT_PAGES_DIR / name.split("/", 1)[1]
        if path.exists():
            continue
        draft = path.with_name(f"draft-{path.name}")
        _write(draft, content_of(folder, manifest, name))
        draft.replace(path)
        written += 1
    return written


def _write(path: Path, parts: Iterable[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(parts)


def later_releases(manifest: Manifest) -> list[str]:
    """Releases that exist here and not in the backup: its register does not know them."""
    known = {name.split("/")[1] for name in manifest.names_in(RELEASES)}
    here = {path.parent.name for path in settings.RELEASES_DIR.glob("[0-9]*/release.json")}
    return sorted(here - known)
