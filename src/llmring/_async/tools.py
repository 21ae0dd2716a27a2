"""Run the functions that a model calls and tell it what they gave, round by round, until it answers."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from llmring._async.servers import AsyncServers
from llmring._core.functions import is_awaited
from llmring._core.tool_calls import Making, making, refusal
from llmring._core.tool_results import error_turn, result_turn, words_for
from llmring._io import aio
from llmring.exceptions import BudgetExceededError, ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from llmring._async.engine import AsyncEngine
    from llmring._core.tool_asked import ToolsAsked
    from llmring._core.tool_bounds import Approval
    from llmring._core.tool_run import ToolRun
    from llmring._gen.message import Message
    from llmring._gen.response import LLMResponse
    from llmring._gen.tool import ToolCall


async def run_tools(engine: AsyncEngine, wanted: ToolsAsked) -> LLMResponse[Any]:
    """Go through the rounds of the run that is *wanted*.

    Raises:
        RequestError: a function cannot be run here; nothing was sent.
        MCPError: a server cannot be reached.
        ToolError: the model went on calling tools, or the time was up.
        BudgetExceededError: it went on, and the next round could cost more than is left.
        ProviderError: a round failed.

    """
    began = aio.monotonic()
    until = began + (wanted.bounds.seconds or inf)
    servers = AsyncServers(wanted.bounds.servers)
    try:
        run = await begun(wanted, servers, until)
        while not run.over:
            with ending(run, until):
                response = await engine.chat(run.asked_within(until - aio.monotonic()))
            run.answered(await answers(run, run.take(response), until))
    finally:
        await servers.close()
    return run.response(aio.monotonic() - began)


async def begun(wanted: ToolsAsked, servers: AsyncServers, until: float) -> ToolRun:
    """Begin the run that is *wanted* with the tools of *servers*, which have to be there by the moment *until*.

    Raises:
        RequestError: something that the caller gave is wrong, or cannot be run here.
        MCPError: a server cannot be reached.
        ToolError: the time is up.

    """
    bound = aio.within(until)
    try:
        async with bound:
            tools = await servers.open()
    except TimeoutError:
        if not bound.expired():
            raise
        raise wanted.bounds.late() from None
    run = wanted.run(tools, servers.warnings)
    check(run)
    return run


@contextmanager
def ending(run: ToolRun, until: float) -> Generator[None]:
    """Give an error that ends *run*, for the money or at the moment *until*, what the rounds had come to."""
    try:
        yield
    except BudgetExceededError as error:
        run.told(error)
        raise
    except ProviderTimeoutError as error:
        if aio.monotonic() < until:
            raise
        raise run.late() from error


def check(run: ToolRun) -> None:
    """Refuse what cannot be called here.

    Raises:
        RequestError: a function is to be awaited, and nobody awaits it.

    """
    for each in run.functions.values():
        aio.check_function(each.described.tool.name, each.path, waits=each.described.waits)
    if run.bounds.approve is not None:
        aio.check_function("approve", "approve", waits=is_awaited(run.bounds.approve))


async def answers(run: ToolRun, calls: Sequence[ToolCall], until: float) -> list[Message]:
    """Make *calls*, those that are approved of, and give the turns that tell of them, in their order.

    Raises:
        ToolError: the moment *until* has come; calls that wait are cancelled.

    """
    if not calls:
        return []
    bound = aio.within(until)
    try:
        async with bound:
            made = [await _approved(making(call, run.functions), run.bounds.approve) for call in calls]
            return await aio.run_all([partial(_turn, each, run, until) for each in made], run.bounds.parallel)
    except TimeoutError:
        if not bound.expired():
            raise
        raise run.late() from None


async def _approved(made: Making | Message, approve: Approval | None) -> Making | Message:
    """Ask for leave to make a call; give the turn that refuses it where there is none."""
    if approve is None or not isinstance(made, Making):
        return made
    said = await aio.call_function(partial(approve, made.call, made.called.described.tool), waits=is_awaited(approve))
    return refusal(made.call, said) or made


async def _turn(made: Making | Message, run: ToolRun, until: float) -> Message:
    """Make a call and give the turn that tells of its result, or of what went wrong."""
    if not isinstance(made, Making):
        return made
    if aio.monotonic() >= until:
        raise run.late()
    call, called, places, names = made
    try:
        return result_turn(call, await aio.call_function(partial(called.function, *places, **names), waits=called.described.waits))
    except Exception as error:  # noqa: BLE001 - whatever a tool raises is for the model to deal with
        return error_turn(call, words_for(error))
