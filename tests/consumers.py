"""Programs that follow by webhook, on this machine: good ones, slow ones, and hostile ones."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from companies.importers.posting import Network
from tests.test_download import CERTIFICATE

HOST = "list.example"


class Received:
    """One request: its path, headers and body, and when it came."""

    def __init__(self, path: str, headers: dict[str, str], content: bytes) -> None:
        self.path, self.headers, self.content = path, headers, content
        self.at = time.monotonic()

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return json.loads(self.content)


class Consumer(BaseHTTPRequestHandler):
    """Answers by the first part of the path; every request is kept by the server."""

    server: "Consumers"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        if not length or len(content) < length:
            return  # whoever sent it was killed meanwhile
        headers = {name.lower(): value for name, value in self.headers.items()}
        one = Received(self.path, headers, content)
        self.server.received.append(one)
        answer = self.server.answers.get(self.path.split("/")[1], ok)
        answer(self, one)

    def log_message(self, *args: Any) -> None:
        pass


Answer = Callable[[Consumer, Received], None]


def status(code: int, **headers: str) -> Answer:
    def answer(consumer: Consumer, one: Received) -> None:
        consumer.send_response(code)
        for name, value in headers.items():
            consumer.send_header(name.replace("_", "-"), value)
        consumer.send_header("Content-Length", "0")
        consumer.end_headers()

    return answer


ok = status(204)


def without_end(consumer: Consumer, one: Received) -> None:
    """A body that never ends."""
    consumer.send_response(200)
    consumer.end_headers()
    try:
        while not consumer.server.closing.is_set():
            consumer.wfile.write(b"x" * 65536)
    except OSError:
        return


def drop_by_drop(consumer: Consumer, one: Received) -> None:
    """A status line that never ends."""
    try:
        while not consumer.server.closing.wait(0.05):
            consumer.wfile.write(b"H")
    except OSError:
        return


def huge_headers(consumer: Consumer, one: Received) -> None:
    consumer.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        for number in range(100_000):
            consumer.wfile.write(b"X-%d: %s\r\n" % (number, b"y" * 1000))
    except OSError:
        return


def nonsense(consumer: Consumer, one: Received) -> None:
    consumer.wfile.write(b"\x00\xff\x00 no HTTP at all\r\n\r\n")


def reaching(port: int) -> Network:
    """How a server of this machine is reached as if it were on the public internet."""
    return Network(
        port=port,
        ca_certs=str(CERTIFICATE),
        is_public=lambda address: address == "127.0.0.1",
        resolve=lambda host, port: ["127.0.0.1"],
    )


class Consumers(ThreadingHTTPServer):
    """A TLS server with a consumer for each first part of a path."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, **answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Consumer)
        self.answers, self.received = answers, list[Received]()
        self.closing = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def network(self) -> Network:
        return reaching(self.port)

    def url(self, path: str = "good") -> str:
        return f"https://{HOST}:{self.port}/{path}"

    def of(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == f"/{path}"]

    def handle_error(self, *args: Any) -> None:
        pass  # a client that left


@contextmanager
def consuming(**answers: Answer) -> Iterator[Consumers]:
    server = Consumers(**answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
