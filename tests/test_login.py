"""Logging in at the one door there is, with a second factor."""

import hmac
import re
import struct
import time
from base64 import b32decode, urlsafe_b64encode
from hashlib import sha1, sha256

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from fido2 import cbor

from accounts.enrolment import RequireSecondFactor
from accounts.urls import entrance, urlpatterns

from .builders import a_company
from .editors import a_login, a_user, an_editor, text

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password 7"
LOGIN, DESK, FACTORS = "/admin/login/", "/admin/", "/admin/second-factor/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def factor_required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def code_of(secret):
    """The six digits an app shows (RFC 6238)."""
    moment = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(b32decode(secret), moment, sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


# A public key (COSE, ES256) whose point is not on the curve: it verifies nothing.
PUBLIC = cbor.encode({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})


def encoded(content):
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def ann(**fields):
    return a_user("ann", password=PASSWORD, **fields)


def with_app(user):
    return Authenticator.objects.create(user=user, type="totp", data={"secret": SECRET})


def log_in(name="ann", password=PASSWORD, client=None, **fields):
    client = client or Client()
    return client, client.post(LOGIN, {"login": name, "password": password, **fields})


def leads_to(response):
    assert response.status_code == 302
    return response["Location"]


def a_key(user):
    """A row as allauth keeps it, of a key that nobody has."""
    auth_data = sha256(b"testserver").digest() + b"A" + bytes(4) + bytes(16) + b"\0\1k" + PUBLIC
    attestation = {"fmt": "none", "attStmt": {}, "authData": auth_data}
    client = b'{"type": "webauthn.create", "challenge": "", "origin": "https://testserver"}'
    response = {"clientDataJSON": encoded(client)}
    response["attestationObject"] = encoded(cbor.encode(attestation))
    answer = {"id": "aw", "rawId": "aw", "type": "public-key", "response": response}
    data = {"name": "k", "credential": answer}
    return Authenticator.objects.create(user=user, type="webauthn", data=data)


def with_codes(user):
    seed = {"seed": "a" * 80, "used_mask": 0, "viewed_at": 1}
    return Authenticator.objects.create(user=user, type="recovery_codes", data=seed)


def long_ago(client):
    """Make what the session of this browser has shown an hour old."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3_600
    session.save()


# One door


def test_an_editor_logs_in_and_reaches_the_requested_page():
    ann()
    start = leads_to(Client().get("/admin/companies/company/"))

    _, response = log_in(next="/admin/companies/company/")

    assert start == "/admin/login/?next=/admin/companies/company/"
    assert leads_to(response) == "/admin/companies/company/"


def test_an_editor_may_log_in_with_an_e_mail():
    ann(email="Ann@example.org")

    assert leads_to(log_in("ann@example.org")[1]) == DESK


def test_an_e_mail_address_shared_by_two_accounts_logs_in_to_neither():
    ann(email="office@example.org")
    a_user("bob", password=PASSWORD, email="office@example.org")

    assert log_in("office@example.org")[1].status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "http:evil.example",
        "https://localhost/admin/",  # one of ALLOWED_HOSTS, and yet not this one
        "javascript:alert(1)",
        "/\\evil.example",
        "http://[",
        "\x00",
    ],
)
def test_a_login_redirect_to_another_site_leads_to_the_desk_instead(address):
    ann()
    _client, response = log_in(next=address)

    assert leads_to(response) == DESK


def test_the_language_of_the_login_page_follows_its_url():
    page = Client().get("/fr/admin/login/").content.decode()

    assert '<html lang="fr">' in page
    assert "Mot de passe" in page


def test_logging_out_ends_the_session():
    ann()
    client, _ = log_in()

    assert client.get("/admin/logout/").status_code == 200
    assert leads_to(client.post("/admin/logout/")) == LOGIN
    assert leads_to(client.get(DESK)) == "/admin/login/?next=/admin/"


def test_a_new_password_needs_the_old_one_and_ends_other_sessions():
    ann()
    (client, _), (other, _) = log_in(), log_in()
    new = {"password1": "another password 8", "password2": "another password 8"}
    address = "/admin/password_change/"

    assert client.post(address, {"oldpassword": "wrong", **new}).status_code == 200
    assert leads_to(client.post(address, {"oldpassword": PASSWORD, **new})) == DESK

    assert client.get(DESK).status_code == 200
    assert leads_to(other.get(DESK)).startswith(LOGIN)


def urls(resolver=None, prefix=""):
    """Every URL of the site with its pattern."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from urls(one, prefix + str(one.pattern))
        else:
            yield prefix + str(one.pattern), one


def concrete(route):
    return "/" + re.sub(r"<[^>]+>", "1", route).replace("^", "").replace("$", "")


def test_the_login_and_password_views_of_django_admin_are_not_reachable():
    own = ("login", "password_change")
    for route, pattern in urls():
        if route.startswith("admin/") and pattern.name in own:
            found = get_resolver().resolve(concrete(route))
            assert not found.func.__module__.startswith("django.contrib.admin"), route
            assert found.url_name.startswith("account_")


NOT_OFFERED = """
signup/ email/ inactive/ password/set/ password/reset/ password/reset/key/1-a/ login/code/
confirm-email/ confirm/by-mail/ social/connections/ 3rdparty/ signup/passkey/ trust/
second-factor/codes/download/ second-factor/trust/ login/webauthn/
"""


@pytest.mark.parametrize("path", NOT_OFFERED.split())
def test_unused_allauth_urls_are_404(path):
    editor = an_editor()

    for start in ("/admin/", "/accounts/", "/account/", "/"):
        assert editor.get(start + path).status_code == 404


# Who is told what


def test_an_unknown_user_name_gets_the_same_answer_as_a_wrong_password():
    ann(email="ann@example.org")
    a_user("gone", password=PASSWORD, is_active=False)
    User.objects.create_user("reader", password=PASSWORD)
    tried = [("ann", "wrong"), ("nobody", "wrong"), ("ann@example.org", "wrong")]
    tried += [("gone", PASSWORD), ("gone", "wrong"), ("reader", PASSWORD), ("x@example.org", "x")]

    answers = [text(log_in(name, password)[1]) for name, password in tried]

    assert len({*answers}) == 1
    assert "The user name or the password is wrong." in answers[0]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", PASSWORD),
        ("ann", "wrong"),
        ("nobody", "wrong"),
        ("ann@example.org", "wrong"),
        ("nobody@example.org", "wrong"),
        ("gone", "wrong"),
        ("no-password", "wrong"),
    ],
)
def test_each_login_attempt_hashes_exactly_one_password(name, password, monkeypatch):
    """What takes the time of a login is the hash."""
    ann(email="ann@example.org")
    a_user("gone", password=PASSWORD, is_active=False)
    a_user("no-password")
    hashed, hasher = [], "django.contrib.auth.hashers.MD5PasswordHasher"
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(f"{hasher}.encode", lambda *a: hashed.append(a) or encode(*a))

    log_in(name, password)

    assert len(hashed) == 1


