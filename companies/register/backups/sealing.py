"""Encryption of the files of a backup, part by part, so that memory stays flat.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as `age` has it: each part is
AES-256-GCM under a key of this file alone, with its number and whether it is the last in the nonce.
So a file that was cut, lengthened or put in another order does not open.
"""

from collections.abc import Iterable, Iterator
from secrets import token_bytes
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEAD = b"PactWatch sealed file 1\n"
SALT, PART, TAG = 32, 64 * 1024, 16  # bytes


class NotOpened(ValueError):
    """An encrypted file was altered, or encrypted with another key."""


def sealed(parts: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Encrypt a file in parts; `name` is needed to decrypt it."""
    salt = token_bytes(SALT)
    yield HEAD + salt
    cipher, number, waiting = _cipher(key, salt, name), 0, bytearray()
    for part in parts:
        waiting += part
        while len(waiting) > PART:
            yield cipher.encrypt(_nonce(number, is_last=False), bytes(waiting[:PART]), None)
            del waiting[:PART]
            number += 1
    yield cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), None)


def opened(file: IO[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Decrypt a file in parts. Raises NotOpened, before it yields anything altered."""
    if file.read(len(HEAD)) != HEAD:
        raise NotOpened(name)
    cipher, number = _cipher(key, file.read(SALT), name), 0
    part = file.read(PART + TAG)
    while True:
        following = file.read(PART + TAG)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), part, None)
        except (InvalidTag, ValueError) as error:
            raise NotOpened(name) from error
        if not following:
            return
        part, number = following, number + 1


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    info = f"companies.register.backups {name}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
