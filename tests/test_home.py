"""The home page: who signed, who is not on the list, what is new, and what comes next."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Pact, PartialDate, Signing
from companies.pages.home import days_until, step_chart
from tests.builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source
from tests.lists import a_list

pytestmark = pytest.mark.django_db

# The register's version; the pact; how all companies stand (7);
# the periods that ended; the full lists (2); the first names of both
# lists; for each of the newest three days which statuses began and of whom (9); milestones; the
# watched lists.
QUERIES_OF_HOME = 25


def home(client, query=""):
    return client.get(f"/{query}")


def text(response):
    """The text of a page without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def signed_on(name, day, **fields):
    signing = a_signing(a_company(name), since=day, **fields)
    a_citation(signing=signing)
    return signing


def names_in(response, heading):
    """The names that stand below a heading."""
    section = response.text.split(f'aria-labelledby="{heading}"')[1].split("</section>")[0]
    return re.findall(r"<bdi>([^<]*)</bdi>", section)


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        ([], ""),
        (["Apple"], " Apple, which we looked for, is not on the list."),
        (["Apple", "Meta"], " Apple and Meta, which we looked for, are not on the list."),
        (["Apple", "Meta", "X"], " Apple, Meta and 1 other we looked for are not on the list."),
        (list("ABCDE"), " A, B and 3 others we looked for are not on the list."),
    ],
)
def test_the_headline_says_how_many_signed_and_who_is_not_on_the_list(client, absent, said):
    signed_on("Airbus", datetime.date(2024, 9, 25))
    for name in absent:
        a_signing(a_company(name), status="not_signed")

    page = text(home(client))

    assert f"1 company is known to have signed the EU AI Pact.{said} The Commission" in page


def test_the_commission_s_total_is_shown_beside_ours_with_its_date(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    page = text(home(client))

    assert "The Commission counts more than 230." in page
    assert "1 of more than 230 (15 December 2025)." in page.replace("\N{NO-BREAK SPACE}", " ")


def test_home_shows_the_day_of_the_newest_official_list(client):
    signing = signed_on("Airbus", datetime.date(2024, 10, 9))
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=signing, source=listed)

    assert "but the last complete list we could read is dated 9 October 2024." in text(
        home(client)
    ).replace("\N{NO-BREAK SPACE}", " ")


def test_a_date_is_never_split_over_two_lines(client):
    signed_on("Airbus", datetime.date(2024, 10, 9))

    assert ">9\N{NO-BREAK SPACE}October\N{NO-BREAK SPACE}2024<" in home(client).content.decode()


def test_home_shows_no_official_total_when_none_was_announced(client):
    Pact.objects.filter(pk=a_pact().pk).update(listed_total=None, listed_total_on=None)
    signed_on("Airbus", datetime.date(2024, 9, 25))

    page = text(home(client))

    assert "1 company is known to have signed the EU AI Pact." in page
    assert "The Commission" not in page
    assert "None" not in page


def test_the_search_field_of_home_submits_to_the_list_of_companies(client):
    a_pact()

    assert 'action="/companies/" role="search"' in home(client).content.decode()


@pytest.mark.parametrize(("status", "heading"), [("signed", "signed"), ("not_signed", "absent")])
def test_the_names_with_the_most_sources_come_first_then_by_name(client, status, heading):
    for name in ("Zeta", "Émile", "beta", "Two sources", "One source"):
        a_signing(a_company(name), status)
    source = a_source()
    for name, number in (("Two sources", 2), ("One source", 1)):
        period = Signing.objects.get(company__name=name)
        for other in range(number):
            a_citation(signing=period, source=a_source(f"of {name} {other}"))
    # The sources of its statuses toward other pacts count too, each of them once.
    code = a_signing(Company.objects.get(name="Zeta"), pact=a_pact("gpai-code"))
    for quote in ("once", "twice"):
        a_citation(signing=code, source=source, quote=quote)

    assert names_in(home(client), heading) == ["Two sources", "One source", "Zeta", "beta", "Émile"]


def test_the_method_page_explains_which_names_are_on_home(client):
    a_pact()

    page = text(client.get("/method/"))

    assert "the companies with the most sources come first" in page


def test_a_future_status_does_not_count_for_the_names_on_home(client):
    for name in ("Alpha", "Beta"):
        a_signing(a_company(name))
    later = timezone.localdate() + datetime.timedelta(days=9)
    future = a_signing(Company.objects.get(name="Beta"), pact=a_pact("gpai-code"), since=later)
    a_citation(signing=future)

    assert names_in(home(client), "signed") == ["Alpha", "Beta"]


