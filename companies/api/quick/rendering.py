"""The raw query string, and rows as JSON bytes by serializers that are built once."""

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
    """The raw query string; unescaped bytes are taken as UTF-8, as Django does."""
    text: str = request.META.get("QUERY_STRING", "")
    return text.encode("latin-1")


def render(value: Any) -> bytes:
    text: str = _encoder.encode(value)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def kept_serializer(
    kind: type[BaseSerializer[Row]], context: Mapping[str, Any]
) -> BaseSerializer[Row]:
    """This thread's instance of a serializer: building that of a record takes 10 ms."""
    serializers: dict[Any, Any] = vars(_of_thread)
    if kind not in serializers:
        serializers[kind] = kind()
    kept: BaseSerializer[Row] = serializers[kind]
    kept._context = context
    return kept
