"""Password hashing that cannot slow down the rest of the site."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from .refusals import HasherBusy

# Of four threads, two stay free for readers; the third login gets 503 at once.
_admitted = BoundedSemaphore(2)
_hashing = Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hash one password at a time in this process, with one waiting. Raises HasherBusy."""
    if not _admitted.acquire(blocking=False):
        raise HasherBusy
    try:
        with _hashing:
            yield
    finally:
        _admitted.release()


def refuse_if_full() -> None:
    """Raise HasherBusy if a password could not be hashed now."""
    if not _admitted.acquire(blocking=False):
        raise HasherBusy
    _admitted.release()


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id with 46 MiB, one pass and one lane, as OWASP advises."""

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with one_at_a_time():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with one_at_a_time():
            return super().verify(password, encoded)


class BoundedPBKDF2(PBKDF2PasswordHasher):
    """For old hashes, which the next login replaces."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with one_at_a_time():
            return super().encode(password, salt, iterations)
