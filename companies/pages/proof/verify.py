"""The page that answers in one sentence whether a company signed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from companies import queries
from companies.models import Company, Pact


def verify(request: HttpRequest) -> HttpResponse:
    query = queries.VerifyQuery.of(request)
    name, pact = query.named_company, query.chosen_pact
    context: dict[str, Any] = {"name": name, "pact": pact, "pacts": Pact.objects.with_list_read()}
    match = queries.look_up(name)
    companies = queries.matched_companies(match)
    if match.company_id and companies:
        context |= {"company": companies[0], **answer(query, companies[0], pact)}
        context["meaning"] = queries.meaning_of(match, companies[0])
    else:
        shared = match.shared
        suggested = {one.company_id: one for one in match.suggestions}
        reasons = [(one, queries.reason_of(suggested[one.pk], one)) for one in companies]
        context["choices"] = [(one, why) for one, why in reasons if one.pk in shared]
        context["alike"] = [(one, why) for one, why in reasons if one.pk not in shared]
    return render(request, "companies/proof/verify.html", context)


def answer(query: queries.VerifyQuery, company: Company, pact: Pact) -> dict[str, Any]:
    """The context of the answer: sentence, evidence, and when the list was last read."""
    lists = queries.full_lists(query.clock)
    periods = list(queries.signings().filter(company=company, pact=pact).on(query.day))
    lists.mark(periods)
    signing = periods[0] if periods else None
    return {
        "sentence": queries.in_one_sentence(company, pact, signing, get_language() or "en"),
        "signing": signing,
        "evidence": signing.evidence if signing else [],
        "newest_list": lists.newest(pact),
    }
