"""Deletes what is kept for a time only: lists of suppliers, and e-mails of answered corrections."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from companies.register.corrections import delete_old_emails
from companies.register.suppliers import delete_expired


class Command(BaseCommand):
    help = (
        "Deletes the lists of suppliers that readers kept and whose 30 days are over, and the "
        "e-mail addresses of corrections that were closed 90 days ago."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"Kept checks deleted: {delete_expired()}.")
        emails = delete_old_emails(timezone.now())
        self.stdout.write(f"E-mail addresses of closed corrections deleted: {emails}.")
