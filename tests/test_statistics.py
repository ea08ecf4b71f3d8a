"""What the register counts."""

import datetime

import pytest

from companies.register.statistics import statistics
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)


def test_every_breakdown_adds_up_to_the_signatories():
    for country in ["FR", "FR", "US", "CH", ""]:
        a_signing(a_company(country=country))
    a_signing(a_company(country="US"), status="not_signed")

    counted = statistics(a_pact(), TODAY)

    assert counted.signatories == 5
    assert counted.by_status == {"signed": 5, "not_signed": 1}
    assert counted.by_region == {"eu": 2, "us": 1, "other": 1, "unknown": 1}
    assert counted.by_country == {"FR": 2, "CH": 1, "US": 1, "unknown": 1}
    for breakdown in (counted.by_sector, counted.by_size, counted.by_role):
        assert sum(breakdown.values()) == 5


def test_a_leaver_no_longer_counts_and_is_a_step_down():
    leaver = a_company()
    left_on = datetime.date(2025, 6, 1)
    a_signing(leaver, since=datetime.date(2024, 9, 25), until=left_on)
    a_signing(leaver, status="withdrawn", since=left_on)
    a_signing(since=datetime.date(2024, 10, 9))

    counted = statistics(a_pact(), TODAY)

    assert counted.signatories == 1
    assert counted.over_time == [
        (datetime.date(2024, 9, 25), 1),
        (datetime.date(2024, 10, 9), 2),
        (left_on, 1),
    ]


def test_steps_after_the_day_asked_for_are_left_out():
    a_signing(since=datetime.date(2024, 9, 25))
    a_signing(since=datetime.date(2024, 10, 9))

    counted = statistics(a_pact(), datetime.date(2024, 10, 1))

    assert counted.over_time == [(datetime.date(2024, 9, 25), 1)]
    assert counted.signatories == 1


def test_implementation_counts_only_todays_signatories():
    commitment = a_commitment("ai-literacy")
    done = {"implementation": "full", "implementation_basis": "self_reported"}
    for status in ["signed", "declined"]:
        company = a_company()
        a_signing(company, status=status)
        a_pledge(company, commitment=commitment, **done)

    assert statistics(a_pact(), TODAY).implementation == {"ai-literacy": {"full": 1}}


def test_an_empty_register_counts_nothing():
    counted = statistics(a_pact(), TODAY)

    assert (counted.companies, counted.signatories, counted.over_time) == (0, 0, [])
