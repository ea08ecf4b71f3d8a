"""Deletes the kept checks of suppliers whose 30 days are over."""

from typing import Any

from django.core.management.base import BaseCommand

from companies.register.suppliers import delete_expired


class Command(BaseCommand):
    help = "Deletes the lists of suppliers that readers kept and whose 30 days are over."

    def handle(self, **options: Any) -> None:
        number = delete_expired()
        self.stdout.write(f"Kept checks deleted: {number}.")
