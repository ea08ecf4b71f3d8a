"""Receipts: Ed25519-signed statements that anybody can verify without us.

A receipt is one line of canonical JSON, so that no byte of it can be altered: a statement, the
signature of the statement's own canonical JSON, and the public key. `examples/verify_receipt.py`
does the same without our code.
"""

import datetime
import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from companies.models import NO_HASH, Change

# `cryptography` is imported where it signs or verifies: no page needs it.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class ForgedReceipt(Exception):
    """A receipt, or a file that it names, was altered."""


def canonical(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def receipt_of(statement: Mapping[str, Any]) -> bytes:
    """The receipt of a statement; without a signing key its signature is null."""
    key = signature = None
    if private := _private_key():
        key = private.public_key().public_bytes_raw().hex()
        signature = private.sign(canonical(statement)).hex()
    return canonical({"key": key, "signature": signature, "statement": statement}) + b"\n"


def public_keys() -> list[str]:
    """The public keys of the register in hexadecimal, current one first."""
    private = _private_key()
    present = [private.public_key().public_bytes_raw().hex()] if private else []
    return [*present, *settings.FORMER_SIGNING_KEYS]


def _private_key() -> "Ed25519PrivateKey | None":
    if not settings.SIGNING_KEY:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SIGNING_KEY))


def statement_in(receipt: bytes, trusted: Collection[str]) -> dict[str, Any]:
    """The verified statement of a receipt signed by one of these keys. Raises ForgedReceipt."""
    try:
        content = json.loads(receipt)
        key, signature, statement = (content[name] for name in ("key", "signature", "statement"))
    except (ValueError, KeyError, TypeError) as error:
        raise ForgedReceipt("This is no receipt.") from error
    if canonical(content) + b"\n" != receipt or len(content) != 3:
        raise ForgedReceipt("This is not the form of a receipt: it was altered.")
    if key is None:
        raise ForgedReceipt("It is not signed: the server that wrote it had no key.")
    if key not in trusted:
        raise ForgedReceipt(f"It is signed with a key that is not trusted: {key}.")
    _verify(key, signature, canonical(statement))
    if bytes.fromhex(signature).hex() != signature:
        raise ForgedReceipt("The signature is not written as it was signed.")
    found: dict[str, Any] = statement
    return found


def _verify(key: str, signature: str, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise ForgedReceipt("The signature is not that of the statement.") from error


def check_files(statement: Mapping[str, Any], folder: Path) -> list[str]:
    """Verify the files that a statement names and that exist; returns their names.

    Raises ForgedReceipt.
    """
    here = [name for name in statement.get("files", {}) if (folder / name).is_file()]
    for name in here:
        if sha256_of(folder / name) != statement["files"][name]:
            raise ForgedReceipt(f"{name} is not the file that was signed.")
    return here


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def chain_head() -> dict[str, Any]:
    """The newest change; its hash covers all before it, so that nothing can be rewritten."""
    last = Change.objects.order_by("-number").first()
    if last is None:
        return {"number": 0, "hash": NO_HASH, "recorded_at": None}
    recorded = last.recorded_at.astimezone(datetime.UTC).isoformat()
    return {"number": last.number, "hash": last.hash, "recorded_at": recorded}
