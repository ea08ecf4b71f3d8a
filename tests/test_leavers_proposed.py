"""A signatory that the list says has left: proposed and applied with the words of the list."""

import datetime

import pytest

from companies.importers.official_page import How
from companies.models import Citation, ImportRun, Proposal, Signing
from companies.register.review.watch import Page, read

from .builders import a_company, a_signing
from .editors import a_login, a_reviewer
from .lists import URL, a_list, proposed
from .official_pages import europa_page, items

pytestmark = [pytest.mark.django_db, pytest.mark.history]

NAMES = ["Accenture", "Adecco", "Airbus", "Aleph Alpha", "SAP", "Nokia"]
REST = [name for name in NAMES if name != "Airbus"]
REVIEW = "/admin/companies/importrun/{}/review/"


@pytest.fixture(autouse=True)
def signatories():
    for name in NAMES:
        a_signing(a_company(name))


def a_reading(section, *, on="2026-11-20", **how):
    page = Page(europa_page(section), URL, datetime.date.fromisoformat(on))
    return read(a_list().pact, page, **how)


def test_a_leaver_is_proposed_with_the_words_of_the_list_and_as_removed_only():
    reading = a_reading(items(*REST, "Airbus (withdrawn in May 2025)"))

    (proposal,) = reading.proposals
    assert (proposal.action, str(proposal.company)) == ("no_longer_listed", "Airbus")
    assert proposal.new == {
        "status": "removed",
        "since": "2026-11-20",
        "since_basis": "observed",
        "left_as": "said",
        "note": "withdrawn in May 2025",
        "quote": "Airbus (withdrawn in May 2025)",
    }
    assert "Airbus                                   in words, “withdrawn in May 2025”" in str(
        reading
    )


def test_every_way_to_show_a_leaver_has_a_label():
    assert set(ImportRun.LeftAs.values) == set(How)


def test_an_import_run_stores_a_leaver_without_counting_it_as_listed():
    run = a_reading(items(*REST, "<s>Airbus</s>")).run

    assert (run.names_count, len(run.listed)) == (5, 6)
    assert run.left == [{"name": "Airbus", "note": "", "left": "struck_out"}]


def test_the_review_shows_the_remark_and_what_is_applied_quotes_it():
    a_reading(items(*REST) + "<h3>Former signatories</h3>" + items("Airbus"))
    address, reviewer = REVIEW.format(ImportRun.objects.get().pk), a_reviewer()

    shown = reviewer.get(address).content.decode()
    proposal = Proposal.objects.get()
    reviewer.post(address, {"selected": [proposal.pk], "apply": "1", "reason": "seen"})

    assert "The page says of Airbus: “Former signatories”." in shown
    assert "Named, but not as a signatory." in shown
    assert shown.count("Former signatories") == 1
    period = Signing.objects.get(company__name="Airbus", until=None)
    assert (period.status, period.since_basis) == ("removed", "observed")
    assert Citation.objects.get(signing=period).quote == "Former signatories … Airbus"


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ("<del>Airbus</del>", "The name Airbus is struck out on the list."),
        (
            "<span hidden>Airbus</span>",
            "The name Airbus is in a part of the page that readers do not see.",
        ),
    ],
)
def test_the_review_says_what_a_page_shows_without_words(item, sentence):
    a_reading(items(*REST, item))

    assert sentence in a_login().get(REVIEW.format(ImportRun.objects.get().pk)).content.decode()


def test_a_leaver_unknown_as_signatory_is_reported_and_never_proposed_as_new():
    a_company("Qina")
    section = items(*NAMES, "Bolt (left 2025)", "Qina (withdrawn)")

    reading = a_reading(section)

    assert reading.proposals == []
    assert (
        "named, not listed      Bolt                                     in words, “left 2025”"
        in str(reading)
    )
    shown = a_login().get(REVIEW.format(reading.run.pk)).content.decode()
    assert "Bolt – <q>left 2025</q>" in shown
    assert "Qina – <q>withdrawn</q>" in shown


def test_a_leaver_under_an_alias_is_proposed_for_its_company():
    company = Signing.objects.get(company__name="Airbus").company
    company.names.create(name="Airbus Group", kind="alias")

    reading = a_reading(items(*REST, "Airbus Group (withdrawn)"))

    assert proposed(reading) == [("no_longer_listed", "Airbus")]
    assert reading.proposals[0].new["quote"] == "Airbus Group (withdrawn)"


def test_a_company_both_listed_and_said_to_have_left_is_proposed_as_a_leaver_with_a_caution():
    company = Signing.objects.get(company__name="Airbus").company
    company.names.create(name="Airbus Group", kind="alias")
    section = items(*NAMES) + "<h3>Withdrawals</h3>" + items("Airbus Group", "Nokia")

    reading = a_reading(section)

    assert proposed(reading) == [("no_longer_listed", "Airbus"), ("no_longer_listed", "Nokia")]
    assert [one.new["also_listed"] for one in reading.proposals] == ["Airbus Group", "Nokia"]
    assert "also listed without a remark" in str(reading)


def test_a_partial_list_proposes_stated_leavers_but_not_hidden_names():
    section = items("Accenture", "Airbus (withdrawn)", "<span hidden>SAP</span>")

    assert proposed(a_reading(section, partial=True)) == [("no_longer_listed", "Airbus")]


def test_a_remark_is_proposed_although_the_plain_absence_was_rejected():
    reviewer = a_reviewer()
    address = REVIEW.format(a_reading(items(*REST)).run.pk)
    reviewer.post(
        address, {"selected": [Proposal.objects.get().pk], "reject": "1", "reason": "a mistake"}
    )

    assert a_reading(items(*REST), on="2026-11-21").proposals == []
    again = a_reading(items(*REST, "Airbus (withdrawn)"), on="2026-11-22")
    assert proposed(again) == [("no_longer_listed", "Airbus")]


def test_a_list_of_leavers_alone_is_refused():
    run = a_reading(items(*[f"{name} (withdrawn)" for name in NAMES])).run

    assert run.state == "refused"
    assert run.refusal.startswith("the page marks every name as no longer on the list")


def test_leavers_count_as_missing_when_the_length_of_a_list_is_checked():
    gone = [f"{name} (withdrawn)" for name in NAMES[:2]]

    assert a_reading(items(*NAMES[2:], *gone)).run.state == "refused"


def test_an_older_list_says_nothing_of_who_signed_after_it():
    Signing.objects.filter(company__name="Airbus").update(since=datetime.date(2026, 11, 25))

    assert a_reading(items(*REST, "Airbus (withdrawn)")).proposals == []


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("Aleph<br>Alpha", ["Aleph Alpha"]),
        ("<div>Aleph</div><div>Alpha</div>", ["Aleph Alpha"]),
        ("SAP<br>Nokia", ["SAP", "Nokia"]),
        ("SAP<br>Walldorf", ["SAP"]),
        ("Bolt<br>Technology", ["Bolt Technology"]),
    ],
)
def test_a_name_broken_into_lines_matches_the_known_company(item, names):
    others = [name for name in NAMES if name not in names]

    run = a_reading(items(*others, item), accept=True).run

    assert [entry["name"] for entry in run.listed[len(others) :]] == names


def test_a_second_line_in_all_entries_is_not_part_of_the_names():
    entry = '<div class="card"><h3>{}</h3><p>Company</p></div>'
    a_signing(a_company("Mural"))  # "Company" is a legal form, so that "Mural Company" means it too

    reading = a_reading("".join(map(entry.format, [*NAMES, "Mural"])))

    assert [one["name"] for one in reading.run.listed] == [*NAMES, "Mural"]
    assert reading.proposals == []
