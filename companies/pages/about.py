"""How the register is made, what its words mean, and how its data may be used."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Company, Confidence, Pledge, Signing, Source
from companies.register.statistics import statistics

from .errors import answers_bad_queries

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@answers_bad_queries
def method(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    pact = queries.pact_or_none(DEFAULT_PACT)
    context = {
        "pact": pact,
        "counts": statistics(pact, timezone.localdate()) if pact else None,
        "statuses": status_meanings(),
        "bases": Signing.SinceBasis.choices,
        "levels": level_meanings(),
        "confidences": Confidence.choices,
        "official_lists": Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST).order_by(
            "-published_on"
        ),
    }
    return render(request, "companies/method.html", context)


def status_meanings() -> list[tuple[str, str, str]]:
    meanings = {
        Signing.Status.SIGNED: _("An official list or document, or a source we cite, names it."),
        Signing.Status.NOT_SIGNED: _(
            "We or a source looked for it on the list of a day and it was not there. "
            "That is not a refusal: it may have signed later, or never been asked."
        ),
        Signing.Status.DECLINED: _("It said in public that it does not sign. The quote is shown."),
        Signing.Status.REMOVED: _(
            "It was on the official list and is not any more. We saw the list, not the reason."
        ),
        Signing.Status.WITHDRAWN: _("It left, by its own word."),
        Signing.Status.INTERESTED: _("It is in the pact’s network and has not signed."),
        Signing.Status.UNKNOWN: _("No source that we read says anything."),
    }
    return [(status.value, str(status.label), text) for status, text in meanings.items()]


def level_meanings() -> list[tuple[str, str]]:
    meanings = {
        Pledge.Implementation.NO_EVIDENCE: _(
            "We searched and found nothing public. It does not mean that nothing was done."
        ),
        Pledge.Implementation.PLANNED: _("A source says that it is planned."),
        Pledge.Implementation.PARTIAL: _("A source says that it is done in part."),
        Pledge.Implementation.FULL: _("A source says that it is done."),
        Pledge.Implementation.EVIDENCE_WITHDRAWN: _("The source we had is no longer there."),
    }
    return [(str(level.label), text) for level, text in meanings.items()]


@answers_bad_queries
def data(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    context = {
        "companies": Company.objects.count(),
        "today": timezone.localdate(),
        "licence": LICENCE,
        "dataset": dataset(),
    }
    return render(request, "companies/data.html", context)


def dataset() -> dict[str, Any]:
    """The register in schema.org's terms."""
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": _("PactWatch: who signed the EU AI Pact, and who did not"),
        "description": _(
            "Companies with their signing status, pledges and progress toward the EU AI Pact and "
            "other voluntary instruments, each with its sources and its history."
        ),
        "url": settings.SITE_URL + reverse("data"),
        "license": LICENCE,
        "inLanguage": get_language(),
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": "PactWatch", "url": settings.SITE_URL},
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/json",
                "contentUrl": settings.SITE_URL + reverse("api:companies"),
            }
        ],
    }


@answers_bad_queries
def about(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    return render(request, "companies/about.html")
