"""Reset the second factor of an editor who lost phone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from accounts.factors import remove_factors


class Command(BaseCommand):
    help = "Removes all second factors of an editor, who adds a new one at the next login."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="user name")

    def handle(self, *, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no login {name}.")
        if not remove_factors(user):
            raise CommandError(f"{name} has no second factor.")
        self.stdout.write(f"{name} adds a new second factor at the next login.")
