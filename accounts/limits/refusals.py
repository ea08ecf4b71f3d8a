"""Why a login is refused unchecked: too many before it, or too many at once."""


class LoginRefused(Exception):
    """A login refused unchecked; `status` and `retry_after` are those of the response."""

    status = 429
    retry_after = 1

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"Not tried; again in {retry_after} seconds.")
        self.retry_after = retry_after

    @property
    def minutes(self) -> int:
        return -(-self.retry_after // 60)


class TooManyAttempts(LoginRefused):
    """Too many passwords or codes were wrong."""


class HasherBusy(LoginRefused):
    """Other passwords are being checked at this moment."""

    status = 503
