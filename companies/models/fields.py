"""Fields for names, URLs and translated texts, and what no public text may contain."""

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, overload

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.names.letters import fold
from companies.names.visible import clean_line, clean_name, clean_text

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
    TextField = models.TextField[str, str]
    URLField = models.URLField[str, str]
    AnyField = models.Field[str, str]
    Lookup = models.Lookup[Any]
else:
    CharField, TextField, URLField = models.CharField, models.TextField, models.URLField
    AnyField = object
    Lookup = models.Lookup

# Marks that reorder text around them, so that a name reads as something it is not (CVE-2021-42574).
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class FoldedField(CharField):
    """The folded copy of another field, written at every save.

    Both databases search and sort it alike: on PostgreSQL the server's collation could decide.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(**{"max_length": 600, "editable": False, "db_index": True} | kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return super().db_parameters(connection) | {"collation": collation}

    def clean(self, value: Any, model_instance: Any) -> str:
        """Compute the folded value before validation, for constraints."""
        return self.pre_save(model_instance, add=False)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        # A letter such as ﷺ is folded into eighteen: what no column can hold is cut off.
        value = fold(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


def refuse_bidi_controls(text: str) -> None:
    """Raise ValidationError for marks that change the reading order of the text around them."""
    if _BIDI_CONTROLS.search(text):
        raise ValidationError(
            _("This text contains an invisible mark that changes the reading order. Remove it."),
            code="bidi",
        )


def refuse_signs_alone(name: str) -> None:
    """Raise ValidationError for a name of nothing but punctuation and signs."""
    if not re.search(r"[^\W_]", fold(name)):
        raise ValidationError(_("A name needs a letter or a digit."), code="no_letter")


class CleanField(AnyField):
    """Mixin of fields for public texts, which store the cleaned text only."""

    clean_form = staticmethod(clean_text)
    default_validators = [refuse_bidi_controls]

    def deconstruct(self) -> Any:
        """Deconstruct as Django's field, which it is for the database."""
        name, _path, args, kwargs = super().deconstruct()
        own = "TextField" if isinstance(self, models.TextField) else "CharField"
        return name, f"django.db.models.{own}", args, kwargs

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.clean_form(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        # Also what was saved without being validated.
        value = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value


class LongText(CleanField, TextField):
    """A public text of any number of lines."""


class LineField(CleanField, CharField):
    """A public text of one line."""

    clean_form = staticmethod(clean_line)


def _verifier(text: str) -> str:
    """Store "editor" for any text but "verify_sources", the program."""
    who = clean_line(text)
    return who if who in ("", "verify_sources") else "editor"


class VerifierField(LineField):
    """Who verified a quote, without a person's name: it is published permanently."""

    clean_form = staticmethod(_verifier)


class NameField(CleanField, CharField):
    """A name of a company."""

    clean_form = staticmethod(clean_name)
    default_validators = [refuse_bidi_controls, refuse_signs_alone]


web_url = URLValidator(schemes=["http", "https"])


def is_web_url(url: str) -> bool:
    """Whether a page may link to `url`; rows written otherwise were never validated."""
    try:
        web_url(url)
    except ValidationError:
        return False
    return True


class WebField(URLField):
    """An http or https URL; no other scheme is ever stored."""

    default_validators = [web_url]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 1000} | kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "http"} | kwargs)


def codes(choices: Iterable[tuple[Any, Any]]) -> str:
    """The codes with their labels, to explain a file."""
    return "; ".join(f"{code}: {label}" for code, label in choices)


def meaning(field: "models.Field[Any, Any]") -> str:
    """Describe a column: verbose name, help text, and codes with labels."""
    name = capfirst(str(field.verbose_name))
    said = (f"{name}.", str(field.help_text), codes(field.flatchoices))
    return " ".join(part for part in said if part)


class Translated:
    """A text in the reader's language, from the columns `<name>_en`, `<name>_fr` and so on.

    Where the reader's own column is empty or there is none, it is in the first of
    settings.LANGUAGES that has it. A column `<name>` without a language is in English.
    With `falls_back=False`, a column that is there is shown even when it is empty.
    """

    def __init__(self, name: str, *, falls_back: bool = True) -> None:
        self.name = name
        self.falls_back = falls_back

    @overload
    def __get__(self, row: None, owner: type[models.Model]) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type[models.Model]) -> str: ...
    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Self | str:
        return self if row is None else self.chosen(row)[1]

    def chosen(self, row: models.Model) -> tuple[str, str]:
        """The language of the text shown, and the text."""
        reader = get_language() or "en"
        for language in (reader, *(code for code, _name in settings.LANGUAGES)):
            text = getattr(row, self._column(row, language), None)
            if text or (text is not None and not self.falls_back):
                return language, text
        return reader, ""

    def _column(self, row: models.Model, language: str) -> str:
        column = f"{self.name}_{language}"
        return self.name if language == "en" and not hasattr(row, column) else column


@models.CharField.register_lookup
@models.IntegerField.register_lookup
class AmongMany(Lookup):
    """The lookup `in` for thousands of integers or texts as one parameter, cheap for Django."""

    lookup_name = "among_many"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        keys = list(self.rhs)
        if connection.vendor == "sqlite":
            among = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  # our own column
            return among, [*parameters, json.dumps(keys)]
        return f"{column} = ANY(%s)", [*parameters, keys]
