"""Companies with their details: what a list gives of each where a program asks for it."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer

from companies import queries
from companies.api import serializers
from companies.queries.company_filter import FACETS
from companies.queries.querysets import DETAILS, with_details
from companies.queries.read_query import Codes
from pactwatch.outages.turns import taking_turns

from .program_query import ProgramQuery, fields_of, for_programs

INCLUDED = _("Details to give of each company, with commas between them, as its record has them.")


def include(help_text: Any) -> Codes:
    choices = [(name, name) for name in DETAILS]
    return Codes(method="unfiltered", label=_("include"), choices=choices, help_text=help_text)


CompanyListQuery: type[ProgramQuery] = for_programs(
    queries.CompanyFilter,
    serializers.CompanySerializer,
    include=include(INCLUDED),
    facets=Codes(
        method="unfiltered",
        label=_("facets"),
        choices=[(name, name) for name in FACETS],
        help_text=_(
            "Properties of which to count the companies for each value, with commas between "
            "them; all parameters are kept but that of the property itself."
        ),
    ),
)


class CompanyQuery(queries.PactQuery):
    """The query of one record: of its fields and details, all or those named."""

    fields = fields_of(serializers.CompanyDetailSerializer)
    include = include(_("Of the details of the company, those to give. Default: all."))

    @property
    def shown(self) -> set[str] | None:
        """The fields that the query asks for; None for all."""
        self.refuse_faults()
        names, given = self.form.cleaned_data["fields"], self.form.cleaned_data["include"]
        if not names and not given:
            return None
        every = {*serializers.CompanyDetailSerializer.Meta.fields}
        return ({*names} or every - {*DETAILS}) | {*given}


@extend_schema_serializer(component_name="Company")
class CompanyItemSerializer(serializers.CompanySerializer):
    """A company and its status today for the pact in `pact`.

    The last five fields are those of its record, and are there where `include` names them.
    """

    names = serializers.CompanyNameSerializer(many=True, required=False)
    signings = serializers.PeriodSerializer(many=True, required=False)
    pledges = serializers.TakenOnSerializer(many=True, required=False)
    citations = serializers.CitationSerializer(many=True, required=False)
    reports = serializers.ProgressReportSerializer(many=True, required=False)

    class Meta(serializers.CompanySerializer.Meta):
        fields = [*serializers.CompanySerializer.Meta.fields, *DETAILS]


def details(keys: Sequence[int], query: ProgramQuery) -> dict[str, dict[str, Any]]:
    """By public id, the details of companies that `include` names, as their records give them."""
    names = query.form.cleaned_data["include"]
    if not names:
        return {}
    with taking_turns():
        clock = query.clock
        companies = with_details(names, clock.day).filter(pk__in=keys)
        lists, one = queries.full_lists(clock), only(names)
        if "signings" in names:
            for company in companies:
                lists.mark(company.signings.all())
        return {company.slug: one.to_representation(company) for company in companies}


def only(names: Collection[str], **context: Any) -> serializers.CompanyDetailSerializer:
    """The serializer of a record with these fields alone."""
    found = serializers.CompanyDetailSerializer(context=context)
    for name in {*found.fields} - {*names}:
        del found.fields[name]
    return found
