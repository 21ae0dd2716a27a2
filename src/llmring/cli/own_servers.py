"""What a server of the user's own tells of its models, where no registry can list them: Ollama's, by its `/api/show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring import LLMRing
from llmring.cli.terminal import note
from llmring.exceptions import LLMRingError
from llmring.providers import provider_status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring.schemas import ListedModel

PROTOCOL = "ollama_chat"
PATIENCE = 3.0
"""Seconds that a server has for each answer; it is near, or it is not there."""


def told(models: Iterable[str]) -> dict[str, ListedModel]:
    """Ask the servers of *models*, each ``provider:model``, and give what they tell of those that they have; what they lack is noted."""
    wanted: dict[str, list[str]] = {}
    for model in models:
        wanted.setdefault(model.partition(":")[0], []).append(model)
    asked = [provider for provider in wanted if provider_status(provider).protocol == PROTOCOL and provider_status(provider).usable]
    if not asked:
        return {}
    with LLMRing(max_retries=0) as ring:
        return {name: model for provider in asked for name, model in _asked(ring, provider, wanted[provider]).items()}


def _asked(ring: LLMRing, provider: str, names: list[str]) -> dict[str, ListedModel]:
    try:
        there = {each.model: each for each in ring.list_models(provider, timeout=PATIENCE)}
    except LLMRingError:
        note(f"{provider} does not answer at {provider_status(provider).base_url}; what is told is what the registry knows")
        return {}
    found = {name: there.get(name) or there.get(f"{name}:latest") for name in names}
    for name in (name for name, model in found.items() if model is None):
        note(f"{name} is not on the server; fetch it: ollama pull {name.partition(':')[2]}")
    return {name: model for name, model in found.items() if model is not None}
