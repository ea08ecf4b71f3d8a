"""The response cache: finished responses, sent before Django is called.

A public response depends only on its URL, the register version, the day and the code: the public
site has no login and no cookie. So each URL is rendered once per version and day; one request
renders while others wait, and a client that has the response already gets a 304.

A view that names in Surrogate-Key all that its response is about lets it outlive edits of anything
else.

While the database is down, the newest response for a URL is sent with a notice that says so.

Request headers are not part of the cache key. A response that depends on one says so in Vary and is
not cached; a cached one is sent only to clients that accept its media type. Editors, who have a
session cookie, are always answered by Django, and none of their responses is cached.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_path, override

from pactwatch.outages import WHY_AWAY, is_outage, reopen_replaced_file
from pactwatch.page_fragments import STATE, VERSION
from pactwatch.tracking import wanted_query

from .accepting import LONGEST, accepts, accepts_gzip, has_already
from .finished import FRESH, Answer, Headers, Key, Sent, is_cacheable
from .freshness import Freshness, Stamp
from .replicas import Replicas, reading_from
from .store import Store

Environ = dict[str, Any]
Start = Callable[..., Any]
Body = Any  # an iterable of bytes: a list, or a response of Django's

_WITHOUT_DATABASE = ("/static/", "/healthz", "/metrics")
_UNCACHED = (*_WITHOUT_DATABASE, "/admin/", "/fr/admin/")
_LONGEST_URL = 2000  # characters; longer ones are not cached
_NOTICE = b"<!-- notice -->"  # in base.html


class ResponseCache:
    """WSGI application that sends cached responses and calls Django for all others."""

    def __init__(self, django: Callable[[Environ, Start], Any]) -> None:
        self.django = django
        self.replicas = Replicas()
        self.freshness = Freshness(self.replicas.caught_up)
        self.store = Store(settings.KEPT_ANSWERS_MB * 1_000_000)
        self.session = settings.SESSION_COOKIE_NAME
        # Behind a proxy a header states the scheme, and the proxy may cache responses itself.
        self.scheme, _https = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
        self.is_behind_proxy = self.scheme != "wsgi.url_scheme"

    def __call__(self, environ: Environ, start: Start) -> Body:
        sent = self.store.sent.get(_kind_of(environ))
        if sent and self.freshness.is_current():
            stamp, status, headers, body = sent
            if stamp is self.freshness.stamp:
                start(status, headers)
                return body
        return self._look(environ, start)

    def _look(self, environ: Environ, start: Start) -> Body:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path.startswith(_UNCACHED):
            return self._pass_on(environ, start)
        key = self._key(environ, path)
        is_editor = self.session in environ.get("HTTP_COOKIE", "")
        try:
            # An editor sees at once what another process has just written for them.
            stamp = self.freshness.newest() if is_editor else self.freshness()
        except Exception as error:  # Django raises it again
            return self._while_away(error, key, environ, start)
        if is_editor:
            return self._rendered(None, stamp, environ, start)
        answer = self._found(key, environ)
        if answer is None or (answer.stamp is not stamp and not self._is_valid(answer, stamp)):
            return self._make(key, stamp, environ, start)
        answer.requested_again = True
        return self._send(answer, environ, start)

    def _key(self, environ: Environ, path: str) -> Key | None:
        """The cache key of a request; None if Django must handle it."""
        scheme, host = environ.get(self.scheme), environ.get("HTTP_HOST")
        query = environ["QUERY_STRING"]
        if (
            not host
            or scheme not in ("http", "https")
            or "CONTENT_TYPE" in environ
            or "CONTENT_LENGTH" in environ
            or len(host) + len(path) + len(query) > _LONGEST_URL
        ):
            return None
        return scheme, host, path, query

    def _found(self, key: Key | None, environ: Environ) -> Answer | None:
        answer = key and (self.store.get(key) or self.store.get(_canonical(key)))
        accept = environ.get("HTTP_ACCEPT", "*/*")
        if answer and len(accept) < LONGEST and accepts(accept, answer.media_type):
            return answer
        return None

    def _is_valid(self, answer: Answer, stamp: Stamp) -> bool:
        """Whether no edit since the response affects it; it then gets the newest stamp."""
        if answer.about and self.freshness.is_still_valid(answer.about, answer.stamp, stamp):
            answer.stamp = stamp
            return True
        return False

    def _make(self, key: Key | None, stamp: Stamp, environ: Environ, start: Start) -> Body:
        """Let one request render the response while others wait for it, or render it themselves."""
        if key is None:
            return self._rendered(key, stamp, environ, start)
        key = _canonical(key)
        with self.store.rendering((key, stamp)):
            answer = self._found(key, environ)
            if answer and answer.stamp is stamp:
                return self._send(answer, environ, start)
            return self._rendered(key, stamp, environ, start)

    def _rendered(self, key: Key | None, stamp: Stamp, environ: Environ, start: Start) -> Body:
        head: list[Any] = []
        # A HEAD too: the response to a GET is cached.
        as_get = {**environ, "REQUEST_METHOD": "GET", VERSION: stamp.version}
        replica = self.replicas.caught_up(stamp.version) if key else None
        response = self._call_django(
            as_get, lambda *sent: head.__setitem__(slice(None), sent), stamp, replica
        )
        if is_cacheable(response):
            answer = Answer(key, stamp, head[1], response)
            response.close()
            if key:
                self.store.add(key, answer)
            # The remaining requests of this client are not sent to others.
            left = [pair for pair in head[1] if pair[0] == "RateLimit"]
            return self._send(answer, environ, start, left)
        went_away = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        if went_away and (cached := self._found(key, environ)):
            response.close()
            return self._last_good(cached, environ, start)
        start(*head)
        if environ["REQUEST_METHOD"] == "GET":
            return response
        response.close()
        return []

    def _send(
        self, answer: Answer, environ: Environ, start: Start, left: Sequence[tuple[str, str]] = ()
    ) -> Body:
        sent = self._sent(answer, environ)
        stamp, status, headers, body = sent
        if stamp and not self.is_behind_proxy and "HTTP_COOKIE" not in environ:
            self.store.remember(answer, _kind_of(environ), sent)
        start(status, [*headers, *left] if left else headers)
        return body

    def _sent(self, answer: Answer, environ: Environ) -> Sent:
        """What is sent to a request that a cached response is for: status, headers and body."""
        form, codings = answer.plain, environ.get("HTTP_ACCEPT_ENCODING", "")
        if len(codings) < LONGEST and accepts_gzip(codings):
            form = answer.packed or self.store.packed(answer)
        proxy = self._for_proxy(answer) if self.is_behind_proxy else []
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and has_already(known, form.etag):
            return answer.stamp, "304 Not Modified", form.unchanged + proxy, []
        if environ["REQUEST_METHOD"] != "GET":
            return answer.stamp, "200 OK", form.headers + proxy, []
        body = form.body  # read once: another thread may compress it meanwhile
        if body is None:  # decompressed for one request, and not remembered
            return None, "200 OK", form.headers + proxy, [answer.whole()]
        return answer.stamp, "200 OK", form.headers + proxy, [body]

    def _for_proxy(self, answer: Answer) -> Headers:
        """The header that says how long nginx may cache the response: to the end of this second.

        nginx counts whole seconds, so that s-maxage=1 could be nearly two. No caching if
        another version was read while the response was made; as long as browsers, if the
        view says how long those may. A proxy that caches for longer can purge by the
        surrogate key after an edit.
        """
        if answer.policy is not FRESH:
            return [("X-Accel-Expires", str(answer.max_age))]
        second = self.freshness.second  # before the stamp, which is set before it
        until = f"@{second}" if answer.stamp is self.freshness.stamp else "0"
        keys = f"register {answer.about}".strip()
        return [("X-Accel-Expires", until), ("Surrogate-Key", keys)]

    def _last_good(self, answer: Answer, environ: Environ, start: Start) -> Body:
        """The newest cached response for a URL, with the time at which it was rendered."""
        path = environ["PATH_INFO"]
        with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
            notice = render_to_string("_last_good.html", {"made": answer.made}).encode()
        body = answer.whole().replace(_NOTICE, notice, 1)
        start("200 OK", answer.with_notice(body))
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _while_away(
        self, error: Exception, key: Key | None, environ: Environ, start: Start
    ) -> Body:
        if is_outage(error) and (answer := self._found(key, environ)):
            return self._last_good(answer, environ, start)
        environ[WHY_AWAY] = error
        return self.django(environ, start)

    def _pass_on(self, environ: Environ, start: Start) -> Body:
        """Call Django without the cache; the next request sees what it writes."""
        if environ["PATH_INFO"].startswith(_WITHOUT_DATABASE):
            return self.django(environ, start)
        # It reads the state itself, and no other request may go back to an older one, whose
        # cached responses would be rendered again.
        self.freshness.until = 0.0
        try:
            return self._call_django(environ, start)
        finally:
            self.freshness.until = 0.0

    def _call_django(
        self,
        environ: Environ,
        start: Start,
        stamp: Stamp | None = None,
        replica: tuple[str, Any] | None = None,
    ) -> Any:
        """Call Django, unless this thread's database is down; try a replica first."""
        if replica:
            alias, state = replica
            with reading_from(alias):
                response = self.django({**environ, STATE: state}, start)
            if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return response
            response.close()
        try:
            file = reopen_replaced_file()
            self.freshness.refuse_while_away()
            # With replicas it may be older than what was read of one of them, and this thread may
            # have another file open than the one it was read from.
            if stamp and stamp.file == file and not self.replicas.readers:
                environ[STATE] = stamp.state
        except Exception as error:  # Django raises it again
            environ[WHY_AWAY] = error
        return self.django(environ, start)


def _kind_of(environ: Environ) -> tuple[str | None, ...]:
    """The parts of a request that decide what is sent: equal ones get the same response.

    Read one by one, which takes two thirds of the time of map().
    """
    get = environ.get
    return (
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        environ["wsgi.url_scheme"],
        get("HTTP_HOST"),
        get("HTTP_COOKIE"),
        get("HTTP_ACCEPT"),
        get("HTTP_ACCEPT_ENCODING"),
        get("HTTP_IF_NONE_MATCH"),
        get("CONTENT_TYPE"),
        get("CONTENT_LENGTH"),
    )


def _canonical(key: Key) -> Key:
    scheme, host, path, query = key
    return scheme, host, path, wanted_query(path, query)
