"""Metrics in Prometheus' text format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from .counters import ANSWERS, BOUNDS, EVENTS, KINDS, OTHER, STATUSES

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
_HELP = {
    "slow_queries": "Statements that took SLOW_QUERY_MS or longer.",
    "mail_failures": "E-mails that the mail server did not take.",
}


class Metric(NamedTuple):
    """A metric with its values by labels; `name` may be a part of a histogram, such as its sum."""

    name: str
    kind: str
    explained: str
    values: Sequence[tuple[str, Labels, float]]  # what follows the name, labels, value


def written(metrics: Iterable[Metric]) -> str:
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    name = f"pactwatch_{metric.name}"
    yield f"# HELP {name} {metric.explained}"
    yield f"# TYPE {name} {metric.kind}"
    for part, labels, value in metric.values:
        pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield (
            f"{name}{part}{{{pairs}}} {_number(value)}"
            if pairs
            else f"{name}{part} {_number(value)}"
        )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def of_requests(numbers: Mapping[tuple[str, ...], int]) -> Iterator[Metric]:
    """The request metrics from the counters."""
    yield Metric(
        "requests_total",
        "counter",
        "Requests by kind of address, status, and whether the answer was kept.",
        [
            ("", {"kind": kind, "status": str(status), "answer": answer}, number)
            for kind in KINDS
            for status in (*STATUSES, OTHER)
            for answer in ANSWERS
            if (number := numbers["requests", kind, str(status), answer])
        ],
    )
    yield Metric(
        "request_seconds",
        "histogram",
        "Seconds until an answer began.",
        [value for kind in KINDS for value in _histogram(kind, numbers)],
    )
    for event in EVENTS:
        yield Metric(f"{event}_total", "counter", _HELP[event], [("", {}, numbers[event,])])


def _histogram(
    kind: str, numbers: Mapping[tuple[str, ...], int]
) -> Iterator[tuple[str, Labels, float]]:
    bounds = [*map(str, BOUNDS), "+Inf"]
    below = [*accumulate(numbers["seconds", kind, bound] for bound in bounds)]
    if below[-1]:
        for bound, number in zip(bounds, below, strict=True):
            yield "_bucket", {"kind": kind, "le": bound}, number
        yield "_sum", {"kind": kind}, numbers["microseconds", kind] / 1_000_000
        yield "_count", {"kind": kind}, below[-1]
