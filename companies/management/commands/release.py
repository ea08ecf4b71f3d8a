"""Write a dated release of the register."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.register.open_data.releases import BrokenHistory, write_release


class Command(BaseCommand):
    help = (
        "Writes a release of the register into a new folder of RELEASES_DIR: its files, what "
        "changed since the last release, and their signed sums. Writes none if nothing changed."
    )

    def handle(self, **options: Any) -> None:
        try:
            release = write_release(settings.RELEASES_DIR, timezone.now())
        except BrokenHistory as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            where = error.filename or settings.RELEASES_DIR
            raise CommandError(f"{where}: {error.strerror}.") from error
        if release is None:
            self.stdout.write("Nothing changed since the last release: none was written.")
            return
        signed = "signed" if release.is_signed else "not signed, as SIGNING_KEY is not set"
        self.stdout.write(f"Wrote {release.folder} ({signed}).")
