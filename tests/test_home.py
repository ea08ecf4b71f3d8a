"""The home page: the number of known signatories, who is missing, what changed, what comes next."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Pact, Signing
from tests.builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source
from tests.lists import a_list

pytestmark = pytest.mark.django_db

# The register's version; the pact; its signatories over time; the full lists (3); absences counted,
# and those looked for; the newest statuses and their companies; milestones; the watched lists.
QUERIES_OF_HOME = 12


def home(client, query=""):
    return client.get(f"/{query}")


def text(response):
    """The text of a page without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def signed_on(name, day, **fields):
    signing = a_signing(a_company(name), since=day, **fields)
    a_citation(signing=signing)
    return signing


def test_home_shows_the_signatories_the_absences_and_the_milestones(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))
    a_signing(a_company("Meta", size="large"), status="declined")

    response = home(client)

    assert response.status_code == 200
    assert "1 of more than 230 signatories of the EU AI Pact is known by name." in text(response)
    assert "Some of the largest companies are not among the signatories we know." in text(response)


def test_the_commission_s_total_is_shown_beside_ours_with_its_date(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    page = text(home(client))

    assert "The Commission counts more than 230 (15 December 2025)." in page
    assert "The Commission: more than 230" in page


def test_home_shows_the_day_of_the_newest_official_list(client):
    signing = signed_on("Airbus", datetime.date(2024, 10, 9))
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=signing, source=listed)

    assert "The last complete list we could read is dated 9 October 2024." in text(home(client))


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


