"""What the benchmark compares is the same at every run and shaped like the real register."""

import datetime
import socket
from collections import Counter
from dataclasses import replace

import pytest
from django.db.models import F

from benchmarks import client as asking
from benchmarks import columns, copies, register, results
from benchmarks.__main__ import matching
from benchmarks.fill import fill
from companies.models import Citation, Company, NameKey, Pledge, Signing
from companies.register import implied_pledges, read_table
from companies.register.package import dump, load
from companies.register.publishing import chain, replay
from tests.sharing import shared

INVENTED = list(register.companies(2000))


def share(number: int) -> float:
    return number / len(INVENTED)


def test_invented_companies_are_the_same_at_every_run_and_size():
    assert list(register.companies(50)) == INVENTED[:50]
    assert next(register.companies(1)).slug == "pleiade-data-europe"


def test_no_two_companies_share_a_name_or_a_public_id():
    assert len({company.name.casefold() for company in INVENTED}) == len(INVENTED)
    assert len({company.slug for company in INVENTED}) == len(INVENTED)


def test_a_few_countries_have_most_companies_and_many_have_one_or_two():
    countries = Counter(company.country for company in INVENTED if company.country)
    assert share(sum(number for _code, number in countries.most_common(5))) > 0.5
    assert countries.most_common(1)[0][0] == "US"
    assert len(countries) >= 40


def test_six_in_ten_are_signatories_and_one_in_twenty_has_left():
    signatories = [c for c in INVENTED if is_in(c, "signed")]
    leavers = [c for c in INVENTED if is_in(c, "removed") or is_in(c, "withdrawn")]
    assert share(len(signatories)) == pytest.approx(0.6, abs=0.03)
    assert share(len(leavers)) == pytest.approx(0.05, abs=0.02)
    for leaver in leavers:
        signed, left = (period for period in leaver.periods if period.pact == "eu-ai-pact")
        assert signed.until == left.since


def is_in(company: register.Company, status: str) -> bool:
    return any(
        (period.pact, period.status, period.until) == ("eu-ai-pact", status, None)
        for period in company.periods
    )


def test_every_signatory_pledged_the_core_commitments():
    for company in INVENTED:
        if is_in(company, "signed"):
            assert {pledge.commitment for pledge in company.pledges} >= set(register.CORE)


def test_every_period_has_one_to_four_sources_with_their_words():
    numbers = Counter(len(period.citations) for c in INVENTED for period in c.periods)
    assert set(numbers) == {1, 2, 3, 4}
    assert all(cited.quote for c in INVENTED for period in c.periods for cited in period.citations)


def test_every_cited_document_exists():
    known = {source.slug for source in register.sources(len(INVENTED))}
    periods_and_pledges = [fact for c in INVENTED for fact in (*c.periods, *c.pledges)]
    assert {cited.source for fact in periods_and_pledges for cited in fact.citations} <= known


FEW = INVENTED[:40]


def write():
    fill(len(FEW))
    read_table.rebuild()


written = shared(write)


@pytest.mark.django_db
def test_the_invented_register_has_one_status_for_each_company_and_pact():
    today = datetime.date(2026, 11, 1)
    open_periods = Signing.objects.on(today).values_list("company", "pact")
    assert Company.objects.count() == len(FEW)
    assert len(open_periods) == len(set(open_periods)) > 20


@pytest.mark.django_db
def test_the_invented_register_dumps_as_it_was_loaded_and_replays_from_its_changes():
    files = dict(dump())
    assert files["companies.csv"].count(b"\n") == len(FEW) + 1
    assert load(files, reason="again").nothing
    assert not list(implied_pledges.faults())
    assert not replay.differences(chain.in_order())


@pytest.mark.django_db
def test_the_invented_register_has_exactly_the_pledges_its_companies_state():
    stored = Pledge.objects.values_list("company__slug", "commitment__pact__slug")
    expected = [(company.slug, pledge.pact) for company in FEW for pledge in company.pledges]
    assert sorted(stored) == sorted(expected)


@pytest.mark.django_db
def test_the_plain_view_set_of_the_benchmark_shows_what_a_record_shows(client, settings):
    settings.ROOT_URLCONF = "benchmarks.plain.urls"
    company = next(c for c in FEW if is_in(c, "signed") and c.names)

    record = client.get(f"/naive/{company.slug}/").json()
    assert record["name"] == company.name
    assert {name["name"] for name in record["names"]} == set(company.names)
    assert {signing["pact"]["slug"] for signing in record["signings"]} == {
        period.pact for period in company.periods
    }
    quotes = [cited["quote"] for signing in record["signings"] for cited in signing["citations"]]
    assert sorted(quotes) == sorted(
        cited.quote for period in company.periods for cited in period.citations
    )
    assert len(record["pledges"]) == len(company.pledges)

    page = client.get("/naive/").json()
    assert (page["count"], len(page["results"])) == (len(FEW), len(FEW))


