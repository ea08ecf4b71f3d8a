"""Connections to PostgreSQL that wait for an answer only so long.

The server's own limits (statement_timeout) and TCP's end nothing where the server hangs: its
machine goes on confirming what it is sent.
"""

from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

CHECK = 1.0  # seconds for "are you there?", which the pool asks before each request
STATEMENT = 12.0  # seconds; the server ends a statement after ten


class ImpatientConnection(Connection[Any]):
    """Is closed when the server does not answer, so that nobody waits for it again."""

    patience = STATEMENT

    def execute(self, *arguments: Any, **options: Any) -> Any:
        """Only the pool asks the connection itself; Django opens cursors."""
        self.patience = CHECK
        try:
            return super().execute(*arguments, **options)
        finally:
            self.patience = STATEMENT

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except OperationalError as error:
            if type(error).__name__ == "_WaitTimeout":
                self.pgconn.finish()
            raise
