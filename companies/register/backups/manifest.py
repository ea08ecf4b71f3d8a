"""manifest.json: what a backup contains, and the check of its files."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from .folders import FOLDER, MANIFEST
from .sealing import NotOpened, opened

FORMAT, OLDER = "PactWatch backup 2", "PactWatch backup 1"  # without releases and cited pages
LARGEST = 50_000_000  # bytes of a manifest
BLOCK = 1 << 20  # bytes
_FILE = re.compile(
    r"(register/)?[a-z][a-z0-9_]*\.[a-z0-9]+|pages/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|releases/\d{4}-\d\d-\d\d(-\d+)?/(delta/)?[A-Za-z][\w.]*"
)
RELEASES, PAGES = "releases", "pages"
_SALT = "companies.register.backups.manifest"


class Refused(Exception):
    """The reason why no backup is made or restored, as one line for an operator."""


class Damaged(Refused):
    """The backup is incomplete, damaged or encrypted with another key; the message says which."""


@dataclass(frozen=True)
class File:
    name: str  # relative to the folder, with "/"
    bytes: int
    sha256: str  # of the file as it lies there


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup: one register at one time."""

    made_at: str
    site: str
    release: str
    database: str  # "sqlite" or "postgresql"
    migrations: list[str]  # those that the database has, as app.name
    register_version: int
    changes: int
    last_hash: str  # of the newest change
    key: str = ""  # a name of the key that encrypted the files, not the key; "": none
    files: list[File] = field(default_factory=list)

    @property
    def dump(self) -> str:
        """The name of the database's file."""
        return "database.sqlite3" if self.database == "sqlite" else "database.dump"

    @property
    def in_words(self) -> str:
        return (
            f"{self.site} as of {self.made_at}, version {self.register_version}, "
            f"{self.changes} changes, hash {self.last_hash}; {self.beside}."
        )

    @property
    def beside(self) -> str:
        """The other contents besides the database, in words."""
        releases = {name.split("/")[1] for name in self.names_in(RELEASES)}
        return f"releases: {len(releases)}, cited pages: {len(self.names_in(PAGES))}"

    def names_in(self, place: str) -> list[str]:
        """The file names in one folder of the backup, in order."""
        return sorted(file.name for file in self.files if file.name.startswith(f"{place}/"))

    def as_bytes(self, key: bytes) -> bytes:
        """The manifest with its proof: an HMAC with the key, or a checksum without one."""
        content = {"format": FORMAT} | asdict(self)
        return _as_json(content | {"proof": _proof(content, key)})


def keys() -> list[bytes]:
    """The keys that may decrypt a backup, the current one first."""
    hexadecimal = [settings.BACKUP_KEY, *settings.FORMER_BACKUP_KEYS]
    return [bytes.fromhex(key) for key in hexadecimal if key]


def name_of(key: bytes) -> str:
    """The identifier of a key in manifests; the key cannot be derived from it."""
    return salted_hmac(f"{_SALT}.name", b"", secret=key, algorithm="sha256").hexdigest()[:16]


def whole_backup(folder: Path) -> Path:
    """The folder itself if it is a backup, else the newest one in it. Raises Damaged."""
    if (folder / MANIFEST).exists() or not folder.is_dir():
        return folder
    inside = [path for path in folder.iterdir() if re.fullmatch(FOLDER, path.name)]
    if not inside:
        message = f"{folder} is no backup of PactWatch and holds none: there is no {MANIFEST}."
        raise Damaged(message)
    return max(inside)


def check(folder: Path, *, unsealed: bool = False) -> Manifest:
    """Verify every byte of a backup; returns its manifest. Raises Damaged, or OSError.

    With a key set, an unencrypted backup, which anybody could have written, is accepted only
    with `unsealed`.
    """
    manifest = read_manifest(folder)
    if not manifest.key and keys() and not unsealed:
        message = f"{folder} is not sealed, though BACKUP_KEY is set: anybody could have made it."
        raise Damaged(message)
    expected = {file.name for file in manifest.files}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(expected - there):
        raise Damaged(f"{folder} is not whole: {name} is missing.")
    for name in sorted(there - expected - {MANIFEST}):
        raise Damaged(f"{folder} has a file that is not part of it: {name}.")
    for file in manifest.files:
        _check(folder, file)
    return manifest


def _check(folder: Path, file: File) -> None:
    size = (folder / file.name).stat().st_size
    if size != file.bytes:
        cut = "was cut off" if size < file.bytes else "has grown"
        message = f"{folder}: {file.name} {cut}: {size} bytes, not {file.bytes}."
        raise Damaged(message)
    digest = hashlib.sha256()
    for block in blocks(folder / file.name):
        digest.update(block)
    if digest.hexdigest() != file.sha256:
        message = f"{folder}: {file.name} was altered: its SHA-256 is another."
        raise Damaged(message)


def read_manifest(folder: Path) -> Manifest:
    """The verified manifest. Raises Damaged or OSError."""
    path = folder / MANIFEST
    if not path.exists():
        message = f"{folder} is no whole backup of PactWatch: there is no {MANIFEST}."
        raise Damaged(message)
    with path.open("rb") as file:
        content = _read_json(file.read(LARGEST))
    if content is None:
        message = f"{path} was cut off or altered: it cannot be read."
        raise Damaged(message)
    if content.get("format") not in (FORMAT, OLDER):
        message = f"{path} is of another program: it does not say {FORMAT!r}."
        raise Damaged(message)
    proof = content.pop("proof", None)
    key = _key(path, content)
    if not constant_time_compare(str(proof), _proof(content, key)):
        raise Damaged(f"{path} was altered: what proves it does not fit.")
    return _manifest(path, content)


def is_name(name: str) -> bool:
    """Whether a file name is allowed in a backup."""
    return _FILE.fullmatch(name) is not None


def _read_json(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _key(path: Path, content: dict[str, Any]) -> bytes:
    """The key that it was encrypted with; b"" for none."""
    name = content.get("key")
    if name == "":
        return b""
    found = next((key for key in keys() if name_of(key) == name), None)
    if found is None:
        message = (
            f"{path.parent} is sealed with another key ({str(name)[:16]}). Set BACKUP_KEY or "
            "FORMER_BACKUP_KEYS to the key that it was made with."
        )
        raise Damaged(message)
    return found


def _manifest(path: Path, content: dict[str, Any]) -> Manifest:
    try:
        files = [File(**file) for file in content.pop("files")]
        content.pop("format")
        manifest = Manifest(files=files, **content)
    except (TypeError, KeyError) as error:
        raise Damaged(f"{path} was altered: {error}.") from error
    names = [file.name for file in files]
    if manifest.dump not in names or not all(map(is_name, names)):
        raise Damaged(f"{path} was altered: it names other files.")
    return manifest


def _proof(content: dict[str, Any], key: bytes) -> str:
    text = _as_json(content)
    if not key:
        return f"sha256:{hashlib.sha256(text).hexdigest()}"
    return f"hmac-sha256:{salted_hmac(_SALT, text, secret=key, algorithm='sha256').hexdigest()}"


def _as_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def content_of(folder: Path, manifest: Manifest, name: str) -> Iterator[bytes]:
    """The decrypted content of a file of a backup, in parts. Raises Damaged."""
    if not manifest.key:
        yield from blocks(folder / name)
        return
    key = next(key for key in keys() if name_of(key) == manifest.key)
    with (folder / name).open("rb") as file:
        try:
            yield from opened(cast("IO[bytes]", file), key, name)
        except NotOpened as error:
            raise Damaged(f"{folder}: {name} was altered: it does not open.") from error


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
