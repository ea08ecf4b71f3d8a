"""What agents are told: twenty questions with their answers, asked by the SDK's own client."""

import json
import os
import sys
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from companies.agents.server import TOOLS, server
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db
ALWAYS = {"known", "sources", "day", "register_version", "coverage", "licence", "pact"}


def asked(tool, **arguments):
    """What a tool answers, as an agent gets it."""

    async def ask():
        async with Client(server()) as client:
            return await client.call_tool(tool, arguments)

    return async_to_sync(ask)()


def answer(tool, **arguments):
    result = asked(tool, **arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


# A question, what is asked for it, and what its answer must say.
QUESTIONS = [
    ("Did Google sign?", ("verify", {"company": "Google"}), {"known": True, "status": "signed"}),
    ("Did MICROSOFT sign?", ("verify", {"company": "MICROSOFT"}), {"status": "signed"}),
    (
        "Did Mistral sign?",
        ("verify", {"company": "Mistral AI"}),
        {
            "known": True,
            "status": "not_signed",
            "caution": "This describes a list on a day. It is not a refusal.",
        },
    ),
    ("Has Meta refused?", ("verify", {"company": "Meta"}), {"status": "not_signed"}),
    ("Did Facebook sign?", ("verify", {"company": "Facebook"}), {"status": "not_signed"}),
    ("Did Apple sign?", ("verify", {"company": "Apple"}), {"status": "not_signed"}),
    (
        "Did the bakery sign?",
        ("verify", {"company": "Example Bakery"}),
        {
            "known": False,
            "sources": [],
            "caution": "We know no such company. It may still have signed.",
        },
    ),
    ("Did Orange Bank sign?", ("verify", {"company": "Orange Bank"}), {"known": False}),
    (
        "Had Google signed in 2023?",
        ("verify", {"company": "Google", "as_of": "2023-01-01"}),
        {"known": False, "status": "unknown", "day": "2023-01-01"},
    ),
    (
        "Did Google sign the Seoul commitments?",
        ("verify", {"company": "Google", "pact": "seoul-frontier"}),
        {"known": True, "status": "signed", "pact": "seoul-frontier"},
    ),
    (
        "What of Mistral on 9 October 2024?",
        ("as_of", {"company": "mistral-ai", "day": "2024-10-09"}),
        {"known": True, "day": "2024-10-09"},
    ),
    (
        "What of a company that nobody knows?",
        ("as_of", {"company": "nobody", "day": ""}),
        {"known": False, "pacts": []},
    ),
    (
        "Who in Denmark signed?",
        ("find", {"country": ["DK"], "status": ["signed"]}),
        {"known": True},
    ),
    (
        "Who is called Zzyzx?",
        ("find", {"text": "Zzyzx"}),
        {"known": False, "count": 0, "companies": []},
    ),
    ("Who declined in public?", ("find", {"status": ["declined"]}), {"pact": "eu-ai-pact"}),
    (
        "Who had signed before there was a pact?",
        ("find", {"status": ["signed"], "as_of": "2023-01-01"}),
        {"count": 0},
    ),
    (
        "What changed since the first day?",
        ("changes_since", {"since": "2020-01-01", "limit": 5}),
        {"more": True},
    ),
    (
        "What changed of Mistral?",
        ("changes_since", {"since": "2020-01-01", "company": "mistral-ai"}),
        {"known": True},
    ),
    (
        "What changed tomorrow?",
        ("changes_since", {"since": "2999-01-01"}),
        {"changes": [], "more": False},
    ),
    (
        "Which of my suppliers signed?",
        ("check_list", {"names": ["Google", "Mistral AI", "Example Bakery"]}),
        {"known": True},
    ),
]


def test_twenty_questions_to_the_agent_tools_get_the_answers_of_the_register():
    call_command("load_register", stdout=StringIO())
    assert len(QUESTIONS) == 20
    wrong = {}
    for question, (tool, arguments), expected in QUESTIONS:
        told = answer(tool, **arguments)
        assert told.keys() >= ALWAYS, question
        if told["known"]:
            assert told["sources"] or told.get("changes") == [], question
        wrong[question] = {
            name: told.get(name) for name in expected if told.get(name) != expected[name]
        }
    assert {question: found for question, found in wrong.items() if found} == {}

    checked = {
        one["name"]: one
        for one in answer(
            *["check_list"], names=["Google", "Mistral AI", "Example Bakery", "Orange Bank"]
        )["results"]
    }
    assert checked["Google"]["company"]["status"] == "signed"
    assert checked["Mistral AI"]["company"]["caution"].endswith("It is not a refusal.")
    assert not checked["Example Bakery"]["known"]
    assert "company" not in checked["Orange Bank"]


def test_a_status_that_no_source_states_is_unknown_to_the_agent_tools():
    a_pact()
    a_company("Acme")

    told = answer("verify", company="Acme")
    [listed] = answer("find", text="Acme")["companies"]

    assert (told["known"], told["status"]) == (False, "unknown")
    assert (
        told["caution"]
        == listed["caution"]
        == "No source that we read says whether this company signed. It may have signed."
    )


def test_an_agent_answer_has_its_quote_its_date_and_the_coverage():
    signing = a_signing(a_company("Acme"), pact=a_pact())
    a_citation(signing=signing, source=a_source("list", url="https://a.example/list"), quote="Acme")

    told = answer("verify", company="Acme")

    [source] = told["sources"]
    assert (source["url"], source["quote"]) == ("https://a.example/list", "Acme")
    assert told["coverage"]["signatories_known"] == 1
    assert told["coverage"]["signatories_announced"] == 230
    assert told["sentence"].startswith("Acme is a signatory of the EU AI Pact")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("find", {"status": ["refused"]}, "Valid: signed"),
        ("find", {"country": ["Germany"]}, "country"),
        ("find", {"limit": 1000}, "100"),
        ("find", {"as_of": "yesterday"}, "as_of"),
        ("find", {"as_of": "2999-01-01"}, "as_of"),
        ("verify", {"company": "A", "pact": "no-pact"}, "pact"),
        ("verify", {}, "company"),
        ("changes_since", {"since": "soon"}, "since"),
        ("changes_since", {"since": "2024-01-01", "company": "nobody"}, "company"),
        ("check_list", {"names": []}, "names"),
        ("check_list", {"names": ["A"] * 501}, "names"),
    ],
)
def test_an_invalid_question_explains_which_questions_are_valid(tool, arguments, said):
    a_pact()

    result = asked(tool, **arguments)

    assert result.is_error
    assert said in result.content[0].text


