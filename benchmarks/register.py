"""An invented register, the same at every run: plain records, without Django.

Its proportions follow the real register and the Commission's figures where there are any; both are
cited beside the weights.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.utils.text import slugify

T = TypeVar("T")

SEED = 20240925
OPENED_ON = datetime.date(2024, 9, 25)
LIST_READ_ON = datetime.date(2024, 10, 9)

CORE = ("governance", "high-risk-mapping", "ai-literacy")
ADDITIONAL = ("human-oversight", "risk-mitigation", "inform-people", "label-generated-content")
CHAPTERS = ("transparency", "copyright", "safety-security")
COMMITMENTS = {
    "eu-ai-pact": dict.fromkeys(CORE, "core") | dict.fromkeys(ADDITIONAL, "additional"),
    "gpai-code": dict.fromkeys(CHAPTERS, "chapter"),
    "seoul": {"frontier-safety": "core"},
}

# Headquarters: two in three in the EU and 23 % in the US, close to what the Commission counted in
# December 2025 (63 % and 23 %), with the long tail of a European register.
COUNTRIES = {
    "US": 230, "DE": 130, "FR": 120, "IT": 75, "ES": 60, "NL": 55, "": 45, "GB": 40, "SE": 30,
    "BE": 28, "PL": 26, "IE": 22, "DK": 20, "AT": 18, "FI": 16, "CN": 14, "CH": 12, "PT": 12,
    "CZ": 9, "GR": 8, "RO": 8, "IN": 7, "NO": 6, "HU": 5, "LU": 5, "EE": 4, "JP": 4, "CA": 4,
    "IL": 4, "KR": 3, "BG": 3, "SK": 3, "HR": 3, "SI": 2, "LT": 2, "LV": 2, "AE": 2, "AU": 1,
    "CY": 1, "MT": 1, "SG": 1, "UA": 1, "XK": 1, "IS": 1, "BR": 1, "TR": 1,
}  # fmt: skip
SECTORS = {
    "software": 25, "ai-developer": 17, "it-services": 16, "legal": 15, "telecoms-cloud": 13,
    "": 12, "media": 8, "security": 8, "hardware": 8, "public-research": 5, "finance": 4,
    "energy-industry": 3, "retail": 3, "automotive": 2, "health": 2, "travel": 2, "aerospace": 1,
    "professional-services": 1,
}  # fmt: skip
SIZES = {"large": 45, "sme": 35, "micro": 8, "unknown": 12}
ROLES = {"both": 58, "deployer": 17, "provider": 13, "unknown": 12}
STANDINGS = {
    "signed": 60, "not_signed": 15, "left": 5, "interested": 5, "declined": 2, "nothing": 13,
}  # fmt: skip
# Statuses that only the company itself can say.
OWN_WORDS = {"declined": "will_not_sign", "withdrawn": "has_left"}
IMPLEMENTATIONS = {"no_evidence": 70, "planned": 10, "partial": 13, "full": 7}

STEMS = (
    "Acier", "Aérospace", "Ágora", "Albä", "Arctic", "Atelier", "Bâtir", "Blå", "Böhm", "Brücke",
    "Café", "Calcul", "Cédille", "Córdoba", "Delta", "Égide", "Élan", "Étoile", "Færch", "Fjord",
    "Göteborg", "Grün", "Hélios", "Île", "Jæger", "Kraków", "Łódź", "Lumière", "Málaga", "Météo",
    "Müller", "Nørre", "Óptica", "Orange", "Pléiade", "Quantum", "Rhône", "Šiauliai", "Solène",
    "Straße", "Tallinn", "Über", "Vérité", "Weiß", "Ypsilon", "Zürn", "Northern", "Open", "Civic",
)  # fmt: skip
TRADES = (
    "Analytics", "Assurances", "Automotive", "Bank", "Cloud", "Conseil", "Data", "Digital",
    "Énergie", "Finance", "Health", "Intelligence", "Labs", "Logistik", "Media", "Mobility",
    "Pharma", "Robotics", "Santé", "Security", "Software", "Systèmes", "Telecom", "Vision",
)  # fmt: skip
PLACES = ("", "Europe", "Nordic", "Ibérica", "France", "Deutschland", "Benelux", "International")
FORMS = ("SAS", "GmbH", "AB", "B.V.", "S.p.A.", "S.A.", "Ltd", "Inc.", "sp. z o.o.", "A/S")


@dataclass(frozen=True)
class Source:
    """A document; the first one is the official list."""

    slug: str
    title: str
    kind: str


@dataclass(frozen=True)
class Citation:
    """A quote from one source; `own_words` marks words of the company itself."""

    source: str
    quote: str
    own_words: str = ""


@dataclass(frozen=True)
class Period:
    """A status toward one pact, with its citations."""

    pact: str
    status: str
    since: datetime.date
    until: datetime.date | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Pledge:
    """A pledge to one commitment."""

    pact: str
    commitment: str
    implementation: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Company:
    """A company with all its rows."""

    slug: str
    name: str
    country: str
    sector: str
    size: str
    role: str
    names: tuple[str, ...]
    periods: tuple[Period, ...]
    pledges: tuple[Pledge, ...]


def sources(companies: int) -> list[Source]:
    """One document for every three companies: an official one, then press and companies' own."""
    official = Source("official-list", "The official list of signatories", "official_list")
    others = [
        Source(f"document-{n}", f"Document no. {n}", "press" if n % 3 else "company")
        for n in range(1, 8 + companies // 3)
    ]
    return [official, *others]


def companies(number: int) -> Iterator[Company]:
    """`number` invented companies; the first ones are the same whatever `number` is."""
    taken: set[str] = set()
    for position in range(number):
        chance = random.Random(f"{SEED} {position}")  # nosec B311  # no secret
        name = _unused_name(chance, taken)
        yield _company(chance, name, position)


def _company(chance: random.Random, name: str, position: int) -> Company:
    periods = tuple(_periods(chance, name, position))
    return Company(
        slug=slugify(name),
        name=name,
        country=_pick(chance, COUNTRIES),
        sector=_pick(chance, SECTORS),
        size=_pick(chance, SIZES),
        role=_pick(chance, ROLES),
        names=_names(chance, name),
        periods=periods,
        pledges=tuple(_pledges(chance, name, position, periods)),
    )


def _unused_name(chance: random.Random, taken: set[str]) -> str:
    words = [chance.choice(STEMS), chance.choice(TRADES), chance.choice(PLACES)]
    name = stem = " ".join(word for word in words if word)
    number = 1
    while slugify(name) in taken:
        number += 1
        name = f"{stem} {number}"
    taken.add(slugify(name))
    return name


def _names(chance: random.Random, name: str) -> tuple[str, ...]:
    """Other names: none for two companies in five, else one or two."""
    aliases = (f"{name} {chance.choice(FORMS)}", f"Groupe {name}")
    return aliases[: _pick(chance, {0: 40, 1: 45, 2: 15})]


def _periods(chance: random.Random, name: str, position: int) -> Iterator[Period]:
    standing = _pick(chance, STANDINGS)
    since = LIST_READ_ON + datetime.timedelta(days=chance.choice((0, 0, 0, chance.randrange(600))))
    if standing == "left":
        until = since + datetime.timedelta(days=chance.randrange(60, 150))
        status = chance.choice(("removed", "removed", "withdrawn"))
        yield _period(chance, name, position, "signed", since, until=until)
        yield _period(chance, name, position, status, until)
    elif standing != "nothing":
        yield _period(chance, name, position, standing, since)
    for pact, share in (("gpai-code", 0.08), ("seoul", 0.03)):
        if chance.random() < share:
            yield _period(chance, name, position, "signed", since, pact=pact)


def _period(
    chance: random.Random,
    name: str,
    position: int,
    status: str,
    since: datetime.date,
    *,
    until: datetime.date | None = None,
    pact: str = "eu-ai-pact",
) -> Period:
    number = _pick(chance, {1: 45, 2: 30, 3: 15, 4: 10})
    citations = _citations(chance, name, position, number, OWN_WORDS.get(status, ""))
    return Period(pact, status, since, until, citations)


def _pledges(
    chance: random.Random, name: str, position: int, periods: tuple[Period, ...]
) -> Iterator[Pledge]:
    """Pledges: the core commitments of every pact signed, and a few of the others."""
    for pact in dict.fromkeys(period.pact for period in periods if period.status == "signed"):
        for code, kind in COMMITMENTS[pact].items():
            if kind == "core" or chance.random() < (0.7 if kind == "chapter" else 0.15):
                done = _pick(chance, IMPLEMENTATIONS)
                cited = _citations(chance, name, position, 0 if done == "no_evidence" else 1)
                yield Pledge(pact, code, done, cited)


def _citations(
    chance: random.Random, name: str, position: int, number: int, own_words: str = ""
) -> tuple[Citation, ...]:
    """Citations: the official list, then documents about this company and its neighbours.

    An official list never has words of a company's own.
    """
    slugs = [f"document-{1 + position // 4 + n}" for n in range(number)]
    if not own_words:
        slugs = ["official-list", *slugs]
    quotes = (
        f"{name}",
        f"« {name} figure parmi les signataires du Pacte sur l’IA. »",
        f"“{name} has joined the AI Pact and set up its AI governance accordingly.”",
    )
    return tuple(Citation(slug, chance.choice(quotes), own_words) for slug in slugs[:number])


def _pick(chance: random.Random, weights: dict[T, int]) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]
