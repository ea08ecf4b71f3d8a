"""Corrections as readers meet them: the form, the receipt, where it stands, the right of reply."""

import datetime
import itertools
import re

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Correction, Merge, RegisterVersion, new_receipt, read_receipt
from companies.pages.corrections.correction_form import SALT
from companies.register import corrections as rules
from companies.register.merging.merge import merge
from tests.builders import a_company, a_correction, a_pact
from tests.correction_posts import letter, token
from tests.editors import a_user

pytestmark = [pytest.mark.django_db, pytest.mark.history]

FORM = "/corrections/new/"
OPENINGS = itertools.count(100)


def text(response) -> str:
    """What a reader reads: no tags, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def a_closed(company=None, *, days_ago: int = 0, **fields) -> Correction:
    """A correction closed some days ago, by an editor with a reply."""
    editor = fields.pop("editor", None) or a_user(f"editor-{Correction.objects.count()}")
    closed_at = timezone.now() - datetime.timedelta(days=days_ago)
    values = {"state": "accepted", "reply": "Done.", "closed_by": editor, "closed_at": closed_at}
    return a_correction(company, **values | fields)


def test_a_correction_gets_a_receipt_number_and_a_page_with_its_state(client):
    company = a_company("Acme")

    response = client.post(FORM, letter(evidence_url="https://acme.example/about", email="a@b.eu"))

    correction = Correction.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/corrections/{correction.receipt}/"
    assert (correction.company, correction.kind, correction.state) == (company, "error", "received")
    assert correction.message == "It is in France."
    assert correction.evidence_url == "https://acme.example/about"
    assert (correction.email, correction.language) == ("a@b.eu", "en")
    page = client.get(response["Location"])
    assertContains(page, correction.receipt)
    assert "Keep this number" in text(page)
    assert not response.cookies
    assert not page.cookies


def test_the_form_begins_with_the_company_the_reader_came_from(client):
    a_pact()
    a_company("Acme & Söhne", slug="acme")

    assertContains(client.get("/companies/acme/"), 'href="/corrections/new/?company=acme"')
    page = client.get("/corrections/new/?company=acme&kind=statement")

    assertContains(page, 'name="company" value="Acme &amp; Söhne"')
    assertContains(page, 'value="statement" id="id_kind_3"')
    assert page.text.count(" checked") == 1


def test_the_form_begins_with_the_company_of_the_public_id_though_another_one_has_that_name(client):
    a_company("Quantum Labs", slug="quantum")
    a_company("Quantum", slug="quantum-2")

    page = client.get("/corrections/new/?company=quantum")

    assertContains(page, 'name="company" value="Quantum Labs"')


@pytest.mark.parametrize(
    "query", ["company=nobody", "kind=praise", "colour=red", "company=a&company=b"]
)
def test_a_correction_form_url_with_an_invalid_parameter_says_what_is_wrong(client, query):
    assert client.get(f"{FORM}?{query}").status_code == 400


def test_the_language_of_the_form_is_that_of_the_sender(client):
    client.post(f"/fr{FORM}", letter())

    assert Correction.objects.get().language == "fr"


def test_a_company_is_found_by_any_of_its_names_whatever_their_case(client):
    company = a_company("Acme")
    company.names.create(name="Société Acmé", kind="legal")

    client.post(FORM, letter(company="  societe ACME "))

    assert Correction.objects.get().company == company


def test_an_unknown_company_is_stored_as_the_sender_names_it(client):
    client.post(FORM, letter(company="Nemo Ltd", kind="new_company"))

    correction = Correction.objects.get()
    assert (correction.company, correction.company_name) == (None, "Nemo Ltd")


# What is wrong stands in a summary and beside its field, and nothing typed is lost.

FAULTY = [
    ("company", "", "Please name the company this is about."),
    ("company", "x" * 201, "at most 200 characters"),
    ("company", "Acme\u202e", "invisible mark"),
    ("kind", "", "Please choose what your message is about."),
    ("kind", "praise", "Please choose one of these four."),
    ("message", "", "Please write a message."),
    ("message", " \n ", "Please write a message."),
    ("message", "x" * 1_000_000, "at most 4000 characters (it has 1000000)"),
    ("message", "Acme\u202e signed", "invisible mark"),
    ("evidence_url", "javascript:alert(1)", "Enter a web address"),
    ("evidence_url", "ftp://acme.example/a", "Enter a web address"),
    ("evidence_url", "http://[", "Enter a web address"),
    ("evidence_url", "https://a b", "Enter a web address"),
    ("evidence_url", "https://a.example/\0", "Null characters are not allowed."),
    ("email", "nobody", "Enter an e-mail address"),
    ("email", "a@b.eu\nBcc: c@d.eu", "Enter an e-mail address"),
    ("email", "a@b.eu\r\nSubject: x", "Enter an e-mail address"),
    ("email", "a" * 250 + "@b.eu", "at most 254 characters"),
    ("email", "a" * 10_000 + "@b.eu", "at most 254 characters"),
    ("homepage", "https://spam.example", "This field is there to catch robots."),
]  # fmt: skip


def test_a_null_character_is_removed_from_a_correction(client):
    response = client.post(FORM, letter(company="Ac\0me", message="Wrong\0 country."))

    assert response.status_code == 303
    correction = Correction.objects.get()
    assert (correction.company_name, correction.message) == ("Acme", "Wrong country.")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    FAULTY,
    ids=[f"{number}-{field}" for number, (field, *_rest) in enumerate(FAULTY)],
)
def test_an_error_is_shown_in_the_summary_and_beside_its_field(client, field, value, says):
    sent = letter(**{field: value}) | ({} if field == "message" else {"message": "Keep me."})

    response = client.post(FORM, sent)

    assert response.status_code == 400
    summary, _head, form = response.text.partition('<form class="letter"')
    target = "id_kind_0" if field == "kind" else f"id_{field}"
    assert re.search(rf'<a href="#{target}">[^<]*{re.escape(says)}', summary)
    assert re.search(rf'id="id_{field}_error">[^<]*{re.escape(says)}', form)
    assert f'id="{target}"' in form
    assert field == "message" or "Keep me." in form
    assert Correction.objects.count() == 0


def test_the_error_summary_has_the_focus_and_lists_errors_in_field_order(client):
    response = client.post(FORM, letter(company="", kind="", message="", email="x"))

    assertContains(response, 'id="summary" tabindex="-1" autofocus', status_code=400)
    assert re.findall(r'<li><a href="#id_(\w+)">', response.text) == [
        "company",
        "kind_0",
        "message",
        "email",
    ]
    assertContains(response, 'aria-invalid="true"', count=7, status_code=400)  # four radios


def test_an_invalid_field_keeps_the_values_of_all_others(client):
    sent = letter(kind="claim", message="<b>Mine</b>", evidence_url="https://a.eu/", email="wrong")

    response = client.post(FORM, sent)

    assertContains(response, "&lt;b&gt;Mine&lt;/b&gt;", status_code=400)
    assertContains(response, 'value="https://a.eu/"', status_code=400)
    assertContains(response, 'value="wrong"', status_code=400)
    assertContains(response, 'value="claim" id="id_kind_1"', status_code=400)


def test_a_line_break_counts_as_one_character_and_is_kept(client):
    client.post(FORM, letter(message="a\r\n" * 2000))

    assert Correction.objects.get().message == ("a\n" * 2000).strip()


def test_a_statement_needs_a_record_and_an_e_mail(client):
    response = client.post(FORM, letter(kind="statement", company="Nobody"))

    assert "No record has this name." in text(response)
    assert "For a statement we need an e-mail address at the company’s own domain" in text(response)
    assert Correction.objects.count() == 0


@pytest.mark.parametrize(
    ("website", "email", "own"),
    [
        ("https://www.acme.example/about", "press@acme.example", True),
        ("https://acme.example", "press@mail.acme.example", True),
        ("https://eu.acme.example:8443", "press@ACME.example", True),
        ("https://acme.example", "press@notacme.example", False),
        ("", "press@acme.example", False),
        ("https://acme.example", "", False),
    ],
)
def test_an_editor_learns_whether_an_e_mail_is_of_the_company_s_domain(website, email, own):
    company = a_company("Acme", website=website)

    assert Correction(company=company, email=email).comes_from_company is own


# Programs and other sites


def test_a_message_pasted_and_sent_at_once_is_accepted(client):
    a_company("Acme")

    response = client.post(FORM, letter(opened=token(seconds_ago=0)))

    assert response.status_code == 303


@pytest.mark.parametrize(
    "opened",
    [
        lambda: "",
        lambda: "nonsense",
        lambda: "a:b:c",
        lambda: "\0",
        lambda: "x" * 100_000,
        lambda: signing.dumps("x", salt=SALT),
        lambda: signing.dumps([0, "1"], salt="another"),
    ],
    ids=["empty", "no_token", "wrong_signature", "nul", "long", "wrong_content", "other_form"],
)
def test_a_form_with_an_invalid_token_is_shown_again_with_what_was_typed(client, opened):
    response = client.post(FORM, letter(opened=opened()))

    assertContains(response, "This form has expired.", status_code=400)
    assertContains(response, "It is in France.", status_code=400)
    fresh = re.search(r'name="opened" value="([^"]+)"', response.text)[1]
    assert signing.loads(fresh, salt=SALT)
    assertContains(response, 'value="Acme"', status_code=400)
    assertContains(response, " checked", count=1, status_code=400)


def test_a_form_left_open_for_days_is_shown_again(client):
    response = client.post(FORM, letter(opened=token(seconds_ago=90_000)))

    assertContains(response, "This form was open for more than a day.", status_code=400)


def test_a_form_sent_twice_is_one_correction(client):
    sent = letter()

    first, second = client.post(FORM, sent), client.post(FORM, sent)

    assert first["Location"] == second["Location"]
    assert Correction.objects.count() == 1


def test_a_resent_form_is_recognised_by_every_process(client):
    """The cache of one process knows nothing of another's."""
    sent = letter()
    first = client.post(FORM, sent)
    cache.clear()

    assert client.post(FORM, sent)["Location"] == first["Location"]
    assert Correction.objects.count() == 1


