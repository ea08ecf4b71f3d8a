"""Asks one server for addresses over a few connections that stay open, for some seconds.

A process of its own, so that measuring shares no interpreter with what is measured. Reads a `Load`
as JSON from standard input and writes a `Measured` to standard output.
"""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

HEADERS_END = b"\r\n\r\n"
GRACE = 60  # seconds for the answers that are under way at the end


@dataclass(frozen=True)
class Load:
    """What to ask and for how long; first come `warm_up` requests that are not counted."""

    port: int
    addresses: list[str]
    accept: str
    connections: int
    warm_up: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """How the server did; times in milliseconds, `size` of a body in bytes as sent."""

    requests: int
    per_second: float
    p50: float
    p99: float
    size: int


@dataclass(frozen=True)
class Answer:
    """When one answer was complete, after how many seconds, and how many bytes its body has."""

    at: float
    took: float
    size: int


class BadAnswer(Exception):
    """The server answered something else than 200: nothing was measured."""


async def measure(plan: Load) -> Measured:
    addresses = itertools.cycle(plan.addresses)
    warming_up = iter(range(plan.warm_up))
    async with asyncio.timeout(GRACE):
        await ask_all(plan, addresses, lambda: next(warming_up, None) is not None)
    began = time.perf_counter()
    until = began + plan.seconds
    async with asyncio.timeout(plan.seconds + GRACE):
        answers = await ask_all(plan, addresses, lambda: time.perf_counter() < until)
    # What was under way at the end counts, with its time: a slow server is measured, too.
    elapsed = max(answer.at for answer in answers) - began
    times = sorted(answer.took for answer in answers)
    return Measured(
        requests=len(times),
        per_second=len(times) / elapsed,
        p50=1000 * times[len(times) // 2],
        p99=1000 * times[len(times) * 99 // 100],
        size=round(statistics.fmean(answer.size for answer in answers)),
    )


async def ask_all(plan: Load, addresses: Iterator[str], go_on: Callable[[], bool]) -> list[Answer]:
    """The answers of all connections, which ask side by side while `go_on` says so."""
    asking = [ask_one_by_one(plan, addresses, go_on) for _n in range(plan.connections)]
    return list(itertools.chain.from_iterable(await asyncio.gather(*asking)))


async def ask_one_by_one(
    plan: Load, addresses: Iterator[str], go_on: Callable[[], bool]
) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    answers = []
    while go_on():
        began = time.perf_counter()
        size = await ask(reader, writer, next(addresses), plan.accept)
        ended = time.perf_counter()
        answers.append(Answer(ended, ended - began, size))
    writer.close()
    return answers


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, accept: str
) -> int:
    """Ask for one address and read its answer to the end; the size of its body."""
    writer.write(
        f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
        "Accept-Encoding: gzip\r\n\r\n".encode()
    )
    head = (await reader.readuntil(HEADERS_END)).decode("latin-1").rstrip().split("\r\n")
    status = head[0].split()[1]
    if status != "200":
        raise BadAnswer(f"{address} answered {status} instead of 200")
    fields = dict(line.lower().split(": ", 1) for line in head[1:])
    size = int(fields["content-length"])
    await reader.readexactly(size)
    return size


if __name__ == "__main__":
    try:
        measured = asyncio.run(measure(Load(**json.load(sys.stdin))))
    except BadAnswer as error:
        sys.exit(str(error))
    except TimeoutError:
        sys.exit("the server stopped answering")
    json.dump(asdict(measured), sys.stdout)
