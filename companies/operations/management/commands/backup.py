"""Write a backup of the database and of the data package, and delete expired backups."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.register.backups.folders import delete_backups
from companies.register.backups.making import back_up
from companies.register.backups.manifest import Refused

WHERE = "folder that holds the backups (BACKUP_DIR)"


class Command(BaseCommand):
    help = (
        "Writes the database, the register as text, the releases and the cited pages into a new "
        "folder of DIR (BACKUP_DIR), encrypted where BACKUP_KEY is set, then deletes the backups "
        "that are older than KEEP_BACKUPS_DAYS. Until a new one is whole, none goes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add, given = parser.add_argument, settings.BACKUP_DIR
        add("dir", type=Path, nargs="?", default=given, metavar="DIR", help=WHERE)

    def handle(self, **options: Any) -> None:
        now, folder = timezone.now(), options["dir"]
        try:
            written, manifest = back_up(folder, now)
            deleted = delete_backups(folder, now - timedelta(days=settings.KEEP_BACKUPS_DAYS))
        except Refused as error:
            raise CommandError(error) from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}.") from error
        size = sum(file.bytes for file in manifest.files) / 1_000_000
        how = "encrypted" if manifest.key else "not encrypted"
        self.stdout.write(
            f"Wrote {written} ({len(manifest.files)} files, {size:.1f} MB, {how}; "
            f"{manifest.beside}). "
            f"Expired and deleted: {', '.join(deleted) or 'none'}."
        )
