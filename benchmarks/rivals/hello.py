"""The minimal WSGI application: send bytes from memory, looked up by path."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["BENCHMARK_BODIES"])
GZIP = ("Content-Encoding", "gzip")


def _answer(name: str, told: dict[str, str]) -> tuple[list[tuple[str, str]], list[bytes]]:
    body = (FOLDER / name).read_bytes()
    headers = [("Content-Type", told["content-type"]), ("Content-Length", str(len(body))), GZIP]
    return headers, [body]


ANSWERS = {
    f"/{name}": _answer(name, told)
    for name, told in json.loads((FOLDER / "index.json").read_text()).items()
}


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    headers, body = ANSWERS[environ["PATH_INFO"]]
    start("200 OK", headers)
    return body
