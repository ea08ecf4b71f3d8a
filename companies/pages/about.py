"""Pages about the site: about, method, privacy."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from companies import queries
from companies.models import (
    DEFAULT_PACT,
    Confidence,
    Pact,
    Pledge,
    ReportState,
    Signing,
    Source,
)
from companies.queries.wording.counted import received_in_a_sentence
from companies.register.personal.inventory import INVENTORY, People

from . import definitions


def method(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    pact = queries.pact_or_none(DEFAULT_PACT)
    clock = queries.Clock()
    lists = queries.full_lists(clock)
    context = {
        "pact": pact,
        "counts": queries.statistics_of(pact, clock) if pact else None,
        "reports": reports_of(pact, clock) if pact else "",
        "own_days": queries.days_stated(pact, clock) if pact else 0,
        "statuses": definitions.terms(Signing.Status, definitions.STATUSES),
        "since_bases": definitions.terms(Signing.SinceBasis, definitions.SINCE_BASES),
        "pledge_bases": definitions.terms(Pledge.Basis, definitions.PLEDGE_BASES),
        "levels": definitions.terms(Pledge.Implementation, definitions.IMPLEMENTATIONS),
        "level_bases": definitions.terms(
            Pledge.ImplementationBasis, definitions.IMPLEMENTATION_BASES
        ),
        "confidences": definitions.terms(Confidence, definitions.CONFIDENCES),
        "words": definitions.words(),
        "official_lists": Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST).order_by(
            "-published_on", "title"
        ),
        "newest_list": lists.newest(pact) if pact else None,
        "lists_read": queries.lists_read(lists),
    }
    return render(request, "companies/about/method.html", context)


def reports_of(pact: Pact, clock: queries.Clock) -> str:
    """How many reports the issuer of a pact says it received; "" if it does not say."""
    received = queries.reports_received(pact, clock.day)
    published = queries.reports_in_state(pact, clock, ReportState.PUBLISHED) if received else 0
    return received_in_a_sentence(pact, published, received) if received else ""


def about(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    return render(request, "companies/about/about.html", {"operator": operator()})


def operator() -> dict[str, str]:
    """Who is responsible for this site, from the settings; "" for what is not set."""
    funding_fr = settings.FUNDING_FR if get_language() == "fr" else ""
    return {
        "name": settings.OPERATOR,
        "address": settings.OPERATOR_ADDRESS,
        "registered_as": settings.OPERATOR_REGISTRATION,
        "publisher": settings.PUBLICATION_DIRECTOR,
        "host": settings.HOSTING_PROVIDER,
        "funding": funding_fr or settings.FUNDING,
        "funding_language": "fr" if funding_fr else "en",
    }


def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy page, from the table of personal data that the commands also use."""
    queries.refuse_parameters(request.GET)
    parts = [(one.label, [data for data in INVENTORY if data.people == one]) for one in People]
    return render(request, "companies/about/privacy.html", {"parts": parts})
