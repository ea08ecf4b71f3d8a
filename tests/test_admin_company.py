"""One page a company: its record, its rows, its evidence."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Company

from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from .editors import an_editor, errors, page, save, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LIST = "/admin/companies/company/"


def test_saving_a_company_records_the_reason_and_the_editor():
    client, company = an_editor(), a_company("Acme")

    response = save(client, company, country="FR", change_reason="annual report, page 2")

    assert response.status_code == 302
    step = company.history.first()
    assert (step.country, step.history_change_reason) == ("FR", "annual report, page 2")
    assert step.history_user.username == "ann"


def test_rows_of_every_kind_can_be_added_on_the_company_page():
    client, company, source = an_editor(), a_company("Acme"), a_source()
    signing, commitment = a_signing(company), a_commitment(kind="additional")

    response = save(
        client,
        company,
        names__TOTAL_FORMS=1,
        names__0__name="Acme SA",
        names__0__kind="legal",
        identifiers__TOTAL_FORMS=1,
        identifiers__0__scheme="lei",
        identifiers__0__value="529900T8BM49AURSDO55",
        pledges__TOTAL_FORMS=1,
        pledges__0__commitment=commitment.pk,
        pledges__0__basis="stated",
        pledges__0__implementation="no_evidence",
        reports__TOTAL_FORMS=1,
        reports__0__pact=a_pact().pk,
        reports__0__period=1,
        evidence__TOTAL_FORMS=1,
        evidence__0__supports=f"signing-{signing.pk}",
        evidence__0__about_on_precision="day",
        evidence__0__source=source.pk,
        evidence__0__quote="We signed.",
        change_reason="first look",
    )

    assert response.status_code == 302, errors(response)
    assert company.names.get().name == "Acme SA"
    assert company.identifiers.get().scheme == "lei"
    assert company.pledges.get().commitment == commitment
    assert company.reports.get().period == 1
    assert signing.citations.get().quote == "We signed."
    for row in (company.names.get(), company.pledges.get(), signing.citations.get()):
        assert row.history.get().history_change_reason == "first look"


def test_a_citation_can_be_moved_from_a_status_to_a_pledge_of_the_same_company():
    client, company = an_editor(), a_company("Acme")
    citation = a_citation(signing=a_signing(company))
    pledge = a_pledge(company)

    save(client, company, evidence__0__supports=f"pledge-{pledge.pk}")

    citation.refresh_from_db()
    assert (citation.signing, citation.pledge) == (None, pledge)


def test_a_citation_cannot_support_a_row_of_another_company():
    client, company = an_editor(), a_company("Acme")
    citation, stranger = a_citation(signing=a_signing(company)), a_signing()

    response = save(client, company, evidence__0__supports=f"signing-{stranger.pk}")

    assert errors(response) == ["Supports: choose one from the list."]
    citation.refresh_from_db()
    assert citation.signing.company == company


def test_a_citation_of_another_company_cannot_be_edited_on_this_company_page():
    client, company = an_editor(), a_company("Acme")
    a_citation(signing=a_signing(company))
    foreign = a_citation(signing=a_signing())

    response = save(client, company, evidence__0__id=foreign.pk, evidence__0__quote="stolen")

    assert response.status_code == 200
    foreign.refresh_from_db()
    assert foreign.quote == ""


def test_a_new_company_can_be_saved_together_with_its_citations():
    client, source = an_editor(), a_source()
    values = typed(
        client.get(f"{LIST}add/"),
        name="Newcomer",
        slug="newcomer",
        evidence__TOTAL_FORMS=1,
        evidence__0__supports="company",
        evidence__0__about_on_precision="day",
        evidence__0__source=source.pk,
    )

    response = client.post(f"{LIST}add/", values)

    assert response.status_code == 302
    assert Company.objects.get(slug="newcomer").citations.get().source == source


def test_each_row_on_the_company_page_costs_one_query():
    client, company = an_editor(), a_company("Acme")
    counts = []
    for numbers in (range(1), range(1, 11)):
        for number in numbers:
            a_citation(company=company)
            a_pledge(company, commitment=a_commitment(f"commitment-{number}"))
        client.get(page(company))
        with CaptureQueriesContext(connection) as queries:
            client.get(page(company))
        counts.append(len(queries))

    # Django asks for what stands in each search box: a source or a commitment, 20 more of them.
    assert counts[1] - counts[0] == 20
