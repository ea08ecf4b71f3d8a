"""Admin of corrections that readers and companies sent, and of our replies."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies import queries
from companies.models import MESSAGE_LENGTH, AnswerDraft, Company, Correction
from companies.queries.desk import decisions
from companies.queries.desk.decisions import AGES, of_age
from companies.register import corrections as rules
from companies.register.approval import drafts

from .base import ReadOnlyAdmin, Screens, screens_of
from .form_errors import NamedErrors, summary_of

WAITING = "waiting"
LARGE = {"rows": 5, "class": "vLargeTextField"}


class ReplyForm(NamedErrors, forms.Form):
    """The public reply, visible to everybody with the receipt number."""

    reply = forms.CharField(
        label=_("Public reply"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs=LARGE),
        help_text=_(
            "Say what you checked and what you decided, in the sender’s language. Accepting does "
            "not change the register: correct the record on its own screen, with a source."
        ),
        error_messages={"required": _("Write a reply to the sender.")},
    )


class RecordForm(NamedErrors, forms.Form):
    """The company a correction is about, if the sender's name for it matched none."""

    company = forms.CharField(
        label=_("Record"),
        max_length=200,
        help_text=_("A company’s name or public id."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean_company(self) -> Company:
        company = queries.company_meant(self.cleaned_data["company"])
        if company is None:
            raise forms.ValidationError(_("This company is not on the register."))
        return company


class DraftForm(ReplyForm):
    """An editor's draft of a reply, for a reviewer to send."""

    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=AnswerDraft.Verdict, widget=forms.RadioSelect
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ReturnForm(NamedErrors, forms.Form):
    """The reason for returning a draft."""

    because = forms.CharField(
        label=_("What to change"),
        max_length=1000,
        widget=forms.Textarea(attrs=LARGE),
        help_text=_("Who wrote the draft reads it; no one else does."),
        error_messages={"required": _("Write what to change.")},
    )


class WithdrawForm(NamedErrors, forms.Form):
    """The reason for withdrawing a published company statement."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs=LARGE),
        help_text=_("Public: anyone with the receipt number can read it."),
    )


class AgeFilter(admin.SimpleListFilter):
    """Filters open corrections by age, as the desk counts them."""

    title = _("waiting")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("all that wait")), *((age.code, age.label) for age in AGES)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == WAITING:
            return queryset.waiting()
        if not self.value():
            return queryset
        of_readers = queryset.exclude(kind=Correction.Kind.STATEMENT)
        return of_age(of_readers, str(self.value()), timezone.now())


class DraftFilter(admin.SimpleListFilter):
    """Filters corrections by the state of their draft, as the desk counts them."""

    title = _("draft of an answer")
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (decisions.WITH_REVIEWER, _("waits for a reviewer")),
            (decisions.SENT_BACK, _("sent back")),
            (decisions.NOT_DRAFTED, _("none yet")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        found = decisions.BY_DRAFT.get(str(self.value()))
        return queryset.filter(found) if found is not None else queryset


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """The list of corrections; each is answered on a screen of its own."""

    # Never the e-mail: lists are looked at over shoulders.
    list_display = (
        *("answer", "kind", "about", "state", "drafted", "received_at", "taken_by", "closed_at"),
    )
    list_display_links = None
    list_filter = (AgeFilter, DraftFilter, "state", "kind")
    list_select_related = ("company", "taken_by", "draft__written_by")
    search_fields = ("receipt", "message", "company__name_folded", "company_name")
    date_hierarchy = "received_at"
    # What waits comes first, and of that what came first.
    ordering = (
        Case(When(state="received", then=0), When(state="checking", then=1), default=2),
        "received_at",
    )
    exclude = ("email",)

    @admin.display(description=_("receipt"), ordering="receipt")
    def answer(self, correction: Correction) -> str:
        return format_html('<a href="{}">{}</a>', answer_url(correction), correction.receipt)

    @admin.display(description=_("company"), ordering="company__name_folded")
    def about(self, correction: Correction) -> str:
        """The company, or the sender's name for it."""
        return str(correction.company or correction.company_name or "–")

    @admin.display(description=_("draft"))
    def drafted(self, correction: Correction) -> Any:
        draft = draft_of(correction)
        if draft is None:
            return "–"
        return _("sent back") if draft.is_returned else str(draft.written_by)


@screens_of(Correction)
class AnswerScreens(Screens):
    """The screen of one correction, with the actions that its state allows."""

    routes = {"answer": "<int:correction_id>/answer/"}

    def answer(self, request: HttpRequest, correction_id: int) -> HttpResponse:
        if not (may_answer(request) or may_draft(request)):
            raise PermissionDenied
        people = ("taken_by", "closed_by", "withdrawn_by")
        related = ("company", *people, "draft__written_by", "draft__returned_by")
        corrections = Correction.objects.select_related(*related)
        correction = get_object_or_404(corrections, pk=correction_id)
        button = next((name for name in _FORMS if name in request.POST), "")
        if button in OF_REVIEWERS and not may_answer(request):
            raise PermissionDenied
        form = _FORMS[button](request.POST) if button else None
        if form.is_valid() if form else "take" in request.POST:
            return self.do(request, correction, form)
        context = {
            "title": _("Correction %(receipt)s") % {"receipt": correction},
            "correction": correction,
            "following": following(correction, may_answer(request)),
            "draft": draft_of(correction),
            "may_answer": may_answer(request),
            "confirmation_sent": bool(settings.EMAIL_URL) and correction.can_confirm_sender,
        }
        return self.render(request, "answer", context | self.forms_of(request, correction, form))

    def do(self, request: HttpRequest, correction: Correction, form: Any) -> HttpResponse:
        """Perform the submitted action, or show which colleague was faster."""
        given = form.cleaned_data if form else {}
        try:
            done = _do(request, correction, given)
        except rules.NotPossible as refused:
            messages.error(request, str(refused))
            return redirect(answer_url(correction))
        self.model_admin.log_change(request, correction, done)
        url = answer_url(correction)
        messages.success(request, format_html('<a href="{}">{}</a>: {}', url, correction, done))
        is_answered = bool(FINISHED & request.POST.keys())
        after = following(correction, may_answer(request)) if is_answered else None
        return redirect(answer_url(after or correction))

    def forms_of(self, request: HttpRequest, correction: Correction, form: Any) -> dict[str, Any]:
        """The forms that the state allows, one of them bound to the submitted data."""
        shown: dict[str, Any] = {}
        draft = draft_of(correction)
        typed = {"reply": draft.reply, "verdict": draft.verdict} if draft else {}
        if correction.is_open and may_answer(request):
            shown = {"reply_form": ReplyForm(initial=typed), "record_form": RecordForm()}
            if draft and not draft.is_returned:
                shown["return_form"] = ReturnForm()
        elif correction.is_open:
            typed["seen"] = draft.version if draft else ""
            shown = {"draft_form": DraftForm(initial=typed), "record_form": RecordForm()}
        elif correction.is_published and may_answer(request):
            shown = {"withdraw_form": WithdrawForm()}
        named = {
            ReplyForm: "reply_form",
            RecordForm: "record_form",
            WithdrawForm: "withdraw_form",
            DraftForm: "draft_form",
            ReturnForm: "return_form",
        }
        if form is not None and named[type(form)] in shown:
            shown[named[type(form)]] = form
            shown["summary"] = summary_of(form)
        return shown


def following(correction: Correction, may_answer: bool) -> Correction | None:
    """The next open correction after this one; after the last one, the first.

    For users who draft replies: the next one without a draft, or with a returned draft.
    """
    waiting = Correction.objects.waiting().exclude(pk=correction.pk).order_by("received_at", "pk")
    if not may_answer:
        waiting = waiting.exclude(decisions.BY_DRAFT[decisions.WITH_REVIEWER])
    later = waiting.filter(received_at__gt=correction.received_at)
    return later.first() or waiting.first()


def draft_of(correction: Correction) -> AnswerDraft | None:
    return getattr(correction, "draft", None)


def may_answer(request: HttpRequest) -> bool:
    return request.user.has_perm("companies.change_correction")


def may_draft(request: HttpRequest) -> bool:
    return request.user.has_perm("companies.add_answerdraft")


# Which form each button belongs to; to take a correction needs none.
_FORMS: dict[str, Any] = {
    "draft": DraftForm,
    "send_back": ReturnForm,
    "accept": ReplyForm,
    "decline": ReplyForm,
    "name": RecordForm,
    "withdraw": WithdrawForm,
}


# After these there is nothing more to do here: the next one is shown.
FINISHED = {"accept", "decline", "draft", "send_back"}
OF_REVIEWERS = ("accept", "decline", "withdraw", "send_back")


def _do(request: HttpRequest, correction: Correction, given: dict[str, Any]) -> str:
    """Perform the submitted action and return a word for the log. Raises NotPossible."""
    pk, by, sent = correction.pk, request.user, request.POST
    if "accept" in sent:
        rules.accept(pk, by=by, **given)  # type: ignore[arg-type]  # the admin is for users
        return _t("accepted")
    if "decline" in sent:
        rules.decline(pk, by=by, **given)  # type: ignore[arg-type]  # the admin is for users
        return _t("declined")
    if "withdraw" in sent:
        rules.withdraw_statement(pk, by=by, **given)  # type: ignore[arg-type]  # the admin is for users
        return _t("statement withdrawn")
    if "draft" in sent:
        drafts.draft(pk, by=by, **given)  # type: ignore[arg-type]  # the admin is for users
        return _t("answer drafted")
    if "send_back" in sent:
        drafts.send_back(pk, by=by, **given)  # type: ignore[arg-type]  # the admin is for users
        return _t("draft sent back")
    if "name" in sent:
        rules.name_company(pk, **given)
        return _t("record named")
    rules.take(pk, by=by)  # type: ignore[arg-type]  # the admin is for users
    return _t("assigned")


def answer_url(correction: Correction) -> str:
    return reverse("admin:companies_correction_answer", args=[correction.pk])
