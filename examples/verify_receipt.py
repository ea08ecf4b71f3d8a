"""Check a receipt of the register without the register: verify_receipt.py RECEIPT PUBLIC_KEY

It needs Python 3.11 and the package `cryptography`. PUBLIC_KEY is what the register shows at
/.well-known/pactwatch-keys.json: note it down while you trust it. Files that the receipt names and
that lie beside it are checked too.
"""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


if len(sys.argv) != 3:
    sys.exit(__doc__.splitlines()[0])
path, trusted = Path(sys.argv[1]), sys.argv[2]
try:
    receipt = json.loads(path.read_bytes())
    key, signature, statement = receipt["key"], receipt["signature"], receipt["statement"]
    whole = {"key": trusted, "signature": bytes.fromhex(signature).hex(), "statement": statement}
    if canonical(whole) + b"\n" != path.read_bytes():
        raise ValueError("it was altered, or signed with another key")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    public.verify(bytes.fromhex(signature), canonical(statement))
    here = [name for name in statement.get("files", {}) if (path.parent / name).is_file()]
    for name in here:
        found = hashlib.sha256((path.parent / name).read_bytes()).hexdigest()
        if found != statement["files"][name]:
            raise ValueError(f"{name} is not the file that was signed")
except (InvalidSignature, OSError, ValueError, KeyError, TypeError) as error:
    sys.exit(f"Not proved: {error or 'the signature is not that of the statement'}.")
print(f"Signed by {key}; files here, all as signed: {len(here)}")
print(json.dumps(statement | {"files": here}, indent=2))
