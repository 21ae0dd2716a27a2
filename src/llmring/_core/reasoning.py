"""Ask a model to think in the words that it knows: efforts, a budget in tokens, or on and off; protocols write them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""All words for an effort, weakest first."""
BUDGETS: Final[Mapping[str, int]] = {"minimal": 512, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 65536}
"""Tokens that an effort stands for where a model knows budgets only, and the other way round."""
AMOUNTS: Final = ("budget_tokens", "max_tokens", "budget")
"""Keys under which a mapping may hold a budget."""
LEAST: Final = 1024
"""The smallest budget that Anthropic takes."""

_WORDY: Final = frozenset({"openai_chat", "openai_responses"})
"""Protocols that take words alone, unless their dialect says otherwise."""
_COMMON: Final = ("low", "medium", "high")
"""What every model that takes words takes."""


@attrs.frozen(kw_only=True)
class Thinking:
    """How one model can be asked to think; what is empty is not known."""

    efforts: tuple[str, ...] = ()
    budget: tuple[int | None, int | None] | None = None
    adaptive: bool = False
    """Whether it thinks as much as it finds fit."""
    toggle: bool = False
    """Whether it can be told to think or not to."""
    always: bool = False
    """Whether it cannot be told not to."""

    @classmethod
    def of(cls, info: ModelInfo | None) -> Thinking | None:
        """Give what the registry knows; None where it knows nothing."""
        if info is None or not (info.efforts or info.budget or info.thinking):
            return None
        told = info.thinking
        return cls(efforts=info.efforts, budget=info.budget, **{kind: kind in told for kind in ("adaptive", "toggle", "always")})

    def stops(self, protocol: str) -> bool:
        """Tell whether it can be told not to think."""
        free = self.toggle or "none" in self.efforts or (self.budget is not None and self.budget[0] == 0)
        return not self.always and (free or protocol == "anthropic_messages")

    @property
    def least(self) -> str | int | None:
        """The least that it can be asked for."""
        return self.efforts[0] if self.efforts else self.budget[0] if self.budget is not None else None


@attrs.frozen
class Settled:
    """What to send for ``reasoning``, and why that is not what was asked."""

    value: Any
    why: str | None = None
    refused: bool = False
    """Whether what was asked cannot be had, rather than nearly."""


def settle(wanted: Any, thinking: Thinking | None, protocol: str, quirks: Mapping[str, Any]) -> Settled:
    """Say *wanted*, the value of ``reasoning``, as a model that can be asked by *thinking* takes it."""
    amount = amount_of(wanted)
    if amount is None:
        return Settled(wanted)
    settled = _settled(amount, thinking, protocol, quirks)
    if protocol == "ollama_chat" and thinking is not None and settled.value in thinking.efforts and settled.value != "none":
        return attrs.evolve(settled, value={"level": settled.value})
    if settled.value == amount and type(settled.value) is type(amount):
        return attrs.evolve(settled, value=wanted)
    if not isinstance(wanted, Mapping) or isinstance(settled.value, bool):
        return settled
    beside = {key: value for key, value in cast("Mapping[str, Any]", wanted).items() if key not in {*AMOUNTS, "effort"}}
    name = "effort" if isinstance(settled.value, str) else "budget_tokens"
    return attrs.evolve(settled, value={**beside, name: settled.value})


def amount_of(wanted: Any) -> str | int | None:
    """Give the effort or budget in *wanted*; None where there is neither, or the provider's own words stand in its place."""
    if isinstance(wanted, Mapping):
        told = cast("Mapping[str, Any]", wanted)
        if "type" in told:
            return None
        wanted = next((told[key] for key in AMOUNTS if told.get(key) is not None), told.get("effort"))
    if isinstance(wanted, bool) or wanted is None:
        return None
    return wanted if isinstance(wanted, int) or wanted in EFFORTS else None


def _settled(amount: str | int, thinking: Thinking | None, protocol: str, quirks: Mapping[str, Any]) -> Settled:
    wordy = protocol in _WORDY and quirks.get("reasoning_style", "effort") == "effort"
    if thinking is None:
        return _to_effort(amount, _COMMON) if wordy and isinstance(amount, int) and amount > 0 else Settled(amount)
    if wordy:
        thinking = attrs.evolve(thinking, budget=None)
    if amount in {0, "none"}:
        if thinking.stops(protocol):
            return Settled(amount)
        return Settled(thinking.least, "it cannot stop thinking", refused=True)
    if protocol == "anthropic_messages" and isinstance(amount, str) and not thinking.adaptive and thinking.budget is not None:
        return Settled(_within(BUDGETS[amount], thinking.budget))
    return _by_word(amount, thinking, protocol) if isinstance(amount, str) else _by_budget(amount, thinking, protocol, wordy=wordy)


def _by_word(word: str, thinking: Thinking, protocol: str) -> Settled:
    able = [effort for effort in thinking.efforts if effort != "none"]
    if able:
        return _to_effort(word, able)
    if thinking.budget is not None:
        return Settled(_within(BUDGETS[word], thinking.budget))
    return _switched(word, thinking, protocol)


def _by_budget(tokens: int, thinking: Thinking, protocol: str, *, wordy: bool) -> Settled:
    if thinking.budget is not None:
        fitting = _within(tokens, thinking.budget) if tokens > 0 else tokens
        return Settled(fitting, None if fitting == tokens else f"it takes {_range(thinking.budget)} tokens for thoughts")
    able = [effort for effort in thinking.efforts if effort != "none"]
    if tokens > 0 and (able or wordy):
        return _to_effort(tokens, able or _COMMON)
    return _switched(tokens, thinking, protocol)


def _switched(amount: str | int, thinking: Thinking, protocol: str) -> Settled:
    """Say on where nothing else can be said; a medium effort is just that."""
    if protocol != "ollama_chat" or not thinking.toggle:
        return Settled(amount)
    return Settled(value=True, why=None if amount == "medium" else "it thinks or does not, no more can be said")


def _to_effort(amount: str | int, able: list[str] | tuple[str, ...]) -> Settled:
    """Take the effort nearest to *amount* among those that the model is *able* to; of two the weaker."""
    if isinstance(amount, str):
        place = EFFORTS.index(amount)
        nearest = min(able, key=lambda effort: abs(EFFORTS.index(effort) - place))
        return Settled(nearest, None if nearest == amount else f"it knows {', '.join(able)}")
    nearest = min(able, key=lambda effort: abs(BUDGETS[effort] - amount))
    return Settled(nearest, "it takes an effort, no budget")


def _within(tokens: int, budget: tuple[int | None, int | None]) -> int:
    least, most = budget
    return max(least or 0, tokens if most is None else min(most, tokens))


def _range(budget: tuple[int | None, int | None]) -> str:
    least, most = budget
    return f"at least {least or 0}" if most is None else f"{least or 0} to {most}"


def budget_of(wanted: Any) -> int | None:
    """Give the budget in *wanted*, a settled value; None where it is none."""
    match wanted:
        case {"type": "enabled", "budget_tokens": int(tokens)}:
            return tokens
        case _:
            amount = amount_of(wanted)
            return amount if isinstance(amount, int) and amount > 0 else None


def room(limit: int, budget: int, most: int | None) -> tuple[int, int]:
    """Give a limit of all output, at most *most*, that leaves *budget* for thoughts room for an answer of *limit*, and the budget."""
    if budget < limit:
        return limit, budget
    raised = limit + budget if most is None else max(limit, min(limit + budget, most))
    if budget < raised:
        return raised, budget
    return raised, max(min(LEAST, raised - 1), raised - min(limit, raised // 2), 1)