# The second factor: an account without one, an old session, a fresh login


def test_an_account_without_a_second_factor_must_add_one_first(factor_required, monkeypatch):
    # The transaction around a test is never committed.
    monkeypatch.setattr("django.db.transaction.on_commit", lambda do: do())
    ann()
    client, response = log_in(next=DESK)

    assert leads_to(response) == DESK
    assert leads_to(client.get("/admin/companies/company/")) == (
        "/admin/second-factor/?next=/admin/companies/company/"
    )
    assert "add a second factor" in text(client.get(FACTORS))
    page = client.get("/admin/second-factor/app/")
    secret = client.session["mfa.totp.secret"]
    assert secret in text(page)
    added = client.post("/admin/second-factor/app/", {"code": code_of(secret)})
    assert leads_to(added) == "/admin/second-factor/codes/"
    assert client.get(DESK).status_code == 200
    shown = [text(client.get("/admin/second-factor/codes/")) for _ in range(2)]
    assert [len(re.findall(r"\b\d{8}\b", page)) for page in shown] == [10, 0]


def test_a_session_without_a_second_factor_confirms_its_password_before_adding_one(factor_required):
    client = Client()
    client.force_login(ann())

    assert leads_to(client.get(DESK)) == "/admin/second-factor/?next=/admin/"
    asked = leads_to(client.get("/admin/second-factor/app/"))
    assert asked == "/admin/confirm/?next=/admin/second-factor/app/"
    assert leads_to(client.post(asked, {"password": PASSWORD})) == "/admin/second-factor/app/"
    assert client.get("/admin/second-factor/app/").status_code == 200


