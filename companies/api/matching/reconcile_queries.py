"""Filter sets for the query parameters of reconcile/."""

import django_filters
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.queries import StrictFilter
from companies.queries.parameters import WholeNumber

LONGEST_BATCH = 2_000_000  # characters


class ReconcileQuery(StrictFilter):
    """The parameters of a route; by default none."""

    class Meta:
        model = Company
        fields: list[str] = []

    def value(self, name: str) -> str:
        """The value of a text parameter; raises BadQuery if the query is invalid."""
        self.refuse_faults()
        return str(self.form.cleaned_data[name] or "")

    def number(self, name: str, default: int) -> int:
        self.refuse_faults()
        given: int | None = self.form.cleaned_data[name]
        return default if given is None else given


class BatchQuery(ReconcileQuery):
    """A batch of 0.2: queries, or companies and the properties to give of them, as JSON."""

    queries = django_filters.CharFilter(
        method="unfiltered", label=_("queries"), max_length=LONGEST_BATCH
    )
    extend = django_filters.CharFilter(
        method="unfiltered", label=_("companies and properties"), max_length=LONGEST_BATCH
    )


class SuggestQuery(ReconcileQuery):
    """The prefix of a name. `cursor` is called `offset` in 0.2."""

    prefix = django_filters.CharFilter(
        method="unfiltered", label=_("beginning of a name"), max_length=200
    )
    limit = WholeNumber(method="unfiltered", label=_("results"), min_value=1, max_value=100)
    offset = WholeNumber(method="unfiltered", label=_("skipped"), min_value=0, max_value=1_000)
    cursor = WholeNumber(method="unfiltered", label=_("skipped"), min_value=0, max_value=1_000)


class ProposalQuery(ReconcileQuery):
    """How many properties to suggest for a type."""

    type = django_filters.ChoiceFilter(
        method="unfiltered", label=_("type"), choices=[("company", _("company"))]
    )
    limit = WholeNumber(method="unfiltered", label=_("results"), min_value=1, max_value=100)


class PreviewQuery(ReconcileQuery):
    """The company of a preview."""

    id = django_filters.CharFilter(method="unfiltered", label=_("public id"), max_length=200)