def test_a_form_handled_by_two_processes_at_once_is_one_correction():
    given = {"kind": "error", "message": "Once.", "company_name": "Nemo"}

    first, second = (rules.receive(opening="x", **given) for _one in range(2))

    assert first.receipt == second.receipt
    assert Correction.objects.count() == 1


def test_a_changed_form_after_going_back_is_another_correction(client):
    sent = letter()
    first = client.post(FORM, sent)

    second = client.post(FORM, sent | {"message": "It is in Belgium."})

    assert second.status_code == 303
    assert second["Location"] != first["Location"]
    assert sorted(Correction.objects.values_list("message", flat=True)) == [
        "It is in Belgium.",
        "It is in France.",
    ]


def test_a_resent_form_counts_once_toward_the_limit(client):
    sent = [letter(opened=token(number=f"{number}")) for number in range(10)]
    for one in sent:
        client.post(FORM, one)

    assert [client.post(FORM, one).status_code for one in sent] == [303] * 10
    assert Correction.objects.count() == 10


@pytest.mark.parametrize(
    "body",
    [
        "&".join(f"field{number}=x" for number in range(3_000)),
        "message=" + "x" * 6_000_000,
        "message=%FF%FE%00",
        "&&&===",
        "",
    ],
    ids=["many_fields", "six_megabytes", "no_utf8", "signs", "empty"],
)
def test_a_malformed_request_body_is_refused(client, body):
    response = client.post(FORM, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert Correction.objects.count() == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
def test_a_form_from_another_site_is_refused_and_one_from_this_site_accepted(
    client, headers, status
):
    response = client.post(FORM, letter(), headers=headers)

    assert response.status_code == status
    assert (status == 403) == ("This form was sent from another site." in response.text)


def test_the_form_needs_no_cookie():
    browser = Client(enforce_csrf_checks=True)

    assert browser.post(FORM, letter()).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_correction_form_accepts_only_get_head_and_post(client, method):
    assert client.generic(method, FORM).status_code == 405


def sendings(client, number, **extra):
    """The answers to forms that were each opened anew."""
    return [
        client.post(FORM, letter(opened=token(number=f"{next(OPENINGS)}")), **extra).status_code
        for _one in range(number)
    ]


def test_the_eleventh_correction_of_an_ip_address_in_an_hour_is_refused_and_keeps_what_was_typed(
    client,
):
    assert sendings(client, 10) == [303] * 10

    response = client.post(FORM, letter())

    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assertContains(response, "It is in France.", status_code=429)
    assert "We received 10 corrections from your network within an hour" in text(response)
    assert sendings(client, 1, REMOTE_ADDR="192.0.2.7") == [303]


def test_an_ipv6_network_counts_as_one_sender(client):
    for one in range(10):
        assert sendings(client, 1, REMOTE_ADDR=f"2001:db8::{one}") == [303]

    assert sendings(client, 1, REMOTE_ADDR="2001:db8::ffff") == [429]
    assert sendings(client, 1, REMOTE_ADDR="2001:db8:0:1::1") == [303]


def test_behind_a_proxy_only_the_ip_address_added_by_the_proxy_counts(client, settings):
    settings.BEHIND_PROXY = True
    for one in range(10):
        claimed = {"x-forwarded-for": f"198.51.100.{one}, 192.0.2.7"}
        assert sendings(client, 1, headers=claimed) == [303]

    assert sendings(client, 1, headers={"x-forwarded-for": "198.51.100.9, 192.0.2.7"}) == [429]
    assert sendings(client, 1, headers={"x-forwarded-for": "192.0.2.8"}) == [303]
    assert sendings(client, 12) == [303] * 12, "a proxy that says nothing is no sender"


def test_no_ip_address_is_stored(client, monkeypatch):
    kept = []
    add = cache.add
    monkeypatch.setattr(cache, "add", lambda key, *a, **k: kept.append(key) or add(key, *a, **k))

    client.post(FORM, letter(), REMOTE_ADDR="192.0.2.7")

    assert kept
    assert not [key for key in kept if "192.0.2" in key]


# Receipts


def test_a_receipt_number_is_short_and_has_no_ambiguous_letter():
    receipts = {new_receipt() for _one in range(200)}

    assert len(receipts) == 200
    assert all(re.fullmatch("PW(-[2-9A-HJKMNP-Z]{4}){2}", receipt) for receipt in receipts)


def test_a_receipt_number_is_accepted_in_any_case_and_spacing():
    receipt = new_receipt()
    bare = receipt.replace("-", "")

    for typed in (
        receipt,
        receipt.lower(),
        bare,
        bare[2:],
        f"  {bare[:5]} {bare[5:]}. ",
        bare[2:].lower(),
    ):
        assert read_receipt(typed) == receipt, typed


def test_a_receipt_number_with_one_wrong_or_two_swapped_characters_is_detected():
    bare = new_receipt().replace("-", "")[2:]

    for place, other in itertools.product(range(8), "23456789ABCDEFGHJKMNPQRSTUVWXYZ"):
        if other != bare[place]:
            assert read_receipt(bare[:place] + other + bare[place + 1 :]) == ""
    for place in range(6):
        turned = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
        assert turned == bare or read_receipt(turned) == ""


@pytest.mark.parametrize(
    "typed",
    ["", "PW", "PW-7K3M", "PW-OOOO-IIII", "é" * 8, "x" * 5000],
    ids=["empty", "begun", "half", "misheard", "accents", "long"],
)
def test_a_malformed_receipt_number_is_not_a_receipt_number(typed):
    assert read_receipt(typed) == ""


def test_the_receipt_form_finds_a_number_however_it_was_typed(client):
    correction = a_correction()

    response = client.get(f"/corrections/?receipt={correction.receipt.lower().replace('-', '%20')}")

    assert (response.status_code, response["Location"]) == (
        302,
        f"/corrections/{correction.receipt}/",
    )


def test_the_receipt_form_says_whether_a_number_is_malformed_or_unknown(client):
    assert "is not a valid receipt number" in text(client.get("/corrections/?receipt=<b>"))
    assert "We have no correction with the number" in text(
        client.get(f"/corrections/?receipt={new_receipt()}")
    )
    assert client.get("/corrections/?colour=red").status_code == 400


def test_a_receipt_url_in_another_spelling_redirects_to_the_canonical_one(client):
    correction = a_correction()

    response = client.get(f"/corrections/{correction.receipt.lower()}/")

    assert response["Location"] == f"/corrections/{correction.receipt}/"


@pytest.mark.parametrize(
    "receipt",
    ["PW-7K3M-Q9XX", "nobody", "%E2%80%AE", "9" * 5000],
    ids=["wrong_check", "word", "bidi", "long"],
)
def test_an_unknown_receipt_is_not_found(client, receipt):
    assert client.get(f"/corrections/{receipt}/").status_code == 404


def test_the_page_of_a_correction_stays_after_its_company_was_deleted(client):
    a_pact()
    acme = a_company("Acme")
    declined = a_closed(acme, state="declined", reply="We found no source.")
    statement = a_closed(acme, kind="statement", message="Our words.")

    acme.delete()

    assert "We found no source." in text(client.get(declined.get_absolute_url()))
    assert "Our words." not in client.get(statement.get_absolute_url()).text


# What is public


def test_neither_the_message_nor_the_e_mail_is_public(client):
    correction = a_closed(
        a_company("Acme"), message="secret words", email="me@secret.example", reply="We mended it."
    )

    page = client.get(correction.get_absolute_url())

    assert "We mended it." in text(page)
    assertContains(page, '<meta name="robots" content="noindex">')
    assertContains(page, 'href="/companies/acme/history/"')
    assertNotContains(page, "secret")
    assertNotContains(client.get("/companies/acme/"), "secret", status_code=404)  # no pact


def test_the_page_of_a_correction_dates_each_step(client):
    moment = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    ann = a_user()
    correction = a_correction(
        state="declined",
        reply="The source says so.",
        taken_by=ann,
        taken_at=moment + datetime.timedelta(days=1),
        closed_by=ann,
        closed_at=moment + datetime.timedelta(days=3),
    )
    Correction.objects.update(received_at=moment)

    page = text(client.get(correction.get_absolute_url())).replace("\u00a0", " ")

    assert "1 March 2026 Received 2 March 2026 Being checked 4 March 2026 Declined" in page
    assert "ann" not in page


def test_the_page_of_a_correction_is_never_cached(client):
    correction = a_correction()
    first = client.get(correction.get_absolute_url())

    rules.take(correction.pk, by=a_user())

    assert "no-store" in first["Cache-Control"]
    assert "Being checked" in text(client.get(correction.get_absolute_url()))
    for address in ("/corrections/", FORM):
        assert "no-store" in client.get(address)["Cache-Control"]


def test_the_correction_counts_have_every_state(client):
    a_correction()
    a_correction()
    a_closed()

    page = text(client.get("/corrections/"))

    assert "3 corrections received so far" in page
    assert "Received 2 Being checked 0 Accepted 1 Declined 0" in page


def test_the_answer_time_is_the_median_and_empty_without_answers(client):
    assert "No corrections answered yet" not in text(client.get("/corrections/"))
    assert "No corrections received yet" in text(client.get("/corrections/"))
    a_correction()
    assert "No corrections answered yet" in text(client.get("/corrections/"))
    now = timezone.now()
    for days in (1, 4, 30):
        one = a_closed()
        Correction.objects.filter(pk=one.pk).update(
            received_at=now - datetime.timedelta(days=days), closed_at=now
        )

    assert "Our median answer time is 4 days (3 answered since" in text(client.get("/corrections/"))


@pytest.mark.parametrize("number", [2, 5])
def test_the_corrections_page_takes_the_same_number_of_queries_for_any_number_of_corrections(
    client, django_assert_num_queries, number
):
    ann = a_user()
    for _one in range(number):
        a_closed(editor=ann)

    with django_assert_num_queries(4):  # version, counts, answers, the middle ones
        client.get("/corrections/")


# The right of reply

WORDS = "We did sign.\n\nAsk us <b>anything</b>.\nPress office"


def published(**fields):
    a_pact()
    return a_closed(a_company("Acme"), kind="statement", message=WORDS, email="p@acme.eu", **fields)


def test_a_statement_is_shown_on_the_record_as_the_company_s_own_words(client):
    published()

    page = client.get("/companies/acme/")

    assert "Statement by the company" in text(page)
    assert "Written by the company. We have not checked or edited the content." in text(page)
    assertContains(
        page, "<p>We did sign.</p>\n\n<p>Ask us &lt;b&gt;anything&lt;/b&gt;.<br>Press office</p>"
    )
    assertNotContains(page, "p@acme.eu")


def test_publishing_and_withdrawing_a_statement_voids_the_cached_record(client):
    a_pact()
    correction = a_correction(a_company("Acme"), kind="statement", message=WORDS)
    ann = a_user()
    assert "We did sign." not in client.get("/companies/acme/").text

    rules.accept(correction.pk, reply="Published.", by=ann)
    assert "We did sign." in client.get("/companies/acme/").text
    assert "We did sign." in client.get(correction.get_absolute_url()).text

    rules.withdraw_statement(correction.pk, reason="It names a person.", by=ann)
    assert "We did sign." not in client.get("/companies/acme/").text
    state = client.get(correction.get_absolute_url())
    assert "We did sign." not in state.text
    assert "It names a person." in state.text


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "declined"},
        {"kind": "error"},
        {"state": "checking", "closed_by": None, "closed_at": None, "taken_at": timezone.now()},
    ],
)
def test_only_accepted_statements_are_shown_on_the_record(client, fields):
    a_pact()
    values = {"kind": "statement", "message": WORDS} | fields
    if values.get("state") == "checking":
        values |= {"taken_by": a_user()}
    a_closed(a_company("Acme"), **values)

    assertNotContains(client.get("/companies/acme/"), "We did sign.")


