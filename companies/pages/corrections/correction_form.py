"""The correction form, which needs no login, cookie or script."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies import queries
from companies.models import (
    MESSAGE_LENGTH,
    Company,
    Correction,
    refuse_bidi_controls,
    refuse_signs_alone,
    web_url,
)
from companies.names.visible import clean_name, clean_text

LONGEST = 24 * 3600  # seconds
SALT = "companies.correction"

Kind = Correction.Kind
KINDS = [
    (Kind.ERROR, _("Something in a record is wrong or out of date")),
    (Kind.CLAIM, _("I have evidence that is missing from a record")),
    (Kind.NEW_COMPANY, _("A company is missing from the register")),
    (Kind.STATEMENT, _("I represent the company and want to publish a statement")),
]


def new_token() -> str:
    """A signed token with the time the form was opened and a random number."""
    return signing.dumps([int(timezone.now().timestamp()), secrets.token_hex(8)], salt=SALT)


class PlainText(forms.CharField):
    """A text field in which a line break counts as one character, as in browsers."""

    default_validators = [refuse_bidi_controls]

    def to_python(self, value: Any) -> str:
        return super().to_python(clean_text(str(value or ""))) or ""


class CompanyNameField(forms.CharField):
    default_validators = [refuse_bidi_controls, refuse_signs_alone]

    def to_python(self, value: Any) -> str:
        return super().to_python(clean_name(str(value or ""))) or ""


class WebUrlField(forms.URLField):
    default_validators = [web_url]


class CorrectionForm(forms.Form):
    """The form of a correction."""

    company = CompanyNameField(
        label=_("Company"),
        max_length=200,
        help_text=_("Its name, as on the register if it is listed."),
        error_messages={"required": _("Please name the company this is about.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "company-names"}),
    )
    kind = forms.ChoiceField(
        label=_("What is your message about?"),
        choices=KINDS,
        error_messages={
            "required": _("Please choose what your message is about."),
            "invalid_choice": _("Please choose one of these four."),
        },
        widget=forms.RadioSelect,
    )
    message = PlainText(
        label=_("Your message"),
        max_length=MESSAGE_LENGTH,
        help_text=_(
            "What should the record say, and since when? A company statement is published as you "
            "write it; only our editors read any other message. At most 4,000 characters."
        ),
        error_messages={"required": _("Please write a message.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    evidence_url = WebUrlField(
        label=_("Link to evidence"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=_("A public page that shows it, beginning with https:// or http://."),
        error_messages={"invalid": _("Enter a web address, such as https://…")},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        help_text=format_lazy(
            _(
                "Only so we can reply to you. Never published, and deleted {days} days after we "
                "answer. For a statement, use an address at the company’s own domain."
            ),
            days=settings.KEEP_EMAILS_DAYS,
        ),
        error_messages={"invalid": _("Enter an e-mail address, such as name@company.eu.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    homepage = forms.CharField(
        label=_("Please leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    # No CharField, whose errors would name a hidden field: clean_opened handles any other value.
    opened = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].widget.attrs["data-names"] = reverse("names")
        self.record: Company | None = None
        self.number = ""

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(
                _("This field is there to catch robots. Please empty it and send again.")
            )
        return ""

    def clean_opened(self) -> str:
        """Check the token; its random number identifies this rendering of the form."""
        try:
            began, self.number = signing.loads(self.cleaned_data["opened"], salt=SALT)
        except (signing.BadSignature, ValueError, TypeError):
            raise self.reopened(
                _("This form has expired. Please press Send again: your text is kept.")
            ) from None
        if timezone.now().timestamp() - began > LONGEST:
            raise self.reopened(
                _("This form was open for more than a day. Please press Send again.")
            )
        return str(self.number)

    def reopened(self, reason: Any) -> ValidationError:
        """A form error; the form is shown again with a new token and the typed values."""
        self.data = dict(self.data.items(), opened=new_token())
        return ValidationError(reason)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        self.record = queries.company_meant(values.get("company", ""))
        if values.get("kind") == Kind.STATEMENT:
            self.check_statement(values)
        return values

    def check_statement(self, values: dict[str, Any]) -> None:
        if "company" in values and self.record is None:
            self.add_error(
                "company",
                _("No record has this name. For a statement, use the name on the register."),
            )
        if "email" in values and not values["email"]:
            self.add_error(
                "email",
                _(
                    "For a statement we need an e-mail address at the company’s own domain, to "
                    "check who sent it. It is never published."
                ),
            )

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every error in field order, as (field id, message)."""
        own = [
            ("", str(error))
            for name in ("__all__", "opened")
            for error in self.errors.get(name, [])
        ]
        return own + [
            (self[name].auto_id + ("_0" if name == "kind" else ""), str(error))
            for name in self.fields
            if name != "opened"
            for error in self.errors.get(name, [])
        ]

    def given(self) -> dict[str, Any]:
        """The field values of the new correction."""
        values = self.cleaned_data
        return {
            "company": self.record,
            "company_name": "" if self.record else values["company"],
            "kind": values["kind"],
            "message": values["message"],
            "evidence_url": values["evidence_url"],
            "email": values["email"],
        }


class SentByUsForm(forms.Form):
    """The choice whether to get status notices, when a sender confirms a statement."""

    tell_status = forms.BooleanField(
        label=_(
            "Also write to us at this address when PactWatch is about to show that the company "
            "declined, withdrew or is no longer listed, and when it does"
        ),
        required=False,
    )
