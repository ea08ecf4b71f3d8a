"""Limits costly requests at once, so that a process has threads and time for all others.

A turn is the permission to run one of them.
"""

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

# Of a process's four threads two may hold costly requests: one is worked on, one waits for it.
MOST = 2
PATIENCE = 5.0  # seconds

_inside: list[str] = []
_changing, _turn = Lock(), Lock()
_has_turn: ContextVar[bool] = ContextVar("has_turn", default=False)

View = Callable[..., HttpResponseBase]


class Turn:
    """The permission for one costly request; TooBusy if the process or client has too many."""

    def __init__(self, client: str = "") -> None:
        self.client, self.ended = client, False
        with _changing:
            if len(_inside) >= MOST or (client and client in _inside):
                raise TooBusy
            _inside.append(client)
        if not _turn.acquire(timeout=PATIENCE):
            self._leave()
            raise TooBusy

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            _turn.release()
            self._leave()

    def _leave(self) -> None:
        with _changing:
            _inside.remove(self.client)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Hold a turn while doing costly work; nested calls share it."""
    if _has_turn.get():
        yield
        return
    turn = Turn()
    with _working(turn):
        yield
    turn.end()


@contextmanager
def _working(turn: Turn) -> Iterator[None]:
    token = _has_turn.set(True)
    try:
        yield
    except BaseException:
        turn.end()
        raise
    finally:
        _has_turn.reset(token)


def costly(view: View) -> View:
    """Decorate a view that may take more than 0.3 s; handler500 answers TooBusy."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        turn = Turn(network_of(request))
        with _working(turn):
            response = view(request, *args, **kwargs)
        # A file was written before it is streamed; a page is made meanwhile.
        if response.streaming and not isinstance(response, FileResponse):
            response._resource_closers.append(turn.end)  # type: ignore[attr-defined]  # what Django itself closes with the answer
        else:
            turn.end()
        return response

    return answer
