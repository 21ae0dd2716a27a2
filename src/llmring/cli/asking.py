"""What the commands beside chat ask: what a call could cost, and vectors for texts."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from llmring import LLMRing
from llmring.cli.prompts import clean, piped
from llmring.cli.tables import facts
from llmring.cli.terminal import note, say, say_json
from llmring.exceptions import UnknownAliasError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

ESTIMATE = ("lower", "upper", "input_tokens", "models", "unknown")
"""The keys of ``estimate --json``; amounts are strings, *upper* is null where it is not bounded."""
EMBEDDING = ("embeddings", "model", "provider", "alias", "profile", "usage", "cost", "attempts", "warnings", "latency")
"""The keys of ``embed --json``."""
DEFAULT = "embedding"
"""The model of ``embed`` where none is named."""


def estimate_cost(prompt: str, model: str, max_tokens: int | None, profile: str | None, *, as_json: bool) -> None:
    """Say what *prompt* could cost."""
    options: dict[str, Any] = {} if max_tokens is None else {"max_tokens": max_tokens}
    found = LLMRing(profile=profile).estimate(clean(model), prompt, **options)
    if as_json:
        told = found.to_dict()
        say_json({key: told.get(key, [] if key in {"models", "unknown"} else None) for key in ESTIMATE})
        return
    upper = "not known" if found.upper is None else f"${found.upper:.6f}"
    facts(
        [
            ("at least", f"${found.lower:.6f}"),
            ("at most", upper),
            ("prompt", f"about {found.input_tokens:,} tokens"),
            ("models", ", ".join(found.models)),
        ]
    )
    for reason in found.unknown:
        note(reason)


@contextmanager
def _told(model: str) -> Generator[None]:
    """Say what to do where a lockfile has no alias of the name that is taken without ``--model``."""
    try:
        yield
    except UnknownAliasError as error:
        if model == DEFAULT:
            error.add_note(f"name one with --model, or bind it: llmring bind {DEFAULT} openai:text-embedding-3-small")
        raise


def embed_texts(texts: Sequence[str], model: str, dimensions: int | None, profile: str | None, *, lines: bool, as_json: bool) -> None:
    """Write a vector for each of *texts*, or for what is piped in, as a whole or by *lines*.

    Raises:
        UsageError: there is no text.

    """
    given = [clean(text) for text in texts]
    if not given and (read := piped()):
        given = [clean(line) for line in read.splitlines() if line.strip()] if lines else [clean(read)]
    if not given:
        raise click.UsageError("give TEXTS, or pipe some in")
    from llmring.cli.rings import ring

    with ring() as asked, _told(model):
        answer = asked.embed(clean(model), given, dimensions=dimensions, profile=profile)
    if as_json:
        told = answer.to_dict()
        say_json({key: told.get(key, [] if key in {"attempts", "warnings"} else None) for key in EMBEDDING})
        return
    for vector in answer.embeddings:
        say(json.dumps(vector))
