"""The page of all changes, and the history of one company."""

import datetime
import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Change, Company, CompanyRedirect
from companies.pages.shown_changes import TextPart, difference
from companies.register.history import delete, save, unit_of_work
from tests.append_only import lifted
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_milestone,
    a_pact,
    a_sector,
    a_signing,
    a_source,
)
from tests.test_seo import parsed

pytestmark = [pytest.mark.django_db, pytest.mark.history]


RECORDED = "/changes/?view=recorded"


def lines(page) -> list[str]:
    """The sentence of each change on a page."""
    document = parsed(page.text)
    return [" ".join(p.text.split()) for p in document.all("p", **{"class": "change-what"})]


def changed(company, **fields) -> None:
    for name, value in fields.items():
        setattr(company, name, value)
    save(company, "test")


def recorded(number: int, moment: str) -> None:
    """Set the time at which a change was recorded, which only a test can do."""
    with lifted():
        Change.objects.filter(number=number).update(
            recorded_at=datetime.datetime.fromisoformat(moment)
        )


def last() -> Change:
    return Change.objects.order_by("-number")[0]


def test_the_newest_change_comes_first_with_its_company_linked(client):
    a_signing(a_company("Acme"))
    a_signing(a_company("Beta"), status="declined", since_basis="stated")

    page = client.get(RECORDED)

    first, second = lines(page)[:2]
    assert first == "Beta publicly declined on 9 October 2024"
    assert second == "Acme signed, first named on 9 October 2024"
    assertContains(page, '<a class="who" href="/companies/beta/"><bdi>Beta</bdi></a>')


def test_changes_are_grouped_by_the_day_on_which_they_were_recorded(client):
    a_signing(a_company("Acme"))
    recorded(last().number, "2026-03-01T23:30:00+00:00")  # the 2nd in Brussels: half past midnight

    page = client.get("/changes/?kind=status")

    assert [h.text for h in parsed(page.text).all("h2")] == ["2\u00a0March\u00a02026"]


def test_a_change_shows_its_cause_and_the_role_that_recorded_it(client):
    company = a_company("Acme", country="FR")
    changed(company, country="DE")

    page = client.get(RECORDED)

    assertContains(page, "Reason: correction of an error")
    assertContains(page, "recorded by an automatic import")


def test_a_change_shows_the_old_and_the_new_value_in_words(client):
    company = a_company("Acme", country="FR", size="sme")
    changed(company, country="DE", size="large", sector=a_sector("media"))
    changed(company, sector=a_sector("retail"))

    page = client.get(RECORDED)

    for old, new in (("France", "Germany"), ("small or medium-sized", "large")):
        assertContains(page, f'<del><span class="visually-hidden">before: </span>{old}</del>')
        assertContains(page, f'<ins><span class="visually-hidden">now: </span>{new}</ins>')
    assertContains(page, "before: </span>Media</del>")
    assertContains(page, "now: </span>Retail</ins>")


def test_only_the_words_that_differ_are_marked_in_a_long_text():
    assert difference("It makes very good maps of cities", "It makes very old maps of cities") == [
        TextPart("same", "It makes very "),
        TextPart("gone", "good"),
        TextPart("come", "old"),
        TextPart("same", "maps of cities"),
    ]
    assert difference("large", "") == [TextPart("gone", "large")]
    long = "word " * 500
    assert difference(long, f"{long}x") == [TextPart("gone", long), TextPart("come", f"{long}x")]


def test_markup_in_a_changed_text_is_escaped(client):
    company = a_company("Acme", description="<b>one</b>")
    changed(company, description="<script>two</script>")

    page = client.get("/changes/?material=all")

    assertContains(page, "&lt;script&gt;two&lt;/script&gt;")
    assertNotContains(page, "<script>two")


def test_editorial_changes_are_shown_only_on_request(client):
    company = a_company("Acme")
    changed(company, description="A maker of anvils.")
    changed(company, country="FR")

    material, editorial, both = (
        lines(client.get(f"/companies/acme/history/{query}"))
        for query in ("", "?material=false", "?material=all")
    )

    assert all("anvils" not in line for line in material)
    assert [line for line in editorial if "anvils" in line]
    assert all("France" not in line for line in editorial)
    assert sorted(material + editorial) == sorted(both)


