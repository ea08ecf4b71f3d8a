"""A register with a row on every screen of the editors."""

import datetime

from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from companies.models import (
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Correction,
    ImportRun,
    ListHeading,
    Milestone,
    OfficialList,
    ProgressReport,
    Proposal,
    QuoteCheck,
    RefusedMatch,
    Retraction,
)
from companies.register import suppliers
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_delivery,
    a_pledge,
    a_published_share,
    a_sector,
    a_signing,
    a_source,
    a_subscription,
    an_opinion,
)
from tests.editors import a_user
from tests.lists import a_reading

DAY = datetime.date(2024, 9, 25)


def a_row_of_everything() -> None:
    signing = a_signing(a_company("Acme", sector=a_sector(), country="FR"))
    company, pact = signing.company, signing.pact
    citation = a_citation(signing=signing)
    a_pledge(company, commitment=a_commitment("a-promise"))
    ProgressReport.objects.create(company=company, pact=pact)
    CompanyName.objects.create(company=company, name="Acme SA", kind="legal")
    CompanyIdentifier.objects.create(company=company, scheme="vat", value="FR1")
    CompanyRedirect.objects.create(company=company, old_slug="acme-old")
    Milestone.objects.create(
        date=DAY, topic="ai_pact", title_en="Launch", title_fr="Début", source=a_source()
    )
    a_published_share("eu", 63, pact=pact)
    an_opinion(pact=pact)
    a_delivery(a_subscription()).save()
    OfficialList.objects.get_or_create(pact=pact, defaults={"url": "https://example.org/list"})
    ListHeading.objects.get_or_create(pact=pact, language="en", text="Signatories")
    RefusedMatch.objects.create(
        company=company, name="Acme Bank", decided_by=a_user(), decided_at=timezone.now()
    )
    run = ImportRun.objects.create(pact=pact, retrieved_at=timezone.now(), seen_on=DAY)
    Proposal.objects.create(run=run, company=company, action="change", difference="a")
    Correction.objects.create(company=company, kind="error", message="Wrong.")
    Group.objects.get_or_create(name="Editors")
    Retraction.objects.create(
        company=company, pact=pact, status="declined", since=DAY, published_from=DAY,
        retracted_on=DAY, reason_en="It was wrong.", reason_fr="C’était faux.",
    )  # fmt: skip
    QuoteCheck.objects.create(
        citation=citation, url=citation.source.url, checked_at=timezone.now(), since=DAY,
        result="gone",
    )  # fmt: skip
    Client().force_login(a_user("logged-in"))
    screens = [model for model in admin.site._registry if not hasattr(model, "history_object")]
    empty = [model for model in screens if not model._default_manager.exists()]
    assert [model._meta.label for model in empty] == []


def a_desk_with_work() -> list[str]:
    """Proposals that wait, and the addresses that no page links to."""
    a_reading(["Acme", "Acme Bank", "Beta", "Gamma SA"])
    token = suppliers.keep(["Acme", "Acme Bank"], {})
    receipt = Correction.objects.latest("pk").receipt
    return [
        f"/check/kept/{token}",
        f"/corrections/{receipt}/",
        f"/corrections/{receipt}/confirm/x.y/",
    ]
