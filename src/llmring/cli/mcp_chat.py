"""``llmring mcp chat``: a conversation on a terminal with a model that may call the tools of MCP servers."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any, Literal

import attrs
import click

from llmring.cli.chat import remarks
from llmring.cli.conversation import Conversation
from llmring.cli.mcp_approval import Approval
from llmring.cli.mcp_hosting import Hosting
from llmring.cli.mcp_page import Page
from llmring.cli.mcp_questions import Questions
from llmring.cli.mcp_rounds import Rounds
from llmring.cli.mcp_servers import heard, progress
from llmring.cli.mcp_show import wrapped
from llmring.cli.mcp_stop import Stop, StoppedError, unechoed
from llmring.cli.mcp_talk_commands import ToolCommands
from llmring.cli.rings import aring
from llmring.cli.terminal import complain, note, reason
from llmring.exceptions import LLMRingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from llmring import AsyncLLMRing
    from llmring.cli.mcp_input import Input
    from llmring.mcp import MCPClient

PATIENCE = 600.0
"""Seconds for one tool, which may ask the user something; Ctrl-C is quicker."""
LEFT = 130


@attrs.frozen(kw_only=True)
class Setting:
    """What a conversation with tools is to be like."""

    servers: tuple[Any, ...]
    model: str
    system: str = ""
    profile: str | None = None
    approve: Literal["always", "ask", "never"] = "ask"
    tools: bool = True
    markdown: bool = True
    debug: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What every call is given."""
        return {"profile": self.profile} if self.profile else {}


def talk(setting: Setting) -> int:
    """Converse until the user ends it; give the exit code."""
    return asyncio.run(_talk(setting))


def once(setting: Setting, text: str) -> None:
    """Answer the one message *text* and write nothing but the answer to stdout."""
    asyncio.run(_once(setting, text))


async def _talk(setting: Setting) -> int:
    from llmring.cli.mcp_input import Input

    async with aring() as ring:
        table = Table(setting, ring)
        table.input = Input(table.talk.sessions.folder, table.words, table.state)
        with table.stop.listening():
            async with table.hosting.serving():
                await table.converse()
        return LEFT if table.stop.leaving else 0


async def _once(setting: Setting, text: str) -> None:
    async with aring() as ring:
        table = Table(attrs.evolve(setting, markdown=False), ring, quiet=True)
        table.talk.session.path = None
        async with table.hosting.serving():
            await table.ask(text)


class Table:
    """Where a user, a model and servers sit together."""

    def __init__(self, setting: Setting, ring: AsyncLLMRing[str], *, quiet: bool = False) -> None:
        """Seat them; nobody is asked anything yet."""
        self.input: Input | None = None
        self.stop = Stop()
        self._setting = setting
        self._quiet = quiet
        self.talk = Conversation(setting.model, setting.system)
        self.page = Page(markdown=setting.markdown, quiet=quiet)
        ask = None if quiet else self._asked
        client = self._make(ask) if setting.servers else None
        self.hosting = Hosting(client, self.page, lambda: self.input, tools=setting.tools)
        self._rounds = Rounds(ring, self.talk, self.page, Approval(setting.approve, self.page, ask), setting.options)
        self.commands = ToolCommands(
            self.talk, lambda name: ring.resolve(name, profile=setting.profile), self.page, self.hosting.served, offered=setting.tools
        )
        self._aliases = lambda: ring.aliases(profile=setting.profile)

    def _make(self, ask: Any) -> MCPClient:
        from llmring.mcp import MCPClient

        return MCPClient(
            *self._setting.servers,
            timeout=PATIENCE,
            elicit=Questions(self.page, ask, self.stop),
            on_progress=lambda told: self.page.still_waiting(progress(told)),
            on_log=lambda told: note(heard(told)) if self._setting.debug else None,
        )

    # --- the user -----------------------------------------------------------------------------------

    async def converse(self) -> None:
        """Take messages until there are no more."""
        note(f"{self.talk.model}; /help lists commands, Ctrl-D ends")
        while self.commands.going and not self.stop.leaving:
            assert self.input is not None  # noqa: S101 - set before
            draft, self.commands.draft = self.commands.draft, ""
            try:
                text = await self.input.message(draft)
            except EOFError:
                return
            except StoppedError:
                self.stop.press()
                note("Ctrl-C again, Ctrl-D or /exit ends")
                self.page.top()
                continue
            await self._take(text)
            self.page.top()

    async def _take(self, text: str) -> None:
        """Do what a line says: a command, or a message to the model."""
        with unechoed():
            try:
                await self.stop.guard(self._do(text))
            except StoppedError:
                self._rounds.stopped()
                note("stopped")
            except click.ClickException as error:
                complain(error.format_message())
            except LookupError as error:
                complain(str(error))
            except (LLMRingError, OSError) as error:
                complain(reason(error), *getattr(error, "__notes__", ()))
                if self._setting.debug:
                    traceback.print_exc()

    async def _do(self, text: str) -> None:
        found = self.commands.find(text)
        if found is None:
            if text.strip():
                await self.ask(text)
            return
        command, rest = found
        done: Awaitable[None] | None = command.does(rest)
        if done is not None:
            await done

    async def ask(self, text: str) -> None:
        """Have *text* answered."""
        response = await self._rounds.answer(text, await self.hosting.tools())
        if response is not None:
            for line in remarks(response, verbose=self._setting.debug, as_json=False):
                note(line)

    async def _asked(self, question: str) -> str:
        """Ask the user in one line, whatever is being waited for."""
        assert self.input is not None  # noqa: S101 - set before
        self.page.hush()
        try:
            return await self.input.ask("\n".join(wrapped(question, self.page.columns)) + " ")
        except EOFError:
            raise StoppedError from None

    # --- what the prompt shows ----------------------------------------------------------------------

    def words(self, before: str) -> Iterable[tuple[str, str]]:
        """Complete what stands *before* the cursor."""
        kept = [each.name for each in self.talk.recent()] if before.startswith("/load ") else []
        names: dict[str, Iterable[str]] = {"/model": self._aliases(), "/load": kept}
        return self.commands.complete(before, names)

    def state(self) -> str:
        """Tell model, servers and cost in one line."""
        told = self.talk.session.told
        cost = [f"${told.cost:.4f}"] if told.answers > told.unpriced else []
        return " · ".join([self.talk.model, *self.hosting.state(), *cost])
