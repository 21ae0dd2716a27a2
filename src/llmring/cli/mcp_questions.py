"""What servers ask the user in the middle of a call: forms, answered field by field, and pages to visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmring.cli.mcp_form import fields
from llmring.cli.mcp_stop import Stop, StoppedError, forget_typed
from llmring.cli.terminal import complain

if TYPE_CHECKING:
    from llmring.cli.mcp_approval import Ask
    from llmring.cli.mcp_page import Page
    from llmring.mcp import Elicitation


class Questions:
    """Hands questions of servers on to the user, who may leave any unanswered."""

    def __init__(self, page: Page, ask: Ask | None, stop: Stop) -> None:
        """Show them on *page* and *ask*; where nobody can be asked, each is declined."""
        self._page = page
        self._ask = ask
        self._stop = stop

    async def __call__(self, asked: Elicitation) -> Any:
        """Give the answer to what is *asked*, None where there is none."""
        ask = self._ask
        if ask is None:
            self._page.lines([f"{asked.server} asks, and nobody is there to answer: {asked.message}"])
            return None
        self._page.lines(["", f"{asked.server} asks: {asked.message}"])
        forget_typed()
        try:
            if asked.url is not None:
                self._page.lines([f"  {asked.url}"])
                return await _yes(ask, "  visited it? [y]es, [n]o: ") or None
            if not await _yes(ask, "  answer? [y]es, [n]o: "):
                return None
            return await _filled(ask, asked)
        except EOFError:
            return None
        except StoppedError:
            self._stop.press()
            return None


async def _filled(ask: Ask, asked: Elicitation) -> dict[str, Any]:
    """Ask for each field until its answer is one."""
    found: dict[str, Any] = {}
    for field in fields(asked.schema):
        while True:
            try:
                given, value = field.read(await ask(f"  {field.asked}"))
            except click.UsageError as error:
                complain(error.format_message())
                continue
            if given:
                found[field.name] = value
            break
    return found


async def _yes(ask: Ask, question: str) -> bool:
    answer = ""
    while answer[:1] not in {"y", "n"}:
        answer = (await ask(question)).strip().lower()
    return answer.startswith("y")
