"""A list that says which part each company signed, as that of the Transparency Code."""

import pytest
from django.utils import timezone

from companies.importers.official_page import parse
from companies.importers.official_page.wording import numbers_of_parts
from companies.models import Pledge, Proposal
from companies.register.review.deciding import Decision, apply_all
from companies.register.review.watch import Page, read
from tests.builders import a_commitment, a_company, a_pact
from tests.lists import URL, a_list, a_reviewer

HEADINGS = ["Signatories", "Section 1 signatories", "Section 2 signatories"]
ROWS = (
    "<tr><td>Nova</td><td>Acme</td></tr><tr><td>Onda</td><td>Nova</td></tr>"
    "<tr><td></td><td>Zeta Media</td></tr>"
)
BOTH = {
    "Nova": "Section 1 signatories; Section 2 signatories",
    "Acme": "Section 2 signatories",
    "Onda": "Section 1 signatories",
    "Zeta Media": "Section 2 signatories",
}
STRONG = ("<strong>Section 1 signatories</strong>: 2", "<strong>Section 2 signatories</strong>: 3")
COUNTS = "".join(f"<p>{text}</p>" for text in STRONG)
FIRST, SECOND = ["Nova", "Onda"], ["Acme", "Nova", "Zeta Media"]


def items(names: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{name}</li>" for name in names) + "</ul>"


def table(first: str, second: str, tag: str = "th") -> str:
    head = "".join(f"<{tag}>{text}</{tag}>" for text in (first, second))
    return f"<table><tr>{head}</tr>{ROWS}</table>"


def a_document(body: str) -> bytes:
    page = f"<!doctype html><html><body><main><h1>Strong backing</h1>{body}</main></body></html>"
    return page.encode()


def noted(body: str, headings: list[str] = HEADINGS) -> dict[str, str]:
    return {one.name: one.note for one in parse(a_document(body), headings=headings).names}


@pytest.mark.parametrize(
    "body",
    [
        "<h2>Signatories</h2>" + table(*STRONG),
        table(*STRONG),
        table(*STRONG, tag="td"),
        "<h2>Signatories</h2>" + table(*STRONG, tag="td"),
        "<h2>Signatories</h2><h3>Section 1 signatories (2)</h3>"
        + items(FIRST)
        + "<h3>Section 2 signatories (3)</h3>"
        + items(SECOND),
        "<h2>Section 1 signatories: 2</h2>"
        + items(FIRST)
        + "<h2>Section 2 signatories: 3</h2>"
        + items(SECOND),
        "<details><summary>Section 1 signatories</summary>"
        + items(FIRST)
        + "</details><details><summary>Section 2 signatories</summary>"
        + items(SECOND)
        + "</details>",
    ],
)
def test_each_name_has_the_chapters_that_the_list_says_it_signed(body):
    assert noted(body) == BOTH


def test_a_column_header_takes_precedence_over_counts_above_the_table():
    found = noted(f"<h2>Signatories</h2>{COUNTS}{table('Section 1', 'Section 2')}")

    assert found == {
        "Nova": "Section 1; Section 2",
        "Acme": "Section 2",
        "Onda": "Section 1",
        "Zeta Media": "Section 2",
    }


def test_adjacent_counts_are_not_taken_as_chapters_of_all_names():
    found = noted(f"<h2>Signatories</h2>{COUNTS}<table>{ROWS}</table>")

    assert found == dict.fromkeys(BOTH, "")


@pytest.mark.parametrize(
    ("note", "numbers"),
    [
        ("Section 1 signatories; Section 2 signatories", {1, 2}),
        ("Signataires de la section 2", {2}),
        ("Unterzeichner von Abschnitt 1", {1}),
        ("2. szakasz", {2}),
        ("Safety and Security Chapter only", set()),
        ("formerly Acme 2", set()),
        ("", set()),
    ],
)
def test_a_note_refers_to_chapters_by_number(note, numbers):
    assert numbers_of_parts(note) == numbers


@pytest.mark.django_db
def test_applying_a_name_adds_pledges_for_its_chapters():
    pact = a_pact("transparency-code", name_en="Transparency Code")
    for number, audience in enumerate(("provider", "deployer"), start=1):
        a_commitment(
            f"section-{number}", pact=pact, kind="chapter", audience=audience, position=number
        )
    watched = a_list(pact, url=URL)
    for heading in HEADINGS:
        pact.list_headings.create(kind="heading", text=heading)
    a_company("Acme")

    read(watched.pact, Page(a_document(table(*STRONG)), URL, timezone.localdate()))
    waiting = Proposal.objects.filter(state="proposed").values_list("pk", flat=True)
    list(apply_all(dict.fromkeys(waiting, Decision("checked")), by=a_reviewer()))

    pledged = Pledge.objects.values_list("company__slug", "commitment__audience", "basis")
    assert set(pledged) == {
        ("nova", "provider", "stated"),
        ("nova", "deployer", "stated"),
        ("acme", "deployer", "stated"),
        ("onda", "provider", "stated"),
        ("zeta-media", "deployer", "stated"),
    }
    acme = Pledge.objects.get(company__slug="acme").citations.get()
    assert acme.quote == "Acme (Section 2 signatories)"
    assert acme.source.kind == "official_list"
