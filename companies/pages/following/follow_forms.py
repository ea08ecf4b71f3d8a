"""Forms of followers: e-mail alerts and webhooks; no login, cookie or script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from companies.models import Subscription
from companies.queries.following.followed_list import FollowedList
from companies.queries.parameters import BadQuery
from companies.register.following.subscribing import address_fault

Rhythm = Subscription.Rhythm
RHYTHMS = [
    (Rhythm.EACH, _("When something changes, at most once an hour")),
    (Rhythm.WEEKLY, _("On Mondays, what changed in the week before")),
]


class FollowedListForm(forms.Form):
    """The list of companies to follow, as the query of its URL."""

    # No CharField, whose errors would name a hidden field.
    query = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        try:
            return FollowedList.of_query(str(self.cleaned_data["query"] or "")[:2000]).canonical
        except BadQuery as error:
            raise ValidationError(str(error)) from None

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, "" for one that is hidden."""
        return [
            (self.place(name), str(error))
            for name in self.fields
            for error in self.errors.get(name, [])
        ]

    def place(self, name: str) -> str:
        field = self[name]
        return "" if field.is_hidden else str(field.auto_id)


class AlertForm(FollowedListForm):
    """The form of an e-mail alert: address and rhythm."""

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

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(
                _("This field is there to catch robots. Please empty it and send again.")
            )
        return ""

    def place(self, name: str) -> str:
        return super().place(name) + ("_0" if name == "rhythm" else "")


class AlertActionForm(forms.Form):
    """The actions on a follower's private page."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("confirm", "each", "weekly", "resume", "stop")]
    )

    @property
    def chosen(self) -> str:
        """The submitted action; "" if unknown."""
        return str(self.cleaned_data["action"]) if self.is_valid() else ""


class EndpointField(forms.URLField):
    """A URL field that requires HTTPS: messages reveal whom somebody follows."""

    default_validators = [URLValidator(schemes=["https"])]


class WebhookForm(FollowedListForm):
    """The form of a webhook: its URL and the list to follow."""

    address = EndpointField(
        label=_("Address of your endpoint"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("It begins with https:// and is on the public internet."),
        error_messages={
            "required": _("Enter the address of your endpoint."),
            "invalid": _("Enter a web address, such as https://…"),
        },
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if fault := address_fault(address):
            raise ValidationError(fault)
        return address


class ActionForm(forms.Form):
    """The actions on a webhook's private page."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("test", "secret", "pause", "resume", "delete")]
    )

    @property
    def chosen(self) -> str:
        """The submitted action; "" if unknown."""
        chosen: Any = self.cleaned_data["action"] if self.is_valid() else ""
        return str(chosen)
