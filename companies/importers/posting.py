"""Post one message to a public host over HTTPS; the response body is not read."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from urllib3.connection import HTTPConnection

from .download import (
    NETWORK_ERRORS,
    REDIRECTS,
    DownloadError,
    Rules,
    Target,
    connect,
    network_failure,
    public_addresses,
    retry_after,
    target_of,
)
from .ip_addresses import ip_addresses, is_public_address

SECONDS = 10.0


@dataclass(frozen=True)
class Posted:
    """The response to a message: status, and seconds to wait before a retry, if any.

    Without a response, `status` is 0 and `fault` says why: network, timeout, certificate,
    address, redirect, answer, or what is wrong with the URL.
    """

    status: int = 0
    fault: str = ""
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Network:
    """How to reach hosts: the public internet, or a test's replacement."""

    port: int = 443
    ca_certs: str | None = None
    is_public: Callable[[str], bool] = is_public_address
    resolve: Callable[[str, int], list[str]] = ip_addresses
    clock: Callable[[], float] = time.monotonic

    def rules(self, seconds: float) -> Rules:
        return Rules(
            hosts=None,
            headers={},
            seconds=seconds,
            max_bytes=0,
            ports={"https": self.port},
            ca_certs=self.ca_certs,
            is_public=self.is_public,
            resolve=self.resolve,
            clock=self.clock,
        )


PUBLIC = Network()


def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    network: Network = PUBLIC,
    seconds: float = SECONDS,
) -> Posted:
    """POST `content` once; DNS lookup, connection, sending and response share `seconds`.

    Redirects are not followed and the body is not read: an endless response is cut off.
    """
    rules = network.rules(seconds)
    deadline = network.clock() + seconds
    try:
        target = target_of(url, rules)
        with closing(connect(target, rules, deadline)) as connection:
            return _answer(connection, target, content, headers)
    except DownloadError as error:
        return Posted(fault=error.code)


def _answer(
    connection: HTTPConnection, target: Target, content: bytes, headers: Mapping[str, str]
) -> Posted:
    sent = {"Host": target.authority, **headers}
    try:
        connection.request("POST", target.path, content, sent, preload_content=False)
        response = connection.getresponse()
    except TimeoutError:
        return Posted(fault="timeout")
    except NETWORK_ERRORS as error:
        raise network_failure(target.url, error) from error
    except ValueError:  # headers that nobody can read
        return Posted(fault="answer")
    if response.status in REDIRECTS:
        return Posted(response.status, "redirect")
    is_overloaded = response.status in (429, 503)
    wait = retry_after(response) if is_overloaded else None
    taken = 200 <= response.status < 300
    return Posted(response.status, "" if taken else "status", wait)


def refuse_address(url: str, *, network: Network = PUBLIC, seconds: float = 3.0) -> None:
    """Raise DownloadError if nothing could be sent: no public HTTPS host, or none found."""
    rules = network.rules(seconds)
    public_addresses(target_of(url, rules), rules, network.clock() + seconds)
