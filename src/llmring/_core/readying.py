"""Choose the protocol for a model and a request, and make the model ready to be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.fit import Target
from llmring._core.reasoning import Thinking
from llmring._core.request import Texts
from llmring._core.target import Ready, base_headers
from llmring._gen.message import FilePart, OpaquePart, ReasoningPart, ToolResultPart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from llmring._core.endpoint import Endpoint
    from llmring._core.model_info import ModelInfo
    from llmring._core.plan import Candidate
    from llmring._core.request import NormalRequest
    from llmring._gen.message import Part
    from llmring._gen.providers import Capability, Support

ALTERNATE = "openai_responses"
"""The protocol for what chat completions cannot say: hosted tools, files, reasoning items."""


EMULATED = frozenset({"structured", "tools"})
"""Abilities that a model which lacks them gets from words and checks."""


def wants_alternate(request: NormalRequest) -> bool:
    """Tell whether *request* needs what only OpenAI's Responses API has."""
    if any(tool.type not in {"function", "custom"} for tool in request.tools) or "files" in request.options:
        return True
    if type(request.messages) is Texts:
        return False
    return any(_alternate(part) for message in request.messages if isinstance(message.content, list) for part in message.content)


def _alternate(part: Part) -> bool:
    """Tell whether *part* is a registered file, holds one, or is the alternate's own."""
    if isinstance(part, ToolResultPart):
        return isinstance(part.content, list) and any(map(_alternate, part.content))
    return isinstance(part, FilePart) or (isinstance(part, (ReasoningPart, OpaquePart)) and part.protocol == ALTERNATE)


def protocol_for(endpoint: Endpoint, info: ModelInfo | None, *, alternate: bool, fixed: bool) -> str:
    """Name the protocol to call by; with *fixed* it is the one configured, whatever model and request would need."""
    if not fixed and ALTERNATE in endpoint.entry["protocols"] and (alternate or (info is not None and info.protocol == ALTERNATE)):
        return ALTERNATE
    return endpoint.protocol


def make_ready(candidate: Candidate, endpoint: Endpoint, info: ModelInfo | None, protocol: ModuleType) -> Ready:
    """Make *candidate* ready to be called by *protocol*.

    Raises:
        MissingAPIKeyError: the provider needs a key, and there is none.

    """
    name = str(candidate)
    limits = Target(
        name=name,
        protocol=protocol.NAME,
        capabilities=_abilities(endpoint.capabilities, info),
        max_output=info.max_output if info is not None else None,
        quirks=endpoint.entry["quirks"],
        thinking=Thinking.of(info),
        window=None if info is None else info.max_input or info.context,
        forced_tools=info is None or info.can("forced_tools") is not False,
        limits=_limits(endpoint.entry["limits"], info),
        hottest=endpoint.entry["limits"].get("temperature"),
    )
    return Ready(
        candidate=candidate,
        endpoint=endpoint,
        protocol=protocol,
        info=info,
        limits=limits,
        headers=base_headers(endpoint),
    )


def _limits(provider: Mapping[str, int], info: ModelInfo | None) -> Mapping[str, int]:
    """Give how much the model takes: of a small window less, where its provider says so."""
    small = provider.get("small_window")
    if small is None or info is None or info.context is None or info.context > small:
        return provider
    return {**provider, **{key.removeprefix("small_"): value for key, value in provider.items() if key.startswith("small_")}}


def _abilities(provider: Mapping[Capability, Support], info: ModelInfo | None) -> Mapping[Capability, Support]:
    """Let what is known of the model override what its provider can."""
    if info is None:
        return provider
    changed: dict[Any, Support] = {}
    for ability, has in info.abilities.items():
        known = provider.get(cast("Capability", ability))
        if not has and (known == "native" or isinstance(known, int)):
            changed[ability] = "emulated" if ability in EMULATED else "unsupported"
    return {**provider, **changed} if changed else provider
