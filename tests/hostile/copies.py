"""A copy of the whole database, to go back to."""

import sqlite3

import psycopg
from django.db import connection

from companies.queries import readings
from tests.reader_client import forget_answers


class Copy:
    """The database as it stands now."""

    def __init__(self) -> None:
        if connection.vendor == "sqlite":
            self.memory = sqlite3.connect(":memory:")
            connection.ensure_connection()
            connection.connection.backup(self.memory)
        else:
            self.name = str(connection.settings_dict["NAME"])
            self.instead(f"{self.name}_copy", of=self.name)

    def restore(self) -> None:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            self.memory.backup(connection.connection)
        else:
            self.instead(self.name, of=f"{self.name}_copy")
        forget_answers()
        readings.forget()

    def instead(self, new: str, *, of: str) -> None:
        """Make PostgreSQL copy a database, in place of one that it may have."""
        self.by_the_server(f'DROP DATABASE IF EXISTS "{new}" WITH (FORCE)')
        self.by_the_server(f'CREATE DATABASE "{new}" TEMPLATE "{of}"')

    def by_the_server(self, statement: str) -> None:
        connection.close()
        if connection.pool:
            connection.close_pool()
        given = connection.settings_dict
        where = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as server:
            server.execute(statement)

    def forget(self) -> None:
        if connection.vendor == "sqlite":
            self.memory.close()
        else:
            self.by_the_server(f'DROP DATABASE "{self.name}_copy" WITH (FORCE)')
