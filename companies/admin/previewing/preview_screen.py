"""The saved public record, for the iframe when the form is opened."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from companies.admin.base import Screens, screens_of
from companies.models import Company

from .public_record import record_of


@screens_of(Company)
class PreviewScreens(Screens):
    routes = {"preview": "<int:company_id>/preview/"}

    @method_decorator(require_safe)
    def preview(self, request: HttpRequest, company_id: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=company_id)
        if not self.model_admin.has_view_permission(request, company):
            raise PermissionDenied
        return record_of(request, company, {})
