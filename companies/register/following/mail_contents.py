"""The context of a mail's templates, in the same words as the pages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.models import (
    Change,
    Company,
    Delivery,
    Pact,
    Sector,
    Signing,
    Source,
    Subscription,
)
from companies.queries.change_log import companies_of
from companies.queries.querysets import country_labels
from companies.queries.wording.in_sentences import circumstances
from companies.queries.wording.known_rows import KnownRows
from companies.queries.wording.sentences import of, sentence

MOST_LISTED = 50  # of one mail; the page has the others


@dataclass(frozen=True)
class MailEntry:
    """One change or new match: its sentence, circumstances, record and sources."""

    line: str
    more: str
    url: str
    sources: list[Source]


@dataclass(frozen=True)
class Followed:
    """What a subscription follows, in words, and its page if public."""

    words: str
    url: str = ""


def news_in(delivery: Delivery) -> list[MailEntry]:
    """The entries of a mail: new matches, then the newest changes; at most MOST_LISTED."""
    matches = _matches(delivery)[:MOST_LISTED]
    numbers = sorted(delivery.changes, reverse=True)[: MOST_LISTED - len(matches)]
    changes = list(Change.objects.filter(number__in=numbers).order_by("-number"))
    return matches + _changes(changes)


def number_of_news(delivery: Delivery) -> int:
    return len(delivery.changes) + len(delivery.matches)


def _changes(changes: Sequence[Change]) -> list[MailEntry]:
    companies, known, cited = companies_of(changes), KnownRows(changes), _cited(changes)
    found = []
    for change in changes:
        what, name = sentence(change, known), change.company_name
        company = companies.get(change.company_slug)
        found.append(
            MailEntry(
                of(name, what) if name else what,
                " ".join(circumstances(change)),
                _absolute(company.get_absolute_url() if company else reverse("changes")),
                cited[change.recorded_at, change.company_slug],
            )
        )
    return found


def _cited(changes: Iterable[Change]) -> dict[tuple[object, str], list[Source]]:
    """The sources that were cited for a company in the same unit of work. Two queries."""
    instants = {change.recorded_at for change in changes}
    cited = Change.objects.filter(table="citations", recorded_at__in=instants).order_by("number")
    rows = list(cited.values_list("recorded_at", "company_slug", "key"))
    known = Source.objects.in_bulk({key["source"] for _at, _slug, key in rows}, field_name="slug")
    found: dict[tuple[object, str], list[Source]] = defaultdict(list)
    for at, slug, key in rows:
        source = known.get(key["source"])
        if source and source not in found[at, slug]:
            found[at, slug].append(source)
    return found


def _matches(delivery: Delivery) -> list[MailEntry]:
    check = delivery.subscription.supplier_check
    if check is None:
        return []
    companies = Company.objects.in_bulk({slug for _p, slug in delivery.matches}, field_name="slug")
    return [
        MailEntry(
            new_match(check.names[place], companies[slug].name),
            new_match_means(),
            _absolute(companies[slug].get_absolute_url()),
            [],
        )
        for place, slug in delivery.matches
        if slug in companies
    ]


def new_match(listed: str, company: str) -> str:
    names = {"listed": listed, "company": company}
    return _("“%(listed)s” on your list: we know it now as %(company)s") % names


def new_match_means() -> str:
    return _(
        "When you kept the list, no company of this name was on the register. Its record gives "
        "its status, with date and sources."
    )


def followed(subscription: Subscription) -> Followed:
    """What the subscription follows, in the active language."""
    if subscription.supplier_check_id:
        return Followed(_("your list of suppliers"))
    if not subscription.query:
        return Followed(_("all companies"), _absolute(reverse("companies")))
    query = QueryDict(subscription.query)
    if {*query} == {"company"} and len(query.getlist("company")) == 1:
        named = Change(company_slug=query["company"])
        company = companies_of([named]).get(query["company"])
        if company:
            return Followed(company.name, _absolute(company.get_absolute_url()))
    page = f"{reverse('companies')}?{subscription.query}"
    words = _("a list of companies (%(filters)s)") % {"filters": ", ".join(_filters(query))}
    return Followed(words, _absolute(page))


def _filters(query: QueryDict) -> Iterator[str]:
    """The filter values as the list words them; exclusions and codes as an ellipsis."""
    labels: dict[str, Mapping[str, Any]] = {
        "country": country_labels(),
        "status": dict(Signing.Status.choices),
        "pact": {pact.slug: pact.name for pact in Pact.objects.all()},
        "sector": {sector.code: sector.label for sector in Sector.objects.all()},
        "q": {text: _("“%(text)s”") % {"text": text} for text in query.getlist("q")},
    }
    for name in labels:
        yield from (str(labels[name].get(value, value)) for value in query.getlist(name))
    if {*query} - {*labels}:
        yield "…"


def _absolute(path: str) -> str:
    return settings.SITE_URL + path
