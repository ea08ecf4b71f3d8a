"""The tools for agents, without the protocol: plain data in, plain data out.

Each result has sources, date, register version and coverage. `known` is false if no source says:
that is never "did not sign".
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import override

from companies import queries
from companies.models import Citation, Company, Pact, RegisterVersion, Signing
from companies.queries import WholeResult
from companies.queries.candidates.scoring import Description, candidates_of
from companies.queries.company_table import CompanyTable
from companies.queries.recorded import reading

MOST_COMPANIES, MOST_NAMES, MOST_CHANGES, MOST_CANDIDATES = 100, 500, 100, 3
ABSENT = "This describes a list on a day. It is not a refusal."
NO_COMPANY = "We know no such company. It may still have signed."
NOT_SURE = "Several companies may be meant, or one that only resembles the name. Ask which."
NO_SOURCE = "No source that we read says whether this company signed. It may have signed."
PARTLY = "We know only part of the signatories: a company that is not listed may still have signed."
COLUMNS = [
    *("slug", "name", "country", "sector", "pact", "status", "since", "since_precision"),
    *("since_basis", "last_checked", "source_count", "first_source_url"),
]


@dataclass(frozen=True)
class PactOnDay:
    """The pact and the clock of a tool call."""

    pact: Pact
    clock: queries.Clock


def answers_by_clock(answer: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Decorate a tool that reads by the pact and dates in its parameters."""

    @wraps(answer)
    def read(query: Mapping[str, str], *args: Any, **kwargs: Any) -> dict[str, Any]:
        parsed = queries.PactQuery(_query(query))
        parsed.refuse_faults()
        with override(settings.LANGUAGE_CODE), reading(parsed.clock):
            scope = PactOnDay(parsed.chosen_pact, parsed.clock)
            return {**answer(scope, *args, **kwargs), **limits(scope)}

    return read


def _query(values: Mapping[str, Any]) -> QueryDict:
    """The parameters as a QueryDict; None values are left out."""
    query = QueryDict(mutable=True)
    for name, value in values.items():
        many = value if isinstance(value, list) else [value]
        query.setlist(name, [str(one) for one in many if one not in (None, "")])
    return query


def limits(scope: PactOnDay) -> dict[str, Any]:
    """The limits of a result: its date, the register version, and the coverage."""
    newest = queries.full_lists(scope.clock).newest(scope.pact)
    return {
        "pact": scope.pact.slug,
        "day": str(scope.clock.day),
        "register_version": RegisterVersion.objects.values_list("number", flat=True).first() or 0,
        "coverage": {
            "signatories_known": queries.signatories(scope.pact, scope.clock),
            "signatories_announced": scope.pact.listed_total,
            "newest_list": str(newest.day) if newest else None,
            "note": PARTLY,
        },
        "licence": "CC BY 4.0, PactWatch",
    }


# Companies


