"""The search of the desk: from a company's name to its change-status screen."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from companies import queries
from companies.admin.base import Screens, screens_of
from companies.models import Company

# Who may not change a status comes to the record instead.
CHANGES_STATUS = ("companies.change_company", "companies.add_signing", "companies.change_signing")


class FindForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)


@screens_of(Company)
class FindScreens(Screens):
    """Redirects to the company that a name means, or to a list of the candidates."""

    routes = {"find": "find/"}

    def find(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("companies.view_company"):
            raise PermissionDenied
        form = FindForm(request.GET)
        typed = form.cleaned_data["q"] if form.is_valid() else ""
        company = queries.company_meant(typed) if typed else None
        if company is None:
            found = reverse("admin:companies_company_changelist")
            return HttpResponseRedirect(f"{found}?{urlencode({'q': typed})}")
        may_change = request.user.has_perms(CHANGES_STATUS)
        screen = "change_status" if may_change else "change"
        return HttpResponseRedirect(reverse(f"admin:companies_company_{screen}", args=[company.pk]))
