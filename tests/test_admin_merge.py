"""The editors' screens that merge two companies, undo it, and rename one."""

import datetime
import json

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from companies.models import Change, Company, CompanyName, CompanyRedirect, Merge
from companies.register.history import save as save_row
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from tests.change_lines import lines
from tests.editors import a_login, a_reviewer, an_editor, errors, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def page(company, name="change", query=""):
    return f"/admin/companies/company/{company.pk}/{name}/{query}"


def screen(other, kept):
    return page(other, "merge", f"?into={kept.pk}")


def send(client, address, **changes):
    return client.post(address, typed(client.get(address), **changes))


def mistral():
    """A company on the register twice: Mistral AI, and Mistral with the earlier signing."""
    kept = a_company("Mistral AI", country="FR")
    other = a_company("Mistral", website="https://m.ai")
    late = a_signing(kept, since=datetime.date(2025, 4, 16))
    early = a_signing(other, since=datetime.date(2024, 10, 9))
    for signing in (late, early):
        a_citation(signing=signing, source=a_source(title="The list"))
    other.identifiers.create(scheme="wikidata", value="Q1")
    a_company("Mistral Labs", parent=other)
    return kept, other


def merged(client, kept, other, **changes):
    return send(client, screen(other, kept), **{"change_reason": "one company"} | changes)


# Merging


def test_the_company_page_links_reviewers_to_the_merge_screen():
    company = a_company("Acme")

    assert page(company, "merge") in a_reviewer().get(page(company)).content.decode()
    assert page(company, "merge") not in an_editor().get(page(company)).content.decode()


def test_either_company_of_a_merge_can_be_chosen_as_the_one_that_remains():
    company = a_company("Acme")

    response = a_reviewer().get(page(company, "merge"))

    shown = response.content.decode()
    assert 'class="admin-autocomplete"' in shown
    assert 'data-field-name="parent"' in shown
    assert "its address redirects" in text(response)


def test_the_preview_shows_what_moves_and_what_must_be_decided():
    kept, other = mistral()
    other.country = "DE"
    save_row(other, "found")

    shown = text(a_reviewer().get(screen(other, kept)))

    assert "Signing statuses: 1 Mistral: Signed (EU AI Pact, 2024-10-09)" in shown
    assert "Identifiers: 1 Wikidata Q1" in shown
    assert "Citations: 1 The list" in shown
    assert "Subsidiaries: 1 Mistral Labs" in shown
    assert "Periods of the same pact that overlap" in shown
    assert (
        "As Mistral AI, but since 9 October 2024, the earlier date: Signed since 16 April 2025"
        in shown
    )
    assert "As Mistral: https://m.ai" in shown
    assert "As Mistral AI: France As Mistral: Germany" in shown
    assert Company.objects.count() == 3


def test_a_merge_with_default_answers_ends_on_the_page_of_the_remaining_company():
    client = a_reviewer()
    kept, other = mistral()

    response = merged(client, kept, other, profile__website="merged")

    assert response.status_code == 302
    assert response.url == page(kept)
    kept.refresh_from_db()
    assert kept.website == "https://m.ai"
    assert kept.names.get().kind == "alias"
    assert kept.signings.get().since == datetime.date(2024, 10, 9)
    assert kept.signings.get().citations.count() == 2
    assert "Mistral is now part of Mistral AI." in text(client.get(page(kept)))
    told = Change.objects.filter(company_slug="mistral-ai").order_by("-number")
    assert "Mistral AI: merged with Mistral, whose record was mistral" in lines(told)
    assert told[0].by_role == "reviewer"


def test_a_merge_follows_the_answers_of_the_editor():
    client = a_reviewer()
    kept, other = mistral()
    key = f"period__{kept.signings.get().pk}__{other.signings.get().pk}"

    merged(client, kept, other, name_kind="former", cause="world", **{key: "kept"})

    assert kept.signings.get().since == datetime.date(2025, 4, 16)
    assert kept.names.get().kind == "former"
    assert Change.objects.get(table="company_redirects").cause == "world"


def test_every_kind_of_conflict_can_be_decided_on_the_merge_page():
    client = a_reviewer()
    kept, other = mistral()
    kept.identifiers.create(scheme="wikidata", value="Q2")
    commitment = a_commitment()
    for company in (kept, other):
        a_pledge(company, commitment=commitment)
        company.reports.create(pact=a_pact(), due_on=datetime.date(2025, 10, 9))

    address = screen(other, kept)
    shown = typed(client.get(address))
    keys = [name for name in shown if name.split("-")[0] in ("pledge", "report", "identifier")]
    response = client.post(address, shown | dict.fromkeys(keys, "merged") | {"change_reason": "x"})

    assert len(keys) == 3
    assert response.status_code == 302
    assert kept.identifiers.get().value == "Q1"


