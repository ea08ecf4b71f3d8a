"""Django's test client, answered through the response cache as readers are."""

from typing import Any

from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse
from django.test import client
from django.test.client import ClientHandler

from pactwatch.response_cache import ResponseCache
from pactwatch.response_cache.quick_answers import QuickAnswers


class CachedHandler(ClientHandler):
    """Answers a test client by the one cache of the tests, which reads the version each time."""

    answers: ResponseCache
    quick: QuickAnswers

    def __call__(self, environ: dict[str, Any]) -> HttpResponse:
        head: list[Any] = []
        environ["tests.handler"] = super().__call__
        environ.setdefault("HTTP_HOST", environ["SERVER_NAME"])  # which every real client sends
        self.answers.freshness.until = 0.0
        answer = self.answers(environ, lambda *told: head.extend(told))
        if isinstance(answer, list):
            status, headers = head
            answer = HttpResponse(b"".join(answer), status=int(status[:3]), headers=dict(headers))
            answer.wsgi_request = WSGIRequest(environ)
        return answer


def answer_clients_through_the_cache() -> None:
    CachedHandler.quick = QuickAnswers(by_django)
    CachedHandler.answers = ResponseCache(CachedHandler.quick)
    client.ClientHandler = CachedHandler  # type: ignore[misc]
    client.Client.request = leave_and_request  # type: ignore[method-assign]


request_of_client = client.Client.request
unread: list[FileResponse] = []


def leave_and_request(self: client.Client, **asked: Any) -> Any:
    """Close a file that was begun before another is asked for, as a browser and its server do."""
    leave()
    response = request_of_client(self, **asked)
    if isinstance(response, FileResponse):
        unread.append(response)
    return response


def leave() -> None:
    request_finished.disconnect(close_old_connections)
    while unread:
        unread.pop().close()
    request_finished.connect(close_old_connections)


def by_django(environ: dict[str, Any], start: Any) -> HttpResponse:
    """What a test client's own handler answers, told as Django tells it to a server."""
    response = environ["tests.handler"](environ)
    if not response.streaming:
        response.close = int  # the handler has; again, it would end the test's transaction
    start(f"{response.status_code} {response.reason_phrase}", [*response.items()])
    return response


def forget_answers() -> None:
    """Empty every cache, so that the next response is rendered again."""
    from companies.pages import downloads  # needs Django's apps

    leave()
    cache.clear()
    downloads.forget()
    CachedHandler.answers.store.clear()
    CachedHandler.quick.learned.clear()
