"""The package's checks say the same of a row as the database does."""

import datetime
import random

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from companies.models import Citation, Company, Pledge, Signing
from companies.register.package import TABLES
from companies.register.package.constraints import check_constraints, fields_of, in_memory

from .builders import a_company, a_pledge, a_signing

ROWS = 60
CONSTRAINTS = {rule.name: (t.model, rule) for t in TABLES for rule in check_constraints(t.model)}


def a_value(field, rows, draw):
    """A value of `field` that is often empty and often the same as another one."""
    if field.is_relation:
        values = [*rows.get(field.related_model, []), None]
    elif isinstance(field, models.DateField):
        values = [datetime.date(2025, month, 1) for month in (1, 6)]
    elif isinstance(field, models.IntegerField):
        values = [0, 230]
    else:
        values = ["", *(value for value, _label in field.flatchoices)][:4] if field.choices else []
        values = values or ["", "https://example.org/"]
    return draw.choice([*values, None] if field.null else values)


def rejected(rule, model, row):
    """Whether the database rejects `row`, asked as Django asks it."""
    try:
        rule.validate(model, row)
    except ValidationError:
        return True
    return False


@pytest.mark.django_db
@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_gives_the_same_result_in_memory_and_in_the_database(name):
    model, rule = CONSTRAINTS[name]
    draw = random.Random(name)
    signing, pledge = a_signing(), a_pledge()
    company, other = a_company(), a_company()
    rows = {Signing: [signing], Pledge: [pledge], Company: [company, other]}
    fields = [model._meta.get_field(field) for field in sorted({*fields_of(rule.condition)})]
    fields = [field for field in fields if not field.primary_key]
    holds = in_memory(rule.condition, model)
    answers = set()

    for _row in range(ROWS):
        row = model(pk=company.pk)
        for field in fields:
            setattr(row, field.name, a_value(field, rows, draw))
        answer = holds(row)
        assert (answer is False) == rejected(rule, model, row), vars(row)
        answers.add(answer)

    assert {True, False} <= answers


def test_an_unsaved_company_cannot_be_its_own_group():
    company = Company(name="Acme")
    company.parent = company
    _model, rule = CONSTRAINTS["company_not_its_own_parent"]

    assert in_memory(rule.condition, Company)(company) is False


def test_an_unsaved_period_is_a_target_of_a_citation():
    _model, rule = CONSTRAINTS["citation_has_one_target"]

    assert in_memory(rule.condition, Citation)(Citation(signing=Signing())) is True
