"""Forget who sent the corrections that were closed 90 days ago."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from companies.register.corrections import delete_old_emails


class Command(BaseCommand):
    help = "Delete the e-mail addresses of corrections closed 90 or more days ago."

    def handle(self, *args: Any, **options: Any) -> None:
        number = delete_old_emails(timezone.now())
        self.stdout.write(f"{number} e-mail address{'' if number == 1 else 'es'} deleted.")
