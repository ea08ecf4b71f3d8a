"""The register that the tests of a module begin with, built by the first and copied for others."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection


def built_once(build: Callable[[], object]) -> Any:
    """A fixture of what `build` writes into empty tables: a copy takes a millisecond.

    SQLite copies whole databases; on PostgreSQL each test builds its own.
    """
    kept: list[sqlite3.Connection] = []

    @pytest.fixture(autouse=True)
    def register(transactional_db, live_server) -> None:
        if kept:
            kept[0].backup(connection.connection)
            return
        build()
        if connection.vendor == "sqlite":
            kept.append(sqlite3.connect(":memory:", check_same_thread=False))
            connection.connection.backup(kept[0])

    return register
