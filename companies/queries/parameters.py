"""Strict query parameters: an unknown one is a `BadParameter`."""

import copy
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import django_filters
from django import forms
from django.core.paginator import EmptyPage, Page, Paginator
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.countries import country_codes
from companies.models import DEFAULT_PACT, Commitment, Company, CompanyRedirect, Pact

from .clocks import Clock, DayField, InstantField, LastInstantField, PastDayField, clock_of
from .read_query import CodeListField, ReadQuery
from .roster.table_state import cached_shared

UNKNOWN = "unknown"
PAGE_SIZE = 50
# Reported for one query: with 2,400 the response had 1.5 MB and took 1.6 s.
MOST_FAULTS = 20


@dataclass(frozen=True)
class BadParameter:
    """An invalid parameter, with the reason and the valid values."""

    parameter: str
    reason: str
    valid: list[str]


class BadQuery(Exception):
    """A query with invalid parameters."""

    def __init__(self, faults: list[BadParameter]) -> None:
        self.faults = faults[:MOST_FAULTS]
        self.parameters = {fault.parameter for fault in faults}
        super().__init__("; ".join(f"{fault.parameter}: {fault.reason}" for fault in self.faults))


def refuse_parameters(data: QueryDict, *, known: Iterable[str] = ()) -> None:
    """Raise BadQuery for any parameter not in `known`."""
    valid = sorted(known)
    unknown = sorted(set(data) - set(valid))
    if unknown:
        raise BadQuery([_unknown_parameter(name, valid) for name in unknown])


def _unknown_parameter(name: str, valid: list[str]) -> BadParameter:
    return BadParameter(name[:100], gettext("This parameter does not exist."), valid)


# Kinds of parameters


