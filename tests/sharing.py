"""Rows that the tests of a module share, or what was read from them: once, not once a test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from .reader_client import forget_answers


def shared(build: Callable[[], object], *, history: bool = False) -> Any:
    """A fixture of what `build` writes, for a whole module; what each test writes is undone.

    Every test of the module sees the rows, and none has real transactions, which empty the tables.
    """

    @pytest.fixture(scope="module", autouse=True)
    def rows(django_db_setup, django_db_blocker) -> Iterator[None]:
        whole = transaction.atomic()
        with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.builders.with_history", history)
            whole.__enter__()
            build()
        yield
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)

    return rows


def read_once(read: Callable[[], Any]) -> Any:
    """A fixture of what `read` returns, for a whole module; the rows it wrote are gone."""

    @pytest.fixture(scope="module")
    def answer(django_db_setup, django_db_blocker) -> Any:
        with django_db_blocker.unblock(), transaction.atomic():
            found = read()
            transaction.set_rollback(True)
        forget_answers()
        return found

    return answer
