"""Writes the invented register into the database.

With bulk_create and so without history: a scratch database is nobody's record.
"""

import datetime
from collections.abc import Iterable
from itertools import count
from typing import Any

from django.db import models, transaction

from benchmarks import register
from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyName,
    Pact,
    Pledge,
    Sector,
    Signing,
    Source,
)

PACT_NAMES = {"eu-ai-pact": "EU AI Pact", "gpai-code": "Code of Practice", "seoul": "Seoul"}
BATCH = 2000


@transaction.atomic
def fill(number: int) -> None:
    sectors = _create(
        {code: Sector(code=code, label_en=code, label_fr=code) for code in _sectors()}
    )
    sources = _create({source.slug: _source(source) for source in register.sources(number)})
    pacts = _create({slug: _pact(slug, position) for position, slug in enumerate(PACT_NAMES)})
    commitments = _create(
        {
            (pact, code): _commitment(pacts[pact], code, kind, position)
            for pact, codes in register.COMMITMENTS.items()
            for position, (code, kind) in enumerate(codes.items())
        }
    )
    rows: dict[type[models.Model], list[Any]] = {
        model: [] for model in (Company, CompanyName, Signing, Pledge, Citation)
    }
    numbers = {Signing: count(1), Pledge: count(1)}
    for pk, entry in enumerate(register.companies(number), start=1):
        rows[Company].append(_company(pk, entry, sectors))
        rows[CompanyName] += [
            CompanyName(company_id=pk, name=name, kind=CompanyName.Kind.ALIAS)
            for name in entry.names
        ]
        for period in entry.periods:
            signing = _signing(next(numbers[Signing]), pk, period, pacts)
            rows[Signing].append(signing)
            rows[Citation] += _citations(period.citations, sources, signing=signing)
        for promise in entry.pledges:
            pledge = _pledge(next(numbers[Pledge]), pk, promise, commitments)
            rows[Pledge].append(pledge)
            rows[Citation] += _citations(promise.citations, sources, pledge=pledge)
    for model, created in rows.items():
        model._default_manager.bulk_create(created, batch_size=BATCH)


def _sectors() -> list[str]:
    return [code for code in register.SECTORS if code]


def _create(rows: dict[Any, Any]) -> dict[Any, Any]:
    model = type(next(iter(rows.values())))
    model._default_manager.bulk_create(rows.values())
    return rows


def _source(source: register.Source) -> Source:
    return Source(
        slug=source.slug,
        url=f"https://example.org/{source.slug}",
        title=source.title,
        kind=source.kind,
        published_on=register.LIST_READ_ON,
    )


def _pact(slug: str, position: int) -> Pact:
    return Pact(
        slug=slug,
        position=position,
        name_en=PACT_NAMES[slug],
        name_fr=PACT_NAMES[slug],
        issuer="European Commission",
        opened_on=register.OPENED_ON,
        url="https://example.org/",
        report_after_months=12,
    )


def _commitment(pact: Pact, code: str, kind: str, position: int) -> Commitment:
    return Commitment(
        pact=pact,
        code=code,
        kind=kind,
        position=position,
        title_en=code,
        title_fr=code,
        text="What a company promises, in a sentence or two of the pact’s own words. " * 3,
        text_basis=Commitment.TextBasis.PARAPHRASE,
        ai_act_article="Article 4",
    )


def _company(pk: int, entry: register.Company, sectors: dict[str, Sector]) -> Company:
    return Company(
        pk=pk,
        slug=entry.slug,
        name=entry.name,
        country=entry.country,
        sector=sectors.get(entry.sector),
        size=entry.size,
        role=entry.role,
        website=f"https://{entry.slug}.example",
        profile_basis=Company.ProfileBasis.GENERAL_KNOWLEDGE,
    )


def _signing(pk: int, company: int, period: register.Period, pacts: dict[str, Pact]) -> Signing:
    return Signing(
        pk=pk,
        company_id=company,
        pact=pacts[period.pact],
        status=period.status,
        since=period.since,
        since_basis=Signing.SinceBasis.FIRST_SEEN,
        until=period.until,
    )


def _pledge(pk: int, company: int, promise: register.Pledge, commitments: dict[Any, Any]) -> Pledge:
    known = promise.implementation != Pledge.Implementation.NO_EVIDENCE
    return Pledge(
        pk=pk,
        company_id=company,
        commitment=commitments[promise.pact, promise.commitment],
        basis=Pledge.Basis.IMPLIED_BY_SIGNATURE,
        implementation=promise.implementation,
        implementation_basis=Pledge.ImplementationBasis.SELF_REPORTED if known else "",
        as_of=datetime.date(2025, 10, 1) if known else None,
    )


def _citations(
    citations: Iterable[register.Citation], sources: dict[str, Source], **fact: Any
) -> list[Citation]:
    return [
        Citation(
            source=sources[citation.source],
            quote=citation.quote,
            **fact,
        )
        for citation in citations
    ]
