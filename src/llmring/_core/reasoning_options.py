"""Fit what a request says about thinking, and what does not go with it, to one model; what thoughts look like is no part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from llmring._core.reasoning import AMOUNTS, amount_of, budget_of, room, settle

if TYPE_CHECKING:
    from llmring._core.reasoning import Thinking

_ANTHROPIC = "anthropic_messages"
_NARROW = 0.95
"""The least ``top_p`` that Anthropic takes from a model that thinks."""


class Model(Protocol):
    """What has to be known of a model."""

    @property
    def name(self) -> str:
        """``provider:model``."""
        ...

    @property
    def protocol(self) -> str:
        """The wire format."""
        ...

    @property
    def thinking(self) -> Thinking | None:
        """How it can be asked to think."""
        ...

    @property
    def max_output(self) -> int | None:
        """The most tokens that it generates."""
        ...

    @property
    def quirks(self) -> Mapping[str, Any]:
        """Its provider's dialect."""
        ...


class Teller(Protocol):
    """Who is told what is not taken, and what is sent in its place."""

    def refuse(self, name: str, path: str | None = None, *, much: str = "") -> bool:
        """Raise, warn or stay silent; False."""
        ...

    def note(self, text: str) -> None:
        """Warn or stay silent."""
        ...


def fit_reasoning(options: dict[str, Any], model: Model, teller: Teller) -> None:
    """Say in *options* how hard to think as *model* takes it, and leave out what thinking does not go with."""
    wanted = options.get("reasoning")
    if wanted is None:
        return
    settled = settle(wanted, model.thinking, model.protocol, model.quirks)
    if settled.refused:
        teller.refuse("reasoning", much=f"{wanted!r} for ")
        if settled.value is None:
            del options["reasoning"]
            return
    options["reasoning"] = settled.value
    if settled.why is not None and not settled.refused:
        teller.note(f"{model.name}: reasoning={wanted!r} was sent as {settled.value!r}, for {settled.why}")
    if model.protocol == _ANTHROPIC and thinks(settled.value):
        _leave_out(options, teller)
        _make_room(options, model, teller)


def thinks(wanted: Any) -> bool:
    """Tell whether *wanted*, the value of ``reasoning``, asks for thoughts."""
    if isinstance(wanted, Mapping) and "type" in wanted:
        return cast("Mapping[str, Any]", wanted)["type"] != "disabled"
    return wanted is not None and amount_of(wanted) not in {0, "none"}


def adapts(wanted: Any, thinking: Thinking | None) -> bool:
    """Tell whether a model of Anthropic's that is asked for *wanted* thinks as much as it finds fit, rather than within a budget."""
    if isinstance(wanted, Mapping) and "type" in wanted:
        return cast("Mapping[str, Any]", wanted)["type"] == "adaptive"
    return isinstance(amount_of(wanted), str) and (thinking is None or thinking.adaptive)


def _leave_out(options: dict[str, Any], teller: Teller) -> None:
    """Leave out how to choose words: Anthropic's models choose for themselves while they think."""
    clashes = [
        name
        for name, value in options.items()
        if name == "top_k" or (name == "temperature" and value != 1) or (name == "top_p" and value < _NARROW)
    ]
    for name in clashes:
        teller.refuse(name, much="beside reasoning ")
        del options[name]


def _make_room(options: dict[str, Any], model: Model, teller: Teller) -> None:
    """Raise the limit of all output where the budget for thoughts would use it up."""
    budget, limit = budget_of(options["reasoning"]), options.get("max_tokens")
    if budget is None or limit is None:
        return
    raised, left = room(limit, budget, model.max_output)
    if left != budget:
        options["reasoning"] = _with_budget(options["reasoning"], left)
    if (raised, left) != (limit, budget):
        options["max_tokens"] = raised
        teller.note(f"{model.name}: max_tokens is {raised}, {left} of it for thoughts")


def _with_budget(wanted: Any, tokens: int) -> Any:
    if not isinstance(wanted, Mapping):
        return tokens
    told = cast("Mapping[str, Any]", wanted)
    return {**{key: value for key, value in told.items() if key not in AMOUNTS}, "budget_tokens": tokens}
