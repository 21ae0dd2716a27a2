"""The resources and prompts of all servers of a client: who has which, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llmring.exceptions import MCPError
from llmring.mcp.client.entries import fits, prompt, resource, template
from llmring.mcp.client.faults import fault
from llmring.mcp.client.results import prompt_of, resource_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import mcp

    from llmring.mcp.client.connection import Connection
    from llmring.mcp.client.fleet import Fleet
    from llmring.mcp.client.offers import Prompt, Resource, ResourceTemplate
    from llmring.mcp.client.results import MCPPrompt, MCPResult

T = TypeVar("T")


class Holdings:
    """What the servers of a fleet let read, and write."""

    def __init__(self, fleet: Fleet) -> None:
        """Look for it in *fleet*."""
        self._fleet = fleet

    async def resources(self) -> list[Resource]:
        """List what can be read."""
        return [resource(*each) for each in await self._fleet.listed("resources", "list_resources", "resources")]

    async def templates(self) -> list[ResourceTemplate]:
        """List the forms of what can be read."""
        return [template(*each) for each in await self._fleet.listed("resources", "list_resource_templates", "resource_templates")]

    async def prompts(self) -> list[Prompt]:
        """List the prompts."""
        return [prompt(*each) for each in await self._fleet.listed("prompts", "list_prompts", "prompts")]

    async def read(self, uri: str, server: str | None) -> MCPResult:
        """Read a resource."""
        connection = await self._one("resources", server, "resource", uri, self._readers)
        return await self._made(connection, lambda client: client.read_resource(uri), resource_of)

    async def prompt(self, name: str, arguments: dict[str, str] | None, server: str | None) -> MCPPrompt:
        """Have a prompt written."""
        connection = await self._one("prompts", server, "prompt", name, self._writers)
        given = {key: str(value) for key, value in (arguments or {}).items()}
        return await self._made(connection, lambda client: client.get_prompt(name, given), prompt_of)

    async def _made(self, connection: Connection, ask: Callable[[mcp.Client], Awaitable[Any]], make: Callable[[Any], T]) -> T:
        found = await connection.ask(ask)
        try:
            return make(found)
        except ValueError as error:
            raise fault(connection.name, f"answered what cannot be used: {error}", connection.tail) from None

    async def _one(
        self, capability: str, server: str | None, what: str, name: str, owners: Callable[[str], Awaitable[dict[str, list[str]]]]
    ) -> Connection:
        """Give the connection to *server*, or else to the one that has *name*."""
        if server in self._fleet.connections:
            return self._fleet.connections[server]
        usable = self._fleet.usable(capability)
        if server is None and len(usable) == 1:
            return usable[0]
        known = await owners(name) if server is None else {}
        having = known.get(name, [])
        if len(having) == 1:
            return self._fleet.connections[having[0]]
        if having:
            raise MCPError(f"Several servers have the {what} {name!r}: {', '.join(having)}; name one by server=.")
        raise self._fleet.unknown(what, name, list(known), server)

    async def _readers(self, uri: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in await self.resources():
            found.setdefault(each.uri, []).append(each.server)
        if uri not in found:
            for form in await self.templates():
                if fits(form.template, uri):
                    found.setdefault(uri, []).append(form.server)
        return found

    async def _writers(self, _: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in await self.prompts():
            found.setdefault(each.name, []).append(each.server)
        return found
