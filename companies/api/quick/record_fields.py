"""Build the JSON of a record from plain values; serializers take most of its time.

`CompanyDetailSerializer` defines the fields; a test compares the two after each kind of edit.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from companies.api.serializer_fields import absolute, url_template
from companies.models import (
    Commitment,
    CompanyIdentifier,
    Pact,
    Signing,
    Source,
)
from companies.queries.records.record_values import RecordValues, Values, checked_on

from .items import region_of

if TYPE_CHECKING:
    from companies.queries import FullLists

_LENGTHS = {"day": 10, "month": 7, "year": 4}  # characters of a date as stated


def record_fields(values: RecordValues, pact: Pact, lists: "FullLists") -> dict[str, Any]:
    """The company as `CompanyDetailSerializer` represents it on the present day."""
    (company,) = values["company"]
    slug = company["slug"]
    page = _url("company", slug)
    for one in values["signings"]:
        one["lists_without"] = _lists_without(company["pk"], one, lists)
    # Nothing in it is of a later day, so that a period with an end is over.
    now = [one for one in values["signings"] if not one["until"]]
    unknown: Values = {"lists_without": []}
    current = next((one for one in now if one["pact"] == pact.pk), unknown)
    absences = [one["pk"] for one in values["signings"] if one["status"] in Signing.ABSENCES]
    periods = _by_owner(values["cited_signings"], absences)
    pledges = _by_owner(values["cited_pledges"])
    reports = _by_owner(values["cited_reports"])
    return {
        "slug": slug,
        "name": company["name"],
        "legal_name": company["legal_name"],
        "names": values["names"],
        "identifiers": [
            {**one, "url": _page_of_identifier(**one)} for one in values["identifiers"]
        ],
        "country": company["country"] or None,
        "region": region_of(company["country"]),
        "sector": company["sector__code"]
        and {"code": company["sector__code"], "label": _both("sector__label", company)},
        "size": company["size"],
        "role": company["role"],
        "website": company["website"] or None,
        "description": company["description"],
        "profile_basis": company["profile_basis"],
        "profile_url": company["profile_url"] or None,
        "citations": [_citation(one) for one in values["cited"]],
        "group": {
            "parent": company["parent"]
            and _company(company["parent__slug"], company["parent__name"]),
            "subsidiaries": [_company(one["slug"], one["name"]) for one in values["subsidiaries"]],
        },
        "pact": pact.slug,
        "status": current.get("status", "unknown"),
        "since": _stated("since", current) if "since" in current else None,
        "since_precision": current.get("since_precision"),
        "since_basis": current.get("since_basis"),
        "last_checked": next(reversed(current["lists_without"]), None),
        "signings": [_period(one, periods[one["pk"]], slug, page) for one in values["signings"]],
        "other_pacts": [
            {
                "pact": one["pact__slug"],
                "status": one["status"],
                "since": _stated("since", one),
                "since_precision": one["since_precision"],
                "since_basis": one["since_basis"],
            }
            for one in now
            if one["pact"] != pact.pk
        ],
        "pledges": [_pledge(one, pledges[one["pk"]], slug, page) for one in values["pledges"]],
        "reports": [_report(one, reports[one["pk"]]) for one in values["reports"]],
        "retractions": [_retraction(one) for one in values["retractions"]],
        "url": _url("api:company", slug),
        "page": page,
    }


def _period(one: Values, citations: list[Values], slug: str, page: str) -> Values:
    pact, since = one["pact__slug"], one["since"]
    return {
        "pact": {
            "slug": pact,
            "name": _both("pact__name", one),
            "url": _url("api:pact", pact),
            "page": _url("pact", pact),
        },
        "status": one["status"],
        "since": _stated("since", one),
        "since_precision": one["since_precision"],
        "since_basis": one["since_basis"],
        "until": _stated("until", one),
        "until_precision": one["until_precision"],
        "last_checked": next(reversed(one["lists_without"]), None),
        "lists_without": one["lists_without"],
        "reason": _both("reason", one),
        "asked": one["asked"] or None,
        "asked_on": one["asked_on"],
        "citations": citations,
        "url": _url("api:signing", slug, pact, since),
        "page": page,
    }


def _lists_without(company: int, one: Values, lists: "FullLists") -> list[str]:
    if one["status"] != Signing.Status.NOT_SIGNED:
        return []
    until = one["until"] and datetime.date.fromisoformat(one["until"])
    since = datetime.date.fromisoformat(one["since"])
    period = SimpleNamespace(**one | {"since": since})
    missed = lists.without(company, one["pact"], period, until)
    return [str(day) for day in missed.days] if missed else []


def _pledge(one: Values, citations: list[Values], slug: str, page: str) -> Values:
    pact, code = one["commitment__pact__slug"], one["commitment__code"]
    return {
        "commitment": {
            "pact": pact,
            "code": code,
            "kind": one["commitment__kind"],
            "title": _both("commitment__title", one),
            "url": _url("api:commitment", pact, code),
            "page": absolute(_page_of_commitment(pact, code)),
        },
        "basis": one["basis"],
        "implementation": one["implementation"],
        "implementation_basis": one["implementation_basis"] or None,
        "as_of": one["as_of"],
        "target_on": one["target_on"],
        "note": _both("note", one),
        "citations": citations,
        "url": _url("api:pledge", slug, pact, code),
        "page": page,
    }


def _report(one: Values, citations: list[Values]) -> Values:
    return {
        "pact": one["pact__slug"],
        "period": one["period"],
        "due_on": one["due_on"],
        "due_basis": one["due_basis"] or None,
        "submitted_on": one["submitted_on"],
        "published_on": one["published_on"],
        "document_url": one["url"] or None,
        "citations": citations,
    }


def _retraction(one: Values) -> Values:
    return {
        "pact": one["pact__slug"],
        "status": one["status"],
        "since": _stated("since", one),
        "since_precision": one["since_precision"],
        "published_from": one["published_from"],
        "retracted_on": one["retracted_on"],
        "reason": _both("reason", one),
    }


def _by_owner(
    rows: Iterable[Values], absences: Iterable[int] = ()
) -> defaultdict[int, list[Values]]:
    found = defaultdict[int, list[Values]](list)
    for row in rows:
        found[row["pk"]].append(_citation(row, of_absence=row["pk"] in absences))
    return found


def _citation(one: Values, *, of_absence: bool = False) -> Values:
    return {
        "quote": one["quote"],
        "language": one["language"] or None,
        "translation": _both("translation", one),
        "own_words": one["own_words"] or None,
        "about_on": _stated("about_on", one),
        "confidence": _confidence(one["quote"], one["source__kind"], of_absence),
        "verified_on": one["verified_on"],
        "check": _check(one),
        "source": {
            "slug": one["source__slug"],
            "title": one["source__title"],
            "publisher": one["source__publisher"],
            "kind": one["source__kind"],
            "document_url": one["source__url"],
            "archived_url": one["source__archived_url"] or None,
            "sha256": one["source__sha256"] or None,
            "published_on": one["source__published_on"],
            "retrieved_on": one["source__retrieved_on"],
            "obtained": one["source__obtained"] or None,
            "received_from": one["source__received_from"] or None,
            "url": _url("api:source", one["source__slug"]),
        },
    }


def _confidence(quote: str, kind: str, of_absence: bool) -> str:
    """As `Citation.confidence`."""
    if not quote or (of_absence and kind == Source.Kind.OFFICIAL_LIST):
        return "low"
    return "high" if kind in Source.FIRST_HAND else "medium"


def _check(one: Values) -> Values | None:
    """As `Citation.check_of_page`: only of the present quote and URL."""
    of = (one["quote_check__quote"], one["quote_check__url"])
    if not one["quote_check__result"] or of != (one["quote"], one["source__url"]):
        return None
    return {
        "result": one["quote_check__result"],
        "reason": one["quote_check__reason"] or None,
        "checked_on": checked_on(one).isoformat(),
        "since": one["quote_check__since"],
        "found_on": one["quote_check__found_on"],
        "sha256": one["quote_check__sha256"] or None,
        "in_copy": bool(one["quote_check__in_copy"]),
        "copy_of": one["quote_check__copy_of"],
    }


def _company(slug: str, name: str) -> Values:
    return {
        "slug": slug,
        "name": name,
        "url": _url("api:company", slug),
        "page": _url("company", slug),
    }


def _both(name: str, one: Values) -> dict[str, str]:
    return {"en": one[f"{name}_en"], "fr": one[f"{name}_fr"]}


def _stated(name: str, one: Values) -> str | None:
    """As `PartialDate` writes it."""
    day: str | None = one[name]
    return day[: _LENGTHS[one[f"{name}_precision"]]] if day else None


def _url(view: str, *arguments: str) -> str:
    template = absolute(url_template(view, len(arguments)))
    return template.format(**{f"at{place}": one for place, one in enumerate(arguments)})


def _page_of_identifier(scheme: str, value: str) -> str | None:
    return CompanyIdentifier(scheme=scheme, value=value).url or None


@lru_cache(500)
def _page_of_commitment(pact: str, code: str) -> str:
    return Commitment(pact=Pact(slug=pact), code=code).get_absolute_url()
