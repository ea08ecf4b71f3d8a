"""Dated releases: a snapshot of the package, the changes since the last, and signatures.

A release is a folder that is never written again, and gets its name only once it is complete.
"""

import datetime
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from companies import queries
from companies.models import Change, RegisterVersion, known_as_of
from companies.register.package.dumping import (
    LICENCE,
    PACKAGE,
    as_json,
    consistent_snapshot,
    csv_parts,
    described,
    ordered_rows,
)
from companies.register.package.tables import TABLES

from .deltas import Package, schema_changes, write_delta
from .file_formats import makers
from .released import ABOUT, DRAFT, RECEIPT, SUMS, Release, close, releases
from .signatures import chain_head, receipt_of, sha256_of

MOST_LISTED = 1000  # changes that CHANGES.md lists one by one


class BrokenHistory(Exception):
    """The register is not that of the last release, or its history was rewritten."""


def write_release(folder: Path, at: datetime.datetime) -> Release | None:
    """Write a release; None if nothing changed since the last one.

    Raises BrokenHistory and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove_old_drafts(folder, at)
    last = next(iter(releases(folder)), None)
    draft = Path(mkdtemp(prefix=DRAFT, dir=folder))
    try:
        with known_as_of(None), consistent_snapshot():
            if not _filled(draft, last, _name(folder, at), at):
                return None
    finally:
        if not (draft / RECEIPT).exists():
            shutil.rmtree(draft)
    whole = close(draft, folder / _name(folder, at))
    return Release(whole, json.loads((whole / ABOUT).read_bytes()))


def _filled(draft: Path, last: Release | None, name: str, at: datetime.datetime) -> bool:
    """Write all files of a release, unless rows and columns are those of the last one."""
    head = chain_head()
    if last:
        _refuse_another_history(last)
    rows = {table.name: _write_csv(draft, table) for table in TABLES}
    before, after = Package(last.folder) if last else None, Package(draft)
    sums = {t.file: (_size(draft / t.file), sha256_of(draft / t.file)) for t in TABLES}
    (draft / PACKAGE).write_bytes(as_json(described(name, at, sums)))
    if before and not _differ(before, after):
        return False
    for made, parts in makers(name, at).items():
        if not (draft / made).exists():
            with (draft / made).open("wb") as file:
                file.writelines(parts(lambda table: after.cells(table.name)))
    counts = _write_delta(draft, before, after)
    about = _about(name, last, at, head) | {"rows": rows, "changes": counts}
    _write_texts(draft, about, schema_changes(before, after) if before else {})
    _write_sums(draft, about)
    return True


def _write_csv(draft: Path, table: Any) -> int:
    rows = 0

    def counted() -> Iterator[Any]:
        nonlocal rows
        for row in ordered_rows(table):
            rows += 1
            yield row

    with (draft / table.file).open("wb") as file:
        file.writelines(csv_parts(table.columns, counted()))
    return rows


def _differ(before: Package, after: Package) -> bool:
    """Whether a file of rows differs; descriptions of columns may change without."""
    tables = {*before.schemas, *after.schemas}
    if before.schemas.keys() != after.schemas.keys():
        return True
    files = [f"{table}.csv" for table in tables]
    return any(sha256_of(before.folder / f) != sha256_of(after.folder / f) for f in files)


def _refuse_another_history(last: Release) -> None:
    """Raise BrokenHistory unless the last release's newest change is unaltered."""
    then = last.about["chain"]
    known = Change.objects.filter(number=then["number"]).values_list("hash", flat=True).first()
    if then["number"] and known != then["hash"]:
        raise BrokenHistory(
            f"Release {last.name} ends with change {then['number']} and the hash {then['hash']}. "
            f"This register has {known or 'no such change'}: it is another register, or its "
            "history was rewritten. Nothing was released."
        )


def _write_delta(draft: Path, before: Package | None, after: Package) -> dict[str, Counter[str]]:
    if before is None:
        return {}
    folder = draft / "delta"
    folder.mkdir()
    shutil.copyfile(draft / PACKAGE, folder / PACKAGE)
    counts = write_delta(before, after, folder)
    return {table: count for table, count in counts.items() if count}


