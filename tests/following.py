"""Writers at work while readers follow the log, in threads of a process of its own.

`python -m tests.following` prints, for each reader, the numbers that it read, as JSON.
"""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

from tests.sampling import ALL

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")

WRITERS, ACTS, ROWS = 4, 12 if ALL else 4, 3


def follow(address: str, stop: threading.Event) -> list[int]:
    """Poll from the beginning until the writers are done and nothing is left."""
    from django.test import Client

    client, cursor, numbers = Client(), "", []
    while True:
        done = stop.is_set()  # asked before reading: what was written before it is read now
        query = f"&cursor={cursor}" if cursor else ""
        answer = client.get(f"{address}{query}").json()
        numbers += [change["number"] for change in answer["results"]]
        cursor = answer["next_cursor"]
        if done and answer["next"] is None:
            return numbers


def write(writer: int) -> None:
    from companies.register.history import unit_of_work
    from tests.builders import a_company

    for act in range(ACTS):
        with unit_of_work():
            for row in range(ROWS):
                a_company(f"Company {writer} {act} {row}")


def main() -> None:
    from django.db import connection, connections

    if connection.vendor == "sqlite":  # whose lock goes to any of those who wait, even for long
        connection.settings_dict["OPTIONS"]["timeout"] = 120

    def closing(work: Callable[..., Any], *values: Any) -> Any:
        try:
            return work(*values)
        finally:
            connections.close_all()

    stop = threading.Event()
    addresses = (
        "/api/v1/changes/?page_size=7",
        "/api/v1/changes/?page_size=100&since=2020-01-01",
    )
    with ThreadPoolExecutor(len(addresses) + WRITERS) as pool:
        readers = [pool.submit(closing, follow, address, stop) for address in addresses]
        writers = [pool.submit(closing, write, number) for number in range(WRITERS)]
        try:
            for writer in writers:
                writer.result()
        finally:
            stop.set()
        print(json.dumps([reader.result() for reader in readers]))


if __name__ == "__main__":
    django.setup()
    main()
