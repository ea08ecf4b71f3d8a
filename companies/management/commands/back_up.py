"""Writes a backup of the database and of the register as text, and deletes those that expired."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.register.backups import back_up, delete_backups


class Command(BaseCommand):
    help = (
        "Writes the database and the register as text into a new folder of BACKUP_DIR, then "
        "deletes the backups that are older than KEEP_BACKUPS_DAYS. Until a new one is whole, none "
        "goes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--into", type=Path, default=settings.BACKUP_DIR, metavar="DIR")

    def handle(self, *, into: Path, **options: Any) -> None:
        now = timezone.now()
        try:
            written = back_up(into, now)
            deleted = delete_backups(into, now - timedelta(days=settings.KEEP_BACKUPS_DAYS))
        except CalledProcessError as error:
            raise CommandError(f"pg_dump failed: {error.stderr.strip()}") from error
        except OSError as error:
            raise CommandError(f"{error.filename or into}: {error.strerror}.") from error
        self.stdout.write(f"Wrote {written}. Expired and deleted: {', '.join(deleted) or 'none'}.")
