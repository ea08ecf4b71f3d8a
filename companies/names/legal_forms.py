"""Legal forms: their spellings, countries, and kinds.

`legal_forms.csv` is a list of the world's organisation types by OpenSanctions (rigour,
`resources/names/org_types.yml` of 19 July 2026, see legal_forms.LICENSE), as `tools/legal_forms.py`
writes it. `form_countries.csv` is ours, after ISO 20275: it adds the countries of a form, and its
rows take precedence.
"""

import csv
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .letters import words

ASSOCIATION = "association"  # also a foundation or a public body

_HERE = Path(__file__).parent
# Where the forms of the European Union exist: "SE" and the groupings.
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"


class LegalForm(NamedTuple):
    """A legal form by one spelling: `same` is equal for all spellings of one form."""

    name: str  # as it is shown
    same: str
    countries: frozenset[str]  # empty where we do not know them
    kind: str  # ASSOCIATION, "other" such as a partnership, or empty: a company

    def fits(self, known: Set["LegalForm"], country: str) -> bool:
        """Whether a company of this country, whose own names have these forms, surely has it."""
        if self in known:
            return True
        own = not known or self.same in {form.same for form in known}
        return own and not self.kind and country in self.countries


def key(spelling: str) -> str:
    """The lookup key of a spelling, without spaces: "Sp. z o.o." and "Sp. z o. o."."""
    return "".join(words(spelling))


@cache
def legal_forms() -> Mapping[str, LegalForm]:
    """All forms by the key of each spelling; loaded at the first call."""
    forms = dict[str, LegalForm]()
    for row in _rows("form_countries.csv"):
        countries = row["countries"].replace("EEA", _EEA).split()
        same = key(row["same"] or row["form"])
        form = LegalForm(row["form"], same, frozenset(countries), row["kind"])
        forms |= dict.fromkeys(map(key, (row["form"], *_spellings(row))), form)
    for row in _rows("legal_forms.csv"):
        same = key(row["form"])
        form = forms.get(same) or LegalForm(row["form"], same, frozenset(), row["kind"])
        for spelling in _spellings(row):
            forms.setdefault(key(spelling), form)
    return forms


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _spellings(row: Mapping[str, str]) -> list[str]:
    return row["spellings"].split(";") if row["spellings"] else []
