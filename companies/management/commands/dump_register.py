"""Writes the register as a data package."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.register.package import dump


class Command(BaseCommand):
    help = "Writes the register into DIR as a data package that load_register reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")

    def handle(self, *, directory: Path, **options: Any) -> None:
        files = dict(dump())
        try:
            directory.mkdir(parents=True, exist_ok=True)
            strangers = sorted(path.name for path in directory.iterdir() if path.name not in files)
            if strangers:
                raise CommandError(f"{directory} holds other files, such as {strangers[0]}.")
            for name, content in files.items():
                unfinished = directory / f".{name}.new"
                unfinished.write_bytes(content)
                unfinished.replace(directory / name)
        except OSError as error:
            raise CommandError(f"Cannot write {directory}: {error.strerror}.") from error
        self.stdout.write(f"Wrote {len(files)} files to {directory}.")
