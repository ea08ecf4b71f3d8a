"""The review of proposals in the admin: what is shown, applied, rejected and refused."""

import datetime
import hashlib

import pytest
from django.utils import timezone

from companies.admin import review_screen
from companies.models import Company, ImportRun, Proposal, RefusedMatch, Signing

from .builders import a_citation, a_company, a_signing, a_source
from .editors import Screen, a_login, a_reviewer, an_editor
from .editors import text as visible
from .lists import a_reading, the_proposal

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def the_review(names=("Bolt",), **how):
    return f"/admin/companies/importrun/{a_reading(names, **how).run.pk}/review/"


def text(response) -> str:
    return response.content.decode()


def test_the_queue_counts_open_proposals_by_import_run():
    the_review(["Bolt", "Core"])

    shown = text(a_reviewer().get("/admin/companies/importrun/queue/"))

    assert str(ImportRun.objects.get()) in shown
    assert "New companies: <strong>2</strong>" in shown


def test_an_empty_queue_says_so():
    shown = text(a_reviewer().get("/admin/companies/importrun/queue/"))

    assert "Nothing to review." in shown


def test_a_proposal_is_one_row_with_current_and_proposed_values():
    a_signing(a_company("Meta"), "declined", since_basis="stated")

    shown = visible(a_reviewer().get(the_review(["Meta"])))

    assert "New signatories 1" in shown
    assert "On the register: Publicly declined: 9 October 2024" in shown
    assert "Signed, first seen: 20 November 2026" in shown
    assert "It publicly declined earlier." in shown


def test_rarely_used_fields_are_shown_on_request_and_keep_their_values():
    address, reviewer = the_review(["Bolt GmbH", "Core"]), a_reviewer()
    bolt, core = Proposal.objects.order_by("pk")
    sent = {"selected": core.pk, f"p{core.pk}-country": "Latvia", "reason": "checked"}

    page = reviewer.post(address, {**sent, "edit": bolt.pk})

    fields = Screen(page).values
    assert fields[f"p{bolt.pk}-since"] == "2026-11-20"
    assert fields[f"p{core.pk}-country"] == "Latvia"
    assert (fields["selected"], fields["reason"]) == (str(core.pk), "checked")
    assert f"p{core.pk}-since" not in fields
    assert "As listed: Bolt GmbH , 20 November 2026 · Original file" in visible(page)


def test_an_unsure_match_offers_its_suggestions_with_score_and_reason():
    a_signing(a_company("Orange"))

    shown = text(a_reviewer().get(the_review(["Orange", "Orange Bank"])))

    assert "One name contains the other." in shown
    assert "None of these: a company that is not on the register yet" in shown


def test_only_ticked_proposals_are_applied():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    bolt = Proposal.objects.get(new_name="Bolt")

    response = reviewer.post(
        address, {"selected": bolt.pk, "apply": "1", "reason": "checked"}, follow=True
    )

    assert "Applied: 1." in text(response)
    assert list(Company.objects.values_list("name", flat=True)) == ["Bolt"]
    assert Proposal.objects.get(new_name="Core").state == "proposed"


def test_a_reviewer_can_edit_a_proposal_before_applying_it():
    address, reviewer = the_review(["Bolt GmbH"]), a_reviewer()
    pk = the_proposal("new_company").pk

    edits = {f"p{pk}-name": "Bolt", f"p{pk}-since": "2026-11", f"p{pk}-reason_en": "New."}
    reviewer.post(address, {"selected": pk, "apply": "1", **edits})

    signing = Signing.objects.get()
    assert (signing.company.name, str(signing.started), signing.reason_en) == (
        "Bolt",
        "2026-11",
        "New.",
    )


def test_an_invalid_edit_is_shown_beside_its_field_and_nothing_is_decided():
    address, reviewer = the_review(["Bolt", "Core"]), a_reviewer()
    bolt, core = Proposal.objects.order_by("pk")

    response = reviewer.post(
        address, {"selected": [bolt.pk, core.pk], "apply": "1", f"p{core.pk}-since": "soon"}
    )

    assert "Write a date as 2024-10-09" in text(response)
    assert "Nothing was applied: please correct the marked rows." in text(response)
    assert Company.objects.count() == 0


