"""Cached responses, bounded in bytes; one request renders while others wait for it."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from .finished import Answer, EncodedForm, Key, Sent

PATIENCE = 5.0  # seconds to wait for a response that another request renders
_LARGEST = 8  # one response has at most this part of all bytes
_MANY = 1000  # kinds of requests whose response is remembered; with their headers, 3 MB at most


class Store:
    """Responses by cache key, up to a limit in bytes.

    The oldest is evicted first, unless it was requested again since: then it stays for another
    round, so that URLs requested once do not evict popular ones.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.answers: OrderedDict[Key, Answer] = OrderedDict()
        self.get = self.answers.get
        # What was sent, by the parts of the request that decide it: a quarter of the work of
        # finding it. Cleared with each change of the cache, so that it holds no dropped answer.
        self.sent: dict[Hashable, Sent] = {}
        self.making: dict[Hashable, Event] = {}
        self.changing = Lock()

    def add(self, key: Key, answer: Answer) -> None:
        with self.changing:
            self._drop(self.get(key))
            if answer.size <= self.limit // _LARGEST:
                self.answers[key] = answer
                self._grow(answer.size)

    def packed(self, answer: Answer) -> EncodedForm:
        """The gzip form, compressed for the first client that accepts it; the plain body goes."""
        packed = answer.pack()
        with self.changing:
            if answer.packed is None:
                answer.packed = packed  # first: another thread may be about to send the plain body
                more = len(packed.body or b"") - len(answer.plain.body or b"")
                answer.plain.body = None
                answer.size += more
                if answer.key and self.get(answer.key) is answer:
                    self._grow(more)
        return packed

    def remember(self, answer: Answer, request: Hashable, sent: Sent) -> None:
        if answer.key and self.get(answer.key) is answer:
            if len(self.sent) >= _MANY:
                self.sent.clear()
            self.sent[request] = sent

    @contextmanager
    def rendering(self, key: Hashable) -> Iterator[None]:
        """Render a response while others wait for it, or wait for the request that renders it."""
        mine = Event()
        others = self.making.setdefault(key, mine)
        if others is not mine:
            others.wait(PATIENCE)
            yield
            return
        try:
            yield
        finally:
            del self.making[key]
            mine.set()

    def clear(self) -> None:
        with self.changing:
            self.answers.clear()
            self.sent.clear()
            self.size = 0

    def _grow(self, size: int) -> None:
        self.size += size
        self.sent.clear()
        while self.size > self.limit:
            key, answer = next(iter(self.answers.items()))
            if answer.requested_again:
                answer.requested_again = False
                self.answers.move_to_end(key)
            else:
                self._drop(answer)

    def _drop(self, answer: Answer | None) -> None:
        if answer and answer.key:
            del self.answers[answer.key]
            self.size -= answer.size
            self.sent.clear()
