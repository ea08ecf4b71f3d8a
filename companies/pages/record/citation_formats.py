"""The citation of a record as plain text, BibTeX and CSL-JSON."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.models import Company, PartialDate

if TYPE_CHECKING:
    from companies import queries

REGISTER = "PactWatch"
# BibTeX counts braces even after a backslash, so a value must not contain any.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "\u00a0": "~",
    }
    | {sign: f"\\{sign}" for sign in "&%$#_"}
)


@dataclass(frozen=True)
class Citable:
    """A record as of a day, to be cited.

    `version` is that of the register at which the record last changed, None for one as recorded
    in the past.
    """

    slug: str
    title: str
    language: str
    url: str
    as_of: datetime.date
    recorded_on: datetime.date
    version: int | None

    @property
    def state(self) -> str:
        """The cited state of the register, in words."""
        facts = {"day": self._in_words(self.recorded_on), "as_of": self._in_words(self.as_of)}
        if self.version is None:
            return _("Register as recorded on %(day)s; true as of %(as_of)s") % facts
        facts["version"] = str(self.version)
        return _("Register version %(version)s; true as of %(as_of)s") % facts

    def _in_words(self, day: datetime.date) -> str:
        return PartialDate(day).in_words(self.language)

    @property
    def text(self) -> str:
        facts = {"register": REGISTER, "title": self.title, "state": self.state}
        cited = _("%(register)s, “%(title)s”. %(state)s.") % facts
        return f"{cited} {self.url}".replace("\u00a0", " ")

    @property
    def bibtex(self) -> str:
        fields = {
            "author": f"{{{REGISTER}}}",
            "title": f"{{{_for_tex(self.title)}}}",
            "year": str(self.recorded_on.year),
            "month": str(self.recorded_on.month),
            "note": _for_tex(self.state),
            "url": self.url,
            "urldate": self.recorded_on.isoformat(),
        }
        lines = "".join(f"  {name:<7} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self._key},\n{lines}}}\n"

    @property
    def csl(self) -> str:
        item: dict[str, Any] = {
            "id": self._key,
            "type": "webpage",
            "title": self.title,
            "author": [{"literal": REGISTER}],
            "container-title": REGISTER,
            "issued": _parts(self.recorded_on),
            "accessed": _parts(self.recorded_on),
            "language": self.language,
            "note": self.state.replace("\u00a0", " "),
            "URL": self.url,
        }
        if self.version is not None:
            item["version"] = str(self.version)
        return json.dumps([item], ensure_ascii=False, indent=2) + "\n"

    @property
    def _key(self) -> str:
        return f"pactwatch-{self.slug}-{self.recorded_on}"


def _parts(day: datetime.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def _for_tex(text: str) -> str:
    """Text as a BibTeX value on one line, its special characters escaped."""
    return re.sub(r"[\t\n\r\f\v ]+", " ", text).strip().translate(_TEX)


def citable(company: Company, query: "queries.DayQuery", pact_name: str, version: int) -> Citable:
    today = timezone.localdate()
    recorded_on = query.clock.recorded_as_of or today
    parameters = urlencode({"as_of": query.day, "recorded_as_of": recorded_on})
    return Citable(
        slug=company.slug,
        title=_("%(name)s and the %(pact)s") % {"name": company.name, "pact": pact_name},
        language=get_language() or "en",
        url=f"{settings.SITE_URL}{company.get_absolute_url()}?{parameters}",
        as_of=query.day,
        recorded_on=recorded_on,
        version=None if recorded_on < today else version,
    )


@dataclass(frozen=True)
class Form:
    """A file format of a citation."""

    content_type: str
    written: Callable[[Citable], str]


FORMS = {
    "txt": Form("text/plain; charset=utf-8", lambda cited: cited.text + "\n"),
    "bib": Form("application/x-bibtex; charset=utf-8", lambda cited: cited.bibtex),
    "json": Form("application/vnd.citationstyles.csl+json", lambda cited: cited.csl),
}
