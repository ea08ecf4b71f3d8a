"""The forms of the review: for one proposal, and for all selected ones."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.admin.form_errors import NamedErrors
from companies.countries import country_called, country_codes, country_name
from companies.models import Company, PartialDate, Proposal, Sector
from companies.names.matcher import Resemblance

Action = Proposal.Action
NEW, OTHER = "new", "other"
WIDE = {"class": "vTextField"}
IN_LINE = ("country", "sector")  # beside the name; the other fields unfold
PROFILE = (*IN_LINE, "role", "website", "profile_url")
STATUS = ("since", "reason_en", "reason_fr")


class CountryInput(forms.TextInput):
    """A text input for a country, with one datalist per page."""

    def format_value(self, value: Any) -> str:
        known = country_called(str(value or ""))
        return country_name(known, get_language() or "en") if known else str(value or "")


class CountryField(forms.CharField):
    """A country by its name or its code."""

    widget = CountryInput(attrs={"list": "countries", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and not country_called(text):
            raise ValidationError(
                _t("“%(text)s” is not a country. Enter one such as Germany or DE.") % {"text": text}
            )
        return country_called(text) if text else ""


def country_field() -> CountryField:
    return CountryField(label=_("Country"), required=False, max_length=100)


def sector_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Sector"), required=False)


def address_field(name: str, **words: Any) -> Any:
    field: Any = Company._meta.get_field(name)
    return field.formfield(required=False, widget=forms.URLInput(attrs=WIDE), **words)


def countries() -> list[str]:
    """The names of all countries in the active language, for the datalist."""
    return sorted(country_name(code, get_language() or "en") for code in country_codes())


def sector_choices() -> list[tuple[str, str]]:
    sectors = sorted(Sector.objects.all(), key=lambda sector: sector.label.casefold())
    return [("", "–"), *((sector.code, sector.label) for sector in sectors)]


class RowChoices:
    """The choices that all rows of a page share, read once."""

    def __init__(self, proposals: Iterable[Proposal]) -> None:
        self.sectors = sector_choices()
        ids = {one["company"] for proposal in proposals for one in proposal.suggestions}
        companies = Company.objects.filter(pk__in=ids)
        self.companies: dict[int, str] = dict(companies.values_list("pk", "name"))

    def suggested(self, suggestion: dict[str, Any]) -> str:
        """The label of a suggested company, with the resembling name if that is another one."""
        name = company = self.companies.get(suggestion["company"], suggestion["name"])
        if suggestion["name"] != company:
            name = f"{company} ({suggestion['name']})"
        return _t("%(name)s, similarity %(score)s out of 100: %(why)s") % {
            "name": name,
            "score": suggestion["score"],
            "why": Resemblance(suggestion["resemblance"]).label,
        }


class DecisionForm(NamedErrors, forms.Form):
    """What a reviewer may change before applying one proposal."""

    match = forms.ChoiceField(
        label=_("Which company is this?"), required=False, widget=forms.RadioSelect
    )
    other = forms.SlugField(
        label=_("Public id of another company"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "telefonica", "size": 16}),
    )
    country = country_field()
    sector = sector_field()
    name = forms.CharField(
        label=_("Name of the record"),
        required=False,
        max_length=200,
        help_text=_("The name as listed is kept as another name of the company."),
    )
    role = forms.ChoiceField(
        label=_("Role under the AI Act"), required=False, choices=[("", "–"), *Company.Role.choices]
    )
    website = address_field("website", label=_("Website"))
    profile_url = address_field(
        "profile_url",
        label=_("Source of country, sector and role"),
        help_text=_("Link to a document. Without one, these details are marked as not sourced."),
    )
    since = forms.CharField(
        label=_("Since"), required=False, max_length=10, help_text=_("2024-10-09, 2024-10 or 2024.")
    )
    reason_en = forms.CharField(
        label=_("Reason in English"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )
    reason_fr = forms.CharField(
        label=_("Reason in French"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, data: Any, proposal: Proposal, choices: RowChoices) -> None:
        super().__init__(data, prefix=f"p{proposal.pk}", auto_id="id_%s")
        self.proposal = proposal
        for name in (*PROFILE, "name", "since"):
            self.fields[name].initial = proposal.new.get(name, "")
        for name in self.unused():
            del self.fields[name]
        if data is not None:
            self.keep_sent(data)
        if "sector" in self.fields:
            self.fields["sector"].choices = choices.sectors  # type: ignore[attr-defined]  # a field of choices
        if "other" in self.fields:
            self.fields["other"].widget.attrs["aria-label"] = self.fields["other"].label
        if "match" in self.fields:
            self.fields["match"].choices = self.matches(choices)  # type: ignore[attr-defined]  # a field of choices
            best = self.proposal.suggestions[:1]
            self.fields["match"].initial = str(best[0]["company"]) if best else NEW

    def unused(self) -> set[str]:
        if self.proposal.rows:
            return set(self.fields)
        action = self.proposal.action
        names = set()
        if action != Action.MATCH_UNSURE:
            names |= {"match", "other"}
        if action not in (Action.MATCH_UNSURE, Action.NEW_COMPANY):
            names |= {"name", *PROFILE}
        if action in (Action.SPELLED_DIFFERENTLY, Action.SEEN_EARLIER, Action.CHANGE):
            names |= set(STATUS)
        return names

    def keep_sent(self, data: Any) -> None:
        """Keep the proposed values of fields that were not on the page."""
        for name in self.folded_names:
            if self.add_prefix(name) not in data:
                del self.fields[name]
        for name in {*IN_LINE} & self.fields.keys():
            data.setdefault(self.add_prefix(name), self.fields[name].initial)

    def matches(self, choices: RowChoices) -> list[tuple[str, str]]:
        suggested = [
            (str(one["company"]), choices.suggested(one)) for one in self.proposal.suggestions
        ]
        return [
            *suggested,
            (OTHER, _t("Another company, by its public id:")),
            (NEW, _t("None of these: a company that is not on the register yet")),
        ]

    @property
    def folded_names(self) -> list[str]:
        """The rarely used fields, which a row shows on request."""
        in_line = IN_LINE if self.proposal.action == Action.NEW_COMPANY else ()
        return [name for name in self.fields if name not in ("match", "other", *in_line)]

    def unfolded(self) -> Iterator[Any]:
        return (self[name] for name in self.folded_names) if self.is_bound else iter(())

    def is_typed(self) -> bool:
        """Whether the submitted values differ from those shown."""
        return self.is_bound and bool(self.changed_data)

    def clean_since(self) -> str:
        text: str = self.cleaned_data["since"]
        try:
            return text and str(PartialDate.parse(text))
        except ValueError:
            raise ValidationError(
                _("Write a date as 2024-10-09, a month as 2024-10 or a year as 2024.")
            ) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "match" in self.fields and not self.errors and not cleaned.get("match"):
            self.add_error("match", _("Choose a company, or “none of these”."))
        if cleaned.get("match") == OTHER and not self.errors and self.other_company() is None:
            self.add_error("other", _("No company has this public id."))
        return cleaned

    def other_company(self) -> Company | None:
        return Company.objects.filter(slug=self.cleaned_data.get("other")).first()

    def chosen_company(self) -> Company | None:
        """The company chosen for an unsure name; None creates a new one."""
        match = self.cleaned_data.get("match", NEW)
        if match == OTHER:
            return self.other_company()
        return None if match == NEW else Company.objects.filter(pk=match).first()

    def typed_values(self) -> dict[str, str]:
        """The values that replace the proposed ones."""
        return {n: v for n, v in self.cleaned_data.items() if n not in ("match", "other")}


class ReviewForm(NamedErrors, forms.Form):
    """Values for all selected proposals: the reason, and country and sector of new companies."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=WIDE | {"placeholder": _("Required to reject")}),
    )
    all_country = country_field()
    all_sector = sector_field()

    def __init__(self, data: Any, sectors: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["all_sector"].choices = sectors  # type: ignore[attr-defined]  # a field of choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.data.get("reject") and not cleaned.get("reason"):
            self.add_error("reason", _("Give a reason: this will not be proposed again."))
        return cleaned

    def for_all(self) -> dict[str, str]:
        """The country and sector entered for all, without empty ones."""
        typed = {name: self.cleaned_data.get(f"all_{name}", "") for name in IN_LINE}
        return {name: text for name, text in typed.items() if text}
