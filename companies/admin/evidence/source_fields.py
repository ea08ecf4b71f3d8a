"""Form fields for a source: an existing one, or a new one by its URL.

“Fill in from the address” fetches the page and puts what it states about itself in the empty
fields. Nothing is saved before the editor saves.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from companies.admin.form_errors import NamedErrors
from companies.admin.previewing.frame import is_preview
from companies.models import Citation, Company, Source
from companies.register.new_sources import free_source_slug, new_source
from companies.register.verifying.describing import Described, PageNotRead, describe
from pactwatch.limits import is_over_limit

if TYPE_CHECKING:
    SourceChoice = forms.ModelChoiceField[Source]
else:
    SourceChoice = forms.ModelChoiceField

FILL_IN = "_fill_in"  # the name of the button
MOST, WHILE = 60, 3600  # pages for one client, seconds
NEW = ("url", "title", "publisher", "kind", "published_on", "archived_url")
NEW_FIELDS = tuple(f"new_{name}" for name in NEW)
# How the admin's forms show the source.
LINES = (
    *("source", "new_url"),
    ("new_title", "new_publisher"),
    ("new_kind", "new_published_on"),
    "new_archived_url",
)
_columns: Any = {field.name: field for field in Source._meta.concrete_fields}


class AddressInput(forms.URLInput):
    """A URL input with the button that fills in the fields after it."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        field = super().render(*args, **kwargs)
        button = '{} <button type="submit" name="{}" value="1" class="button fill-in">{}</button>'
        return format_html(button, field, FILL_IN, _("Fill in from the address"))


def _column(name: str, **options: Any) -> Any:
    """The form field of a column of a new source, optional until there is a URL."""
    return _columns[name].formfield(required=False, **options)


def _wide(kind: type[forms.Widget] = forms.TextInput) -> forms.Widget:
    return kind(attrs={"class": "vTextField"})


class SourceFields(NamedErrors, forms.Form):
    """Form mixin with the fields of an existing or new source."""

    source = SourceChoice(
        Source.objects.all(),
        label=_("Source"),
        required=False,
        help_text=_("A document that is on the register already."),
    )
    new_url = _column(
        "url",
        label=_("or address of a new source"),
        widget=_wide(AddressInput),
        help_text=_("Paste the address. Its title, date and archived copy can be filled in."),
    )
    new_title = _column("title", widget=_wide())
    new_publisher = _column("publisher", widget=_wide())
    new_kind = _column("kind")
    new_published_on = _column("published_on", widget=AdminDateWidget())
    new_archived_url = _column("archived_url", widget=_wide(forms.URLInput))

    def offer_sources(self, admin_site: AdminSite) -> None:
        """Give the source field the admin's autocomplete widget."""
        chosen: Any = self.fields["source"]
        chosen.widget = AutocompleteSelect(
            Citation._meta.get_field("source"), admin_site, attrs={"data-width": "100%"}
        )
        chosen.widget.choices = chosen.choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        url = cleaned.get("new_url")
        if cleaned.get("source") or self.errors.keys() & {"source", "new_url"}:
            return cleaned
        if not url:
            self.add_error("source", _("Source: choose the document, or paste its address."))
        elif known := source_at(url):
            cleaned["source"] = known
        else:
            cleaned["source"] = self._new_source(cleaned)
        return cleaned

    def _new_source(self, cleaned: Mapping[str, Any]) -> Source | None:
        source = new_source(**{name: cleaned.get(f"new_{name}") or _empty(name) for name in NEW})
        try:
            source.full_clean()
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                field = f"new_{name}"
                if field not in self.errors:
                    self.add_error(field if field in self.fields else None, _named(self, errors))
            return None
        return source


def _empty(name: str) -> Any:
    return None if _columns[name].null else ""


def _named(form: SourceFields, errors: list[ValidationError]) -> list[ValidationError]:
    """The model's errors, with one message of ours for missing required fields."""
    return [
        ValidationError(_("A new source needs its title and its kind."), code=one.code)
        if one.code in ("blank", "null")
        else one
        for one in errors
    ]


def source_at(url: str) -> Source | None:
    """The existing source with this URL, the one retrieved last."""
    same = Source.objects.filter(url=url.strip())
    return same.order_by("-retrieved_on", "-pk").first()


def is_to_fill_in(request: HttpRequest) -> bool:
    """Whether the “Fill in” button was pressed."""
    return FILL_IN in request.POST


def wants_filling_in(request: HttpRequest) -> bool:
    """Whether “Fill in” was pressed, or a URL without a title was submitted with Enter."""
    sent = request.POST
    alone = sent.get("new_url", "").strip() and not (sent.get("new_title") or sent.get("source"))
    return is_to_fill_in(request) or bool(alone and not is_preview(request))


def filled_in(request: HttpRequest, company: Company | None = None) -> dict[str, Any]:
    """The submitted values of a form with SourceFields, completed from the page at its URL."""
    typed = typed_in(request)
    url = typed.get("new_url", "")
    if not url:
        messages.error(request, _("Paste the address of the page first."))
        return typed
    if known := source_at(url):
        message = _("This document is already on the register: “%(source)s” is chosen.")
        messages.info(request, message % {"source": known})
        kept = {name: value for name, value in typed.items() if name not in NEW_FIELDS}
        return kept | {"source": known.pk}
    found = read_page(request, url, company)
    if found is None:
        return typed
    new = {f"new_{name}": value for name, value in found.of_source.items()}
    typed.pop("new_url")  # in its original's place, where it is an archived copy
    return {"language": found.language} | new | typed


def source_filled_in(request: HttpRequest) -> dict[str, Any]:
    """The submitted values of the admin form of a source, completed from the page at its URL."""
    typed = {name: value for name, value in typed_in(request).items() if name != FILL_IN}
    url = typed.get("url", "")
    found = read_page(request, url) if url else None
    if found is None:
        if not url:
            messages.error(request, _("Paste the address of the page first."))
        return typed
    complete = {"retrieved_on": timezone.localdate()} | found.of_source | typed
    if "slug" not in typed:
        complete["slug"] = free_source_slug(slugify(complete.get("title", "")) or "source")
    return complete


def typed_in(request: HttpRequest) -> dict[str, Any]:
    """The submitted fields that are not empty."""
    sent = request.POST
    given: dict[str, Any] = {name: str(value) for name, value in sent.items()}
    typed = {name: value for name, value in given.items() if value.strip()}
    return typed | ({"facts": sent.getlist("facts")} if "facts" in sent else {})


def read_page(request: HttpRequest, url: str, company: Company | None = None) -> Described | None:
    """Fetch the page's description; None, with a message, if it cannot be read."""
    if is_over_limit(request, what="describe", most=MOST, seconds=WHILE):
        messages.error(request, _("Too many pages in one hour. Fill in the fields yourself."))
        return None
    try:
        found = describe(url, company=company)
    except PageNotRead as why:
        message = _("%(why)s Fill in the fields yourself.")
        messages.error(request, message % {"why": why})
        return None
    messages.info(request, _("Filled in from the page. Check each field: nothing is saved yet."))
    return found
