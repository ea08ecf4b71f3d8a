"""Verify a receipt, and the files beside it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.register.open_data.signatures import (
    ForgedReceipt,
    check_files,
    public_keys,
    statement_in,
)


class Command(BaseCommand):
    help = (
        "Checks the signature of a receipt, such as receipt.json of a release, and that the files "
        "beside it are those that were signed. Trusts the keys of SIGNING_KEY and "
        "FORMER_SIGNING_KEYS, or those given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("receipt", type=Path, metavar="FILE", help="the receipt")
        parser.add_argument("--key", action="append", help="a public key, in hexadecimal")

    def handle(self, *, receipt: Path, key: list[str] | None, **options: Any) -> None:
        try:
            statement = statement_in(receipt.read_bytes(), key or public_keys())
            here = check_files(statement, receipt.parent)
        except ForgedReceipt as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Cannot read {receipt}: {error.strerror}.") from error
        what = statement.get("release") or f"change {statement.get('number')}"
        files = statement.get("files")
        said = f" {len(here)} of its {len(files)} files are here, all as signed." if files else ""
        self.stdout.write(f"Signed: {what}.{said}")