def test_rejecting_needs_and_keeps_a_reason():
    address, reviewer = the_review(), a_reviewer()
    pk = the_proposal("new_company").pk

    refused = reviewer.post(address, {"selected": pk, "reject": "1"})
    reviewer.post(address, {"selected": pk, "reject": "1", "reason": "a test entry"})

    assert "Give a reason: this will not be proposed again." in text(refused)
    assert (Proposal.objects.get().state, Proposal.objects.get().reason) == (
        "rejected",
        "a test entry",
    )


def test_an_unsure_match_cannot_be_applied_without_choosing_a_company():
    a_signing(a_company("Orange"))
    address, reviewer = the_review(["Orange", "Orange Bank"]), a_reviewer()
    pk = the_proposal("match_unsure").pk

    response = reviewer.post(address, {"selected": pk, "apply": "1", f"p{pk}-other": ""})

    assert "Choose a company, or “none of these”." in text(response)
    assert Proposal.objects.get().state == "proposed"


@pytest.mark.parametrize("choice", ["suggested", "other", "new"])
def test_an_unsure_match_is_applied_to_the_company_that_was_chosen(choice):
    orange, zebra = a_company("Orange"), a_company("Zebra")
    a_signing(orange)
    address, reviewer = the_review(["Orange", "Orange Bank"]), a_reviewer()
    pk = the_proposal("match_unsure").pk

    match = {"suggested": orange.pk}.get(choice, choice)
    reviewer.post(
        address, {"selected": pk, "apply": "1", f"p{pk}-match": match, f"p{pk}-other": "zebra"}
    )

    named = {"suggested": orange, "other": zebra}.get(choice)
    if named:
        assert named.names.get().name == "Orange Bank"
    else:
        assert Company.objects.filter(name="Orange Bank").exists()
    assert RefusedMatch.objects.count() == (0 if choice == "suggested" else 1)


def test_an_unknown_public_id_is_refused_with_a_message():
    a_signing(a_company("Orange"))
    address, reviewer = the_review(["Orange", "Orange Bank"]), a_reviewer()
    pk = the_proposal("match_unsure").pk

    response = reviewer.post(
        address, {"selected": pk, "apply": "1", f"p{pk}-match": "other", f"p{pk}-other": "nobody"}
    )

    assert "No company has this public id." in text(response)


def test_deciding_without_a_ticked_proposal_is_refused_with_a_message():
    response = a_reviewer().post(the_review(), {"apply": "1"})

    assert "Select at least one proposal." in text(response)


def test_the_second_reviewer_sees_who_decided_first():
    address = the_review()
    pk = the_proposal("new_company").pk
    first, second = a_reviewer("clara"), a_reviewer("emil")

    first.post(address, {"selected": pk, "apply": "1"})
    response = second.post(address, {"selected": pk, "apply": "1"}, follow=True)

    assert "clara decided this" in text(response)
    assert Company.objects.count() == 1


def test_more_proposals_than_fit_one_transaction_are_applied_in_batches_that_show(monkeypatch):
    monkeypatch.setattr(review_screen, "ONE_GO", 100)
    address, reviewer = the_review([f"{name} Company" for name in _words(120)]), a_reviewer()

    response = reviewer.post(address, {"kind": "new_company", "apply": "1", "reason": "read it"})
    page = b"".join(response.streaming_content).decode()

    assert "50 of 120" in page
    assert "120 of 120" in page
    assert "Applied: 120." in page
    assert Company.objects.count() == 120


def test_selecting_all_proposals_of_a_kind_leaves_the_other_kinds_open():
    a_signing(a_company("Orange"))
    address, reviewer = the_review(["Orange", "Orange Bank", "Bolt"]), a_reviewer()

    reviewer.post(address, {"kind": ["new_company", "match_unsure"], "apply": "1"})

    assert Proposal.objects.get(state="proposed").action == "match_unsure"


