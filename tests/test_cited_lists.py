"""How many signatories of their day cited lists name, kept and counted again after edits."""

import datetime
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Citation, Company, Signing, Source
from companies.queries.roster import cited_lists
from companies.register import read_table
from companies.register.history import save
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.sampling import each, seeds
from tests.sharing import shared
from tests.test_read_table import EDITS, do, one_of

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAYS = [datetime.date(2024, 10, 9), datetime.date(2025, 3, 1), datetime.date(2026, 1, 5)]


def a_register():
    lists = [a_source(f"list-{day}", kind="official_list", published_on=day) for day in DAYS[:2]]
    for number in range(6):
        signing = a_signing(a_company(f"Firm {number}"), since=DAYS[number % 2])
        a_citation(signing=signing, source=lists[number % 2])
    a_citation(signing=a_signing(a_company("Absent"), "not_signed"), source=lists[0])
    a_signing(Company.objects.get(slug="firm-0"), pact=a_pact("seoul"))
    read_table.rebuild()


rows = shared(a_register, history=True)


def cite_a_list(chance):
    day = chance.choice(DAYS)
    lists = Source.objects.filter(kind="official_list", published_on=day)
    source = lists.first() or a_source(kind="official_list", published_on=day)
    a_citation(signing=one_of(Signing, chance), source=source)


def redate_a_list(chance):
    source = one_of(Source, chance)
    source.published_on = chance.choice(DAYS)
    save(source, "wrong day")


def uncite_a_list(chance):
    one_of(Citation, chance).delete()


ALL = [*EDITS, cite_a_list, redate_a_list, uncite_a_list]


def counted_anew():
    cached, cited_lists._cached = (
        cited_lists._cached,
        cited_lists._Counted(cited_lists.TableState()),
    )
    found = cited_lists.named_by_lists()
    cited_lists._cached = cached
    return found


@pytest.mark.parametrize("edit", [*each(2, EDITS), cite_a_list, redate_a_list, uncite_a_list])
def test_after_an_edit_the_cached_counts_equal_a_fresh_count(edit):
    chance = random.Random(edit.__name__)
    cited_lists.named_by_lists()

    for _time in range(3):
        do(edit, chance)
        assert cited_lists.named_by_lists() == counted_anew()


@pytest.mark.long
@pytest.mark.database
@pytest.mark.parametrize("seed", seeds(1))
def test_after_many_edits_the_cached_counts_equal_a_fresh_count(seed):
    chance = random.Random(seed)

    for number in range(60):
        do(chance.choice(ALL), chance)
        if number % 2:
            assert cited_lists.named_by_lists() == counted_anew()


@pytest.mark.database
def test_a_list_counts_only_the_signatories_of_its_day():
    assert cited_lists.named_by_lists() == {
        (a_pact().pk, DAYS[0]): (3, 3),
        (a_pact().pk, DAYS[1]): (3, 6),
    }


def test_after_an_edit_only_the_edited_companies_are_read_again():
    cited_lists.named_by_lists()
    company = Company.objects.get(slug="firm-3")
    company.name = "Firm Three"
    save(company, "renamed")

    with CaptureQueriesContext(connection) as sent:
        cited_lists.named_by_lists()

    large = [one["sql"] for one in sent if "companies_signing" in one["sql"]]
    assert len(large) == 2  # their citations of lists, and their periods
    assert all(f"IN ({company.pk})" in sql for sql in large)
