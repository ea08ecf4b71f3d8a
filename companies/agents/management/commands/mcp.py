"""Serve the register to agents by the Model Context Protocol."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

HOST, PORT = "127.0.0.1", 8090
MISSING = "Agents need the MCP SDK: pip install --require-hashes -r requirements-agents.txt"


class Command(BaseCommand):
    help = (
        "Lets agents query the register (Model Context Protocol), by stdio or, with --http, HTTP."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--http", action="store_true", help="serve /mcp instead of stdio")
        parser.add_argument("--host", default=HOST, help="address to listen on")
        parser.add_argument("--port", default=PORT, type=int, help="port to listen on")

    def handle(self, *, http: bool, host: str, port: int, **options: Any) -> None:
        try:
            from companies.agents.server import server  # an extra of the install
        except ImportError as error:
            raise CommandError(MISSING) from error
        agents = server()
        if not http:
            agents.run("stdio")
            return
        self.stderr.write(f"Agents are answered at http://{host}:{port}/mcp")
        where: dict[str, Any] = {"host": host, "port": port}
        agents.run("streamable-http", **where, json_response=True, stateless_http=True)
