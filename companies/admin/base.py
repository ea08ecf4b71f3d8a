"""Base classes of the admin: extra views, guards against bad input, history, edit conflicts."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten
from django.core.exceptions import FieldDoesNotExist, FieldError, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _

from companies.models import Company, PossibleDays, QuoteCheck, early_days
from companies.register.approval import waiting
from companies.register.approval.second_person import NeedsSecondPerson
from companies.register.history import unit_of_work
from companies.register.statuses import refuse_stronger_than_quote

from .desk.next_row import is_to_go_on, row_after, url_of
from .form_errors import forget_messages, summary_of
from .forms import RegisterForm, RegisterFormSet, RowForm, readable
from .history_screens import Differences, deleted_relations, lock, named
from .previewing.frame import is_preview, refused

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    SimpleHistoryAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
    InlineModelAdmin = admin.options.InlineModelAdmin[Any, Any]
else:
    from simple_history.admin import SimpleHistoryAdmin

    ModelAdmin = admin.ModelAdmin
    StackedInline, TabularInline = admin.StackedInline, admin.TabularInline
    InlineModelAdmin = admin.options.InlineModelAdmin

# What ids, dates, page numbers and field names that are none raise deep inside Django; not
# TypeError, which is a fault of our own and must be seen as one.
NOT_UNDERSTOOD = (
    DataError,
    FieldDoesNotExist,
    FieldError,
    OverflowError,
    ValidationError,
    ValueError,
)
View = Callable[..., HttpResponse]
# Characters. Each word is one more condition: SQLite takes 1,000, and PostgreSQL takes minutes.
LONGEST_SEARCH = 300
MOST_ROWS = 200  # of one kind on one page
WHY = ["change_reason", "seen_version"]
# The right to decide, which reviewers have and editors have not.
REVIEWS = "companies.change_proposal"


class Screens:
    """Extra admin views of one model, at URLs below its change list.

    `routes` maps the name of each view to its route; the URL of the view `merge` of companies
    is called `admin:companies_company_merge`, its template admin/companies/company/merge.html.
    """

    routes: Mapping[str, str]

    def __init__(self, model_admin: "GuardedAdmin") -> None:
        self.model_admin = model_admin
        self.opts = model_admin.opts

    def urls(self) -> Iterator[URLPattern]:
        for name, route in self.routes.items():
            view = self.model_admin.admin_site.admin_view(getattr(self, name))
            full_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            yield path(route, self.model_admin.guarded(view), name=full_name)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """The context that every admin template needs."""
        return self.model_admin.admin_site.each_context(request) | {"opts": self.opts}

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any], form: Any = None
    ) -> HttpResponse:
        shown = {"form": form, "summary": summary_of(form) if form and form.errors else []}
        if is_preview(request):
            return refused(request, shown["summary"])
        name = f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}.html"
        return render(request, name, self.context(request) | shown | context)

    def laid_out(self, form: Any, fieldsets: Any) -> helpers.AdminForm:
        """`form` as an AdminForm, laid out in fieldsets as Django's own templates do."""
        shown = unfolded(fieldsets, form)
        return helpers.AdminForm(form, shown, {}, model_admin=self.model_admin)


def unfolded(fieldsets: Any, form: Any) -> list[Any]:
    """The fieldsets, those with an error expanded: Django misses fields that share a line."""
    return [
        (name, {**options, "classes": []})
        if form.is_bound and form.errors.keys() & set(flatten(options["fields"]))
        else (name, options)
        for name, options in fieldsets
    ]


_registered: dict[type[Model], list[type[Screens]]] = defaultdict(list)
AnyScreens = TypeVar("AnyScreens", bound=type[Screens])


def screens_of(model: type[Model]) -> Callable[[AnyScreens], AnyScreens]:
    """Decorate Screens to register them with the admin of `model`."""

    def add(screens: AnyScreens) -> AnyScreens:
        _registered[model].append(screens)
        return screens

    return add


def urls_for(model_admin: "GuardedAdmin") -> list[URLPattern]:
    """URLs of all screens registered for the model of `model_admin`."""
    registered = _registered[model_admin.model]
    return [url for screens in registered for url in screens(model_admin).urls()]