class DigitsField(forms.IntegerField):
    """An integer in plain digits; int() would also accept "1_0" and " +1"."""

    def to_python(self, value: Any) -> int | None:
        if value and not (value.isascii() and value.isdigit()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class WholeNumber(django_filters.Filter):
    field_class = DigitsField


class Day(django_filters.Filter):
    field_class = DayField


class PastDay(Day):
    field_class = PastDayField


class Instant(django_filters.Filter):
    field_class = InstantField


class LastInstant(Instant):
    field_class = LastInstantField


class PactField(django_filters.fields.ModelChoiceField):
    """A pact field; pacts whose list was never read are refused, as no status is known."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            if Pact.objects.using("default").filter(slug=value).exists():
                raise forms.ValidationError(
                    _("We have not read the list of this pact yet."), code="not_read"
                ) from None
            raise


class PactChoice(django_filters.ModelChoiceFilter):
    """A filter by a pact that was read; all pacts with `of_all`."""

    field_class = PactField

    def __init__(self, *, of_all: bool = False, **kwargs: Any) -> None:
        # Not the copy of a past day: it may lack a pact that a query may name.
        pacts = Pact.objects.using("default")
        super().__init__(
            queryset=pacts.with_reading() if of_all else pacts.with_list_read(),
            to_field_name="slug",
            label=_("pact"),
            **kwargs,
        )


class KnownCompanyField(forms.CharField):
    """A public id, as all ids that its company has and had; unknown ones are refused."""

    default_error_messages = {"unknown": _("No company has this public id.")}

    def to_python(self, value: Any) -> Any:
        slug = super().to_python(value)
        if not slug:
            return None
        validate_slug(slug)
        if slugs := self.slugs_known(slug):
            return slugs
        raise forms.ValidationError(self.error_messages["unknown"], code="unknown")

    def slugs_known(self, slug: str) -> list[str]:
        """All public ids of the company as the request reads it, or else as it is today.

        The copy of a past day may lack it: the register said nothing of it then.
        """
        for companies in (Company.objects.order_by(), Company.objects.using("default").order_by()):
            for name in ("slug", "redirects__old_slug"):  # each has an index; both at once read all
                if company := companies.filter(**{name: slug}).first():
                    return slugs_of(company)
        return []


class KnownCompany(django_filters.Filter):
    field_class = KnownCompanyField


class KnownCompaniesField(forms.MultipleChoiceField):
    """Public ids as companies that have or had them; unknown ones are refused."""

    MOST = 100
    default_error_messages = KnownCompanyField.default_error_messages | {
        "too_many": _("At most %(number)d companies can be ticked."),
    }

    def to_python(self, value: Any) -> Any:
        slugs = super().to_python(value)
        if len(slugs) > self.MOST:
            too_many = self.error_messages["too_many"]
            raise forms.ValidationError(too_many, "too_many", {"number": self.MOST})
        return self.companies(slugs) if slugs else []

    def companies(self, slugs: list[str]) -> Any:
        moved = CompanyRedirect.objects.using("default").filter(old_slug__in=slugs)
        moves = dict(moved.values_list("old_slug", "company__slug"))
        wanted = {moves.get(slug, slug) for slug in slugs}
        # Not the copy of a past day: it may lack a company that is ticked.
        companies = Company.objects.using("default").filter(slug__in=wanted).order_by("name_folded")
        if len(companies) < len(wanted):
            raise forms.ValidationError(self.error_messages["unknown"], "unknown")
        return list(companies)

    def valid_value(self, value: Any) -> bool:
        return True


class KnownCompanies(django_filters.Filter):
    field_class = KnownCompaniesField


def companies_named(kind: type[django_filters.Filter], **to: Any) -> tuple[Any, Any]:
    """The filters `company` and `company__not` of this class on this column."""
    if "field_name" in to:
        to["lookup_expr"] = "in"
    named = kind(
        label=_("company"), help_text=_("The company’s current or former public id."), **to
    )
    left_out = kind(
        exclude=True,
        label=_("Excluding: company"),
        help_text=_("The public id of a company to leave out."),
        **to,
    )
    return named, left_out


def slugs_of(company: Company) -> list[str]:
    """All public ids that a company has and had, in the database read."""
    former = company.redirects.using(company._state.db)
    return [company.slug, *former.values_list("old_slug", flat=True)]


def commitment_codes(pact: str = "") -> list[str]:
    # Not the copy of a past day: it may lack a commitment that a query may name.
    commitments = Commitment.objects.using("default").order_by("pact__position", "position", "pk")
    if pact:
        commitments = commitments.filter(pact__slug=pact)
    return list(dict.fromkeys(commitments.values_list("code", flat=True)))


def refuse_foreign(codes: Iterable[str], pact: Pact) -> None:
    """Raise BadQuery for a commitment that `pact` does not have."""
    wanted = set(codes)
    valid = commitment_codes(pact.slug) if wanted else []
    if wanted - set(valid):
        reason = gettext("The pact “%(pact)s” has no commitment with this code.") % {
            "pact": pact.slug
        }
        raise BadQuery([BadParameter("commitment", reason, valid)])


def country_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(country_codes())] + [(UNKNOWN, UNKNOWN)]


def stored_countries(values: Iterable[str]) -> list[str]:
    """The selected countries as stored: "" for unknown."""
    return ["" if code == UNKNOWN else code for code in values]


# What queries have in common


def unfiltered(queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
    """Filter method of parameters that choose the presentation, not rows."""
    return queryset


class StrictFilter(django_filters.FilterSet):
    """A FilterSet that refuses unknown parameters and reports all invalid ones."""

    data: QueryDict
    unfiltered = staticmethod(unfiltered)

    def __init__(
        self, data: QueryDict | None = None, queryset: Any = None, *, clock: Clock | None = None
    ) -> None:
        self.given = list(data or ())
        self.data = _without_blanks(data)
        self.is_bound, self.request = True, None
        self._clock = clock or Clock.read(self.data)
        if queryset is not None:
            self.queryset = queryset

    @cached_property
    def queryset(self) -> Any:  # type: ignore[override]  # created at first access
        return self._model._default_manager.all()

    @cached_property
    def filters(self) -> dict[str, Any]:  # type: ignore[override]  # the same
        """The class's filters, copied and bound to this instance, for those with a method."""
        found: dict[str, Any] = copy.deepcopy(self.base_filters)
        for one in found.values():
            one.model, one.parent = self._model, self
        return found

    @property
    def _model(self) -> Any:
        return self._meta.model  # type: ignore[attr-defined]  # django-filter sets it

    @classmethod
    @cache
    def _fields(cls) -> tuple[dict[str, forms.Field], dict[str, Any]]:
        """The form fields, shared by all queries of this class, and their initial values."""
        filters = copy.deepcopy(cls.base_filters)
        fields = {name: one.field for name, one in filters.items()}
        for name, one in filters.items():
            choices = one.extra.get("choices", country_choices)
            if isinstance(choices, list) or one.extra.get("choices") is country_choices:
                _know_at_once(fields[name])
        return fields, {name: field.clean(None) for name, field in fields.items()}

    @cached_property
    def form(self) -> ReadQuery:  # type: ignore[override]  # it has what is used of a form
        return ReadQuery(*self._fields(), self.data)

    @classmethod
    def of(cls, request: HttpRequest, **kwargs: Any) -> Self:
        """The filter set for a request's query, with its clock."""
        return cls(request.GET, clock=clock_of(request), **kwargs)

    @cached_property
    def faults(self) -> list[BadParameter]:
        """All invalid parameters; empty if the query is valid."""
        names = list(self.base_filters)
        faults = [_unknown_parameter(n, names) for n in self.given if n not in self.base_filters]
        for name in self.data:
            field = self.form.fields.get(name)
            many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            many = many and not isinstance(field, CodeListField)
            if field and not many and len(self.data.getlist(name)) > 1:
                once = gettext("This parameter can be used only once.")
                faults.append(BadParameter(name, once, []))
        for name, errors in self.form.errors.items():
            reason = " ".join(errors)
            faults.append(BadParameter(name, reason[:300], _valid_values(self.form.fields[name])))
        return faults

    def refuse_faults(self) -> None:
        """Raise BadQuery if the query is invalid."""
        if self.faults:
            raise BadQuery(self.faults)

    @property
    def clock(self) -> Clock:
        """The days the query is about; BadQuery if the query is invalid."""
        self.refuse_faults()
        return self._clock


class RegisterFilter(StrictFilter):
    """The filter set of a list, with paging."""

    page = WholeNumber(
        method="unfiltered",
        label=_("page"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("From 1."),
    )
    page_size = WholeNumber(
        method="unfiltered",
        label=_("rows per page"),
        min_value=1,
        max_value=100,
        help_text=_("At most 100. Default: 50."),
    )

    @property
    def rows(self) -> QuerySet[Any]:
        """The matching rows of all pages; BadQuery if the query is invalid."""
        self.refuse_faults()
        return self.qs

    def number_of_rows(self) -> int:
        return self.rows.count()

    def page_of_rows(self) -> Page[Any]:
        """The requested page of rows; Http404 past the last one."""
        return self.page_of(self.rows)

    def page_of(self, rows: Any) -> Page[Any]:
        values = self.form.cleaned_data
        paginator = Paginator(rows, values["page_size"] or PAGE_SIZE)
        try:
            return paginator.page(values["page"] or 1)
        except EmptyPage as error:
            raise Http404(
                gettext("There is no page %(page)s; the last one is %(last)s.")
                % {"page": values["page"], "last": paginator.num_pages}
            ) from error


class Recorded(StrictFilter):
    """Mixin for `recorded_as_of`; the value is that of the clock."""

    recorded_as_of = PastDay(
        method="unfiltered",
        label=_("as recorded on"),
        help_text=_("A date (YYYY-MM-DD): what the register said at the end of that day."),
    )


class Dated(Recorded):
    """Mixin for `as_of`: the query is about one day, by default today."""

    as_of = PastDay(
        method="unfiltered",
        label=_("as of"),
        help_text=_("A date (YYYY-MM-DD): what was true on that day."),
    )

    @property
    def day(self) -> datetime.date:
        """The day the query is about; BadQuery if the query is invalid."""
        return self.clock.day

    def pact_or_default(self, chosen: Pact | None) -> Pact:
        """`chosen` as recorded by the clock, or else the default pact."""
        if chosen is None and not self.clock.is_past:
            return first_pact(self.clock) or pact_or_404(DEFAULT_PACT)
        if chosen is None or self.clock.recorded_as_of:
            return pact_or_404(chosen.slug if chosen else DEFAULT_PACT)
        return chosen


class StatusDays(StrictFilter):
    """Mixin that filters by the start date of a status."""

    since__gte = Day(
        field_name="since",
        lookup_expr="gte",
        label=_("Status since, from"),
        help_text=_(
            "The first day of the status is this one or later. Of a month or a year that a "
            "source states, its first day counts."
        ),
    )
    since__lte = Day(
        field_name="since",
        lookup_expr="lte",
        label=_("Status since, until"),
        help_text=_("The first day of the status is this one or earlier."),
    )


class DayQuery(Dated):
    """The query of a page about one day that takes no other parameters."""

    class Meta:
        model = Pact
        fields: list[str] = []


class RecordedQuery(Recorded):
    """The query of a page without `as_of`, only `recorded_as_of`."""

    class Meta:
        model = Pact
        fields: list[str] = []


class PactQuery(Dated):
    """A query about one pact on one day: a record, the statistics, the reports, the absences."""

    pact = PactChoice(method="unfiltered", help_text=_("The pact. Default: eu-ai-pact."))

    class Meta:
        model = Pact
        fields: list[str] = []

    @cached_property
    def chosen_pact(self) -> Pact:
        self.refuse_faults()
        return self.pact_or_default(self.form.cleaned_data["pact"])


def pact_or_none(slug: str) -> Pact | None:
    return Pact.objects.with_reading().filter(slug=slug).first()


def pact_or_404(slug: str) -> Pact:
    pact = pact_or_none(slug)
    if pact is None:
        # A register of the past that did not have it yet: nobody had signed it.
        pact = Pact.objects.using("default").with_reading().filter(slug=slug).first()
        if pact:
            pact.forget_after(datetime.date.min)
    if pact is None:
        reason = gettext("We have no pact called “%(slug)s”.")
        raise Http404(reason % {"slug": slug[:100]})
    return pact


@cached_shared
def first_pact(clock: Clock) -> Pact | None:
    """The default pact, the EU AI Pact: nearly every query is about it."""
    return pact_or_none(DEFAULT_PACT)


def _without_blanks(data: QueryDict | None) -> QueryDict:
    """The query without empty parameters, which forms send for unused fields."""
    stripped = QueryDict(mutable=True)
    for name, values in (data or QueryDict()).lists():
        filled = [value for value in values if value.strip()]
        if filled:
            stripped.setlist(name, filled)
    return stripped


def _know_at_once(field: Any) -> None:
    """Look a code up among choices that never change; Django reads them all for each value."""
    codes = frozenset(str(code) for code, _label in field.choices)
    field.valid_value = lambda value: str(value) in codes


def _valid_values(field: forms.Field) -> list[str]:
    if isinstance(field, forms.ChoiceField):
        choices: Iterable[Any] = field.choices  # type: ignore[assignment]  # the stubs allow a callable
        return [str(value) for value, _label in choices if str(value)]
    if isinstance(field, forms.IntegerField):
        return [f"{field.min_value}..{field.max_value}"]
    return []
