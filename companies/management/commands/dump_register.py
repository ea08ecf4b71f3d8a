"""Write the register as a data package."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit_log import exported
from companies.register.package import dump, lost_rows


class Command(BaseCommand):
    help = "Writes the register into DIR as a data package that load_register reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR", help="folder to write to")
        parser.add_argument("--force", action="store_true", help="overwrite files with more rows")

    def handle(self, *, directory: Path, force: bool, **options: Any) -> None:
        files = dict(dump())
        try:
            directory.mkdir(parents=True, exist_ok=True)
            strangers = sorted(path.name for path in directory.iterdir() if path.name not in files)
            if strangers:
                raise CommandError(f"{directory} holds other files, such as {strangers[0]}.")
            if not force and (lost := lost_rows(directory, files)):
                _confirm("\n".join([f"{directory} holds more rows than would be written:", *lost]))
            for name, content in files.items():
                unfinished = directory / f".{name}.new"
                unfinished.write_bytes(content)
                unfinished.replace(directory / name)
        except OSError as error:
            raise CommandError(f"Cannot write {directory}: {error.strerror}.") from error
        exported("the register: manage.py dump_register")
        self.stdout.write(f"Wrote {len(files)} files to {directory}.")


def _confirm(what: str) -> None:
    """Ask whether to overwrite; without a terminal only `--force` does."""
    if not sys.stdin.isatty():
        raise CommandError(f"{what}\nNothing was written. To write all the same: --force")
    if input(f"{what}\nWrite all the same? Type yes: ").strip() != "yes":
        raise CommandError("Nothing was written.")
