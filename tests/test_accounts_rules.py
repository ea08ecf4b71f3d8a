"""Passwords, sessions and factors as ASVS asks for them, where no other test says so."""

import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.core.management import call_command
from django.test import Client

from tests.builders import a_company
from tests.editors import a_user, page

pytestmark = pytest.mark.django_db
PASSWORD = "  Ein Paßwort, mit Émphase 7 "
INPUT = re.compile(r'<input[^>]*name="(?:old_?|new_?)?password[12]?"[^>]*>')


def opens(password: str, name: str = "ann") -> bool:
    sent = {"login": name, "password": password}
    return Client().post("/admin/login/", sent).status_code == 302


def logged_in(**fields) -> Client:
    """A browser that typed the password just now."""
    a_user("ann", password=PASSWORD, **fields)
    client = Client()
    client.post("/admin/login/", {"login": "ann", "password": PASSWORD})
    return client


def test_a_new_database_has_no_user_account():
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        PASSWORD.strip(),
        PASSWORD.lower(),
        PASSWORD.replace("ß", "ss"),
        PASSWORD.replace("É", "E"),
        PASSWORD[:-1],
        f"{PASSWORD} ",
        PASSWORD.replace("  ", " "),
    ],
)
def test_only_the_exact_password_logs_in(typed):
    a_user("ann", password=PASSWORD)

    assert not opens(typed)
    assert opens(PASSWORD)


def test_every_character_of_a_long_password_counts():
    a_user("ann", password="mgb3 VwR9 " * 20 + "a")

    assert not opens("mgb3 VwR9 " * 20 + "b")
    assert opens("mgb3 VwR9 " * 20 + "a")


def test_a_password_that_is_years_old_still_logs_in():
    a_user(
        "ann", password=PASSWORD, date_joined="2016-01-01T00:00Z", last_login="2016-01-02T00:00Z"
    )

    assert opens(PASSWORD)


def test_password_fields_hide_their_value_and_allow_password_managers():
    root = logged_in(is_superuser=True)
    pk = User.objects.get().pk
    shown = [Client().get("/admin/login/").text]
    shown += [root.get(f"/admin/{path}").text for path in ("password_change/", "auth/user/add/")]
    shown += [root.get(f"/admin/auth/user/{pk}/password/").text]

    fields = [field for text in shown for field in INPUT.findall(text)]

    assert len(fields) >= 8
    for field in fields:
        assert 'type="password"' in field
        assert 'autocomplete="off"' not in field
        assert "onpaste" not in field
        assert "readonly" not in field


def test_every_admin_screen_has_a_logout_button():
    root, company = logged_in(is_superuser=True), a_company("Acme")
    screens = ["/admin/", "/admin/companies/company/", page(company), page(company, "history")]
    screens += ["/admin/password_change/", "/admin/second-factor/", "/fr/admin/"]

    for address in screens:
        assert 'action="/admin/logout/"' in root.get(address).text.replace("/fr/", "/"), address


def test_each_login_gets_a_new_session_key_of_more_than_128_bits():
    a_user("ann", password=PASSWORD)
    keys = set()
    for _ in range(3):
        client = Client()
        client.post("/admin/login/", {"login": "ann", "password": PASSWORD})
        keys.add(client.session.session_key)

    assert len(keys) == 3
    assert all(len(VALID_KEY_CHARS) ** len(key) > 2**128 for key in keys)


def test_the_secret_of_an_authenticator_app_has_more_than_128_random_bits():
    secrets = {generate_totp_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert all(re.fullmatch("[A-Z2-7]{26,}", secret) for secret in secrets)


def test_resetting_a_forgotten_password_keeps_the_second_factor(monkeypatch):
    user = a_user("ann", password=PASSWORD)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "A" * 32})
    asked = "accounts.passwords.getpass"
    monkeypatch.setattr(asked, lambda prompt: "a long enough password 7")

    call_command("create_editor", "ann", "--reset-password")

    sent = {"login": "ann", "password": "a long enough password 7"}
    answer = Client().post("/admin/login/", sent)
    assert answer["Location"] == "/admin/login/second-factor/"


# Of COSE: ECDSA, EdDSA, RSA with SHA-2, and ML-DSA, which outlasts quantum computers. No SHA-1.
SOUND = {-7, -35, -36, -47, -8, -37, -38, -39, -257, -258, -259, -48, -49, -50}


def test_only_current_signature_algorithms_are_accepted_from_security_keys():
    text = unescape(logged_in().get("/admin/second-factor/keys/add/").text)
    offered = {int(number) for number in re.findall(r'"alg": ?(-?\d+)', text)}

    assert {-7, -8} <= offered <= SOUND


def test_viewing_and_ending_sessions_needs_a_recent_confirmation(settings):
    settings.REQUIRE_SECOND_FACTOR = True
    editor = logged_in()
    user = User.objects.get()
    factor = Authenticator.objects.create(user=user, type="totp", data={"secret": "A" * 32})
    session = editor.session
    [record] = session["account_authentication_methods"]
    shown = record | {"method": "mfa", "id": factor.pk, "at": record["at"] - 3_600}
    session["account_authentication_methods"] = [record, shown]
    session.save()

    for path in ("", "end-others/"):
        answer = editor.post(f"/admin/accounts/loginsession/{path}")
        assert answer["Location"].startswith("/admin/confirm/code/"), path
