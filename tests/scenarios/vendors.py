"""What a vendor of a compatible API does otherwise than the API's own provider: a talk for each such cell of the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import attrs

from tests.scenarios.abilities import ABILITIES, FORM
from tests.scenarios.scenario import Scenario, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring._gen.providers import Capability

CALL: Final = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>'


def _written(cell: Capability, calls: str) -> Talk:
    """Give the talk of *cell*, answered by *calls* that are written into the text."""
    return attrs.evolve(ABILITIES[cell], simulate=f"say={quote(calls)}", stream=True)


VENDORS: Final[Mapping[tuple[str, str], Mapping[Capability, Talk]]] = {
    ("deepseek", "deepseek-v4-flash"): {
        "structured": Talk(
            messages="Where is the Louvre?", options={"response_format": FORM, "reasoning": "none"}, stream=True, shows=("structured",)
        ),
    },
    ("fireworks", "some-model"): {"top_k": ABILITIES["top_k"]},
    ("groq", "some-model"): {"hosted_tools": ABILITIES["hosted_tools"]},
    ("perplexity", "some-model"): {
        "tools": _written("tools", CALL),
        "tool_choice": _written("tool_choice", CALL),
        "parallel_tools": _written("parallel_tools", f"{CALL}\n{CALL.replace('Paris', 'Rome')}"),
        "json_mode": ABILITIES["json_mode"],
    },
}
"""Vendor and model to what it shows; cells that are as the provider's own are shown there."""


def vendors() -> Iterator[Scenario]:
    """Yield the scenario of each talk, whole and streamed."""
    for (vendor, model), talks in VENDORS.items():
        for cell, talk in talks.items():
            for stream in (False, True)[: 1 + talk.stream]:
                yield _scenario(vendor, model, f"{vendor}_{cell}{'_stream' if stream else ''}", talk, stream=stream)


def _scenario(vendor: str, model: str, name: str, talk: Talk, *, stream: bool) -> Scenario:
    options: dict[str, Any] = {**talk.options}
    return Scenario(name=name, protocol="openai_chat", talk=talk, stream=stream, model=model, options=options, vendor=vendor)
