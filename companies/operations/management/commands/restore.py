"""Restores a backup, once all of it was checked."""

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
        "database that DATABASE_URL names. Every byte is checked first; what cannot be restored "
        "whole changes nothing."
    )
    requires_system_checks = ()  # the site may be broken

    def add_arguments(self, parser: ArgumentParser) -> None:
        told, add = "a backup, or a folder that holds some", parser.add_argument
        add("dir", type=Path, nargs="?", default=settings.BACKUP_DIR, metavar="DIR", help=told)
        add("--check", action="store_true", help="only read and check it")
        add("--replace", action="store_true", help="replace what the database holds")
        told = "take a backup without encryption although BACKUP_KEY is set"
        add("--unsealed", action="store_true", help=told)

    def handle(self, *, replace: bool, unsealed: bool, **options: Any) -> None:
        try:
            folder = whole_backup(options["dir"])
            if options["check"]:
                manifest = check(folder, unsealed=unsealed)
            else:
                manifest = restore(folder, replace=replace, unsealed=unsealed)
        except (Refused, OSError) as error:
            raise CommandError(error) from error
        done = f"{folder} is whole" if options["check"] else f"Restored {folder}"
        self.stdout.write(
            f"{done}: {manifest.site} as of {manifest.made_at}, version "
            f"{manifest.register_version}, {manifest.changes} changes, hash {manifest.last_hash}."
        )
        if not options["check"]:
            self.stdout.write("Next: manage.py migrate, then verify_changes --replay.")
