"""The editors' first screen: each count is what its list shows, and it costs so many queries."""

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Citation, Company, CompanyIdentifier, Correction, QuoteCheck, Signing
from companies.queries.desk import gaps
from companies.queries.desk.decisions import AGES, of_age, open_corrections
from companies.register import read_table

from .builders import (
    a_citation,
    a_company,
    a_correction,
    a_sector,
    a_signing,
    a_source,
)
from .editors import a_reviewer, a_user, an_editor, text
from .lists import a_reading

pytestmark = [pytest.mark.django_db, pytest.mark.history]

# Session, user and permissions; proposals; drafts; corrections; the version; the gaps of four
# models, and the pacts that invite reports; statuses, and those that are to be proved with what
# proves them; last edits; watched lists.
QUERIES = 20

ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
LISTS = {
    Signing: "/admin/companies/signing/",
    Company: "/admin/companies/company/",
    Citation: "/admin/companies/citation/",
    gaps.Source: "/admin/companies/source/",
}


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def rows(response):
    """The lines of the desk: label, number, and where the number leads."""
    found = {}
    for line in ROW.findall(response.content.decode()):
        number = re.search(r'class="number">\s*(\S+?)\s*<', line)
        label = re.search(r'<th scope="row">(.*?)</th>', line, re.DOTALL)
        if number and label:
            link = re.search(r'href="([^"]*)"', line)
            words = " ".join(re.sub(r"<[^>]+>", "", label[1]).split())
            found[words] = (int(number[1]), link[1].replace("&amp;", "&") if link else "")
    return found


def listed(client, address):
    """How many rows a list of the admin shows."""
    return client.get(address).context["cl"].result_count


def a_register_with_gaps():
    """Two companies of each gap, and others that have none."""
    today = timezone.localdate()
    whole = a_company(
        "Whole",
        country="FI",
        sector=a_sector("software"),
        role="provider",
        legal_name="Whole Oy",
    )
    CompanyIdentifier.objects.create(company=whole, scheme="wikidata", value="Q42")
    kept = a_source(
        "kept", published_on=datetime.date(2024, 10, 9), archived_url="https://web.archive.org/x"
    )
    signed = a_signing(whole, since=datetime.date(2024, 10, 9), since_basis="first_seen")
    a_citation(signing=signed, source=kept, quote="Whole", verified_on=today, verified_by="editor")
    a_company("Empty")
    for name in ("Acme Oy", "Acme Ltd"):
        company = a_company(name)
        a_signing(company, since=datetime.date(2024, 10, 9))
    unquoted = a_signing(a_company("Unquoted"), since=datetime.date(2025, 12, 1))
    old = today - datetime.timedelta(days=400)
    bare = a_source("bare", title="https://bare.example/", url="https://bare.example/")
    cited = a_citation(signing=unquoted, source=bare, verified_on=old, verified_by="editor")
    for result in ("gone", "changed"):
        citation = cited if result == "gone" else a_citation(company=whole, source=bare)
        QuoteCheck.objects.create(
            citation=citation,
            url=bare.url,
            quote=citation.quote,
            checked_at=timezone.now(),
            result=result,
            since=today,
        )


def test_each_count_of_missing_data_links_to_a_list_of_as_many_rows():
    a_register_with_gaps()
    read_table.rebuild()  # which has the names under which companies are found
    client = an_editor()

    shown = rows(client.get("/admin/"))

    labels = {str(gap.label) for gap in gaps.GAPS}
    counted = {label: shown[label] for label in labels}
    assert {label for label, (number, url) in counted.items() if number and not url} == set()
    assert {label: listed(client, url) for label, (number, url) in counted.items() if number} == {
        label: number for label, (number, _url) in counted.items() if number
    }
    assert {label: number for label, (number, _url) in counted.items()} == {
        "Without a source": 2,
        "Without a quote": 3,
        "Progress report due, none found": 3,
        "Without a country": 4,
        "Without a sector": 4,
        "Role under the AI Act unknown": 4,
        "Without an identifier": 4,
        "Without a legal name": 4,
        "Possible duplicates": 2,
        "Not verified for a year": 2,
        "Quote not found on its page": 1,
        "Page gone": 1,
        "Page not reachable or not read": 0,
        "Page never checked": 1,
        "Without a date": 1,
        "Without an archived copy": 1,
        "Title taken from the address": 1,
    }


def test_a_zero_count_is_shown_without_a_link():
    shown = rows(a_reviewer().get("/admin/"))

    assert {label for label, (number, url) in shown.items() if number or url} == set()
    assert {"New signatories", "Without a country", "Company statements"} <= shown.keys()


def test_a_company_and_its_parent_are_not_possible_duplicates():
    owner = a_company("Acme Oy")
    owned = a_company("Acme Ltd", parent=owner)
    read_table.rebuild()
    client = an_editor()

    assert rows(client.get("/admin/"))["Possible duplicates"] == (0, "")

    owned.parent = None
    owned.save()
    read_table.rebuild()
    assert rows(client.get("/admin/"))["Possible duplicates"][0] == 2


def test_an_absence_on_an_official_list_needs_no_quote():
    absent = a_signing(a_company("Absent"), status="not_signed", since_basis="observed")
    a_citation(signing=absent, source=a_source("list", kind="official_list"), quote="")

    assert rows(an_editor().get("/admin/"))["Without a quote"] == (0, "")


