"""A mail server in this process, which takes, refuses or dawdles as a test says."""

import email
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

TAKEN = "250 OK"


class MailServer:
    """Mails that were taken, and the answers to the recipients of the next ones."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, list[str]] = {}  # of an address, one for each attempt
        self.on_data = TAKEN
        self.asked = 0
        self.raw: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802, PLR0913, RUF100  # of aiosmtpd
        self.asked += 1
        waiting = self.answers.get(address, [])
        answer = waiting.pop(0) if waiting else TAKEN
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, RUF100  # of aiosmtpd
        if self.on_data == TAKEN:
            message = email.message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append(message)
            self.raw.append(envelope.content)
        return self.on_data

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.mails if one["To"] == address]


@contextmanager
def a_mail_server() -> Iterator[tuple[MailServer, int]]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield server, controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def a_dawdler(every: float = 0.3) -> Iterator[int]:
    """The port of a server that never ends its greeting, a letter at a time."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)
    over = threading.Event()

    def dawdle() -> None:
        while not over.is_set():
            try:
                one, _address = listening.accept()
            except TimeoutError:
                continue
            with one:
                one.sendall(b"220")
                while not over.is_set():
                    try:
                        one.sendall(b"-")
                    except OSError:
                        break
                    time.sleep(every)

    thread = threading.Thread(target=dawdle, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listening.close()
