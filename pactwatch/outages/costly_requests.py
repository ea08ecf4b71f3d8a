"""Limits concurrent costly requests, so that a process has threads and time for all others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from pactwatch.limits import network_of

from . import TooBusy

# Of a process's four threads two may have costly requests: one runs, one waits for it.
MOST = 2
PATIENCE = 5.0  # seconds

_inside: list[str] = []
_changing, _working = Lock(), Lock()
_has_permit: ContextVar[bool] = ContextVar("has_permit", default=False)

View = Callable[..., HttpResponseBase]


class Permit:
    """The permission for one costly request; TooBusy if the process or client has too many."""

    def __init__(self, client: str = "") -> None:
        self.client, self.ended = client, False
        with _changing:
            if len(_inside) >= MOST or (client and client in _inside):
                raise TooBusy
            _inside.append(client)
        if not _working.acquire(timeout=PATIENCE):
            self._leave()
            raise TooBusy

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            _working.release()
            self._leave()

    def _leave(self) -> None:
        with _changing:
            _inside.remove(self.client)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a permit while doing costly work; nested calls share it."""
    if _has_permit.get():
        yield
        return
    permit = Permit()
    with _holding(permit):
        yield
    permit.end()


@contextmanager
def _holding(permit: Permit) -> Iterator[None]:
    token = _has_permit.set(True)
    try:
        yield
    except BaseException:
        permit.end()
        raise
    finally:
        _has_permit.reset(token)


def costly(view: View) -> View:
    """Decorate a view that may take more than 0.3 s; handler500 answers TooBusy."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        permit = Permit(network_of(request))
        with _holding(permit):
            response = view(request, *args, **kwargs)
        # A file was written before it is streamed; a page is rendered while it is.
        if response.streaming and not isinstance(response, FileResponse):
            response._resource_closers.append(permit.end)  # type: ignore[attr-defined]  # what Django closes with the response
        else:
            permit.end()
        return response

    return answer
