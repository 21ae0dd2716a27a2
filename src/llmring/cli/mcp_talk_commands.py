"""The commands that a conversation with tools has beside those of any: what servers offer, looked at and put to use."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from llmring.cli.conversing import Commands
from llmring.cli.mcp_arguments import pairs
from llmring.cli.mcp_form import fields
from llmring.cli.mcp_show import amount, cut, listing, part
from llmring.cli.terminal import note
from llmring.schemas import TextPart
from llmring.sessions import spoken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from llmring.cli.conversation import Conversation
    from llmring.cli.mcp_page import Page
    from llmring.mcp import MCPClient, MCPTool

KEYS = """\
Enter sends; Esc-Enter, or a backslash before Enter, begins a new line.
Ctrl-C stops an answer or a tool; twice quickly, it leaves."""


class ToolCommands(Commands):
    """The commands of one conversation with tools."""

    def __init__(
        self,
        talk: Conversation,
        check: Callable[[str], object],
        page: Page,
        client: Callable[[], Awaitable[MCPClient]],
        *,
        offered: bool,
    ) -> None:
        """Work on *talk* and show on *page*; *client* waits for the servers, whose tools are *offered* to the model or not."""
        super().__init__(talk, check, KEYS)
        self._page = page
        self._client = client
        self._offered = offered
        self.draft = ""
        """What the next message begins with."""
        self.known: dict[str, list[str]] = {}
        """Names that were listed, by command."""
        self.offer("/tools [NAME]", "list the tools of the servers, or tell all of one", self._tools)
        self.offer("/resources [URI]", "list what can be read, or send it with the next message", self._resources)
        self.offer("/prompts [NAME K=V...]", "list the prompts of the servers, or insert one", self._prompts)

    async def _tools(self, name: str) -> None:
        client = await self._client()
        self._page.lines(_status(client))
        tools = client.tools
        if name:
            self._page.lines(line for tool in tools if name in {tool.name, tool.original_name} for line in _whole(tool))
        else:
            self._page.lines(listing(((tool.name, tool.tool.description) for tool in tools), self._page.columns))
            if tools and not self._offered:
                note("--no-tools: the model is not told of them")
        self.known["/tools"] = [tool.name for tool in tools]

    async def _resources(self, uri: str) -> None:
        client = await self._client()
        if uri:
            found = await client.read_resource(uri)
            self.talk.parts += [TextPart(text=f"{uri}:\n\n{each.text}") if isinstance(each, TextPart) else each for each in found.content]
            note(f"goes with the next message: {uri} ({', '.join(_size(each) for each in found.content) or 'nothing'})")
            return
        resources, templates = await client.list_resources(), await client.list_resource_templates()
        rows = [(each.uri, each.description or each.title or each.name) for each in resources]
        rows += [(each.template, each.description or each.title or each.name) for each in templates]
        self._page.lines(listing(rows, self._page.columns) or ["there are none"])
        self.known["/resources"] = [each.uri for each in resources]

    async def _prompts(self, words: str) -> None:
        client = await self._client()
        if not words:
            prompts = await client.list_prompts()
            rows = (
                (" ".join([each.name, *(f"{a.name}=" if a.required else f"[{a.name}=]" for a in each.arguments)]), each.description)
                for each in prompts
            )
            self._page.lines(listing(rows, self._page.columns) or ["there are none"])
            self.known["/prompts"] = [each.name for each in prompts]
            return
        try:
            name, *given = shlex.split(words)
        except ValueError as error:
            raise click.UsageError(f"/prompts: {error}") from None
        prompt = await client.get_prompt(name, pairs(given))
        messages = prompt.messages
        if len(messages) == 1 and messages[0].role == "user" and isinstance(messages[0].content, str):
            self.draft = messages[0].content
            return
        *before, last = messages if messages and messages[-1].role == "user" else [*messages, None]
        self.talk.add([turn for turn in before if turn is not None])
        parts = last.content if last is not None else []
        self.talk.parts += [TextPart(text=parts)] if isinstance(parts, str) else list(parts or [])
        self._page.lines(cut(f"{turn.role:<9} {' '.join(spoken(turn).split())}", self._page.columns) for turn in messages)
        note("this goes with the next message" if last is not None else "this was said before the next message")

    def complete(self, before: str, names: dict[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
        """Give what *before* may become: a command, or one of *names* behind one."""
        word, space, rest = before.partition(" ")
        if not space:
            yield from ((name, command.told) for name, command in self.table.items() if name.startswith(word))
            return
        for name in {**self.known, **names}.get(word, []):
            if name.startswith(rest):
                yield f"{word} {name}", ""


def _status(client: MCPClient) -> Iterable[str]:
    """Tell how each server is."""
    for server in client.servers.values():
        count = sum(tool.server == server.name for tool in client.tools)
        version = f" {server.version}" if server.version else ""
        yield (
            f"{server.name}: {server.title or server.name}{version}, {count} tools, over {server.transport}"
            if server.status == "connected"
            else f"{server.name}: {server.status}{f': {server.error}' if server.error else ''}"
        )
    yield from client.warnings


def _whole(tool: MCPTool) -> Iterable[str]:
    """Tell all of one tool."""
    yield f"{tool.name}: {tool.title or tool.original_name}, of {tool.server}"
    yield from (tool.tool.description or "").splitlines()
    parameters: Any = tool.tool.parameters or {}
    for field in fields(parameters):
        needed = "needed" if field.required else "may be left out"
        yield f"  {field.name}: {field.schema.get('type', 'anything')}, {needed}. {field.schema.get('description', '')}".rstrip()
    hints = [name.removesuffix("Hint") for name, on in tool.annotations.items() if on is True]
    if hints:
        yield f"  hints of the server, which need not be true: {', '.join(hints)}"


def _size(each: Any) -> str:
    return amount(len(each.text.encode())) if isinstance(each, TextPart) else part(each).strip("()")