@answers_by_clock
def find(scope: PactOnDay, parameters: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """Companies that match the parameters of the public list."""
    result = WholeResult(_query({**parameters, **_days(scope)}), clock=scope.clock)
    keys = result.keys
    rows = list(described(result, list(keys[:limit])))
    return {
        "known": bool(rows),
        "count": len(keys),
        "companies": rows,
        "sources": _firsts(rows),
        **({} if rows else {"caution": NO_COMPANY}),
    }


def _days(scope: PactOnDay) -> dict[str, str]:
    return {"pact": scope.pact.slug} | {name: str(day) for name, day in scope.clock.past.items()}


def described(result: WholeResult, keys: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Companies with their status, under the column names of the downloads."""
    table = CompanyTable(result, keys)
    for row in table:
        values = dict(zip(table.columns, row, strict=True))
        listed = {name: values[name] for name in COLUMNS}
        yield listed | {"page": _page(values["slug"]), **_caution(values["status"])}


def _page(slug: str) -> str:
    return f"{settings.SITE_URL}/companies/{slug}/"


def _caution(status: str) -> dict[str, str]:
    said: dict[str, str] = {Signing.Status.NOT_SIGNED: ABSENT, Signing.Status.UNKNOWN: NO_SOURCE}
    return {"caution": said[status]} if status in said else {}


def _firsts(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    urls = dict.fromkeys(row["first_source_url"] for row in rows if row["first_source_url"])
    return [{"url": url} for url in urls]


# One company


@answers_by_clock
def verify(scope: PactOnDay, name: str) -> dict[str, Any]:
    """Whether the company that a name means signed the pact, in one sentence with its evidence."""
    match = queries.look_up(name)
    companies = queries.matched_companies(match)
    if not match.company_id or not companies:
        candidates = [
            {"slug": one.slug, "name": one.name, "page": _page(one.slug)} for one in companies
        ]
        caution = NOT_SURE if candidates else NO_COMPANY
        return {"known": False, "caution": caution, "candidates": candidates, "sources": []}
    company = companies[0]
    signing = status_of(company, scope)
    meaning = queries.meaning_of(match, company)
    return {
        **_status(company, scope.pact, signing),
        **({"meaning": meaning} if meaning else {}),
    }


def status_of(company: Company, scope: PactOnDay) -> Signing | None:
    """The period in force on the day, marked with the lists without the company."""
    periods = list(queries.signings().filter(company=company, pact=scope.pact).on(scope.clock.day))
    queries.full_lists(scope.clock).mark(periods)
    return periods[0] if periods else None


def _status(company: Company, pact: Pact, signing: Signing | None) -> dict[str, Any]:
    status = signing.status if signing else Signing.Status.UNKNOWN
    lists = signing.lists_without if signing else None
    return {
        "known": status != Signing.Status.UNKNOWN,
        "company": {"slug": company.slug, "name": company.name, "page": _page(company.slug)},
        "status": str(status),
        "since": str(signing.started) if signing else None,
        "since_basis": signing.since_basis if signing else None,
        "last_checked": str(lists.last) if lists else None,
        "sentence": queries.in_one_sentence(company, pact, signing, settings.LANGUAGE_CODE),
        "sources": [cited(one) for one in signing.evidence] if signing else [],
        **_caution(status),
    }


def cited(citation: Citation) -> dict[str, Any]:
    source = citation.source
    return {
        "url": source.url,
        "title": source.title,
        "publisher": source.publisher,
        "published_on": str(source.published_on) if source.published_on else None,
        "archived_url": source.archived_url or None,
        "quote": citation.quote or None,
    }


@answers_by_clock
def statuses(scope: PactOnDay, slug: str) -> dict[str, Any]:
    """The status of one company toward each pact on the day."""
    key = queries.companies_with_ids([slug]).get(slug)
    company = Company.objects.filter(pk=key).first() if key else None
    if company is None:
        return {"known": False, "caution": NO_COMPANY, "pacts": [], "sources": []}
    pacts, found = Pact.objects.order_by("position", "pk"), []
    for pact in pacts:
        status = _status(company, pact, status_of(company, PactOnDay(pact, scope.clock)))
        status.pop("company")
        found.append({"pact": pact.slug, **status})
    return {
        "known": any(one["known"] for one in found),
        "company": {"slug": company.slug, "name": company.name, "page": _page(company.slug)},
        "pacts": found,
        "sources": [source for one in found for source in one.pop("sources")],
    }


# Changes


@answers_by_clock
def changes(scope: PactOnDay, since: str, company: str, limit: int) -> dict[str, Any]:
    """Changes recorded since a day, in words, oldest first."""
    parameters = {"since": since, "company": company, "material": "true", "page_size": limit}
    log = queries.ChangeLog(_query(parameters))
    found, _cursor, more = log.read()
    known = queries.KnownRows(found)
    rows = [
        {
            "number": one.number,
            "recorded_at": one.recorded_at.astimezone(datetime.UTC).isoformat(),
            "happened_on": str(one.happened) if one.happened else None,
            "company": one.company_slug or None,
            "pact": one.pact_slug or None,
            "what": queries.sentence(one, known),
        }
        for one in found
    ]
    feed = {"url": f"{settings.SITE_URL}/api/v1/changes/?since={since}&material=true"}
    return {"known": True, "changes": rows, "more": more, "sources": [feed]}


# A list of names


@answers_by_clock
def check(scope: PactOnDay, names: Sequence[str]) -> dict[str, Any]:
    """For each name its certain match with status, else candidates."""
    answers = [
        found[:MOST_CANDIDATES] for found in candidates_of([Description(name=one) for one in names])
    ]
    keys = sorted({one.company_id for found in answers for one in found})
    slugs = dict(Company.objects.filter(pk__in=keys).values_list("pk", "slug"))
    rows = {row["slug"]: row for row in described(WholeResult(_query(_days(scope))), keys)}
    results = []
    for name, found in zip(names, answers, strict=True):
        candidates = [
            {"match": one.is_match, "score": one.score, **rows[slugs[one.company_id]]}
            for one in found
            if slugs.get(one.company_id) in rows
        ]
        sure = next((one for one in candidates if one.pop("match")), None)
        known = sure is not None and sure["status"] != Signing.Status.UNKNOWN
        result: dict[str, Any] = {"name": name, "known": known}
        if sure:
            result |= {"company": sure}
        else:
            result |= {"candidates": candidates, "caution": NOT_SURE if candidates else NO_COMPANY}
        results.append(result)
    sources = _firsts(one["company"] for one in results if "company" in one)
    return {"known": any(one["known"] for one in results), "results": results, "sources": sources}
