"""A published status that was wrong is retracted where it was said, and the retraction stays."""

import datetime
import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Change, PartialDate, Retraction, Signing
from companies.register.history import delete
from companies.register.merging.merge import merge
from companies.register.publishing.replay import Replay
from companies.register.retractions import published_from, retract

from .builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source
from .change_lines import line, lines
from .editors import a_user, an_editor, errors, page, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
BEGAN = datetime.date(2024, 9, 25)
WRONG = {
    "reason_en": "We read the quote as a refusal. It is none.",
    "reason_fr": "Nous avions pris la citation pour un refus. Elle n’en est pas un.",
}


def acme_declined():
    """The period of Acme that said “declined”, after one of not being on the list."""
    acme = a_company("Acme")
    a_signing(acme, "not_signed", since=datetime.date(2024, 9, 1), until=BEGAN)
    declined = a_signing(acme, "declined", since=BEGAN)
    a_citation(signing=declined)
    return declined


def retracted(signing=None, **values):
    given = {"published_from": datetime.date(2026, 1, 5), "change_reason": "a reader wrote"}
    return retract(signing or acme_declined(), **given | WRONG | values)


def the_line():
    (change,) = Change.objects.filter(table="retractions")
    return change


def test_retracting_a_status_deletes_its_citations_and_restores_the_one_before():
    retracted()

    (left,) = Signing.objects.all()
    assert (left.status, left.until, left.citations.count()) == ("not_signed", None, 0)


def test_retracting_a_past_period_leaves_a_gap():
    acme = a_company("Acme")
    past = a_signing(acme, "not_signed", since=BEGAN, until=datetime.date(2025, 3, 1))
    a_signing(acme, "signed", since=datetime.date(2025, 3, 1))

    retracted(past)

    assert [period.status for period in Signing.objects.all()] == ["signed"]


@pytest.mark.parametrize("left", Signing.LEFT)
def test_a_signature_is_not_retracted_while_a_later_status_says_that_the_company_left(left):
    acme = a_company("Acme")
    past = a_signing(acme, "signed", since=BEGAN, until=datetime.date(2025, 3, 1))
    gone = a_signing(acme, left, since=datetime.date(2025, 3, 1))

    with pytest.raises(ValidationError, match="it says that the company had signed"):
        retracted(past)
    assert (Signing.objects.count(), Retraction.objects.count()) == (2, 0)

    retracted(gone)
    retracted(acme.signings.get())
    assert (Signing.objects.count(), Retraction.objects.count()) == (0, 2)


def test_all_writes_of_a_retraction_have_this_cause_and_one_public_line():
    before = Change.objects.count() + 4  # two periods, a source, a citation; and a company, a pact

    retracted()

    written = Change.objects.filter(number__gt=before, cause="retraction")
    assert {change.table for change in written} == {"retractions", "signings", "citations"}
    told = [change for change in written if change.has_line and change.material]
    assert [change.table for change in told] == ["retractions"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Acme: retraction: “"),
        ("fr", "Acme: rectificatif : "),
    ],
)
def test_the_public_line_of_a_retraction_says_what_was_wrong_when_and_why(language, said):
    retracted()

    words = line(the_line(), language).replace("\u00a0", " ")

    assert words.startswith(said)
    assert WRONG[f"reason_{language}"] in words
    assert str(timezone.localdate().year) in words
    assert {"en": "5 January 2026", "fr": "5 janvier 2026"}[language] in words


@pytest.mark.parametrize(
    ("prefix", "said", "not_said"),
    [
        ("", "On {day} this record said", "From {day}"),
        ("/fr", "Le {day}, cette fiche indiquait", "Du {day}"),
    ],
)
def test_a_status_published_and_retracted_on_one_day_gives_the_day_once(
    client, prefix, said, not_said
):
    retracted(published_from=timezone.localdate())
    language = "fr" if prefix else "en"
    day = PartialDate(timezone.localdate()).in_words(language).replace("\u00a0", " ")

    page = client.get(f"{prefix}/companies/acme/").content.decode().replace("\u00a0", " ")
    words = line(the_line(), language).replace("\u00a0", " ")

    assert said.format(day=day) in page
    assert not_said.format(day=day) not in page
    assert words.count(day) == 1


def test_the_record_shows_a_retraction_permanently_in_both_languages(client, settings):
    retracted()
    Retraction.objects.get()  # one

    for language, prefix in (("en", ""), ("fr", "/fr")):
        response = client.get(f"{prefix}/companies/acme/")
        assertContains(response, WRONG[f"reason_{language}"])


def test_feeds_and_the_changes_page_show_the_reason_of_a_retraction(client):
    retracted()

    for url in (
        "/changes/?view=recorded",
        "/companies/acme/feed.atom",
        "/changes/feed.json",
        "/changes/feed.atom",
    ):
        said = client.get(url).content.decode()
        assert WRONG["reason_en"] in said, url
        assert f"{WRONG['reason_en']}." not in said, url


def test_the_api_has_retractions_on_the_company_and_as_a_cause(client):
    retraction = retracted()

    (found,) = client.get("/api/v1/companies/acme/").json()["retractions"]
    assert found == {
        "pact": "eu-ai-pact",
        "status": "declined",
        "since": "2024-09-25",
        "since_precision": "day",
        "published_from": "2026-01-05",
        "retracted_on": retraction.retracted_on.isoformat(),
        "reason": {"en": WRONG["reason_en"], "fr": WRONG["reason_fr"]},
    }
    changes = client.get("/api/v1/companies/acme/history/?material=true").json()["results"]
    assert [change["cause"] for change in changes if change["table"] == "retractions"] == [
        "retraction"
    ]