@pytest.mark.database
@pytest.mark.django_db
def test_copied_companies_have_their_own_rows_and_the_pledges_their_periods_imply():
    # A name with a number is found by more keys than one without; `faults` compares each of them.
    models = [model for model in copies.MODELS if model is not NameKey]
    rows = {model: model.objects.count() for model in models}
    copies.multiply(2)

    assert {model: model.objects.count() for model in models} == {
        model: 3 * number for model, number in rows.items()
    }
    assert not list(implied_pledges.faults())
    assert not list(read_table.faults())
    assert Citation.objects.filter(signing__company__slug=f"{FEW[0].slug}-1002").exists()
    assert Company.objects.create(slug="new", name="New").pk > 3 * len(FEW)


# What is asked


class TheDatabase:
    """Stands for a connection to SQLite, in which the benchmark chooses companies."""

    def execute(self, _sql, parameters):
        step, number = parameters
        companies = Company.objects.order_by("name_folded")
        chosen = companies.annotate(rest=F("pk") % step).filter(rest=0)
        return list(chosen.values_list("slug", "name_folded")[:number])


@pytest.mark.django_db
@pytest.mark.parametrize("side", [columns.OURS, columns.NAIVE])
def test_every_url_of_the_benchmark_answers_200(client, settings, side):
    asked = columns.addresses(TheDatabase(), len(FEW))[side]
    if side == columns.NAIVE:
        settings.ROOT_URLCONF = "benchmarks.plain.urls"
    for pool in asked.values():
        answer = client.get(pool[0])
        assert answer.status_code == 200, answer.content


# The client


@pytest.mark.parametrize(
    ("parts", "size"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], 5),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n", b"\r\nhe", b"llo"], 5),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"], 17),
    ],
)
def test_the_benchmark_client_reads_a_response_to_its_end(parts, size):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(parts[0])
        for part in parts[1:]:
            theirs.sendall(part)
        assert asking.receive(ours) == size


@pytest.mark.parametrize("said", [b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n", b""])
def test_the_benchmark_client_refuses_to_measure_anything_but_200(said):
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(said)
        theirs.close()
        with pytest.raises(asking.BadAnswer):
            asking.receive(ours)


# The table


def a_result(**cpu):
    """A result with one round, from the CPU time of each side for the list."""
    found = results.Result(1000)
    for side, one in cpu.items():
        measured = asking.Measured(10, 1.0, one, one, one, 100)
        found.add({"hello": results.HELLO, "kept": "kept, SQLite"}[side], "list", measured)
    return found


def test_a_ratio_below_its_floor_is_reported_and_a_missed_goal_is_not(monkeypatch):
    one = replace(results.RATIOS[0], floors={"list": 0.7}, goals={"list": 1.0})
    monkeypatch.setattr(results, "RATIOS", (one,))

    assert list(a_result(hello=0.05, kept=0.06).below()) == []
    assert list(a_result(hello=0.05, kept=0.1).below()) == [
        "1,000 companies, list, kept, SQLite: kept / bare hello is 0.50; the floor is 0.7."
    ]


def test_the_median_of_the_rounds_is_reported():
    found = a_result(hello=0.05, kept=0.1)
    for hello, kept in ((0.05, 0.05), (0.05, 0.5)):
        for side, column in a_result(hello=hello, kept=kept).measured.items():
            found.add(side, "list", *column["list"])

    assert found.cpu("kept, SQLite", "list") == 0.1
    assert found.ratio(results.RATIOS[0], "kept, SQLite", "list") == 0.5


def test_a_benchmark_run_replaces_the_last_one_in_the_document(tmp_path):
    document = tmp_path / "benchmark.md"
    document.write_text("Before.\n<!-- run -->\nold\n<!-- end of run -->\nAfter.\n")

    for said in ("first\n", "second \\1\n"):
        results.write_into(document, said)

    assert document.read_text() == (
        "Before.\n<!-- run -->\nsecond \\1\n<!-- end of run -->\nAfter.\n"
    )


@pytest.mark.long
@pytest.mark.django_db  # of the rows that the module shares
def test_names_are_matched_in_a_process_of_its_own(tmp_path):
    assert matching(tmp_path)["broken"] == []
