"""Who is not a signatory of a pact: who said no, who was asked, and who is only not on a list."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from companies.models import Citation, Signing, Source

from .parameters import PactQuery, RegisterFilter
from .querysets import cited_outside_lists, signings

Status = Signing.Status


class Absence(models.TextChoices):
    """The state of a company that is not a signatory; only the first of these is a no."""

    DECLINED = Status.DECLINED.value, Status.DECLINED.label
    CONSIDERING = Signing.Asked.CONSIDERING.value, _("Asked, and considering")
    NO_ANSWER = Signing.Asked.NO_ANSWER.value, _("Asked, no answer")
    INTERESTED = Status.INTERESTED.value, Status.INTERESTED.label
    NOT_ASKED = "not_asked", _("Not on the list, not asked")
    WITHDRAWN = Status.WITHDRAWN.value, Status.WITHDRAWN.label
    REMOVED = Status.REMOVED.value, Status.REMOVED.label


@dataclass(frozen=True)
class LookedFor:
    """The number of companies that are not on a list, and of those whom another source names so."""

    number: int
    named: int


# An answer to our question says more than a list does; it says less than a public no or a leaving.
_ASKABLE = (Status.NOT_SIGNED, Status.INTERESTED)
_RANK = Case(*(When(absence=state, then=Value(i)) for i, state in enumerate(Absence)))


class AbsenceFilter(PactQuery, RegisterFilter):
    """Companies that are not signatories of a pact, with their `absence`."""

    state = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("how it stands"),
        choices=[(state.value, state.label) for state in Absence],
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        chosen = self.form.cleaned_data["state"]
        absences = self._absent()
        absences = absences.filter(absence__in=chosen) if chosen else absences
        lists = Citation.objects.filter(
            signing=OuterRef("pk"),
            source__kind=Source.Kind.OFFICIAL_LIST,
            source__published_on__lte=self.day,
        )
        newest = lists.order_by("-source__published_on").values("source__published_on")[:1]
        # The model's `last_seen`, for the database to sort by.
        seen = Greatest("since", Coalesce(Subquery(newest), "since"))
        by_list = Case(When(absence=Absence.NOT_ASKED, then=seen))
        return absences.order_by(_RANK, by_list.desc(), "company__name_folded", "pk")

    def counts(self) -> dict[str, int]:
        """Companies by state; states without any are left out."""
        rows = self._absent().order_by().values_list("absence")
        return dict(rows.annotate(number=Count("pk")))

    def looked_for(self) -> LookedFor:
        """Companies that are not on a list."""
        missing = self._absent().filter(status=Status.NOT_SIGNED).order_by()
        return LookedFor(missing.count(), missing.filter(cited_outside_lists()).count())

    def _absent(self) -> Any:
        has_answer = Q(status__in=_ASKABLE, asked_on__lte=self.day) & ~Q(asked="")
        state = Case(
            When(has_answer, then=F("asked")),
            When(status=Status.NOT_SIGNED, then=Value(Absence.NOT_ASKED.value)),
            default=F("status"),
            output_field=models.CharField(),
        )
        rows = signings().filter(pact=self.chosen_pact).on(self.day).absent()
        return rows.annotate(absence=state)
