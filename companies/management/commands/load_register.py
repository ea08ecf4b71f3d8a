"""Load a data package into the register."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.db.models import ProtectedError

from companies.management import SEED
from companies.models import Company, early_days
from companies.register.filling.quick_load import load_folder, preview_folder
from companies.register.package import BrokenPackage

LOADED = "load_register"


class Command(BaseCommand):
    help = "Loads the data package in DIR into the register, or lists what is wrong with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("directory", nargs="?", type=Path, default=SEED, metavar="DIR", help="a data package")
        add("--replace", action="store_true", help="delete rows that DIR does not have")
        add("--if-empty", action="store_true", help="do nothing unless the register is empty")
        add("--early", metavar="REASON", help="accept dates before a pact opened, for this reason")
        add("--dry-run", action="store_true", help="show each difference, write nothing")

    def handle(self, *, directory: Path, early: str, **options: Any) -> None:
        if options["if_empty"] and (held := Company.objects.count()):
            self.stdout.write(f"The register already holds {held} companies: nothing was loaded.")
            return
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory.")
        load_or_show = preview_folder if options["dry_run"] else load_folder
        try:
            with early_days(accepted=bool(early)):
                result = load_or_show(directory, replace=options["replace"], reason=early or LOADED)
        except BrokenPackage as error:
            raise CommandError(f"{error}\nNothing was loaded.") from error
        except (IntegrityError, ProtectedError) as error:
            raise CommandError(f"The register refused: {error}\nNothing was loaded.") from error
        self.stdout.write(str(result))
