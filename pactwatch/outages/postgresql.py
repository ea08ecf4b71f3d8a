"""PostgreSQL connections with a timeout for each response.

The server's own limits (statement_timeout) and TCP timeouts do not help when the server hangs: its
machine still acknowledges packets.
"""

import select
from time import monotonic
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

CHECK = 1.0  # seconds for the pool's check of a connection before each request
STATEMENT = 12.0  # seconds; the server ends a statement after ten
# A connection that responded so recently is not checked: an eighth of the time of a cached record.
RECENT = 0.2  # seconds


class ImpatientConnection(Connection[Any]):
    """A connection that closes itself when the server does not respond in time."""

    patience = STATEMENT
    heard_at = -RECENT

    def execute(self, *arguments: Any, **options: Any) -> Any:
        """Used by the pool only; Django opens cursors.

        Where the check is skipped, the first statement gets its timeout.
        """
        self.patience = CHECK
        was_heard = monotonic() - self.heard_at < RECENT
        if arguments == ("",) and was_heard and not self._has_data():
            return None
        try:
            return super().execute(*arguments, **options)
        finally:
            self.patience = STATEMENT

    def _has_data(self) -> bool:
        """Whether the server sent something since, such as that it closed the connection."""
        from_server = select.poll()
        from_server.register(self.pgconn.socket, select.POLLIN)
        return bool(from_server.poll(0))

    def set_autocommit(self, value: bool) -> None:
        """Django sets it for each request; a value that it has already is not sent."""
        if value != self.autocommit:
            super().set_autocommit(value)

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        patience, self.patience = self.patience, STATEMENT
        try:
            found = super().wait(gen, interval, timeout or patience)
        except OperationalError as error:
            if type(error).__name__ == "_WaitTimeout":
                self.pgconn.finish()
            raise
        self.heard_at = monotonic()
        return found