def test_the_badge_mentions_a_retraction_for_a_limited_time(client, monkeypatch):
    retracted()
    today = timezone.localdate()

    assertContains(client.get("/companies/acme/badge.svg"), "corrected on")
    answer = client.get("/companies/acme/badge.json").json()
    assert (answer["retracted_on"], "corrected on" in answer["message"]) == (str(today), True)

    later = timezone.now() + Retraction.ON_BADGE
    monkeypatch.setattr(timezone, "now", lambda: later)
    assertNotContains(client.get("/companies/acme/badge.svg?v=2"), "corrected on")
    assert client.get("/companies/acme/badge.json").json()["retracted_on"] is None


def test_the_badge_for_another_pact_does_not_mention_a_retraction(client):
    retracted()
    other = a_pact("gpai-code")
    a_signing(Signing.objects.get().company, pact=other)

    assertNotContains(client.get("/companies/acme/badge.svg?pact=gpai-code"), "corrected on")


def test_the_publication_date_of_a_retracted_status_is_when_it_was_first_recorded():
    declined = acme_declined()
    declined.reason_en = "reworded"
    declined.save()

    assert published_from(declined) == timezone.localdate()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"published_from": datetime.date(2999, 1, 1)}, "in the future"),
        ({"reason_en": ""}, "blank"),
        ({"reason_fr": ""}, "blank"),
    ],
)
def test_a_retraction_without_a_reason_or_with_a_future_date_is_refused(values, message):
    declined = acme_declined()

    with pytest.raises(ValidationError, match=message):
        retracted(declined, **values)

    assert (Signing.objects.count(), Retraction.objects.count()) == (2, 0)


def test_a_status_changed_meanwhile_cannot_be_retracted():
    declined = acme_declined()
    stored = Signing.objects.get(pk=declined.pk)
    stored.status = "interested"
    stored.save()

    with pytest.raises(ValidationError, match="has just changed"):
        retracted(declined)


def test_an_editor_retracts_a_status_on_the_page_of_the_company(client):
    declined = acme_declined()
    editor = an_editor()
    screen = page(declined.company, "retract-status")

    response = editor.post(
        screen,
        typed(editor.get(screen), period=str(declined.pk), change_reason="a reader wrote", **WRONG),
    )

    assert response.status_code == 302, errors(response)
    assert "retract" in text(editor.get(response.url))
    assert Retraction.objects.get().published_from == timezone.localdate()


@pytest.mark.parametrize("day", ["0024-10-09", "1999-01-01", "2024-09-24", "2999-01-01"])
def test_a_publication_date_before_the_register_existed_is_refused(day):
    signing = a_signing(a_company("Acme"), since=BEGAN)
    a_pact(opened_on=BEGAN)
    editor, screen = an_editor(), page(signing.company, "retract-status")

    given = {"period": str(signing.pk), "published_from": day, "change_reason": "a letter"}
    response = editor.post(screen, typed(editor.get(screen), **given, **WRONG))

    assert errors(response)
    assert not Retraction.objects.exists()


def test_a_status_from_before_the_pact_opened_can_be_retracted():
    a_pact(opened_on=datetime.date(2024, 11, 1))

    assert retracted().since == BEGAN


def test_the_retraction_form_names_each_missing_field():
    declined = acme_declined()
    editor = an_editor()
    screen = page(declined.company, "retract-status")

    response = editor.post(screen, {"period": "x"})

    assert response.status_code == 200
    assert len(errors(response)) >= 4
    assert not Retraction.objects.exists()


def test_a_user_who_may_not_change_statuses_may_not_retract_one():
    screen = page(acme_declined().company, "retract-status")
    client = Client()
    client.force_login(a_user("vic"))

    assert client.get(screen).status_code == 403


def test_a_retraction_moves_with_a_merge_and_can_be_replayed():
    retraction = retracted()
    kept = a_company("Acme Group")

    merge(
        kept=kept,
        merged=retraction.company,
        decisions={},
        name_kind="alias",
        cause=Change.Cause.CORRECTION,
        reason="one company",
    )

    assert kept.retractions.get().status == "declined"
    rows = [row for name, row in Replay(Change.objects.order_by("number")) if name == "retractions"]
    assert [row["company"] for row in rows] == ["acme-group"]
    assert json.dumps(lines())  # every line can still be worded


# Following a source to its ends


def traced(*arguments):
    out = io.StringIO()
    call_command("trace_source", *arguments, stdout=out)
    return out.getvalue()


def test_tracing_a_source_lists_its_facts_and_their_other_sources():
    wrong = a_source("wrong")
    alone, both = a_signing(a_company("Alone")), a_signing(a_company("Both"))
    for signing in (alone, both):
        a_citation(signing=signing, source=wrong)
    a_citation(signing=both)
    a_milestone("Announced", source=wrong)

    said = traced("wrong")

    assert f"{alone}: 0\n" in said
    assert f"{both}: 1\n" in said
    assert "Named by: 1\n  Announced" in said
    assert "Records touched: 2\n  alone\n  both" in said


def test_tracing_a_source_lists_facts_it_no_longer_supports():
    wrong = a_source("wrong")
    citation = a_citation(company=a_company("Acme"), source=wrong)
    delete(citation, "the page was a fake")

    said = traced("wrong", "--company", "acme")

    assert "other sources: nothing" in said
    assert "evidence removed" in said
    assert "Records touched: 1\n  acme" in said


@pytest.mark.parametrize("arguments", [("nosuch",), ("wrong", "--company", "nosuch")])
def test_tracing_an_unknown_source_or_company_is_a_one_line_error(arguments):
    a_source("wrong")

    with pytest.raises(CommandError, match="has no"):
        traced(*arguments)
