"""Keep the rounds of a tool loop: what the model is asked next, which of its calls are ours, when to end, and what it all adds up to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import attrs

from llmring._core.functions import described
from llmring._core.normalise import normalise_messages
from llmring._core.taking import shown
from llmring._gen.request import LLMRequest
from llmring._gen.usage import Cost, Usage
from llmring.exceptions import BudgetExceededError, RequestError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmring._core.asked import Asked
    from llmring._core.functions import Described
    from llmring._gen.message import Message
    from llmring._gen.response import LLMResponse
    from llmring._gen.tool import ToolCall


Ended = TypeVar("Ended", ToolError, BudgetExceededError)


class Runnable(NamedTuple):
    """A function that the model may have called."""

    function: Callable[..., Any]
    described: Described
    path: str
    """Where it stands among the tools."""


class ToolRun:
    """One run so far."""

    __slots__ = ("_answers", "_elsewhere", "_first", "_hosted", "_open", "_rounds", "_turns", "functions", "over")

    def __init__(self, asked: Asked, tools: Sequence[Any], rounds: int) -> None:
        """Begin to run *tools*, as the caller wrote them, for at most so many *rounds* and what dollars *asked* allows."""
        self.functions = runnables(tools)
        self.over = False
        """Whether the model has given its last answer."""
        self._first = asked
        self._rounds = rounds
        others = [tool for tool in asked.request.tools if tool.name not in self.functions]
        self._elsewhere = frozenset(tool.name for tool in others)
        self._hosted = any(not tool.name for tool in others)
        self._answers: list[LLMResponse[Any]] = []
        self._turns: list[Message] = []
        self._open: list[ToolCall] = []

    @property
    def asked(self) -> Asked:
        """What to ask the model in the next round, for the dollars that are left; a call that was forced is forced once."""
        first = self._first
        if not self._turns:
            return first
        messages = (*first.request.messages, *normalise_messages(self._turns))
        free: dict[str, Any] = {"tool_choice": None, "tool_name": None} if first.request.tool_choice in {"required", "function"} else {}
        spent = _cost(self._answers)
        left = None if first.max_cost is None or spent is None else first.max_cost - spent.total
        return attrs.evolve(first, request=attrs.evolve(first.request, messages=messages, **free), max_cost=left)

    def take(self, response: LLMResponse[Any]) -> list[ToolCall]:
        """Note what the model answered; give the calls to be made before the next round.

        Raises:
            ToolError: it wants another round, but has had all.
            BudgetExceededError: it wants another round, but the money is spent, or nobody knows whether it is.

        """
        self._answers.append(response)
        self._turns.append(response.message)
        self._open = [call for call in response.tool_calls if self._is_open(call)]
        ours = [call for call in response.tool_calls if not self._is_open(call)]
        self.over = bool(self._open) or not (ours or response.finish_reason == "pause")
        if not self.over:
            self._check_bounds()
        return ours

    def _is_open(self, call: ToolCall) -> bool:
        """Tell whether *call* is of a tool that only the caller can run."""
        return call.name not in self.functions and (call.name in self._elsewhere or self._hosted)

    def answered(self, turns: Sequence[Message]) -> None:
        """Note the results of the calls, in their order."""
        self._turns += turns

    def _check_bounds(self) -> None:
        rounds, limit, cost = len(self._answers), self._first.max_cost, _cost(self._answers)
        if rounds >= self._rounds:
            raise self.told(ToolError(f"After {rounds} rounds the model still calls tools; allow it more by max_rounds."))
        if limit is not None and cost is None:
            last = self._answers[-1].model
            message = f"max_cost={limit} cannot be held over several rounds: what {last} costs is not known."
            raise self.told(BudgetExceededError(message, path="max_cost"))
        if limit is not None and cost is not None and cost.total >= limit:
            message = f"After {rounds} rounds max_cost={limit} is spent ({cost.total}), and the model still calls tools."
            raise self.told(BudgetExceededError(message, path="max_cost"))

    def told(self, error: Ended) -> Ended:
        """Give *error* with what the rounds before it had come to, so that nothing is lost."""
        if self._answers:
            error.response = self.response()
            error.messages = (*self._first.request.messages, *self._turns)
        return error

    def response(self, latency: float | None = None) -> LLMResponse[Any]:
        """Give the last answer, with the usage, cost and attempts of all rounds and every turn that was added."""
        answers, last = self._answers, self._answers[-1]
        return attrs.evolve(
            last,
            usage=_usage(answers),
            cost=_cost(answers),
            attempts=[attempt for answer in answers for attempt in answer.attempts],
            warnings=list(dict.fromkeys(warning for answer in answers for warning in answer.warnings)),
            tool_calls=self._open if self.over else last.tool_calls,
            turns=list(self._turns),
            latency=sum(answer.latency for answer in answers) if latency is None else latency,
        )


def _usage(answers: Sequence[LLMResponse[Any]]) -> Usage:
    usages = [answer.usage for answer in answers]
    return Usage(**{name: sum(getattr(usage, name) for usage in usages) for name in usages[0].keys()})  # noqa: SIM118 - a model, not a dict


def _cost(answers: Sequence[LLMResponse[Any]]) -> Cost | None:
    """Add up what the *answers* cost; it is not known where one of them is not."""
    costs = [answer.cost for answer in answers if answer.cost is not None]
    if len(costs) < len(answers):
        return None
    parts = ("input", "output", "cache_read", "cache_write", "total")
    return Cost(
        **{part: sum((getattr(cost, part) for cost in costs), Decimal(0)) for part in parts},
        price_id=", ".join(dict.fromkeys(cost.price_id for cost in costs)),
        estimated=any(cost.estimated for cost in costs),
    )


# --- what the caller gave ----------------------------------------------------------------------------


def run_of(asked: Asked, model: Any, options: Mapping[str, Any], rounds: Any, parallel: Any) -> ToolRun:
    """Begin a run of what is *asked*: *model* and *options* are what the caller gave, *rounds* and *parallel* its bounds.

    Raises:
        TypeError: there are no tools.
        RequestError: a bound is none, or several answers are asked for; only one can be gone on with.

    """
    for name, value in (("max_rounds", rounds), ("parallel", parallel)):
        if type(value) is not int or value < 1:
            raise RequestError(f"{name} must be a whole number of at least 1, not {shown(value)}", path=name)
    if asked.request.options.get("n", 1) != 1:
        raise RequestError("n must be 1 for run_tools, which can go on with one answer only", path="n")
    given = _given(model, options)
    if given.get("tools") is None:
        message = "run_tools() needs tools: a list of functions"
        raise TypeError(message)
    return ToolRun(asked, given["tools"], rounds)


def _given(model: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what was given as options, be it in a request or beside the model."""
    if isinstance(model, LLMRequest):
        request = cast("LLMRequest[Any]", model)
        return {"tools": request.tools, "max_cost": request.max_cost}
    return options


def runnables(tools: Sequence[Any]) -> dict[str, Runnable]:
    """Give those of *tools* that can be run, by name."""
    paths = {f"tools[{at}]": tool for at, tool in enumerate(tools) if callable(tool)}
    found = [Runnable(tool, described(tool, path), path) for path, tool in paths.items()]
    return {each.described.tool.name: each for each in found}
