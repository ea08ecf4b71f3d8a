"""The seed register on past days, compared with dated lists."""

import datetime
import random
from itertools import pairwise

import pytest

from companies.models import Company, Signing
from companies.names.letters import fold

from .dated_lists import (
    AI_PACT_2024_10_09,
    CODE_2025_08_01,
    CODE_2025_12,
    CODE_2026_07_31,
    CODE_2026_MID,
)
from .packages import load
from .sharing import shared

pytestmark = pytest.mark.django_db
register = shared(load)


def listed(client, pact: str, day: str) -> set[str]:
    """The folded names of the signatories that the API gives for a day, page after page."""
    names: set[str] = set()
    url = f"/api/v1/companies/?pact={pact}&status=signed&as_of={day}&page_size=100"
    while url:
        answer = client.get(url).json()
        names |= {fold(company["name"]) for company in answer["results"]}
        url = answer["next"]
    return names


def spellings() -> dict[str, str]:
    """Each name that a company has, and the one that the register shows; both folded."""
    return {
        fold(name): fold(company.name)
        for company in Company.objects.prefetch_related("names")
        for name in [company.name, *(other.name for other in company.names.all())]
    }


def test_the_seed_register_agrees_with_every_dated_list(client):
    shown = spellings()

    def of(names: list[str]) -> set[str]:
        return {shown[fold(name)] for name in names}

    one_chapter = {fold("xAI")}  # the Code's page of 31 July 2026 is the first that says so
    assert listed(client, "eu-ai-pact", "2024-09-24") == set()
    assert listed(client, "eu-ai-pact", "2024-10-09") == of(AI_PACT_2024_10_09)
    assert listed(client, "gpai-code", "2025-08-01") == of(CODE_2025_08_01)
    assert listed(client, "gpai-code", "2025-12-31") == of(CODE_2025_12)
    assert listed(client, "gpai-code", "2026-07-30") == of(CODE_2026_MID)
    assert listed(client, "gpai-code", "2026-07-31") == of(CODE_2026_07_31) | one_chapter
    lists = (AI_PACT_2024_10_09, CODE_2025_08_01, CODE_2025_12, CODE_2026_MID, CODE_2026_07_31)
    assert [len(set(names)) for names in lists] == [126, 26, 27, 23, 21]
    first = listed(client, "eu-ai-pact", "2024-09-25")
    day = datetime.date(2024, 9, 25)
    seen = Signing.objects.filter(pact__slug="eu-ai-pact", status="signed", since=day)
    assert first == {fold(signing.company.name) for signing in seen.select_related("company")}
    assert first < of(AI_PACT_2024_10_09)
    statistics = client.get("/api/v1/statistics/?as_of=2024-10-09").json()
    assert statistics["signatories"] == statistics["over_time"][-1]["signatories"] == 126


def test_between_two_lists_the_signatories_of_the_code_are_those_on_both_and_some_of_one(client):
    shown = spellings()
    lists = [
        (datetime.date.fromisoformat(day), {shown[fold(name)] for name in names})
        for day, names in (
            ("2025-08-01", CODE_2025_08_01),
            ("2025-12-31", CODE_2025_12),
            ("2026-07-30", CODE_2026_MID),
            ("2026-07-31", [*CODE_2026_07_31, "xAI"]),
        )
    ]
    chance = random.Random(7)
    for (start, before), (end, after) in pairwise(lists):
        for _try in range(3):
            day = start + datetime.timedelta(days=chance.randint(0, (end - start).days))
            then = listed(client, "gpai-code", day.isoformat())
            assert before & after <= then <= before | after, day


def test_after_the_first_list_only_companies_with_a_later_source_join_the_pact(client):
    shown = spellings()
    first_list = {shown[fold(name)] for name in AI_PACT_2024_10_09}
    later = {
        "2024-11-18": ["SAS"],
        "2024-12-01": ["Repsol"],
        "2025-01-14": ["Kaspersky"],
        "2025-01-31": ["Collibra", "Generali", "Ineco"],
        "2025-04-16": [
            "Anekanta AI",
            "Bimeta Corporation",
            "Enzai",
            "Eyer",
            "Fastweb",
            "Opensky Data Systems",
            "Verbund",
        ],
    }
    start = datetime.date(2024, 10, 9)

    for days in random.Random(7).sample(range(400), 6):
        day = (start + datetime.timedelta(days=days)).isoformat()
        joined = {shown[fold(name)] for since in later if since <= day for name in later[since]}
        assert listed(client, "eu-ai-pact", day) == first_list | joined, day
