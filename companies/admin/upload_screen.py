"""Upload of an editor's spreadsheet, which becomes proposals to review."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.models import ImportRun, Pact, Source
from companies.register.review.uploads import (
    COLUMNS,
    MAX_BYTES,
    BadSpreadsheet,
    Kind,
    empty_spreadsheet,
    fits,
    propose_spreadsheet,
)

from .base import Screens, screens_of
from .form_errors import NamedErrors

if TYPE_CHECKING:
    PactChoice = forms.ModelChoiceField[Pact]
    SourceChoice = forms.ModelChoiceField[Source]
else:
    PactChoice = SourceChoice = forms.ModelChoiceField

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class UploadForm(NamedErrors, forms.Form):
    pact = PactChoice(Pact.objects.all(), label=_("Pact"), empty_label=None)
    source = SourceChoice(
        Source.objects.order_by("title"),
        label=_("Source"),
        help_text=_("The document these rows come from. Add it under Sources if it is new."),
    )
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_(
            "CSV or XLSX, 5 MB and 20,000 rows at most. Columns are recognised by their headings."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """Refuse files that are too large, or whose content does not fit the extension."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."))
        if not fits(file.name, file.read(2)):
            raise ValidationError(
                _("The file name must end in .csv or .xlsx, to match its format.")
            )
        file.seek(0)
        return file


@screens_of(ImportRun)
class UploadScreens(Screens):
    """Views: the upload, and empty spreadsheets to fill in."""

    routes = {"upload": "upload/", "template": "template.<str:kind>"}

    def upload(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("companies.add_importrun"):
            raise PermissionDenied
        posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
        faults: list[Any] = []
        remarks: tuple[str, ...] = ()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = propose_spreadsheet(
                    form.cleaned_data["pact"],
                    file.read(),
                    file_name=file.name,
                    source=form.cleaned_data["source"],
                    by=request.user,  # type: ignore[arg-type]  # the admin is for users
                )
            except BadSpreadsheet as error:
                faults, remarks = list(error.faults), error.remarks
            else:
                number = run.proposals_count
                message = ngettext("%(number)s proposal.", "%(number)s proposals.", number)
                messages.success(request, message % {"number": number})
                return redirect("admin:companies_importrun_review", run.pk)
        context = {
            "title": _("Upload a spreadsheet"),
            "adminform": self.laid_out(form, [(None, {"fields": ["pact", "source", "file"]})]),
            "faults": faults,
            "remarks": remarks,
            "columns": list(COLUMNS),
        }
        return self.render(request, "upload", context, form)

    def template(self, request: HttpRequest, kind: Kind) -> HttpResponse:
        if not request.user.has_perm("companies.add_importrun"):
            raise PermissionDenied
        if kind not in TYPES:
            raise Http404
        return HttpResponse(
            empty_spreadsheet(kind),
            content_type=TYPES[kind],
            headers={"Content-Disposition": f'attachment; filename="pactwatch-template.{kind}"'},
        )