@pytest.mark.parametrize("path", ["", "companies/company/", "password_change/", "second-factor/"])
def test_a_session_without_a_verified_second_factor_is_asked_for_it(path, factor_required):
    user = ann()
    client, _ = log_in()
    with_app(user)

    asked = leads_to(client.get(DESK + path))

    assert asked == f"/admin/confirm/code/?next={DESK}{path}"
    # The password, which it knows already, does not help.
    assert leads_to(client.post("/admin/confirm/", {"password": PASSWORD})).startswith(
        "/admin/confirm/code/"
    )
    assert leads_to(client.get(DESK)).startswith("/admin/confirm/code/")
    assert leads_to(client.post(asked, {"code": code_of(SECRET)})) == DESK + path
    assert client.get(DESK).status_code == 200


def test_a_session_whose_second_factor_was_removed_is_asked_for_another(factor_required):
    user = ann()
    factor = with_app(user)
    client, _ = log_in()
    client.post("/admin/login/second-factor/", {"code": code_of(SECRET)})
    assert client.get(DESK).status_code == 200

    factor.delete()
    with_app(user)

    assert leads_to(client.get(DESK)).startswith("/admin/confirm/code/")


def test_the_second_factor_is_asked_before_the_user_is_logged_in(factor_required):
    with_app(ann())
    client, response = log_in(next="/admin/companies/company/")

    assert leads_to(response) == "/admin/login/second-factor/"
    assert leads_to(client.get(DESK)) == "/admin/login/?next=/admin/"
    wrong = client.post("/admin/login/second-factor/", {"code": "000000"})
    assert "Incorrect code." in text(wrong)
    right = client.post("/admin/login/second-factor/", {"code": code_of(SECRET)})
    assert leads_to(right) == "/admin/companies/company/"
    assert client.get(DESK).status_code == 200


def test_an_account_with_a_second_factor_uses_it_even_when_not_required():
    with_app(ann())
    client, response = log_in()

    assert leads_to(response) == "/admin/login/second-factor/"
    assert leads_to(client.get(DESK)).startswith(LOGIN)


@pytest.mark.database
def test_a_one_time_code_works_once():
    with_app(ann())
    code = code_of(SECRET)
    (first, _), (second, _) = log_in(), log_in()

    assert leads_to(first.post("/admin/login/second-factor/", {"code": code})) == DESK
    cache.clear()  # as in another process
    assert second.post("/admin/login/second-factor/", {"code": code}).status_code == 200


@pytest.mark.database
def test_a_recovery_code_works_once(factor_required):
    user = ann()
    with_app(user)
    code = with_codes(user).wrap().get_unused_codes()[0]
    (first, _), (second, _) = log_in(), log_in()

    assert leads_to(first.post("/admin/login/second-factor/", {"code": code})) == DESK
    assert first.get(DESK).status_code == 200
    assert second.post("/admin/login/second-factor/", {"code": code}).status_code == 200


def test_the_sixth_wrong_code_in_a_row_is_refused_unchecked():
    with_app(ann())
    client, _ = log_in()
    for _ in range(5):
        client.post("/admin/login/second-factor/", {"code": "000000"})

    answer = client.post("/admin/login/second-factor/", {"code": code_of(SECRET)})

    assert "Too many passwords or codes were wrong" in text(answer)