def test_the_switch_to_editorial_changes_keeps_the_filters(client):
    a_signing(a_company("Acme"))

    page = client.get("/changes/?kind=status&material=false")

    assertContains(page, 'href="?kind=status"')
    assertContains(page, 'href="?kind=status&amp;material=all"')
    assertContains(page, '<input type="hidden" name="material" value="false">')


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=status", ["Acme", "Beta", "Gamma"]),
        ("kind=status&pact=gpai-code", ["Gamma"]),
        ("kind=status&country=FR", ["Acme"]),
        ("kind=status&country=FR&country=unknown", ["Acme", "Gamma"]),
        ("kind=status&company=beta", ["Beta"]),
        ("kind=status&q=BÊTA", ["Beta"]),
        ("kind=status&q=declined", []),
        ("kind=status&since=2020-01-01", ["Acme", "Beta", "Gamma"]),
        ("kind=status&since=2999-01-01", []),
        ("kind=status&until=2020-01-01", []),
        ("kind=report", []),
    ],
)
def test_a_filter_narrows_the_changes(client, query, names):
    a_signing(a_company("Acme", country="FR"))
    a_signing(a_company("Beta", country="DE"))
    a_signing(a_company("Gamma"), pact=a_pact("gpai-code", name_en="Code"))

    page = client.get(f"/changes/?{query}")

    assert sorted({line.split()[0] for line in lines(page)}) == names


@pytest.mark.parametrize(
    ("place", "words", "names"),
    [
        ("/changes/", "Sweden", ["Acme"]),
        ("/fr/changes/", "suède", ["Acme"]),
        ("/fr/changes/", "Sweden", []),
        ("/fr/changes/", "médias", ["Beta", "Médias"]),
        ("/fr/changes/", "refus", ["Beta"]),
        ("/changes/", "Ångström", ["Acme"]),
        ("/changes/", "Sweden large", ["Acme"]),
        ("/changes/", "Sweden sme", []),
    ],
)
def test_a_search_finds_what_a_value_is_called_in_the_language_of_the_page(
    client, place, words, names
):
    changed(a_company("Acme"), country="SE", size="large", legal_name="Ångström AB")
    changed(a_company("Beta"), sector=a_sector("media", label_fr="Médias"))
    a_signing(Company.objects.get(slug="beta"), status="declined", since_basis="stated")

    page = client.get(place, {"q": words, "material": "all"})

    assert sorted({line.split()[0] for line in lines(page)}) == names


def test_each_changed_field_of_a_row_is_shown(client):
    company = a_company("Acme", country="FR", size="sme")
    changed(company, country="DE", size="large")

    page = client.get(RECORDED)

    assert lines(page)[0] == (
        "Acme country of headquarters: Germany, before: France; "
        "size: large, before: small or medium-sized"
    )
    differences = parsed(page.text).all("p", **{"class": "difference"})
    shown = [" ".join(p.text.split()) for p in differences]
    assert shown == [
        "country of headquarters before: France now: Germany",
        "size before: small or medium-sized now: large",
    ]
    feed = (
        client.get("/fr/changes/feed.json")
        .json()["items"][0]["title"]
        .replace("\xa0", " ")
        .replace("\u202f", " ")
    )
    assert feed == (
        "Acme : pays du siège : Allemagne (auparavant : France) ; "
        "taille : grande entreprise (auparavant : PME)"
    )


def test_writes_covered_by_another_line_are_shown_only_with_material_every(client):
    a_commitment("governance")
    a_signing(a_company("Acme"))

    def found(material):
        return lines(client.get(f"/changes/?material={material}&kind=pledge"))

    assert found("true") == found("false") == found("all") == []
    assert len(found("every")) == 1


