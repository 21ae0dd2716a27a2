"""The rounds of one message: the model answers as it comes, tools are called in between, and every turn is kept as soon as it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.cli.mcp_show import told
from llmring.cli.terminal import note
from llmring.exceptions import LLMRingError, ToolError
from llmring.schemas import Message, ToolResultPart
from llmring.sessions import open_calls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from llmring import AsyncLLMRing, LLMResponse
    from llmring.cli.conversation import Conversation
    from llmring.cli.mcp_page import Page
    from llmring.mcp import MCPTool
    from llmring.schemas import Part, Tool, ToolCall

    Approve = Callable[[ToolCall, Tool], Awaitable[bool | str]]

MOST = 25
"""Rounds of one message; the user is asked to say so where more are wanted."""
STOPPED = "The user stopped this call; whether it did anything is not known."
REFUSED = "The user declined this call; it has not been made."


class Rounds:
    """How messages are answered."""

    def __init__(self, ring: AsyncLLMRing[str], talk: Conversation, page: Page, approve: Approve, options: Mapping[str, Any]) -> None:
        """Answer in *talk* by way of *ring*, show on *page* what happens, and *approve* of each call."""
        self._ring = ring
        self._talk = talk
        self._page = page
        self._approve = approve
        self._options = options

    async def answer(self, text: str, tools: Mapping[str, MCPTool]) -> LLMResponse[Any] | None:
        """Send *text* and answer it with *tools*; give the last answer, None where the rounds were too many.

        Raises:
            LLMRingError: the model could not be asked; without a call the conversation is as it was.

        """
        talk, before = self._talk, len(self._talk.turns)
        talk.add([talk.asks(text)])
        try:
            answered = await self._answer(tools)
        except LLMRingError:
            self._page.end()
            if len(talk.turns) == before + 1:
                talk.back(before)
            else:
                note("what the tools gave is kept; write on to go on from there")
            raise
        talk.sent()
        return answered

    def stopped(self) -> None:
        """Keep what there is of an answer that was stopped; a message that nothing was answered to is taken back."""
        talk = self._talk
        self._page.end()
        if self._page.text.strip():
            talk.add([Message(role="assistant", content=self._page.text)])
        talk.add([turn_of(call, STOPPED, failed=True) for call in open_calls(talk.turns)])
        if talk.turns and talk.turns[-1].role == "user":
            talk.back(len(talk.turns) - 1)
        else:
            talk.sent()
        self._page.text = ""

    async def _answer(self, tools: Mapping[str, MCPTool]) -> LLMResponse[Any] | None:
        for _ in range(MOST):
            response = await self._said(tools)
            if not response.tool_calls:
                return response
            for call in response.tool_calls:
                self._talk.add([await self._called(call, tools.get(call.name))])
        note(f"after {MOST} rounds the model still calls tools; write on to let it")
        return None

    async def _said(self, tools: Mapping[str, MCPTool]) -> LLMResponse[Any]:
        """Show what the model says to all turns so far, and keep it."""
        talk, page = self._talk, self._page
        offered: dict[str, Any] = {"tools": [tool.tool for tool in tools.values()]} if tools else {}
        page.begin()
        with page.waiting(f"{talk.model} is asked; Ctrl-C stops"):
            async with self._ring.chat_stream(talk.model, [*talk.opening, *talk.turns], **offered, **self._options) as stream:
                async for event in stream:
                    page.more(event.delta)
                response: LLMResponse[Any] = stream.response
        page.end()
        page.text = ""
        talk.add([response.message], response)
        return response

    async def _called(self, call: ToolCall, tool: MCPTool | None) -> Message:
        """Make *call*, if it is approved of, and give the turn that tells of it."""
        page = self._page
        if tool is None or call.arguments is None:
            page.call(call.name, {"": call.raw_arguments} if tool else {}, whole=False)
            words = f"The arguments are no JSON: {call.raw_arguments}" if tool else f"There is no tool {call.name!r}."
            page.result(words, failed=True)
            return turn_of(call, words, failed=True)
        said = await self._approve(call, tool.tool)
        if said is not True:
            page.result("declined" if not said else f"declined: {said}", failed=True)
            return turn_of(call, said or REFUSED, failed=True)
        try:
            with page.waiting(f"{call.name} runs; Ctrl-C stops"):
                given: str | list[Part] = await tool(**call.arguments)
        except (LLMRingError, TypeError) as error:
            words = error.message if isinstance(error, ToolError) else f"{type(error).__name__}: {error}"
            page.result("\n".join([words, *getattr(error, "__notes__", ())]), failed=True)
            return turn_of(call, words, failed=True)
        page.result(told(given), failed=False)
        return turn_of(call, given, failed=False)


def turn_of(call: ToolCall, given: str | list[Part], *, failed: bool) -> Message:
    """Give the turn that tells the model what *call* gave."""
    part = ToolResultPart(tool_call_id=call.id, name=call.name, content=given, is_error=failed)
    return Message(role="tool", tool_call_id=call.id, name=call.name, content=[part])
