"""What may be a password, how it is hashed, and that hashing cannot hold up the site."""

import hashlib
import threading

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from accounts import passwords
from accounts.limits import hashers
from accounts.limits.refusals import HasherBusy

HASHERS = ["accounts.limits.hashers.BoundedArgon2", "accounts.limits.hashers.BoundedPBKDF2"]


def faults(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "a long enough password 7",
        "correct horse battery staple",
        "mgb3 VwR9 qt7k",
        "839205617448",  # any composition
        "ТРИ слова и пятно",
        "🐙🦑🦐🦞🦀🐡🐠🐟🐬🐳🐋🦈",
        "x9" + "ab7kQ" * 4 + "zz-13 lorem",
        "q" * 3 + "w8fj2 lk4 qmx7",
    ],
)
def test_a_password_in_any_script_is_accepted(password):
    assert faults(password) == set()


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "abcabcabcabcabc",
        "123412341234",
        "qwertyuiop12",
        "QWERTYUIOPas",
        "azertyuiop12",
        "qwertzuiop12",
        "poiuytrewq21",
        "abcdefghijkl",
        "lkjihgfedcba",
        "1234567890ab",
        "1qaz2wsx3edc",
        "asdfghjkl123",
        "!@#$%^&*()!@",
        "PactWatch2026",
        "pactwatch-pactwatch",
        "pactwatch1234",
        "testserver99",
        "passwordpassword",
        "passwordpassword1",
        "password12345",
        "sunshine2026!!",
        "аааааааааааа",
    ],
)
def test_a_password_with_an_obvious_pattern_is_refused(password):
    assert "password_pattern" in faults(password)


def test_a_password_has_12_to_256_characters():
    word = "mgb3VwR9qt7kZ"

    assert faults(word[:11]) >= {"password_too_short"}
    assert faults(word[:12]) == set()
    assert faults(word * 20) >= {"password_too_long"}


def test_a_password_similar_to_the_user_name_is_refused():
    assert "password_too_similar" in faults("annabella.prati", User(username="annabella.pratt"))


# Breached passwords

WORDS = ["tr0ub4dor and three", "møøse bite 1975", "horse battery staple!"]


def digest(word):
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def a_list_of_hashes(words=WORDS, ending="\r\n", others=500):
    hashes = {digest(word) for word in words} | {digest(str(n)) for n in range(others)}
    return ending.join(f"{one}:{n}" for n, one in enumerate(sorted(hashes)))


@pytest.fixture
def listed(tmp_path, settings):
    """Name a file of breached passwords with this text."""

    def write(text):
        path = tmp_path / "breached.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        settings.BREACHED_PASSWORDS_FILE = str(path)
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(WORDS),
        "\r\n".join([*WORDS, ""]),
        a_list_of_hashes(),
        a_list_of_hashes(ending="\n") + "\n",
        a_list_of_hashes().lower(),
        a_list_of_hashes(others=0),
    ],
    ids=["words", "words with CRLF", "hashes", "with LF", "in small letters", "three hashes"],
)
def test_a_breached_password_is_refused_and_another_is_not(listed, text):
    listed(text)

    assert [faults(word) for word in WORDS] == [{"password_breached"}] * 3
    assert faults("not on any list 31") == set()
    assert passwords.check_breached_passwords() == []


def test_every_hash_in_a_list_of_breached_passwords_is_found(listed):
    path = listed(a_list_of_hashes([], others=300))

    assert all(passwords.is_breached(str(n), path) for n in range(300))
    assert not any(passwords.is_breached(str(n), path) for n in range(300, 600))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"\x1f\x8b\x08" + b"x" * 50,
        b"PK\x03\x04" + b"x" * 50,
        "\n".join("0" * 31 + str(n) for n in range(9)),
        "\n".join(reversed(a_list_of_hashes(ending="\n").splitlines())),
    ],
    ids=["empty", "blank", "gzip", "zip", "NTLM hashes", "sorted by count"],
)
def test_a_malformed_list_of_breached_passwords_fails_the_system_check(listed, text):
    listed(text)

    assert [error.id for error in passwords.check_breached_passwords()] == ["accounts.E001"]


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_an_unreadable_list_of_breached_passwords_is_an_error_and_no_password_is_set(
    tmp_path, settings, name
):
    settings.BREACHED_PASSWORDS_FILE = str(tmp_path / name)

    assert [error.id for error in passwords.check_breached_passwords()] == ["accounts.E001"]
    assert faults("not on any list 31") == {"password_list_missing"}


# Hashes


@override_settings(PASSWORD_HASHERS=HASHERS)
def test_passwords_are_hashed_with_argon2id():
    assert make_password("a long enough password 7").startswith(
        "argon2$argon2id$v=19$m=47104,t=1,p=1$"
    )


@pytest.mark.django_db
def test_an_outdated_password_hash_is_replaced_at_the_next_login(settings, monkeypatch):
    monkeypatch.setattr(hashers.BoundedPBKDF2, "iterations", 1000)
    settings.PASSWORD_HASHERS = HASHERS[::-1]
    user = User.objects.create_user("ann", password="a long enough password 7")
    settings.PASSWORD_HASHERS = HASHERS

    assert Client().login(username="ann", password="a long enough password 7")

    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "argon2"
    assert check_password("a long enough password 7", user.password)


def test_passwords_are_hashed_one_at_a_time_with_one_waiting():
    hashing, done = threading.Event(), threading.Event()

    def hash_slowly():
        with hashers.one_at_a_time():
            hashing.set()
            done.wait(5)

    first, second = (threading.Thread(target=hash_slowly) for _ in range(2))
    first.start()
    hashing.wait(5)
    second.start()
    while hashers._admitted._value:
        done.wait(0.001)
    try:
        with pytest.raises(HasherBusy), hashers.one_at_a_time():
            pass
    finally:
        done.set()
        first.join()
        second.join()
    with hashers.one_at_a_time():
        pass


@pytest.mark.django_db
def test_a_login_while_passwords_are_hashed_is_answered_with_503_and_not_counted(monkeypatch):
    from accounts.models import LoginAttempt

    def busy(*arguments):
        raise HasherBusy

    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.authenticate", busy)
    typed = {"username": "ann", "login": "ann", "password": "a long enough password 7"}

    answer = Client().post("/admin/login/", typed)

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert not LoginAttempt.objects.exists()