def _about(
    name: str, last: Release | None, at: datetime.datetime, head: Mapping[str, Any]
) -> dict[str, Any]:
    version = RegisterVersion.objects.values_list("number", flat=True).first() or 0
    url = f"{settings.SITE_URL}/data/releases/{name}/"
    cited = f"PactWatch, “Who has signed the EU AI Pact”, release {name}, {url}, CC BY 4.0"
    return {
        "release": name,
        "number": last.about["number"] + 1 if last else 1,
        "previous": last.name if last else None,
        "made_at": at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "url": url,
        "licence": LICENCE,
        "citation": cited,
        "register": settings.SITE_URL,
        "register_version": version,
        "software": f"PactWatch {settings.VERSION}",
        "chain": head,
    }


def _write_texts(draft: Path, about: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """Write the texts: changes, citation and licence."""
    changes, more = _changes_since(about["previous"], draft.parent, about["chain"]["number"])
    known = queries.KnownRows(changes)
    context = {"about": about, "columns": columns, "more": more}
    for language, ending in (("en", "md"), ("fr", "fr.md")):
        with override(language):
            lines = [(change.company_name, queries.sentence(change, known)) for change in changes]
            context["lines"] = lines
            text = render_to_string("companies/open_data/changes.txt", context)
        (draft / f"CHANGES.{ending}").write_text(text, encoding="utf-8")
    for name in ("CITATION.cff", "citation.txt", "citation.bib"):
        text = render_to_string(f"companies/open_data/{name}", {"about": about})
        (draft / name).write_text(text, encoding="utf-8")
    shutil.copyfile(settings.BASE_DIR / "LICENSE-DATA", draft / "LICENSE.txt")


def _changes_since(previous: str | None, folder: Path, until: int) -> tuple[list[Change], int]:
    """The material changes since a release to list, and the number of others."""
    if previous is None:
        return [], 0
    then = json.loads((folder / previous / ABOUT).read_bytes())["chain"]["number"]
    new = Change.objects.filter(number__gt=then, number__lte=until, has_line=True, material=True)
    changes = list(new.order_by("number")[:MOST_LISTED])
    return changes, max(new.count() - len(changes), 0)


def _write_sums(draft: Path, about: dict[str, Any]) -> None:
    """Write release.json, the checksum file and the signed receipt."""
    rows = {table.file: about["rows"][table.name] for table in TABLES}
    paths = sorted(path for path in draft.rglob("*") if path.is_file())
    names = [path.relative_to(draft).as_posix() for path in paths]
    sums = {name: sha256_of(draft / name) for name in names}
    files = [
        {"name": name, "bytes": _size(draft / name), "sha256": sums[name]}
        | ({"rows": rows[name]} if name in rows else {})
        for name in names
    ]
    (draft / ABOUT).write_bytes(as_json(about | {"files": files}))
    sums[ABOUT] = sha256_of(draft / ABOUT)
    lines = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    (draft / SUMS).write_text(lines, encoding="utf-8")
    sums[SUMS] = sha256_of(draft / SUMS)
    named = ("release", "number", "previous", "made_at", "register", "register_version", "chain")
    statement = {"kind": "release"} | {name: about[name] for name in named} | {"files": sums}
    (draft / RECEIPT).write_bytes(receipt_of(statement))


def _name(folder: Path, at: datetime.datetime) -> str:
    """The name of a release: its date; the second of a day is 2026-11-29-2."""
    day = str(timezone.localdate(at))
    number = len([*folder.glob(day), *folder.glob(f"{day}-*")]) + 1
    return day if number == 1 else f"{day}-{number}"


def _remove_old_drafts(folder: Path, at: datetime.datetime) -> None:
    """Delete drafts of killed processes after a day."""
    for path in folder.glob(f"{DRAFT}*"):
        if path.stat().st_mtime < at.timestamp() - 86_400:
            shutil.rmtree(path)


def _size(path: Path) -> int:
    return path.stat().st_size
