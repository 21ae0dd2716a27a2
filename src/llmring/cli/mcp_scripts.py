"""``llmring mcp list-tools`` and the other commands for scripts: one thing asked of servers, and written."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from llmring.cli.mcp_arguments import decoded, pairs, typed
from llmring.cli.mcp_servers import needed
from llmring.cli.mcp_show import listing, part
from llmring.cli.terminal import is_terminal, note, say, say_json, width
from llmring.exceptions import ToolError
from llmring.sessions import spoken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from llmring.mcp import MCPClient, MCPResult, MCPTool

T = TypeVar("T")

WIDEST = 10_000
"""Columns of what is no terminal: nothing is cut there."""


class Servers(NamedTuple):
    """The servers that a command names."""

    servers: Sequence[str]
    configs: Sequence[str]
    timeout: float

    def ask(self, question: Callable[[MCPClient], Awaitable[T]]) -> T:
        """Connect, ask *question*, leave; servers that cannot be reached are told of where others can.

        Raises:
            UsageError: no server is named.
            LLMRingError: none can be reached, or the one that is asked fails.

        """
        named = needed(self.servers, self.configs)

        async def asked() -> T:
            from llmring.mcp import MCPClient

            async with MCPClient(*named, timeout=self.timeout) as client:
                for warning in client.warnings:
                    note(f"warning: {warning}")
                return await question(client)

        return asyncio.run(asked())


def tools(servers: Servers, *, as_json: bool) -> None:
    """Write the tools of *servers*."""

    async def question(client: MCPClient) -> list[MCPTool]:
        return client.tools

    found = servers.ask(question)
    if as_json:
        say_json([_tool(tool) for tool in found])
        return
    _listed((tool.name, tool.tool.description) for tool in found)


def resources(servers: Servers, *, as_json: bool) -> None:
    """Write what *servers* let read."""

    async def question(client: MCPClient) -> tuple[list[Any], list[Any]]:
        return await client.list_resources(), await client.list_resource_templates()

    plain, templates = servers.ask(question)
    if as_json:
        say_json({"resources": [_keys(each) for each in plain], "templates": [_keys(each) for each in templates]})
        return
    _listed((getattr(each, "uri", None) or each.template, each.description or each.title or each.name) for each in [*plain, *templates])


def prompts(servers: Servers, *, as_json: bool) -> None:
    """Write the prompts of *servers*."""

    async def question(client: MCPClient) -> list[Any]:
        return await client.list_prompts()

    found = servers.ask(question)
    if as_json:
        say_json([{**_keys(each), "arguments": [_keys(argument) for argument in each.arguments]} for each in found])
        return
    _listed(
        (" ".join([each.name, *(f"{a.name}=" if a.required else f"[{a.name}=]" for a in each.arguments)]), each.description)
        for each in found
    )


def called(servers: Servers, name: str, words: Sequence[str], given: str | None, *, as_json: bool) -> None:
    """Call the tool *name* with *words*, or with the JSON that was *given*.

    Raises:
        UsageError: an argument is not what the tool's schema asks for.
        ToolError: the tool says that it failed.

    """
    exact = pairs(words)
    whole = None if given is None else decoded(given, "the arguments")

    async def question(client: MCPClient) -> MCPResult:
        tool = next((tool for tool in client.tools if name in {tool.name, tool.original_name}), None)
        arguments = whole if whole is not None else typed(exact, tool.tool.parameters if tool else None)
        return await client.call_tool(name, arguments)

    _written(servers.ask(question), as_json=as_json)


def read(servers: Servers, uri: str, *, as_json: bool) -> None:
    """Write what the resource at *uri* holds."""

    async def question(client: MCPClient) -> MCPResult:
        return await client.read_resource(uri)

    _written(servers.ask(question), as_json=as_json)


def written(servers: Servers, name: str, words: Sequence[str], *, as_json: bool) -> None:
    """Write the prompt *name*, made with *words*."""
    given = pairs(words)

    async def question(client: MCPClient) -> Any:
        return await client.get_prompt(name, given)

    prompt = servers.ask(question)
    if as_json:
        say_json({"description": prompt.description, "messages": [turn.to_dict() for turn in prompt.messages]})
        return
    say("\n\n".join(f"{turn.role}: {spoken(turn)}" for turn in prompt.messages))


def _written(result: MCPResult, *, as_json: bool) -> None:
    """Write *result*; bytes are written as they are where they are all there is and nobody would see them.

    Raises:
        ToolError: it is a failure.

    """
    if as_json:
        say_json({"content": [each.to_dict() for each in result.content], "structured": result.structured, "is_error": result.is_error})
    elif not result.is_error:
        only = getattr(result.content[0], "data", None) if len(result.content) == 1 else None
        if isinstance(only, bytes) and not is_terminal(sys.stdout):
            sys.stdout.buffer.write(only)
            sys.stdout.flush()
        else:
            say("\n".join(map(part, result.content)))
    if result.is_error:
        raise ToolError(result.text or "the tool failed and does not say why")


def _listed(rows: Iterable[tuple[str, str | None]]) -> None:
    for line in listing(rows, (width() or WIDEST) - 1):
        say(line)


def _tool(tool: MCPTool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "server": tool.server,
        "original_name": tool.original_name,
        "title": tool.title,
        "description": tool.tool.description,
        "parameters": tool.tool.parameters,
        "output_schema": tool.output_schema,
        "annotations": tool.annotations,
    }


def _keys(each: Any) -> dict[str, Any]:
    import attrs

    return attrs.asdict(each)
