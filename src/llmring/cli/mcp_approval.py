"""Whose leave a tool call needs: everybody's is given or nobody's, or the user is asked, tool by tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmring.cli.mcp_stop import forget_typed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from llmring.cli.mcp_page import Page
    from llmring.schemas import Tool, ToolCall

    Ask = Callable[[str], Awaitable[str]]
    """Asks the user in one line."""

QUESTION = "  let it run? [y]es, [n]o, [a]lways this tool: "
_ANSWERS: Mapping[str, str] = {"y": "y", "yes": "y", "n": "n", "no": "n", "a": "a", "always": "a"}
_NEVER = "The user lets no tool be called in this conversation."
_NOBODY = "Nobody is there to be asked for leave (--approve always gives it)."


class Approval:
    """The leave that is given in one conversation; what a server says of its own tools gives none."""

    def __init__(self, mode: Literal["always", "ask", "never"], page: Page, ask: Ask | None) -> None:
        """Give leave as *mode* says; *ask* is None where nobody can be asked."""
        self._mode = mode
        self._page = page
        self._ask = ask
        self._always: dict[str, Tool] = {}

    async def __call__(self, call: ToolCall, tool: Tool) -> bool | str:
        """Tell whether *call* of *tool* may be made, or why it may not."""
        free = self._mode == "always" or self._always.get(tool.name) == tool  # one that has changed is asked for again
        ask = self._ask if self._mode == "ask" else None
        self._page.call(call.name, call.arguments, whole=not free and ask is not None)
        if free:
            return True
        if ask is None:
            return _NEVER if self._mode == "never" else _NOBODY
        answer = await _answer(ask)
        if answer == "a":
            self._always[tool.name] = tool
        return answer != "n"


async def _answer(ask: Ask) -> str:
    forget_typed()
    answer = ""
    while not answer:
        answer = _ANSWERS.get((await ask(QUESTION)).strip().lower(), "")
    return answer
