"""Keep the rounds of a tool loop: what the model is asked next, which of its calls are ours, when to end, and what it all adds up to."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from llmring._core.functions import described
from llmring._core.normalise import normalise_messages
from llmring._core.tool_calls import Runnable
from llmring._core.tool_sums import cost_of, usage_of
from llmring.exceptions import BudgetExceededError, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.asked import Asked
    from llmring._core.tool_bounds import Bounds
    from llmring._gen.message import Message
    from llmring._gen.response import LLMResponse
    from llmring._gen.tool import ToolCall


Ended = TypeVar("Ended", ToolError, BudgetExceededError)
_JUST: Final = 1e-9
"""What is left of a time that is used up: too little for anything, yet a limit."""


class ToolRun:
    """One run so far."""

    __slots__ = ("_answers", "_elsewhere", "_first", "_hosted", "_open", "_turns", "_warnings", "bounds", "functions", "over")

    def __init__(self, asked: Asked, tools: Sequence[Any], bounds: Bounds, warnings: Sequence[str] = ()) -> None:
        """Begin to run *tools*, as the caller wrote them, within *bounds* and what dollars *asked* allows; *warnings* came before."""
        self.bounds = bounds
        self.functions = runnables(tools)
        self.over = False
        """Whether the model has given its last answer."""
        self._first = asked
        self._warnings = tuple(warnings)
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
        spent = cost_of(self._answers)
        left = None if first.max_cost is None or spent is None else first.max_cost - spent.total
        return attrs.evolve(first, request=attrs.evolve(first.request, messages=messages, worded=True, **free), max_cost=left)

    def asked_within(self, seconds: float) -> Asked:
        """Give what to ask in the next round, which may take so many *seconds*."""
        asked = self.asked
        if seconds == inf:
            return asked
        total = asked.timeout.total
        left = max(seconds if total is None else min(seconds, total), _JUST)
        return attrs.evolve(asked, timeout=attrs.evolve(asked.timeout, total=left))

    def late(self) -> ToolError:
        """Give the error that says that the time is up, with what the rounds had come to."""
        return self.told(self.bounds.late())

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
        rounds, limit, cost = len(self._answers), self._first.max_cost, cost_of(self._answers)
        if rounds >= self.bounds.rounds:
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
            usage=usage_of(answers),
            cost=cost_of(answers),
            attempts=[attempt for answer in answers for attempt in answer.attempts],
            warnings=list(dict.fromkeys([*self._warnings, *(warning for answer in answers for warning in answer.warnings)])),
            tool_calls=self._open if self.over else last.tool_calls,
            turns=list(self._turns),
            latency=sum(answer.latency for answer in answers) if latency is None else latency,
        )


def runnables(tools: Sequence[Any]) -> dict[str, Runnable]:
    """Give those of *tools* that can be run, by name."""
    paths = {f"tools[{at}]": tool for at, tool in enumerate(tools) if callable(tool)}
    found = [Runnable(tool, described(tool, path), path) for path, tool in paths.items()]
    return {each.described.tool.name: each for each in found}
