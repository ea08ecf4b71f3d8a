"""The record of one company, which says no more than its sources."""

import datetime
import json
import re

import pytest
from django.utils import timezone

from companies.models import (
    Change,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    Signing,
)
from tests.append_only import lifted
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def record(client, slug, language=""):
    answer = client.get(f"{language}/companies/{slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


# The register's version; the pact; the company; its names,
# identifiers, parent and subsidiaries; the citations of its profile; its statuses, pledges and
# reports, each with their citations; the commitments and the pacts; its former slugs and its
# changes; its statements; the version to cite; the full lists (3).
QUERIES_OF_RECORD = 23
QUERIES_OF_ABSENTEE = 15
DAY = datetime.date(2024, 10, 9)


def answer(client, slug="airbus"):
    return client.get(f"/companies/{slug}/")


def text(response):
    """The text of a page without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def json_ld(response):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', response.text)
    return json.loads(found.group(1))


def test_a_signatory_first_seen_on_a_list_is_not_said_to_have_signed_that_day(client):
    a_signing(a_company("Milestone Systems"), since=datetime.date(2024, 10, 9))

    page = record(client, "milestone-systems")

    assert "First seen as a signatory: 9\u00a0October\u00a02024" in page
    assert "The signing date is not public." in page


def test_an_absence_from_a_list_is_worded_as_an_observation(client):
    a_signing(a_company("Mistral AI"), status="not_signed")

    page = record(client, "mistral-ai")

    assert "Not being listed is not a refusal." in page
    assert "Declined" not in page


def test_a_date_known_to_the_month_shows_no_day(client):
    a_signing(a_company("X"), since=datetime.date(2025, 12, 1), since_precision="month")

    page = record(client, "x")

    assert '<time datetime="2025-12">December\u00a02025</time>' in page


def test_the_first_of_a_month_is_1er_in_french(client):
    a_signing(a_company("X"), since=datetime.date(2025, 8, 1))

    assert "1er\u00a0août\u00a02025" in record(client, "x", "/fr")


def test_a_source_is_shown_with_its_quote_and_publisher(client):
    signing = a_signing(a_company("Meta"), status="declined")
    source = a_source("press", title="Meta says no", publisher="POLITICO")
    a_citation(signing=signing, source=source, quote="we will not sign")

    page = record(client, "meta")

    assert "“we will not sign”" in page
    assert '<a href="https://example.org/press" rel="nofollow noopener">' in page
    assert "POLITICO" in page


def test_the_strongest_official_source_comes_first(client):
    signing = a_signing(a_company("X"))
    a_citation(signing=signing, source=a_source("third"), quote="")
    a_citation(signing=signing, source=a_source(kind="press"), quote="second")
    a_citation(signing=signing, source=a_source(kind="official_list"), quote="first")

    response = client.get("/companies/x/")

    order = [citation.quote or "Third" for citation in response.context["evidence"]]
    assert order == ["first", "second", "Third"]


def test_a_pledge_shows_its_implementation_and_who_says_so(client):
    company = a_company("X")
    a_signing(company)
    done = {"implementation": "full", "implementation_basis": "self_reported"}
    a_pledge(company, commitment=a_commitment("ai-literacy"), **done)

    page = record(client, "x")

    assert "fully implemented" in page
    assert "according to the company" in page


def test_a_report_is_invited_twelve_months_after_the_first_list(client):
    a_signing(a_company("X"), since=datetime.date(2024, 10, 9))

    page = record(client, "x")

    assert "The company was invited to report by 9\u00a0October\u00a02025." in page
    assert "9\u00a0October\u00a02024 + 12 months = 9\u00a0October\u00a02025." in page


def test_a_company_that_left_keeps_its_former_periods(client):
    company = a_company("X")
    left_on = datetime.date(2025, 6, 1)
    a_signing(company, since=datetime.date(2024, 10, 9), until=left_on)
    a_signing(company, status="withdrawn", since=left_on)

    page = record(client, "x")

    assert "Left, according to the company: 1\u00a0June\u00a02025." in page
    assert "until 1\u00a0June\u00a02025" in page


def test_a_former_public_id_redirects_to_the_record(client):
    CompanyRedirect.objects.create(old_slug="old-name", company=a_company("New Name"))

    answer = client.get("/fr/companies/old-name/")

    assert answer.status_code == 308
    assert answer["Location"] == "/fr/companies/new-name/"


def test_the_record_of_an_unknown_company_is_a_404(client):
    assert client.get("/companies/nobody/").status_code == 404


def test_only_web_addresses_become_links(client):
    company = a_company("X")
    type(company).objects.filter(pk=company.pk).update(website="javascript:alert(1)")

    assert "javascript:" not in record(client, "x")


def test_a_hostile_name_stays_text_in_json_ld(client):
    a_company("</script><script>alert(1)//", slug="hostile")

    page = record(client, "hostile")

    assert "<script>alert" not in page
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1)
    assert json.loads(block)["name"] == "</script><script>alert(1)//"


@pytest.mark.parametrize(
    ("status", "since_basis", "says"),
    [
        ("signed", "stated", "Signing date, stated by a source: 9 October 2024."),
        ("not_signed", "observed", "Not on the list of 9 October 2024. Not being listed"),
        ("declined", "stated", "Said publicly that it would not sign (9 October 2024)."),
        ("removed", "observed", "No longer on the official list, as we saw on 9 October 2024"),
        ("withdrawn", "stated", "Left, according to the company: 9 October 2024."),
        ("interested", "stated", "without having signed."),
        ("unknown", "observed", "What we know does not show whether this company signed."),
    ],
)
def test_the_sentence_under_a_status_says_no_more_than_the_basis_of_its_date(
    client, status, since_basis, says
):
    a_signing(a_company("Airbus"), status=status, since_basis=since_basis)

    assert says in text(answer(client))


def test_a_company_without_data_says_what_is_not_known(client):
    a_company("Airbus")

    page = text(answer(client))

    assert "We have no information on whether this company signed." in page
    assert "Whether it signed the EU AI Pact" in page


def test_the_official_list_comes_before_the_press_and_the_day_of_signing_before_others(client):
    signing = a_signing(a_company("Airbus"))
    a_citation(signing=signing, quote="press", source=a_source(published_on=DAY))
    a_citation(signing=signing, quote="later", source=a_source(kind="official_list"))
    that_day = a_source(kind="official_document", published_on=DAY)
    a_citation(signing=signing, quote="that day", source=that_day)

    response = answer(client)

    order = [citation.quote for citation in response.context["evidence"]]
    assert order == ["that day", "later", "press"]
    assert "2 more sources: Source-" in text(response)


def test_the_company_s_own_words_come_before_a_list(client):
    left = a_signing(a_company("Airbus"), "withdrawn")
    a_citation(signing=left, quote="Airbus", source=a_source(kind="official_list"))
    own = a_source(kind="company")
    a_citation(signing=left, quote="Airbus has left", source=own, own_words="has_left")

    evidence = answer(client).context["evidence"]

    assert [citation.quote for citation in evidence] == ["Airbus has left", "Airbus"]


def test_quotation_marks_inside_a_quote_are_single(client):
    signing = a_signing(a_company("Airbus"))
    a_citation(signing=signing, quote='“We will”, said "the" spokesperson.')

    assert "“‘We will’, said ‘the’ spokesperson.”" in text(answer(client))


def test_a_citation_of_low_confidence_says_so(client):
    a_citation(signing=a_signing(a_company("Airbus")), quote="")

    assert "Confidence low: our interpretation" in text(answer(client))


def test_a_pledge_shows_its_level_its_basis_and_its_day(client):
    company = a_company("Airbus")
    a_signing(company)
    a_pledge(company, commitment=a_commitment("governance"))
    a_pledge(
        company,
        commitment=a_commitment("literacy"),
        basis=Pledge.Basis.STATED,
        implementation="planned",
        implementation_basis="self_reported",
        as_of=datetime.date(2025, 4, 16),
    )

    page = text(answer(client))

    assert "2 of 2 core commitments pledged. Evidence of implementation found for 1." in page
    assert "Governance pledged by signing no evidence found" in page
    assert (
        "Literacy pledged, as a source states planned according to the company 16 April 2025"
        in page
    )
    assert "“No evidence found” does not mean “not done”" in page


def test_the_history_has_every_period_of_every_pact_newest_first(client):
    company = a_company("Airbus")
    code = a_pact("gpai-code", name_en="Code of Practice")
    a_signing(company, until=datetime.date(2025, 6, 1))
    a_signing(company, status="withdrawn", since=datetime.date(2025, 6, 1), reason_en="Merged")
    a_signing(company, pact=code, since=datetime.date(2025, 8, 1))

    response = answer(client)

    events = [event.signing for event in response.context["timeline"] if event.signing]
    assert [signing.status for signing in events] == ["signed", "withdrawn", "signed"]
    page = text(response)
    assert "left, according to the company Merged" in page
    assert "first seen as a signatory · until 1 June 2025" in page
    assert (
        "Other AI commitments Code of Practice Signed First seen as a signatory: 1 August 2025."
        in page
    )


def two_pledges_planned_on_the_same_day(company) -> list[Pledge]:
    """Their titles, of which one is part of the other, cannot tell them apart."""
    return [
        a_pledge(
            company,
            commitment=a_commitment(code, title_en=title),
            implementation="planned",
            implementation_basis="self_reported",
            as_of=datetime.date(2025, 4, 16),
        )
        for code, title in (("literacy", "Literacy"), ("more", "AI Literacy"))
    ]


@pytest.mark.history
def test_each_pledge_in_the_history_has_the_day_on_which_it_was_recorded(client):
    company = a_company("Airbus")
    pledges = two_pledges_planned_on_the_same_day(company)
    first = Change.objects.get(table="pledges", subject="literacy")
    with lifted():
        Change.objects.filter(pk=first.pk).update(recorded_at="2025-05-01T10:00:00+00:00")

    events = answer(client).context["timeline"]

    days = {event.pledge: str(event.recorded_on) for event in events if event.pledge}
    assert days == {pledges[0]: "2025-05-01", pledges[1]: str(timezone.localdate())}
    assert "pledges" not in {event.shown.change.table for event in events if event.shown}


def test_pledges_of_a_company_that_left_say_that_it_was_a_signatory_then(client):
    company = a_company("Airbus")
    a_signing(company, status="withdrawn")
    a_pledge(company)

    assert "Pledges made while it was a signatory." in text(answer(client))


def test_a_published_report_is_linked(client):
    company = a_company("Airbus")
    a_signing(company)
    ProgressReport.objects.create(
        company=company,
        pact=a_pact(),
        published_on=datetime.date(2025, 11, 3),
        url="https://example.org/report",
    )

    response = answer(client)

    assert "It published a report on 3 November 2025." in text(response)
    assert "We found no report" not in text(response)
    assert 'href="https://example.org/report"' in response.text


@pytest.mark.parametrize(("status", "months"), [("not_signed", 12), ("signed", None)])
def test_no_report_clock_is_shown_where_no_report_is_invited(client, status, months):
    Pact.objects.update(report_after_months=months)
    a_signing(a_company("Airbus"), status=status)

    assert "Progress report" not in text(answer(client))


def test_the_record_says_where_the_facts_of_the_profile_come_from(client):
    a_company("Airbus", profile_basis="general_knowledge", size="large")

    assert "Source of these details: general knowledge, not sourced." in text(answer(client))


def test_the_record_describes_the_company_in_json_ld(client):
    company = a_company("</script><b>&", slug="airbus", country="FR", legal_name="Airbus SE")
    CompanyName.objects.create(company=company, name="EADS", kind="former")

    data = json_ld(answer(client))

    assert data == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "</script><b>&",
        "url": "http://testserver/companies/airbus/",
        "legalName": "Airbus SE",
        "alternateName": ["EADS"],
        "address": {"@type": "PostalAddress", "addressCountry": "FR"},
    }


def test_the_record_links_to_its_json(client):
    a_company("Airbus")

    assert 'href="/api/v1/companies/airbus/"' in answer(client).text


def test_the_record_refuses_an_unknown_parameter(client):
    a_company("Airbus")
    a_pact()

    assert client.get("/companies/airbus/?as=2024-10-01").status_code == 400


@pytest.mark.parametrize("rows", [2, 5])
def test_the_record_takes_the_same_number_of_queries_for_any_amount_of_data(
    client, django_assert_num_queries, rows
):
    company = a_company("Airbus", parent=a_company("Group"))
    a_citation(company=company)
    for i in range(rows):
        day = datetime.date(2020 + i, 1, 1)
        period = {"since": day, "until": day.replace(month=6)}
        a_citation(signing=a_signing(company, **period))
        a_citation(pledge=a_pledge(company, commitment=a_commitment(f"code-{i}")))
        a_company(f"Part {i}", parent=company)
        CompanyName.objects.create(company=company, name=f"Name {i}", kind="alias")
        CompanyIdentifier.objects.create(company=company, scheme="lei", value=f"L{i}")
        report = ProgressReport.objects.create(company=company, pact=a_pact(), period=i)
        a_citation(report=report)

    with django_assert_num_queries(QUERIES_OF_RECORD):
        client.get("/companies/airbus/")


def test_an_absence_names_all_lists_without_the_company(client):
    a_pact()
    absent = a_signing(a_company("Mistral AI"), "not_signed", since=datetime.date(2024, 9, 25))
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=absent, source=listed, quote="")

    now = text(client.get("/companies/mistral-ai/"))
    assert "Not on the lists of 25 September 2024 and 9 October 2024." in now
    before = text(client.get("/companies/mistral-ai/?as_of=2024-10-01"))
    assert "Not on the list of 25 September 2024. Not being listed" in before
    assert "Not on the lists" not in before


def test_an_absence_is_dated_by_the_newest_list_wherever_it_is_shown(client):
    signing = a_signing(a_company("Mistral AI"), "not_signed", since=datetime.date(2024, 9, 25))
    a_citation(signing=signing, source=a_source(kind="official_list", published_on=DAY))

    response = answer(client, "mistral-ai")

    assert "Not on the list EU AI Pact Not on the lists of 25 September 2024 and" in text(response)
    title = 'property="og:title" content="Mistral AI: not on the list of 9\u00a0October\u00a02024"'
    assert title in response.text


ASKED_ON = datetime.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("asked", "says", "unknown"),
    [
        (
            "",
            None,
            "Why it is not on the list and whether it will sign (we have not contacted it).",
        ),
        (
            "no_answer",
            "We contacted the company on 1 March 2026 and have recorded no reply.",
            "Why it is not on the list and whether it will sign (it has not replied to us).",
        ),
        (
            "considering",
            "We contacted the company; on 1 March 2026 it replied that it was considering.",
            "Whether it will sign (it is considering).",
        ),
    ],
)
def test_the_record_says_whether_the_company_was_asked_and_answered(client, asked, says, unknown):
    asked_on = ASKED_ON if asked else None
    a_signing(a_company("Nemo"), "not_signed", asked=asked, asked_on=asked_on)

    response = answer(client, "nemo")

    assert unknown in response.context["unknowns"]
    newest = "Whether it has signed since 9\u00a0October\u00a02024, when we last checked"
    assert [line for line in response.context["unknowns"] if line.startswith(newest)]
    assert says is None or says in text(response)
    assert says or "We contacted" not in text(response)


def test_the_record_of_an_earlier_day_does_not_mention_a_later_question(client):
    a_signing(a_company("Nemo"), "not_signed", asked="no_answer", asked_on=ASKED_ON)

    before = client.get("/companies/nemo/?as_of=2026-02-28")

    assert "We contacted" not in text(before)
    assert "Why it is not on the list and whether it will sign (we have not contacted it)." in text(
        before
    )


@pytest.mark.parametrize("status", ["signed", "declined", "removed", "withdrawn"])
def test_a_company_that_signed_declined_or_left_is_not_called_unasked(client, status):
    a_signing(a_company("Nemo"), status)

    assert not [line for line in answer(client, "nemo").context["unknowns"] if "asked it" in line]


def test_the_timeline_is_collapsed_with_a_summary(client):
    company = a_company("Airbus")
    for year in range(2010, 2022):
        a_signing(company, since=datetime.date(year, 1, 1), until=datetime.date(year, 6, 1))

    page = text(answer(client))

    assert "Timeline: 12 events, the latest of 1 January 2021, and when we recorded each" in page
    assert page.index("until 1 June 2021") < page.index("until 1 June 2010")


def test_a_group_of_commitments_counts_those_with_evidence(client):
    company = a_company("Airbus")
    a_signing(company)
    pledge = a_pledge(company, commitment=a_commitment("governance"))

    none = "1 of 1 core commitment pledged by signing. No evidence of implementation found."
    assert none in text(answer(client))
    pledge.implementation, pledge.implementation_basis = "full", "self_reported"
    pledge.save()
    assert "pledged by signing. Evidence of implementation found for 1." in text(answer(client))


def test_the_links_to_the_sections_of_a_record_are_in_their_order(client):
    company = a_company("Airbus")
    a_signing(company)

    response = answer(client)

    found = re.findall(r'<section class="section" id="([a-z-]+)"', response.text)
    assert found == ["commitments", "pacts", "report-clock", "unknown", "more"]
    contents = response.text[response.text.index('class="contents"') :]
    linked = re.findall(r'href="#([a-z-]+)"', contents[: contents.index("</nav>")])
    assert linked == found


def test_a_citation_shows_publisher_dates_archive_and_hash_of_its_source(client):
    source = a_source(
        "list",
        title="The list",
        publisher="European Commission",
        kind="official_list",
        published_on=DAY,
        retrieved_on=datetime.date(2024, 10, 10),
        archived_url="https://web.archive.org/list",
    )
    verified_on = datetime.date(2026, 1, 2)
    signing = a_signing(a_company("Airbus"))
    a_citation(signing=signing, source=source, quote="Airbus", verified_on=verified_on)

    response = answer(client)

    page = text(response)
    assert (
        "“Airbus” Source The list , European Commission, 9 October 2024 Kind official list" in page
    )
    assert "Archived copy archived page Read on 10 October 2024 Verified 2 January 2026" in page
    assert 'href="https://web.archive.org/list"' in response.text


# A sentence to quote

PAST = "?as_of=2025-06-30"
QUOTED = {
    ("signed", "first_seen"): (
        "On 30 June 2025, Acme was recorded as a signatory of the EU AI Pact (first seen as one "
        "on 9 October 2024; the signing date is not public), according to PactWatch.",
        "Au 30 juin 2025, Acme figurait parmi les signataires (Pacte européen sur l’IA ; première "
        "mention le 9 octobre 2024, la date de signature n’étant pas publique), selon PactWatch.",
    ),
    ("signed", "stated"): (
        "On 30 June 2025, Acme was recorded as a signatory of the EU AI Pact (signed on 9 October "
        "2024), according to PactWatch.",
        "Au 30 juin 2025, Acme figurait parmi les signataires (Pacte européen sur l’IA ; "
        "signature le 9 octobre 2024), selon PactWatch.",
    ),
    ("not_signed", "observed"): (
        "On 30 June 2025, Acme was not on the list of 9 October 2024 (signatories of the EU AI "
        "Pact), according to PactWatch.",
        "Au 30 juin 2025, Acme ne figurait pas sur la liste des signataires du 9 octobre 2024 "
        "(Pacte européen sur l’IA), selon PactWatch.",
    ),
    ("declined", "stated"): (
        "On 30 June 2025, Acme had said publicly on 9 October 2024 that it would not sign the EU "
        "AI Pact, according to PactWatch.",
        "Au 30 juin 2025, Acme avait annoncé publiquement, le 9 octobre 2024, qu’elle ne signerait "
        "pas (Pacte européen sur l’IA), selon PactWatch.",
    ),
    ("removed", "observed"): (
        "On 30 June 2025, Acme was no longer on the official list of signatories of the EU AI "
        "Pact (since 9 October 2024 or earlier), according to PactWatch.",
        "Au 30 juin 2025, Acme ne figurait plus sur la liste officielle des signataires (Pacte "
        "européen sur l’IA), depuis le 9 octobre 2024 ou avant, selon PactWatch.",
    ),
    ("withdrawn", "stated"): (
        "On 30 June 2025, Acme was no longer a signatory of the EU AI Pact (it said that it had "
        "left on 9 October 2024), according to PactWatch.",
        "Au 30 juin 2025, Acme n’était plus signataire (Pacte européen sur l’IA ; elle a déclaré "
        "s’être retirée le 9 octobre 2024), selon PactWatch.",
    ),
    ("interested", "observed"): (
        "On 30 June 2025, Acme was in the network of the EU AI Pact and had not signed it, "
        "according to PactWatch.",
        "Au 30 juin 2025, Acme faisait partie du réseau sans avoir signé (Pacte européen sur "
        "l’IA), selon PactWatch.",
    ),
    ("unknown", "observed"): (
        "On 30 June 2025, PactWatch had no information on whether Acme had signed the EU AI Pact.",
        "Au 30 juin 2025, PactWatch ignorait si Acme avait signé (Pacte européen sur l’IA).",
    ),
}


def quoted(client, slug, query="", language=""):
    """The sentences of a record in the order in which they stand, with plain spaces."""
    page = client.get(f"{language}/companies/{slug}/{query}").text
    found = re.findall(r'<p class="quotable" id="quote-(..)">(.*?)</p>', page)
    return {code: re.sub("[\u00a0\u202f]", " ", said) for code, said in found}


@pytest.mark.parametrize("told", QUOTED, ids="-".join)
def test_the_sentence_to_quote_says_no_more_than_the_status_in_both_languages(client, told):
    status, since_basis = told
    a_signing(a_company("Acme"), status, since_basis=since_basis)

    found = quoted(client, "acme", PAST)

    assert (found["en"], found["fr"]) == QUOTED[told]


def test_the_sentence_to_quote_is_first_in_the_reader_s_language(client):
    a_company("Acme")

    today = PartialDate(timezone.localdate())
    for language, first in (("", "en"), ("/fr", "fr")):
        found = quoted(client, "acme", language=language)
        assert next(iter(found)) == first
        assert today.in_words(first).replace("\u00a0", " ") in found[first]


@pytest.mark.parametrize(
    ("day", "precision", "english", "french"),
    [
        (datetime.date(2025, 4, 1), "month", "signed in April 2025", "signature en avril 2025"),
        (datetime.date(2025, 1, 1), "year", "signed in 2025", "signature en 2025"),
        (datetime.date(2025, 4, 1), "day", "signed on 1 April 2025", "signature le 1er avril 2025"),
    ],
)
def test_a_sentence_to_quote_gives_a_day_only_where_the_source_does(
    client, day, precision, english, french
):
    a_signing(a_company("Acme"), since=day, since_precision=precision, since_basis="stated")

    found = quoted(client, "acme")

    assert f"({english})" in found["en"]
    assert f"; {french})" in found["fr"]


def test_the_sentence_to_quote_as_of_a_past_day_ignores_a_later_signature(client):
    a_signing(a_company("Acme"), since=datetime.date(2025, 9, 1))

    assert "had no information on whether" in quoted(client, "acme", PAST)["en"]


@pytest.mark.history
def test_the_sentence_to_quote_from_an_earlier_register_state_says_so(client):
    company, day = a_company("Acme"), timezone.localdate() - datetime.timedelta(days=3)
    a_signing(company)
    for model in (Company, Pact, Signing):
        model.history.update(history_date=timezone.now() - datetime.timedelta(days=5))

    said = quoted(client, "acme", f"?recorded_as_of={day}")["en"]

    written = PartialDate(day).in_words("en").replace("\u00a0", " ")
    assert said.startswith(f"On {written}, Acme was recorded as a signatory")
    assert said.endswith(f"according to PactWatch as recorded on {written}.")


# Said once


@pytest.mark.parametrize(
    ("since_basis", "status", "basis", "says"),
    [
        (
            *("first_seen", "removed", "observed"),
            "Signatory from 9 October 2024 or earlier until 1 June 2025 at the latest: it was then "
            "no longer on the official list, as we saw. No reason has been published.",
        ),
        (
            *("stated", "removed", "stated"),
            "Signatory from 9 October 2024 until 1 June 2025 at the latest: it was then no longer "
            "on the official list, according to a source.",
        ),
        (
            *("stated", "withdrawn", "stated"),
            "Signatory from 9 October 2024 until 1 June 2025, when it left, according to the "
            "company.",
        ),
    ],
)
def test_the_headline_of_a_company_that_left_gives_both_dates(
    client, since_basis, status, basis, says
):
    company, left_on = a_company("Acme"), datetime.date(2025, 6, 1)
    a_signing(company, since_basis=since_basis, until=left_on)
    a_signing(company, status, since=left_on, since_basis=basis)

    response = answer(client, "acme")

    assert says in text(response)
    before = text(client.get("/companies/acme/?as_of=2025-01-01"))
    assert "until 1 June 2025" not in before


def test_our_check_of_a_list_is_not_shown_as_a_quote_and_precedes_the_press(client):
    absent = a_signing(a_company("Acme"), "not_signed", since=datetime.date(2024, 9, 25))
    a_citation(signing=absent, quote="Acme was missing", source=a_source(publisher="POLITICO"))
    listed = a_source("list", title="The list", kind="official_list", published_on=DAY)
    a_citation(signing=a_signing(a_company("Signer")), quote="Signer", source=listed)

    page = answer(client, "acme")

    checked = "We looked for the company on this list and did not find it. The list"
    assert text(page).index(checked) < text(page).index("“Acme was missing”")
    assert "<blockquote" not in page.text[: page.text.index("The list</bdi>")]


def test_the_record_of_an_absent_company_takes_one_more_query(client, django_assert_num_queries):
    a_signing(a_company("Acme"), "not_signed", since=datetime.date(2024, 9, 25))
    listed = a_source(kind="official_list", published_on=DAY)
    a_citation(signing=a_signing(a_company("Signer")), source=listed)
    client.get("/companies/signer/")  # which reads the lists of this version

    with django_assert_num_queries(QUERIES_OF_ABSENTEE):
        client.get("/companies/acme/")


def test_a_quote_shared_by_pledges_or_with_the_status_is_shown_once(client):
    company, source = a_company("Acme"), a_source(kind="company", title="Our pledge")
    a_citation(signing=a_signing(company), quote="Acme signed", source=source)
    for code, quote in (("one", "both of them"), ("two", "both of them"), ("zero", "Acme signed")):
        pledge = a_pledge(company, commitment=a_commitment(code))
        a_citation(pledge=pledge, quote=quote, source=source)

    page = answer(client, "acme").text

    above = page[: page.index('id="more"')]
    assert above.count("“both of them”") == 1
    assert above.count("“Acme signed”") == 1


def test_other_pacts_without_information_share_one_line(client):
    a_signing(a_company("Acme"))
    for slug in ("gpai-code", "seoul"):
        other = a_pact(slug, name_en=slug.title(), name_fr=slug.title())
        a_signing(pact=other)

    page = text(answer(client, "acme"))

    assert "Other AI commitments No information Gpai-Code , Seoul Progress report" in page


def test_the_badge_is_offered_only_on_the_current_record_of_a_signatory(client):
    a_signing(a_company("Signer"))
    a_signing(a_company("Absent"), "not_signed")

    assert "/companies/signer/badge.svg" in record(client, "signer")
    assert "badge.svg" not in record(client, "absent")
    assert "badge.svg" not in client.get("/companies/signer/?as_of=2025-01-01").text
