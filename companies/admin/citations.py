"""All citations of a company in one place: its own and those of its statuses, pledges, reports."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import BaseModelFormSet, modelformset_factory
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import Citation, Company

from .base import MOST_ROWS, StackedRowInline

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Citation]
    ModelFormSet = BaseModelFormSet[Citation, Any]
else:
    ModelForm, ModelFormSet = forms.ModelForm, BaseModelFormSet

TARGETS = ("signing", "pledge", "report", "company")
FIELDS = ("source", "quote", "confidence", "verified_on", "verified_by")
LINES = ("quote", ("confidence", "verified_on", "verified_by"))


def citations_of(company: Company) -> QuerySet[Citation]:
    return Citation.objects.filter(
        Q(company=company)
        | Q(signing__company=company)
        | Q(pledge__company=company)
        | Q(report__company=company)
    )


class EvidenceForm(ModelForm):
    """One citation; what it supports is chosen among the rows of its company."""

    supports = forms.ChoiceField(label=_("Supports"))

    def __init__(self, *args: Any, supports: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supports"].choices = supports  # type: ignore[attr-defined]
        held = ((name, getattr(self.instance, f"{name}_id")) for name in TARGETS)
        self.initial["supports"] = next((f"{name}-{pk}" for name, pk in held if pk), "company")

    def _post_clean(self) -> None:
        chosen, _dash, pk = self.cleaned_data.get("supports", "").partition("-")
        for name in TARGETS:
            setattr(self.instance, f"{name}_id", int(pk) if pk and name == chosen else None)
        super()._post_clean()  # type: ignore[misc]  # Django's own hook


class EvidenceFormSet(ModelFormSet):
    """The citations of one company, whatever of it they support."""

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        instance: Company,
        save_as_new: bool = False,  # the admin's own; only inline formsets know it
        **kwargs: Any,
    ) -> None:
        self.instance = instance
        held = citations_of(instance) if instance.pk else Citation.objects.none()
        rows = held.select_related("source", "signing", "pledge", "report").order_by("pk")
        super().__init__(data, files, **kwargs | {"queryset": rows})

    @classmethod
    def get_default_prefix(cls) -> str:
        return "evidence"

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"supports": self.choices}

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        company = self.instance
        choices = [("company" + (f"-{company.pk}" if company.pk else ""), _t("the company itself"))]
        if not company.pk:
            return choices
        for signing in company.signings.select_related("pact"):
            label = f"{signing.get_status_display()} ({signing.pact}, {signing.started})"
            choices.append((f"signing-{signing.pk}", label))
        for pledge in company.pledges.select_related("commitment"):
            label = f"{capfirst(pledge._meta.verbose_name)}: {pledge.commitment}"
            choices.append((f"pledge-{pledge.pk}", label))
        for report in company.reports.select_related("pact"):
            label = f"{capfirst(report._meta.verbose_name)}: {report.pact}, {report.period}"
            choices.append((f"report-{report.pk}", label))
        return choices

    def save_new(self, form: Any, commit: bool = True) -> Any:
        if form.cleaned_data["supports"] == "company":  # a company that is only now being added
            form.instance.company_id = self.instance.pk
        return super().save_new(form, commit)

    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None for form in self.initial_forms):
            raise ValidationError(_("A citation of another record cannot be changed here."))


class EvidenceInline(StackedRowInline):
    """Every citation of the company on its page, so that proof is added where it is missing."""

    model = Citation
    fk_name = "company"
    fields = (("supports", "source"), *LINES)
    autocomplete_fields = ("source",)
    verbose_name_plural = _("Evidence: citations of this record")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        may_delete = self.has_delete_permission(request, obj)
        return modelformset_factory(
            Citation,
            form=EvidenceForm,
            formset=EvidenceFormSet,
            fields=FIELDS,
            formfield_callback=lambda field, **options: self.formfield_for_dbfield(
                field, request, **options
            ),
            extra=0,
            can_delete=may_delete,
            max_num=MOST_ROWS if self.has_add_permission(request, obj) else 0,
            absolute_max=MOST_ROWS,
        )


class CitationInline(StackedRowInline):
    """Citations on the page of the status, pledge or report they support."""

    model = Citation
    fields = ("source", *LINES)
    autocomplete_fields = ("source",)


class CitationsOfSigning(CitationInline):
    fk_name = "signing"


class CitationsOfPledge(CitationInline):
    fk_name = "pledge"


class CitationsOfReport(CitationInline):
    fk_name = "report"
