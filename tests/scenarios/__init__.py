"""The scenarios: each talk in each protocol that has words for it, as a whole answer, as a stream, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from llmring._gen.parameters import KNOWN, RING
from llmring._gen.providers import PROVIDERS as TABLE
from tests.scenarios.abilities import ABILITIES
from tests.scenarios.failures import FAILURES
from tests.scenarios.scenario import KEY, PROVIDERS, Scenario, Talk
from tests.scenarios.talks import OWN, TALKS
from tests.scenarios.vendors import vendors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from llmring._gen.providers import Protocol

__all__ = ["ABILITIES", "KEY", "PROVIDERS", "SCENARIOS", "WORDS", "Scenario", "Talk", "said", "scenarios"]

MODELS: Final[Mapping[Protocol, Mapping[str, str]]] = {
    "openai_chat": {"plain": "gpt-4.1-mini", **dict.fromkeys(("reasoning", "stopping", "budget"), "gpt-5.4-mini"), "hearing": "gpt-audio"},
    "openai_responses": {
        "plain": "gpt-4.1-mini",
        **dict.fromkeys(("reasoning", "stopping", "budget"), "gpt-5.4-mini"),
        "hearing": "gpt-audio",
    },
    "anthropic_messages": {"plain": "claude-sonnet-4-6", "budget": "claude-haiku-4-5"},
    "gemini_generate": {"plain": "gemini-2.5-flash", "reasoning": "gemini-3.5-flash"},
    "ollama_chat": {"plain": "llama3.2", **dict.fromkeys(("reasoning", "stopping", "budget"), "qwen3:4b")},
}
"""A provider's models by what they are asked for; where one is not named, the plain one does."""
INSISTED: Final[Mapping[str, Mapping[str, Any]]] = {"anthropic_messages": {"max_tokens": 1000}}
"""Options that a protocol cannot do without."""
WORDS: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {("gemini_generate", "service_tier"): {"service_tier": "flex"}}
"""Options that a provider calls otherwise."""
ASIDE: Final = RING | {"response_format"}
LEFT_OUT: Final = frozenset(
    {
        ("openai_chat", "hosted_tools"),  # OpenAI has them in Responses alone
        ("openai_responses", "audio_input"),  # chat completions alone take it
        ("ollama_chat", "image_url"),  # the ring fetches it before, and the wire sees bytes
    }
)
"""Talks that a protocol has no words for, though its provider can do what they need."""


def said(protocol: Protocol, name: str, talk: Talk) -> bool:
    """Tell whether *protocol* has words for *talk*."""
    can = TABLE[PROVIDERS[protocol]]["capabilities"]
    known = KNOWN[protocol] | ASIDE
    keyless = protocol == "ollama_chat" and talk.key != KEY
    return (
        all(can.get(cell) != "unsupported" for cell in talk.shows)
        and known.issuperset(talk.options)
        and (protocol, name) not in LEFT_OUT
        and not keyless
    )


def _scenario(protocol: Protocol, name: str, talk: Talk, *, stream: bool) -> Scenario:
    models = MODELS[protocol]
    return Scenario(
        name=f"{name}_stream" if stream and talk.whole else name,
        protocol=protocol,
        talk=talk,
        stream=stream,
        model="missing-model" if talk.model == "missing" else models.get(talk.model, models["plain"]),
        options={**INSISTED.get(protocol, {}), **talk.options, **WORDS.get((protocol, name), {})},
    )


def _all() -> Iterator[Scenario]:
    for protocol in PROVIDERS:
        for name, talk in {**TALKS, **ABILITIES, **FAILURES, **OWN.get(protocol, {})}.items():
            if said(protocol, name, talk):
                if talk.whole:
                    yield _scenario(protocol, name, talk, stream=False)
                if talk.stream:
                    yield _scenario(protocol, name, talk, stream=True)
    yield from vendors()


SCENARIOS: Final[Mapping[str, Scenario]] = {str(scenario): scenario for scenario in _all()}
"""Every scenario, by protocol and name."""


def scenarios(protocol: str) -> list[Scenario]:
    """Give the scenarios of *protocol*."""
    return [scenario for scenario in SCENARIOS.values() if scenario.protocol == protocol]
