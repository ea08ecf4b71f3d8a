"""Kept answers, bounded in bytes; one request makes an answer while others wait for it."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from .finished import Answer, EncodedForm, Key

PATIENCE = 5.0  # seconds to wait for an answer that another request makes


class Store:
    """Answers by their key, up to so many bytes.

    Beyond them the oldest goes that nobody asked for again; one that somebody did stays for
    another round, so that junk that is asked for once drives out nothing that is read.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.answers: OrderedDict[Key, Answer] = OrderedDict()
        self.get = self.answers.get
        self.making: dict[Hashable, Event] = {}
        self.changing = Lock()

    def keep(self, key: Key, answer: Answer) -> None:
        with self.changing:
            if old := self.answers.pop(key, None):
                self.size -= old.size
            self.answers[key] = answer
            self._grow(answer.size)

    def packed(self, answer: Answer) -> EncodedForm:
        """The compressed form, which is made when the first client takes it."""
        with self.changing:
            if answer.packed is None:
                grown = answer.pack()
                if answer.key and self.get(answer.key) is answer:
                    self._grow(grown)
        return answer.packed or answer.plain

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[None]:
        """Make an answer, or find out that another request has made it meanwhile."""
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
        self.answers.clear()
        self.size = 0

    def _grow(self, size: int) -> None:
        self.size += size
        while self.size > self.limit:
            key, answer = self.answers.popitem(last=False)
            if answer.asked_again and self.answers:
                answer.asked_again = False
                self.answers[key] = answer
            else:
                self.size -= answer.size
