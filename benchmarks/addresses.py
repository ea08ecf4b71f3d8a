"""What is asked: the addresses of each measurement, from the invented register itself."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.http import urlencode

from benchmarks import register

PAGE_SIZE = 50
POOL = 400  # different addresses at most, for each measurement
KEPT_POOL = 10
OURS, TUTORIAL, PREFETCHED = "ours", "tutorial", "prefetched"
LIST, RECORD = "API first list page", "API record"


@dataclass(frozen=True)
class Measurement:
    """One kind of request to one side, with addresses that readers might ask for."""

    side: str
    name: str
    addresses: list[str]
    accept: str = "application/json"

    @property
    def kept(self) -> list[str]:
        """Few enough that each worker soon keeps them all."""
        return self.addresses[:KEPT_POOL]


def measurements(companies: list[register.Company]) -> list[Measurement]:
    """All of them, with what is compared standing together."""
    api, pages = "/api/v1/companies/", "/companies/"
    slugs = [company.slug for company in _spread(companies)]
    filtered, searches = list(_filtered()), list(_searches(companies))
    last = len(companies) // PAGE_SIZE
    deep = [f"{api}?page={last - n}" for n in range(min(POOL, last // 2))]
    pacts = [f"/api/v1/statistics/?pact={pact}" for pact in register.COMMITMENTS]
    return [
        Measurement(OURS, LIST, [api]),
        *(Measurement(side, LIST, [f"/{side}/"]) for side in (TUTORIAL, PREFETCHED)),
        Measurement(OURS, RECORD, [f"{api}{slug}/" for slug in slugs]),
        *(
            Measurement(side, RECORD, [f"/{side}/{slug}/" for slug in slugs])
            for side in (TUTORIAL, PREFETCHED)
        ),
        Measurement(OURS, "API filtered, sorted list", [f"{api}?{query}" for query in filtered]),
        Measurement(OURS, "API name search", [f"{api}?{query}" for query in searches]),
        Measurement(OURS, "API deep page", deep),
        Measurement(OURS, "API statistics", pacts),
        Measurement(OURS, "HTML list", [f"{pages}?{query}" for query in filtered], "text/html"),
        Measurement(OURS, "HTML record", [f"{pages}{slug}/" for slug in slugs], "text/html"),
    ]


def _spread(companies: list[register.Company]) -> list[register.Company]:
    """POOL companies evenly from the whole register."""
    return companies[:: max(1, len(companies) // POOL)][:POOL]


def _filtered() -> Iterator[str]:
    countries = [code for code in register.COUNTRIES if code][:10]
    sorts = ("-since", "since", "-name", "country")
    combinations = itertools.product(countries, ("signed", "not_signed"), sorts)
    for country, status, sort in combinations:
        yield urlencode({"country": country, "status": status, "sort": sort})


def _searches(companies: list[register.Company]) -> Iterator[str]:
    """The first words of names, half typed, with their accents or without."""
    words = dict.fromkeys(word for c in _spread(companies) for word in c.name.split())
    for n, word in enumerate(words):
        yield urlencode({"q": word[: max(3, len(word) - n % 3)]})
