"""Views: merge a company with another one, or undo a merge."""

from collections import Counter
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AdminRadioSelect, AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyName,
    Merge,
    Pledge,
    ProgressReport,
    Signing,
)
from companies.register.history import unit_of_work
from companies.register.merging.clashes import Choice, Clash, MergePreview, preview
from companies.register.merging.merge import merge
from companies.register.merging.undo import merges_into, undo_merge

from .base import Screens, screens_of
from .form_errors import NamedErrors, name_errors
from .forms import readable, why
from .history_screens import last_version, version_of
from .status_screen import change_page

if TYPE_CHECKING:
    CompanyChoice = forms.ModelChoiceField[Company]
else:
    CompanyChoice = forms.ModelChoiceField

WORDS = 300  # characters of a field that an answer shows
# The first part of a clash's key, and the heading of such clashes.
HEADINGS = {
    "period": _("Periods of the same pact that overlap"),
    "pledge": _("Pledges to the same commitment"),
    "report": _("Reports of the same period"),
    "identifier": _("Identifiers of the same kind"),
    "profile": _("Fields of the profile that differ"),
}


class ChooseForm(NamedErrors, forms.Form):
    """The form that chooses the company that remains."""

    into = CompanyChoice(
        Company.objects.all(),
        label=_("Company to keep"),
        help_text=_(
            "Everything moves to this record. You see a preview and settle differences before "
            "anything is saved."
        ),
    )

    def __init__(self, *args: Any, admin_site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        field.widget = AutocompleteSelect(
            Company._meta.get_field("parent"),
            admin_site,
            attrs={"data-width": "100%"},
        )
        field.widget.choices = field.choices  # type: ignore[attr-defined]  # a field of choices


class MergeForm(NamedErrors, forms.Form):
    """What happens to the merged company's name, and a choice for each clash."""

    name_kind = forms.ChoiceField(
        label=_("The merged company’s name becomes"),
        choices=[
            (kind.value, kind.label) for kind in (CompanyName.Kind.FORMER, CompanyName.Kind.ALIAS)
        ],
        initial=CompanyName.Kind.ALIAS,
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
    )
    cause = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (Change.Cause.CORRECTION.value, _("One company was listed twice")),
            (Change.Cause.WORLD.value, _("Two companies have become one")),
        ],
        initial=Change.Cause.CORRECTION,
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
        help_text=_("The public history says whether we corrected an error."),
    )
    change_reason = why(required=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, preview: MergePreview) -> None:
        self.preview = preview
        self.version = "|".join(version_of(row) for row in (preview.kept, preview.merged))
        self.seen_before = self.version
        if data is not None:
            # Show the two records as they are now, whatever the editor saw before.
            data = data.copy()
            self.seen_before, data["seen"] = data.get("seen", ""), self.version
            for clash in preview.clashes if self.seen_before != self.version else []:
                data.setdefault(clash.key, clash.choices[0])
        super().__init__(data, initial={"seen": self.version})
        for clash in preview.clashes:
            self.fields[clash.key] = forms.ChoiceField(
                label=capfirst(str(clash.subject)),
                choices=[(c.value, _words(c, clash, preview)) for c in clash.choices],
                initial=clash.choices[0],
                widget=AdminRadioSelect(attrs={"class": "radiolist"}),
            )
            name_errors(self.fields[clash.key])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.seen_before != self.version:
            raise self.stale()
        return cleaned

    def stale(self) -> ValidationError:
        old = [*self.seen_before.split("|"), "", ""]
        companies = (self.preview.kept, self.preview.merged)
        changed = next(c for c, seen in zip(companies, old, strict=False) if version_of(c) != seen)
        version = last_version(changed)
        saved_at = date_format(timezone.localtime(version.history_date), "H:i") if version else ""
        return ValidationError(
            _(
                "%(who)s saved %(company)s at %(time)s while this page was open. Nothing was "
                "merged. The current records are below: check them and merge again."
            ),
            params={
                "who": (version and version.history_user) or _("An automatic import"),
                "company": changed,
                "time": saved_at,
            },
            code="stale",
        )

    def save(self) -> Merge:
        return merge(
            kept=self.preview.kept,
            merged=self.preview.merged,
            decisions={clash.key: self.cleaned_data[clash.key] for clash in self.preview.clashes},
            name_kind=self.cleaned_data["name_kind"],
            cause=Change.Cause(self.cleaned_data["cause"]),
            reason=self.cleaned_data["change_reason"],
        )

    @property
    def fieldsets(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        for kind, heading in HEADINGS.items():
            keys = [c.key for c in self.preview.clashes if c.key.startswith(f"{kind}-")]
            if keys:
                yield heading, {"fields": keys}
        yield _("This merge"), {"fields": ["cause", "name_kind", "change_reason", "seen"]}


class UndoMergeForm(NamedErrors, forms.Form):
    change_reason = why(required=True)


def _words(choice: Choice, clash: Clash, preview: MergePreview) -> str:
    """The label of a choice."""
    given = {
        "kept": preview.kept,
        "merged": preview.merged,
        "ours": _row(clash.ours),
        "theirs": _row(clash.theirs),
    }
    if choice == Choice.BOTH:
        return _t("Both: %(ours)s, %(theirs)s") % given
    if choice == Choice.MERGED:
        return _t("As %(merged)s: %(theirs)s") % given
    if choice == Choice.EARLIER:
        given["since"] = clash.theirs.started.in_words(get_language() or "en")
        return _t("As %(kept)s, but since %(since)s, the earlier date: %(ours)s") % given
    return _t("As %(kept)s: %(ours)s") % given


def _row(row: Any) -> str:
    """A row of a clash in short, without its company."""
    if isinstance(row, Signing):
        words = _t("%(status)s since %(since)s (%(basis)s)") % {
            "status": row.get_status_display(),
            "since": row.started.in_words(get_language() or "en"),
            "basis": row.get_since_basis_display(),
        }
        if not row.ended:
            return words
        until = row.ended.in_words(get_language() or "en")
        return _t("%(period)s until %(until)s") % {"period": words, "until": until}
    if isinstance(row, Pledge):
        return f"{row.get_implementation_display()}, {row.get_basis_display()}"
    if isinstance(row, ProgressReport):
        days = [
            (_t("published on %(date)s"), row.published_on),
            (_t("submitted on %(date)s"), row.submitted_on),
            (_t("invited by %(date)s"), row.due_on),
        ]
        dates = [words % {"date": date} for words, date in days if date]
        return ", ".join(dates) or _t("no date")
    if isinstance(row, list):
        return ", ".join(str(one) for one in row)
    return Truncator(str(row)).chars(WORDS)


@screens_of(Company)
class MergeScreens(Screens):
    """Views that merge two companies or undo a merge."""

    routes = {
        "merge": "<int:company_id>/merge/",
        "undo_merge": "<int:company_id>/undo-merge/<int:merge_id>/",
    }

    def merge(self, request: HttpRequest, company_id: int) -> HttpResponse:
        company = self.company_to_merge(request, company_id)
        choice = ChooseForm(
            request.GET if "into" in request.GET else None,
            admin_site=self.model_admin.admin_site,
        )
        if not choice.is_valid():
            return self.choose(request, company, choice)
        kept = choice.cleaned_data["into"]
        try:
            if request.method == "POST":
                form, done = self.merged_or_refused(request, kept, company)
            else:
                form, done = MergeForm(preview=preview(kept, company)), None
        except ValidationError as refused:
            choice.add_error("into", refused)
            return self.choose(request, company, choice)
        if done:
            self.model_admin.log_change(request, kept, str(_("Merged with another company.")))
            merged = _("%(merged)s is now part of %(kept)s. Undo it under “Merge / unmerge”.")
            messages.success(request, merged % {"merged": done, "kept": kept})
            return change_page(kept)
        context = {
            "title": _("Merge %(merged)s into %(kept)s") % {"merged": company, "kept": kept},
            "original": company,
            "adminform": self.laid_out(form, list(form.fieldsets)),
            "kept": kept,
            "tables": list(_tables(form.preview)),
            "media": self.model_admin.media + form.media,
        }
        return self.render(request, "merge", context, form)

    def merged_or_refused(
        self, request: HttpRequest, kept: Company, merged: Company
    ) -> tuple[MergeForm, Merge | None]:
        """The bound form and the merge; None if the form has errors. Raises ValidationError."""
        form = None
        try:
            with unit_of_work(by=request.user):  # type: ignore[arg-type]  # the admin lets in no other
                form = MergeForm(request.POST, preview=preview(kept, merged))
                return form, form.save() if form.is_valid() else None
        except (IntegrityError, ValidationError) as refused:
            if form is None:
                raise
            form.add_error(None, [ValidationError(words) for words in readable(refused)])
            return form, None

    def choose(self, request: HttpRequest, company: Company, form: ChooseForm) -> HttpResponse:
        context = {
            "title": _("Merge %(company)s into another company") % {"company": company},
            "original": company,
            "adminform": self.laid_out(form, [(None, {"fields": ["into"]})]),
            "merges": merges_into(company),
            "media": self.model_admin.media + form.media,
        }
        return self.render(request, "merge_choice", context, form)

    def undo_merge(self, request: HttpRequest, company_id: int, merge_id: int) -> HttpResponse:
        company = self.company_to_merge(request, company_id)
        done = get_object_or_404(Merge, pk=merge_id, kept_id=company.pk)
        form = UndoMergeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            reason = form.cleaned_data["change_reason"]
            try:
                back = undo_merge(done, reason=reason, by=request.user)
            except (IntegrityError, ValidationError) as refused:
                form.add_error(None, [ValidationError(words) for words in readable(refused)])
            else:
                self.model_admin.log_change(request, company, str(_("Merge undone.")))
                messages.success(
                    request,
                    _("%(merged)s and %(kept)s are two companies again.")
                    % {"merged": back, "kept": company},
                )
                return change_page(back)
        context = {
            "title": _("Undo the merge of %(merged)s into %(kept)s")
            % {"merged": done, "kept": company},
            "original": company,
            "adminform": self.laid_out(form, [(None, {"fields": ["change_reason"]})]),
            "merge": done,
            "tables": list(_counted(done)),
        }
        return self.render(request, "merge_undo", context, form)

    def company_to_merge(self, request: HttpRequest, company_id: int) -> Company:
        company = get_object_or_404(Company, pk=company_id)
        if not self.model_admin.has_change_permission(request, company):
            raise PermissionDenied
        if not self.model_admin.has_delete_permission(request, company):
            raise PermissionDenied
        return company


def _tables(preview: MergePreview) -> Iterator[tuple[str, list[Any]]]:
    """The rows of the merged company, by table."""
    for model, rows in preview.rows.items():
        name = _("subsidiaries") if model is Company else model._meta.verbose_name_plural
        if model is Citation:
            rows = _evidence(preview.merged)
        if rows:
            yield capfirst(str(name)), rows


def _evidence(company: Company) -> list[Any]:
    """The citations of a company and of its rows, which move along."""
    targets = ("company", "signing__company", "pledge__company", "report__company")
    of_company = reduce(or_, (Q(**{target: company}) for target in targets))
    return list(Citation.objects.filter(of_company).select_related("source"))


def _counted(done: Merge) -> Iterator[tuple[str, int]]:
    """The number of rows that undoing the merge restores, by table."""
    for name, number in Counter(row["model"] for row in done.rows).items():
        plural = apps.get_model("companies", name)._meta.verbose_name_plural
        yield capfirst(str(plural)), number