def test_companies_that_declined_or_left_are_not_among_the_absent_ones_on_home(client):
    for name, status in (
        ("Nemo", "not_signed"),
        ("Noway", "declined"),
        ("Lost", "removed"),
        ("Left", "withdrawn"),
        ("Maybe", "interested"),
    ):
        a_signing(a_company(name), status)

    response = home(client)

    assert names_in(response, "absent") == ["Nemo"]
    assert names_in(response, "signed") == []
    page = response.text
    assert '<a href="/absent/?state=declined">1 company has said publicly that it will' in page
    assert '<a href="/absent/?state=withdrawn&amp;state=removed">2 former signatories have' in page


def test_each_list_on_home_shows_nine_names_and_a_link_to_all(client):
    for number in range(16):
        a_signing(a_company(f"Absent {number}"), status="not_signed")
        a_signing(a_company(f"Signed {number}"))

    response = home(client)

    assert [len(names_in(response, heading)) for heading in ("signed", "absent")] == [9, 9]
    assert re.search(r'href="/companies/\?status=signed"[^>]*>See all 16<', response.text)
    assert re.search(r'href="/absent/"[^>]*>See all 16<', response.text)


def test_the_absent_list_is_dated_by_the_newest_list_and_older_absences_by_their_own(client):
    a_signing(a_company("Late"), "not_signed", since=datetime.date(2025, 2, 3))
    a_signing(a_company("Mistral AI"), "not_signed", since=datetime.date(2024, 10, 9))

    page = text(home(client)).replace("\N{NO-BREAK SPACE}", " ")

    assert "List of 3 February 2025. Not being listed is not a refusal. Late Mistral AI" in page
    assert "Mistral AI list of 9 October 2024" in page


def test_home_has_no_section_for_absences_when_there_are_none(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    assert 'id="absent"' not in home(client).text


def events(response):
    """What is new, each with its day."""
    section = response.text.split('aria-labelledby="new"')[1].split("</ol>")[0]
    rows = [re.sub("<[^>]+>", "", row) for row in section.split("<li>")[1:]]
    return [" ".join(row.split()).replace("\N{NO-BREAK SPACE}", " ") for row in rows]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Company 0 is named as a signatory of the EU AI Pact"),
        (2, "Company 0 and Company 1 are named as signatories of the EU AI Pact"),
        (3, "Company 0, Company 1 and 1 other are named as signatories of the EU AI Pact"),
        (9, "Company 0, Company 1 and 7 others are named as signatories of the EU AI Pact"),
    ],
)
def test_signatures_of_one_day_are_one_event_that_counts_every_company(client, number, said):
    for i in range(number):
        signed_on(f"Company {i}", datetime.date(2024, 10, 9))

    assert events(home(client)) == [f"9 October 2024 {said}"]


@pytest.mark.parametrize(
    ("status", "basis", "said"),
    [
        ("signed", "stated", "Acme signed the EU AI Pact"),
        ("signed", "first_seen", "Acme is named as a signatory of the EU AI Pact"),
        ("declined", "stated", "Acme said publicly that it would not sign the EU AI Pact"),
        ("removed", "observed", "Acme is no longer on the list of the EU AI Pact"),
        ("withdrawn", "stated", "Acme left the EU AI Pact, according to the company"),
    ],
)
def test_an_event_claims_no_more_than_the_basis_of_its_date(client, status, basis, said):
    signed_on("Acme", datetime.date(2024, 10, 9), status=status, since_basis=basis)

    assert events(home(client)) == [f"9 October 2024 {said}"]


def test_an_absence_is_not_an_event(client):
    for status in ("not_signed", "interested", "unknown"):
        signed_on(f"Company {status}", datetime.date(2024, 10, 9), status=status)

    assert events(home(client)) == ["Nothing yet."]


def test_the_three_newest_events_mix_statuses_and_milestones_by_their_day(client):
    for day in (1, 3, 5):
        signed_on(f"Signed {day}", datetime.date(2025, 3, day))
        a_milestone(f"Milestone {day + 1}", date=datetime.date(2025, 3, day + 1))

    found = events(home(client))

    assert found[0] == "6 March 2025 Milestone 6"
    assert found[1].startswith("5 March 2025 Signed 5")
    assert found[2:] == ["4 March 2025 Milestone 4"]


