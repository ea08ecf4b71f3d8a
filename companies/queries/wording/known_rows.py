"""The current rows that changes refer to."""

from collections.abc import Iterable

from django.utils.functional import cached_property

from companies.models import Change, Commitment, Company, Pact, Sector, Source


class KnownRows:
    """Lazily reads the rows that any of `changes` names, one query per table.

    A deleted row is missing: the sentence then names it from the change itself.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = list(changes)

    @cached_property
    def sectors(self) -> dict[str, Sector]:
        return {sector.code: sector for sector in Sector.objects.all()}

    @cached_property
    def pacts(self) -> dict[str, Pact]:
        return {pact.slug: pact for pact in Pact.objects.all()}

    @cached_property
    def commitments(self) -> dict[tuple[str, str], Commitment]:
        rows = Commitment.objects.select_related("pact")
        return {(row.pact.slug, row.code): row for row in rows}

    @cached_property
    def sources(self) -> dict[str, Source]:
        slugs = self._named("source") | {change.subject for change in self._changes} - {""}
        return {source.slug: source for source in Source.objects.filter(slug__in=slugs)}

    @cached_property
    def companies(self) -> dict[str, Company]:
        slugs = self._named("parent") | self._named("company")
        return {company.slug: company for company in Company.objects.filter(slug__in=slugs)}

    def _named(self, column: str) -> set[str]:
        """The values of `column` in any of the changes."""
        return {
            value
            for change in self._changes
            for value in (change.old(column), change.new(column), change.key.get(column))
            if value
        }
