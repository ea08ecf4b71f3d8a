"""No status says more than its quotes, and no day more than its sources, at every door."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError
from django.utils.html import strip_tags

from companies.models import (
    Citation,
    Company,
    CompanyName,
    Confidence,
    PartialDate,
    Proposal,
    Signing,
    Source,
    faults,
    stronger_than_quote,
)
from companies.names.quotes import names_one_of, states_date
from companies.register.history import save as save_row
from companies.register.statuses import change_status

from .builders import a_citation, a_company, a_pact, a_signing, a_source
from .editors import a_reviewer, an_editor, errors, page, save, text, typed
from .packages import ROWS, a_package, load

DAY = datetime.date(2024, 10, 9)
EARLIER = datetime.date(2024, 9, 25)
LATER = datetime.date(2025, 3, 1)


def codes(signing, *citations, names=("Acme",)):
    return [error.code for error in faults(signing, citations, names)]


def a_status(status="signed", since=DAY, basis="first_seen", precision="day"):
    return Signing(status=status, since=since, since_basis=basis, since_precision=precision)


def cited(quote="", kind="press", published=None, read=None, about=None, own_words=""):
    """An unsaved citation of a source of this kind, published or read on these days."""
    day = about and PartialDate.parse(about)
    return Citation(
        source=Source(title="The paper", kind=kind, published_on=published, retrieved_on=read),
        quote=quote,
        own_words=own_words,
        about_on=day and day.date,
        about_on_precision=day.precision if day else "day",
    )


# What is the company's own


@pytest.mark.parametrize(
    ("status", "own_words", "expected"),
    [
        ("declined", "will_not_sign", []),
        ("declined", "", ["own_words"]),
        ("declined", "has_left", ["own_words"]),
        ("withdrawn", "has_left", []),
        ("withdrawn", "", ["own_words"]),
        ("withdrawn", "will_not_sign", ["own_words"]),
        ("not_signed", "", []),
        ("removed", "", []),
    ],
)
def test_declined_and_withdrawn_need_a_quote_in_the_words_of_the_company(
    status, own_words, expected
):
    spokesperson = cited("“We are not joining”, its spokesperson said.", own_words=own_words)

    assert codes(a_status(status), spokesperson) == expected


def test_declined_without_any_source_is_refused():
    assert codes(a_status("declined")) == ["own_words"]


@pytest.mark.parametrize("quote", ["---", "…", "« »", "“?!”", "\u200b"])
def test_punctuation_alone_is_not_a_quote(quote):
    assert codes(a_status("declined"), cited(quote, own_words="will_not_sign")) == ["own_words"]


def test_an_official_list_does_not_have_the_words_of_a_company():
    listed = cited("Acme", "official_list", own_words="will_not_sign")

    assert codes(a_status("declined"), listed) == ["own_words"]


# What a date rests on


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("On 9 October 2024 we signed.", []),
        ("Wir haben am 9. Oktober 2024 unterzeichnet.", []),
        ("Le 9 octobre, nous avons signé.", []),  # the year is that of the source
        ("9 października 2024 r. podpisaliśmy", []),
        ("2024年10月9日に署名", []),
        ("signed 2024-10-09", []),
        ("We signed on Wednesday.", ["stated"]),
        ("We signed in October 2024.", ["stated"]),
        ("On 10 October 2024 we signed.", ["stated"]),
        ("On 9 October 2023 we signed.", ["stated"]),
        ("", ["stated"]),
    ],
)
def test_a_stated_date_needs_a_quote_with_the_date(quote, expected):
    said = cited(quote, published=datetime.date(2024, 10, 11))

    assert codes(a_status(basis="stated"), said) == expected


@pytest.mark.parametrize(
    ("since", "precision", "quote", "expected"),
    [
        (datetime.date(2024, 10, 1), "month", "We signed in October 2024.", True),
        (datetime.date(2024, 10, 1), "month", "We signed in 2024.", False),
        (datetime.date(2024, 1, 1), "year", "We signed in 2024.", True),
        (datetime.date(2024, 8, 1), "day", "le 1er août 2024", True),
        (datetime.date(2024, 9, 25), "day", "the 25 signatories of 9 October 2024", False),
        (datetime.date(2024, 9, 25), "day", "9/25/24", True),
        (datetime.date(2024, 9, 25), "day", "25 Σεπτεμβρίου 2024", True),
    ],
)
def test_a_quote_has_a_date_as_precise_as_it_is_stated(since, precision, quote, expected):
    assert states_date(quote, since, precision) is expected


@pytest.mark.parametrize(
    ("since", "days", "expected"),
    [
        (DAY, [DAY], []),
        (DAY, [DAY, LATER], []),
        (DAY, [EARLIER, DAY], ["seen_earlier"]),
        (DAY, [LATER], ["not_seen"]),
        (DAY, [], []),
    ],
)
def test_a_first_seen_date_must_be_the_earliest_that_a_citation_proves(since, days, expected):
    citations = [cited("Acme signed.", published=day) for day in days]

    assert codes(a_status(since=since), *citations) == expected


def test_a_source_read_but_not_dated_proves_the_day_it_was_read():
    assert codes(a_status(since=DAY), cited("Acme", read=DAY)) == []
    assert codes(a_status(since=DAY), cited("Acme", read=LATER)) == ["not_seen"]


def test_a_report_on_an_earlier_list_proves_the_day_of_that_list():
    report = cited("Acme signed.", published=LATER, about="2024-10-09")

    assert codes(a_status(since=DAY), report) == []
    assert codes(a_status(since=LATER), report) == ["seen_earlier"]


def test_a_source_about_a_month_does_not_prove_a_day_in_it():
    report = cited("Acme signed.", published=LATER, about="2024-10")

    assert codes(a_status(since=datetime.date(2024, 10, 1), precision="month"), report) == []
    assert codes(a_status(since=DAY), report) == ["not_seen"]


def test_a_document_is_not_about_a_day_after_its_own():
    assert codes(a_status(since=LATER), cited("x", published=DAY, about="2025-03-01")) == ["later"]


def test_a_document_does_not_prove_what_began_after_it():
    said = cited("On 1 March 2025 we will sign.", published=DAY)

    assert codes(a_status(since=LATER, basis="stated"), said) == ["later"]


@pytest.mark.parametrize(
    ("citations", "expected"),
    [
        ([cited], ["no_list"]),
        ([lambda: cited(kind="official_list", published=DAY)], []),
        ([lambda: cited(kind="official_list", published=EARLIER)], ["later", "no_list"]),
        ([lambda: cited(kind="official_list", published=LATER)], ["no_list"]),
        ([lambda: cited(kind="official_list")], []),  # its day is missing, not wrong
        ([], []),
    ],
)
def test_an_observed_date_needs_the_list_of_that_day(citations, expected):
    status = a_status("not_signed", basis="observed")

    assert codes(status, *(make() for make in citations)) == expected


# Names


@pytest.mark.parametrize(
    ("status", "kind", "quote", "expected"),
    [
        ("signed", "official_list", "ACME, S.A.", []),
        ("signed", "official_list", "Acmé Groupe", []),
        ("signed", "official_list", "Acmetric", ["not_named"]),
        ("signed", "official_list", "115 companies", ["not_named"]),
        ("signed", "official_list", "", []),  # missing, and counted
        ("signed", "press", "115 companies", []),
        ("not_signed", "official_list", "115 companies", []),
    ],
)
def test_the_quote_of_an_official_list_names_the_company(status, kind, quote, expected):
    assert codes(a_status(status), cited(quote, kind)) == expected


def test_a_name_in_a_script_without_spaces_is_found_inside_a_word():
    assert names_one_of("署名企業：日本電気株式会社", ["日本電気"])
    assert not names_one_of("Metaverse", ["Meta"])


# Confidence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "kind", "quote", "expected"),
    [
        ("signed", "official_list", "Acme", Confidence.HIGH),
        ("signed", "official_document", "Acme", Confidence.HIGH),
        ("signed", "company", "We signed.", Confidence.HIGH),
        ("signed", "press", "Acme signed.", Confidence.MEDIUM),
        ("signed", "research", "Acme signed.", Confidence.MEDIUM),
        ("signed", "official_list", "", Confidence.LOW),
        ("not_signed", "official_list", "115 names", Confidence.LOW),
        ("not_signed", "press", "Acme is missing.", Confidence.MEDIUM),
    ],
)
def test_confidence_follows_from_the_kind_of_source_and_the_quote(
    client, status, kind, quote, expected
):
    signing = a_signing(a_company("Acme"), status, since=DAY)
    a_citation(signing=signing, source=a_source(kind=kind), quote=quote)

    [period] = client.get("/api/v1/signings/?company=acme").json()["results"]

    assert [one["confidence"] for one in period["citations"]] == [expected.value]


@pytest.mark.django_db
def test_a_record_shows_whose_words_a_quote_has_and_which_day_it_is_about(client):
    signing = a_signing(a_company("Acme"), "declined", since=DAY)
    a_citation(
        signing=signing,
        source=a_source(published_on=LATER),
        quote="“We will not sign”, said its spokesperson.",
        own_words="will_not_sign",
        about_on=DAY,
    )

    page = " ".join(strip_tags(client.get("/companies/acme/").text).split())

    assert "In its own words says that it will not sign" in page
    assert "Refers to 9 October 2024" in page
    assert "Confidence medium: reported second-hand" in page


# The doors


@pytest.mark.django_db
def test_the_status_form_refuses_declined_without_a_quote():
    a_pact()
    client, company = an_editor(), a_company("Meta")
    screen = page(company, "change-status")
    values = {
        "status": "declined",
        "since": "2024-09-25",
        "since_basis": "first_seen",
        "source": a_source(published_on=EARLIER).pk,
        "quote": "“We are focusing on our compliance work at this time”, it said.",
        "change_reason": "a report",
    }

    answer = client.post(screen, typed(client.get(screen), **values))

    assert "“Declined” needs a quote in which the company" in errors(answer)[0]
    assert not company.signings.exists()

    quoted = {"quote": "“We won’t be signing it.”", "own_words": "will_not_sign"}
    answer = client.post(screen, typed(client.get(screen), **values | quoted))

    assert answer.status_code == 302, errors(answer)
    assert company.signings.get().status == "declined"


@pytest.mark.django_db
@pytest.mark.history
def test_a_row_of_the_company_page_may_not_say_more_than_its_evidence():
    client, company = an_editor(), a_company("Acme")
    signing = a_signing(company, since=DAY)
    a_citation(signing=signing, source=a_source(published_on=DAY), quote="Acme signed.")

    answer = save(client, company, signings__0__since="2024-11-01")

    assert "already shows it on 2024-10-09" in errors(answer)[0]
    signing.refresh_from_db()
    assert signing.since == DAY


def a_refusal_in_its_own_words():
    signing = a_signing(a_company("Acme"), "declined", since=DAY)
    return a_citation(
        signing=signing,
        source=a_source(published_on=DAY),
        quote="“We will not sign”, Acme said.",
        own_words="will_not_sign",
    )


@pytest.mark.django_db
@pytest.mark.history
@pytest.mark.parametrize("one_by_one", [True, False])
def test_the_citation_on_which_a_refusal_rests_cannot_be_deleted(one_by_one):
    client, citation = a_reviewer(), a_refusal_in_its_own_words()

    if one_by_one:
        answer = client.post(page(citation, "delete"), {"post": "yes"}, follow=True)
    else:
        chosen = {"action": "delete_selected", "_selected_action": [citation.pk], "post": "yes"}
        answer = client.post("/admin/companies/citation/", chosen, follow=True)

    assert "“Declined” needs a quote" in text(answer)
    assert "successfully deleted" not in text(answer)
    assert "deleted successfully" not in text(answer)
    assert Citation.objects.get() == citation


@pytest.mark.django_db
@pytest.mark.history
def test_a_status_is_deleted_with_the_citations_it_rests_on():
    client, citation = a_reviewer(), a_refusal_in_its_own_words()

    client.post(page(citation.signing, "delete"), {"post": "yes"})

    assert not Signing.objects.exists()


@pytest.mark.django_db
@pytest.mark.history
def test_a_refused_page_does_not_say_that_it_was_saved():
    client, company = an_editor(), a_company("Acme")
    a_signing(company, since=DAY)

    answer = save(client, company, signings__0__status="declined")

    assert "“Declined” needs a quote" in errors(answer)[0]
    assert "was changed successfully" not in text(answer)


@pytest.mark.django_db
@pytest.mark.history
def test_a_source_whose_date_its_statuses_contradict_is_refused():
    client, source = an_editor(), a_source(published_on=DAY)
    a_citation(signing=a_signing(a_company("Acme"), since=DAY), source=source, quote="Acme")

    answer = save(client, source, published_on="2025-01-01")

    assert "No source shows it on 2024-10-09" in errors(answer)[0]


@pytest.mark.django_db
@pytest.mark.history
def test_a_status_older_than_these_rules_can_still_be_ended():
    client, company = an_editor(), a_company("Acme")
    a_signing(company, "declined", since=EARLIER)

    answer = save(client, company, signings__0__until="2025-01-10")

    assert answer.status_code == 302, errors(answer)


@pytest.mark.django_db
def test_a_status_changed_by_code_obeys_the_rules_of_the_forms():
    values = {"since": PartialDate(DAY), "since_basis": "stated", "change_reason": "test"}

    with pytest.raises(ValidationError, match="needs a quote with the date in it"):
        change_status(
            company=a_company(), pact=a_pact(), status="signed", source=a_source(), **values
        )

    assert not Signing.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            {"signings": ["acme,eu-ai-pact,declined,2024-10,first_seen,,,,,"]},
            "signings.csv:2: company 'acme', pact 'eu-ai-pact', since '2024-10': “Declined” needs",
        ),
        (
            {"signings": ["acme,eu-ai-pact,signed,2024-10,stated,,,,,"]},
            "“Date stated by a source” needs a quote with the date in it: 2024-10.",
        ),
        (
            {"citations": ["acme,eu-ai-pact,signing,2024-10,,,list,115 names,,,,,,,"]},
            "The quote of “The list” does not name the company.",
        ),
        (
            {"citations": ["acme,eu-ai-pact,signing,2024-10,,,news,Acme,,,,,,,"]},
            "“The news” already shows it on 2024-09-25",
        ),
        (
            {"citations": ["acme,eu-ai-pact,signing,2024-10,,,news,,,,will_not_sign,,,,"]},
            "The company’s own words belong to a signing status, with the quote",
        ),
        (
            {"company_names": ["acme,BOLT,alias"]},
            "company_names.csv:2: company 'acme', name 'BOLT': name 'BOLT' is a name of bolt too",
        ),
    ],
)
def test_a_package_says_no_more_than_its_quotes(tmp_path, rows, expected):
    with pytest.raises(CommandError) as refused:
        load(a_package(tmp_path, **rows))

    assert expected in str(refused.value)
    assert not Signing.objects.exists()


@pytest.mark.django_db
def test_a_package_with_a_column_that_is_now_computed_loads_with_a_notice(tmp_path):
    package = a_package(tmp_path)
    file = package / "citations.csv"
    header = "company,pact,fact,since,commitment,period,source,quote,confidence,verified_on"
    row = "acme,eu-ai-pact,signing,2024-10,,,list,Acme,low,"
    file.write_text(f"{header},verified_by\n{row},\n")

    assert "citations.csv: the column confidence is computed and was not read" in load(package)
    assert Citation.objects.get().confidence == Confidence.HIGH


@pytest.mark.django_db
def test_rows_older_than_these_rules_do_not_block_a_load(tmp_path):
    load(a_package(tmp_path / "one"))
    Signing.objects.filter(company__slug="acme").update(status="declined")
    declined = "acme,eu-ai-pact,declined,2024-10,first_seen,,,,,"

    answer = load(a_package(tmp_path / "two", signings=[declined, ROWS["signings"][1]]))

    assert "signings" not in answer
    assert [
        error.code for error in next(iter(stronger_than_quote(Signing.objects.all()).values()))
    ] == ["own_words"]


def uploaded(content, **source):
    """The answer to an editor who sends these lines about a source."""
    return an_editor().post(
        "/admin/companies/importrun/upload/",
        {
            "pact": a_pact().pk,
            "source": a_source(**source).pk,
            "file": SimpleUploadedFile("sheet.csv", content.encode()),
        },
        follow=True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("company,status,since\nAcme,declined,2024-10-09\n", "“Declined” needs a quote"),
        ("company,status,since\nAcme,withdrawn,2024-10-09\n", "“Withdrawn” needs a quote"),
        ("company,status,since\nAcme,signed,2024-12-01\n", "already shows it on 2024-10-09"),
        ("company,status,since\nAcme,signed,2024-09-25\n", "No source shows it on 2024-09-25"),
        ("company,status,since\nNew,signed,2024-09-25\n", "No source shows it on 2024-09-25"),
        (
            "company,status,since,since basis,quote\nAcme,signed,2024-10-09,stated,We signed.\n",
            "needs a quote with the date in it: 2024-10-09",
        ),
        (
            "company,status,since,quote\nAcme,signed,2024-10-09,Bolt AG\n",
            "does not name the company",
        ),
        ("company,legal name\nAcme,BOLT\n", "“BOLT” is already a name of Bolt."),
    ],
)
def test_a_spreadsheet_says_no_more_than_its_quotes(lines, expected):
    a_company("Acme")
    a_company("Bolt")

    answer = uploaded(lines, kind="official_list", published_on=DAY)

    assert expected in text(answer)
    assert not Proposal.objects.exists()


@pytest.mark.django_db
def test_a_spreadsheet_without_a_basis_gets_the_weakest_one():
    a_company("Acme")

    uploaded("company,status,since\nAcme,signed,2024-10-09\n", published_on=DAY)

    assert Proposal.objects.get().new["since_basis"] == "first_seen"


@pytest.mark.django_db
def test_a_name_belongs_to_one_company_only():
    acme = a_company("Samsung")
    a_company("Samsung Electronics", legal_name="Samsung Electronics Co., Ltd.")
    save_row(CompanyName(company=acme, name="Samsung Group", kind="alias"), "test")

    for name in ("SAMSUNG ELECTRONICS", "Samsung-Electronics", "Samsung Electronics Co., Ltd."):
        with pytest.raises(ValidationError, match="is already a name of Samsung Electronics"):
            save_row(CompanyName(company=acme, name=name, kind="alias"), "test")
    with pytest.raises(ValidationError, match="is already a name of Samsung"):
        save_row(Company(name="Samsung group", slug="other"), "test")


# The desk


@pytest.mark.django_db
def test_the_desk_counts_what_is_missing_and_lists_what_is_too_strong():
    client = an_editor()
    old = a_signing(a_company("Noway"), "declined", since=DAY)
    fine = a_signing(a_company("Acme"), since=DAY)
    a_citation(signing=fine, source=a_source("dated", published_on=DAY), quote="Acme")
    a_citation(signing=fine, source=a_source("undated"), quote="")
    absent = a_signing(a_company("Nemo"), "not_signed", since=DAY, since_basis="observed")
    a_list = a_source("list", kind="official_list", published_on=DAY)
    a_citation(signing=absent, source=a_list, quote="")

    desk = text(client.get("/admin/"))

    assert "1 Stronger than its quote" in desk
    assert "1 Without a quote" in desk
    assert "1 Without a date" in desk
    listed = text(client.get("/admin/companies/signing/?proof=too-weak"))
    assert "Noway" in listed
    assert "Acme" not in listed
    assert "“Declined” needs a quote in which the company" in listed
    assert old.pk in stronger_than_quote(Signing.objects.all())