def test_too_many_password_changes_are_answered_with_an_error_page():
    ann()
    client, _ = log_in()
    answers = [client.post("/admin/password_change/", {"oldpassword": "x"}) for _ in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert "Too many attempts" in text(answers[-1])


def test_every_admin_url_needs_the_second_factor(factor_required, rf):
    request = rf.get("/")
    request.user, request.session = ann(is_superuser=True), {}
    asked = RequireSecondFactor(None).process_view
    ours = {str(f"admin/{one.pattern}") for one in urlpatterns}
    routes = {route for route, _ in urls() if route.startswith("admin/")} - ours
    opened = []

    for route in routes:
        request.resolver_match = get_resolver().resolve(concrete(route))
        if asked(request, None, (), {}) is None:
            opened.append(route)

    assert len(routes) > 100
    assert opened == []


def test_an_account_without_editing_rights_gets_a_403_instead_of_a_redirect_loop():
    client = Client()
    client.force_login(User.objects.create_user("reader"))

    assert client.get(DESK).status_code == 403
    assert leads_to(client.post("/admin/logout/")) == LOGIN


# Confirming


def a_proven_login(user):
    """A browser in which a user has just logged in with password and code."""
    with_app(user)
    client, _ = log_in(user.username)
    client.post("/admin/login/second-factor/", {"code": code_of(SECRET)})
    return client


CHANGING = """
auth/user/ auth/user/add/ auth/user/1/password/ auth/group/add/ password_change/
second-factor/keys/add/ second-factor/app/remove/ second-factor/codes/new/
"""


@pytest.mark.parametrize("path", CHANGING.split())
def test_changing_permissions_passwords_or_factors_needs_a_recent_confirmation(
    path, factor_required
):
    user = ann(is_superuser=True)
    client = a_proven_login(user)
    path = path.replace("/1/", f"/{user.pk}/")
    assert client.get(DESK + path).status_code == 200

    long_ago(client)

    for answer in (client.get(DESK + path), client.post(DESK + path, {"password1": "secret"})):
        assert leads_to(answer).startswith("/admin/confirm/code/?next=")
    assert "secret" not in str(dict(client.session))
    assert client.get(DESK).status_code == 200


def test_removing_the_only_second_factor_leads_to_adding_one(factor_required):
    client = a_proven_login(ann())

    assert leads_to(client.post("/admin/second-factor/app/remove/")) == FACTORS

    assert not Authenticator.objects.exists()
    assert leads_to(client.get(DESK)) == "/admin/second-factor/?next=/admin/"


# A lost phone


def test_a_command_resets_the_second_factor_of_an_editor(factor_required, capsys):
    user = ann()
    with_app(user)
    with_codes(user)

    call_command("reset_second_factor", "ann")

    assert capsys.readouterr().out == "ann adds a new second factor at the next login.\n"
    client, response = log_in()
    assert leads_to(response) == DESK
    assert leads_to(client.get(DESK)) == "/admin/second-factor/?next=/admin/"
    for name, message in (("ann", "has no second factor"), ("bob", "no login bob")):
        with pytest.raises(CommandError, match=message):
            call_command("reset_second_factor", name)


def test_an_administrator_resets_the_second_factor_of_an_editor():
    user = ann()
    with_app(user)
    root = a_login("root")
    chosen = {"action": "reset_second_factor", "_selected_action": [user.pk]}

    page = root.post("/admin/auth/user/", chosen, follow=True)

    assert "1 account must set up a second factor at the next login." in text(page)
    assert not Authenticator.objects.exists()


def test_no_admin_screen_shows_the_secret_of_a_second_factor():
    models = {model._meta.label for model in admin.site._registry}

    assert not {"mfa.Authenticator", "account.EmailAddress"} & models


# Hostile input

LONG = "a" * 100_000
HOSTILE = [
    {},
    {"login": "\0", "password": "\0", "code": "\0", "name": "\0", "next": "\0"},
    {"login": LONG, "password": "x"},
    {"login": "ann", "password": LONG},
    {"oldpassword": LONG, "password1": LONG, "password2": LONG},
    {"login": ["ann", "bob"], "password": ["x", "y"], "code": ["1", "2"]},
    {"code": "\u0661\u0662\u0663\u0664\u0665\u0666"},
    {"code": LONG},
    {"login": "ann", "password": "x", "next": "http://[" + "a" * 3_000},
]
ANSWERS = [
    "",
    "null",
    "5",
    "[]",
    "{}",
    '"x"',
    "NaN",
    "9" * 5_000,
    "[" * 40_000,
    '{"a":' * 5_000,
    "{",
    "\0",
    "\u00e9",
    '{"id": "\\u0000"}',
    '{"id": 1, "rawId": 1, "response": 1, "type": 1}',
    '{"id": "a", "rawId": "a", "response": {}, "type": "public-key"}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA", '
    '"attestationObject": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30", '
    '"attestationObject": "oA", "authenticatorData": "' + "A" * 50 + '", "signature": "AAAA"}}',
    "A" * 60_000,
]


def pages():
    return [concrete(f"admin/{one.pattern}") for one in urlpatterns]


def opened(who):
    user = ann()
    if who == "an editor":
        return a_proven_login(user)
    client = Client()
    if who == "half-way":
        with_app(user)
        log_in(client=client)
    return client


def faulty(client, path, forms):
    """The forms that a page answers with an error of ours."""
    client.get(path)  # as a browser would, which begins the ceremony of a key
    for sent in forms:
        if client.post(path, sent).status_code >= 500:
            yield path, str(sent)[:80]


@pytest.mark.parametrize("who", ["a stranger", pytest.param("an editor", marks=pytest.mark.long)])
def test_hostile_input_breaks_no_login_form(who, factor_required):
    client = opened(who)
    reached = entrance if who == "a stranger" else urlpatterns

    for page in (concrete(f"admin/{one.pattern}") for one in reached):
        if page != "/admin/logout/":
            assert [*faulty(client, page, HOSTILE)] == []


@pytest.mark.database
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("an editor", "/admin/second-factor/keys/add/"),
        pytest.param("half-way", "/admin/login/second-factor/", marks=pytest.mark.long),
        pytest.param("an editor", "/admin/confirm/key/", marks=pytest.mark.long),
    ],
)
def test_hostile_security_key_responses_break_no_page(who, path, factor_required):
    client = opened(who)
    if path == "/admin/confirm/key/":
        a_key(User.objects.get())

    assert [*faulty(client, path, ({"credential": one, "name": "k"} for one in ANSWERS))] == []


@pytest.mark.parametrize("name", ["login", "password", "oldpassword", "code", "next", "name"])
def test_a_field_that_is_too_long_is_refused_before_it_is_hashed(name):
    answer = Client().post(LOGIN, {"login": "ann", "password": "x", name: "a" * 1_001})

    assert answer.status_code == 400


def test_a_json_login_is_answered_with_the_html_form():
    json = {"content_type": "application/json", "headers": {"accept": "application/json"}}

    answer = Client().post(LOGIN, {"login": "ann", "password": "x"}, **json)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")


# Readers


def test_a_public_page_reads_no_session_and_sets_no_cookie(django_assert_num_queries):
    a_company("Acme")
    browser = Client()
    browser.get("/companies/acme/")
    cache.clear()
    with CaptureQueriesContext(connection) as before:
        browser.get("/companies/acme/")
    editor = an_editor()
    cache.clear()

    with CaptureQueriesContext(connection) as queries:
        answer = editor.get("/companies/acme/")

    assert not answer.cookies
    assert len(queries) == len(before)
    tables = ("django_session", "auth_user", "mfa_authenticator", "account_emailaddress")
    assert not [one["sql"] for one in queries if any(table in one["sql"] for table in tables)]