class GuardedAdmin(ModelAdmin):
    """A ModelAdmin that answers an invalid URL with a 400."""

    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        for pattern in urls:
            if callable(pattern.callback):
                pattern.callback = self.guarded(pattern.callback)
        return [*urls_for(self), *urls]

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Django's method, with a list of all errors in place of “correct the errors”."""
        if context["errors"]:
            shown = context["adminform"]
            shown.fieldsets = unfolded(shown.fieldsets, shown.form)
            rows = [one.formset for one in context["inline_admin_formsets"]]
            context |= {"errors": [], "summary": summary_of(context["adminform"].form, rows)}
        return super().render_change_form(request, context, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only lookups of the list's own filters: an arbitrary regex can run for minutes."""
        return lookup in self.declared_lookups(request)

    def declared_lookups(self, request: HttpRequest | None) -> Iterator[str]:
        filters: Sequence[Any] = self.get_list_filter(request) if request else self.list_filter
        for one in filters:
            if isinstance(one, type) and issubclass(one, admin.SimpleListFilter):
                yield str(one.parameter_name)
            else:
                field = one[0] if isinstance(one, list | tuple) else one
                lookups = ("exact", "isnull", "isempty", "id__exact", "gte", "lt")
                yield from (field, *(f"{field}__{lookup}" for lookup in lookups))
        for part in ("year", "month", "day"):
            yield f"{self.date_hierarchy}__{part}"

    def guarded(self, view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except NeedsSecondPerson as alone:
                return proposed(request, alone)
            except NOT_UNDERSTOOD as error:
                return self.refuse(request, error)
            try:
                if isinstance(response, SimpleTemplateResponse):
                    # Dates and lookups are read as late as in the template.
                    response.render()
            except NOT_UNDERSTOOD as error:
                return self.refuse(request, error)
            return response

        return answer

    def refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts}
        response = render(request, "admin/not_understood.html", context, status=400)
        what = ("Not understood: %s: %r", request.get_full_path(), error)
        log_response(*what, response=response, request=request)  # in place of Django's own line
        return response


def proposed(request: HttpRequest, alone: NeedsSecondPerson) -> HttpResponse:
    """Store the entered rows as a proposal for a second person, and redirect to it."""
    forget_messages(request)
    proposal = waiting.propose(alone, by=request.user, early=accepts_early(request))  # type: ignore[arg-type]  # the admin is for users
    messages.warning(
        request,
        _("%(why)s Nothing is public yet: it waits below until another reviewer approves it.")
        % {"why": alone},
    )
    return redirect("admin:companies_importrun_review", proposal.run_id)


def accepts_early(request: HttpRequest) -> bool:
    """Whether a reviewer accepts dates before the pact opened, with a reason."""
    said = ("accept_early", "change_reason")
    return request.user.has_perm(REVIEWS) and all(request.POST.get(n, "").strip() for n in said)


def proven(answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Call `answer` in one unit of work, and check the proof of every status it writes."""
    with unit_of_work() as unit:
        response = answer()
        refuse_stronger_than_quote(unit)
        return response


class ValuesFilter(admin.AllValuesFieldListFilter):
    """A list filter for every value of a column, with a label for the empty one."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield choice | {"display": choice["display"] or _("Empty")}


class RegisterAdmin(GuardedAdmin, SimpleHistoryAdmin):
    """A ModelAdmin of a register model."""

    form = RegisterForm
    list_per_page = 50
    object_history_list_template = "admin/history_list.html"
    # Rows of a company stay with it: a moved row would be missing from the company’s history.
    fixed_fields: Sequence[str] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        may_save = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        fields = ["accept_early", *WHY] if self.may_accept_early(request) else WHY
        return [*fieldsets, (_("This change"), {"fields": fields})] if may_save else fieldsets

    def may_accept_early(self, request: HttpRequest) -> bool:
        has_days = issubclass(self.model, Company | PossibleDays)
        return has_days and request.user.has_perm(REVIEWS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = self.fixed_fields if obj else ()
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]  # RegisterForm's
        return form

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        lock(found)
        # Read again, now that the row is locked.
        return super().get_object(request, object_id, from_field)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id and is_to_go_on(request):
            # Before it is saved: it may leave the list with what it lacked.
            request.next_row = row_after(self, request, int(object_id))  # type: ignore[attr-defined]  # an attribute of ours
        return self.saved_or_refused(
            request,
            lambda: super(RegisterAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            ),
        )

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if not is_to_go_on(request):
            return super().response_change(request, obj)
        following = request.next_row  # type: ignore[attr-defined]  # an attribute of ours
        messages.success(request, _("“%(row)s” was saved.") % {"row": obj})
        if following is None:
            messages.info(request, _("That was the last one of this list."))
        return redirect(url_of(self.opts, request, following))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_go_on"] = not context.get("is_popup")
        return super().render_change_form(request, context, *args, **kwargs)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            self.check_may_revert(request, object_id)
            if IS_POPUP_VAR in request.POST:
                message = "A version is restored in no popup."
                raise ValidationError(message)
        request.gone = []  # type: ignore[attr-defined]  # RegisterForm's
        for version in self.versions(object_id, version_id):
            request.gone += deleted_relations(version.instance)  # type: ignore[attr-defined]  # an attribute of ours
        for gone in request.gone:  # type: ignore[attr-defined]  # an attribute of ours
            messages.warning(request, str(gone))
        return self.saved_or_refused(
            request, lambda: self.locked_history_form(request, object_id, version_id, extra_context)
        )

    def check_may_revert(self, request: HttpRequest, object_id: str) -> None:
        exists = self.model._default_manager.filter(pk=object_id).exists()
        allowed = (
            self.has_change_permission(request) if exists else self.has_add_permission(request)
        )
        if not allowed:
            raise PermissionDenied

    def locked_history_form(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any
    ) -> HttpResponse:
        if request.method == "POST":
            for version in self.versions(object_id, version_id):
                row = version.instance
                deleted_relations(row)
                lock(row)
        return super().history_form_view(  # type: ignore[no-any-return, misc]  # simple_history's
            request, object_id, version_id, extra_context
        )

    def versions(self, object_id: str, version_id: str) -> Any:
        """The history row in the URL as a queryset; empty if it belongs to another record."""
        of_record = {str(self.opts.pk.name): object_id}
        return self.model.history.filter(pk=version_id, **of_record)

    def history_view_title(self, request: HttpRequest, obj: Model) -> str:
        return super().history_view_title(request, named(obj))  # type: ignore[misc, no-any-return]  # simple_history's

    def history_form_view_title(self, request: HttpRequest, obj: Model) -> str:
        return super().history_form_view_title(request, named(obj))  # type: ignore[misc, no-any-return]  # simple_history's

    def saved_or_refused(
        self, request: HttpRequest, answer: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Save in one transaction; errors of rules and database become form errors."""
        if request.method != "POST":
            return answer()
        accepted = self.may_accept_early(request) and accepts_early(request)
        with early_days(accepted=accepted):
            try:
                return self.written(request, answer)
            except (IntegrityError, ValidationError) as error:
                request.refusal = readable(error)  # type: ignore[attr-defined]  # RegisterForm's
            forget_messages(request)
            with transaction.atomic():
                return answer()

    def written(self, request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
        return proven(answer)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = partial(super().delete_view, request, object_id, extra_context)
        return self.deleted_or_refused(request, answer)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return self.deleted_or_refused(
            request, partial(super().changelist_view, request, extra_context)
        )

    def deleted_or_refused(
        self, request: HttpRequest, answer: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Delete in one transaction; errors of the rules are shown on the page."""
        if request.method != "POST":
            return answer()
        try:
            return proven(answer)
        except ValidationError as error:
            forget_messages(request)
            for message in error.messages:
                messages.error(request, message)
        return redirect(request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is deleted along; quote checks need no permission of their own."""
        gone, counts, needed, protected = super().get_deleted_objects(objs, request)
        return gone, counts, needed - {QuoteCheck._meta.verbose_name}, protected

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data["change_reason"]
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance._change_reason = form.cleaned_data["change_reason"]
        super().save_formset(request, form, formset, change)

    def get_historical_record_context_helper(
        self, request: HttpRequest, version: Any
    ) -> Differences:
        return Differences(self.model, version)


class RowsOfRecord(InlineModelAdmin):
    """Inline rows of a record, with a limit on their number."""

    form = RowForm
    formset = RegisterFormSet
    extra = 0
    max_num = MOST_ROWS
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        limits = {"absolute_max": MOST_ROWS}
        return super().get_formset(request, obj, **limits | kwargs)


class RowInline(RowsOfRecord, TabularInline):
    """A tabular inline."""

    template = "admin/companies/rows.html"


class StackedRowInline(RowsOfRecord, StackedInline):
    """A stacked inline, for rows that are too wide for one line."""


class ReadOnlyAdmin(GuardedAdmin):
    """A ModelAdmin of rows that editors may view and not edit."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
