"""The invented register as a data package, written row by row, which load_register accepts."""

import csv
import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks import register

PACT_NAMES = {"eu-ai-pact": "EU AI Pact", "gpai-code": "Code of Practice", "seoul": "Seoul"}
# Later than any period begins, so that every document may tell of every period.
READ_ON = datetime.date(2026, 10, 31)
EVIDENCE_ON = "2025-10-01"

Row = Mapping[str, object]


def write(folder: Path, number: int) -> None:
    """Write the package of `number` invented companies into `folder`."""
    from companies.register.package import TABLES  # needs Django's settings

    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files = {}
        for table in TABLES:
            text = stack.enter_context((folder / table.file).open("w", newline=""))
            files[table.name] = csv.DictWriter(text, list(table.columns), "", lineterminator="\n")
            files[table.name].writeheader()
        for name, row in rows(number):
            files[name].writerow(row)


def rows(number: int) -> Iterator[tuple[str, Row]]:
    """Each row with the name of its table."""
    for code in filter(None, register.SECTORS):
        yield "sectors", {"code": code, "label_en": code, "label_fr": code}
    yield from (("sources", _source(source)) for source in register.sources(number))
    for position, slug in enumerate(PACT_NAMES, start=1):
        yield "pacts", _pact(slug, position)
        for order, (code, kind) in enumerate(register.COMMITMENTS[slug].items(), start=1):
            yield "commitments", _commitment(slug, code, kind, order)
    for company in register.companies(number):
        yield from _company(company)


def _source(source: register.Source) -> Row:
    return {
        "slug": source.slug,
        "url": f"https://example.org/{source.slug}",
        "title": source.title,
        "kind": source.kind,
        "published_on": READ_ON,
    }


def _pact(slug: str, position: int) -> Row:
    return {
        "slug": slug,
        "position": position,
        "name_en": PACT_NAMES[slug],
        "name_fr": PACT_NAMES[slug],
        "issuer": "European Commission",
        "opened_on": register.OPENED_ON,
        "url": "https://example.org/",
        "report_after_months": 12,
    }


def _commitment(pact: str, code: str, kind: str, position: int) -> Row:
    return {
        "pact": pact,
        "code": code,
        "kind": kind,
        "audience": "all",
        "position": position,
        "title_en": code,
        "title_fr": code,
        "text": ("What a company promises, in a sentence or two of the pact’s own words. " * 3)[
            :-1
        ],
        "text_basis": "paraphrase",
        "ai_act_article": "Article 4",
        "source": "official-list",
    }


def _company(company: register.Company) -> Iterator[tuple[str, Row]]:
    slug = company.slug
    yield (
        "companies",
        {
            "slug": slug,
            "name": company.name,
            "country": company.country,
            "sector": company.sector,
            "size": company.size,
            "role": company.role,
            "website": f"https://{slug}.example",
            "profile_basis": "general_knowledge",
        },
    )
    for name in company.names:
        yield "company_names", {"company": slug, "name": name, "kind": "alias"}
    for period in company.periods:
        named = {"company": slug, "pact": period.pact, "since": period.since}
        end = {"since_basis": "first_seen", "until": period.until}
        yield "signings", {**named, "status": period.status, **end}
        yield from _citations(period.citations, {**named, "fact": "signing"}, period.since)
    for pledge in company.pledges:
        named = {"company": slug, "pact": pledge.pact, "commitment": pledge.commitment}
        yield "pledges", {**named, **_said(pledge)}
        yield from _citations(pledge.citations, {**named, "fact": "pledge"}, None)


def _said(pledge: register.Pledge) -> Row:
    kind = register.COMMITMENTS[pledge.pact][pledge.commitment]
    known = pledge.implementation != "no_evidence"
    return {
        "basis": "stated" if kind == "additional" else "implied_by_signature",
        "implementation": pledge.implementation,
        "implementation_basis": "self_reported" if known else "",
        "as_of": EVIDENCE_ON if known else "",
    }


def _citations(
    citations: Iterable[register.Citation], named: Row, about_on: datetime.date | None
) -> Iterator[tuple[str, Row]]:
    for one in citations:
        own = {"source": one.source, "quote": one.quote, "own_words": one.own_words}
        yield "citations", {**named, **own, "about_on": about_on}
