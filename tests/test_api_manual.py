"""docs/api.md matches the API: the fields of its examples, the parameters in its table."""

import json
import re
from pathlib import Path

import pytest

from companies.api import change_views, response_serializers, serializers, views, webhook_messages

MANUAL = (Path(__file__).parent.parent / "docs" / "api.md").read_text()
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", MANUAL, re.DOTALL)]
COMPANIES, COMPANY, SIGNING, PACT, COMMITMENT, MILESTONE, STATISTICS, CHANGES, MESSAGE, PROBLEM = (
    EXAMPLES
)


OF_EVERY_LIST = {"page", "page_size", "cursor", "fields"}


def fields(serializer):
    return set(serializer().fields)


@pytest.mark.parametrize(
    ("example", "serializer"),
    [
        (COMPANIES["results"][0], serializers.CompanySerializer),
        (COMPANIES["results"][0]["core_pledges"][0], serializers.CorePledgeSerializer),
        (COMPANIES["results"][0]["sector"], serializers.SectorSerializer),
        (COMPANY["signings"][0], serializers.PeriodSerializer),
        (COMPANY["signings"][0]["pact"], serializers.PactLinkSerializer),
        (COMPANY["signings"][0]["citations"][0], serializers.CitationSerializer),
        (COMPANY["signings"][0]["citations"][0]["source"], serializers.SourceSerializer),
        (COMPANY["pledges"][0], serializers.TakenOnSerializer),
        (COMPANY["pledges"][0]["commitment"], serializers.CommitmentLinkSerializer),
        (SIGNING["company"], serializers.CompanyLinkSerializer),
        (PACT, serializers.PactSerializer),
        (COMMITMENT, serializers.CommitmentSerializer),
        (MILESTONE, serializers.MilestoneSerializer),
        (STATISTICS, response_serializers.StatisticsSerializer),
        (CHANGES["results"][0], change_views.ChangeSerializer),
        (CHANGES["results"][0]["company"], change_views.ChangedCompanySerializer),
        (MESSAGE["data"], webhook_messages.MessageChangeSerializer),
        (MESSAGE["data"]["company"], webhook_messages.MessageCompanySerializer),
        (PROBLEM, response_serializers.BadQuerySerializer),
        (PROBLEM["errors"][0], response_serializers.FaultSerializer),
    ],
)
def test_an_example_has_the_fields_of_its_serializer(example, serializer):
    assert set(example) == fields(serializer)


def test_the_example_of_a_record_has_the_fields_that_a_list_lacks():
    only_in_lists = {"source_count", "core_pledges"}
    row = fields(serializers.CompanySerializer) - only_in_lists

    assert row | set(COMPANY) == fields(serializers.CompanyDetailSerializer)


def test_the_example_of_a_list_has_the_fields_of_a_page(client, db):
    assert set(COMPANIES) == set(client.get("/api/v1/sources/").json())


@pytest.mark.parametrize(
    ("endpoint", "view"),
    [
        ("companies/", views.CompanyList),
        ("companies/<slug>/", views.CompanyDetail),
        ("companies/<slug>/history/", change_views.CompanyHistory),
        ("changes/", change_views.ChangeList),
        ("pacts/", views.PactList),
        ("commitments/", views.CommitmentList),
        ("signings/", views.SigningList),
        ("pledges/", views.PledgeList),
        ("sources/", views.SourceList),
        ("milestones/", views.MilestoneList),
        ("statistics/", views.StatisticsView),
    ],
)
def test_the_table_of_endpoints_has_every_parameter(endpoint, view):
    (row,) = re.findall(rf"^\| `{re.escape(endpoint)}`.*\|(.*)\|$", MANUAL, re.MULTILINE)
    named = set(re.findall(r"`(\w+)`", row.partition(" (no ")[0]))

    assert named == set(view.filterset_class.base_filters) - OF_EVERY_LIST