def test_since_and_until_include_the_whole_day_in_the_time_zone_of_the_register(client):
    a_signing(a_company("Acme"))
    recorded(last().number, "2026-03-01T23:30:00+00:00")

    def found(query):
        return len(lines(client.get(f"/changes/?kind=status&{query}")))

    assert found("since=2026-03-02&until=2026-03-02") == 1
    assert found("since=2026-03-03") == 0
    assert found("until=2026-03-01") == 0
    assert found("since=2026-03-01T23:30:00Z&until=2026-03-01T23:30:00Z") == 1
    assert found("since=2026-03-02T00:30:00%2B01:00") == 1
    assert found("since=2026-03-02T00:30:00+01:00") == 1  # a plus that nobody escaped
    assert found("since=2026-03-01T23:30:00.000001Z") == 0


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("colour=red", "colour"),
        ("kind=gossip", "kind"),
        ("country=XX", "country"),
        ("pact=none", "pact"),
        ("material=yes", "material"),
        ("company=nobody", "company"),
        ("company=A%20B", "company"),
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("since=2026-02-01T25:00:00Z", "since"),
        ("until=2026-02-01T10:00:00", "until"),
        ("since=2026-01-01&since=2026-01-02", "since"),
        ("page=0", "page"),
    ],
)
@pytest.mark.parametrize("place", ["/changes/", "/fr/changes/", "/changes/feed.atom"])
def test_an_invalid_parameter_is_refused_and_named(client, place, query, parameter):
    response = client.get(f"{place}?view=recorded&{query}")

    assert response.status_code == 400
    assert [code.text for code in parsed(response.text).all("code")][:1] == [parameter]


def test_a_chip_removes_its_filter(client):
    a_signing(a_company("Acme", country="FR"))

    page = client.get("/changes/?kind=status&kind=pledge&country=FR&since=2024-01-01&page=1")

    chips = parsed(page.text).all("a", **{"class": "chip"})
    assert [" ".join(chip.text.split()) for chip in chips] == [
        "Remove: signing status ×",
        "Remove: pledge ×",
        "Remove: France ×",
        "Remove: since 1 January 2024 ×",
        "Clear all",
    ]
    assert chips[0].attributes["href"] == "?kind=pledge&country=FR&since=2024-01-01"


def test_the_form_shows_the_filters_in_force(client):
    a_pact()
    a_company("Acme", country="FR")

    form = parsed(client.get("/changes/?kind=status&country=FR&since=2024-01-01").text)

    checked = [box.attributes["value"] for box in form.all("input") if "checked" in box.attributes]
    assert checked == ["status", "FR"]
    assert form.one("input", name="since").attributes["value"] == "2024-01-01"


def test_a_search_without_results_says_so_and_links_to_all_changes(client):
    a_company("Acme")

    assertContains(client.get("/changes/?kind=report"), "No changes match these filters.")
    assertContains(client.get("/changes/?material=false&kind=report"), 'href="/changes/"')


def test_an_empty_register_has_a_page_of_changes(client):
    assertContains(client.get(RECORDED), "No changes yet.")
    assertContains(client.get(f"{RECORDED}&material=false"), "No wording change")


def test_many_changes_are_split_into_pages(client):
    for _ in range(3):
        a_signing()

    first, second = (
        lines(client.get(f"/changes/?kind=status&page_size=2&page={page}")) for page in (1, 2)
    )

    assert (len(first), len(second)) == (2, 1)
    assert client.get("/changes/?kind=status&page_size=2&page=3").status_code == 404


def test_a_change_of_a_merged_company_links_to_the_remaining_one(client):
    old, kept = a_company("Old Name"), a_company("Kept")
    a_signing(old)
    with unit_of_work():
        delete_with_periods(old)
        CompanyRedirect.objects.create(old_slug="old-name", company=kept)

    page = client.get("/changes/?kind=status")

    assertContains(page, '<a class="who" href="/companies/kept/"><bdi>Old Name</bdi></a>')
    assert any("signed" in line for line in lines(client.get("/companies/kept/history/")))


def test_a_change_of_a_deleted_company_has_its_name_without_a_link(client):
    company = a_company("Acme")
    a_signing(company)
    delete_with_periods(company)

    page = client.get("/changes/?company=acme")

    assertContains(page, '<bdi class="who">Acme</bdi>')
    assertNotContains(page, 'href="/companies/acme/')


def delete_with_periods(company) -> None:
    for signing in company.signings.all():
        delete(signing, "test")
    delete(company, "test")


def test_the_history_of_a_company_has_its_own_changes_only(client):
    a_signing(a_company("Acme"))
    a_signing(a_company("Beta"))

    page = client.get("/companies/acme/history/?kind=status")

    assert lines(page) == ["signed, first named on 9 October 2024"]
    assertContains(page, "History of the record: Acme")


@pytest.mark.parametrize("parameter", ["company=beta", "country=FR"])
def test_the_history_of_a_company_refuses_filters_for_companies(client, parameter):
    a_company("Acme")

    assert client.get(f"/companies/acme/history/?{parameter}").status_code == 400


