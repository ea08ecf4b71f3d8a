"""The form for e-mail alerts, which needs no login, cookie or script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from companies.models import Subscription
from companies.queries.following.followed_list import FollowedList
from companies.queries.parameters import BadQuery

Rhythm = Subscription.Rhythm
RHYTHMS = [
    (Rhythm.EACH, _("When something changes, at most once an hour")),
    (Rhythm.WEEKLY, _("On Mondays, what changed in the week before")),
]


class AlertForm(forms.Form):
    """Where to write, and how often."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        help_text=_("Only for these messages, each of which has a link that ends them."),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address, such as name@company.eu."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    rhythm = forms.ChoiceField(
        label=_("How often?"),
        choices=RHYTHMS,
        initial=Rhythm.EACH,
        error_messages={
            "required": _("Please choose how often."),
            "invalid_choice": _("Please choose one of these two."),
        },
        widget=forms.RadioSelect,
    )
    homepage = forms.CharField(
        label=_("Please leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    # No CharField, whose errors would name a hidden field.
    query = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(
                _("This field is there to catch robots. Please empty it and send again.")
            )
        return ""

    def clean_query(self) -> str:
        try:
            return FollowedList.of_query(str(self.cleaned_data["query"] or "")[:2000]).canonical
        except BadQuery as error:
            raise ValidationError(str(error)) from None

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, "" for one that is hidden."""
        return [
            (self._place(name), str(error))
            for name in self.fields
            for error in self.errors.get(name, [])
        ]

    def _place(self, name: str) -> str:
        field: Any = self[name]
        return "" if field.is_hidden else field.auto_id + ("_0" if name == "rhythm" else "")


class AlertActionForm(forms.Form):
    """What a follower does on the private page."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("confirm", "each", "weekly", "resume", "stop")]
    )

    @property
    def chosen(self) -> str:
        """The action; "" where it is none of them."""
        return str(self.cleaned_data["action"]) if self.is_valid() else ""
