"""The command that makes a login for the editors' screens."""

import getpass
import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password 7"


@pytest.fixture
def create_editor(monkeypatch):
    """The command, with what is piped into it, and what it prints."""

    def run(name, *options, typed=f"{PASSWORD}\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        answer = io.StringIO()
        call_command("create_editor", name, "--password-stdin", *options, stdout=answer)
        return answer.getvalue()

    return run


def can_log_in(name, password=PASSWORD):
    return Client().login(username=name, password=password)


def test_an_editor_can_log_in_and_is_no_superuser(create_editor):
    assert create_editor("ann", "--email=ann@example.org") == "ann can log in.\n"

    ann = User.objects.get()
    assert can_log_in("ann")
    assert (ann.is_staff, ann.is_superuser, ann.email) == (True, False, "ann@example.org")
    assert [group.name for group in ann.groups.all()] == ["Editors"]


def test_a_reviewer_may_also_decide_proposals(create_editor):
    create_editor("rob", "--reviewer")

    assert User.objects.get().has_perm("companies.change_proposal")


def test_a_viewer_may_see_and_change_nothing(create_editor):
    create_editor("vera", "--role=viewer")

    rights = User.objects.get().get_all_permissions()
    assert "companies.view_company" in rights
    assert {one for one in rights if not one.startswith("companies.view_")} == set()


def test_an_administrator_is_a_superuser_and_no_password_makes_one(create_editor):
    create_editor("root", "--role=administrator")
    create_editor("ann")
    create_editor("ann", "--reset-password", "--role=administrator", typed="another password 8\n")

    found = User.objects.values_list("username", "is_superuser", "groups__name")
    assert {*found} == {("root", True, None), ("ann", False, "Editors")}


def test_an_existing_user_name_is_refused_and_keeps_its_password(create_editor):
    create_editor("ann")

    with pytest.raises(CommandError, match="ann has a login"):
        create_editor("ann", typed="another password 8\n")

    assert can_log_in("ann")


def test_resetting_a_password_keeps_the_group(create_editor):
    create_editor("rob", "--reviewer")

    answer = create_editor("rob", "--reset-password", typed="another password 8\n")

    assert answer == "rob has a new password.\n"
    assert can_log_in("rob", "another password 8")
    assert not can_log_in("rob")
    assert [group.name for group in User.objects.get().groups.all()] == ["Reviewers"]


def test_a_password_cannot_be_reset_where_there_is_no_login(create_editor):
    with pytest.raises(CommandError, match="ann has no login yet"):
        create_editor("ann", "--reset-password")

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "options", "typed", "message"),
    [
        ("ann", [], "", "too short"),
        ("ann", [], "\n", "too short"),
        ("ann", [], "password\n", "too common"),
        ("ann", [], "qwertyuiop12\n", "run of keys"),
        ("annabella", [], "annabella1\n", "too similar to the username"),
        ("ann ann", [], f"{PASSWORD}\n", "Enter a valid username"),
        ("a" * 151, [], f"{PASSWORD}\n", "at most 150 characters"),
        ("ann", ["--email=nowhere"], f"{PASSWORD}\n", "valid email address"),
    ],
)
def test_an_invalid_user_name_is_refused_and_no_user_is_created(
    create_editor, name, options, typed, message
):
    with pytest.raises(CommandError, match=message):
        create_editor(name, *options, typed=typed)

    assert not User.objects.exists()


def test_two_different_passwords_create_no_user(monkeypatch):
    answers = iter([PASSWORD, "another password 8"])
    monkeypatch.setattr("accounts.passwords.getpass", lambda prompt: next(answers))

    with pytest.raises(CommandError, match="The two passwords differ"):
        call_command("create_editor", "ann")

    assert not User.objects.exists()


def test_without_a_terminal_the_command_says_how_to_give_the_password(monkeypatch):
    name = "accounts.passwords.getpass"
    monkeypatch.setattr(name, getpass.fallback_getpass)  # what getpass does without one

    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("create_editor", "ann")

    assert not User.objects.exists()
