"""Pages from cached parts equal pages rendered without caches, after any edit, in few queries."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from companies.models import Citation, Company, Milestone, OfficialList, Signing, Source
from companies.queries.roster.table_state import forget
from companies.register import read_table
from companies.register.history import delete, unit_of_work
from pactwatch.page_fragments import FRAGMENTS, PRESENT, Fragments, content_of
from tests import sampling
from tests.builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source
from tests.reader_client import forget_answers
from tests.sharing import shared
from tests.test_quick_answers import EDITS, a_reading, a_register, edited, firm

pytestmark = [pytest.mark.django_db, pytest.mark.history]

A_DAY = datetime.timedelta(days=1)
A_BEGINNING = datetime.date(2025, 6, 3)
BOTH = ("firm", "missed")  # what a signatory shows, and what an absence depends on
LISTS = (
    *("/", "/fr/", "/companies/", "/fr/companies/?pact=seoul&view=cards", "/companies/?q=fir"),
    *("/companies/?sort=-changed", "/statistics/", "/fr/statistics/?pact=seoul"),
    *("/api/v1/statistics/", "/api/v1/statistics/?pact=seoul"),
)


def a_register_with_dates():
    a_register()
    a_milestone("The Act applies")
    read_table.rebuild()


rows = shared(a_register_with_dates, history=True)


def missed():
    return Company.objects.get(slug="missed")


def list_of_another_day():
    """Another company cites a list for the first time, which says nothing of the absent one."""
    day = datetime.date(2025, 3, 1)
    listed = a_source("later", kind="official_list", published_on=day)
    a_citation(signing=a_signing(a_company("Other"), since=day), source=listed)


def first_citation_of_the_list_that_misses():
    """It is then named on the record of the absent company, which cites it no more."""
    with unit_of_work():
        for one in Citation.objects.filter(source__slug="list"):
            delete(one, "wrong")


def signing_of(company):
    return Signing.objects.filter(company=company).first()


def several_statuses_at_once():
    """One begins earlier, one ends, and two come on one day."""
    with unit_of_work():
        edited(signing_of(firm()), since=A_BEGINNING)
        edited(signing_of(missed()), until=timezone.localdate())
        for name in ("First", "Second"):
            a_citation(signing=a_signing(a_company(name), since=A_BEGINNING - A_DAY))


MORE = {
    "several statuses at once": several_statuses_at_once,
    "the first day of a status": lambda: edited(signing_of(firm()), since=A_BEGINNING),
    "a status that ends": lambda: edited(signing_of(firm()), until=timezone.localdate()),
    "the source of an event": lambda: delete(
        Citation.objects.get(signing__isnull=False, source__slug="letter"), "wrong"
    ),
    "a date to come": lambda: edited(Milestone.objects.get(), title_en="The Act applies late"),
    "a list to watch": lambda: OfficialList.objects.create(pact=a_pact(), url="https://a.example/"),
    "the name of another company": lambda: edited(missed(), name="Missed 2"),
    "the size of another company": lambda: edited(missed(), size="large"),
    "a company that is new": lambda: a_signing(a_company("Newcomer")),
    "a company that goes": lambda: missed().delete(),
    "a status that goes": lambda: delete(Signing.objects.get(company=missed()), "wrong"),
    "a list of another day": list_of_another_day,
    "a list that nobody cites": first_citation_of_the_list_that_misses,
}
ALL = EDITS | MORE
QUICK = [*sampling.each(3, [*EDITS]), *MORE]  # tests/test_quick_answers.py makes the others


def languages_of(slug, number):
    both = ("", "/fr")
    return both if sampling.ALL or slug in BOTH else both[number % 2 :][:1]


def pages(lists=LISTS):
    """By address: every record, home, and lists; others than BOTH in one language by turns."""
    slugs = [*Company.objects.order_by("pk").values_list("slug", flat=True), "missed"]
    records = [
        f"{start}/companies/{slug}/"
        for number, slug in enumerate(dict.fromkeys(slugs))
        for start in languages_of(slug, number)
    ]
    found = {}
    for address in (*records, *lists):
        answer = Client().get(address)
        found[address] = (answer.status_code, answer.content)
    return found


def pages_anew(lists=LISTS):
    """The same by a process that keeps nothing."""
    forget_answers()
    forget()
    FRAGMENTS.clear()
    return pages(lists)


@pytest.mark.parametrize("edit", QUICK)
def test_after_an_edit_each_cached_page_equals_a_fresh_one(edit):
    # Of the lists every second, by turns.
    assert_pages_follow(ALL[edit], LISTS if sampling.ALL else LISTS[[*ALL].index(edit) % 2 :: 2])


def assert_pages_follow(edit, lists=LISTS):
    before = pages(lists)

    edit()
    forget_answers()
    after = pages(lists)

    assert after != before
    for address, anew in pages_anew(lists).items():
        assert after[address] == anew, address


def test_a_record_shows_at_once_that_another_company_cites_its_list():
    a_reading()
    today = timezone.localdate()
    listed = a_source("read", kind="official_list", published_on=today)
    signing = a_signing(a_company("Other"), since=today)
    assert b"/read" not in Client().get("/companies/missed/").content

    assert_pages_follow(lambda: a_citation(signing=signing, source=listed))

    assert listed.url.encode() in Client().get("/companies/missed/").content


@pytest.mark.parametrize("days", [1, 2])
def test_on_another_day_each_cached_page_equals_a_fresh_one(days, monkeypatch):
    Signing.objects.filter(company=firm()).update(until=timezone.localdate() + A_DAY)
    read_table.rebuild()

    now = timezone.now()
    assert_pages_follow(lambda: monkeypatch.setattr(timezone, "now", lambda: now + days * A_DAY))


def test_a_page_as_of_a_past_day_is_not_served_from_the_cache():
    today = Client().get("/companies/firm/").content
    past = Client().get("/companies/firm/?as_of=2024-10-01").content
    assert b'href="/companies/firm/"' in past  # the link to the page of today
    assert Client().get("/companies/firm/").content == today != past


def test_a_cached_record_that_depends_on_lists_shows_the_current_version():
    before = Client().get("/companies/missed/").content
    edited(firm(), size="large")
    forget_answers()
    after = Client().get("/companies/missed/").content

    assert before != after
    assert str(PRESENT).encode() not in before + after


def test_a_cached_record_takes_one_query(django_assert_num_queries):
    for slug in ("firm", "missed"):
        Client().get(f"/companies/{slug}/")
    edited(Company.objects.get(slug="branch"), size="large")
    Client().get("/companies/firm/")
    Client().get("/companies/missed/")
    forget_answers()

    # The state of the register, for the cache and for the page.
    for slug in ("firm", "missed"):
        with django_assert_num_queries(1):
            assert Client().get(f"/companies/{slug}/").status_code == 200


def test_a_record_is_cached_for_each_site_url(settings):
    Client().get("/companies/firm/")
    settings.SITE_URL = "https://pactwatch.example"
    forget_answers()

    page = Client().get("/companies/firm/").content.decode()

    assert 'href="https://pactwatch.example/companies/firm/"' in page


def test_a_changed_list_source_updates_the_cached_records_of_other_companies():
    """Also where the list is only retitled."""
    edited(Source.objects.get(slug="list"), title="The list")
    assert b"The list" in Client().get("/companies/missed/").content


def test_values_filled_into_a_cached_page_are_escaped():
    a_company('Zed <b>& "Sons"')

    page = Client().get("/companies/?q=zed").content.decode()

    assert "<bdi>Zed &lt;b&gt;&amp; &quot;Sons&quot;</bdi>" in page
    assert "\0" not in page


def test_a_cached_list_takes_few_queries_after_an_edit(django_assert_max_num_queries):
    Client().get("/companies/?status=signed")
    edited(missed(), size="large")

    # The version, for the cache and the page; what the act wrote, the company that changed for the
    # roster and the lists (4); the lists that were read; the rows.
    with django_assert_max_num_queries(9):
        assert Client().get("/companies/?status=signed").status_code == 200


@pytest.mark.parametrize("address", ["/", "/statistics/"])
def test_a_page_of_numbers_reuses_its_fragment_while_an_edit_changes_none_of_them(address):
    branch = Company.objects.get(slug="branch")
    Client().get(address)
    edited(branch, size="large")
    Client().get(address)
    frames = len(FRAGMENTS.cached)

    edited(branch, description="A branch.")
    forget_answers()
    Client().get(address)
    assert len(FRAGMENTS.cached) == frames

    edited(signing_of(firm()), since=A_BEGINNING)
    forget_answers()
    Client().get(address)
    assert len(FRAGMENTS.cached) == frames + 1


def test_home_that_was_shown_takes_few_queries_after_an_edit(django_assert_max_num_queries):
    Client().get("/")
    edited(missed(), size="large")

    # The version, for the cache and the page; what the act wrote, the company that changed for the
    # roster and the lists (4); the lists that were read; periods that ended; who is named as signed
    # and as absent (2); the newest events: for each day the day, what is alike and who (10).
    with django_assert_max_num_queries(21):
        assert Client().get("/").status_code == 200


def test_the_content_of_rows_is_what_they_say_and_not_which_rows_they_are():
    one, other = (Company(pk=1, name=name, parent=Company(pk=2)) for name in ("One", "Other"))

    assert content_of(one) != content_of(other)
    other.name = "One"
    assert content_of([one]) == content_of([other])
    other.parent.name = "Group"
    assert content_of({"of": one}) != content_of({"of": other})
    assert content_of(Milestone(pk=1)) != content_of(Company(pk=1))


def test_the_cache_of_page_fragments_is_bounded_in_bytes():
    frames = Fragments(limit=5_000)

    for number in (*range(10), 9):
        frames.add(number, b"x" * 1_000)

    assert [number for number in range(10) if frames.get(number)] == [5, 6, 7, 8, 9]
    assert frames.size == 5_000
