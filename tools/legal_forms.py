"""Writes companies/names/legal_forms.csv: `.venv/bin/python -m tools.legal_forms org_types.yml`.

The input is `resources/names/org_types.yml` of opensanctions/rigour, MIT licence. Each row of
the output is a kind of organisation: the form that is shown, whether it is that of an
association, a partnership or neither, and its spellings, each once whatever its case and accents.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from companies.names.legal_forms import key

OUT = Path(__file__).parent.parent / "companies/names/legal_forms.csv"
KINDS = {
    **dict.fromkeys(["NGO", "SOE", "REL", "MIL"], "association"),
    **dict.fromkeys(["COOP", "FIN", "GP", "JV", "LLP", "LP", "SP"], "other"),
}
# Spellings that are also countries or ordinary words: "Vodafone UK" is not "Vodafone".
NOT_FORMS = {
    *("ad", "cooperation", "cooperatie", "doanh nghiep", "ent", "etat", "fa", "in", "ist"),
    *("limite", "partnerschaft", "private enterprise", "societatea cu raspundere", "ultd"),
    *("fond de placement", "unlimited", "unlimited company", "无限公司", "无限"),
}
SHORTEST = 3  # letters of an ASCII spelling; shorter ones are in form_countries.csv or nowhere


def main(path: str) -> None:
    types = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["types"]
    with OUT.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["form", "kind", "spellings"])
        rows.writerows(row for one in types if (row := _row(one)))


def _row(one: dict[str, Any]) -> list[str] | None:
    spellings = list(_spellings(one))
    if not spellings:
        return None
    shown = str(one.get("display") or spellings[0])
    return [shown, KINDS.get(one.get("generic") or "", ""), ";".join(spellings)]


def _spellings(one: dict[str, Any]) -> Iterator[str]:
    seen = set[str]()
    for spelling in (one.get("display"), one.get("compare"), *(one.get("aliases") or ())):
        text = str(spelling or "").strip()
        form = key(text)
        if form in seen or form in NOT_FORMS or (form.isascii() and len(form) < SHORTEST):
            continue
        seen.add(form)
        yield text.replace(";", " ")


if __name__ == "__main__":
    main(sys.argv[1])
