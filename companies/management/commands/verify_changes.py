"""Follows the chain of changes from its start and tells where it breaks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.register.publishing import chain as changes


class Command(BaseCommand):
    help = "Checks that no change was altered, taken out or put in since it was recorded."

    def handle(self, **options: Any) -> None:
        held, broken = changes.verify(changes.in_order())
        if broken:
            raise CommandError(
                f"Change {broken.number} is not what was recorded: {broken.fault}. "
                f"The {held} before it hold."
            )
        last = changes.last_hash()
        self.stdout.write(f"All {held} changes hold. The last hash is {last}.")
