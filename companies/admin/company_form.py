"""Forms of the company page: the profile, whose former name is kept, and its evidence."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import Citation, Company
from companies.register.merging.renaming import check_slug_is_free, keep_former_name, leave_redirect

from .forms import RegisterForm, RowForm

if TYPE_CHECKING:
    ModelFormSet = BaseModelFormSet[Citation, Any]
else:
    ModelFormSet = BaseModelFormSet

TARGETS = ("signing", "pledge", "report", "company")


class CompanyForm(RegisterForm):
    """The form of a company, which asks what happens to a former name."""

    keep_former_name = forms.BooleanField(
        label=_("Keep the old name as a former name"),
        required=False,
        initial=True,
        help_text=_("Applies if you change the name. Untick to correct a typing error."),
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        check_slug_is_free(slug, self.instance)
        return slug


def keep_old_names(
    request: HttpRequest, before: Company, now: Company, cleaned: dict[str, Any]
) -> None:
    """Redirect the old public id, and add the old name as a former one if the editor wants it."""
    reason = cleaned["change_reason"]
    if before.slug != now.slug:
        leave_redirect(now, before.slug, reason)
        redirected = _("The old address, %(slug)s, redirects to the new one.")
        messages.info(request, redirected % {"slug": before.slug})
    if before.name == now.name or not cleaned["keep_former_name"]:
        return
    if former := keep_former_name(now, before.name, reason):
        messages.info(request, _("“%(name)s” is kept as a former name.") % {"name": former})


def citations_of(company: Company) -> QuerySet[Citation]:
    return Citation.objects.filter(
        Q(company=company)
        | Q(signing__company=company)
        | Q(pledge__company=company)
        | Q(report__company=company)
    )


def fact_choices(company: Company) -> list[tuple[str, str]]:
    """The choices of what a source may support: the company, or a row such as signing-12."""
    choices = [("company" + (f"-{company.pk}" if company.pk else ""), _t("the company itself"))]
    if not company.pk:
        return choices
    for signing in company.signings.select_related("pact"):
        since = signing.started.in_words(get_language() or "en")
        label = f"{signing.get_status_display()} ({signing.pact}, {since})"
        choices.append((f"signing-{signing.pk}", label))
    for pledge in company.pledges.select_related("commitment"):
        label = f"{capfirst(pledge._meta.verbose_name)}: {pledge.commitment}"
        choices.append((f"pledge-{pledge.pk}", label))
    for report in company.reports.select_related("pact"):
        label = f"{capfirst(report._meta.verbose_name)}: {report.pact}, {report.period}"
        choices.append((f"report-{report.pk}", label))
    return choices


class EvidenceForm(RowForm):
    """The form of one citation, which chooses the row of the company that it supports."""

    supports = forms.ChoiceField(label=_("Supports"))

    def __init__(self, *args: Any, supports: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supports"].choices = supports  # type: ignore[attr-defined]  # a field of choices
        targets = ((name, getattr(self.instance, f"{name}_id")) for name in TARGETS)
        self.initial["supports"] = next((f"{name}-{pk}" for name, pk in targets if pk), "company")

    def _post_clean(self) -> None:
        chosen, _dash, pk = self.cleaned_data.get("supports", "").partition("-")
        for name in TARGETS:
            setattr(self.instance, f"{name}_id", int(pk) if pk and name == chosen else None)
        super()._post_clean()  # type: ignore[misc]  # Django's own hook


class EvidenceFormSet(ModelFormSet):
    """The citations of a company's profile, statuses, pledges and reports."""

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
        citations = citations_of(instance) if instance.pk else Citation.objects.none()
        rows = citations.select_related("source", "signing", "pledge", "report").order_by("pk")
        super().__init__(data, files, **kwargs | {"queryset": rows})

    @classmethod
    def get_default_prefix(cls) -> str:
        return "evidence"

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"supports": self.choices}

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return fact_choices(self.instance)

    def save_new(self, form: Any, commit: bool = True) -> Any:
        if form.cleaned_data["supports"] == "company":  # a company that is only now being added
            form.instance.company_id = self.instance.pk
        return super().save_new(form, commit)

    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None for form in self.initial_forms):
            raise ValidationError(_("A citation of another record cannot be changed here."))