def test_a_record_as_of_a_past_day_does_not_show_a_later_statement(client):
    published(days_ago=10)
    today = timezone.localdate()

    before, after = (today - datetime.timedelta(days=days) for days in (11, 9))

    assertNotContains(client.get(f"/companies/acme/?as_of={before}"), "We did sign.")
    assertContains(client.get(f"/companies/acme/?as_of={after}"), "We did sign.")


def test_a_statement_in_another_language_says_so(client):
    published(language="fr")

    assertContains(client.get("/companies/acme/"), '<blockquote dir="auto" lang="fr">')


# The rules


def test_a_correction_never_returns_to_an_earlier_state():
    correction, ann = a_correction(a_company()), a_user()

    rules.take(correction.pk, by=ann)
    with pytest.raises(rules.AlreadyTaken, match="This correction was assigned to ann"):
        rules.take(correction.pk, by=a_user("bob"))
    rules.decline(correction.pk, reply="No source.", by=ann)
    for again in (
        lambda: rules.accept(correction.pk, reply="Yes.", by=ann),
        lambda: rules.decline(correction.pk, reply="No.", by=ann),
        lambda: rules.take(correction.pk, by=ann),
    ):
        with pytest.raises(rules.AlreadyClosed, match="ann closed this correction on"):
            again()

    correction.refresh_from_db()
    assert (correction.state, correction.reply) == ("declined", "No source.")
    assert (correction.taken_by, correction.closed_by) == (ann, ann)


