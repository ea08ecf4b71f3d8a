"""What a first load takes as it is, each field would too."""

import random
import re

import pytest
from django.core.exceptions import ValidationError

from companies.models import Citation, Company, CompanyName, Source
from companies.names import quotes
from companies.names.letters import fold
from companies.register.filling.plain_texts import glance_at

FIELDS = [
    Company._meta.get_field("slug"),
    Company._meta.get_field("name"),
    CompanyName._meta.get_field("name"),
    Company._meta.get_field("website"),
    Company._meta.get_field("description"),
    Citation._meta.get_field("quote"),
    Source._meta.get_field("title"),
    Source._meta.get_field("url"),
]
# What fields refuse, shorten or write otherwise, beside what they keep.
PIECES = [
    *("Acme", "acme-1", "Été", "a", "1", "_x", "_x0041_", "&amp;", "&", "“", "”", "-", "--", "."),
    *(" ", "  ", "\u00a0", "\n", "\r\n", "\t", "\u202f", "\u202e", "\u200b", "\u200d", "\u00ad"),
    *("https://", "http://", "ftp://", "example.org", "xn--a.eu", "[::1]", "/", "/a b", "?q=ü"),
    *(":8000", "user@", "#", "%20", "-a.org", "a-.org", "e\u0301", "字", "\x00", "\x85", "…", "€"),
]


def texts() -> list[str]:
    chosen = random.Random(8)
    found = ["".join(chosen.choices(PIECES, k=chosen.randrange(1, 6))) for _ in range(8_000)]
    found += [f"https://{text}" for text in found[::2]]
    return [*found, *PIECES, "a" * 100, "a" * 101, "a" * 201, "https://" + "a." * 130 + "org"]


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_text_that_passes_at_a_glance_is_stored_unchanged_by_its_field(field):
    passes, passed = glance_at(field), 0
    for text in filter(passes, texts()):
        try:
            assert field.clean(text, None) == text
        except ValidationError as error:
            pytest.fail(f"{text!r}: {error}")
        passed += 1

    assert passed > 20


@pytest.mark.parametrize("name", ["status", "since", "verified_by", "sha256"])
def test_a_field_with_rules_of_its_own_is_never_passed_at_a_glance(name):
    models = (Company, Citation, Source, Company.signings.rel.related_model)
    found = [f for model in models for f in model._meta.concrete_fields if f.name == name]

    assert [glance_at(field) for field in found] == [None] * len(found) != []


def test_an_ordinary_name_quote_and_url_pass():
    """Else a load would be slow, not wrong."""
    for field, text in zip(
        FIELDS,
        [
            *("acme-1", "Crédit d’Ål & Co KG"[:11], "Ål", "https://www.example.org/a?b=1"),
            *("It makes “things”.", "« Acme figure parmi les signataires. »", "List 1"),
            "http://example.org",
        ],
        strict=True,
    ):
        assert glance_at(field)(text), (field, text)


def test_a_name_found_as_it_is_written_is_found_by_its_letters_too():
    chosen, found = random.Random(9), 0
    parts = [
        "Acme",
        "Été",
        "e\u0301",
        " ",
        "\u00a0",
        "“",
        "”",
        "(",
        ".",
        "-",
        "'",
        "ß",
        "ª",
        "\u0301",
    ]
    for _ in range(20_000):
        quote = "".join(chosen.choices(parts, k=chosen.randrange(1, 7)))
        name = "".join(chosen.choices(parts, k=chosen.randrange(1, 3)))
        if quotes._stands_as_written(quote, name):
            assert re.search(r"\w", fold(name)), (quote, name)
            assert f" {fold(name)} " in f" {fold(quote)} ", (quote, name)
            found += 1

    assert found > 200
