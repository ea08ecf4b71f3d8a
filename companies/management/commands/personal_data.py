"""Export or erase the data of one person, and delete data past its retention period."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from companies.register.approval.notices import send_waiting
from companies.register.personal import erasure, persons
from companies.register.personal.inventory import INVENTORY

WHO = "an e-mail address, a webhook's URL, a receipt number or a user name"


class Command(BaseCommand):
    help = "Exports or erases all data of one person, or deletes data past its retention period."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("export", help="write all data of the person as JSON").add_argument(
            "who", help=WHO
        )
        erase = verbs.add_parser("erase", help="erase the person, after asking")
        erase.add_argument("who", help=WHO)
        erase.add_argument("--yes", action="store_true", help="do not ask")
        verbs.add_parser("expire", help="delete data past the retention periods of the settings")

    def handle(self, *, verb: str, who: str = "", yes: bool = False, **options: Any) -> None:
        if verb == "expire":
            self.stdout.write(f"notices: {send_waiting()} sent late.")
            for data in filter(lambda one: one.delete, INVENTORY):
                self.stdout.write(f"{data.code}: {data.delete_over(timezone.now())} deleted.")
            return
        person = persons.find(who)
        if not person:
            raise CommandError(f"Nothing is kept of {who}. Give {WHO}.")
        if verb == "export":
            self.stdout.write(persons.as_json(person))
            return
        self.stdout.write(f"This cannot be undone. To be erased: {person}.")
        if not yes and (not sys.stdin.isatty() or input("Erase? [y/N] ").lower() != "y"):
            raise CommandError("Nothing was erased. Without a terminal, give --yes.")
        self.stdout.write("\n".join(erasure.erase(person)))
