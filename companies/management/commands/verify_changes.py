"""Verify the chain of changes, and the rows that are computed from the periods."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.register import implied_pledges, read_table
from companies.register.publishing import chain, replay

SHOWN = 10  # differences


class Command(BaseCommand):
    help = (
        "Checks that no change was altered, taken out or put in since it was recorded, and that "
        "the pledges are those that the periods imply."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--replay", action="store_true", help="also replay the changes and compare the register"
        )

    def handle(self, **options: Any) -> None:
        held, broken = chain.verify(chain.in_order())
        if broken:
            raise CommandError(
                f"Change {broken.number} is not what was recorded: {broken.fault}. "
                f"The {held} before it hold."
            )
        self.stdout.write(f"All {held} changes hold. The last hash is {chain.last_hash()}.")
        if faults := list(implied_pledges.faults()):
            raise CommandError("\n".join(["Pledges are not as the periods imply:", *faults]))
        self.stdout.write("The pledges are those that the periods imply.")
        if faults := list(read_table.faults()):
            message = "The read table differs; rebuild_read_table rewrites it:"
            raise CommandError("\n".join([message, *faults[:SHOWN]]))
        if options["replay"]:
            self.replay()

    def replay(self) -> None:
        if found := replay.differences(chain.in_order()):
            message = f"Replayed, the changes do not give the register ({len(found)} differences):"
            raise CommandError("\n".join([message, *found[:SHOWN]]))
        self.stdout.write("Replayed, they give the register as it is.")