def test_an_editor_can_read_proposals_and_not_decide_on_them():
    address, editor = the_review(), an_editor()

    assert "Apply selected" not in text(editor.get(address))
    assert editor.post(address, {"kind": "new_company", "apply": "1"}).status_code == 403
    assert Company.objects.count() == 0


def test_a_user_without_permission_sees_no_proposals(client):
    assert client.get(the_review()).status_code == 302
    assert client.get("/admin/companies/importrun/queue/").status_code == 302


def test_the_original_file_is_downloaded_and_never_shown_as_a_page():
    run = a_reading(["<script>Bolt"]).run

    response = a_reviewer().get(f"/admin/companies/importrun/{run.pk}/bytes/")

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_markup_in_a_listed_name_is_escaped():
    shown = text(a_reviewer().get(the_review(["<b>Bolt</b> & Co"])))

    assert "<b>Bolt</b>" not in shown


@pytest.mark.parametrize("state", ["applied", "superseded", "stale", "rejected"])
def test_an_import_run_shows_the_outcome_of_its_proposals(state):
    address = the_review()
    Proposal.objects.update(
        state=state,
        decided_by_id=None if state in ("superseded", "stale") else _user().pk,
        decided_at="2026-11-20T10:00Z",
    )

    assert "New companies 1 not on the register; signed, first seen on this list Bolt" in visible(
        a_reviewer().get(f"{address}?state={state}")
    )


def _words(number):
    """Names that resemble one another in nothing."""
    return [hashlib.sha256(str(n).encode()).hexdigest()[:12] for n in range(number)]


def _user():
    a_login("root")
    return Proposal._meta.get_field("decided_by").related_model.objects.get(username="root")


@pytest.mark.parametrize(
    "data",
    [
        {"selected": ["x", "-1", "²", "9" * 30, ""], "apply": "1"},
        {"kind": "new_company", "reject": "1", "reason": "x" * 501},
        {"kind": ["none", "\x00"], "apply": "1"},
        {"take": "x", "edit": "²", "fill": "1"},
        {"reject": "1"},
    ],
)
def test_a_tampered_form_is_refused_and_decides_nothing(data):
    address = the_review(["Bolt", "Core"])

    response = a_reviewer().post(address, data)

    assert response.status_code == 200
    assert Proposal.objects.filter(state="proposed").count() == 2


@pytest.mark.parametrize("query", ["?state=none", "?p=x", "?p=0", "?state=&p=999", "?state=%00"])
def test_a_tampered_review_url_is_never_a_500(query):
    response = a_reviewer().get(the_review() + query)

    assert response.status_code in (200, 400, 404)


def test_the_review_takes_the_same_number_of_queries_for_more_proposals(
    django_assert_max_num_queries,
):
    address, reviewer = the_review([f"Maker {number}" for number in range(40)]), a_reviewer()

    with django_assert_max_num_queries(14):
        reviewer.get(address)


def test_the_queue_says_where_a_removed_company_was_seen_after_the_list():
    for name in ("Accenture", "Adecco", "Airbus", "Orange"):
        a_signing(a_company(name), since=datetime.date(2024, 9, 25))
    seen = a_source("later", published_on=timezone.localdate())
    a_citation(signing=Signing.objects.get(company__name="Orange"), source=seen)
    run = a_reading(["Accenture", "Adecco", "Airbus"], accept=True).run
    queue = "/admin/companies/importrun/queue/"
    warning = "1 company to be removed was seen after this list: look at it by itself."

    ImportRun.objects.filter(pk=run.pk).update(seen_on=timezone.localdate())
    assert warning not in visible(a_reviewer().get(queue))

    before = timezone.localdate() - datetime.timedelta(days=9)
    ImportRun.objects.filter(pk=run.pk).update(seen_on=before)
    assert warning in visible(a_reviewer("eve").get(queue))
