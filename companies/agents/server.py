"""The tools as a Model Context Protocol server, by the official SDK.

The SDK is no part of the base install: `requirements-agents.txt` has it.
"""

import logging
from collections.abc import Callable
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.http import Http404
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools.base import Tool
from mcp_types import ToolAnnotations
from pydantic import Field

from companies.names.matcher import LONGEST_NAME
from companies.queries import BadQuery

from . import questions

INSTRUCTIONS = """\
PactWatch is a public register of who signed the EU AI Pact and its sister pacts.

Every answer has the day it is true of, the register's version, how much is known, and sources: \
give the date with the number and the source with the status.
`known: false` means that no source says. It never means that a company did not sign.
`not_signed` describes a list on a day and is not a refusal; only `declined` is one.
`removed` is our observation that a name left a list; `withdrawn` is the company's own word.
The pledges are voluntary: nothing here says that a company complies with a law.
"""
READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

logger = logging.getLogger(__name__)
Answer = Callable[..., dict[str, Any]]
Text = Annotated[str, Field(max_length=LONGEST_NAME)]
Day = Annotated[str, Field(description="YYYY-MM-DD", pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Codes = Annotated[list[Text], Field(max_length=50)]
Pact = Annotated[
    str, Field(description="The pact’s public id. Default: eu-ai-pact.", max_length=100)
]


async def find(
    text: Text = "",
    status: Codes = [],  # noqa: B006  # read, never written
    country: Codes = [],  # noqa: B006  # the same
    sector: Codes = [],  # noqa: B006  # the same
    pact: Pact = "",
    as_of: Day = "",
    recorded_as_of: Day = "",
    limit: Annotated[int, Field(ge=1, le=questions.MOST_COMPANIES)] = 20,
) -> dict[str, Any]:
    """Companies by words of their names, status, country (ISO alpha-2) and sector.

    Statuses: signed, not_signed, withdrawn, removed, declined, interested, unknown.
    """
    scope = {"pact": pact, "as_of": as_of, "recorded_as_of": recorded_as_of}
    chosen = {"q": text, "status": status, "country": country, "sector": sector}
    return await _in_thread(questions.find, scope, chosen, limit)


async def verify(company: Text, pact: Pact = "", as_of: Day = "") -> dict[str, Any]:
    """Whether a company signed, in one sentence with date, quotes and sources.

    `company` is any name of it, or its public id. A name that is not sure gives candidates.
    """
    return await _in_thread(questions.verify, {"pact": pact, "as_of": as_of}, company)


async def as_of(company: Text, day: Day, recorded_as_of: Day = "") -> dict[str, Any]:
    """The status of one company, by public id, for every pact on a day.

    With `recorded_as_of`, as the register said at the end of that day.
    """
    scope = {"as_of": day, "recorded_as_of": recorded_as_of}
    return await _in_thread(questions.statuses, scope, company)


async def changes_since(
    since: Annotated[str, Field(description="A day or an RFC 3339 time.", max_length=40)],
    company: Text = "",
    limit: Annotated[int, Field(ge=1, le=questions.MOST_CHANGES)] = 50,
) -> dict[str, Any]:
    """What the register recorded since a day, in words, the oldest first; of one company or all."""
    return await _in_thread(questions.changes, {}, since, company, limit)


async def check_list(
    names: Annotated[list[Text], Field(min_length=1, max_length=questions.MOST_NAMES)],
    pact: Pact = "",
    as_of: Day = "",
) -> dict[str, Any]:
    """Which companies a list of names means, with the status of each.

    A name that only resembles a company gives candidates: ask which is meant.
    """
    return await _in_thread(questions.check, {"pact": pact, "as_of": as_of}, names)


async def _in_thread(answer: Answer, scope: dict[str, str], *args: Any) -> dict[str, Any]:
    return await sync_to_async(_answered)(answer, scope, *args)


def _answered(answer: Answer, scope: dict[str, str], *args: Any) -> dict[str, Any]:
    """The result, or an error that says which parameters are valid."""
    _renew_connections()
    try:
        return answer(scope, *args)
    except BadQuery as error:
        reasons = (f"{one.parameter}: {one.reason} {_valid(one.valid)}" for one in error.faults)
        raise ToolError(" ".join(reasons).strip()) from error
    except Http404 as error:
        raise ToolError(str(error)) from error
    except DatabaseError as error:
        logger.warning("An agent was not answered: %s", " ".join(str(error).split()))
        raise ToolError("The register cannot be read at this moment. Ask again later.") from error
    finally:
        _renew_connections()


def _renew_connections() -> None:
    """Close stale database connections, as Django does around a request."""
    if not connection.in_atomic_block:  # of a test
        close_old_connections()


def _valid(values: list[str]) -> str:
    return f"Valid: {', '.join(values[:60])}." if values else ""


TOOLS = (find, verify, as_of, changes_since, check_list)


def server() -> MCPServer[Any]:
    """The server with its tools, for any transport."""
    return MCPServer(
        "PactWatch",
        instructions=INSTRUCTIONS,
        website_url=settings.SITE_URL,
        version=settings.VERSION,
        log_level="WARNING",
        tools=[_strict(tool) for tool in TOOLS],
    )


def _strict(answer: Callable[..., Any]) -> Tool:
    """A tool that refuses unknown arguments, which the SDK would ignore."""
    tool = Tool.from_function(answer, annotations=READ_ONLY)
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = arguments.model_json_schema(by_alias=True)
    return tool
