"""Restore a backup, after checking all of it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from companies.register.backups.manifest import Refused, check, whole_backup
from companies.register.backups.restoring import restore


class Command(BaseCommand):
    help = (
        "Restores a backup, or the newest in a folder of backups (BACKUP_DIR), into the empty "
        "database that DATABASE_URL names, and the releases and cited pages that are not in "
        "RELEASES_DIR and KEPT_PAGES_DIR. Every byte is checked first; a database that cannot be "
        "restored whole stays as it is."
    )
    requires_system_checks = ()  # the site may be broken

    def add_arguments(self, parser: ArgumentParser) -> None:
        explained, add = "a backup, or a folder that holds some", parser.add_argument
        add("dir", type=Path, nargs="?", default=settings.BACKUP_DIR, metavar="DIR", help=explained)
        add("--check", action="store_true", help="only verify the backup")
        add("--replace", action="store_true", help="replace the contents of the database")
        explained = "take a backup without encryption although BACKUP_KEY is set"
        add("--unsealed", action="store_true", help=explained)

    def handle(self, *, replace: bool, unsealed: bool, **options: Any) -> None:
        try:
            folder = whole_backup(options["dir"])
            if options["check"]:
                lines = [f"{folder} is whole: {check(folder, unsealed=unsealed).in_words}"]
            else:
                lines = restore(folder, replace=replace, unsealed=unsealed)
        except Refused as error:
            raise CommandError(error) from error
        except OSError as error:
            where = error.filename or "The database's folder, RELEASES_DIR or KEPT_PAGES_DIR"
            raise CommandError(f"{where}: {error.strerror}.") from error
        self.stdout.write("\n".join(lines))
