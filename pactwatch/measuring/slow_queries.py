"""Log slow SQL statements without their values."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from .counters import counters

LONGEST = 1000  # characters
logger = logging.getLogger(__name__)
# Django sends values apart; what a statement holds all the same is taken out.
_VALUES = (
    (re.compile(r"'(?:[^']|'')*'"), "%s"),
    (re.compile(r"\b\d+(?:\.\d+)?\b"), "%s"),
    (re.compile(r"%s(?:, %s)+"), "%s, …"),
    (re.compile(r"(\(%s(?:, …)?\))(?:, \1)+"), r"\1, …"),
    (re.compile(r"\s+"), " "),
)


def shape_of(statement: str) -> str:
    for pattern, short in _VALUES:
        statement = pattern.sub(short, statement)
    return statement if len(statement) <= LONGEST else f"{statement[:LONGEST]}…"


def log_if_slow(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = (time.perf_counter() - began) * 1000
        if took >= settings.SLOW_QUERY_MS:
            counters().count("slow_queries")
            alias = context["connection"].alias.partition("-")[0]
            logger.warning("Slow query: %.0f ms on %s: %s", took, alias, shape_of(str(sql)))


def watch(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if log_if_slow not in connection.execute_wrappers:
        connection.execute_wrappers.append(log_if_slow)


def connect() -> None:
    """Time the queries of every database connection opened from now on."""
    if settings.SLOW_QUERY_MS:
        connection_created.connect(watch, dispatch_uid="pactwatch.measuring.slow_queries")
