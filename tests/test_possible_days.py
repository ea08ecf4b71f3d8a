"""Days lie within what is possible: nothing before a pact opened, nothing seen that lies ahead."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.utils import timezone, translation

from companies.models import (
    Citation,
    Milestone,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    Signing,
    Source,
)
from companies.register.history import save as save_row
from companies.register.review.uploads import BadSpreadsheet, propose_spreadsheet
from companies.register.statuses import change_status
from tests.builders import a_commitment, a_company, a_pact, a_signing, a_source
from tests.editors import a_reviewer, a_user, an_editor, errors, page, save, text
from tests.packages import ROWS, a_package, load

pytestmark = pytest.mark.django_db

BEFORE, OPENED = datetime.date(2024, 9, 24), datetime.date(2024, 9, 25)
AHEAD = timezone.localdate() + datetime.timedelta(days=2)
YEAR_24 = datetime.date(24, 10, 9)


def faults(row):
    try:
        row.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def a_period(day, precision="day", **fields):
    return Signing(pact=a_pact(), since=day, since_precision=precision, **fields)


def test_no_status_ends_on_a_future_day():
    assert [*faults(a_period(OPENED, until=AHEAD, company=a_company()))] == ["until"]
    assert not faults(a_period(OPENED, until=timezone.localdate(), company=a_company("Other")))


@pytest.mark.parametrize("day", [BEFORE, YEAR_24, datetime.date(1999, 1, 1), datetime.date.min])
def test_no_date_of_a_pact_is_before_its_opening(day):
    pact, commitment = a_pact(), a_commitment()
    signing = a_signing()
    for row, name in (
        *((Signing(pact=pact), "since"), (Signing(pact=pact), "asked_on")),
        *((ProgressReport(pact=pact), "submitted_on"), (ProgressReport(pact=pact), "due_on")),
        *((Pledge(commitment=commitment), "as_of"), (Citation(signing=signing), "verified_on")),
        (Pact(opened_on=OPENED), "listed_total_on"),
    ):
        setattr(row, name, day)
        said = faults(row)
        if isinstance(row, Pact):
            assert bool(said) == (day < datetime.date(1990, 1, 1))
        else:
            assert "EU AI Pact opened on 25 September 2024" in said[name][0].replace("\xa0", " ")


def test_the_opening_day_itself_and_a_month_or_year_around_it_are_possible():
    for day, precision in (
        *((OPENED, "day"), (OPENED.replace(day=1), "month")),
        *((datetime.date(2024, 1, 1), "year"), (timezone.localdate(), "day")),
    ):
        assert not faults(a_period(day, precision)), (day, precision)
    assert faults(a_period(datetime.date(2024, 8, 1), "month"))
    assert faults(a_period(datetime.date(2023, 1, 1), "year"))


def test_an_observed_date_cannot_be_in_the_future():
    for row, name in (
        *((a_period(AHEAD), "since"), (Source(), "published_on"), (Source(), "retrieved_on")),
        *((ProgressReport(pact=a_pact()), "published_on"), (Citation(), "verified_on")),
    ):
        setattr(row, name, AHEAD)
        assert faults(row)[name] == ["This day is in the future."]
    assert not faults(ProgressReport(pact=a_pact(), due_on=AHEAD))
    assert not faults(Milestone(date=AHEAD))


@pytest.mark.parametrize("row", [Source(published_on=YEAR_24), Milestone(date=YEAR_24)])
def test_an_impossible_year_is_refused(row):
    assert "The year 24 is not possible." in str(faults(row))


def test_the_reason_of_a_refused_date_is_translated_into_french():
    with translation.override("fr"):
        [said] = faults(a_period(BEFORE))["since"]
    assert "25 septembre 2024".replace(" ", "\xa0") in said


# The doors


def test_an_upload_refuses_each_row_with_the_reason():
    sheet = "company;status;since\nExample;signed;0024-10-09\nOther;signed;1999-01-01\n"
    sheet += "Third;signed;2024-09\n"

    with pytest.raises(BadSpreadsheet) as refused:
        propose_spreadsheet(
            a_pact(), sheet.encode(), file_name="x.csv", source=a_source(), by=a_user()
        )

    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (2, "since"),
        (3, "since"),
    ]
    assert all("opened on" in fault.reason for fault in refused.value.faults)


def test_the_status_screen_and_the_review_refuse_it():
    with pytest.raises(ValidationError, match="opened on"):
        change_status(
            company=a_company(),
            pact=a_pact(),
            status="signed",
            since=PartialDate(BEFORE),
            since_basis="stated",
            source=a_source(),
            change_reason="x",
        )
    assert not Signing.objects.exists()


def test_a_package_with_an_impossible_date_is_refused(tmp_path):
    rows = {
        "signings": ["acme,eu-ai-pact,signed,0024-10-09,first_seen,,,,,", ROWS["signings"][1]],
        "citations": [],
    }

    with pytest.raises(CommandError, match=r"signings.csv:2: since '0024-10-09': EU AI Pact opene"):
        load(a_package(tmp_path / "p", **rows))

    rows["signings"][0] = "acme,eu-ai-pact,signed,2024-09-24,first_seen,,,,,"
    with pytest.raises(CommandError, match="opened on"):
        load(a_package(tmp_path / "p", **rows))
    load(a_package(tmp_path / "p", **rows), "--early", "The pact’s own page says so")
    assert Signing.objects.filter(since=BEFORE).exists()
    assert "already holds" in load(a_package(tmp_path / "p", **rows))


# The exception


@pytest.fixture
def signing():
    return a_signing(a_company("Acme"), since=OPENED)


def typed_early(client, row, **changes):
    return save(client, row, since=str(BEFORE), **changes)


def test_a_reviewer_accepts_an_earlier_day_with_a_reason(signing):
    client = a_reviewer()
    assert "Accept dates before the pact opened" in text(client.get(page(signing)))

    refused = typed_early(client, signing, change_reason="It signed at the rehearsal")
    assert any("opened on" in one for one in errors(refused))
    unexplained = typed_early(client, signing, accept_early="on")
    assert any("opened on" in one for one in errors(unexplained))
    typed_early(client, signing, accept_early="on", change_reason="It signed at the rehearsal")

    signing.refresh_from_db()
    assert signing.since == BEFORE
    assert signing.history.first().history_change_reason == "It signed at the rehearsal"
    assert signing.history.first().history_user.username == "rob"


def test_an_editor_cannot_accept_an_impossible_date(signing):
    client = an_editor()
    assert "Accept days before" not in text(client.get(page(signing)))

    response = typed_early(client, signing, accept_early="on", change_reason="Because")

    assert any("opened on" in one for one in errors(response))
    signing.refresh_from_db()
    assert signing.since == OPENED


def test_the_year_24_is_refused_even_with_a_reason(signing):
    response = save(
        a_reviewer(), signing, since="0024-10-09", accept_early="on", change_reason="Because"
    )

    assert errors(response)


def test_an_accepted_date_is_not_asked_about_again(signing):
    Signing.objects.filter(pk=signing.pk).update(since=BEFORE)
    signing.refresh_from_db()

    save(an_editor(), signing, reason_en="They say why.")
    signing.refresh_from_db()
    assert (signing.reason_en, signing.since) == ("They say why.", BEFORE)
    signing.reason_fr = "Ils disent pourquoi."
    save_row(signing, "x")


def test_a_period_on_the_page_of_a_company_is_checked_too(signing):
    company = signing.company
    client = a_reviewer()
    response = save(client, company, signings__0__since=str(BEFORE))
    assert any("opened on" in one for one in errors(response))

    save(client, company, signings__0__since=str(BEFORE), accept_early="on", change_reason="Seen")
    signing.refresh_from_db()
    assert signing.since == BEFORE
