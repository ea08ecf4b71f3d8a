"""Rows that contradict each other are refused with a sentence."""

import datetime

import pytest

from .builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_signing,
)
from .editors import an_editor, errors, save

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def test_one_period_ends_and_the_next_begins_in_one_save():
    client, company = an_editor(), a_company("Acme")
    a_signing(company, status="declined", since=datetime.date(2024, 9, 25))

    response = save(
        client,
        company,
        signings__TOTAL_FORMS=2,
        signings__0__until="2025-01-10",
        signings__1__pact=a_pact().pk,
        signings__1__status="signed",
        signings__1__since="2025-01-10",
        signings__1__since_precision="day",
        signings__1__since_basis="first_seen",
        signings__1__until_precision="day",
    )

    assert response.status_code == 302, errors(response)
    assert [s.status for s in company.signings.order_by("since")] == ["declined", "signed"]


@pytest.mark.parametrize("later_first", [True, False])
def test_several_periods_can_be_moved_in_one_save_in_any_order(later_first):
    client, company = an_editor(), a_company("Acme")
    a_pact(opened_on=datetime.date(2021, 1, 1))
    day = datetime.date
    periods = [
        {"status": "not_signed", "since": day(2023, 1, 1), "until": day(2024, 1, 1)},
        {"status": "signed", "since": day(2024, 1, 1), "until": day(2025, 1, 1)},
    ]
    for period in periods[::-1] if later_first else periods:
        a_signing(company, **period)
    shift = 1 if later_first else -1

    response = save(
        client,
        company,  # the page shows the newest first
        signings__0__since=f"{2024 + shift}-01-01",
        signings__0__until=f"{2025 + shift}-01-01",
        signings__1__since=f"{2023 + shift}-01-01",
        signings__1__until=f"{2024 + shift}-01-01",
    )

    assert response.status_code == 302, errors(response)
    years = [(s.since.year, s.until.year) for s in company.signings.order_by("since")]
    assert years == [(2023 + shift, 2024 + shift), (2024 + shift, 2025 + shift)]


@pytest.mark.parametrize(
    ("until", "message"),
    [("", "already has an open period"), ("2025-02-01", "overlaps another one")],
)
def test_periods_that_contradict_each_other_in_one_form_are_refused(until, message):
    client, company = an_editor(), a_company("Acme")
    new = {"pact": a_pact().pk, "status": "signed", "since_basis": "first_seen"}
    new |= {"since_precision": "day", "until_precision": "day"}
    changes = {f"signings__{n}__{name}": v for n in (0, 1) for name, v in new.items()}

    response = save(
        client,
        company,
        **changes,
        signings__TOTAL_FORMS=2,
        signings__0__since="2025-01-01",
        signings__0__until=until,
        signings__1__since="2025-01-15",
    )

    assert any(message in error for error in errors(response))
    assert not company.signings.exists()


def test_a_duplicate_name_in_one_form_is_refused_whatever_its_case():
    client, company = an_editor(), a_company("Acme")

    response = save(
        client,
        company,
        names__TOTAL_FORMS=2,
        names__0__name="Ästhet",
        names__0__kind="alias",
        names__1__name="ÄSTHET",
        names__1__kind="former",
    )

    assert errors(response) == ["This company already has that name."]
    assert not company.names.exists()


@pytest.mark.parametrize("prefix", ["identifiers", "pledges", "reports"])
def test_a_duplicate_row_in_one_form_is_refused(prefix):
    client, company, pact = an_editor(), a_company("Acme"), a_pact()
    row = {
        "identifiers": {"scheme": "lei", "value": "529900T8BM49AURSDO55"},
        "pledges": {
            "commitment": a_commitment().pk,
            "basis": "stated",
            "implementation": "no_evidence",
        },
        "reports": {"pact": pact.pk, "period": 1},
    }[prefix]
    changes = {f"{prefix}__{n}__{name}": value for n in (0, 1) for name, value in row.items()}

    response = save(client, company, **changes, **{f"{prefix}__TOTAL_FORMS": 2})

    assert response.status_code == 200
    assert errors(response)
    assert not getattr(company, prefix).exists()


def test_a_company_whose_name_is_taken_is_refused_whatever_its_case():
    client = an_editor()
    a_company("Acme")
    other = a_company("Other")

    response = save(client, other, name="ACME")

    assert errors(response) == ["A company with this name is already on the register."]


def test_a_citation_with_two_targets_is_refused():
    client, signing = an_editor(), a_signing()
    citation = a_citation(signing=signing)

    response = save(client, citation, company=signing.company_id)

    assert any("supports exactly one thing" in message for message in errors(response))


def test_the_page_of_one_status_refuses_an_overlap_with_another_period():
    client, company = an_editor(), a_company("Acme")
    earlier = a_signing(company, since=datetime.date(2024, 1, 1), until=datetime.date(2025, 1, 1))
    a_signing(company, status="withdrawn", since=datetime.date(2025, 1, 1))

    response = save(client, earlier, until="2025-06-01")
    reopened = save(client, earlier, until="")

    assert any("overlaps another one" in message for message in errors(response))
    assert any("overlaps another one" in message for message in errors(reopened))


def test_two_companies_cannot_share_an_identifier():
    client = an_editor()
    a_company().identifiers.create(scheme="lei", value="529900T8BM49AURSDO55")

    response = save(
        client,
        a_company(),
        identifiers__TOTAL_FORMS=1,
        identifiers__0__scheme="lei",
        identifiers__0__value="529900T8BM49AURSDO55",
    )

    assert "Another company already has this identifier." in errors(response)
