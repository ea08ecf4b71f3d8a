"""Sessions end when idle, at an age, and when somebody ends them; public pages read none."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccountEvent, LoginSession

from .editors import a_login, an_editor, page, text

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/loginsession/"
PRIVATE = "/admin/jsi18n/"


def another(client, **headers):
    """Another browser in which the same account is logged in."""
    other = Client(**headers)
    other.force_login(session_of(client).account)
    return other


def session_of(client):
    return LoginSession.objects.get(session_key=client.session.session_key)


def is_logged_in(client):
    return client.get(PRIVATE).status_code == 200


def later(client, *, began=0.0, used=0.0):
    """Make the session of a client as old as these hours, as if it had been used until then."""
    session, now = client.session, timezone.now()
    from accounts import sessions

    session["_began"] = (now - datetime.timedelta(hours=began)).isoformat()
    sessions.use(session, now - datetime.timedelta(hours=used))
    session.save()


@pytest.mark.parametrize(
    ("began", "used", "alive"),
    [(1, 0, True), (8, 7.9, True), (9, 8.1, False), (23.9, 0.1, True), (24.1, 0.1, False)],
)
def test_a_session_ends_after_8_idle_hours_and_after_24_hours(began, used, alive):
    client = an_editor()
    later(client, began=began, used=used)

    assert is_logged_in(client) is alive


def test_a_stolen_cookie_is_useless_after_the_session_ended():
    client = an_editor()
    key = client.session.session_key
    later(client, began=30, used=10)
    thief = Client()
    thief.cookies["sessionid"] = key

    assert not is_logged_in(thief)


def test_a_session_expires_on_the_server_whatever_the_cookie_lifetime():
    client = an_editor()
    session = client.session
    session.set_expiry(14 * 24 * 3600)  # "remember me"
    session.save()

    assert session_of(client).expire_date < timezone.now() + datetime.timedelta(hours=8.1)


def test_the_last_use_is_written_at_most_every_five_minutes():
    client = an_editor()
    client.get(PRIVATE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(PRIVATE)
    assert not [one for one in queries if "UPDATE" in one["sql"]]

    later(client, began=1, used=0.1)
    client.get(PRIVATE)
    assert timezone.now() - session_of(client).used_at < datetime.timedelta(minutes=1)
    assert session_of(client).expire_date > timezone.now() + datetime.timedelta(hours=7.9)


def test_a_public_page_reads_no_session():
    client = an_editor()
    with CaptureQueriesContext(connection) as queries:
        client.get("/method/")

    assert "loginsession" not in str(queries.captured_queries)


def test_each_login_in_the_same_browser_gets_a_new_session_key():
    client = Client()
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    user = User.objects.create_user("ann", is_staff=True)

    client.force_login(user)
    first = client.session.session_key
    client.force_login(user)

    assert len({planted, first, client.session.session_key}) == 3
    assert LoginSession.objects.filter(account=user).count() == 1


def test_an_editor_sees_the_sessions_of_the_account_and_no_other():
    client = an_editor()
    another(client, HTTP_USER_AGENT="Browser on a phone", REMOTE_ADDR="192.0.2.9")
    a_login("root", "Reviewers")

    shown = client.get(LIST)

    assert shown.context["cl"].result_count == 2
    assert LoginSession.objects.count() == 3


def test_a_session_shows_its_device_and_ip_address_and_never_its_key():
    user = User.objects.create_user("ann", is_staff=True, password="a long enough password 7")
    client = Client(HTTP_USER_AGENT="Browser\non a phone", REMOTE_ADDR="2001:db8::9")
    client.post(
        "/admin/login/",
        {"username": "ann", "login": "ann", "password": "a long enough password 7"},
    )
    session = LoginSession.objects.get(account=user)
    assert (session.device, session.address) == ("Browser on a phone", "2001:db8::9")

    client.force_login(user)
    for address in (LIST, f"{LIST}{session_of(client).pk}/change/"):
        shown = client.get(address).content.decode()
        assert client.session.session_key not in shown
        assert session_of(client).session_data not in shown


def test_an_editor_ends_one_session():
    client = an_editor()
    other, third = another(client), another(client)

    client.post(f"{LIST}{session_of(other).pk}/delete/", {"post": "yes"})

    assert [is_logged_in(one) for one in (client, other, third)] == [True, False, True]
    [event] = AccountEvent.objects.filter(kind="session_ended")
    assert (event.account, event.by) == ("ann", "ann")


def test_an_editor_ends_all_sessions_but_this_one():
    client = an_editor()
    other = another(client)

    answer = client.post(f"{LIST}end_others/".replace("_", "-"), follow=True)

    assert "1 session ended." in text(answer)
    assert [is_logged_in(one) for one in (client, other)] == [True, False]


def test_ending_this_session_logs_out():
    client = an_editor()

    answer = client.post(f"{LIST}{session_of(client).pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert not is_logged_in(client)


def test_ending_the_session_of_another_user_needs_the_permission():
    client, other = an_editor("ann"), an_editor("bob")
    pk = session_of(other).pk

    client.post(f"{LIST}{pk}/delete/", {"post": "yes"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": pk, "post": "yes"})

    assert is_logged_in(other)


def test_an_administrator_can_end_the_sessions_of_any_user():
    root, ann, bob = a_login("root"), an_editor("ann"), an_editor("bob")
    chosen = [session_of(one).pk for one in (ann, bob)]
    shown = root.get(f"{LIST}?account__id__exact={session_of(ann).account_id}")
    assert shown.context["cl"].result_count == 1

    root.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert [is_logged_in(one) for one in (root, ann, bob)] == [True, False, False]


def test_a_new_password_ends_all_other_sessions():
    client = a_login("root")
    user = session_of(client).account
    other = another(client)
    new = {"password1": "another password 8", "password2": "another password 8"}

    client.post(f"/admin/auth/user/{user.pk}/password/", new | {"usable_password": "true"})

    assert LoginSession.objects.filter(account=user).count() == 1
    assert [is_logged_in(one) for one in (client, other)] == [True, False]


def test_deactivating_an_account_ends_its_sessions_for_good():
    client = an_editor()
    user = session_of(client).account
    for is_active in (False, True):
        user.is_active = is_active
        user.save()

    assert not is_logged_in(client)
    assert not LoginSession.objects.filter(account=user).exists()


def test_requests_with_the_session_of_a_deleted_account_do_not_fail():
    client = an_editor()
    session_of(client).account.delete()

    assert client.get(PRIVATE).status_code == 302
    assert not LoginSession.objects.exists()
    assert page(User(pk=1))
