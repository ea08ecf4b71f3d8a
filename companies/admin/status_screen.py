"""“Change status”, “Undo last status change” and “Retract a status”, on a company's page."""

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.models import (
    DEFAULT_PACT,
    Citation,
    Company,
    Pact,
    PartialDate,
    Retraction,
    Signing,
)
from companies.register.retractions import published_from, retract
from companies.register.statuses import change_status, undo_status_change

from .base import Screens, screens_of
from .evidence.source_fields import LINES, NEW_FIELDS, SourceFields, filled_in, wants_filling_in
from .form_errors import NamedErrors
from .forms import why
from .previewing.public_record import with_preview

if TYPE_CHECKING:
    PactChoice = forms.ModelChoiceField[Pact]
    PeriodChoice = forms.ModelChoiceField[Signing]
else:
    PactChoice = PeriodChoice = forms.ModelChoiceField


class PartialDateField(forms.CharField):
    """A date as precise as its source: YYYY-MM-DD, YYYY-MM or YYYY."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return PartialDate.parse(text) if text else None
        except ValueError:
            raise ValidationError(
                _("Write a date as 2024-10-09, a month as 2024-10 or a year as 2024.")
            ) from None


MORE_EVIDENCE = (("translation_en", "translation_fr"), "own_words", "about_on")
_evidence: Any = {field.name: field for field in Citation._meta.concrete_fields}
_about_on = _evidence["about_on"]


def quoted_field(name: str) -> Any:
    """The form field of a column of Citation; long texts get two rows."""
    if not isinstance(_evidence[name], TextField):
        return _evidence[name].formfield()
    widget = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})
    return _evidence[name].formfield(widget=widget)


def about_field() -> PartialDateField:
    return PartialDateField(
        label=capfirst(_about_on.verbose_name),
        required=False,
        max_length=10,
        help_text=_about_on.help_text,
    )


class StatusForm(SourceFields):
    """The next status of a company, with its source."""

    pact = PactChoice(Pact.objects.all(), label=_("Pact"), empty_label=None)
    status = forms.ChoiceField(label=_("New status"), choices=[("", "–"), *Signing.Status.choices])
    since = PartialDateField(
        label=_("Since"),
        max_length=10,
        help_text=_(
            "As precise as the source: 2024-10-09, 2024-10 or 2024. The current status ends on "
            "this date."
        ),
    )
    since_basis = forms.ChoiceField(
        label=_("Basis of the date"), choices=[("", "–"), *Signing.SinceBasis.choices]
    )
    quote = forms.CharField(
        label=_("Quote"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("The shortest quote that proves the status, in the source’s own language."),
    )
    language = quoted_field("language")
    translation_en = quoted_field("translation_en")
    translation_fr = quoted_field("translation_fr")
    own_words = quoted_field("own_words")
    about_on = about_field()
    reason_en = forms.CharField(
        label=_("Reason in English"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("Shown beside the status. Never present an absence as a refusal."),
    )
    reason_fr = forms.CharField(
        label=_("Reason in French"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )
    change_reason = why(required=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, company: Company, admin_site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.initial.setdefault("seen", _as_text(open_periods(company)))
        self.initial.setdefault("pact", Pact.objects.filter(slug=DEFAULT_PACT).first())
        self.offer_sources(admin_site)

    def save(self) -> Signing | None:
        """Save and return the new status; None, with a form error, if the rules refuse it."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in NEW_FIELDS}
        seen_number = _from_text(given.pop("seen")).get(given["pact"].pk)
        seen = Signing(pk=seen_number) if seen_number else None
        try:
            return change_status(company=self.company, seen=seen, **given)
        except ValidationError as refused:
            self.refuse(refused)
            return None

    def refuse(self, refused: ValidationError) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, errors in refused.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class UndoForm(NamedErrors, forms.Form):
    change_reason = why(required=True)


def public_text(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=help_text,
    )


