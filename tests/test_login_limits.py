"""Wrong passwords are limited for an account and a network, and lock nobody out elsewhere."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection
from django.shortcuts import resolve_url
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from django.utils import timezone

from accounts.limits import login_limits
from accounts.limits.limited_requests import LimitedLogins
from accounts.limits.login_limits import ATTACKED, FROM_NETWORK, ON_ACCOUNT, ON_ATTACKED
from accounts.limits.refusals import TooManyAttempts
from accounts.models import AccountEvent, LoginAttempt

from .editors import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password 7"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def ann():
    return a_user("ann", password=PASSWORD)


def log_in(password, address=HERE, name="ann", **headers):
    """What the login page answers: 302 where the password is right, 200 where it is wrong."""
    typed = {"username": name, "login": name, "password": password}
    url = resolve_url(settings.LOGIN_URL)
    return Client().post(url, typed, REMOTE_ADDR=address, **headers)


def statuses(times, address=HERE, name="ann"):
    return [log_in("wrong", address, name).status_code for _ in range(times)]


def failures(number, network=HERE, name="ann"):
    """Rows as of failures a while ago, without the failing."""
    name_hash = login_limits.hash_of(name)
    LoginAttempt.objects.bulk_create(
        LoginAttempt(name_hash=name_hash, network=network) for _ in range(number)
    )


def test_wrong_passwords_of_an_account_are_answered_with_429_after_a_few():
    assert statuses(ON_ACCOUNT + 2) == [200] * ON_ACCOUNT + [429] * 2

    answer = log_in(PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    assert answer["Cache-Control"].startswith("no-store")
    assert "no one is locked out elsewhere" in answer.content.decode()


def test_an_editor_elsewhere_is_not_locked_out():
    failures(ON_ACCOUNT)

    assert log_in(PASSWORD, ELSEWHERE).status_code == 302


def test_an_attack_from_many_networks_locks_out_nobody_who_knows_the_password():
    for number in range(ATTACKED + 1):
        failures(ON_ACCOUNT, network=f"203.0.113.{number}")

    assert log_in(PASSWORD, ELSEWHERE).status_code == 302


def test_an_unknown_network_has_fewer_attempts_at_an_attacked_account():
    failures(ATTACKED + 1, network="203.0.113.1")

    assert statuses(ON_ATTACKED + 1) == [200] * ON_ATTACKED + [429]


def test_a_network_known_to_the_account_keeps_its_attempts_during_an_attack():
    log_in(PASSWORD)
    failures(ATTACKED + 1, network="203.0.113.1")

    assert statuses(ON_ACCOUNT + 1) == [200] * ON_ACCOUNT + [429]


def test_many_names_from_one_network_are_limited_together():
    for number in range(FROM_NETWORK // ON_ACCOUNT):
        failures(ON_ACCOUNT, name=f"name{number}")

    assert statuses(1, name="another") == [429]
    assert statuses(1, ELSEWHERE, name="another") == [200]


def test_attempts_for_a_name_without_an_account_are_limited_alike():
    assert statuses(ON_ACCOUNT + 1, name="nobody") == [200] * ON_ACCOUNT + [429]


def test_spellings_of_a_user_name_count_as_the_same_account():
    for name in ("ann", "ANN", " ann", "ａｎｎ", "Ann "):
        statuses(1, name=name)

    assert statuses(1) == [429]


def test_an_ipv6_network_is_one_client():
    for number in range(ON_ACCOUNT):
        statuses(1, f"2001:db8::{number + 1}")

    assert statuses(1, "2001:db8::ffff") == [429]
    assert statuses(1, "2001:db8:0:1::1") == [200]


def test_ipv4_mapped_addresses_count_as_separate_clients():
    failures(ON_ACCOUNT)

    assert statuses(1, f"::ffff:{HERE}") == [429]
    assert statuses(1, f"::ffff:{ELSEWHERE}") == [200]


def test_a_forged_forwarding_header_changes_nothing(settings):
    for number in range(ON_ACCOUNT):
        log_in("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert log_in("wrong", HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429

    settings.BEHIND_PROXY = True
    for number in range(ON_ACCOUNT):
        log_in("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, {ELSEWHERE}")
    assert log_in("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.99, {ELSEWHERE}").status_code == 429


def test_a_correct_password_resets_the_count():
    statuses(ON_ACCOUNT - 1)
    assert log_in(PASSWORD).status_code == 302

    assert statuses(ON_ACCOUNT + 1) == [200] * ON_ACCOUNT + [429]


def test_refused_attempts_do_not_make_the_wait_longer():
    statuses(ON_ACCOUNT + 3)
    LoginAttempt.objects.update(at=timezone.now() - datetime.timedelta(minutes=14, seconds=50))

    assert int(log_in(PASSWORD)["Retry-After"]) <= 11


def test_after_a_quarter_of_an_hour_the_attempts_are_forgotten():
    failures(ON_ACCOUNT)
    LoginAttempt.objects.update(at=timezone.now() - datetime.timedelta(minutes=15, seconds=1))

    assert log_in(PASSWORD).status_code == 302


def test_many_refused_logins_are_logged_once_a_minute():
    failures(ON_ACCOUNT)
    statuses(4)

    assert AccountEvent.objects.filter(kind="refused").count() == 1


def test_an_overlong_password_is_not_hashed(settings, monkeypatch):
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.authenticate", None)

    assert log_in("x" * 257).status_code == 200


def test_second_factor_codes_are_limited_like_passwords(rf, ann):
    counted = LimitedLogins(None).process_view
    request = rf.post("/", REMOTE_ADDR=HERE)
    request.user, request.resolver_match = ann, ResolverMatch(counted, (), {}, "mfa_reauthenticate")
    failures(ON_ACCOUNT - 1)

    answers = [counted(request, None, (), {}) for _ in range(2)]

    assert answers[0] is None
    assert answers[1].status_code == 429


def test_a_login_is_refused_in_french_too():
    failures(ON_ACCOUNT)
    request = Client().post(
        "/fr" + resolve_url(settings.LOGIN_URL),
        {"username": "ann", "login": "ann", "password": "wrong"},
        REMOTE_ADDR=HERE,
    )

    assert "Trop de tentatives de connexion" in request.content.decode()


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="threads cannot share SQLite in memory; files lock alike"
)
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_simultaneous_attempts_do_not_exceed_the_limit():
    def guess(number):
        request = RequestFactory().post("/", REMOTE_ADDR=HERE)
        try:
            return authenticate(request, username="ann", password="wrong")
        except TooManyAttempts:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(guess, range(16))]

    assert 1 <= answers.count(None) <= ON_ACCOUNT
    assert LoginAttempt.objects.count() == answers.count(None)
