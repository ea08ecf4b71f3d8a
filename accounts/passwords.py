"""Password validators: no composition rules, but nothing easy to guess."""

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cached_property
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Any, BinaryIO
from warnings import catch_warnings

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 256  # characters; a longer one is not even hashed
# What is left without what anybody guesses: names of the site, runs of keys, repetitions.
CORE = 8
DIFFERENT = 5
RUN = 4
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertzuiop",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!@#$%^&*()",
)
SITE = ("pactwatch", "aipact", "euaipact")
_HASH = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\s*")
_OTHER_HASH = re.compile(rb"[0-9A-Fa-f]{32}(:\d+)?\s*")
SAMPLES = 64


def password_from_terminal() -> str:
    """Ask for a password twice on the terminal. Raises ValidationError."""
    try:
        with catch_warnings(action="error", category=GetPassWarning):  # it would show what is typed
            password, again = getpass("Password: "), getpass("Once more: ")
    except GetPassWarning as warning:
        message = _("There is no terminal to ask for a password: pipe it to --password-stdin.")
        raise ValidationError(message) from warning
    if password != again:
        raise ValidationError(_("The two passwords differ."))
    return password


def give_password(account: User, password: str) -> None:
    """Validate and set a password; the account is not saved. Raises ValidationError."""
    validate_password(password, account)
    account.set_password(password)
    account.full_clean()


class LongestValidator:
    """Refuses passwords longer than any password manager's."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return ngettext(
            "A password has at most %(most)d character.",
            "A password has at most %(most)d characters.",
            LONGEST,
        ) % {"most": LONGEST}


class PatternValidator:
    """Refuses repetitions, keyboard runs, the site's name, and common passwords built on these."""

    @cached_property
    def common(self) -> set[str]:
        return CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        core = core_of(password[:LONGEST])
        few = len(core) < CORE or len(set(core)) < DIFFERENT
        if few or core.strip("0123456789 !.-_") in self.common:
            raise ValidationError(self.get_help_text(), code="password_pattern")

    def get_help_text(self) -> str:
        return _("Do not use repeated characters, a run of keys or the name of this site.")


class BreachedPasswordValidator:
    """Refuses passwords in the file that BREACHED_PASSWORDS_FILE names."""

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.BREACHED_PASSWORDS_FILE:
            return
        try:
            found = is_breached(password, Path(settings.BREACHED_PASSWORDS_FILE))
        except OSError as error:
            message = _("The list of stolen passwords cannot be read, so no password can be set.")
            raise ValidationError(message, code="password_list_missing") from error
        if found:
            message = _("This password is on a list of stolen passwords.")
            raise ValidationError(message, code="password_breached")

    def get_help_text(self) -> str:
        return _("Do not use a password from a list of stolen passwords.")


def core_of(password: str) -> str:
    """A password stripped of its easily guessed parts."""
    core = password.casefold()
    for name in site_names():
        core = core.replace(name, "")
    return once(without_runs(core))


def site_names() -> list[str]:
    hosts = [part for host in settings.ALLOWED_HOSTS for part in host.casefold().split(".")]
    return sorted({*SITE, *(part for part in hosts if len(part) > RUN)}, key=len, reverse=True)


def without_runs(text: str) -> str:
    """The text without four or more neighbouring keys or letters, in either direction."""
    kept, start = "", 0
    while start < len(text):
        length = run_at(text, start)
        kept += "" if length >= RUN else text[start]
        start += length if length >= RUN else 1
    return kept


def run_at(text: str, start: int) -> int:
    """How many characters from `start` on form one keyboard or alphabet run."""
    rows = [row for line in ROWS for row in (line, line[::-1])]
    end = start + RUN
    while end <= len(text) and any(text[start:end] in row for row in rows):
        end += 1
    return end - 1 - start


def once(text: str) -> str:
    """The text with each immediate repetition dropped: "abcabcab" is "abcab"."""
    for size in range(1, len(text) // 2 + 1):
        start = 0
        while start + 2 * size <= len(text):
            part = text[start : start + size]
            if part == text[start + size : start + 2 * size]:
                text = text[:start] + text[start + size :]
            else:
                start += 1
    return text


def is_breached(password: str, path: Path) -> bool:
    with path.open("rb") as file:
        if _HASH.fullmatch(file.readline()):
            digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
            return has_hash(file, digest.upper().encode())
        file.seek(0)
        wanted = password.encode()
        return any(line.rstrip(b"\r\n") == wanted for line in file)


def has_hash(file: BinaryIO, digest: bytes) -> bool:
    """Whether a sorted file of HASH:COUNT lines has a hash: 40 reads in a file of 40 GB."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        if hash_after(file, middle) < digest:
            low = middle + 1
        else:
            high = middle
    return hash_after(file, low) == digest


def hash_after(file: BinaryIO, position: int) -> bytes:
    """The hash on the first line at or after `position`; b"g" past the last line."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()
    return file.readline()[:40].upper() or b"g"


def check_breached_passwords(**kwargs: Any) -> list[CheckMessage]:
    """Report a breached-password file that would silently match nothing."""
    if not settings.BREACHED_PASSWORDS_FILE:
        return []
    path = Path(settings.BREACHED_PASSWORDS_FILE)
    try:
        faults = [*faults_of(path)]
    except OSError as error:
        faults = [f"{error.strerror}."]
    what = f"BREACHED_PASSWORDS_FILE cannot be used ({path})."
    hint = "One password a line, or the SHA-1 list of Have I Been Pwned, sorted by hash."
    return [Error(f"{what} {fault}", hint=hint, id="accounts.E001") for fault in faults]


def faults_of(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        first = file.readline(1000)
        if not first.strip():
            yield "Its first line is empty."
        elif b"\0" in first or first.startswith((b"\x1f\x8b", b"PK\x03\x04", b"7z\xbc\xaf")):
            yield "It is no text."
        elif _OTHER_HASH.fullmatch(first):
            yield "Its hashes are not SHA-1."
        elif _HASH.fullmatch(first):
            size = file.seek(0, os.SEEK_END)
            places = [size * number // SAMPLES for number in range(SAMPLES)]
            hashes = [hash_after(file, place) for place in places]
            if hashes != sorted(hashes):
                yield "It is not sorted by hash."
