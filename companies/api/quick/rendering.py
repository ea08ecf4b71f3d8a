"""Queries as they are sent, rows as JSON: by serializers that are built once, as bytes."""

from collections.abc import Mapping
from threading import local
from typing import Any, TypeVar

from django.http import HttpRequest
from rest_framework.compat import SHORT_SEPARATORS
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer

Row = TypeVar("Row")
# As JSONRenderer makes it, which makes one for each value.
_encoder = JSONRenderer.encoder_class(
    ensure_ascii=JSONRenderer.ensure_ascii,
    allow_nan=not JSONRenderer.strict,
    separators=SHORT_SEPARATORS,
)
_of_thread = local()


def query_of(request: HttpRequest) -> bytes:
    """The query as it was sent; who sends UTF-8 unescaped means it, as Django reads it."""
    text: str = request.META.get("QUERY_STRING", "")
    return text.encode("latin-1")


def render(value: Any) -> bytes:
    text: str = _encoder.encode(value)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def kept_serializer(
    kind: type[BaseSerializer[Row]], context: Mapping[str, Any]
) -> BaseSerializer[Row]:
    """The serializer of this kind that the thread keeps: to build that of a record takes 10 ms."""
    serializers: dict[Any, Any] = vars(_of_thread)
    if kind not in serializers:
        serializers[kind] = kind()
    kept: BaseSerializer[Row] = serializers[kind]
    kept._context = context
    return kept
