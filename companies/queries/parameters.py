"""How the register may be asked: strictly. A parameter or value it does not know is a `Fault`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Pact

UNKNOWN = "unknown"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PAGE_SIZE = 50


@dataclass(frozen=True)
class Fault:
    """One parameter that cannot be used: which, why, and what could stand there instead."""

    parameter: str
    reason: str
    valid: list[str]


class BadQuery(Exception):
    """A query that asks for something the register does not offer."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.reason}" for fault in faults))
        self.faults = faults


def refuse_parameters(data: QueryDict, *, known: Iterable[str] = ()) -> None:
    """Raise BadQuery for any parameter not in `known`."""
    valid = sorted(known)
    unknown = sorted(set(data) - set(valid))
    if unknown:
        raise BadQuery(
            [Fault(name[:100], gettext("There is no such parameter."), valid) for name in unknown]
        )


class DigitsField(forms.IntegerField):
    """A whole number in plain digits; int() would also read "1_0" and " +1"."""

    def to_python(self, value: Any) -> int | None:
        if value and not (value.isascii() and value.isdigit()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class WholeNumber(django_filters.Filter):
    field_class = DigitsField


class DayField(forms.DateField):
    """A day as YYYY-MM-DD and in no local form, so that an address means the same everywhere."""

    def to_python(self, value: Any) -> Any:
        if value and not _DAY.fullmatch(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class Day(django_filters.Filter):
    field_class = DayField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


def unfiltered(queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
    """For parameters that say how to show rows, not which."""
    return queryset


class StrictFilter(django_filters.FilterSet):
    """Knows every parameter that may be given, and what is wrong with the others."""

    unfiltered = staticmethod(unfiltered)

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        self.given = list(data or ())
        self.asked = _without_blanks(data)
        super().__init__(self.asked, *args, **kwargs)

    @cached_property
    def faults(self) -> list[Fault]:
        """Every parameter that cannot be used; empty when the query is fine."""
        names = list(self.filters)
        faults = [
            Fault(name[:100], gettext("There is no such parameter."), names)
            for name in self.given
            if name not in self.filters
        ]
        for name, field in self.form.fields.items():
            many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            if not many and len(self.asked.getlist(name)) > 1:
                faults.append(Fault(name, gettext("It may be given only once."), []))
        for name, errors in self.form.errors.items():
            reason = " ".join(str(error) for error in errors)
            faults.append(Fault(name, reason[:300], _valid_values(self.form.fields[name])))
        return faults

    def refuse_faults(self) -> None:
        """Raise BadQuery when the query cannot be answered."""
        if self.faults:
            raise BadQuery(self.faults)


class RegisterFilter(StrictFilter):
    """What all lists of the register have in common: strictness, sorting, pages."""

    page = WholeNumber(
        method="unfiltered",
        label=_("page"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("From 1."),
    )
    page_size = WholeNumber(
        method="unfiltered",
        label=_("rows a page"),
        min_value=1,
        max_value=100,
        help_text=_("At most 100; 50 when left out."),
    )

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows asked for; BadQuery when the query cannot be answered."""
        self.refuse_faults()
        return self.qs

    def page_of_rows(self) -> Page[Any]:
        """The page asked for; Http404 past the last one."""
        return self.page_of(self.rows)

    def page_of(self, rows: QuerySet[Any]) -> Page[Any]:
        values = self.form.cleaned_data
        paginator = Paginator(rows, values["page_size"] or PAGE_SIZE)
        try:
            return paginator.page(values["page"] or 1)
        except EmptyPage as error:
            raise Http404(
                gettext("There is no page %(page)s; the last one is %(last)s.")
                % {"page": values["page"], "last": paginator.num_pages}
            ) from error


def _without_blanks(data: QueryDict | None) -> QueryDict:
    """A form sends its empty fields too; they ask for nothing."""
    stripped = QueryDict(mutable=True)
    for name, values in (data or QueryDict()).lists():
        filled = [value for value in values if value.strip()]
        if filled:
            stripped.setlist(name, filled)
    return stripped


def _valid_values(field: forms.Field) -> list[str]:
    if isinstance(field, forms.ChoiceField):
        choices: Iterable[Any] = field.choices  # type: ignore[assignment]  # the stubs allow a callable
        return [str(value) for value, _label in choices if str(value)]
    if isinstance(field, forms.IntegerField):
        return [f"{field.min_value}..{field.max_value}"]
    return []


class PactChoice(django_filters.ModelChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            # Not the copy of a past day: a pact may be asked for that was not recorded then.
            queryset=Pact.objects.using("default"),
            to_field_name="slug",
            label=_("pact"),
            **kwargs,
        )
