"""Rebuild the read table: what lists, searches and files show of every company."""

from typing import Any

from django.core.management.base import BaseCommand

from companies.register import read_table


class Command(BaseCommand):
    help = "Rebuilds the read table, which lists, searches and files are read from."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"The read table holds {read_table.rebuild()} companies.")