def test_the_history_of_a_former_public_id_redirects(client):
    CompanyRedirect.objects.create(old_slug="old", company=a_company("Acme"))

    moved = client.get("/fr/companies/old/history/?kind=status")

    assert moved.status_code == 308
    assert moved.headers["Location"] == "/fr/companies/acme/history/?kind=status"


def test_the_history_of_an_unknown_company_is_a_404(client):
    assert client.get("/companies/nobody/history/").status_code == 404


def test_a_record_shows_its_newest_changes_and_links_to_its_feeds(client):
    company = a_company("Acme")
    a_signing(company)
    changed(company, description="Only a wording.")

    page = client.get("/companies/acme/")

    section = page.text.partition('id="timeline"')[2].partition("</section>")[0]
    assert "first seen as a signatory" in section
    assert "wording" not in section
    assert 'href="/companies/acme/history/"' in section
    assert f'datetime="{timezone.localdate()}"' in section
    following = page.text.partition('id="follow"')[2].partition("</section>")[0]
    for address in ("feed.atom", "feed.json"):
        assert f'href="/companies/acme/{address}"' in following


def test_the_page_of_changes_is_translated_into_french(client):
    a_signing(a_company("Acme"))

    page = client.get("/fr/changes/?kind=status")

    assert lines(page) == ["Acme a signé, première mention le 9 octobre 2024"]
    assertContains(page, 'hreflang="en"')


# The register's version; the count; the changes; their companies and former slugs; pacts; the
# roster, which knows the countries of companies (9).
QUERIES = 14


