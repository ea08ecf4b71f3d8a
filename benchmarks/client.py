"""Load one server with requests over keep-alive connections for some seconds.

It runs in a process on a core of its own. It sends the next request on a connection as soon as that
has responded, so that the server is saturated. Reads a `Load` as JSON from standard input and
writes a `Measured` to standard output.
"""

import itertools
import json
import os
import re
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

AT_ONCE = 1 << 16  # bytes; of four times as many, Python took 19 us more for each answer
GRACE = 600  # seconds for one answer: of a million companies the first takes minutes
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What to request, for how long, and the server's root processes."""

    port: int
    addresses: list[str]
    headers: str
    connections: int
    warm_up: int
    seconds: float
    workers: list[int]
    core: int | None = None
    once: bool = False  # each address, the first ones to warm up
    certificate: str = ""  # the server's, as a file, where it speaks TLS


@dataclass(frozen=True)
class Measured:
    """The results; times in milliseconds, `size` of a body in bytes as sent."""

    answers: int
    seconds: float
    cpu: float  # of the server and its database, for one answer
    p50: float
    p99: float
    size: int


class BadAnswer(Exception):
    """The server responded with another status than 200: nothing was measured."""


def measure(load: Load) -> Measured:
    pin(load.core)
    sockets = list(connected(load))
    every = [request(one, load.headers) for one in load.addresses]
    requests = iter(every) if load.once else itertools.cycle(every)
    for number in range(load.warm_up):
        ask_once(sockets[number % len(sockets)], next(requests))
    worked, began = cpu_seconds(load.workers), time.perf_counter()
    answers = list(saturate(sockets, requests, began + load.seconds))
    seconds, worked = time.perf_counter() - began, cpu_seconds(load.workers) - worked
    times = sorted(took for took, _size in answers)
    return Measured(
        answers=len(answers),
        seconds=seconds,
        cpu=1000 * worked / len(answers),
        p50=1000 * times[len(times) // 2],
        p99=1000 * times[len(times) * 99 // 100],
        size=sum(size for _took, size in answers) // len(answers),
    )


def connected(load: Load) -> Iterator[socket.socket]:
    context = load.certificate and ssl.create_default_context(cafile=load.certificate)
    if context:
        context.check_hostname = False
    for _number in range(load.connections):
        one = socket.create_connection(("127.0.0.1", load.port), timeout=GRACE)
        yield context.wrap_socket(one) if context else one


def saturate(
    sockets: list[socket.socket], requests: Iterator[bytes], until: float
) -> Iterator[tuple[float, int]]:
    """The time and size of each response, including those under way at the end."""
    now, asked = time.perf_counter, deque[tuple[socket.socket, float]]()
    for one in sockets:
        one.sendall(next(requests))
        asked.append((one, now()))
    while asked:
        one, at = asked.popleft()
        size = receive(one)
        answered = now()
        if answered < until and (said := next(requests, None)):
            one.sendall(said)
            asked.append((one, answered))
        yield answered - at, size


def ask_once(one: socket.socket, said: bytes) -> int:
    one.sendall(said)
    return receive(one)


def receive(one: socket.socket) -> int:
    """Read one response to its end; returns the size of its body."""
    data = one.recv(AT_ONCE)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += more(one)
    if data[9:12] != b"200":
        raise BadAnswer(data[: end or 100].decode("latin-1"))
    found = LENGTH.search(data, 0, end)
    if found is None:
        return in_chunks(one, data[end + 2 :])
    size = int(found[1])
    left = end + 4 + size - len(data)
    while left > 0:
        left -= len(more(one))
    return size


def in_chunks(one: socket.socket, data: bytes) -> int:
    while not data.endswith(b"\r\n0\r\n\r\n"):
        data += more(one)
    return len(data)


def more(one: socket.socket) -> bytes:
    data = one.recv(AT_ONCE)
    if not data:
        raise BadAnswer("the server closed the connection")
    return data


def request(address: str, headers: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def pin(core: int | None, process: int = 0) -> None:
    if core is not None:
        os.sched_setaffinity(process, {core})


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU seconds used by these processes and all their children, ended ones included."""
    processes = _processes()
    worked = (processes[pid][1] for pid in _below(roots, processes) if pid in processes)
    return sum(worked) / TICKS


def started_by(roots: Iterable[int]) -> set[int]:
    """These processes and all they started."""
    return _below(roots, _processes())


def _processes() -> dict[int, tuple[int, int]]:
    """The parent of each process of the machine, and the clock ticks that it worked."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(") ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = rest.split()
        found[int(name.split(" ", 1)[0])] = int(fields[1]), sum(map(int, fields[11:15]))
    return found


def _below(roots: Iterable[int], processes: Mapping[int, tuple[int, int]]) -> set[int]:
    found, new = set[int](), set(roots)
    while new:
        found |= new
        new = {pid for pid, (parent, _) in processes.items() if parent in found} - found
    return found


if __name__ == "__main__":
    try:
        measured = measure(Load(**json.load(sys.stdin)))
    except (BadAnswer, OSError) as error:
        sys.exit(f"{error}")
    json.dump(asdict(measured), sys.stdout)
