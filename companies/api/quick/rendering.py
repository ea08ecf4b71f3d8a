"""The raw query string, and rows as JSON bytes by serializers that are built once."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from threading import local
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from rest_framework.compat import SHORT_SEPARATORS
from rest_framework.fields import Field, SkipField
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer, Serializer

Row = TypeVar("Row")
# As JSONRenderer makes it, which makes one for each value.
_encoder = JSONRenderer.encoder_class(
    ensure_ascii=JSONRenderer.ensure_ascii,
    allow_nan=not JSONRenderer.strict,
    separators=SHORT_SEPARATORS,
)
_of_thread = local()
_GET_ATTRIBUTE = Field.get_attribute


def query_of(request: HttpRequest) -> bytes:
    """The raw query string; unescaped bytes are taken as UTF-8, as Django does."""
    text: str = request.META.get("QUERY_STRING", "")
    return text.encode("latin-1")


def render(value: Any) -> bytes:
    text: str = _encoder.encode(value)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def cached_serializer(
    kind: type[BaseSerializer[Row]], context: Mapping[str, Any]
) -> BaseSerializer[Row]:
    """This thread's instance of a serializer: building that of a record takes 10 ms."""
    serializers: dict[Any, Any] = vars(_of_thread)
    if kind not in serializers:
        serializers[kind] = hastened(kind())
    cached: BaseSerializer[Row] = serializers[kind]
    cached._context = context
    return cached


def hastened(serializer: Any) -> Any:
    """The serializer, with the kind of each field looked up once instead of for each row.

    A record has 150 fields. Rows that are not as expected, such as None, go REST framework's own
    way.
    """
    for field in serializer.fields.values():
        part = getattr(field, "child", field)
        if isinstance(part, Serializer):
            hastened(part)
    if type(serializer).to_representation is Serializer.to_representation:
        readers = [(field.field_name, _reader(field)) for field in serializer._readable_fields]

        def to_representation(row: Any) -> dict[str, Any]:
            represented = {}
            for name, read in readers:
                try:
                    represented[name] = read(row)
                except SkipField:
                    continue
            return represented

        serializer.to_representation = to_representation
    return serializer


def _reader(field: Any) -> Callable[[Any], Any]:
    """A function that represents the field's attribute of a row; None stays None."""
    represent, is_plain = field.to_representation, type(field).get_attribute is _GET_ATTRIBUTE
    if is_plain and field.source == "*":
        read: Callable[[Any], Any] = represent
        return read
    value_of = attrgetter(field.source) if is_plain else field.get_attribute

    def read_attribute(row: Any) -> Any:
        try:
            value = value_of(row)
        except (AttributeError, ObjectDoesNotExist):
            value = field.get_attribute(row)
        if callable(value):
            value = field.get_attribute(row)
        return None if value is None else represent(value)

    return read_attribute
