"""Serializers of the request and response of match/."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.settings import api_settings

from companies.api.parameters.api_parameters import CompanyItemSerializer
from companies.countries import country_codes
from companies.models import CompanyIdentifier
from companies.names.matcher import LONGEST_NAME
from companies.queries import BadParameter
from companies.queries.candidates.scoring import (
    CANDIDATES,
    MOST_CANDIDATES,
    MOST_NAMES,
    Description,
)


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses unknown members, as the filters refuse parameters."""

    refuses_others = True  # in the schema
    default_error_messages = {"unknown": _("This member does not exist. Valid: %(valid)s.")}

    def to_internal_value(self, data: Any) -> Any:
        unknown = {*data} - {*self.fields} if isinstance(data, Mapping) else set()
        if unknown:
            reason = self.error_messages["unknown"] % {"valid": ", ".join(self.fields)}
            raise serializers.ValidationError({str(name)[:100]: [reason] for name in unknown})
        return super().to_internal_value(data)


class IdentifierSerializer(StrictSerializer):
    """A number in another register."""

    scheme = serializers.ChoiceField(CompanyIdentifier.Scheme.choices, required=False)
    value = serializers.CharField(min_length=1, max_length=200, trim_whitespace=False)


class DescriptionSerializer(StrictSerializer):
    """What you know of one company."""

    name = serializers.CharField(min_length=1, max_length=LONGEST_NAME, trim_whitespace=False)
    country = serializers.ChoiceField(
        sorted(country_codes()),
        required=False,
        allow_blank=True,
        help_text="Of its headquarters: ISO 3166-1 alpha-2.",
    )
    website = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
    identifiers = serializers.ListField(child=IdentifierSerializer(), required=False, max_length=5)

    def to_internal_value(self, data: Any) -> Description:
        known = super().to_internal_value(data)
        numbers = [(one.get("scheme", ""), one["value"]) for one in known.pop("identifiers", [])]
        return Description(**known, identifiers=tuple(numbers))


class MatchRequestSerializer(StrictSerializer):
    """Companies to find, 500 at most."""

    names = serializers.ListField(
        child=DescriptionSerializer(), min_length=1, max_length=MOST_NAMES
    )
    limit = serializers.IntegerField(
        default=CANDIDATES,
        min_value=1,
        max_value=MOST_CANDIDATES,
        help_text="Candidates for each.",
    )


def faults(errors: Any, place: str = "") -> Iterator[BadParameter]:
    """Each serializer error, with the path of its value, such as names[3].country."""
    if isinstance(errors, Mapping):
        for name, found in errors.items():
            inner = f"[{name}]" if isinstance(name, int) else f".{name}"
            inner = "" if name == api_settings.NON_FIELD_ERRORS_KEY else inner
            yield from faults(found, f"{place}{inner}".removeprefix("."))
    else:
        for position, one in enumerate(errors):
            if isinstance(one, Mapping):
                yield from faults(one, f"{place}[{position}]")
            elif one:
                yield BadParameter(place or gettext("body"), str(one)[:300], [])


class TextSerializer(serializers.Serializer[Any]):
    """A sentence in each language."""

    en = serializers.CharField()
    fr = serializers.CharField()

    def to_representation(self, text: Any) -> dict[str, str]:
        found = {}
        for language, _name in settings.LANGUAGES:
            with override(language):
                found[language] = str(text)
        return found


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a company may be meant, or why that is not sure."""

    code = serializers.CharField()
    text = TextSerializer()


class CandidateSerializer(serializers.Serializer[Any]):
    """A company that may be meant, with its status."""

    score = serializers.IntegerField(min_value=0, max_value=100)
    match = serializers.BooleanField(
        source="is_match", help_text="Whether it is sure enough to be taken without a person."
    )
    reasons = ReasonSerializer(many=True)
    company = CompanyItemSerializer()


class MatchedNameSerializer(serializers.Serializer[Any]):
    """What one name may mean; without a candidate, we know no such company."""

    name = serializers.CharField()
    known = serializers.BooleanField(
        help_text="False: we do not know this company. It may still have signed."
    )
    candidates = CandidateSerializer(many=True)


class CoverageOfPactSerializer(serializers.Serializer[Any]):
    """How many signatories are known of how many announced, and the day of the newest full list."""

    signatories = serializers.IntegerField()
    listed_total = serializers.IntegerField(allow_null=True)
    listed_total_on = serializers.DateField(allow_null=True)
    list_date = serializers.DateField(allow_null=True)


class MatchAnswerSerializer(serializers.Serializer[Any]):
    """An answer for each name, in the order of the request."""

    pact = serializers.CharField()
    day = serializers.DateField()
    coverage = CoverageOfPactSerializer()
    results = MatchedNameSerializer(many=True)
