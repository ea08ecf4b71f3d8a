"""The first live reading: from the page to public pages that say what they now know."""

import re
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from companies.models import Change, Company, ImportRun, Proposal, Signing
from companies.register.review import deciding
from companies.register.review.cautions import cautions

from .builders import a_citation, a_company, a_pact, a_sector, a_signing, a_source
from .editors import Screen, a_reviewer, text, typed
from .first_live_reading import GONE, NEW, RESEMBLING, page_of_2026
from .lists import URL, a_list, a_reading

pytestmark = pytest.mark.django_db

ANOTHER = [*(name for name in RESEMBLING if name != "Saidott"), "Moldau Analytics a.s."]
KNOWN = (
    "Airbus",
    "Generali",
    "Lenovo",
    "ML Analytics",
    "Orange",
    "Porsche",
    "Saidot",
    "Telefónica",
)


def the_register():
    """Twelve of its signatories, two sectors, and the watched list."""
    for code in ("software", "health"):
        a_sector(code)
    for name in (*KNOWN, *GONE):
        a_signing(a_company(name, country="ES" if name == "Telefónica" else ""))
    return a_list().pact


def the_review(names=(), **how):
    return f"/admin/companies/importrun/{a_reading(names, **how).run.pk}/review/"


def pk_of(name):
    return Proposal.objects.get(new_name=name, state="proposed").pk


@pytest.mark.database
@pytest.mark.history
def test_the_first_live_list_is_applied_at_once_and_shown_on_the_pages(tmp_path, capsys, client):
    pact, reviewer = the_register(), a_reviewer()
    page = tmp_path / "page.html"
    page.write_bytes(page_of_2026([*KNOWN, *GONE]))

    call_command("watch", pact=pact.slug, file=page, date=timezone.localdate())
    told = capsys.readouterr().out
    address = f"/admin/companies/importrun/{ImportRun.objects.get().pk}/review/"
    assert f"Next: review them at http://testserver{address}" in told
    assert "92 new company, 7 unsure match, 1 spelled differently, 3 no longer on the list" in told

    screen = reviewer.get(address)
    shown = text(screen)
    assert shown.index("Unsure matches 7") < shown.index("New companies 92")
    assert shown.index("Spelled differently 1") < shown.index("No longer listed 3")
    assert "Select all 89 (3 to check one by one)" in shown
    fields = typed(screen)
    new = {f"p{pk_of(name)}-match": "new" for name in ANOTHER}
    unsure = Proposal.objects.filter(action="match_unsure").values_list("pk", flat=True)
    rest = [pk_of(name) for name in ("Adlerwerk GmbH", "Falkenried Robotik", "Falkenried Robotics")]
    everything = (
        fields
        | new
        | {
            "kind": ["new_company", "spelled_differently", "no_longer_listed"],
            "selected": [*unsure, *rest],
            "all_sector": "software",
            f"p{pk_of('Quercifolia S.p.A.')}-country": "Italy",
        }
    )
    everything = typed(reviewer.post(address, everything | {"take": "all"})) | {
        name: everything[name] for name in ("kind", "selected", "all_sector")
    }

    began = time.monotonic()
    done = reviewer.post(address, everything | {"apply": "1"}, follow=True)
    took = time.monotonic() - began

    assert "Applied: 103. Unsure matches: 7 · New companies: 92" in text(done)
    assert "EU AI Pact: 106 known signatories (of more than 230) now." in text(done)
    assert took < 15  # seconds, on a machine that does other things too
    assert not Proposal.objects.exclude(state="applied").exists()
    assert Company.objects.filter(names__name="Saidott").get().name == "Saidot"
    quercifolia = Company.objects.get(name="Quercifolia S.p.A.")
    assert (quercifolia.country, quercifolia.sector.code) == ("IT", "software")
    assert quercifolia.profile_basis == "general_knowledge"
    assert Company.objects.get(name="Czarnolas Sp. z o.o.").country == "PL"
    assert Company.objects.get(name="Fjordlys ApS").country == ""
    assert Signing.objects.filter(status="removed", until=None).count() == 3
    assert Company.history.filter(name="Ilmatar Oy").get().history_user.username == "rob"
    assert Change.objects.filter(has_line=True, by_role="reviewer").count() >= 95
    for address, says in {
        "/": "106 of more than 230",
        "/fr/": "106",
        quercifolia.get_absolute_url(): "Italy",
        f"/fr{quercifolia.get_absolute_url()}": "Italie",
    }.items():
        assert says in client.get(address).content.decode(), address


