"""Base forms and formsets of the admin: change reason, edit conflicts, consistent rows."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import CompanyName, Pledge, Signing, refuse_bidi_controls
from companies.names.visible import clean_line

from .form_errors import NamedErrors
from .history_screens import last_version, version_of

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, InlineFormSet = forms.ModelForm, BaseInlineFormSet

COMES_WITH_SIGNATURE = _(
    "This pledge is implied by the signature and cannot be deleted. To remove what is known "
    "about it, empty its fields."
)
NO_SIGNATURE = _(
    "No signature implies this pledge. Choose “stated by a source”, or leave the basis empty."
)
NOTHING_SAID = _("Choose “stated by a source”, or record evidence of implementation.")


class ReasonField(forms.CharField):
    """The change reason, cleaned like any public text."""

    default_validators = [refuse_bidi_controls]

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


def why(*, required: bool = False) -> forms.CharField:
    """The form field for the change reason."""
    return ReasonField(
        label=_("Why"),
        required=required,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Saved in the history with your name. Explain why."),
    )


class RegisterForm(NamedErrors, ModelForm):
    """The form of a record, with the change reason and the version that the editor opened."""

    accept_early = forms.BooleanField(
        label=_("Accept dates before the pact opened"),
        required=False,
        help_text=_("Reviewers only. Explain why below."),
    )
    change_reason = why()
    seen_version = forms.CharField(required=False, widget=forms.HiddenInput)
    request: HttpRequest  # the admin sets it on the class it makes for each request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A version that is restored keeps the present value where its own is deleted.
        self.gone = getattr(self.request, "gone", [])
        for gone in self.gone:
            gone.replace_in(kwargs["instance"])
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = version_of(self.instance)
        self.initial.update(getattr(self.request, "filled_in", {}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for message in getattr(self.request, "refusal", []):
            self.add_error(None, message)
        for gone in self.gone:
            if not gone.is_replaced:
                self.add_error(None, str(gone))
        if self.instance.pk and cleaned.get("seen_version") != self.initial["seen_version"]:
            self.add_error(None, stale(self.instance))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook
        if self.errors:
            return
        # Once more with the fields that this form only shows: they take part in the constraints.
        try:
            self.instance.full_clean()
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))


class RowForm(NamedErrors, ModelForm):
    """The form of an inline row."""


class PledgeForm(RowForm):
    """The form of a pledge: only periods can imply one, so the basis may only be "stated"."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook
        pledge = self.instance
        if self.errors or not self.has_changed() or pledge.basis == Pledge.Basis.STATED:
            return
        commitment = pledge.commitment
        signed = Signing.objects.signed().filter(pact=commitment.pact_id, company=pledge.company_id)
        if Pledge.unstated_basis(commitment.kind, signed=signed.exists()):
            return
        if pledge.basis:
            self.add_error("basis", NO_SIGNATURE)
        elif not pledge.says_more:
            self.add_error("basis", NOTHING_SAID)


class PeriodForm(RowForm):
    """The form of a period; PeriodFormSet compares it with the others as they will be saved."""

    def _get_validation_exclusions(self) -> set[str]:
        # Django 6.1 would compare each with those that are stored, which the same save may move.
        return {"company", *super()._get_validation_exclusions()}  # type: ignore[misc]  # Django's


class RegisterPledgeForm(PledgeForm, RegisterForm):
    """The form of a pledge on its own page."""


def stale(record: Any) -> ValidationError:
    """The error of a form whose record was saved by someone else meanwhile."""
    version = last_version(record)
    return ValidationError(
        _(
            "%(who)s saved this record at %(time)s while you were editing. Your changes were not "
            "saved; they are still below. Open the record in a second tab to see the current "
            "version, and enter your changes there."
        ),
        params={
            "who": (version and version.history_user) or _("An automatic import"),
            "time": date_format(timezone.localtime(version.history_date), "H:i") if version else "",
        },
        code="stale",
    )


