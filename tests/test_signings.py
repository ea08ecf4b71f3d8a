"""How a status changes, and what can never come of it."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from companies.models import Citation, PartialDate, Pledge, Signing
from companies.register.statuses import change_status, undo_status_change
from tests.builders import a_commitment, a_company, a_pact, a_signing, a_source

pytestmark = [pytest.mark.django_db, pytest.mark.history, pytest.mark.database]


def change(company, status="signed", since="2025-01-10", **fields):
    values = {
        "company": company,
        "pact": a_pact(),
        "status": status,
        "since": PartialDate.parse(since),
        "since_basis": Signing.SinceBasis.STATED,
        "source": fields.pop("source", None) or a_source(),
        "quote": f"This is so since {since}.",
        "own_words": "has_left" if status == "withdrawn" else "",
        "change_reason": "the company said so",
        "seen": company.signings.filter(until=None).first(),
    }
    return change_status(**values | fields)


def statuses(company):
    rows = company.signings.order_by("since")
    return [(s.status, str(s.started), str(s.ended) if s.ended else None) for s in rows]


def test_the_open_period_ends_where_the_next_begins():
    company = a_company()
    a_signing(company, status="declined", since=datetime.date(2024, 9, 25))

    change(company, since="2025-01-10")

    assert statuses(company) == [
        ("declined", "2024-09-25", "2025-01-10"),
        ("signed", "2025-01-10", None),
    ]


def test_a_date_known_to_the_month_is_stored_with_that_precision():
    company = a_company()
    a_signing(company, status="declined", since=datetime.date(2024, 9, 25))

    change(company, since="2025-03")

    assert statuses(company)[1] == ("signed", "2025-03", None)


def test_a_new_status_cites_its_source():
    company, source = a_company(), a_source("press-release")

    signing = change(company, source=source, quote="We signed on 2025-01-10.")

    citation = Citation.objects.get(signing=signing)
    assert (citation.source, citation.quote) == (source, "We signed on 2025-01-10.")


def test_signing_adds_each_core_pledge_once():
    company = a_company()
    core = a_commitment("governance")
    a_commitment("human-oversight", kind="additional")

    change(company)
    change(company, status="withdrawn", since="2025-06-01")
    change(company, since="2025-09-01")

    assert [p.commitment for p in Pledge.objects.filter(company=company)] == [core]


def test_a_status_cannot_begin_before_the_present_one():
    company = a_company()
    a_signing(company, status="declined", since=datetime.date(2025, 1, 10))

    with pytest.raises(ValidationError, match="must begin later"):
        change(company, since="2025-01-10")

    assert statuses(company) == [("declined", "2025-01-10", None)]


def test_a_status_cannot_begin_in_the_future():
    company = a_company()

    with pytest.raises(ValidationError, match="in the future"):
        change(company, since="2999-01-01")

    assert statuses(company) == []


def test_a_status_cannot_be_changed_to_itself():
    company = a_company()
    a_signing(company)

    with pytest.raises(ValidationError, match="already has"):
        change(company)


def test_a_status_changed_by_a_colleague_meanwhile_is_not_overwritten():
    company = a_company()
    seen = a_signing(company, status="declined", since=datetime.date(2024, 9, 25))
    change(company, since="2025-01-10")

    with pytest.raises(ValidationError, match="has just changed the status"):
        change(company, status="not_signed", since="2025-02-01", seen=seen)

    assert [status for status, _since, _until in statuses(company)] == ["declined", "signed"]


def test_undoing_a_change_opens_the_status_before_it():
    company = a_company()
    a_commitment("governance")
    a_signing(company, status="declined", since=datetime.date(2024, 9, 25))
    signing = change(company, since="2025-01-10")

    undo_status_change(signing, change_reason="entered by mistake")

    assert statuses(company) == [("declined", "2024-09-25", None)]
    assert not Pledge.objects.filter(company=company).exists()
    assert not Citation.objects.filter(signing_id=signing.pk).exists()


def test_the_history_keeps_a_status_and_its_undoing_with_both_reasons():
    company = a_company()
    a_signing(company, status="declined", since=datetime.date(2024, 9, 25))
    undo_status_change(change(company), change_reason="entered by mistake")

    history = Signing.history.filter(company=company, status="signed").order_by("history_date")

    assert [(h.history_type, h.history_change_reason) for h in history] == [
        ("+", "the company said so"),
        ("-", "entered by mistake"),
    ]


def test_only_the_current_status_can_be_undone():
    company = a_company()
    first = a_signing(company, status="declined", since=datetime.date(2024, 9, 25))
    change(company)

    with pytest.raises(ValidationError, match="current status"):
        undo_status_change(first, change_reason="entered by mistake")
