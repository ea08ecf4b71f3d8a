"""Texts that surely pass their field's checks as they are, by their letters alone.

A first load has six texts for each company that no other has: to clean each as forms do takes ten
times as long. `tests/test_plain_texts.py` compares both.
"""

import re
from collections.abc import Callable
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models

from companies.models import LineField, LongText, NameField, WebField
from companies.names.visible import is_clean_line, is_clean_name

Glance = Callable[[str], bool]
_LETTER = re.compile("[0-9A-Za-z]")
_SLUG = re.compile("[-0-9A-Z_a-z]+")
_URL = re.compile(
    r"https?://(?:[0-9a-z](?:[-0-9a-z]{0,61}[0-9a-z])?\.)+[a-z]{2,63}(?:[/?#][!-~]*)?"
)
_LONGEST_HOST = 253  # letters; a URL that is longer is looked at as a whole


def _is_name(text: str) -> bool:
    return is_clean_name(text) and _LETTER.search(text) is not None


def _is_url(text: str) -> bool:
    return len(text) <= _LONGEST_HOST and _URL.fullmatch(text) is not None


_GLANCES: dict[type, Glance] = {
    LongText: is_clean_line,
    LineField: is_clean_line,
    NameField: _is_name,
    models.SlugField: lambda text: _SLUG.fullmatch(text) is not None,
    WebField: _is_url,
}


def glance_at(field: "models.Field[Any, Any]") -> Glance | None:
    """Whether a text, not empty, surely passes; None for a field with other rules."""
    glance: Glance | None = _GLANCES.get(type(field))
    others = [one for one in field.validators if one not in field.default_validators]
    if glance is None or field.choices or not all(map(_is_length, others)):
        return None
    longest = field.max_length or 1_000_000
    return lambda text: len(text) <= longest and glance(text)


def _is_length(validator: object) -> bool:
    return isinstance(validator, MaxLengthValidator)