def readable(error: ValidationError | DatabaseError) -> list[str]:
    """Readable messages for a validation or database error."""
    if isinstance(error, ValidationError):
        return error.messages
    for model in apps.get_app_config("companies").get_models():
        for constraint in model._meta.constraints:
            if constraint.name in str(error):
                return [str(constraint.get_violation_error_message())]
    return [
        _t(
            "Not saved: two rows on this page contradict each other, or someone else has just "
            "saved the same thing."
        )
    ]


class RegisterFormSet(InlineFormSet):
    """A formset that saves rows in an order that violates no constraint on the way."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Django's method; each field also gets its label if a table shows it as a column."""
        super().add_fields(form, index)
        for field in form.visible_fields():
            field.field.widget.attrs.setdefault("aria-label", capfirst(field.label))

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        """Django's method, but saves in the order of `in_order`."""
        self.changed_objects, self.deleted_objects = [], []
        saved = []
        deleted = self.deleted_forms
        for form in self.in_order(self.initial_forms):
            row = form.instance
            if row.pk is None or row._state.adding:  # deleted meanwhile, or never there
                continue
            if form in deleted:
                self.deleted_objects.append(row)
                self.delete_existing(row, commit=commit)
            elif form.has_changed():
                self.changed_objects.append((row, form.changed_data))
                saved.append(self.save_existing(form, row, commit=commit))
                if not commit:
                    self.saved_forms.append(form)
        return saved

    def in_order(self, rows: list[Any]) -> list[Any]:
        """Deletions first."""
        deleted = self.deleted_forms
        return sorted(rows, key=lambda form: form not in deleted)

    def kept(self) -> list[Any]:
        """The forms whose rows will exist after saving."""
        return [
            form
            for form in self.forms
            if form.is_valid()
            and form not in self.deleted_forms
            and (form.has_changed() or form.instance.pk)
        ]


class NameFormSet(RegisterFormSet):
    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.kept():
            name = form.instance.name.lower()
            if name in seen:
                form.add_error("name", _message(CompanyName, "companyname_unique"))
            seen.add(name)


class PledgeFormSet(RegisterFormSet):
    def clean(self) -> None:
        super().clean()
        if any(form.instance.comes_with_signature for form in self.deleted_forms):
            raise ValidationError(COMES_WITH_SIGNATURE)


class PeriodFormSet(RegisterFormSet):
    """The periods of a company, compared as saved: one may end and the next begin at once."""

    BETWEEN_PERIODS = ("signing_one_open_period", "signing_periods_apart")

    def clean(self) -> None:
        super().clean()
        kept = self.kept()
        edited = {form.instance.pk for form in self.forms}
        others = [row for row in self.stored() if row.pk not in edited]
        checked: list[Signing] = others
        for form in kept:
            period = form.instance
            for other in checked:
                if not period.overlaps(other):
                    continue
                both_open = period.until is None and other.until is None
                name = self.BETWEEN_PERIODS[0 if both_open else 1]
                form.add_error(None, _message(Signing, name))
                break
            checked = [*checked, period]

    def stored(self) -> list[Signing]:
        if not self.instance.pk:
            return []
        return list(Signing.objects.filter(company_id=self.instance.pk))

    def in_order(self, rows: list[Any]) -> list[Any]:
        """Deletions first, then each period once its days are free."""
        gone = [form for form in rows if form in self.deleted_forms]
        waiting = [form for form in rows if form not in gone]
        stored = {row.pk: row for row in self.stored()}
        ordered = gone
        while waiting:
            in_the_way = {form.instance.pk: stored.get(form.instance.pk) for form in waiting}
            free = next((f for f in waiting if _is_free(f.instance, in_the_way)), waiting[0])
            waiting.remove(free)
            ordered = [*ordered, free]
        return ordered


def _is_free(period: Signing, stored: dict[int, Signing | None]) -> bool:
    return not any(row and pk != period.pk and period.overlaps(row) for pk, row in stored.items())


def _message(model: type[Any], name: str) -> str:
    constraint = next(rule for rule in model._meta.constraints if rule.name == name)
    return str(constraint.get_violation_error_message())
