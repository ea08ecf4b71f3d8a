"""The companies and the sources of each event, kept and read again after edits."""

import datetime
import random
from collections import defaultdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Citation, Company, Pact, ProgressReport, Signing
from companies.queries import EventFilter
from companies.queries.events import cached_events
from companies.queries.events.cached_events import BEGUN, events
from companies.queries.roster import roster_files, rosters
from companies.register import read_table
from companies.register.history import save
from tests.builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source
from tests.sampling import each, seeds
from tests.sharing import shared
from tests.test_cached_reads import scans_in, sorts_in
from tests.test_read_table import EDITS, do, one_of

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAYS = [datetime.date(2024, 10, 9), datetime.date(2025, 3, 1)]


def a_register():
    """Fifty companies of two days; one source supports all of the first day, one most."""
    every, most = a_source("every", kind="official_list"), a_source("most")
    others = [a_source() for _number in range(13)]
    for number in range(50):
        signing = a_signing(a_company(f"Firm {number:02}"), since=DAYS[number % 2])
        a_citation(signing=signing, source=others[number // 4])
        if number % 2 == 0:
            a_citation(signing=signing, source=every)
        if number % 2 == 0 and number > 6:
            a_citation(signing=signing, source=most)
    a_signing(Company.objects.get(slug="firm-00"), pact=a_pact("seoul"))
    company = Company.objects.get(slug="firm-01")
    ProgressReport.objects.create(
        company=company, pact=a_pact(), published_on=DAYS[1], url="https://example.org/report"
    )
    read_table.rebuild()


rows = shared(a_register, history=True)


def publish(chance):
    company = one_of(Company, chance)
    if not ProgressReport.objects.filter(company=company).exists():
        ProgressReport.objects.create(
            company=company, pact=a_pact(), published_on=DAYS[0], url="https://example.org/r"
        )


def cite_alike(chance):
    """Cite a source that others cite, so that it comes to support all of an event or more."""
    source = one_of(Citation, chance).source
    a_citation(signing=one_of(Signing, chance), source=source)


def redate(chance):
    period = one_of(Signing, chance)
    period.since = chance.choice(DAYS) - datetime.timedelta(days=chance.randint(0, 1))
    save(period, "wrong day")


ALL = [*EDITS, publish, cite_alike, redate]


def counted_anew():
    """Each event with its companies and the sources of all of them, by plain loops."""
    cited = defaultdict(lambda: defaultdict(set))
    for one in Citation.objects.filter(signing__status__in=BEGUN).select_related("signing"):
        of = one.signing
        ground = (of.since, of.since_precision, of.pact_id, of.status, of.since_basis)
        cited[ground][of.company_id].add(one.source_id)
    found = {
        ground: (sorted(sources), set.intersection(*sources.values()))
        for ground, sources in cited.items()
    }
    for one in ProgressReport.objects.filter(published_on__isnull=False).order_by("company"):
        ground = (one.published_on, "day", one.pact_id, "report", "stated")
        found.setdefault(ground, ([], set()))[0].append(one.company_id)
    return {ground: (sorted(keys), sources) for ground, (keys, sources) in found.items()}


def as_kept():
    kept = events()
    sources = kept.sources_of(kept.groups)
    return {
        ground: (list(keys), set(sources.get(ground, ()))) for ground, keys in kept.groups.items()
    }


@pytest.mark.parametrize("edit", [*each(2, EDITS), publish, cite_alike, redate])
def test_after_an_edit_the_cached_events_equal_a_new_count(edit):
    chance = random.Random(edit.__name__)
    as_kept()

    for _time in range(3):
        do(edit, chance)
        assert as_kept() == counted_anew()


@pytest.mark.long
@pytest.mark.database
@pytest.mark.parametrize("seed", seeds(1))
def test_after_many_edits_the_cached_events_equal_a_new_count(seed):
    chance = random.Random(seed)

    for number in range(60):
        do(chance.choice(ALL), chance)
        if number % 2:
            assert as_kept() == counted_anew()


@pytest.mark.database
def test_a_source_supports_an_event_as_long_as_all_its_companies_cite_it():
    ground = next(one for one in events().groups if one.since == DAYS[0])
    every = Citation.objects.filter(source__slug="every").first()
    assert events().sources_of([ground]) == {ground: [every.source_id]}

    every.delete()
    assert events().sources_of([ground]) == {ground: []}
    a_citation(signing=every.signing, source=every.source)
    assert events().sources_of([ground]) == {ground: [every.source_id]}

    most = Citation.objects.filter(source__slug="most").first().source
    for number in (0, 2, 4, 6):
        period = Signing.objects.get(company__slug=f"firm-0{number}", pact=a_pact())
        a_citation(signing=period, source=most)
    assert set(events().sources_of([ground])[ground]) == {every.source_id, most.pk}


@pytest.mark.database
def test_after_an_edit_only_the_companies_that_it_wrote_are_read(client):
    client.get("/changes/")
    company = Company.objects.get(slug="firm-03")
    company.name = "A Firm"
    save(company, "renamed")

    with CaptureQueriesContext(connection) as sent:
        assert "A Firm" in client.get("/changes/").text

    sql = [one["sql"] for one in sent if "companies_signing" in one["sql"]]
    assert len(sql) == 1
    assert f"IN ({company.pk})" in sql[0]


FRESH = ("/changes/", "/changes/?event=signed&pact=eu-ai-pact", "/changes/?before=2025-02-01")


@pytest.mark.database
def test_what_happened_is_found_without_a_scan_or_a_sort(client):
    a_milestone("The law applies")
    for address in FRESH:
        client.get(address)
    company = Company.objects.get(slug="firm-03")
    company.country = "DE"
    save(company, "moved")
    cached_events._cached.common.clear()

    with CaptureQueriesContext(connection) as sent:
        for address in FRESH:
            assert client.get(address).status_code == 200

    sql = [one["sql"] for one in sent]
    scanned = scans_in(sql)
    assert len(scanned) >= 6
    assert not {one: found for one, found in scanned.items() if found}
    large = [one for one in sql if "companies_signing" in one or "companies_citation" in one]
    assert len(large) >= 3
    assert not sorts_in(large)


def test_an_event_shows_names_with_markup_and_braces_as_they_are(client):
    name, seoul = "<b>A & {0} {who}", Pact.objects.get(slug="seoul")
    for company in (a_company(name, slug="odd"), a_company("Zeta")):
        a_citation(signing=a_signing(company, pact=seoul, since=DAYS[0]))
    read_table.rebuild()

    page = client.get("/changes/?event=signed&pact=seoul").text

    shown = "<bdi>&lt;b&gt;A &amp; {0} {who}</bdi>"
    assert f'<a class="who" href="/companies/odd/?pact=seoul">{shown}</a> and <a ' in page


# Files


def test_the_events_of_a_large_register_are_read_from_a_file(settings, tmp_path, monkeypatch):
    settings.RECORDED_DIR = tmp_path
    monkeypatch.setattr(roster_files, "LEAST", 2)
    with monkeypatch.context() as outside:  # of the transaction of the test
        outside.setattr(connection, "in_atomic_block", False)
        rosters.forget()
        before = as_kept()
    rosters.forget()
    monkeypatch.setattr(cached_events, "_read", lambda: pytest.fail("All periods were read."))

    assert as_kept() == before == counted_anew()

    do(publish, random.Random(1))
    rosters.forget()
    assert as_kept() == counted_anew() != before


def test_companies_and_events_stay_in_order_on_the_page(client):
    page = client.get("/changes/?event=signed&pact=eu-ai-pact").text
    shown = [f"Firm {number:02}" for number in range(1, 50, 2)]

    places = [page.index(f"<bdi>{name}</bdi>") for name in shown]
    assert places == sorted(places)
    assert EventFilter().kinds()["signed"] == 2
