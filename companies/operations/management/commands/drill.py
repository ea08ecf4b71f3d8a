"""Restore a backup to an empty database and compare it with its data package."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.register.backups.drilling import drill
from companies.register.backups.manifest import Refused
from tools.postgres import PostgresMissing, throwaway_postgres


class Command(BaseCommand):
    help = (
        "Restores a backup (DIR, or one made now) in an empty database, loads its data package in "
        "one of the other kind, compares the dumps byte for byte and verifies the chain of "
        "changes. The register itself is only read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        explained = "a backup, or a folder that holds some; without it, one is made"
        parser.add_argument("dir", type=Path, nargs="?", metavar="DIR", help=explained)
        explained = (
            "an empty PostgreSQL to restore into, instead of one that is started for the drill"
        )
        parser.add_argument("--into", metavar="URL", help=explained)

    def handle(self, **options: Any) -> None:
        with ExitStack() as stack:
            url = options["into"]
            try:
                url = url or stack.enter_context(throwaway_postgres())
            except PostgresMissing as missing:
                self.stdout.write(f"Without PostgreSQL: {missing}.")
            try:
                drill(options["dir"], url, self.stdout.write)
            except Refused as error:
                raise CommandError(error) from error
            except OSError as error:
                where = error.filename or "The temporary folder"
                raise CommandError(f"{where}: {error.strerror}.") from error
