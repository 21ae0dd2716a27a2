"""Find, describe, recommend and price models by the registry; the lockfile is none of its business."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from llmring._core.near import closest, hint
from llmring._core.need import RETIRING_DAYS, Need, Status, lacks
from llmring._core.ranking import Priority, blended, ranked
from llmring._gen.providers import NAMES
from llmring.advice.rows import bounded, cut, key_of, row, whole
from llmring.exceptions import RequestError, UnknownProviderError
from llmring.providers import ABILITIES
from llmring.registry import load

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo
    from llmring._core.registry import Registry

MOST_MODELS = 50
"""So many models are told of at once."""

Ability = Annotated[
    list[str], "Abilities that every model must have, such as tools, vision, structured, reasoning, pdf, audio_input, web_search."
]
Provider = Annotated[str, "Only models of this provider, such as openai, anthropic, google, ollama; empty for all."]
Context = Annotated[int, "Tokens that must fit into prompt and answer together; 0 asks nothing."]
Output = Annotated[int, "Tokens that an answer must be able to have; 0 asks nothing."]
InputPrice = Annotated[float | None, "Most dollars per million input tokens; a model whose price is not known is left out."]
OutputPrice = Annotated[float | None, "Most dollars per million output tokens; a model whose price is not known is left out."]
Kind = Literal["chat", "embedding", "any"]
Order = Literal["price", "context", "newest", "name"]


class Catalogue:
    """What is known of models on one day."""

    def __init__(self, registry: Registry | None = None, today: date | None = None) -> None:
        """Speak by *registry*, the one in force without it, of *today*."""
        self._registry = registry or load()
        self._date = today or datetime.now(UTC).date()
        self._day = self._date.isoformat()
        self._soon = (self._date + timedelta(RETIRING_DAYS)).isoformat()

    def list_models(
        self,
        *,
        provider: Provider = "",
        can: Ability = [],
        kind: Kind = "chat",
        min_context: Context = 0,
        min_output: Output = 0,
        max_input_price: InputPrice = None,
        max_output_price: OutputPrice = None,
        status: Annotated[Status, "retiring: gone within 90 days."] = "current",
        search: Annotated[str, "A part of the model's name, id or family."] = "",
        key_here: Annotated[bool, "Only models of providers whose key is here, or not needed."] = False,
        sort: Order = "price",
        limit: Annotated[int, "How many to tell of, at most 50."] = 20,
    ) -> dict[str, Any]:
        """List models that the registry knows, filtered and sorted. Prices are dollars per million tokens; null means not known.

        Raises:
            RequestError: a filter is wrong.
            UnknownProviderError: there is no such provider.

        """
        need = self._need(provider, can, kind, min_context, min_output, max_input_price, max_output_price, status, search)
        fitting = [info for info in self._registry.models() if self._lacks(info, need) is None]
        found = [info for info in fitting if not key_here or key_of(info.provider) != "missing"]
        found.sort(key=lambda info: (self._rank(info, sort), info.provider, info.id))
        shown, left = bounded(found, _limit(limit))
        rows = [row(info, self._registry, self._day, self._soon) for info in shown]
        return {"found": len(found), "models": rows, "left_off": left, "as_of": self._registry.date}

    def describe_model(self, model: Annotated[str, "provider:model"]) -> dict[str, Any]:
        """Tell all that the registry knows of one model: limits, abilities, every price, retirement.

        Raises:
            RequestError: *model* is no ``provider:model``.
            UnknownProviderError: there is no such provider.

        """
        info = self._find(model)
        if info is not None:
            return whole(info, self._registry, self._day, self._soon)
        provider, _, name = model.partition(":")
        near = [f"{provider}:{each}" for each in closest(name, self._registry.names(NAMES[provider]))]
        why = "it can be bound and called all the same, but its limits and prices are not known"
        return {"model": cut(model), "known": False, "why": why, "did_you_mean": near, "key": key_of(provider)}

    def recommend_models(
        self,
        *,
        priority: Annotated[Priority, "What matters most."] = "balanced",
        can: Ability = [],
        provider: Provider = "",
        kind: Kind = "chat",
        min_context: Context = 0,
        min_output: Output = 0,
        max_input_price: InputPrice = None,
        max_output_price: OutputPrice = None,
        key_here: Annotated[bool, "Only models of providers whose key is here, or not needed."] = False,
        one_per_provider: Annotated[bool, "The best of each provider: good fallbacks for each other."] = False,
        limit: Annotated[int, "How many to recommend, at most 50."] = 5,
    ) -> dict[str, Any]:
        """Recommend models for a need, the best first, each with a score from 0 to 1 and reasons; the same need gives the same answer.

        Scored are price, the registry's hints of intelligence and speed, newness, context, and whether a key is here.
        Models that lack what is asked, or retire within 90 days, are left out and counted.

        Raises:
            RequestError: something asked for is wrong.
            UnknownProviderError: there is no such provider.

        """
        need = self._need(provider, can, kind, min_context, min_output, max_input_price, max_output_price, "current", "")
        told = [(info, self._lacks(info, need)) for info in self._registry.models()]
        out = Counter(reason for _, reason in told if reason is not None)
        fitting = [info for info, reason in told if reason is None]
        wanted = [info for info in fitting if not key_here or key_of(info.provider) != "missing"]
        if key_here and len(wanted) < len(fitting):
            out["without a key here"] = len(fitting) - len(wanted)
        best = ranked(wanted, priority, self._day, key_of)
        if one_per_provider:
            best = list({each.info.provider: each for each in reversed(best)}.values())[::-1]
        shown, left = bounded(best, _limit(limit))
        rows = [
            row(each.info, self._registry, self._day, self._soon) | {"score": each.score, "reasons": list(each.reasons)} for each in shown
        ]
        return {"priority": priority, "recommended": rows, "left_off": left, "left_out": dict(out.most_common(10))}

    def _lacks(self, info: ModelInfo, need: Need) -> str | None:
        return lacks(info, need, self._registry, self._day, self._soon)

    def _find(self, model: str) -> ModelInfo | None:
        """Return what is known of *model*; None where the registry has it not."""
        provider, _, name = model.partition(":")
        if not provider or not name:
            near = [f"{info.provider}:{info.id}" for info in self._registry.models() if model and model in {info.id, *info.aliases}]
            raise RequestError(f"{cut(model)!r} is no model; write provider:model, as in openai:gpt-5.4-mini{hint(near[:3])}", path="model")
        return self._registry.find(self._provider(provider), name)

    def _provider(self, name: str) -> str:
        if name not in NAMES:
            near = closest(name, NAMES)
            raise UnknownProviderError(f"There is no provider {cut(name)!r}{hint(near)}", name=name, near=near)
        return NAMES[name]

    def _need(  # noqa: PLR0917 - as its callers' callers have it
        self,
        provider: str,
        can: list[str],
        kind: str,
        context: int,
        output: int,
        price: float | None,
        answer: float | None,
        status: Status,
        search: str,
    ) -> Need:
        for ability in can:
            if ability not in ABILITIES:
                raise RequestError(
                    f"There is no ability {cut(ability)!r}{hint(closest(ability, ABILITIES))} There are: {', '.join(ABILITIES)}.",
                    path="can",
                )
        for name, value in (("min_context", context), ("min_output", output), ("max_input_price", price), ("max_output_price", answer)):
            if value is not None and not 0 <= value < float("inf"):
                raise RequestError(f"{name} must be at least 0, not {value}", path=name)
        return Need(
            provider=self._provider(provider) if provider else None,
            can=tuple(can),
            kind=kind,
            min_context=context or None,
            min_output=output or None,
            max_input_price=None if price is None else Decimal(str(price)),
            max_output_price=None if answer is None else Decimal(str(answer)),
            status=status,
            search=search,
        )

    def _rank(self, info: ModelInfo, by: Order) -> Any:
        match by:
            case "price":
                blend = blended(info, self._day)
                return float("inf") if blend is None else blend
            case "context":
                return -(info.context or 0)
            case "newest":
                return [-ord(each) for each in info.released or "0"]
            case _:
                return 0


def _limit(limit: int) -> int:
    if not 1 <= limit <= MOST_MODELS:
        raise RequestError(f"limit must be from 1 to {MOST_MODELS}, not {limit}", path="limit")
    return limit
