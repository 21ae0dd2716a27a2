"""Run the functions that a model calls and tell it what they gave, round by round, until it answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from llmring._core.functions import arguments_of
from llmring._core.tool_results import error_turn, result_turn, words_for
from llmring._io import aio
from llmring.exceptions import BudgetExceededError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._async.engine import AsyncEngine
    from llmring._core.tool_run import Runnable, ToolRun
    from llmring._gen.message import Message
    from llmring._gen.response import LLMResponse
    from llmring._gen.tool import ToolCall


async def run_tools(engine: AsyncEngine, run: ToolRun, limit: int) -> LLMResponse[Any]:
    """Go through the rounds of *run*, with at most *limit* calls at once.

    Raises:
        RequestError: a function cannot be run here; nothing was sent.
        ToolError: the model went on calling tools.
        BudgetExceededError: it went on, and the next round could cost more than is left.
        ProviderError: a round failed.

    """
    began = aio.monotonic()
    for each in run.functions.values():
        aio.check_function(each.described.tool.name, each.path, waits=each.described.waits)
    while not run.over:
        try:
            response = await engine.chat(run.asked)
        except BudgetExceededError as error:
            run.told(error)
            raise
        calls = run.take(response)
        run.answered(await aio.run_all([partial(answer, call, run.functions) for call in calls], limit))
    return run.response(aio.monotonic() - began)


async def answer(call: ToolCall, functions: Mapping[str, Runnable]) -> Message:
    """Make *call* and give the turn that tells of its result, or of what went wrong."""
    called = functions.get(call.name)
    if called is None:
        return error_turn(call, f"There is no tool {call.name!r}; the tools are {', '.join(functions) or 'none'}.")
    try:
        places, names = arguments_of(called.described, call.arguments)
        value = await aio.call_function(partial(called.function, *places, **names), waits=called.described.waits)
        return result_turn(call, value)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises is for the model to deal with
        return error_turn(call, words_for(error))