def test_a_merge_without_a_reason_is_refused_and_keeps_the_answers():
    client = a_reviewer()
    kept, other = mistral()

    response = merged(client, kept, other, change_reason="", name_kind="former")

    assert errors(response) == ["Why: fill in this field."]
    assert typed(response)["name_kind"] == "former"
    assert Company.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("changed", ["kept", "other"])
def test_a_merge_of_a_record_that_changed_meanwhile_is_refused_and_can_be_sent_again(changed):
    client = a_reviewer()
    kept, other = mistral()
    address = screen(other, kept)
    seen = typed(client.get(address), change_reason="one company")
    company = kept if changed == "kept" else other
    company.description = "Known since."
    save_row(company, "found")

    refused = client.post(address, seen)

    assert f"An automatic import saved {company} at" in errors(refused)[0]
    assert Company.objects.filter(pk=other.pk).exists()
    assert client.post(address, typed(refused)).status_code == 302
    assert not Company.objects.filter(pk=other.pk).exists()


def test_answers_that_leave_overlapping_periods_are_refused():
    client = a_reviewer()
    kept, other = mistral()
    commitment = datetime.date(2024, 1, 1)
    a_signing(kept, status="declined", since=commitment, until=datetime.date(2025, 1, 1))
    overlaps = typed(client.get(screen(other, kept)))
    keys = [name for name in overlaps if name.startswith("period-")]

    response = merged(client, kept, other, **dict(zip(keys, ["kept", "merged"], strict=True)))

    assert any("overlaps several periods" in error for error in errors(response))
    assert Company.objects.filter(pk=other.pk).exists()


def test_a_company_cannot_be_merged_with_itself():
    company = a_company("Acme")

    for response in (
        a_reviewer("ann").get(screen(company, company)),
        a_reviewer("bob").post(screen(company, company), {}),
    ):
        assert errors(response) == ["A company cannot be merged with itself. Choose another one."]


@pytest.mark.parametrize("into", ["", "0", "x", "99999999999999999999", "%00"])
def test_merging_into_an_unknown_company_is_refused_with_a_message(into):
    company = a_company("Acme")

    response = a_reviewer().get(page(company, "merge", f"?into={into}"))

    assert response.status_code in (200, 400)
    assert errors(response) or response.status_code == 400


def test_only_those_who_may_delete_companies_may_merge_them():
    kept, other = mistral()
    client = an_editor()

    assert client.get(page(other, "merge")).status_code == 403
    assert client.get(screen(other, kept)).status_code == 403
    assert client.post(screen(other, kept), {}).status_code == 403
    merged(a_reviewer(), kept, other)
    undo = page(kept, f"undo-merge/{Merge.objects.get().pk}")
    assert client.get(undo).status_code == 403
    assert client.post(undo, {"change_reason": "x"}).status_code == 403


def test_the_preview_takes_as_many_queries_for_five_rows_as_for_two():
    client = a_reviewer()
    counts = []
    for rows in (2, 5):
        kept, other = a_company(), a_company()
        for number in range(rows):
            pact = a_pact(f"pact-{number}")
            for company in (kept, other):
                a_signing(company, pact=pact)
                company.reports.create(pact=pact)
            a_citation(company=other)
        with CaptureQueriesContext(connection) as counted:
            client.get(screen(other, kept))
        counts.append(len(counted))

    assert counts[0] == counts[1] < 60


# Undoing


def test_a_merge_is_listed_with_who_and_when_and_undone():
    client = a_reviewer("rob")
    kept, other = mistral()
    merged(client, kept, other)
    done = Merge.objects.get()
    undo = page(kept, f"undo-merge/{done.pk}")

    listed = client.get(page(kept, "merge"))
    assert undo in listed.content.decode()
    day = date_format(timezone.localtime(done.merged_at), "DATE_FORMAT")
    assert f"Mistral (mistral) · {day}" in text(listed)
    assert "· rob one company" in text(listed)
    response = send(client, undo, change_reason="two companies")

    assert response.url == page(other)
    assert Company.objects.get(pk=other.pk).signings.get().since == datetime.date(2024, 10, 9)
    assert undo not in client.get(page(kept, "merge")).content.decode()
    assert "already been undone" in errors(send(client, undo, change_reason="again"))[0]