def test_home_mentions_large_companies_that_have_not_signed_only_if_there_are_some(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    assert "Some of the largest" not in text(home(client))


def test_the_search_field_of_home_submits_to_the_list_of_companies(client):
    a_pact()

    assert 'action="/companies/" role="search"' in home(client).content.decode()


def test_of_the_companies_not_found_those_a_source_names_come_first_then_large_ones(client):
    for name in ("Zeta", "Beta", "Alpha"):
        a_signing(a_company(name, size="large"), status="not_signed")
    for name in ("Aa", "Bb", "Cc"):
        a_signing(a_company(name, size="sme"), status="not_signed")
    a_citation(signing=a_signing(a_company("Named", size="sme"), status="not_signed"))
    a_signing(a_company("Yes, no", size="sme"), status="declined")

    response = home(client)

    shown = [signing.company.name for signing in response.context["looked_for"]]
    assert shown == ["Named", "Alpha", "Beta", "Zeta", "Aa", "Bb", "Cc"]
    assert "We looked for 7 companies and did not find them." in text(response)
    assert "Not being listed is not a refusal." in text(response)


def test_who_declined_and_who_left_is_never_among_the_companies_looked_for(client):
    for name, status in (
        ("Nemo", "not_signed"),
        ("Noway", "declined"),
        ("Lost", "removed"),
        ("Left", "withdrawn"),
        ("Maybe", "interested"),
    ):
        a_signing(a_company(name), status)

    response = home(client)

    groups = {
        name: [signing.company.name for signing in response.context[name]]
        for name in ("looked_for", "declined", "left")
    }
    assert groups == {"looked_for": ["Nemo"], "declined": ["Noway"], "left": ["Left", "Lost"]}
    assert "We looked for 1 company and did not find it." in text(response)
    assert "1 company has said publicly that it will not sign." in text(response)
    assert "2 former signatories have left or are no longer" in text(response)


def test_home_shows_nine_companies_that_have_not_signed_and_counts_all(client):
    for number in range(16):
        a_signing(a_company(f"Company {number}"), status="not_signed")

    response = home(client)

    assert len(response.context["looked_for"]) == 9
    assert "We looked for 16 companies and did not find them." in text(response)


def test_an_absence_is_dated_by_the_newest_list_without_the_company(client):
    absent = a_signing(a_company("Mistral AI"), "not_signed", since=datetime.date(2024, 9, 25))
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=absent, source=listed, quote="")

    assert "Mistral AI 9 October 2024 not listed on that day" in text(home(client)).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_home_has_no_section_on_absences_when_there_are_none(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    assert "Not found on the list" not in text(home(client))


def test_signatures_of_one_day_are_one_entry_that_counts_every_company(client):
    for i in range(70):
        signed_on(f"Company {i:02}", datetime.date(2024, 10, 9))

    (happening,) = home(client).context["changes"]

    assert [company.name for company in happening.shown] == ["Company 00", "Company 01"]
    assert happening.more == 68


def test_signatures_with_different_bases_are_separate_entries(client):
    day = datetime.date(2024, 11, 18)
    signed_on("SAS", day, since_basis=Signing.SinceBasis.STATED)
    signed_on("Ineco", day)

    page = text(home(client))

    assert "SAS signed · EU AI Pact" in page
    assert "Ineco first seen as a signatory · EU AI Pact" in page


def test_a_signature_dated_to_a_month_is_not_grouped_with_one_of_its_first_day(client):
    day = datetime.date(2025, 12, 1)
    signed_on("Exact", day)
    signed_on("Vague", day, since_precision="month")

    page = text(home(client))

    assert "1 December 2025 Exact" in page
    assert re.search(r"[^1] December 2025 Vague", page)


def test_a_status_without_a_source_is_not_among_the_latest_changes(client):
    a_signing(a_company("Unproved"))

    assert home(client).context["changes"] == []


def test_home_shows_the_next_three_milestones_from_today_on(client):
    today = timezone.localdate()
    a_pact()
    for days in (-1, 5, 10, 15, 20):
        a_milestone(f"In {days} days", date=today + datetime.timedelta(days=days))

    titles = [milestone.title for milestone in home(client).context["milestones"]]

    assert titles == ["In 5 days", "In 10 days", "In 15 days"]


def test_the_timeline_separates_pacts_from_law_and_past_years_from_the_rest(client):
    a_pact()
    year = timezone.localdate().year
    a_milestone("First signatures", date=datetime.date(2024, 9, 25), topic="ai_pact")
    a_milestone("Omnibus proposed", date=datetime.date(year - 1, 11, 19), topic="omnibus")
    a_milestone("Code listed", date=datetime.date(year + 1, 7, 31), topic="gpai_code")
    a_milestone("High-risk rules apply", date=datetime.date(year + 1, 12, 2))

    response = home(client)

    def titles(years):
        return [
            (found.number, [str(m) for m in found.pacts], [str(m) for m in found.law])
            for found in years
        ]

    assert titles(response.context["past_years"]) == [
        (2024, ["First signatures"], []),
        (year - 1, [], ["Omnibus proposed"]),
    ]
    assert titles(response.context["years"]) == [
        (year + 1, ["Code listed"], ["High-risk rules apply"])
    ]
    assert "Show 2 earlier events (from 2024)" in text(response)


def test_a_milestone_that_was_moved_shows_its_former_date(client):
    a_pact()
    soon, before = timezone.localdate() + datetime.timedelta(days=30), datetime.date(2026, 8, 2)
    a_milestone("High-risk rules apply", date=soon, moved_from=before)

    assert text(home(client)).count("Moved from 2 August 2026.") == 2


def test_a_register_without_milestones_has_no_timeline(client):
    a_pact()

    assert 'id="timeline"' not in home(client).content.decode()


def test_the_chart_has_its_words_as_text_and_a_link_to_its_table(client):
    signed_on("Airbus", datetime.date(2024, 9, 25))

    page = home(client).content.decode()

    assert "1 known signatory (of more than 230)." in page
    assert f'href="{reverse("statistics")}#over-time"' in page


def test_the_scale_of_the_chart_reaches_the_total_the_commission_announced(client):
    for number in range(23):
        signed_on(f"Company {number}", datetime.date(2024, 9, 25))

    chart = home(client).context["chart"]

    # 23 of 230: nine tenths of the height stay empty above the line.
    assert chart.total_at == 90


def test_the_chart_names_the_largest_rise(client):
    for i in range(3):
        signed_on(f"Company {i}", datetime.date(2024, 10, 9))
    signed_on("Ineco", datetime.date(2025, 1, 31))

    assert "Over time: 3 on 9 October 2024, 4 known signatories (of more than 230) today." in text(
        home(client)
    )


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


def test_an_empty_register_has_a_page(client):
    assert home(client).status_code == 200


@pytest.mark.parametrize("companies", [2, 5])
def test_home_takes_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, companies
):
    a_list()
    for i in range(companies):
        signed_on(f"Signatory {i}", datetime.date(2024, 9, 1) + datetime.timedelta(days=i))
        a_signing(a_company(f"Absent {i}"), status="not_signed")

    with django_assert_num_queries(QUERIES_OF_HOME):
        home(client)