def test_a_decision_without_a_reply_is_refused():
    correction = a_correction()

    with pytest.raises(ValidationError, match="public reply"):
        rules.decline(correction.pk, reply="", by=a_user())

    correction.refresh_from_db()
    assert correction.state == "received"


def test_a_statement_without_a_record_cannot_be_accepted():
    correction = a_correction(kind="statement", company_name="Nemo")

    with pytest.raises(rules.NoCompany):
        rules.accept(correction.pk, reply="Yes.", by=a_user())


@pytest.mark.parametrize("kind", ["error", "statement"])
def test_only_a_published_statement_can_be_withdrawn(kind):
    correction = a_correction(a_company(), kind=kind)

    with pytest.raises(rules.NotPublished):
        rules.withdraw_statement(correction.pk, reason="x", by=a_user())


@pytest.mark.parametrize(
    "values",
    [
        {"state": "accepted", "reply": "x"},
        {"state": "checking"},
        {"closed_at": timezone.now()},
        {"withdrawn_at": timezone.now(), "withdrawal_reason": "x"},
    ],
)
def test_the_database_refuses_a_state_without_user_and_time(values):
    correction = a_correction()

    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.filter(pk=correction.pk).update(**values)


def test_accepting_an_error_changes_nothing_in_the_register():
    correction = a_correction(a_company("Acme"))
    before = RegisterVersion.objects.get().number

    rules.accept(correction.pk, reply="Mended.", by=a_user())

    assert RegisterVersion.objects.get().number == before