def test_signatures_with_different_bases_are_separate_events(client):
    day = datetime.date(2024, 11, 18)
    signed_on("SAS", day, since_basis=Signing.SinceBasis.STATED)
    signed_on("Ineco", day)

    assert sorted(events(home(client))) == [
        "18 November 2024 Ineco is named as a signatory of the EU AI Pact",
        "18 November 2024 SAS signed the EU AI Pact",
    ]


def test_a_signature_dated_to_a_month_is_not_grouped_with_one_of_its_first_day(client):
    day = datetime.date(2025, 12, 1)
    signed_on("Exact", day)
    signed_on("Vague", day, since_precision="month")

    assert sorted(found.split(" is")[0] for found in events(home(client))) == [
        "1 December 2025 Exact",
        "December 2025 Vague",
    ]


def test_a_status_without_a_source_is_not_an_event(client):
    a_signing(a_company("Unproved"))

    assert events(home(client)) == ["Nothing yet."]


def test_home_shows_the_next_three_milestones_and_how_soon_they_are(client):
    today = timezone.localdate()
    a_pact()
    for days in (-1, 0, 1, 30, 31):
        a_milestone(f"In {days}", date=today + datetime.timedelta(days=days))

    response = home(client)

    shown = [(date.milestone.title, date.days) for date in response.context["dates"]]
    assert shown == [("In 0", 0), ("In 1", 1), ("In 30", 30)]
    assert re.search("In 0 Today .* In 1 In 1 day .* In 30 In 30 days", text(response))


def test_a_distant_or_imprecise_milestone_has_no_countdown(client):
    today = timezone.localdate()

    assert days_until(PartialDate(today + datetime.timedelta(days=31)), today) is None
    assert days_until(PartialDate(today, "month"), today) is None


def test_a_milestone_that_was_moved_shows_its_former_date(client):
    a_pact()
    soon, before = timezone.localdate() + datetime.timedelta(days=30), datetime.date(2026, 8, 2)
    a_milestone("High-risk rules apply", date=soon, moved_from=before)

    for path in ("/", "/pacts/eu-ai-pact/"):
        assert text(client.get(path)).count("Moved from 2 August 2026.") == 1


def test_home_links_to_the_timeline_of_the_pact(client):
    a_pact()
    a_milestone("First signatures", date=datetime.date(2024, 9, 25))

    assert '<a href="/pacts/eu-ai-pact/#timeline">See all dates since 2024</a>' in home(client).text


def test_the_chart_has_a_text_alternative_and_a_link_to_its_table(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    page = home(client).content.decode()

    assert "1 known signatory (of more than 230)." in page
    assert f'href="{reverse("statistics")}#over-time"' in page


@pytest.mark.parametrize(
    ("listed_on", "unread_at"),
    [
        (None, None),
        (datetime.date(2024, 1, 1), 50),
        (datetime.date(2024, 5, 10), 59),
        (datetime.date(2024, 12, 1), None),
    ],
)
def test_the_chart_says_since_when_no_list_was_read_where_that_is_long(listed_on, unread_at):
    points = [(datetime.date(2024, 1, 1), 1)]

    chart = step_chart(points, datetime.date(2025, 12, 31), of=4, listed_on=listed_on)

    assert chart.unread_at == unread_at


def test_the_scale_of_the_chart_reaches_the_total_the_commission_announced(client):
    for number in range(23):
        signed_on(f"Company {number}", datetime.date(2024, 9, 25))

    chart = home(client).context["chart"]

    # 23 of 230: nine tenths of the height stay empty above the line.
    assert chart.total_at == 90


def test_home_links_to_its_translation(client):
    a_pact()

    english = home(client).content.decode()
    french = client.get("/fr/").content.decode()

    assert '<html lang="en">' in english
    assert '<html lang="fr">' in french
    for page in (english, french):
        assert '<link rel="alternate" hreflang="fr" href="http://testserver/fr/">' in page
        assert '<link rel="alternate" hreflang="x-default" href="http://testserver/">' in page


def test_home_refuses_any_parameter(client):
    a_pact()

    response = home(client, "?sort=name")

    assert response.status_code == 400
    assert "sort" in text(response)


def test_home_works_on_an_empty_register(client):
    assert home(client).status_code == 200


@pytest.mark.parametrize("companies", [3, 6])
def test_home_takes_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, companies
):
    a_list()
    for i in range(companies):
        signed_on(f"Signatory {i}", datetime.date(2024, 9, 1) + datetime.timedelta(days=i))
        a_signing(a_company(f"Absent {i}"), status="not_signed")

    with django_assert_num_queries(QUERIES_OF_HOME):
        home(client)
    # All of it is kept, except the version.
    with django_assert_num_queries(1):
        client.get("/fr/")
