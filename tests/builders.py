"""Builders: one row each, with a default for all a test does not care about."""

import datetime
from itertools import count
from typing import Any

from django.utils.text import slugify

from companies.models import (
    Citation,
    Commitment,
    Company,
    Correction,
    Milestone,
    Pact,
    Pledge,
    Sector,
    Signing,
    Source,
)

_number = count(1)


def a_sector(code: str = "software", **fields: Any) -> Sector:
    sector, _new = Sector.objects.get_or_create(
        code=code, defaults={"label_en": code.title(), "label_fr": code.title(), **fields}
    )
    return sector


def a_company(name: str = "", **fields: Any) -> Company:
    name = name or f"Company {next(_number)}"
    return Company.objects.create(**{"name": name, "slug": slugify(name)} | fields)


def a_pact(slug: str = "eu-ai-pact", **fields: Any) -> Pact:
    values = {
        "name_en": "EU AI Pact",
        "name_fr": "Pacte européen sur l’IA",
        "issuer": "European Commission",
        "opened_on": datetime.date(2024, 9, 25),
        "url": "https://digital-strategy.ec.europa.eu/en/policies/ai-pact",
        "report_after_months": 12,
        "listed_total": 230,
        "listed_total_on": datetime.date(2025, 12, 15),
    }
    pact, _new = Pact.objects.get_or_create(slug=slug, defaults=values | fields)
    return pact


def a_commitment(code: str = "governance", **fields: Any) -> Commitment:
    values = {
        "pact": fields.get("pact") or a_pact(),
        "kind": Commitment.Kind.CORE,
        "title_en": code.title(),
        "title_fr": code.title(),
    }
    return Commitment.objects.create(**values | fields, code=code)


def a_source(slug: str = "", **fields: Any) -> Source:
    slug = slug or f"source-{next(_number)}"
    values = {
        "url": f"https://example.org/{slug}",
        "title": slug.title(),
        "kind": Source.Kind.PRESS,
    }
    return Source.objects.create(**values | fields, slug=slug)


def a_signing(company: Company | None = None, status: str = "signed", **fields: Any) -> Signing:
    values = {
        "company": company or a_company(),
        "pact": fields.get("pact") or a_pact(),
        "since": datetime.date(2024, 10, 9),
        "since_basis": Signing.SinceBasis.FIRST_SEEN,
    }
    return Signing.objects.create(**values | fields, status=status)


def a_pledge(company: Company | None = None, **fields: Any) -> Pledge:
    values = {
        "company": company or a_company(),
        "commitment": fields.get("commitment") or a_commitment(),
        "basis": Pledge.Basis.IMPLIED_BY_SIGNATURE,
    }
    return Pledge.objects.create(**values | fields)


def a_citation(**fields: Any) -> Citation:
    """A citation of `signing`, `pledge`, `report` or `company`: name one."""
    return Citation.objects.create(**{"source": fields.get("source") or a_source()} | fields)


def a_milestone(title: str, **fields: Any) -> Milestone:
    values = {"date": datetime.date(2024, 9, 25), "topic": "ai_act", "source": a_source()}
    return Milestone.objects.create(
        **values | fields, title_en=title, title_fr=f"{title} (en français)"
    )


def a_correction(company: Company | None = None, **fields: Any) -> Correction:
    values = {"company": company, "kind": Correction.Kind.ERROR, "message": "The country is wrong."}
    return Correction.objects.create(**values | fields)