class RetractionForm(NamedErrors, forms.Form):
    """The form for a retraction: which status was wrong, since when it was published, and why."""

    period = PeriodChoice(
        Signing.objects.none(), label=_("Wrong status"), empty_label=None, widget=forms.RadioSelect
    )
    published_from = forms.DateField(
        label=_("Published from"),
        required=False,
        widget=forms.DateInput(attrs={"size": 10, "placeholder": "2024-10-09"}),
        help_text=_(
            "First day the register showed it, such as 2024-10-09. Leave blank for the day it "
            "was recorded."
        ),
    )
    reason_en = public_text(
        _("Explanation in English"),
        _("What was wrong, how it happened and what is right. This is public."),
    )
    reason_fr = public_text(_("Explanation in French"))
    change_reason = why(required=True)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = company.signings.exclude(status=Signing.Status.UNKNOWN).select_related("pact")
        self.fields["period"].queryset = periods  # type: ignore[attr-defined]  # a field of rows
        if len(periods) == 1:
            self.initial.setdefault("period", periods[0])

    def save(self) -> Retraction | None:
        """Save and return the retraction; None, with a form error, if the rules refuse it."""
        given = self.cleaned_data.copy()
        period = given.pop("period")
        given["published_from"] = given["published_from"] or published_from(period)
        try:
            return retract(period, **given)
        except ValidationError as refused:
            self.add_error(None, refused.messages)
            return None


def open_periods(company: Company) -> list[Signing]:
    periods = company.signings.filter(until__isnull=True).select_related("pact")
    return list(periods.prefetch_related("citations__source").order_by("pact__position"))


# 18 digits are enough for every primary key; anything else in the field is ignored.
_PAIR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


def _as_text(periods: list[Signing]) -> str:
    """Primary keys of pact and open period for the hidden field: 1-17.2-40."""
    return ".".join(f"{period.pact_id}-{period.pk}" for period in periods)


def _from_text(text: str) -> dict[int, int]:
    return {int(pact): int(period) for pact, period in _PAIR.findall(text)}