@pytest.mark.history
def test_a_review_form_sent_twice_is_applied_once():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    sent = {"kind": "new_company", "selected": [pk_of("Bolt"), pk_of("Core")], "apply": "1"}
    reviewer.post(address, sent)
    before = Change.objects.count(), Company.history.count()

    second = reviewer.post(address, sent, follow=True)

    assert "rob decided this" in text(second)
    assert (Change.objects.count(), Company.history.count()) == before


def test_a_stale_row_blocks_the_form_and_the_others_are_applied_on_the_next_submit():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    bolt, core = pk_of("Bolt"), pk_of("Core")
    a_company("Bolt")
    sent = {"selected": [bolt, core], f"p{core}-country": "Latvia", "reason": "read it"}

    page = reviewer.post(address, sent | {"apply": "1"})

    assert "Nothing was applied." in text(page)
    assert "“Bolt” is now on the register, as Bolt." in Screen(page).errors
    again = typed(page)
    assert (again["selected"], again["reason"]) == (str(core), "read it")
    reviewer.post(address, again | {"apply": "1"})
    assert Company.objects.get(name="Core").country == "LV"
    assert Proposal.objects.get(pk=bolt).state == "stale"


def test_an_invalid_country_is_reported_in_its_row_and_keeps_what_was_typed():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    bolt, core = pk_of("Bolt"), pk_of("Core")
    sent = {"kind": "new_company", f"p{bolt}-country": "Atlantis", f"p{core}-country": "fi"}

    page = reviewer.post(address, sent | {"apply": "1"})

    assert "“Atlantis” is not a country. Enter one such as Germany or DE." in Screen(page).errors
    fields = Screen(page).values
    assert (fields[f"p{bolt}-country"], fields[f"p{core}-country"]) == ("Atlantis", "Finland")
    assert Company.objects.count() == 0


def test_values_typed_in_other_rows_are_kept_when_some_are_applied():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    bolt, core = pk_of("Bolt"), pk_of("Core")

    page = reviewer.post(
        address, {"selected": bolt, f"p{bolt}-country": "", f"p{core}-country": "FI", "apply": "1"}
    )

    assert Screen(page).values[f"p{core}-country"] == "Finland"
    assert "selected" not in Screen(page).values
    assert Company.objects.get().name == "Bolt"


def test_a_country_typed_once_goes_to_the_selected_rows_that_have_none():
    address, reviewer = the_review(["Bolt", "Core", "Dune"]), a_reviewer()
    bolt, core, dune = (f"p{pk_of(name)}-country" for name in ("Bolt", "Core", "Dune"))
    sent = {bolt: "", core: "Latvia", dune: "", "selected": [pk_of("Bolt"), pk_of("Core")]}

    fields = Screen(reviewer.post(address, sent | {"all_country": "se", "fill": "1"})).values

    assert (fields[bolt], fields[core], fields[dune]) == ("Sweden", "Latvia", "")
    assert fields["all_country"] == ""
    assert Proposal.objects.filter(state="proposed").count() == 3


def test_a_guessed_country_is_written_only_after_the_reviewer_accepts_it():
    address, reviewer = the_review(["Czarnolas Sp. z o.o.", "Dune (Ireland)"]), a_reviewer()
    taken = pk_of("Dune (Ireland)")
    assert "Poland? (Sp. z o.o.)" in text(reviewer.get(address))

    sent = typed(reviewer.post(address, typed(reviewer.get(address)) | {"take": taken}))
    reviewer.post(address, sent | {"kind": "new_company", "apply": "1"})

    countries = dict(Company.objects.values_list("name", "country"))
    assert countries == {"Czarnolas Sp. z o.o.": "", "Dune (Ireland)": "IE"}


