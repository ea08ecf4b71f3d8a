"""Errors of the editors' forms: each says which field and what to do, and links to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest
from django.utils.functional import keep_lazy_text
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

# The message for an empty or invalid field, by the field's class; the first that fits.
FILL_IN = _("%(field)s: fill in this field.")
MESSAGES: list[tuple[type[forms.Field], Any]] = [
    (forms.FileField, _("%(field)s: choose a file.")),
    (forms.ChoiceField, _("%(field)s: choose one from the list.")),
    (forms.DateField, _("%(field)s: enter a date, such as 2024-10-09.")),
    (forms.IntegerField, _("%(field)s: enter a number.")),
    (forms.URLField, _("%(field)s: enter a web address, such as https://…")),
]


class NamedErrors(forms.BaseForm):
    """A form whose errors say which field and what to do, where Django says neither."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            name_errors(field)


def name_errors(field: forms.Field) -> None:
    """Replace Django's error messages with ours; custom messages of the field are kept."""
    message = next((said for kind, said in MESSAGES if isinstance(field, kind)), FILL_IN)
    default = {**forms.Field.default_error_messages, **type(field).default_error_messages}
    for code in ("required", "invalid", "invalid_choice"):
        replaces = code == "required" or message is not FILL_IN
        if replaces and field.error_messages.get(code) is default.get(code, ""):
            field.error_messages[code] = _of_field(message, field)


@keep_lazy_text
def _of_field(message: Any, field: forms.Field) -> str:
    return str(message % {"field": capfirst(field.label or "")})


@dataclass(frozen=True)
class FieldError:
    """An error for the summary above a form, with the id of its field."""

    target: str
    text: str


def summary_of(form: Any, formsets: Any = ()) -> list[FieldError]:
    """Every error of a form and its rows, in the order of the page."""
    return [
        *errors_of(form),
        *(error for formset in formsets for error in _errors_of_rows(formset)),
    ]


def errors_of(form: Any, where: str = "") -> Iterator[FieldError]:
    """The errors of one form; `where` names its row."""
    for text in form.non_field_errors():
        yield FieldError("", in_row(where, text))
    for name, errors in form.errors.items():
        if name in form.fields:
            field = form[name]
            target = field.id_for_label or f"{field.auto_id}_0"
            for text in errors:
                yield FieldError(target, in_row(where, _named(field, text)))


def _errors_of_rows(formset: Any) -> Iterator[FieldError]:
    rows = capfirst(formset.model._meta.verbose_name)
    for text in formset.non_form_errors():
        yield FieldError(f"{formset.prefix}-group", in_row(rows, text))
    for number, form in enumerate(formset.forms):
        if form.errors:
            where = _t("%(rows)s %(number)d") % {"rows": rows, "number": number + 1}
            for error in errors_of(form, where):
                yield FieldError(error.target or f"{formset.prefix}-{number}", error.text)


def _named(field: Any, text: str) -> str:
    label = str(capfirst(field.label))
    if label.casefold() in text.casefold():
        return text
    return _t("%(field)s: %(error)s") % {"field": label, "error": text}


def in_row(where: str, text: str) -> str:
    return _t("%(row)s – %(error)s") % {"row": where, "error": text} if where else text


def forget_messages(request: HttpRequest) -> None:
    """Drop the success messages of this request: its rows were not written after all."""
    request._messages = default_storage(request)  # type: ignore[attr-defined]  # as the middleware
