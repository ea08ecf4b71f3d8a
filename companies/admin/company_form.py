"""A company's form: a change of its name or public id leaves no dead link behind."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.register.merging.renaming import check_slug_is_free, keep_former_name, leave_redirect

from .forms import RegisterForm

if TYPE_CHECKING:
    from companies.models import Company


class CompanyForm(RegisterForm):
    """A company's form, with what becomes of its old name."""

    keep_former_name = forms.BooleanField(
        label=_("Keep the old name as a former name"),
        required=False,
        initial=True,
        help_text=_("When you change the name. Untick this where you only correct a typing error."),
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        check_slug_is_free(slug, self.instance)
        return slug


def keep_old_names(
    request: HttpRequest, before: "Company", now: "Company", cleaned: dict[str, Any]
) -> None:
    """Redirect the old public id, and keep the old name as a former one if the editor wants it."""
    reason = cleaned["change_reason"]
    if before.slug != now.slug:
        leave_redirect(now, before.slug, reason)
        redirected = _("The old address, %(slug)s, leads to the new one.")
        messages.info(request, redirected % {"slug": before.slug})
    if before.name == now.name or not cleaned["keep_former_name"]:
        return
    if former := keep_former_name(now, before.name, reason):
        messages.info(request, _("“%(name)s” stays as a former name.") % {"name": former})
