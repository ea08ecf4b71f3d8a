"""Words that the public pages and the editors' screens no longer use.

Each pattern stands for a wording that readers stumbled over; beside it stands what we say instead.
`make check` runs this.
"""

import re

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

RETIRED = {
    "en": {
        r"\bthe register (knows|holds)\b": "we know, we have",
        r"\b(stands?|status) toward\b": "the status",
        r"\bon whose word\b": "reported by",
        r"\bby (its|their) own (word|account)\b": "according to the company",
        r"\bby a (third party|regulator)’s account\b": "according to",
        r"\bwhat (becomes|became) of\b": "the thing itself",
        r"\b(not known|not available)\b(?! to)": "unknown",
        r"\b(asked by us|we (have )?asked)\b(?! why)": "contacted",
        r"\banybody\b|\bsomebody\b|\bwhoever\b": "anyone, someone",
        r"\b(not|no) .{1,60} any more\b": "no longer",
        r"\bplease mend\b": "please correct",
        r"(?<!there )\bis no (date|address|e-mail|cursor|receipt)\b": "is not a valid",
        r"\bthere is no such\b": "does not exist",
        r"\bone (an?|name a) line\b|\bfile a table\b": "one per line",
        r"\bkept cop(y|ies)\b": "archived copy",
        r"\b(first )?found missing\b(?! on| in)": "not listed",
        r"\breport clock\b": "progress report",
        r"\btake(n)? (it )?back\b": "withdrawn, removed",
        r"\b(mean|say)s? nothing about whether a company respects\b": "complies with",
        r"\ball the same\b": "still",
        r"\bon a clock\b": "scheduled",
        r"\bof its doing\b": "implementation",
        r"\bthe register’s own package\b": "the register’s data package",
        r"\bwho signed .{0,40} and who did not\b": "who has signed",
        r"\b(said|says?|declined|report|found|shown) in public\b": "publicly",
        r"\bnot seen on\b": "date of the list",
        r"\bnobody\b": "no one",
        r"\btoward\b": "on, of",
        r"\bwhere the proof is\b": "the evidence",
        r"\b(when|itself) left out\b": "default",
        r"\b(stands?|stood)\b": "is, is shown",
        r"\bis of %\(": "is dated",
        r"\b(made )?anew\b": "new",
        r"\bleads? (readers|to the (new|front))\b": "redirects",
        r"\bkeeps? of (you|people)\b": "about you",
        r"\bleave empty when\b": "if",
        r"\bhas not come yet\b": "is in the future",
        r"\bchanges in the (register|record)\b": "changes to",
    },
    "fr": {
        r"\bnon disponible\b|\bnon connue?s?\b": "inconnu",
        r"\bfiches courtes\b": "vignettes",
        r"\bsollicitée?s? (pour le|au-delà)\b": "échéance indicative",
        r"\bconnus? de nous\b": "identifié",
        r"\bce registre connaît\b|\ble registre (ne )?(connaît|ignore|contient)\b": "nous",
        r"\binterrogée\b": "contactée",
        r"\bn’a rien à cette adresse\b|\brien à cette adresse\b": "page introuvable",
        r"\brendre compte\b": "publier un rapport",
        r"\bcalendrier du rapport\b": "rapport d’étape",
        r"\bderniers changements\b": "dernières modifications",
        r"\bque devient\b": "suivi",
        r"\bconnaissance générale, sans source\b": "non sourcées",
        r"\bbien vouloir\b|\bs’il vous plaît\b": "l’impératif",
        r"\bla raison n’est pas publique\b": "aucun motif n’a été publié",
        r"\bsollicit": "échéance, invitée à publier",
        r"\brefus publics?\b": "a refusé publiquement",
        r"\babsentes? (aussi )?(des? |d’abord)": "ne figure pas sur",
        r"\binterrogée?s?\b|\bnous n’avons interrogé\b": "contactée",
        r"\bpropres mots\b": "propos de l’entreprise",
        r"\bdéfusionner\b|\btéléverse": "annuler une fusion, importer",
        r"\bpaquet de données\b": "jeu de données",
        r"\bcomptes? rendus?\b": "article, rapport",
        r"\bextraits?\b": "citation",
        r"\babsence d’abord constatée\b": "première absence constatée",
        r"[\u00a0 ][;?!]": "une espace fine insécable",
    },
}


def retired(language, text):
    """The retired wordings in a text, each with what we say instead."""
    found = RETIRED[language].items()
    return [(pattern, instead) for pattern, instead in found if re.search(pattern, text, re.I)]


def messages():
    """Each message of the catalogue, in English and in French."""
    path = settings.LOCALE_PATHS[0] / "fr" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id:
                yield "en", message.id
                yield "fr", message.string


def texts(value):
    return [value] if isinstance(value, str) else value


def test_no_translated_message_uses_a_retired_wording():
    found = [
        (text, *retired(language, text))
        for language, value in messages()
        for text in texts(value)
        if retired(language, text)
    ]
    assert found == []


def descriptions(part):
    """The sentences of the API's schema, which its page shows to developers."""
    if isinstance(part, dict):
        said = part.get("description")
        yield from [said] if isinstance(said, str) else []
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from descriptions(inner)


def test_no_description_of_the_api_uses_a_retired_wording():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    found = {text: retired("en", text) for text in descriptions(schema)}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The register knows no company called “x”."),
        ("en", "It declined in public."),
        ("en", "left, by its own word"),
        ("en", "Not seen on 9 October 2024"),
        ("en", "It says where the proof is."),
        ("fr", "Un rapport est sollicité pour le 9 octobre 2025."),
        ("fr", "Siège : non disponible"),
        ("fr", "Apple : absente de la liste"),
        ("fr", "Refus public\N{NO-BREAK SPACE};"),
    ],
)
def test_the_check_finds_a_retired_wording(language, text):
    assert retired(language, text)
