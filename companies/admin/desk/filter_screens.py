"""Views that save and delete named filters of an admin list, per editor."""

from typing import TYPE_CHECKING

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from companies.admin.form_errors import NamedErrors
from companies.models import SavedFilter

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[SavedFilter]
else:
    ModelForm = forms.ModelForm

MOST = 50  # of one editor
NOT_KEPT = ("p", "all", "e")  # the page, and what the admin adds for an error


class SavedFilterForm(NamedErrors, ModelForm):
    """The name and query of a list's filters, as its page submits them."""

    class Meta:
        model = SavedFilter
        fields = ("table", "name", "query")

    def _get_validation_exclusions(self) -> set[str]:
        # The owner is no field of the form, and takes part in the constraint.
        return super()._get_validation_exclusions() - {"owner"}  # type: ignore[misc, no-any-return]  # Django's own hook

    def clean_table(self) -> str:
        table: str = self.cleaned_data["table"]
        models = {
            one._meta.model_name: one for one in apps.get_app_config("companies").get_models()
        }
        if table not in models or not admin.site.is_registered(models[table]):
            raise forms.ValidationError(_("This is no list of the register."))
        return table

    def clean_query(self) -> str:
        query = QueryDict(self.cleaned_data["query"], mutable=True)
        for name in NOT_KEPT:
            query.pop(name, None)
        if not query:
            raise forms.ValidationError(_("Choose a filter first."))
        return query.urlencode()


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    user = request.user
    own = SavedFilter(owner=user)  # type: ignore[misc]  # the admin is for users
    form = SavedFilterForm(request.POST, instance=own)
    if not form.is_valid():
        for text in dict.fromkeys(str(one) for errors in form.errors.values() for one in errors):
            messages.error(request, text)
        return HttpResponseRedirect(list_of(form))
    if not user.has_perm(f"companies.view_{form.cleaned_data['table']}"):
        raise PermissionDenied
    if SavedFilter.objects.filter(owner=user.pk).count() >= MOST:
        message = _("You have saved %(most)d filters. Delete one first.")
        messages.error(request, message % {"most": MOST})
        return HttpResponseRedirect(list_of(form))
    form.save()
    messages.success(request, _("The filters are saved as “%(name)s”.") % {"name": form.instance})
    return HttpResponseRedirect(list_of(form))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(SavedFilter, pk=pk, owner=request.user.pk)
    saved.delete()
    messages.success(request, _("“%(name)s” is deleted; the list is as it was.") % {"name": saved})
    return HttpResponseRedirect(reverse(f"admin:companies_{saved.table}_changelist"))


def list_of(form: SavedFilterForm) -> str:
    """The list that the form was on; the desk if none is given."""
    given = form.cleaned_data
    if "table" not in given:
        return reverse("admin:index")
    url = reverse(f"admin:companies_{given['table']}_changelist")
    return f"{url}?{given['query']}" if given.get("query") else url


def urls() -> list[URLPattern]:
    view = admin.site.admin_view
    return [
        path("saved-filters/", view(save), name="saved_filters"),
        path("saved-filters/<int:pk>/delete/", view(delete), name="delete_saved_filter"),
    ]
