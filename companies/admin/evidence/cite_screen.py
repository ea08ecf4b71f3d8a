"""“Add evidence”: one source, cited for each fact that it supports."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.admin.base import Screens, screens_of
from companies.admin.company_form import fact_choices
from companies.admin.forms import why
from companies.admin.previewing.public_record import with_preview
from companies.admin.status_screen import MORE_EVIDENCE, about_field, quoted_field
from companies.models import DEFAULT_PACT, Citation, Company
from companies.register.citing import Fact, cite

from .source_fields import LINES, NEW_FIELDS, SourceFields, filled_in, typed_in, wants_filling_in

if TYPE_CHECKING:
    CompanyChoice = forms.ModelChoiceField[Company]
else:
    CompanyChoice = forms.ModelChoiceField


class ChosenCompanyForm(forms.Form):
    """The field that chooses the company before its facts can be shown."""

    company = CompanyChoice(Company.objects.all(), required=False)


class CiteForm(SourceFields):
    """A source, the facts of a company that it supports, and the quote."""

    company = CompanyChoice(
        Company.objects.all(),
        label=_("Company"),
        error_messages={"required": _("Company: choose the one that the source is about.")},
    )
    facts = forms.MultipleChoiceField(
        label=_("What it supports"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("What it supports: tick at least one.")},
    )
    quote = quoted_field("quote")
    language = quoted_field("language")
    translation_en = quoted_field("translation_en")
    translation_fr = quoted_field("translation_fr")
    own_words = quoted_field("own_words")
    about_on = about_field()
    change_reason = why()

    def __init__(
        self, *args: Any, company: Company | None, admin_site: AdminSite, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer_sources(admin_site)
        self.about = company
        if company is None:
            chosen: Any = self.fields["company"]
            parent = Company._meta.get_field("parent")
            chosen.widget = AutocompleteSelect(parent, admin_site, attrs={"data-width": "100%"})
            chosen.widget.choices = chosen.choices
            del self.fields["facts"]
        else:
            del self.fields["company"]
            self.fields["facts"].choices = fact_choices(company)  # type: ignore[attr-defined]  # a field of choices
            self.initial.setdefault("facts", [likeliest_fact(company)])

    def save(self) -> list[Citation]:
        """Save and return the citations; none, with a form error, if the rules refuse them."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in NEW_FIELDS}
        try:
            return cite(given.pop("source"), self.chosen_facts(given.pop("facts")), **given)
        except ValidationError as refused:
            self.add_error(None, refused.messages)
            return []

    def chosen_facts(self, values: Sequence[str]) -> list[Fact]:
        """The ticked rows of the company."""
        about: Any = self.about
        rows = {"signing": about.signings, "pledge": about.pledges, "report": about.reports}
        parted = (value.partition("-") for value in values)
        return [rows[kind].get(pk=pk) if kind in rows else about for kind, _dash, pk in parted]


def likeliest_fact(company: Company) -> str:
    """The default fact: the current status, for the first pact that has one."""
    periods = company.signings.filter(until__isnull=True).select_related("pact")
    ranked = sorted(periods, key=lambda one: (one.pact.slug != DEFAULT_PACT, one.pact.position))
    return f"signing-{ranked[0].pk}" if ranked else f"company-{company.pk}"


@screens_of(Company)
class CiteScreens(Screens):
    """Views that add evidence to a company, or first ask for the company."""

    routes = {"cite": "cite/", "add_evidence": "<int:company_id>/add-evidence/"}

    def cite(self, request: HttpRequest) -> HttpResponse:
        """Start from a URL pasted on the desk, with the company still to choose."""
        chosen = ChosenCompanyForm(request.POST)
        company = chosen.cleaned_data["company"] if chosen.is_valid() else None
        return self.shown(request, company, is_chosen=False)

    def add_evidence(self, request: HttpRequest, company_id: int) -> HttpResponse:
        return self.shown(request, get_object_or_404(Company, pk=company_id))

    def shown(
        self, request: HttpRequest, company: Company | None, *, is_chosen: bool = True
    ) -> HttpResponse:
        needed = ("companies.view_company", "companies.add_citation", "companies.add_source")
        if not request.user.has_perms(needed):
            raise PermissionDenied
        answer = partial(self.cited, request, company, is_chosen=is_chosen)
        return with_preview(request, company, answer) if company else answer()

    def cited(
        self, request: HttpRequest, company: Company | None, *, is_chosen: bool
    ) -> HttpResponse:
        form = self.form_of(request, company, is_chosen=is_chosen)
        if company and form.is_valid() and (citations := form.save()):
            return self.saved(request, company, citations)
        context = {
            "title": _("Add evidence to %(company)s") % {"company": company}
            if company
            else _("Add evidence"),
            "original": company,
            "adminform": self.laid_out(form, fieldsets(company)),
            "media": self.model_admin.media + form.media,
            "has_preview": company is not None,
        }
        return self.render(request, "add_evidence", context, form)

    def form_of(
        self, request: HttpRequest, company: Company | None, *, is_chosen: bool
    ) -> CiteForm:
        """The submitted form; if “Fill in” was pressed, an unbound one with the fetched values."""
        given: dict[str, Any] = {"company": company, "admin_site": self.model_admin.admin_site}
        if request.method != "POST":
            return CiteForm(**given)
        if wants_filling_in(request):
            return CiteForm(initial=filled_in(request, company), **given)
        if company and not is_chosen:  # only now can its facts be ticked
            return CiteForm(initial=typed_in(request), **given)
        return CiteForm(request.POST, **given)

    def saved(
        self, request: HttpRequest, company: Company, citations: Sequence[Citation]
    ) -> HttpResponse:
        for citation in citations:
            self.model_admin.log_addition(request, citation, str(_("Evidence added.")))
        message = ngettext(
            "“%(source)s” is now cited for %(number)d fact about %(company)s.",
            "“%(source)s” is now cited for %(number)d facts about %(company)s.",
            len(citations),
        )
        facts = {"source": citations[0].source, "number": len(citations), "company": company}
        messages.success(request, message % facts)
        return HttpResponseRedirect(reverse("admin:companies_company_change", args=[company.pk]))


def fieldsets(company: Company | None) -> list[Any]:
    about = [] if company else [(_("Company"), {"fields": ["company"]})]
    facts = [(_("What it supports"), {"fields": ["facts"]})] if company else []
    return [
        (_("Source"), {"fields": LINES}),
        *about,
        *facts,
        (_("Quote"), {"fields": [("quote", "language")]}),
        (_("More about the evidence"), {"fields": MORE_EVIDENCE, "classes": ["collapse"]}),
        (_("This change"), {"fields": ["change_reason"]}),
    ]
