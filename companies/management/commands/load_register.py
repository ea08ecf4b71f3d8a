"""Loads a data package into the register."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.db.models import ProtectedError

from companies.models import Company
from companies.register.package import TABLES, BrokenPackage, load

SEED = Path(__file__).parents[2] / "data"


class Command(BaseCommand):
    help = (
        "Makes the register hold what the data package in DIR states, or says what is wrong in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, default=SEED, metavar="DIR")
        parser.add_argument("--replace", action="store_true", help="remove rows DIR does not have")
        parser.add_argument("--if-empty", action="store_true", help="leave a filled register alone")

    def handle(self, *, directory: Path, replace: bool, if_empty: bool, **options: Any) -> None:
        if if_empty and (held := Company.objects.count()):
            self.stdout.write(f"The register already holds {held} companies: nothing was loaded.")
            return
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory.")
        paths = [directory / table.file for table in TABLES]
        files = {path.name: path.read_bytes() for path in paths if path.is_file()}
        try:
            loaded = load(files, replace=replace, reason="load_register")
        except BrokenPackage as error:
            raise CommandError(f"{error}\nNothing was loaded.") from error
        except (IntegrityError, ProtectedError) as error:
            raise CommandError(f"The register refused: {error}\nNothing was loaded.") from error
        self.stdout.write(str(loaded))
