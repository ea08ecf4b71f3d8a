"""Builders: one row each, with a default for all a test does not care about.

A builder writes a row and what it implies. Only in tests marked `history` it writes the public
changes too, and the audit row of a company, a pact, a sector, a source or a citation: they take
two thirds of a builder's time. Mark a test of changes, feeds or the history of such a row.
"""

import datetime
from itertools import count
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    Correction,
    Delivery,
    Milestone,
    Opinion,
    Pact,
    Pledge,
    PublishedShare,
    Sector,
    Signing,
    Source,
    Subscription,
)
from companies.queries.records.prepared import ANY_TEXT, Prepared
from companies.register import history
from companies.register.publishing.publish import publish

with_history = True  # tests/conftest.py sets it for each test
# No row of these implies a row of another table, so that only the audit row is left out.
PLAIN = (Citation, Company, Pact, Sector, Source)

# Every period and pledge asks for one.
PACT = Prepared(Pact.objects.filter(slug=ANY_TEXT), [ANY_TEXT])

_number = count(1)


def stored(row: Model) -> Any:
    """`row`, saved as the rules save it; in a test without history, by the shortest way."""
    if with_history:
        row.save()
    elif isinstance(row, PLAIN):
        row.save_without_historical_record()
        history.new_version()
    else:
        try:
            history.connect(publish=lambda unit: None)
            row.save()
        finally:
            history.connect(publish=publish)
    return row


def a_sector(code: str = "software", **fields: Any) -> Sector:
    values = {"label_en": code.title(), "label_fr": code.title()} | fields
    return Sector.objects.filter(code=code).first() or stored(Sector(**values, code=code))


def a_company(name: str = "", **fields: Any) -> Company:
    name = name or f"Company {next(_number)}"
    return stored(Company(**{"name": name, "slug": slugify(name)} | fields))


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
    found = PACT.of([slug])
    return found[0] if found else stored(Pact(**values | fields, slug=slug))


def a_commitment(code: str = "governance", **fields: Any) -> Commitment:
    values = {
        "pact": fields.get("pact") or a_pact(),
        "kind": Commitment.Kind.CORE,
        "title_en": code.title(),
        "title_fr": code.title(),
    }
    return stored(Commitment(**values | fields, code=code))


def a_source(slug: str = "", **fields: Any) -> Source:
    slug = slug or f"source-{next(_number)}"
    values = {
        "url": f"https://example.org/{slug}",
        "title": slug.title(),
        "kind": Source.Kind.PRESS,
    }
    return stored(Source(**values | fields, slug=slug))


def a_signing(company: Company | None = None, status: str = "signed", **fields: Any) -> Signing:
    values = {
        "company": company or a_company(),
        "pact": fields.get("pact") or a_pact(),
        "since": datetime.date(2024, 10, 9),
        "since_basis": Signing.SinceBasis.FIRST_SEEN,
    }
    return stored(Signing(**values | fields, status=status))


def a_pledge(company: Company | None = None, **fields: Any) -> Pledge:
    """A pledge that a source states; or what is known of one that a signature implied."""
    company, commitment = company or a_company(), fields.pop("commitment", None) or a_commitment()
    implied = Pledge.objects.filter(company=company, commitment=commitment).first()
    values = {"pk": implied and implied.pk, "basis": implied.basis if implied else "stated"}
    return stored(Pledge(**values | fields, company=company, commitment=commitment))


def a_citation(**fields: Any) -> Citation:
    """A citation of `signing`, `pledge`, `report` or `company`: name one."""
    return stored(Citation(**{"source": fields.get("source") or a_source()} | fields))


def a_milestone(title: str, **fields: Any) -> Milestone:
    values = {"date": datetime.date(2024, 9, 25), "topic": "ai_act", "source": a_source()}
    titles = {"title_en": title, "title_fr": f"{title} (en français)"}
    return stored(Milestone(**values | fields | titles))


def a_published_share(value: str, percent: int, **fields: Any) -> PublishedShare:
    values = {"pact": fields.get("pact") or a_pact(), "source": fields.get("source") or a_source()}
    return PublishedShare.objects.create(**values | fields, value=value, percent=percent)


def an_opinion(position: int = 0, **fields: Any) -> Opinion:
    values = {
        "pact": fields.get("pact") or a_pact(),
        "source": fields.get("source") or a_source(),
        "says_en": "It asks too little.",
        "says_fr": "Il en demande trop peu.",
        "quote": "assez léger",
        "language": "fr",
        "translation_en": "rather light",
        "author_en": "A French blog, autumn 2024",
        "author_fr": "Un blog français, automne 2024",
    }
    return stored(Opinion(**values | fields, position=position))


def published_shares() -> None:
    """The shares of the EU AI Pact that the Commission and a study published."""
    commission = a_source(publisher="European Commission", title="One year")
    study = a_source(publisher="Techno Polis", url="https://techno-polis.com/study")
    for value, percent in {"eu": 63, "us": 23, "other": 14}.items():
        a_published_share(value, percent, source=commission)
    for value, percent in {"both": 63, "deployer": 18, "provider": 14}.items():
        a_published_share(value, percent, source=commission)
    a_published_share("outside_eu", 42, source=study, signatories=223)


def a_correction(company: Company | None = None, **fields: Any) -> Correction:
    values = {"company": company, "kind": Correction.Kind.ERROR, "message": "The country is wrong."}
    return stored(Correction(**values | fields))


def a_subscription(**fields: Any) -> Subscription:
    """An active webhook of all companies, unless `fields` say otherwise."""
    number = next(_number)
    values = {
        "channel": "webhook",
        "state": "active",
        "address": f"https://hook{number}.example/in",
        "host": f"hook{number}.example",
        "token_hash": f"{number:064}",
        "secret": "whsec_" + "QUJD" * 10,
        "state_since": timezone.now(),
        "position": Change.objects.count(),
    }
    return Subscription.objects.create(**values | fields)


def a_delivery(subscription: Subscription, **fields: Any) -> Delivery:
    """A test message that waits, not stored."""
    values = {"kind": "test", "key": f"test/{next(_number)}", "made_at": timezone.now()}
    values |= {"next_attempt_at": timezone.now(), "subscription": subscription}
    return Delivery(**values | fields)
