"""A field of a register model is in every place that lists fields, or left out with a reason."""

import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.db import models
from rest_framework.serializers import ModelSerializer

from companies.api import serializers
from companies.api.serializer_fields import BothLanguagesField, StatedDateField
from companies.models import Citation, Company, Signing
from companies.queries.company_table import DECIDES, READ, REASONS
from companies.queries.recorded import tables
from companies.register.merging.clashes import profile_fields
from companies.register.merging.plan import IDENTITY, TAKEN
from companies.register.package.tables import BY_MODEL, FACTS

from .test_docs import first_column, section

ROOT = Path(__file__).parent.parent
MODELS = {model.__name__: model for model in tables()}


def stored_fields(model):
    return [field.name for field in model._meta.concrete_fields if not field.primary_key]


def package(model):
    table = replace(BY_MODEL[model])  # a copy, for it remembers its fields
    dates = {f"{date}_precision" for date in table.partial_dates}
    return (
        {field.name for field in table.stored_fields}
        | dates
        | (set(FACTS) if model is Citation else set())
    )


def merge(model):
    """What a merge takes over into the row of the company that stays."""
    if model is Company:
        return {*profile_fields(), "name", "slug"}
    if model in TAKEN:
        return {*TAKEN[model], *IDENTITY}
    return set(stored_fields(model))  # the row itself moves, or has no company


def api(model):
    """The fields that some serializer of the model reads."""
    of_rows = [
        serializer
        for serializer in vars(serializers).values()
        if isinstance(serializer, type) and issubclass(serializer, ModelSerializer)
    ]
    found = set()
    for serializer in of_rows:
        if hasattr(serializer, "Meta") and serializer.Meta.model is model:
            for name, field in serializer().fields.items():
                found |= read_by(name, field)
    return found


def read_by(name, field):
    if isinstance(field, BothLanguagesField):
        return {f"{field.name}_en", f"{field.name}_fr"}
    if isinstance(field, StatedDateField):
        return {field.name}
    return {(field.source or name).partition(".")[0]}


def screen(model):
    """The fields of the model's own screen in the admin."""
    own = admin.site._registry[model]
    if own.fields or own.fieldsets:
        return set(flatten(own.fields or flatten_fieldsets(own.fieldsets)))
    return {field.name for field in model._meta.concrete_fields if field.editable}


def export(model):
    """What of a company and of its period stands in the table that a reader takes away."""
    if model is Company:
        return {path.partition("__")[0] for path in READ} | {"legal_name"}
    if model is Signing:
        return {*REASONS, *DECIDES, "since_basis", "company", "pact"}
    return set(stored_fields(model))  # it has no column of its own there


def dictionary(model):
    data = (ROOT / "docs/data.md").read_text()
    return set(first_column(section(data, model.__name__)))


PLACES = {
    "package": package,
    "merge": merge,
    "api": api,
    "admin": screen,
    "export": export,
    "dictionary": dictionary,
}

BY_THE_PROGRAM = "written by the program at every save, from the name"
OUT_OF_ITS_PLACE = "stands inside its company in the API"
ELSEWHERE = {
    "Company.name_folded": BY_THE_PROGRAM,
    "CompanyName.name_folded": BY_THE_PROGRAM,
}
NOT_IN_THE_TABLE = "the table has one line a company: the rest is in its record and the package"
LEFT_OUT = {
    "package": ELSEWHERE,
    "merge": {"Company.name_folded": BY_THE_PROGRAM},
    "admin": ELSEWHERE,
    "dictionary": {},
    "api": ELSEWHERE
    | {
        "CompanyName.company": OUT_OF_ITS_PLACE,
        "CompanyIdentifier.company": OUT_OF_ITS_PLACE,
        "ProgressReport.company": OUT_OF_ITS_PLACE,
        "Retraction.company": OUT_OF_ITS_PLACE,
        "CompanyRedirect.old_slug": "the old URL answers with a redirect",
        "CompanyRedirect.company": "the old URL answers with a redirect",
        "Citation.signing": "a citation stands inside what it supports",
        "Citation.pledge": "a citation stands inside what it supports",
        "Citation.report": "a citation stands inside what it supports",
        "Citation.company": "a citation stands inside what it supports",
        "Citation.verified_by": "how it was verified, for editors",
        "Citation.about_on_precision": "the date is as long as it is precise",
        "Pact.position": "the order of the list says it",
        "Pact.issuer_fr": "codes and names of the API are in English",
        "Source.publisher_fr": "codes and names of the API are in English",
        "Commitment.position": "the order of the list says it",
        "Opinion.pact": "an opinion stands inside its pact",
        "Opinion.position": "the order of the list says it",
        "Commitment.ai_act_article_fr": "codes and names of the API are in English",
        **dict.fromkeys(
            [f"PublishedShare.{name}" for name in ("pact", "value", "percent", "signatories")]
            + ["PublishedShare.source"],
            "a figure of others, for the statistics page and the package",
        ),
        **dict.fromkeys(
            [f"OfficialList.{name}" for name in ("pact", "url", "every_hours", "watched")]
            + [f"ListHeading.{name}" for name in ("pact", "language", "kind", "text")],
            "how the watch reads a list, which is no fact about a company",
        ),
    },
    "export": {
        "Company.name_folded": BY_THE_PROGRAM,
        **dict.fromkeys(
            [
                "Company.website", "Company.parent", "Company.description",
                "Company.profile_basis", "Company.profile_url", "Signing.until",
                "Signing.until_precision", "Signing.asked", "Signing.asked_on",
            ],
            NOT_IN_THE_TABLE,
        ),
    },
}  # fmt: skip


