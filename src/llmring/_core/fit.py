"""Fit a request to what one model can take: refuse, adapt or drop, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llmring._core.hosted_tools import OWN, lacks, strange
from llmring._core.structured import instruction
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, Message, TextPart, ToolResultPart, VideoPart
from llmring._gen.parameters import EXTRA, KNOWN
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Part
    from llmring._gen.providers import Capability, Support
    from llmring._gen.tool import Tool

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

COUNTED: frozenset[Capability] = frozenset({"stop", "n"})
"""Capabilities whose number in the spec limits the option of that name."""

CONTENT: tuple[tuple[type, Capability], ...] = (
    (ImagePart, "vision"),
    (AudioPart, "audio_input"),
    (VideoPart, "video_input"),
    (FilePart, "files"),
)

_NO_CHOICE: Final[Mapping[str, None]] = {"tool_choice": None, "tool_name": None}


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
    fitting = _Fitting(target, on_unsupported)
    _check_content(request.messages, target)
    changes: dict[str, Any] = {**_tool_changes(request, fitting), **_format_changes(request, target)}
    options = {name: value for name, value in request.options.items() if fitting.takes(name, value)}
    if changes.get("tools") == ():
        options.pop("parallel_tool_calls", None)
    _fill_max_tokens(options, fitting)
    if options != request.options:
        changes["options"] = options
    extra = {key: value for key, value in request.extra.items() if fitting.takes_extra(key)}
    if len(extra) < len(request.extra):
        changes["extra"] = extra
    if target.quirks != request.quirks:
        changes["quirks"] = target.quirks
    return Fitted(attrs.evolve(request, **changes) if changes else request, tuple(fitting.warnings))


@attrs.frozen
class _Fitting:
    """What is taken and what is not, told as the caller wants it told."""

    target: Target
    on_unsupported: OnUnsupported
    warnings: list[str] = attrs.field(factory=list[str])

    def refuse(self, name: str, path: str | None = None, *, much: str = "") -> bool:
        """Raise, warn or stay silent about parameter *name*; *much* says how much of it would be taken."""
        if self.on_unsupported == "error":
            message = f"{self.target.name} does not take {much}{name}; leave it out, or pass on_unsupported='warn'"
            raise UnsupportedParameterError(message, parameter=name, model=self.target.name, path=path or name)
        if self.on_unsupported == "warn":
            self.warnings.append(f"{self.target.name} does not take {much}{name}; it was left out")
        return False

    def takes(self, name: str, value: Any) -> bool:
        """Tell whether the model takes option *name*."""
        need = NEEDS.get(name)
        support = None if need is None else self.target.capabilities.get(need)
        if name not in KNOWN[self.target.protocol] or support == "unsupported":
            return self.refuse(name)
        if need in COUNTED and isinstance(support, int) and _count(value) > support:
            return self.refuse(name, much=f"more than {support} of ")
        return True

    def takes_extra(self, key: str) -> bool:
        """Tell whether key *key* of ``extra_params`` may be sent: what is known for other protocols alone may not."""
        if key in EXTRA[self.target.protocol] or not any(key in known for known in EXTRA.values()):
            return True
        return self.refuse(key, f"extra_params.{key}")


def _count(value: Any) -> int:
    """Count what is asked for: a number, or the texts of a list."""
    return value if isinstance(value, int) else 1 if isinstance(value, str) else len(value)


def _tool_changes(request: NormalRequest, fitting: _Fitting) -> dict[str, Any]:
    """Leave out the tools, or the choice among them, that the model does not take."""
    tools, able = request.tools, fitting.target.capabilities
    changes: dict[str, Any] = {}
    if tools and able.get("tools") == "unsupported":
        fitting.refuse("tools")
        changes["tools"] = ()
    elif any(tool.type not in OWN for tool in tools):
        kept = tuple(_taken(tools, fitting))
        if kept != tools:
            changes["tools"] = kept
    if changes.get("tools") == ():
        return changes | _NO_CHOICE
    if request.tool_choice not in {None, "auto"} and able.get("tool_choice") == "unsupported":
        fitting.refuse("tool_choice")
        changes |= _NO_CHOICE
    return changes


def _taken(tools: tuple[Tool, ...], fitting: _Fitting) -> Iterator[Tool]:
    """Yield the tools that the provider hosts and the caller's own; of the hosted ones, leave out the settings that it does not have."""
    target = fitting.target
    for at, tool in enumerate(tools):
        if tool.type in OWN:
            yield tool
        elif target.capabilities.get("hosted_tools") == "unsupported" or lacks(tool, target.protocol):
            fitting.refuse(f"the tool {tool.type}", f"tools[{at}]")
        else:
            strangers = [
                key for key in strange(tool, target.protocol) if not fitting.refuse(f"{key} of the tool {tool.type}", f"tools[{at}].{key}")
            ]
            config = {key: value for key, value in tool.config.items() if key not in strangers}
            yield attrs.evolve(tool, config=config) if strangers else tool


def _check_content(messages: tuple[Message, ...], target: Target) -> None:
    for at, message in enumerate(messages):
        content = message.content
        if content is not None and not isinstance(content, str):
            _check_parts(content, f"messages[{at}].content", target)


def _check_parts(parts: list[Part], path: str, target: Target) -> None:
    for at, part in enumerate(parts):
        if isinstance(part, ToolResultPart):
            if isinstance(part.content, list):
                _check_parts(part.content, f"{path}[{at}].content", target)
            continue
        capability = _needed(part)
        if capability is not None and target.capabilities.get(capability) == "unsupported":
            text = f"{target.name} does not take {part.type} content ({path}[{at}])"
            raise UnsupportedParameterError(text, parameter=part.type, model=target.name, path=f"{path}[{at}]")


def _needed(part: Any) -> Capability | None:
    if isinstance(part, TextPart):
        return None
    if isinstance(part, DocumentPart):
        return "text_document" if part.text is not None else "pdf"
    return next((capability for kind, capability in CONTENT if isinstance(part, kind)), None)


def _fill_max_tokens(options: dict[str, Any], fitting: _Fitting) -> None:
    """Anthropic insists on a limit; the model's own is sent where it is known."""
    target = fitting.target
    if target.protocol != "anthropic_messages" or "max_tokens" in options:
        return
    options["max_tokens"] = target.max_output or 4096
    if target.max_output is None:
        fitting.warnings.append(f"{target.name}: max_tokens was set to 4096, for the model's own limit is not known")


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
