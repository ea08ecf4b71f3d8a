"""Makes a login for the editors' screens."""

import sys
from argparse import ArgumentParser
from getpass import getpass

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Makes a login for an editor. Asks for the password, which is never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--email", default="")
        parser.add_argument("--reviewer", action="store_true", help="may also decide and delete")
        parser.add_argument("--password-stdin", action="store_true", help="read it from there")
        parser.add_argument("--reset-password", action="store_true", help="of a login there is")

    def handle(self, *, name: str, email: str, reviewer: bool, **options: bool) -> None:
        user = User.objects.filter(username=name).first()
        if user and not options["reset_password"]:
            raise CommandError(f"{name} has a login. --reset-password gives it a new password.")
        if options["reset_password"] and not user:
            raise CommandError(f"{name} has no login yet. Leave out --reset-password to make one.")
        editor = user or User(username=name, email=email, is_staff=True)
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else _asked()
        try:
            validate_password(password, editor)
            editor.set_password(password)
            editor.full_clean()
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        editor.save()
        if not user:
            editor.groups.add(Group.objects.get(name="Reviewers" if reviewer else "Editors"))
        self.stdout.write(f"{name} {'has a new password' if user else 'can log in'}.")


def _asked() -> str:
    password = getpass("Password: ")
    return password if getpass("Once more: ") == password else ""
