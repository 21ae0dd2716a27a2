"""Make up log probabilities for the pieces of a text, in the form that both of OpenAI's APIs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring.testing.simulator.values import Ask, JsonObject

__all__ = ["logprobs"]


def logprobs(ask: Ask, said: Iterable[str], choice: int) -> list[JsonObject]:
    """Give one entry per piece *said*, each with as many alternatives as *ask* wants."""
    return [_entry(ask, piece, choice) for piece in said]


def _entry(ask: Ask, piece: str, choice: int) -> JsonObject:
    dice = ask.dice("logprob", choice, piece)
    first = _token(piece, -dice.random() / 10)
    others = [_token(f"{piece}{at}", -2.5 - at - dice.random()) for at in range(1, ask.top_logprobs)]
    return {**first, "top_logprobs": [first, *others] if ask.top_logprobs else []}


def _token(text: str, probability: float) -> JsonObject:
    return {"token": text, "logprob": round(probability, 6), "bytes": list(text.encode())}
