"""The forms of webhooks: a new one, and what its owner does with it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from companies.queries.following.followed_list import FollowedList
from companies.queries.parameters import BadQuery
from companies.register.following.subscribing import address_fault


class EndpointField(forms.URLField):
    """Nothing but HTTPS: what is sent says whom somebody follows."""

    default_validators = [URLValidator(schemes=["https"])]


class WebhookForm(forms.Form):
    """Where to send, and which list of companies to follow."""

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
    # No CharField, whose errors would name a hidden field.
    query = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if fault := address_fault(address):
            raise ValidationError(fault)
        return address

    def clean_query(self) -> str:
        try:
            return FollowedList.of_query(str(self.cleaned_data["query"] or "")[:2000]).canonical
        except BadQuery as error:
            raise ValidationError(str(error)) from None

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, "" for one that is hidden."""
        return [
            ("" if self[name].is_hidden else str(self[name].auto_id), str(error))
            for name in self.fields
            for error in self.errors.get(name, [])
        ]


class ActionForm(forms.Form):
    """What the owner of a webhook may do with it."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("test", "secret", "pause", "resume", "delete")]
    )

    @property
    def chosen(self) -> str:
        """The action; "" where it is none of them."""
        chosen: Any = self.cleaned_data["action"] if self.is_valid() else ""
        return str(chosen)
