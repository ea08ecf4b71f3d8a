"""Who is not on the list: each company with its reason, its date and a quote of its source."""

import datetime
import re

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Signing
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source, an_opinion

pytestmark = pytest.mark.django_db

OBSERVED = Signing.SinceBasis.OBSERVED
STATED = Signing.SinceBasis.STATED


def text(response) -> str:
    """What a reader reads: no tags, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def groups(response) -> dict[str, list[str]]:
    return {
        group.total.state: [
            line.signing.company.name
            for lines in (group.lines, *(day.lines for day in group.days))
            for line in lines
        ]
        for group in response.context["groups"]
    }


def test_companies_are_grouped_by_state_without_signatories(client):
    for name, status in (
        ("Acme", "signed"),
        ("Nilo", "not_signed"),
        ("Nemo", "not_signed"),
        ("Lost", "removed"),
        ("Left", "withdrawn"),
        ("Noway", "declined"),
        ("Maybe", "interested"),
        ("Blank", "unknown"),
    ):
        a_signing(a_company(name), status)

    response = client.get("/absent/")

    assert list(groups(response)) == [
        "declined",
        "interested",
        "not_asked",
        "withdrawn",
        "removed",
    ]
    assert groups(response)["not_asked"] == ["Nemo", "Nilo"]
    page = text(response)
    assert "EU AI Pact: 2 companies were looked for and not found on the list" in page
    assert "1 company has said publicly that it will not sign." in page
    assert "2 former signatories have left or are no longer on the list." in page
    assert "1 company is in the network and has not signed." in page
    assertNotContains(response, "Acme")


def test_an_absence_is_never_called_a_refusal(client):
    a_signing(a_company("Nemo"), "not_signed", since_basis=OBSERVED)

    response = client.get("/absent/")

    assertContains(response, "Not being on a list on a given date is not a refusal.")
    assertContains(response, "We know of no company that has publicly declined.")
    assertNotContains(response, "refused")


def test_each_absent_company_has_its_reason_its_date_and_the_quote_of_its_source(client):
    signing = a_signing(
        a_company("Noway"),
        "declined",
        since=datetime.date(2024, 9, 1),
        since_precision="month",
        since_basis=STATED,
        reason_en="It works on the law first.",
    )
    source = a_source(
        title="No thanks", publisher="The Paper", published_on=datetime.date(2024, 9, 25)
    )
    a_citation(signing=signing, source=source, quote="Not now")

    response = client.get("/absent/")

    assertContains(response, '<time datetime="2024-09">September\u00a02024</time>')
    assertContains(response, "It works on the law first.")
    assertContains(response, "“Not now”")
    assertContains(response, "<bdi>No thanks</bdi></a>, The Paper, ")
    assertContains(response, "medium: reported second-hand")


def test_a_reason_in_the_other_language_has_a_lang_attribute(client):
    a_signing(a_company("Noway"), "declined", reason_fr="Pas maintenant")

    assertContains(client.get("/absent/"), '<p lang="fr">Pas maintenant</p>')


def test_only_periods_in_force_today_are_shown(client):
    company = a_company("Nemo")
    a_signing(company, "not_signed", until=datetime.date(2025, 1, 1))
    a_signing(company, "signed", since=datetime.date(2025, 1, 1))

    assert groups(client.get("/absent/")) == {}


def test_another_pact_has_its_own_list_of_absences(client):
    a_signing(a_company("Nemo"), "not_signed")
    a_signing(a_company("Lost"), "removed", pact=a_pact("gpai-code", name_en="GPAI Code"))

    response = client.get("/absent/?pact=gpai-code")

    assert groups(response) == {"removed": ["Lost"]}
    assertContains(response, "<title>Not found on the list: GPAI Code – PactWatch</title>")
    assertContains(response, "&amp;status=removed&amp;pact=gpai-code")


def test_the_link_to_the_list_of_companies_finds_the_same_companies(client):
    for name, status in (("Acme", "signed"), ("Nemo", "not_signed"), ("Lost", "removed")):
        a_signing(a_company(name), status)

    response = client.get("/absent/")

    statuses = ("declined", "interested", "not_signed", "withdrawn", "removed")
    url = "/companies/?" + "&".join(f"status={status}" for status in statuses)
    assertContains(response, f'<a href="{url.replace("&", "&amp;")}">')
    listed = client.get(url).context["page"]
    assert [company.name for company in listed] == ["Lost", "Nemo"]


def a_company_asked(company, state, day, status="not_signed"):
    return a_signing(a_company(company), status, asked=state, asked_on=day)


def test_companies_not_on_the_list_are_grouped_by_their_answer(client):
    a_company_asked("Silent", "no_answer", datetime.date(2025, 3, 1))
    a_company_asked("Pensive", "considering", datetime.date(2025, 4, 2))
    a_company_asked("Network", "considering", datetime.date(2025, 4, 3), "interested")
    a_signing(a_company("Nemo"), "not_signed")

    response = client.get("/absent/")

    assert groups(response) == {
        "considering": ["Network", "Pensive"],
        "no_answer": ["Silent"],
        "not_asked": ["Nemo"],
    }
    page = text(response)
    assert "We contacted the company on 1 March 2025 and have recorded no reply." in page
    assert "We contacted the company; on 2 April 2025 it replied that it was considering." in page
    assert "Silence is not a refusal." in page
    assert "That is neither a yes nor a no." in page
    assert "We have not asked why. That is not a refusal:" in page


def test_a_company_that_declined_publicly_stays_declined_whatever_it_answered_us(client):
    a_company_asked("Noway", "considering", datetime.date(2025, 4, 2), "declined")

    response = client.get("/absent/")

    assert groups(response) == {"declined": ["Noway"]}
    assert "on 2 April 2025 it replied that it was considering." in text(response)


def test_a_company_counts_as_not_contacted_before_the_day_we_contacted_it(client):
    a_company_asked("Silent", "no_answer", datetime.date(2025, 3, 1))

    before = client.get("/absent/?as_of=2025-02-28")

    assert groups(before) == {"not_asked": ["Silent"]}
    assert "We contacted the company on 1 March" not in text(before)
    assert groups(client.get("/absent/?as_of=2025-03-01")) == {"no_answer": ["Silent"]}


def test_the_index_counts_every_state_including_empty_ones(client):
    a_company_asked("Silent", "no_answer", datetime.date(2025, 3, 1))
    a_signing(a_company("Nemo"), "not_signed")

    totals = client.get("/absent/").context["totals"]

    assert {total.state: total.number for total in totals} == {
        "declined": 0,
        "considering": 0,
        "no_answer": 1,
        "interested": 0,
        "not_asked": 1,
        "withdrawn": 0,
        "removed": 0,
    }
    response = client.get("/absent/?state=no_answer")
    assert groups(response) == {"no_answer": ["Silent"]}
    assertContains(response, "Show all")


def test_companies_missing_from_one_list_are_grouped_by_its_day_and_cite_it_once(client):
    day = datetime.date(2024, 10, 9)
    the_list = a_source(kind="official_list", title="The list", published_on=day)
    for name, since in (("Nilo", day), ("Nemo", datetime.date(2024, 9, 25))):
        signing = a_signing(a_company(name), "not_signed", since=since)
        a_citation(signing=signing, source=the_list)
    a_signing(a_company("Late"), "not_signed", since=datetime.date(2025, 1, 1))

    response = client.get("/absent/")

    days = response.context["groups"][0].days
    assert [(str(day.when), day.source) for day in days] == [
        ("2025-01-01", None),
        ("2024-10-09", the_list),
    ]
    assert groups(response) == {"not_asked": ["Late", "Nemo", "Nilo"]}
    page = text(response)
    assert "Not on the list of 9 October 2024" in page
    assert "also not on the list of 25 September 2024" in page
    assertContains(response, "<bdi>The list</bdi>", count=1)
    assert page.count("The list above · Confidence: low: our interpretation") == 1  # Nemo
    only = (
        "The list above is our only source for these companies (first list or report that we know)."
    )
    assert f"{only} Confidence: low: our interpretation Nilo" in page


def test_companies_with_only_a_list_date_are_grouped_and_others_have_their_own_entry(
    client,
):
    day = datetime.date(2024, 10, 9)
    the_list = a_source(kind="official_list", title="The list", published_on=day)
    absent = {"since": day, "since_basis": OBSERVED}
    for name in ("Alone", "Bare"):
        a_citation(signing=a_signing(a_company(name), "not_signed", **absent), source=the_list)
    told = a_signing(a_company("Told"), "not_signed", reason_en="Said why", **absent)
    a_citation(signing=told, source=the_list)
    asked = a_signing(a_company("Uasked"), "not_signed", asked="no_answer", asked_on=day, **absent)
    a_citation(signing=asked, source=the_list)

    groups_shown = client.get("/absent/").context["groups"]
    days = [one for group in groups_shown for one in group.days]

    assert [line.signing.company.name for line in days[0].explained] == ["Told"]
    ((ground, bare),) = days[0].bare
    assert ground == ("our check of the list", "low: our interpretation")
    assert [line.signing.company.name for line in bare] == ["Alone", "Bare"]


def test_the_page_says_which_companies_were_looked_for(client):
    for name, kind in (("Nemo", "press"), ("Nilo", "official_list")):
        a_citation(
            signing=a_signing(a_company(name), "not_signed", since_basis=OBSERVED),
            source=a_source(kind=kind),
        )
    a_citation(signing=a_signing(a_company("Noway"), "declined"))

    page = text(client.get("/absent/"))

    assert "How we chose these companies" in page
    assert "Of the 2 companies that were looked for and not found, a source named 1" in page
    assert "Nemo reported missing" in page
    assert "Nilo our check of the list" in page


def test_companies_that_left_come_after_those_that_never_signed(client):
    a_signing(a_company("Lost"), "removed")
    a_signing(a_company("Nemo"), "not_signed")

    response = client.get("/absent/")

    assert list(groups(response)) == ["not_asked", "removed"]
    assert "Companies that leave the list stay on this page." in text(response)
    assert "The list gives no reason." in text(response)


def test_a_quote_within_a_quote_has_single_marks(client):
    signing = a_signing(a_company("Noway"), "declined")
    a_citation(signing=signing, quote="“We focus on the law”, it said.")

    assertContains(client.get("/absent/"), "“‘We focus on the law’, it said.”")


def test_many_companies_come_in_pages(client):
    for number in range(51):
        a_signing(a_company(f"Company {number:02}"), "not_signed")
    a_signing(a_company("Lost"), "removed")

    assert len(groups(client.get("/absent/"))["not_asked"]) == 50
    second = client.get("/absent/?page=2")
    assert groups(second) == {"not_asked": ["Company 50"], "removed": ["Lost"]}
    assert "51 of the 52" in text(second)
    assert client.get("/absent/?page=3").status_code == 404


@pytest.mark.parametrize("query", ["state=refused", "colour=red", "page=0", "state=%00"])
def test_an_unknown_parameter_or_value_is_refused_with_the_valid_ones(client, query):
    assert client.get(f"/absent/?{query}").status_code == 400


def test_a_state_without_companies_shows_an_empty_message(client):
    a_signing(a_company("Nemo"), "not_signed")

    response = client.get("/absent/?state=considering")

    assertContains(response, "No company on this date.")


def test_opinions_are_a_section_of_their_own_with_author_and_our_translation(client):
    a_signing(a_company("Nemo"), "not_signed", reason_en="Too busy.")
    an_opinion(source=a_source(title="A view", publisher="A blog"))

    page = text(client.get("/absent/"))
    own, others = page.split("What others say about the absences")

    assert "Too busy." in own
    assert "It asks too little." not in own
    assert "These are their authors’ opinions" in others
    assert "It asks too little. Opinion · A French blog, autumn 2024" in others
    assert "“assez léger” “rather light” (our translation)" in others
    assert "A view , A blog" in others


def test_an_opinion_in_the_readers_language_needs_no_translation(client):
    a_signing(a_company("Nemo"), "not_signed")
    an_opinion()

    page = text(client.get("/fr/absent/"))

    assert "Il en demande trop peu. Opinion · Un blog français, automne 2024" in page
    assert "« assez léger »" in page.replace("\u00a0", " ")
    assert "rather light" not in page


def test_a_pact_without_opinions_has_no_such_section(client):
    a_signing(a_company("Nemo"), "not_signed")

    assertNotContains(client.get("/absent/"), 'id="opinions"')


# Version; pact, absences and their number,
# their citations, the full lists (2), how many stand alike, how all companies stand (7), those whom
# a source names, the opinions, the pacts to choose from.
QUERIES = 17


@pytest.mark.parametrize("number", [2, 5])
def test_the_page_takes_the_same_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_citation(signing=a_signing(status="not_signed"))
    with django_assert_num_queries(QUERIES):
        response = client.get("/absent/")
    assert len(groups(response)["not_asked"]) == number
