"""The companies that a name somebody typed may mean."""

from collections.abc import Iterable

from django.db.models import Q

from companies.models import Company, CompanyName, CompanyQuerySet, CompanyRedirect
from companies.names.letters import fold

SUGGESTED = 20


def companies_named(text: str) -> CompanyQuerySet:
    """Companies of which `text` is a name or a public id, now or before, in whatever case."""
    folded = fold(text)
    slug = text.strip().lower()
    names = CompanyName.objects.filter(name_folded=folded).order_by().values("company")
    redirects = CompanyRedirect.objects.filter(old_slug=slug).order_by().values("company")
    found = Q(slug=slug) | Q(pk__in=redirects)
    if folded:
        found |= Q(name_folded=folded) | Q(pk__in=names)
    return Company.objects.filter(found)


def company_meant(text: str) -> Company | None:
    """The one company that `text` names; None where none or several do."""
    found = list(companies_named(text)[:2])
    return found[0] if len(found) == 1 else None


def companies_like(text: str) -> Iterable[Company]:
    """Companies whose names hold every word of `text`, a page of them at most."""
    return Company.objects.search(text)[:SUGGESTED] if fold(text) else []
