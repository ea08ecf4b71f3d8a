"""Errors of the editors' forms: each names its field, and the summary above links to it."""

import pytest
from django import forms
from django.utils.translation import override

from companies.admin.form_errors import NamedErrors, summary_of

from .builders import a_commitment, a_company, a_pact, a_signing
from .editors import a_reviewer, an_editor, errors, page, save, typed
from .lists import a_reading


class EveryKind(NamedErrors, forms.Form):
    source = forms.ChoiceField(choices=[("a", "A")], label="source")
    since = forms.DateField(label="Since")
    number = forms.IntegerField(label="Number")
    link = forms.URLField(label="Link", assume_scheme="https")
    file = forms.FileField(label="File")
    why = forms.CharField(label="Why", max_length=3)


def said(**typed_in):
    return [error.text for error in summary_of(EveryKind(typed_in))]


def test_the_error_of_an_empty_field_names_the_field_and_what_to_enter():
    assert said() == [
        "Source: choose one from the list.",
        "Since: enter a date, such as 2024-10-09.",
        "Number: enter a number.",
        "Link: enter a web address, such as https://…",
        "File: choose a file.",
        "Why: fill in this field.",
    ]


def test_the_error_of_an_invalid_field_names_the_field_and_what_to_enter():
    found = said(source="b", since="next week", number="many", link="a b", why="long")

    assert found[:4] == [
        "Source: choose one from the list.",
        "Since: enter a date, such as 2024-10-09.",
        "Number: enter a number.",
        "Link: enter a web address, such as https://…",
    ]
    assert found[5] == "Why: Ensure this value has at most 3 characters (it has 4)."


def test_the_errors_are_in_the_reader_s_language():
    form = EveryKind({})
    with override("fr"):
        assert summary_of(form)[1].text == "Since\u00a0: indiquez une date, comme 2024-10-09."


def test_a_custom_error_message_of_a_field_is_kept():
    class Own(NamedErrors, forms.Form):
        name = forms.CharField(label="Title", error_messages={"required": "Name it."})

    assert [error.text for error in summary_of(Own({}))] == ["Title: Name it."]


@pytest.mark.django_db
@pytest.mark.history
class TestScreens:
    def test_the_summary_links_each_error_to_its_field(self):
        client, company = an_editor(), a_company("Meta")
        a_pact()
        screen = page(company, "change-status")

        response = client.post(screen, typed(client.get(screen), since="soon"))

        shown = response.content.decode()
        assert (
            '<a href="#id_source">Source: choose the document, or paste its address.</a>' in shown
        )
        assert '<a href="#id_since">Since: Write a date as 2024-10-09' in shown
        assert 'id="id_source"' in shown
        assert "This field is required" not in shown

    def test_an_error_in_an_inline_row_names_the_row(self):
        client, signing = an_editor(), a_signing(a_company("Meta"))
        a_commitment()

        response = save(client, signing.company, signings__0__since="soon")

        shown = response.content.decode()
        error = "Signing status 1 – Since: enter a date, such as 2024-10-09."
        assert f'<a href="#id_signings-0-since">{error}</a>' in shown
        assert errors(response) == ["Since: enter a date, such as 2024-10-09."]

    def test_a_non_field_error_is_in_the_summary(self):
        client = an_editor()
        client_name = a_company("Meta")

        response = save(client, client_name, slug="a b")

        assert 'href="#id_slug"' in response.content.decode()
        assert "<title>Error:" in response.content.decode()

    def test_the_review_names_each_row_and_field_and_links_to_it(self):
        run = a_reading(["Bolt", "Core", "Saidot"]).run
        bolt, core, _saidot = (one.pk for one in run.proposals.order_by("pk"))
        review = f"/admin/companies/importrun/{run.pk}/review/"
        typed_in = {f"p{bolt}-country": "Nowhere", f"p{core}-since": "soon"}

        response = a_reviewer().post(
            review, {"selected": [bolt, core], "apply": "1", "all_sector": "none", **typed_in}
        )

        shown = response.content.decode()
        assert "Nothing was decided." in shown
        for link in (
            '<a href="#id_all_sector">Sector: choose one from the list.</a>',
            f'<a href="#id_p{bolt}-country">Bolt – “Nowhere” is not a country',
            f'<a href="#id_p{core}-since">Core – Since: Write a date as 2024-10-09',
        ):
            assert link in shown
            assert f'id="{link.split("#")[1].split(chr(34))[0]}"' in shown

    def test_the_review_links_a_reason_that_is_missing_to_its_field(self):
        run = a_reading(["Bolt"]).run
        review = f"/admin/companies/importrun/{run.pk}/review/"

        response = a_reviewer().post(review, {"selected": run.proposals.get().pk, "reject": "1"})

        shown = response.content.decode()
        assert '<a href="#id_reason">Give a reason: this will not be' in shown
        assert "<title>Error:" in shown
