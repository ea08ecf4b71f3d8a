"""News of a saved supplier list: material changes, and names that now match."""

from collections.abc import Iterator
from dataclasses import dataclass

from companies.models import Change, Company, CompanyRedirect, SupplierCheck
from companies.names.letters import fold
from companies.queries.querysets import companies_with_ids
from companies.register.suppliers import find

MOST_NEWS = 100
NAMING = ("companies", "company_names")  # tables of the package in which a name can come


@dataclass(frozen=True)
class NewMatch:
    """A name of the list that now matches a company, and the change that caused it.

    None if no change gave the name, such as for a match that is no longer refused.
    """

    position: int
    listed: str
    company: Company
    change: Change | None


def news_of(
    check: SupplierCheck, *, after: int = 0, most: int | None = MOST_NEWS
) -> tuple[list[Change], list[NewMatch]]:
    """The newest material changes since the list was saved, and newly matching names.

    Changes before a name matched are not included. `after` is the number of the last change
    sent. Five queries, and those of the names.
    """
    found = [one.company_id for one in find(check.names, check.choices)]
    before = companies_with_ids({slug for slug in check.meant if slug})
    companies = Company.objects.in_bulk({*before.values(), *filter(None, found)})
    since = Change.objects.filter(recorded_at__gt=check.made_at, number__gt=after)
    slugs = _public_ids({*companies})
    changes = [
        (number, slugs[slug])
        for number, slug in since.filter(company_slug__in=slugs, has_line=True, material=True)
        .order_by("-number")
        .values_list("number", "company_slug")
    ]
    matches = list(_new_matches(check, found, {*before.values()}, companies, slugs))
    first = {one.company.pk: one.change.number for one in matches if one.change}
    numbers = [number for number, pk in changes if number > first.get(pk, 0)][:most]
    return list(Change.objects.filter(number__in=numbers).order_by("-number")), matches


def _public_ids(keys: set[int]) -> dict[str, int]:
    """Primary keys of companies by current and former public id."""
    former = CompanyRedirect.objects.filter(company__in=keys).values_list("old_slug", "company")
    present = Company.objects.filter(pk__in=keys).values_list("slug", "pk")
    return dict(former) | dict(present)


def _new_matches(
    check: SupplierCheck,
    found: list[int | None],
    before: set[int],
    companies: dict[int, Company],
    slugs: dict[str, int],
) -> Iterator[NewMatch]:
    new = [
        (position, pk)
        for position, (meant, pk) in enumerate(zip(check.meant, found, strict=True))
        if meant == "" and pk and pk not in before and not check.choices[position]
    ]
    of_new = [slug for slug, pk in slugs.items() if pk in {pk for _position, pk in new}]
    named = list(
        Change.objects.filter(
            recorded_at__gt=check.made_at, table__in=NAMING, company_slug__in=of_new
        ).order_by("number")
    )
    for position, pk in new:
        listed = check.names[position]
        its_own = [one for one in named if slugs[one.company_slug] == pk]
        gave = [one for one in its_own if fold(listed) in _names_in(one)]
        yield NewMatch(position, listed, companies[pk], next(iter(gave or its_own), None))


def _names_in(change: Change) -> set[str]:
    """The names that a change introduced, folded."""
    return {fold(new) for _old, new in change.fields.values() if isinstance(new, str)}
