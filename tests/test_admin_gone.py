"""Old versions whose company, sector or source is gone: they open, and restoring says so."""

import pytest
from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from companies.models import (
    Change,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    ListHeading,
    OfficialList,
    ProgressReport,
    Retraction,
)
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_milestone,
    a_pact,
    a_pledge,
    a_published_share,
    a_sector,
    a_signing,
    a_source,
    an_opinion,
)
from tests.editors import a_login, errors, page, save, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
WITH_HISTORY = sorted(
    model._meta.label
    for model, screen in admin.site._registry.items()
    if isinstance(screen, SimpleHistoryAdmin)
)


def a_version(record):
    """The address of the newest version of a row, whether or not the row is there."""
    version = record.history.model.objects.filter(id=record.pk).latest("history_id")
    return page(record, "history") + f"{version.pk}/"


def rows_that_are_gone():
    """One row of every table, each deleted with all it pointed to."""
    pact, source, sector = a_pact(), a_source(), a_sector()
    group = a_company("Group", sector=sector)
    company = a_company("Acme", sector=sector, parent=group)
    commitment = a_commitment(pact=pact, source=source)
    signing = a_signing(company, pact=pact)
    rows = [
        *(a_citation(signing=signing, source=source), a_citation(company=company, source=source)),
        *(a_pledge(company, commitment=commitment), signing),
        ProgressReport.objects.create(company=company, pact=pact),
        CompanyName.objects.create(company=company, name="Acme SA", kind="legal"),
        CompanyIdentifier.objects.create(company=company, scheme="wikidata", value="Q42"),
        CompanyRedirect.objects.create(company=company, old_slug="acme-old"),
        Retraction.objects.create(
            company=company,
            pact=pact,
            status="declined",
            since=signing.since,
            published_from=signing.since,
            retracted_on=signing.since,
            reason_en="A",
            reason_fr="A",
        ),
        a_milestone("Launch", source=source, pact=pact),
        a_published_share("eu", 63, source=source, pact=pact),
        an_opinion(source=source, pact=pact),
        OfficialList.objects.create(pact=pact, url="https://example.org/list"),
        ListHeading.objects.create(pact=pact, language="en", text="Signatories"),
        *(company, group, commitment, pact, source, sector),
    ]
    kept = [(row, row.pk) for row in rows]
    for row in rows:
        row.delete()
    for row, pk in kept:
        row.pk = pk
    return rows


def test_every_old_version_opens_after_the_rows_it_points_to_were_deleted():
    rows, desk = rows_that_are_gone(), a_login()

    assert sorted({row._meta.label for row in rows}) == WITH_HISTORY
    for row in rows:
        assert desk.get(page(row, "history")).status_code == 200, row._meta.label
        version = desk.get(a_version(row))
        assert version.status_code == 200, row._meta.label


def test_an_old_version_names_its_deleted_company():
    company = a_company("Acme")
    signing = a_signing(company)
    company_pk, pk = company.pk, signing.pk
    company.delete()
    signing.pk, company.pk = pk, company_pk
    desk = a_login()

    assert "Acme" in text(desk.get(page(signing, "history")))
    assert "Acme" in text(desk.get(page(company, "history")))
    assert "“Acme” is no longer on the register" in text(desk.get(a_version(signing)))


def test_restoring_a_row_of_a_deleted_company_is_refused_with_the_reason():
    company = a_company("Acme")
    rows = [a_signing(company), CompanyName.objects.create(company=company, name="A", kind="alias")]
    rows.append(a_citation(company=company))
    keys = [row.pk for row in rows]
    company.delete()
    desk = a_login()

    for row, pk in zip(rows, keys, strict=True):
        row.pk = pk
        response = desk.post(a_version(row), typed(desk.get(a_version(row))))
        assert response.status_code == 200, row._meta.label
        assert not type(row).objects.exists(), row._meta.label
    assert any("cannot be restored" in one for one in errors(response))


@pytest.fixture
def company():
    """2021.AI, whose version before the last has the sector X, which was deleted since."""
    company = a_company("2021.AI", sector=a_sector("legal"))
    sector = a_sector("x", label_en="Sector X", label_fr="Secteur X")
    desk = a_login("before")
    save(desk, company, sector=sector.pk, website="https://old.example.org/")
    save(desk, company, sector=a_sector("legal").pk, website="https://new.example.org/")
    sector.delete()
    return company


def version_with_sector_x(company):
    version = company.history.exclude(sector_id=company.sector_id).latest("history_id")
    return page(company, "history") + f"{version.pk}/"


def test_restoring_a_version_whose_sector_was_deleted_keeps_the_current_sector_and_says_so(company):
    desk = a_login()
    lines = Change.objects.count()
    address = version_with_sector_x(Company.objects.get(pk=company.pk))

    form = desk.get(address)
    answer = desk.post(address, typed(form), follow=True)

    told = "Sector: “Sector X” is no longer on the register. The current value, “Legal”, is kept"
    assert told in text(form)
    assert told in text(answer)
    company.refresh_from_db()
    assert (company.sector.code, company.website) == ("legal", "https://old.example.org/")
    assert not [c for c in Change.objects.order_by("number")[lines:] if "ector" in str(c)]


def test_an_editor_can_restore_a_version_with_an_empty_sector(company):
    address = version_with_sector_x(Company.objects.get(pk=company.pk))
    desk = a_login()

    desk.post(address, typed(desk.get(address), sector=""))

    company.refresh_from_db()
    assert company.sector is None


def test_restoring_a_version_whose_parent_company_was_deleted_says_so():
    group = a_company("Group")
    company = a_company("Acme", parent=group)
    company.parent = None
    company.save()
    group.delete()
    desk = a_login()
    version = company.history.earliest("history_id")
    address = page(company, "history") + f"{version.pk}/"

    answer = desk.post(address, typed(desk.get(address)), follow=True)

    assert "“Group” is no longer on the register; the field is now empty." in text(answer)
    company.refresh_from_db()
    assert company.parent is None


@pytest.mark.parametrize("button", ["_popup", "_continue", "_addanother", "_saveasnew"])
def test_restoring_a_version_in_a_popup_or_with_another_button_is_never_a_500(button):
    company = a_company("Acme")
    desk = a_login()
    save(desk, company, website="https://new.example.org/")
    address = a_version(company)

    answer = desk.post(address, typed(desk.get(address)) | {button: "1"})

    assert answer.status_code == (400 if button == "_popup" else 302)


def test_restoring_a_version_whose_sector_still_exists_shows_no_warning():
    company = a_company("Acme", sector=a_sector("legal"))
    desk = a_login()
    save(desk, company, sector=a_sector("energy").pk)
    version = company.history.earliest("history_id")
    address = page(company, "history") + f"{version.pk}/"

    answer = desk.post(address, typed(desk.get(address)), follow=True)

    assert "no longer on the register" not in text(answer)
    company.refresh_from_db()
    assert company.sector.code == "legal"