def missing(place, model):
    left_out = {name for name in LEFT_OUT[place] if name.startswith(f"{model.__name__}.")}
    there = {f"{model.__name__}.{name}" for name in PLACES[place](model)}
    stored = [f"{model.__name__}.{name}" for name in stored_fields(model)]
    return [name for name in stored if name not in there | left_out]


@pytest.mark.parametrize("place", PLACES)
def test_each_stored_field_is_in_each_place_or_left_out_with_a_reason(place):
    assert [name for model in MODELS.values() for name in missing(place, model)] == []


@pytest.mark.parametrize("place", PLACES)
def test_each_field_listed_as_left_out_exists_and_is_indeed_left_out(place):
    for name in LEFT_OUT[place]:
        model, field = name.split(".")
        assert field in stored_fields(MODELS[model]), name
        assert field not in PLACES[place](MODELS[model]), name


# How many columns of today each file had in the first package: one that was added since is `later`.
FIRST_COLUMNS = {
    "sectors": 3, "sources": 9, "pacts": 13, "official_lists": 4, "list_headings": 4,
    "commitments": 11, "milestones": 6, "published_shares": 5, "opinions": 11, "companies": 12,
    "company_names": 3, "company_identifiers": 3, "company_redirects": 2, "signings": 8,
    "pledges": 10, "progress_reports": 8, "retractions": 8, "citations": 10,
}  # fmt: skip


def test_a_column_missing_from_older_packages_is_listed_as_a_later_column():
    first = {table.name: len(table.columns) - len(table.later) for table in BY_MODEL.values()}

    assert first == FIRST_COLUMNS


# The recipe "Add a field" of CONTRIBUTING.md

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
RECIPE = section(CONTRIBUTING, "Add a field")
EDITED = {  # the places that a new field has to be added to, with their file
    "api": "companies/api/serializers.py",
    "admin": "companies/admin/companies.py",
    "export": "companies/queries/company_table.py",
    "dictionary": "docs/data.md",
}


@contextmanager
def a_new_field(model, name):
    """Give `model` one more field, and take it away again."""
    field = models.DateField("founded on", null=True, blank=True)
    field.contribute_to_class(model, name)
    try:
        yield
    finally:
        model._meta.local_fields.remove(field)
        delattr(model, name)
        model._meta._expire_cache()


def test_a_new_field_is_missing_in_exactly_the_places_of_the_recipe():
    with a_new_field(Company, "founded_on"):
        missed = {place for place in PLACES if missing(place, Company)}

    assert missed == set(EDITED)


def test_the_recipe_for_a_new_field_names_existing_files_for_each_place():
    files = re.findall(r"`([\w/]+/[\w./]+\.\w+)`", RECIPE)

    assert set(EDITED.values()) <= set(files)
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_the_recipe_for_a_new_field_names_existing_identifiers():
    for line in re.findall(r"^\d+\. .*(?:\n   .*)*", RECIPE, re.MULTILINE):
        (file, *names) = re.findall(r"`([^`]+)`", line)
        text = (ROOT / file).read_text() if (ROOT / file).is_file() else line
        assert [name for name in names if name.isidentifier() and name not in text] == []