# E-mail


def test_an_e_mail_address_is_deleted_ninety_days_after_closing(capsys):
    ann = a_user()
    kept = [
        a_closed(editor=ann, days_ago=89, email="a@b.eu"),
        a_correction(email="a@b.eu"),
    ]
    old = a_closed(editor=ann, days_ago=90, email="old@b.eu", message="Stays.")

    call_command("personal_data", "expire")
    call_command("personal_data", "expire")

    said = [line for line in capsys.readouterr().out.splitlines() if "e-mail" in line.lower()]
    assert said == [
        "e-mail: 1 deleted.",
        "e-mail: 0 deleted.",
    ]
    old.refresh_from_db()
    assert (old.email, old.message) == ("", "Stays.")
    assert [Correction.objects.get(pk=one.pk).email for one in kept] == ["a@b.eu", "a@b.eu"]


def test_no_history_table_stores_an_e_mail_address():
    assert not hasattr(Correction, "history")


@pytest.mark.parametrize("closed", [False, True])
def test_a_merge_moves_a_correction_and_copies_no_e_mail(closed):
    kept, merged = a_company("Acme"), a_company("Acme SA")
    make = a_closed if closed else a_correction
    correction = make(merged, email="me@secret.example")

    merge(
        kept=kept,
        merged=merged,
        decisions={},
        name_kind="former",
        cause="correction",
        reason="one company",
    )

    correction.refresh_from_db()
    assert correction.company == kept
    assert "secret.example" not in str(list(Merge.objects.values()))


