"""The parser of request bodies, for the few views that read one."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class StrictJSONParser(BaseParser):
    """Parses UTF-8 JSON without NaN, infinity, surrogates, NUL or too deep nesting.

    Every text that gets through can be stored in the database.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return self.read(stream.read())

    @staticmethod
    def read(content: bytes) -> Any:
        """Parse JSON bytes; raises ParseError with the reason."""
        try:
            text = content.decode("utf-8-sig")
            body = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
            text = json.dumps(body, ensure_ascii=False)
            text.encode()
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(_("The JSON holds half of a surrogate pair.")) from error
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8.")) from error
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(error)s") % {"error": error}) from error
        if r"\u0000" in text.replace(r"\\", ""):
            raise ParseError(_("The JSON holds a NUL character."))
        return body


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits[:20])
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
