"""A ring as an MCP server: its aliases can be asked by ``chat``, ``embed`` and ``estimate``, and are listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp.server import Server
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ListResourcesResult, ReadResourceResult, Resource, TextResourceContents

from llmring._version import __version__
from llmring.exceptions import ConfigurationError
from llmring.mcp.serve import schemas
from llmring.mcp.serve.calling import Caller
from llmring.mcp.serve.desk import Answer, Call, Desk, Offered
from llmring.mcp.serve.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp_types import PaginatedRequestParams, ReadResourceRequestParams

    from llmring.mcp.serve.desk import Context
    from llmring.mcp.serve.offer import AnyRing

ALIASES = "llmring://aliases"


def ring_server(
    ring: AnyRing, aliases: Iterable[str] | None = None, *, direct: bool = False, max_cost: float | None = None, name: str = "llmring"
) -> Server[Any]:
    """Offer *aliases* of *ring*, all of its profile where None, as the tools of an MCP server *name*; the ring stays yours to close.

    With *direct*, models may be asked as ``provider:model`` too. *max_cost* is what one chat may cost in dollars, beside the ring's own.
    It is a server of the official SDK: ``streamable_http_app()`` mounts it, ``mcp.Client(server)`` talks to it in process.

    Raises:
        MissingAliasesError: the lockfile lacks one of *aliases*.
        ConfigurationError: there is nothing to offer.

    """
    offer = Offer(ring, aliases, direct=direct)
    if not offer.names and not direct:
        raise ConfigurationError("there is nothing to offer; bind an alias (llmring bind) and name it, or allow models")
    desk = Desk(_tools(offer, Caller(ring, offer, max_cost)))
    shelf = _Shelf(offer)
    return Server(
        name,
        version=__version__,
        title="LLMRing",
        instructions="Asks language models by alias; the tool aliases tells which there are.",
        get_tool_input_schema=desk.takes,
        on_list_tools=desk.list_tools,
        on_call_tool=desk.call_tool,
        on_list_resources=shelf.list_resources,
        on_read_resource=shelf.read_resource,
    )


def _tools(offer: Offer, caller: Caller) -> list[Offered]:
    """Give the tools; ``embed`` only where something embeds."""
    talking, embedding, direct = offer.talking, offer.embedding, offer.direct
    tools = [_listing(offer)]
    if talking or direct:
        tools += [
            Offered(
                name="chat",
                title="Ask a language model",
                description="Ask a language model by its alias and get its answer, with tokens and cost.",
                takes=schemas.chat(talking, direct=direct),
                gives=schemas.CHAT_ANSWER,
                run=caller.chat,
                reaches_out=True,
            ),
            Offered(
                name="estimate",
                title="Estimate the cost of a chat",
                description="Say what a chat could cost at least and at most, in US dollars, without asking any model.",
                takes=schemas.estimate(talking, direct=direct),
                gives=schemas.ESTIMATE_ANSWER,
                run=caller.estimate,
                reads_only=True,
            ),
        ]
    if embedding or direct:
        embed = Offered(
            name="embed",
            title="Turn texts into vectors",
            description="Turn one or several texts into vectors.",
            takes=schemas.embed(embedding, direct=direct),
            gives=schemas.EMBED_ANSWER,
            run=caller.embed,
            reaches_out=True,
        )
        tools.append(embed)
    return tools


def _listing(offer: Offer) -> Offered:
    async def listed(arguments: dict[str, Any], call: Call) -> Answer:
        del arguments, call
        return Answer(structured=offer.listed())

    return Offered(
        name="aliases",
        title="List the aliases",
        description="List the aliases that can be asked, the models behind each, and the tools that take it.",
        takes=schemas.record({}),
        gives=schemas.ALIASES_ANSWER,
        run=listed,
        reads_only=True,
    )


class _Shelf:
    """The aliases as a resource, for clients that read rather than call."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    async def list_resources(self, context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        del context, params
        told = Resource(uri=ALIASES, name="aliases", title="Aliases", description="The aliases on offer.", mime_type="application/json")
        return ListResourcesResult(resources=[told])

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        del context
        if str(params.uri) != ALIASES:
            raise MCPError(code=INVALID_PARAMS, message=f"Unknown resource: {params.uri}; there is {ALIASES}")
        text = json.dumps(self._offer.listed(), ensure_ascii=False)
        return ReadResourceResult(contents=[TextResourceContents(uri=ALIASES, mime_type="application/json", text=text)])