@pytest.fixture
def a_mail_server(settings):
    settings.EMAIL_URL = "submission://mail.example"


def test_the_sender_is_answered_in_their_own_language(
    a_mail_server, django_capture_on_commit_callbacks
):
    correction = a_correction(email="me@b.eu", language="fr")

    with django_capture_on_commit_callbacks(execute=True):
        rules.decline(correction.pk, reply="Voici pourquoi & comment.", by=a_user())

    (sent,) = mail.outbox
    assert sent.to == ["me@b.eu"]
    assert correction.receipt in sent.subject
    assert "Voici pourquoi & comment." in sent.body
    assert f"http://testserver/fr/corrections/{correction.receipt}/" in sent.body


@pytest.mark.parametrize(("url", "email"), [("", "me@b.eu"), ("submission://mail.example", "")])
def test_no_mail_is_sent_without_a_mail_server_or_an_e_mail_address(
    settings, django_capture_on_commit_callbacks, url, email
):
    settings.EMAIL_URL = url
    correction = a_correction(email=email)

    with django_capture_on_commit_callbacks(execute=True):
        rules.take(correction.pk, by=a_user())

    assert mail.outbox == []


def test_a_failing_mail_server_loses_no_decision_and_logs_no_e_mail_address(
    a_mail_server, settings, django_capture_on_commit_callbacks, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    correction = a_correction(email="me@secret.example")

    with django_capture_on_commit_callbacks(execute=True):
        rules.decline(correction.pk, reply="No.", by=a_user())

    correction.refresh_from_db()
    assert correction.state == "declined"
    assert "A sender could not be notified of a state: ConnectionRefusedError" in caplog.text
    assert "secret" not in caplog.text
