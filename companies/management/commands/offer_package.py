"""Propose the changes of the shipped data package to reviewers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.management import SEED
from companies.register.package import TABLES, BrokenPackage
from companies.register.package.offers import offer


class Command(BaseCommand):
    help = (
        "Compares companies/data with what it held when this was last run, and proposes the "
        "difference: nothing is changed until a reviewer applies a proposal in the admin."
    )

    def handle(self, **options: Any) -> None:
        paths = [SEED / table.file for table in TABLES]
        files = {path.name: path.read_bytes() for path in paths if path.is_file()}
        try:
            made = offer(files)
        except BrokenPackage as error:
            raise CommandError(f"{error}\nNothing was offered.") from error
        unchanged = "The register's own package is as it was: nothing to review."
        self.stdout.write(str(made or unchanged))
