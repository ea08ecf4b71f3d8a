"""The authentication backend: Django's, with limits."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from accounts.passwords import LONGEST

from . import login_limits
from .hashers import refuse_if_full
from .refusals import HasherBusy


class LimitedBackend(ModelBackend):
    """Authenticate only if the limits allow another attempt."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        if request is None:  # a command
            return super().authenticate(request, username, password, **kwargs)
        refuse_if_full()  # before anything is read or written
        attempt = login_limits.begin(request, username)
        try:
            user = self.checked(request, username, password)
        except HasherBusy:
            attempt.delete()
            raise
        if user:
            attempt.delete()
        return user

    def checked(self, request: HttpRequest, username: str, password: str) -> User | None:
        if len(password) > LONGEST:
            return None
        return super().authenticate(request, username, password)