def test_undoing_a_merge_after_a_later_change_is_refused_and_names_the_rows():
    client = a_reviewer()
    kept, other = mistral()
    merged(client, kept, other)
    identifier = kept.identifiers.get()
    identifier.value = "Q3"
    save_row(identifier, "corrected")

    undo = page(kept, f"undo-merge/{Merge.objects.get().pk}")
    response = send(client, undo, change_reason="two companies")

    assert "Identifier “Wikidata Q3”" in errors(response)[0]
    assert not Company.objects.filter(pk=other.pk).exists()


def test_a_merge_is_undone_on_the_page_of_its_own_company_only():
    client = a_reviewer()
    kept, other = mistral()
    merged(client, kept, other)

    undo = page(a_company("Third"), f"undo-merge/{Merge.objects.get().pk}")

    assert client.get(undo).status_code == 404


# Old addresses


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/companies/mistral/", "/companies/mistral-ai/"),
        ("/fr/companies/mistral/", "/fr/companies/mistral-ai/"),
        (
            "/api/v1/companies/mistral/?pact=eu-ai-pact",
            "/api/v1/companies/mistral-ai/?pact=eu-ai-pact",
        ),
    ],
)
def test_the_url_of_a_merged_company_redirects_to_the_remaining_one(client, old, new):
    kept, other = mistral()
    merged(a_reviewer(), kept, other)

    response = client.get(old)

    assert response.status_code == 308
    assert response.url.removeprefix("http://testserver").endswith(new)
    assert client.get(new).status_code == 200


def test_undoing_a_merge_removes_the_redirect(client):
    kept, other = mistral()
    reviewer = a_reviewer()
    merged(reviewer, kept, other)
    undo = page(kept, f"undo-merge/{Merge.objects.get().pk}")
    send(reviewer, undo, change_reason="two companies")

    assert client.get("/companies/mistral/").status_code == 200
    assert json.loads(client.get("/api/v1/companies/mistral/").content)["name"] == "Mistral"


# Renaming


def test_a_renamed_company_keeps_a_redirect_and_on_request_its_former_name(client):
    a_pact()
    company = a_company("Aleph")
    editor = an_editor()

    seen = typed(editor.get(page(company)))
    assert "keep_former_name" in seen  # ticked as it comes
    renamed = {"name": "Aleph Alpha", "slug": "aleph-alpha", "change_reason": "renamed"}

    response = editor.post(page(company), seen | renamed | {"keep_former_name": "on"})

    assert response.status_code == 302
    assert client.get("/companies/aleph/").url == "/companies/aleph-alpha/"
    former = CompanyName.objects.get()
    assert (former.name, former.kind) == ("Aleph", "former")
    assert former.history.get().history_change_reason == "renamed"
    shown = text(editor.get(page(company)))
    assert "The old address, aleph, redirects to the new one." in shown
    assert "“Aleph” is kept as a former name." in shown


def test_a_corrected_typing_error_leaves_no_former_name():
    client = an_editor()
    company = a_company("Alehp")
    given = typed(client.get(page(company)), name="Aleph")
    del given["keep_former_name"]

    assert client.post(page(company), given).status_code == 302
    assert not CompanyName.objects.exists()


def test_a_name_that_only_changes_its_case_leaves_no_former_name():
    client = an_editor()
    company = a_company("ALEPH")

    send(client, page(company), name="Aleph")

    assert not CompanyName.objects.exists()


def test_saving_without_renaming_adds_no_redirect_and_no_former_name():
    client = an_editor()
    company = a_company("Aleph")

    send(client, page(company), description="A company.")

    assert not CompanyName.objects.exists()
    assert not CompanyRedirect.objects.exists()


def test_the_old_id_of_another_company_is_refused():
    client = an_editor()
    a_company("Aleph Alpha").redirects.create(old_slug="aleph")
    company = a_company("Beth")

    changed = send(client, page(company), slug="aleph")
    added = send(client, "/admin/companies/company/add/", name="Aleph", slug="aleph")

    message = (
        "“aleph” was the public id of Aleph Alpha and still redirects there. Choose another one."
    )
    assert message in errors(changed)
    assert message in errors(added)


def test_a_company_can_take_back_its_own_old_id_without_a_redirect_loop():
    client = an_editor()
    company = a_company("Aleph")
    send(client, page(company), slug="beth")

    send(client, page(company), slug="aleph")

    assert list(company.redirects.values_list("old_slug", flat=True)) == ["beth"]
    company.refresh_from_db()
    assert company.slug == "aleph"


def test_a_viewer_is_not_asked_what_happens_to_the_old_name():
    company = a_company("Aleph")
    client = a_login("reader", "Editors")
    reader = User.objects.get(username="reader")
    reader.groups.clear()
    reader.user_permissions.add(Permission.objects.get(codename="view_company"))

    response = client.get(page(company))

    assert response.status_code == 200
    assert "Keep the old name" not in text(response)
