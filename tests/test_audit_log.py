"""Each login, failure, change of rights and export is a row and a line that nobody alters."""

import datetime
import json
import logging

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.audit_log import record
from accounts.models import AccountEvent, LoginAttempt
from pactwatch.logs import PublicLines

from .editors import a_login, a_user, an_editor

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password 7"
LOG = "/admin/accounts/accountevent/"
Kind = AccountEvent.Kind


def log_in(name, password=PASSWORD, **headers):
    client = Client(REMOTE_ADDR="192.0.2.1", **headers)
    client.post("/admin/login/", {"username": name, "login": name, "password": password})
    return client


def told(*kinds):
    """Kind, account, who did it, and detail, oldest first."""
    events = AccountEvent.objects.filter(kind__in=kinds or Kind.values).order_by("pk")
    return [*events.values_list("kind", "account", "by", "detail")]


def test_logins_failures_and_logouts_are_logged():
    a_user("ann", password=PASSWORD)
    log_in("ann", "wrong")
    client = log_in("ann", HTTP_USER_AGENT="A browser")
    client.post("/admin/logout/")

    events = AccountEvent.objects.exclude(kind="created").order_by("pk")
    assert [one.kind for one in events] == ["failed", "logged_in", "logged_out"]
    assert {one.account for one in events} == {"ann"}
    assert {one.address for one in events} == {"192.0.2.1"}
    assert events[1].device == "A browser"


def test_an_unknown_login_name_is_not_stored(caplog):
    with caplog.at_level(logging.INFO):
        log_in("my secret password", PASSWORD)

    [event] = AccountEvent.objects.all()
    assert (event.kind, event.account, event.account_pk) == ("failed", "", None)
    kept = str([*AccountEvent.objects.values(), *LoginAttempt.objects.values()]) + caplog.text
    assert "secret" not in kept
    assert PASSWORD not in kept


def test_granting_a_permission_is_logged_with_both_users():
    root = a_login("root")
    ann = a_user("ann")
    editors = Group.objects.get(name="Editors")
    form = {
        "username": "ann",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [editors.pk],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "10:00:00",
    }

    assert root.post(f"/admin/auth/user/{ann.pk}/change/", form).status_code == 302

    assert told(Kind.RIGHTS) == [
        ("rights", "ann", "root", "is_superuser: False > True"),
        ("rights", "ann", "root", "+ group Editors"),
    ]


def test_each_way_to_change_a_permission_is_logged():
    ann, group = a_user("ann"), Group.objects.create(name="Readers")
    right = Permission.objects.get(codename="view_user")
    ann.user_permissions.add(right)
    group.permissions.set([right])
    group.user_set.add(ann)
    ann.groups.clear()
    group.user_set.add(ann)
    group.user_set.clear()
    ann.groups.set([])
    group.permissions.clear()
    right.user_set.clear()
    ann.is_staff = ann.is_active = False
    ann.save()
    group.delete()

    assert [(account, detail) for _kind, account, _by, detail in told(Kind.RIGHTS)] == [
        ("ann", "+ auth.view_user"),
        ("", "group Readers: + auth.view_user"),
        ("ann", "+ group Readers"),
        ("ann", "- group Readers"),
        ("ann", "+ group Readers"),
        ("ann", "- group Readers"),
        ("", "group Readers: - auth.view_user"),
        ("ann", "- auth.view_user"),
        ("ann", "is_active: True > False; is_staff: True > False"),
        ("", "group Readers deleted"),
    ]


def test_creating_and_deleting_accounts_is_logged_also_from_a_command(monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command("create_editor", "ann", "--password-stdin", stdout=io.StringIO())
    User.objects.get().delete()

    assert told() == [
        ("created", "ann", "", "is_active, is_staff"),
        ("rights", "ann", "", "+ group Editors"),
        ("deleted", "ann", "", ""),
    ]


def test_a_changed_password_is_logged_and_a_rehash_is_not():
    ann = a_user("ann", password=PASSWORD)
    ann.set_password("another password 8")
    ann.save(update_fields=["password"])
    ann.password = "md5$salt$0"
    ann.save(update_fields=["password"])  # as Django does at a login

    assert told(Kind.PASSWORD) == [("password", "ann", "", "")]


def test_renaming_an_account_logs_its_former_name():
    ann = a_user("ann", password=PASSWORD)
    log_in("ann")
    ann.username = "anna"
    ann.save()

    assert told(Kind.LOGGED_IN, Kind.RIGHTS) == [
        ("logged_in", "ann", "ann", ""),
        ("rights", "anna", "", "username: ann > anna"),
    ]


def test_dumping_the_register_is_logged(tmp_path):
    call_command("dump_register", tmp_path / "dump", verbosity=0)

    assert told() == [("exported", "", "", "the register: manage.py dump_register")]


def test_each_event_is_one_line_of_json_whatever_it_holds(
    caplog, django_capture_on_commit_callbacks
):
    nasty = User(pk=7, username='a\n2026 INFO pactwatch.audit: {"event":"x"}\u2028\x1b[2Jb')
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        record(Kind.RIGHTS, account=nasty, detail="one\r\ntwo\0\x85three\u202e")

    [line] = [one.getMessage() for one in caplog.records if one.name == "pactwatch.audit"]
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["detail"] == "one  two  three"
    assert "\n" not in AccountEvent.objects.get().account


def test_an_event_that_is_rolled_back_is_not_logged(caplog):
    with caplog.at_level(logging.INFO):
        record(Kind.LOGGED_OUT)

    assert "pactwatch.audit" not in caplog.text


def test_an_email_address_used_as_a_name_stays_out_of_the_log_file(
    caplog, django_capture_on_commit_callbacks
):
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        a_user("ann@example.org")

    [line] = [one for one in caplog.records if one.name == "pactwatch.audit"]
    assert PublicLines().filter(line)
    assert json.loads(line.getMessage())["account"] == "…@…"
    assert told() == [("created", "ann@example.org", "", "is_active, is_staff")]


def test_administrators_read_the_log_by_event_and_account_and_change_nothing():
    root = a_login("root")
    an_editor("ann")
    shown = root.get(f"{LOG}?kind__exact=logged_in&q=ann")
    assert shown.context["cl"].result_count == 1

    event = AccountEvent.objects.first()
    assert root.get(f"{LOG}{event.pk}/change/").status_code == 200
    assert [
        root.post(f"{LOG}{path}").status_code
        for path in ("add/", f"{event.pk}/change/", f"{event.pk}/delete/")
    ] == [403, 403, 403]
    assert root.get(f"{LOG}?detail__regex=x").status_code in (302, 400)


def test_editors_do_not_read_the_log():
    assert an_editor().get(LOG).status_code == 403


def test_events_are_deleted_after_their_retention_period(settings, capsys):
    settings.AUDIT_LOG_DAYS = 30
    for days in (29, 31):
        at = timezone.now() - datetime.timedelta(days=days)
        AccountEvent.objects.create(kind=Kind.LOGGED_IN, at=at)

    call_command("personal_data", "expire")

    assert AccountEvent.objects.count() == 1
    assert "activity: 1 deleted." in capsys.readouterr().out
