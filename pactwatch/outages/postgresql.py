"""PostgreSQL connections with a timeout for each response.

The server's own limits (statement_timeout) and TCP timeouts do not help when the server hangs: its
machine still acknowledges packets.
"""

from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

CHECK = 1.0  # seconds for "are you there?", which the pool asks before each request
STATEMENT = 12.0  # seconds; the server ends a statement after ten


class ImpatientConnection(Connection[Any]):
    """A connection that closes itself when the server does not respond in time."""

    patience = STATEMENT

    def execute(self, *arguments: Any, **options: Any) -> Any:
        """Used by the pool only; Django opens cursors."""
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
