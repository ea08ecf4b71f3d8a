"""Former signatories: companies that were signatories, but not on the day of the query."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from companies.models import Pact, Signing
from companies.queries.parameters import Dated, PactChoice, RegisterFilter
from companies.queries.querysets import signings


class FormerFilter(Dated, RegisterFilter):
    """The filter set of former signatories, each with the period that says it left."""

    pact = PactChoice(field_name="pact")

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """The status that says it left, else its last period as a signatory.

        Each has `company.periods`, its periods as a signatory of any pact, oldest first.
        """
        day = self.day
        rows = super().filter_queryset(signings())
        same = Signing.objects.filter(company=OuterRef("company"), pact=OuterRef("pact"))
        now, signed = same.on(day), same.signed()
        left = Q(status__in=Signing.LEFT) & Q(pk__in=Signing.objects.on(day).values("pk"))
        ended = (
            Q(status=Signing.Status.SIGNED, until__lte=day)
            & ~Exists(now.filter(status__in=[Signing.Status.SIGNED, *Signing.LEFT]))
            & ~Exists(signed.filter(since__lte=day, since__gt=OuterRef("since")))
        )
        before = Signing.objects.signed().filter(since__lte=day).order_by("since")
        periods = Prefetch("company__signings", before, to_attr="periods")
        return rows.filter(left | ended).prefetch_related(periods).order_by(*self.ORDER)

    ORDER = ("pact__position", "-since", "company__name_folded", "pk")

    def companies(self) -> int:
        """The number of companies that left any pact."""
        return self.rows.order_by().values("company").distinct().count()

    def pacts_without(self) -> QuerySet[Pact]:
        """Pacts with known statuses that no company is known to have left."""
        return Pact.objects.with_list_read().exclude(pk__in=self.qs.order_by().values("pact"))