def test_open_proposals_are_counted_by_kind_and_lead_to_their_review():
    run = a_reading(["Accenture", "Adecco", "Airbus"], accept=True).run

    shown = rows(a_reviewer().get("/admin/"))

    review = f"/admin/companies/importrun/{run.pk}/review/?kind=new_company"
    assert shown["New companies EU AI Pact"] == (3, review)
    assert shown["No longer listed"] == (0, "")


def test_a_kind_of_proposal_in_several_runs_links_to_the_queue_of_these_runs():
    first = a_reading(["Accenture"], accept=True).run
    a_reading(["Airbus", "Adecco"], accept=True)
    first.proposals.update(state="proposed")
    client = a_reviewer()

    shown = rows(client.get("/admin/"))
    kinds = {label: found for label, found in shown.items() if label.startswith("New companies")}

    assert [number for number, _url in kinds.values()] == [3]
    assert next(iter(kinds.values()))[1] == "/admin/companies/importrun/queue/?kind=new_company"


@pytest.mark.parametrize(
    ("client", "heading"),
    [(a_reviewer, "3 decisions wait for you"), (an_editor, "3 decisions wait for a reviewer")],
    ids=["reviewer", "editor"],
)
def test_the_heading_of_the_desk_counts_the_open_tasks(client, heading):
    a_reading(["Accenture", "Adecco", "Airbus"], accept=True)

    assert heading in text(client().get("/admin/"))


def received(days, **fields):
    correction = a_correction(a_company(f"Sender {days} {fields.get('kind', '')}"), **fields)
    at = timezone.now() - datetime.timedelta(days=days, minutes=1)
    Correction.objects.filter(pk=correction.pk).update(received_at=at)
    return correction


def test_corrections_are_counted_by_age_apart_from_statements_and_lead_to_their_lists():
    for days in (0, 3, 8, 29, 31, 400):
        received(days)
    received(9, kind="statement")
    client = a_reviewer()
    closed = {"reply": "Done.", "closed_at": timezone.now(), "closed_by": User.objects.get()}
    received(50, state="accepted", **closed)

    shown = rows(client.get("/admin/"))

    url = "/admin/companies/correction/?age="
    counted = {
        "Corrections, waiting for over a month": (2, f"{url}month"),
        "Corrections, waiting for over a week": (2, f"{url}week"),
        "Corrections, received in the last week": (2, f"{url}new"),
        "Company statements": (1, f"{url}waiting&kind__exact=statement"),
    }
    assert {label: shown[label] for label in counted} == counted
    for number, address in counted.values():
        assert listed(client, address) == number


def test_each_open_correction_links_to_the_next_one_and_the_last_to_the_first():
    first, second, third = received(9), received(5), received(1)
    client = a_reviewer()

    def leads_to(correction):
        page = client.get(f"/admin/companies/correction/{correction.pk}/answer/")
        link = r'href="/admin/companies/correction/(\d+)/answer/" rel="next"'
        found = re.search(link, page.content.decode())
        return int(found[1]) if found else None

    assert [leads_to(one) for one in (first, second, third)] == [second.pk, third.pk, first.pk]
    Correction.objects.exclude(pk=first.pk).delete()
    assert leads_to(first) is None


def test_every_open_correction_is_counted_under_one_age():
    for days in (0, 6, 7, 8, 29, 30, 31):
        received(days)
    now = timezone.now()

    by_age = {age.code: of_age(Correction.objects.all(), age.code, now).count() for age in AGES}

    assert by_age == open_corrections(now).by_age
    assert sum(by_age.values()) == 7


def test_a_user_without_permissions_sees_no_counts():
    client = an_editor()
    client.force_login(a_user("nobody"))

    assert rows(client.get("/admin/")) == {}


@pytest.mark.parametrize("companies", [1, 6])
def test_the_first_screen_takes_the_same_number_of_queries_for_any_number_of_rows(companies):
    for number in range(companies):
        signing = a_signing(a_company(f"Acme {number}"))
        a_citation(signing=signing, source=a_source(f"source-{number}"))
        received(number)
    client = a_reviewer()
    client.get("/admin/")
    cache.clear()

    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/")

    assert len(asked) == QUERIES, [one["sql"][:200] for one in asked]


def test_missing_data_is_counted_once_per_register_version():
    a_signing(a_company("Acme"))
    client = an_editor()
    client.get("/admin/")

    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/")

    counting = [one["sql"] for one in asked if "COUNT" in one["sql"].upper()]
    assert [sql for sql in counting if "gap_" in sql] == []


def test_a_register_too_large_to_check_says_that_it_is_not_counted(monkeypatch):
    monkeypatch.setattr(gaps, "MOST_PROVED", 0)
    a_signing(a_company("Acme"))

    response = an_editor().get("/admin/")

    assert "not counted" in text(response)
    assert "/admin/companies/signing/?proof=too-weak" in response.content.decode()


def test_searching_a_name_on_the_desk_opens_its_change_status_screen():
    company = a_company("Acme")
    client = an_editor()

    found = client.get("/admin/companies/company/find/", {"q": "acme"})

    assert found["Location"] == f"/admin/companies/company/{company.pk}/change-status/"


@pytest.mark.parametrize("typed", ["", "nothing like it", "\u202e", "x" * 201])
def test_searching_an_unknown_name_on_the_desk_opens_the_company_list(typed):
    a_company("Acme")

    found = an_editor().get("/admin/companies/company/find/", {"q": typed})

    assert found["Location"].startswith("/admin/companies/company/?q=")


def test_the_desk_groups_the_models_by_task_with_settings_last():
    page = text(an_editor().get("/admin/"))

    order = [
        page.rindex(word) for word in ("Signing statuses", "Citations", "Milestones", "Sectors")
    ]
    assert order == sorted(order)
