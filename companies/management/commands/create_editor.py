"""Create a login for the editors' screens."""

import sys

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.passwords import give_password, password_from_terminal

ROLES = ("viewer", "editor", "reviewer", "administrator")


class Command(BaseCommand):
    help = "Creates a login for an editor. Asks for the password, which is never an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="user name")
        parser.add_argument("--email", default="", help="e-mail address of the editor")
        parser.add_argument("--role", choices=ROLES, default="editor")
        parser.add_argument("--reviewer", dest="role", action="store_const", const="reviewer")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument(
            "--reset-password", action="store_true", help="give an existing login a new password"
        )

    def handle(self, *, name: str, email: str, role: str, **options: bool) -> None:
        user = User.objects.filter(username=name).first()
        if user and not options["reset_password"]:
            raise CommandError(f"{name} has a login. --reset-password gives it a new password.")
        if options["reset_password"] and not user:
            raise CommandError(f"{name} has no login yet. Leave out --reset-password to make one.")
        new = User(username=name, email=email, is_staff=True, is_superuser=role == ROLES[-1])
        try:
            given = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
            password = password_from_terminal() if given is None else given
            give_password(editor := user or new, password)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        editor.save()
        editor.groups.add(*Group.objects.filter(name="" if user else f"{role.title()}s"))
        self.stdout.write(f"{name} {'has a new password' if user else 'can log in'}.")
