"""Parse query parameters with form fields shared by all queries of a filter set."""

import base64
from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _


class ReadQuery:
    """A bound query, in place of Django's form.

    Django copies all fields for each form, which took a third of a list's time. Here fields are
    shared, and only given parameters are parsed.
    """

    def __init__(
        self, fields: Mapping[str, forms.Field], empty: Mapping[str, Any], data: Any
    ) -> None:
        self.fields, self.errors = fields, dict[str, list[str]]()
        self.cleaned_data = dict(empty)
        for name, field in fields.items():
            if name in data:
                try:
                    value = field.widget.value_from_datadict(data, {}, name)
                    self.cleaned_data[name] = field.clean(value)
                except forms.ValidationError as error:
                    self.errors[name] = error.messages

    def is_valid(self) -> bool:
        return not self.errors


# Several codes in one value


class CodeListField(forms.MultipleChoiceField):
    """Comma-separated codes, in the given order."""

    def to_python(self, value: Any) -> list[str]:
        codes = [code.strip() for text in super().to_python(value) for code in text.split(",")]
        return list(dict.fromkeys(filter(None, codes)))


class CodeList(django_filters.Filter):
    field_class = CodeListField


# Where to read on


LONGEST_NUMBER = 18  # digits; more would not fit the column
CHANGES = "1"  # what cursors over changes begin with
BEGINNING = "*"  # as a cursor: the first rows, and a cursor for the next


class CursorField(forms.CharField):
    """A cursor, as the number of the last row read; valid for the list `of` only."""

    default_error_messages = {
        "invalid": _("This cursor is not valid. Leave it out to start from the beginning.")
    }

    def __init__(self, *, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        number = self.number_of(text)
        if number is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def number_of(self, cursor: str) -> int | None:
        """The number in a cursor, 0 for the start; None for an invalid one."""
        if cursor == BEGINNING:
            return 0
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        except ValueError:
            return None
        digits = text.removeprefix(f"{self.of}:")
        if not digits.isdecimal() or len(digits) > LONGEST_NUMBER:
            return None
        number = int(digits)
        return number if cursor_after(number, of=self.of) == cursor else None


def cursor_after(number: int, *, of: str = CHANGES) -> str:
    """The opaque cursor after the row with this number."""
    return base64.urlsafe_b64encode(f"{of}:{number}".encode()).decode().rstrip("=")