@pytest.mark.parametrize("number", [2, 5])
def test_the_page_of_changes_takes_the_same_number_of_queries_for_any_number_of_changes(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_signing(a_company(country="FR"))

    with django_assert_num_queries(QUERIES):
        client.get(RECORDED)


# What happened


def happenings(page) -> list[str]:
    """The headings, and each event under its heading, as a reader sees them."""
    parts = re.findall(r'<h2 id="month.*?</h2>|(?<=<div><p>).*?(?=</p>)', page.text, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", part).split()) for part in parts]


def a_proved(name, status="signed", **fields):
    """A status with a source, which makes it an event."""
    signing = a_signing(a_company(name), status=status, **fields)
    source = a_source(kind="press", publisher="Le Journal")
    a_citation(signing=signing, source=source, quote=name)
    return signing


def test_events_are_grouped_by_month_and_those_without_a_known_day_apart(client):
    a_milestone("The law applies", date=datetime.date(2026, 8, 2))
    a_proved("Acme", since=datetime.date(2026, 7, 31))
    a_proved("Beta", "removed", since=datetime.date(2026, 1, 1), since_precision="year")
    a_milestone("The list opens", date=datetime.date(2025, 12, 1), date_precision="month")

    page = client.get("/changes/?until=2026-12-31")

    assert happenings(page) == [
        "August 2026",
        "The law applies",
        "July 2026",
        "Signed Acme is first named as a signatory",
        "2026, day unknown",
        "No longer listed Beta is no longer on the list, which gives no reason",
        "December 2025",
        "The list opens",
    ]
    assertContains(page, '<span class="visually-hidden">day unknown</span>', count=2)
    french = happenings(client.get("/fr/changes/"))
    assert (french[0], french[4]) == ("Août 2026", "2026, jour inconnu")


def test_absences_unsourced_statuses_and_future_dates_are_not_events(client):
    a_proved("Acme", "not_signed")
    a_signing(a_company("Beta"))
    a_milestone("In the future", date=timezone.localdate() + datetime.timedelta(days=1))

    page = client.get("/changes/")

    assert happenings(page) == []
    assertContains(page, "We know of no event yet.")


def test_companies_with_the_same_event_share_a_line_that_links_to_all_names(client):
    for name in ("Acme", "Beta", "Ceta", "Delta"):
        a_proved(name)

    page = client.get("/changes/")

    assert happenings(page)[1] == "Signed Acme, Beta and 2 others are first named as signatories"
    (link,) = [one for one in parsed(page.text).all("a") if one.text == "2 others"]
    assert happenings(client.get(link.attributes["href"]))[1] == (
        "Signed Acme, Beta, Ceta and Delta are first named as signatories"
    )


def test_a_source_is_named_only_if_it_supports_all_companies_of_the_event(client):
    shared = a_source(kind="official_list", publisher="The Commission")
    for name in ("Acme", "Beta"):
        a_citation(signing=a_proved(name), source=shared, quote=name)

    page = client.get("/changes/")

    assertContains(page, "<bdi>The Commission</bdi></a>, official list")
    assertNotContains(page, "Le Journal")


def test_each_quick_filter_leads_to_as_many_events_as_it_counts(client):
    today = timezone.localdate()
    a_milestone("Today", date=today)
    a_milestone("Long ago", date=datetime.date(today.year - 1, 3, 1))
    a_milestone("That year", date=datetime.date(today.year - 1, 1, 1), date_precision="year")

    page = client.get("/changes/")

    numbers = {one.label: one.number for one in page.context["quick"]}
    assert numbers["This week"] == 1
    assert (numbers[str(today.year - 1)], numbers[str(today.year - 2)]) == (2, 0)
    for one in page.context["quick"]:
        found = client.get(f"/changes/{one.url}" if one.url[0] == "?" else one.url)
        assert found.text.count('<span class="day">') == one.number
        current = re.findall('aria-current="true">(.*?) <b>', found.text)
        assert current == [one.label]


@pytest.mark.parametrize(
    "query",
    [
        *("until=9999-12-31", "since=0001-01-01", "before=0001-01-01", "before=9999-12-31"),
        *("view=recorded&since=0001-01-01", "view=recorded&until=9999-12-31"),
        "view=recorded&since=0001-01-01T00:00:00%2B14:00&until=9999-12-31T23:59:59-14:00",
    ],
)
def test_the_first_and_last_possible_dates_are_valid_parameters(client, query):
    a_proved("Acme")

    page = client.get(f"/changes/?{query}")

    assert page.status_code == 200
    assert ("Acme" in page.text) == (query != "before=0001-01-01")


@pytest.mark.parametrize(
    "query", ["view=gossip", "event=gossip", "before=x", "view=happened&kind=status"]
)
def test_the_changes_page_refuses_unknown_parameters_and_values(client, query):
    assert client.get(f"/changes/?{query}").status_code == 400


def test_paging_events_by_cursor_yields_each_one_once(client):
    for number in range(45):
        a_milestone(f"Event {number}", date=datetime.date(2025, 1, 1 + number % 23))
    url, seen = "/changes/", []
    while url:
        page = client.get(url)
        seen += [one for one in happenings(page) if one.startswith("Event")]
        older = re.search(r'rel="next" href="(.*?)"', page.text)
        url = f"/changes/{older[1]}" if older else ""

    assert len(seen) == len(set(seen)) == 45


# Version; who did what (2), milestones; the default pact, and its roster of the periods (9);
# companies, pacts, sources; pacts.
EVENT_QUERIES = 17


@pytest.mark.parametrize("number", [2, 5])
def test_the_page_of_events_takes_the_same_number_of_queries_for_any_number(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_proved(f"Acme {_}", since=datetime.date(2024, 10, 1 + _))
        a_milestone(f"Event {_}")

    with django_assert_num_queries(EVENT_QUERIES):
        client.get("/changes/")


# What was recorded together


def test_the_first_load_is_one_line_that_links_to_each_entry(client):
    with unit_of_work():
        for number in range(12):
            a_signing(a_company(f"Acme {number}"))
    changed(Company.objects.get(slug="acme-3"), country="FR")

    page = client.get(RECORDED)

    batch = [line for line in lines(page) if "first filled" in line]
    assert batch == ["The register was first filled, with 12 entries. Show each"]
    assert lines(page)[0] == "Acme 3 country of headquarters: France"
    (link,) = [one for one in parsed(page.text).all("a") if one.text == "Show each"]
    assert len(lines(client.get(link.attributes["href"]))) == 12


def test_paging_changes_by_cursor_yields_each_one_once(client):
    for _ in range(25):
        a_signing()
    url, seen = f"{RECORDED}&kind=status", []
    while url:
        page = client.get(url)
        seen += lines(page)
        older = re.search(r'rel="next" href="(.*?)"', page.text)
        url = f"/changes/{older[1]}".replace("&amp;", "&") if older else ""

    assert len(seen) == len(set(seen)) == 25
