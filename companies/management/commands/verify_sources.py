"""Fetch the cited pages that are due, and report which quotes are still there."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.register.verifying.verification import (
    DAYS,
    CannotVerify,
    Verification,
    VerifyRequest,
    summary,
)


class Command(BaseCommand):
    help = "Fetches the cited pages that are due and looks for each quote; no status changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--source", help="only this source, due or not: its public id, primary key or URL")
        add("--limit", type=int, metavar="PAGES", help="check at most this many pages")
        older = "only pages last checked this many days ago or more"
        add("--older-than", type=int, default=DAYS, metavar="DAYS", help=older)
        add("--dry-run", action="store_true", help="show what would be recorded, write nothing")

    def handle(self, **options: Any) -> None:
        wanted = {name: options[name] for name in VerifyRequest.__annotations__}
        checked = []
        try:
            run = Verification(VerifyRequest(**wanted))
            for page in run:
                self.stdout.write(str(page))
                checked.append(page)
        except CannotVerify as error:
            raise CommandError(str(error)) from error
        self.stdout.write(summary(checked, len(run.left)))
        if run.is_offline:
            raise CommandError("No host answered, nothing was noted. Is this machine connected?")
