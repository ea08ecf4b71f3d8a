"""Sends requests to the WSGI application as a server does, and judges what comes back."""

import io
import logging
import logging.config
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from pactwatch.guards import Application
from pactwatch.response_cache import ResponseCache
from pactwatch.response_cache.quick_answers import QuickAnswers
from tests.reader_client import CachedHandler, forget_answers

from .drawing import Request

SLOW = 1.0  # seconds
SECURITY = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "X-Frame-Options",
}
PROBLEM = "application/problem+json"
AUDITED = " pactwatch.audit: "  # lines that tell what was done, one for each right that was changed
GROUPS = {"editor": "Editors", "administrator": "Reviewers"}


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0
    log: str = ""
    crash: str = ""


@dataclass
class Tally:
    """What was answered: by kind of URL, the faults, and the slowest."""

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0, "")

    def note(self, request: Request, answer: Answer) -> None:
        self.answers.setdefault(request.kind, Counter())[answer.status // 100] += 1
        self.slowest = max(self.slowest, (answer.seconds, str(request)[:300]))

    @property
    def total(self) -> int:
        return sum(counts.total() for counts in self.answers.values())

    def share(self, hundreds: int) -> float:
        """The part of all answers whose status begins with a digit."""
        return sum(counts[hundreds] for counts in self.answers.values()) / self.total

    def __str__(self) -> str:
        lines = [f"{'kind of URL':<28}{'2xx':>7}{'3xx':>7}{'4xx':>7}{'5xx':>7}"]
        for kind, counts in sorted(self.answers.items()):
            lines.append(f"{kind:<28}" + "".join(f"{counts[n]:>7}" for n in (2, 3, 4, 5)))
        total = sum((counts for counts in self.answers.values()), Counter())
        lines.append(f"{'all':<28}" + "".join(f"{total[n]:>7}" for n in (2, 3, 4, 5)))
        lines.append(f"slowest: {self.slowest[0]:.2f} s {self.slowest[1]}")
        return "\n".join([*lines, f"faults: {len(self.faults)}", *self.faults])


class Sender:
    """One role's browser, whose requests reach the application with nothing between."""

    def __init__(
        self, role: str, log: io.StringIO, clock: Callable[[], float] = time.process_time
    ) -> None:
        self.role, self.log = role, log
        self.application = ResponseCache(QuickAnswers(Application()))
        self.application.store = CachedHandler.answers.store  # which restoring a copy empties
        # Of the processor, for other programs may keep this one waiting.
        self.clock = clock
        self.token = _get_new_csrf_string()
        self.cookies = ""
        self.session = ""
        self.log_in()

    def log_in(self) -> None:
        """A session of the role's user, who may have lost it, or been deleted."""
        self.cookies = f"{settings.CSRF_COOKIE_NAME}={self.token}"
        if self.role == "anonymous":
            return
        user, _new = get_user_model().objects.get_or_create(username=f"hostile-{self.role}")
        user.is_active = user.is_staff = True
        user.is_superuser = self.role == "administrator"
        user.save()
        user.groups.set(Group.objects.filter(name=GROUPS[self.role]))
        client = Client()
        client.force_login(user)
        self.session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies += f"; {settings.SESSION_COOKIE_NAME}={self.session}"

    def environ(self, request: Request) -> dict[str, Any]:
        length = str(len(request.body)) if request.length == "" else request.length
        headers = {"host": "testserver", "cookie": self.cookies} | request.headers
        if request.cookie is not None:
            headers["cookie"] = request.cookie
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": request.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
        }
        if request.content_type:
            environ["CONTENT_TYPE"] = request.content_type
        if length is not None and (request.body or request.length):
            environ["CONTENT_LENGTH"] = length
        for name, value in headers.items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return environ

    def answer(self, request: Request) -> Answer:
        answer = Answer()

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            answer.status, answer.headers = int(status[:3]), dict(headers)

        self.log.seek(0)
        self.log.truncate()
        self.application.freshness.until = 0.0
        started = self.clock()
        try:
            body = self.application(self.environ(request), start)
            try:
                answer.body = b"".join(body)
            finally:
                getattr(body, "close", int)()  # of what Django answers; a kept answer is a list
        except Exception:
            answer.crash = traceback.format_exc()
        answer.seconds = self.clock() - started
        answer.log = self.log.getvalue()
        return answer

    def judged(self, request: Request, tally: Tally) -> Answer:
        """Send a request, and note what is wrong with its answer."""
        answer = self.answer(request)
        if answer.seconds > SLOW:  # or only the machine was busy
            answer.seconds = min(answer.seconds, self.anew(request), self.anew(request))
        tally.note(request, answer)
        for fault in self.faults(request, answer):
            tally.faults.append(f"- {self.role}: {fault}\n  {request}")
        if request.kind.startswith("admin") and self.is_logged_out(answer):
            self.log_in()
        return answer

    def anew(self, request: Request) -> float:
        """How long an answer takes where none is kept."""
        forget_answers()
        return self.answer(request).seconds

    def is_logged_out(self, answer: Answer) -> bool:
        return self.role != "anonymous" and (
            answer.status in (302, 403) or "sessionid" in answer.headers.get("Set-Cookie", "")
        )

    def faults(self, request: Request, answer: Answer) -> Iterator[str]:
        if answer.crash:
            yield f"raised\n{answer.crash}"
            return
        if answer.status >= 500:
            yield f"{answer.status}\n{answer.log[-4_000:]}"
        elif "Traceback" in answer.log:
            yield f"a traceback beside {answer.status}\n{answer.log[-4_000:]}"
        elif len([line for line in answer.log.splitlines() if AUDITED not in line]) > 1:
            yield f"{answer.status} is more than one line\n{answer.log[:2_000]}"
        if self.token in answer.log or (self.session and self.session in answer.log):
            yield "a secret in the log"
        if answer.seconds > SLOW:
            yield f"{answer.status} after {answer.seconds:.1f} s"
        if missing := SECURITY - answer.headers.keys() - lent_to_frames(answer):
            yield f"{answer.status} lacks {', '.join(missing)}"
        yield from wrong_headers(request, answer)


def lent_to_frames(answer: Answer) -> set[str]:
    """What a card for frames of other sites leaves out, which its policy says."""
    policy = answer.headers.get("Content-Security-Policy", "")
    return {"X-Frame-Options"} if "frame-ancestors *" in policy else set()


def wrong_headers(request: Request, answer: Answer) -> Iterator[str]:
    target = answer.headers.get("Location", "")
    if urlsplit(target).netloc not in ("", "testserver") or re.match(r"[/\\]{2}", target):
        yield f"sends on to {target[:200]}"
    if not request.path.startswith("/api/"):
        return
    if "Set-Cookie" in answer.headers:
        yield "sets a cookie"
    if answer.status >= 400 and answer.headers.get("Content-Type") != PROBLEM:
        yield f"{answer.status} of the API is no problem+json"


@contextmanager
def log_of_the_settings() -> Iterator[io.StringIO]:
    """What reaches standard error by the settings, and nothing else."""
    before = logging.root.handlers[:]
    logging.config.DictConfigurator(dict(settings.LOGGING)).configure()
    [stderr] = [one for one in logging.root.handlers if one not in before]
    assert isinstance(stderr, logging.StreamHandler)
    stream = io.StringIO()
    stderr.setStream(stream)
    logging.root.handlers = [stderr]
    try:
        yield stream
    finally:
        logging.root.handlers = before