@screens_of(Company)
class StatusScreens(Screens):
    """Views that change, undo or retract a company's status."""

    routes = {
        "change_status": "<int:company_id>/change-status/",
        "undo_choice": "<int:company_id>/undo-status/",
        "undo_status": "<int:company_id>/undo-status/<int:signing_id>/",
        "retract_status": "<int:company_id>/retract-status/",
    }

    def change_status(self, request: HttpRequest, company_id: int) -> HttpResponse:
        company = self.company_to_change(request, company_id)
        return with_preview(request, company, partial(self.changed_status, request, company))

    def changed_status(self, request: HttpRequest, company: Company) -> HttpResponse:
        form = self.form_of(request, company)
        if form.is_valid() and (signing := form.save()):
            self.model_admin.log_change(request, company, str(_("Status changed.")))
            messages.success(
                request,
                _("%(company)s: %(status)s since %(since)s. You can undo this here.")
                % {
                    "company": company,
                    "status": signing.get_status_display(),
                    "since": signing.started.in_words(get_language() or "en"),
                },
            )
            return change_page(company)
        fieldsets = [
            (None, {"fields": [("pact", "status"), ("since", "since_basis")]}),
            (_("Source"), {"fields": [*LINES, ("quote", "language")]}),
            (_("More about the evidence"), {"fields": MORE_EVIDENCE, "classes": ["collapse"]}),
            (_("Reason"), {"fields": ["reason_en", "reason_fr"], "classes": ["collapse"]}),
            (_("This change"), {"fields": ["change_reason", "seen"]}),
        ]
        context = {
            "title": _("Change the status of %(company)s") % {"company": company},
            "original": company,
            "adminform": self.laid_out(form, fieldsets),
            "periods": open_periods(company),
            "media": self.model_admin.media + form.media,
            "has_preview": True,
        }
        return self.render(request, "change_status", context, form)

    def form_of(self, request: HttpRequest, company: Company) -> StatusForm:
        """The submitted form; if “Fill in” was pressed, an unbound one with the fetched values."""
        given: dict[str, Any] = {"company": company, "admin_site": self.model_admin.admin_site}
        if wants_filling_in(request):
            return StatusForm(initial=filled_in(request, company), **given)
        return StatusForm(request.POST if request.method == "POST" else None, **given)

    def undo_choice(self, request: HttpRequest, company_id: int) -> HttpResponse:
        company = self.company_to_change(request, company_id)
        periods = open_periods(company)
        if len(periods) == 1:
            return HttpResponseRedirect(undo_url(periods[0]))
        context = {
            "title": _("Undo the last status change of %(company)s") % {"company": company},
            "original": company,
            "periods": periods,
        }
        return self.render(request, "undo_choice", context)

    def undo_status(self, request: HttpRequest, company_id: int, signing_id: int) -> HttpResponse:
        company = self.company_to_change(request, company_id)
        signings = Signing.objects.select_related("company", "pact")
        signing = get_object_or_404(signings, pk=signing_id, company=company)
        form = UndoForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                now = undo_status_change(signing, **form.cleaned_data)
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                self.model_admin.log_change(request, company, str(_("Status change undone.")))
                messages.success(request, _undone(signing, now))
                return change_page(company)
        earlier = company.signings.filter(pact=signing.pact, until=signing.since).first()
        fieldsets = [(None, {"fields": ["change_reason"]})]
        context = {
            "title": _("Undo the last status change of %(company)s") % {"company": company},
            "original": company,
            "adminform": self.laid_out(form, fieldsets),
            "signing": signing,
            "earlier": earlier,
        }
        return self.render(request, "undo_status", context, form)

    def retract_status(self, request: HttpRequest, company_id: int) -> HttpResponse:
        company = self.company_to_change(request, company_id)
        if not request.user.has_perm("companies.add_retraction"):
            raise PermissionDenied
        form = RetractionForm(request.POST if request.method == "POST" else None, company=company)
        if form.is_valid() and (retraction := form.save()):
            self.model_admin.log_change(request, company, str(_("Status retracted.")))
            messages.success(
                request,
                _(
                    "%(retraction)s is retracted. The record and its feeds say so, and its badge "
                    "does for %(days)s days. If another status is right, record it with “Change "
                    "status”."
                )
                % {"retraction": retraction, "days": Retraction.ON_BADGE.days},
            )
            return change_page(company)
        fieldsets = [
            (_("What was wrong"), {"fields": ["period", "published_from"]}),
            (_("Explanation"), {"fields": ["reason_en", "reason_fr"]}),
            (_("This change"), {"fields": ["change_reason"]}),
        ]
        context = {
            "title": _("Retract a status of %(company)s") % {"company": company},
            "original": company,
            "adminform": self.laid_out(form, fieldsets),
            "periods": form.fields["period"].queryset,  # type: ignore[attr-defined]  # a field of rows
            "media": self.model_admin.media + form.media,
        }
        return self.render(request, "retract_status", context, form)

    def company_to_change(self, request: HttpRequest, company_id: int) -> Company:
        company = get_object_or_404(Company, pk=company_id)
        if not self.model_admin.has_change_permission(request, company):
            raise PermissionDenied
        if not request.user.has_perms(["companies.add_signing", "companies.change_signing"]):
            raise PermissionDenied
        return company


def change_page(company: Company) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:companies_company_change", args=[company.pk]))


def undo_url(signing: Signing) -> str:
    return reverse("admin:companies_company_undo_status", args=[signing.company_id, signing.pk])


def _undone(signing: Signing, now: Signing | None) -> Any:
    if now is None:
        return _("%(company)s: status removed (%(pact)s).") % {
            "company": signing.company,
            "pact": signing.pact,
        }
    return _("%(company)s: status restored to “%(status)s” (%(since)s).") % {
        "company": signing.company,
        "status": now.get_status_display(),
        "since": now.started.in_words(get_language() or "en"),
    }