@pytest.mark.parametrize(
    ("row", "basis"),
    [
        ({"country": "", "sector": ""}, "unknown"),
        ({"country": "DE", "sector": ""}, "general_knowledge"),
        ({"website": "https://bolt.example", "country": ""}, "unknown"),
        ({"role": "provider", "profile_url": "https://bolt.example/about"}, "source"),
        ({"profile_url": "https://bolt.example/about"}, "unknown"),
    ],
)
def test_the_basis_of_a_profile_says_whether_its_editor_named_a_source(row, basis):
    address, reviewer = the_review(), a_reviewer()
    pk = a_reading(["Bolt"]).proposals[0].pk
    address = f"/admin/companies/importrun/{Proposal.objects.get(pk=pk).run_id}/review/"

    reviewer.post(
        address, {"selected": pk, "apply": "1"} | {f"p{pk}-{name}": row[name] for name in row}
    )

    assert Company.objects.get().profile_basis == basis


def test_a_removal_is_dropped_once_a_listed_name_is_recognised_as_the_company():
    orange = a_company("Orange")
    a_signing(orange)
    address, reviewer = the_review(["Orange Bank"], accept=True), a_reviewer()
    unsure, gone = Proposal.objects.order_by("pk")
    both = {"selected": [unsure.pk, gone.pk], f"p{unsure.pk}-match": orange.pk, "apply": "1"}

    page = reviewer.post(address, both)
    assert "The list names Orange, as “Orange Bank”." in Screen(page).errors
    reviewer.post(address, typed(page) | {"apply": "1"})

    assert orange.signings.get().status == "signed"
    gone.refresh_from_db()
    assert gone.state == "stale"


def test_select_all_skips_rows_with_a_later_source_a_similar_name_or_a_remark():
    orange, airbus = a_company("Orange"), a_company("Airbus")
    for company in (orange, airbus):
        a_signing(company)
    later = a_source(published_on="2026-11-25")
    a_citation(signing=orange.signings.get(), source=later, quote="Orange")
    reading = a_reading(["Falkenried AG", "Falkenried GmbH", "Dune (Ireland)", "Core"], accept=True)
    core = Proposal.objects.get(new_name="Core")
    core.new |= {"note": "withdrawn"}
    core.save()

    found = cautions(reading.run, list(Proposal.objects.all()))

    named = {str(one.subject): found.get(one.pk, "") for one in Proposal.objects.all()}
    assert named == {
        "Falkenried AG": "The list also has “Falkenried GmbH”.",
        "Falkenried GmbH": "The list also has “Falkenried AG”.",
        "Dune (Ireland)": "",
        "Core": "The list has a remark: “withdrawn”.",
        "Orange": "Seen on 25\u00a0November\u00a02026, after this list.",
        "Airbus": "",
    }


def test_selecting_a_kind_across_pages_shows_the_count_and_shares_one_value(
    monkeypatch,
):
    monkeypatch.setattr("companies.admin.review_screen.PER_PAGE", 2)
    a_sector("health")
    address, reviewer = the_review(["Bolt", "Core", "Dune"]), a_reviewer()
    first = reviewer.get(address)
    assert "Select all 3 on all pages" in text(first)

    once = {"kind": "new_company", "all_sector": "health", "apply": "1"}
    reviewer.post(address, typed(first) | once)

    assert [one.sector.code for one in Company.objects.all()] == ["health"] * 3


@pytest.mark.database
def test_nothing_is_applied_when_the_database_refuses_one_row(monkeypatch):
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    write = deciding.rows_of

    def clash(proposal, *rest):
        rows = write(proposal, *rest)
        for company in rows.companies:
            company.slug = "same"
        return rows

    monkeypatch.setattr(deciding, "rows_of", clash)
    page = reviewer.post(address, {"kind": "new_company", "apply": "1"})

    assert "Not accepted" in text(page)
    assert Company.objects.count() == 0
    assert Proposal.objects.filter(state="proposed").count() == 2


def test_the_list_of_2026_has_236_names_beside_137_of_the_register():
    assert (len(NEW), len(RESEMBLING), URL[:8]) == (93, 6, "https://")


@pytest.mark.parametrize(("language", "counts"), [("", "2 signatories"), ("/fr", "2 signataires")])
def test_no_percentage_is_shown_when_the_list_exceeds_the_announced_total(client, language, counts):
    a_pact(listed_total=1)
    for name in ("Bolt", "Core"):
        a_signing(a_company(name))

    pages = [client.get(f"{language}{path}").content.decode() for path in ("/", "/method/")]

    assert counts in pages[1]
    for page in pages:
        assert "2 of more than 1" not in page
        assert not re.search(r"200\s?%", page)
