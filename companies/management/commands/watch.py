"""Read official lists and propose the differences from the register."""

import datetime
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.models import Pact
from companies.register.review import watch


class Command(BaseCommand):
    help = "Reads the official lists that are due, or one of them, and proposes what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--pact", metavar="ID", help="only this pact's list, due or not")
        add("--file", type=Path, metavar="PAGE", help="read a saved page")
        add("--from", dest="received_from", default="", metavar="WHO", help="who provided PAGE")
        add("--date", type=_day, metavar="DAY", help="when PAGE was saved: YYYY-MM-DD")
        add("--url", help="read another address of an allowed host; of PAGE, where it is from")
        add("--partial", action="store_true", help="the list is a part: propose no removal")
        add("--accept", "--any-length", action="store_true", help="accept it despite objections")
        add("--dry-run", action="store_true", help="show what would be proposed, write nothing")

    def handle(self, **options: Any) -> None:
        wanted = {name: options[name] for name in watch.ReadingRequest.__annotations__}
        if options["pact"] and not Pact.objects.exists():
            raise CommandError("The register is empty. Run: manage.py load_register")
        try:
            readings = list(watch.readings(watch.ReadingRequest(**wanted)))
        except watch.CannotWatch as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(map(str, readings)) or "No list is due.")
        if not all(reading.is_usable for reading in readings):
            raise CommandError("A list could not be used.")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day, expected YYYY-MM-DD") from None
