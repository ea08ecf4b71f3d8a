"""One question, one sentence: did this company sign?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from companies import queries
from companies.models import Company, Pact
from companies.pages.errors import register_page
from companies.queries.lookup import look_up

from .status_words import in_one_sentence


@register_page
def verify(request: HttpRequest) -> HttpResponse:
    asked = queries.VerifyQuery.of(request)
    name = asked.company_asked
    pact = asked.chosen_pact
    named = list(queries.companies_named(name)[: queries.SUGGESTED]) if name else []
    context: dict[str, Any] = {
        "name": name,
        "pact": pact,
        "pacts": Pact.objects.all(),
        "company": named[0] if len(named) == 1 else None,
    }
    if len(named) == 1:
        context |= answer(asked, named[0], pact)
    elif named:
        context["choices"] = named
    elif name:
        context["alike"] = alike(name)
    return render(request, "companies/proof/verify.html", context)


def alike(name: str) -> list[Company]:
    """Companies whose names hold the same words or nearly the same letters, the nearest first.

    They are only offered: a name that looks alike may be another company's.
    """
    match = look_up(name)
    near = [match.company_id, *(one.company_id for one in match.suggestions)]
    found = Company.objects.in_bulk([pk for pk in near if pk])
    holding = {company.pk: company for company in queries.companies_like(name)}
    return list((found | holding).values())[: queries.SUGGESTED]


def answer(asked: queries.VerifyQuery, company: Company, pact: Pact) -> dict[str, Any]:
    """The sentence, what it rests on, and when the list was last read."""
    periods = queries.signings().filter(company=company, pact=pact).on(asked.day)
    signing = periods.first()
    return {
        "sentence": in_one_sentence(company, pact, signing, get_language() or "en"),
        "signing": signing,
        "evidence": signing.evidence if signing else [],
        "reading": queries.last_reading(pact),
    }
