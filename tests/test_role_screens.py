"""What each role sees and may send on the screens of the desk, beside the table of addresses."""

import pytest
from django.utils import timezone

from companies.models import Citation, Proposal, QuoteCheck
from tests.builders import a_citation, a_company, a_signing
from tests.editors import a_login, an_editor, page
from tests.lists import a_reading, the_proposal

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def test_a_viewer_sees_a_record_and_its_history_without_a_button_to_save():
    viewer, company = a_login("vera", "Viewers"), a_company("Acme")

    for kind in ("change", "history"):
        shown = viewer.get(page(company, kind))
        assert shown.status_code == 200
        assert b'name="_save"' not in shown.content


def test_an_editor_sees_proposals_and_decides_on_none():
    a_signing(a_company("Airbus"))
    run = a_reading(["Bolt"], accept=True).run
    proposal = the_proposal("no_longer_listed")
    review = f"/admin/companies/importrun/{run.pk}/review/"
    editor = an_editor()

    assert b'name="apply"' not in editor.get(review).content
    for how in ("apply", "reject"):
        sent = {"selected": proposal.pk, "reason": "It is so.", how: "1"}
        assert editor.post(review, sent).status_code == 403

    assert Proposal.objects.get(pk=proposal.pk).state == "proposed"


def test_a_citation_whose_page_was_checked_can_be_deleted():
    """The check goes along; nobody deletes one by itself."""
    citation = a_citation(signing=a_signing())
    QuoteCheck.objects.create(
        citation=citation,
        url=citation.source.url,
        checked_at=timezone.now(),
        since=timezone.localdate(),
        result="gone",
    )

    answer = an_editor().post(page(citation, "delete"), {"post": "yes"})

    assert answer.status_code == 302
    assert not Citation.objects.exists()
