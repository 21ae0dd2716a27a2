"""Fit a request to what one model can take: refuse, adapt or drop, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from llmring._core.structured import instruction
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, Message, TextPart, VideoPart
from llmring._gen.parameters import KNOWN
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring._core.request import NormalRequest
    from llmring._gen.providers import Capability, Support

OnUnsupported = Literal["error", "warn", "drop"]

NEEDS: dict[str, Capability] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "stop": "stop",
    "n": "n",
    "logprobs": "logprobs",
    "top_logprobs": "logprobs",
    "presence_penalty": "penalties",
    "frequency_penalty": "penalties",
    "parallel_tool_calls": "parallel_tools",
    "reasoning": "reasoning",
    "service_tier": "service_tier",
    "user": "user",
    "metadata": "metadata",
    "files": "files",
    "cache": "cache",
}
"""Option -> the capability that it needs."""

CONTENT: tuple[tuple[type, Capability], ...] = (
    (ImagePart, "vision"),
    (AudioPart, "audio_input"),
    (VideoPart, "video_input"),
    (FilePart, "files"),
)


@attrs.frozen(kw_only=True)
class Target:
    """One model as fitting sees it."""

    name: str
    """``provider:model``."""
    protocol: str
    capabilities: Mapping[Capability, Support]
    max_output: int | None = None
    """The most tokens that it generates, where known."""
    quirks: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen
class Fitted:
    """A request that the model can take, and what was lost on the way."""

    request: NormalRequest
    warnings: tuple[str, ...] = ()


def fit(request: NormalRequest, target: Target, on_unsupported: OnUnsupported = "error") -> Fitted:
    """Adapt *request* to *target*.

    Raises:
        UnsupportedParameterError: *on_unsupported* is ``error`` and the model cannot take a parameter or a kind of content;
            content that cannot be dropped is refused whatever it says.

    """
    warnings: list[str] = []
    options = dict(request.options)
    for name in _unsupported(request, target):
        _refuse(name, target, on_unsupported, warnings)
        options.pop(name, None)
    _check_content(request.messages, target)
    changes: dict[str, Any] = {}
    if request.tools and target.capabilities.get("tools") == "unsupported":
        _refuse("tools", target, on_unsupported, warnings)
        changes |= {"tools": (), "tool_choice": None, "tool_name": None}
    elif request.tool_choice is not None and not _takes_choice(request, target):
        _refuse("tool_choice", target, on_unsupported, warnings)
        changes |= {"tool_choice": None, "tool_name": None}
    _fill_max_tokens(options, target, warnings)
    changes |= _format_changes(request, target)
    if options != request.options:
        changes["options"] = options
    if target.quirks != request.quirks:
        changes["quirks"] = target.quirks
    return Fitted(attrs.evolve(request, **changes) if changes else request, tuple(warnings))


def _unsupported(request: NormalRequest, target: Target) -> Iterator[str]:
    known = KNOWN[target.protocol]
    for name in request.options:
        if name not in known or target.capabilities.get(NEEDS.get(name, "streaming")) == "unsupported":
            yield name


def _takes_choice(request: NormalRequest, target: Target) -> bool:
    return request.tool_choice == "auto" or target.capabilities.get("tool_choice") != "unsupported"


def _refuse(name: str, target: Target, on_unsupported: OnUnsupported, warnings: list[str]) -> None:
    if on_unsupported == "error":
        message = f"{target.name} does not take {name}; leave it out, or pass on_unsupported='warn'"
        raise UnsupportedParameterError(message, parameter=name, model=target.name, path=name)
    if on_unsupported == "warn":
        warnings.append(f"{target.name} does not take {name}; it was left out")


def _check_content(messages: tuple[Message, ...], target: Target) -> None:
    for at, message in enumerate(messages):
        content = message.content
        if content is None or isinstance(content, str):
            continue
        for place, part in enumerate(content):
            capability = _needed(part)
            if capability is not None and target.capabilities.get(capability) == "unsupported":
                path = f"messages[{at}].content[{place}]"
                text = f"{target.name} does not take {part.type} content ({path})"
                raise UnsupportedParameterError(text, parameter=part.type, model=target.name, path=path)


def _needed(part: Any) -> Capability | None:
    if isinstance(part, TextPart):
        return None
    if isinstance(part, DocumentPart):
        return "text_document" if part.text is not None else "pdf"
    return next((capability for kind, capability in CONTENT if isinstance(part, kind)), None)


def _fill_max_tokens(options: dict[str, Any], target: Target, warnings: list[str]) -> None:
    """Anthropic insists on a limit; the model's own is sent where it is known."""
    if target.protocol != "anthropic_messages" or "max_tokens" in options:
        return
    options["max_tokens"] = target.max_output or 4096
    if target.max_output is None:
        warnings.append(f"{target.name}: max_tokens was set to 4096, for the model's own limit is not known")


def _format_changes(request: NormalRequest, target: Target) -> dict[str, Any]:
    """Put the wanted form into words where the model cannot be held to it."""
    wanted = request.response_format
    if wanted is None:
        return {}
    capability: Capability = "structured" if wanted.kind == "json_schema" else "json_mode"
    if target.capabilities.get(capability, "native") == "native":
        return {}
    words = Message(role="system", content=instruction(wanted))
    return {"response_format": None, "messages": (words, *request.messages)}