def test_every_agent_tool_is_read_only_and_described():
    async def listed():
        async with Client(server()) as client:
            return (await client.list_tools()).tools

    tools = async_to_sync(listed)()

    assert {one.name for one in tools} == {one.__name__ for one in TOOLS}
    assert len(TOOLS) == 5
    assert all(one.annotations.read_only_hint and one.description for one in tools)


def test_the_command_answers_over_its_standard_input_and_output(tmp_path):
    """The whole way, in a process of its own; its database has no tables, which it says."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'register.sqlite3'}"}
    command = StdioServerParameters(
        command=sys.executable, args=["manage.py", "mcp"], env=environment
    )

    async def ask():
        async with Client(command) as client:
            tools = await client.list_tools()
            return len(tools.tools), await client.call_tool("find", {"text": "Google"})

    number, result = async_to_sync(ask)()

    assert (number, result.is_error) == (5, True)
    assert "The register cannot be read at this moment" in result.content[0].text


def test_the_command_says_what_to_install_where_the_sdk_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "companies.agents.server", None)

    with pytest.raises(CommandError, match=r"requirements-agents\.txt"):
        call_command("mcp")


@pytest.mark.parametrize("tool", [one.__name__ for one in TOOLS])
def test_an_unknown_argument_of_a_tool_is_refused_rather_than_ignored(tool):
    given = {
        "verify": {"company": "Orange"},
        "as_of": {"company": "orange", "day": "2024-10-09"},
        "changes_since": {"since": "2026-11-01"},
        "check_list": {"names": ["Orange"]},
    }

    result = asked(tool, **given.get(tool, {}), words="Orange")

    assert result.is_error
    assert "words" in result.content[0].text


def test_the_schema_of_each_tool_forbids_additional_arguments():
    async def listed():
        async with Client(server()) as client:
            return (await client.list_tools()).tools

    assert {one.input_schema["additionalProperties"] for one in async_to_sync(listed)()} == {False}
