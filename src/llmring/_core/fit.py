"""Fit a request to what one model can take: refuse, adapt or drop, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llmring._core import form
from llmring._core.crossing import cross, warning
from llmring._core.hosted_tools import OWN, lacks, strange
from llmring._core.reasoning import Thinking, amount_of
from llmring._core.reasoning_options import fit_reasoning, thinks
from llmring._core.tool_emulation import in_words, needs_words
from llmring._core.tool_media import TEXT_ALONE, media_apart
from llmring._core.window import CUTTING, Prompt, check, size_of
from llmring._core.wishes import without_citations, without_strict
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
    thinking: Thinking | None = None
    """How it can be asked to think, where known."""
    window: int | None = None
    """The tokens that a prompt may have, where known."""
    forced_tools: bool = True
    """Whether it can be made to call a tool."""
    hottest: float | None = None
    """The highest temperature that it takes, where known."""


@attrs.frozen
class Fitted:
    """A request that the model can take, and what was lost on the way."""

    request: NormalRequest
    warnings: tuple[str, ...] = ()
    first_call: int | None = None
    """Where tools were put into words and calls are to be read from the text: the number of the first one."""
    prompt: Prompt | None = None
    """What was sent to a server that may cut it."""


def fit(request: NormalRequest, target: Target, on_unsupported: OnUnsupported = "error") -> Fitted:
    """Adapt *request* to *target*.

    Raises:
        UnsupportedParameterError: *on_unsupported* is ``error`` and the model cannot take a parameter or a kind of content;
            content that cannot be dropped is refused whatever it says.

    """
    fitting = _Fitting(target, on_unsupported)
    request = _shown(request, fitting)
    first_call = None
    if target.capabilities.get("tools") == "emulated" and needs_words(request):
        first_call = sum(len(message.tool_calls) for message in request.messages)
        request = _spoken(request, fitting)
    characters = _check_content(request.messages, target)
    check(characters, target.name, target.window)
    if target.protocol in TEXT_ALONE and (apart := media_apart(request.messages)) is not request.messages:
        request = attrs.evolve(request, messages=apart)
    changes: dict[str, Any] = {**_tool_changes(request, fitting), **_format_changes(request, fitting)}
    options = {name: value for name, value in request.options.items() if fitting.takes(name, value)}
    if changes.get("tools") == ():
        options.pop("parallel_tool_calls", None)
    _fill_max_tokens(options, fitting)
    fit_reasoning(options, target, fitting)
    if options != request.options:
        changes["options"] = options
    extra = {key: value for key, value in request.extra.items() if fitting.takes_extra(key)}
    if len(extra) < len(request.extra):
        changes["extra"] = extra
    if target.quirks != request.quirks:
        changes["quirks"] = target.quirks
    prompt = Prompt(characters, size_of(request)) if target.protocol in CUTTING else None
    return Fitted(attrs.evolve(request, **changes) if changes else request, tuple(fitting.warnings), first_call, prompt)


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

    def note(self, text: str) -> None:
        """Warn of what was changed, unless the caller wants to hear of nothing."""
        if self.on_unsupported != "drop":
            self.warnings.append(text)

    def takes(self, name: str, value: Any) -> bool:
        """Tell whether the model takes option *name*."""
        need = NEEDS.get(name)
        support = None if need is None else self.target.capabilities.get(need)
        if support == "unsupported" and _usual(name, value):
            return False
        if name == "temperature" and self.target.hottest is not None and value > self.target.hottest:
            return self.refuse(name, much=f"more than {self.target.hottest:g} for ")
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


def _usual(name: str, value: Any) -> bool:
    """Tell whether *value* is what models do that take no *name*: choose freely, and think not."""
    return value == 1 if name in {"temperature", "top_p"} else name == "reasoning" and amount_of(value) in {0, "none"}


def _shown(request: NormalRequest, fitting: _Fitting) -> NormalRequest:
    """Give *request* with what the model may see of the conversation."""
    target = fitting.target
    messages, lost = cross(request.messages, target.protocol, target.quirks)
    if lost:
        fitting.note(warning(target.name, lost))
    if messages is not request.messages:
        request = attrs.evolve(request, messages=messages)
    cited = without_citations(request, target.capabilities, fitting.refuse)
    return request if cited is request.messages else attrs.evolve(request, messages=cited)


def _spoken(request: NormalRequest, fitting: _Fitting) -> NormalRequest:
    """Put the tools and what came of them into words; only functions can be."""
    for at, tool in enumerate(request.tools):
        if tool.type == "custom":
            fitting.refuse("the tool custom", f"tools[{at}]")
    fitting.note(f"{fitting.target.name} has no tools of its own; they were put into words")
    without_strict(request.tools, fitting.target.capabilities, fitting.refuse)
    return in_words(request)


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
    held = without_strict(changes.get("tools", tools), able, fitting.refuse)
    if held is not tools:
        changes["tools"] = held
    if request.tool_choice not in {None, "auto"} and able.get("tool_choice") == "unsupported":
        fitting.refuse("tool_choice")
        changes |= _NO_CHOICE
    elif request.tool_choice in {"required", "function"} and not _forces(request, fitting.target):
        fitting.refuse("tool_choice", much="a forced ")
        changes |= _NO_CHOICE
    return changes


def _forces(request: NormalRequest, target: Target) -> bool:
    """Tell whether the model can be made to call a tool; those of Anthropic cannot while they think."""
    return target.forced_tools and not (target.protocol == "anthropic_messages" and thinks(request.options.get("reasoning")))


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


def _check_content(messages: tuple[Message, ...], target: Target) -> int:
    """Refuse content that the model does not take; give the number of characters in the rest."""
    characters = 0
    for at, message in enumerate(messages):
        content = message.content
        if isinstance(content, str):
            characters += len(content)
        elif content is not None:
            characters += _check_parts(content, f"messages[{at}].content", target)
    return characters


def _check_parts(parts: list[Part], path: str, target: Target) -> int:
    characters = 0
    for at, part in enumerate(parts):
        if isinstance(part, TextPart):
            characters += len(part.text)
            continue
        if isinstance(part, ToolResultPart):
            inner = part.content
            characters += len(inner) if isinstance(inner, str) else _check_parts(inner, f"{path}[{at}].content", target)
            continue
        capability = _needed(part)
        if capability is not None and target.capabilities.get(capability) == "unsupported":
            text = f"{target.name} does not take {part.type} content ({path}[{at}])"
            raise UnsupportedParameterError(text, parameter=part.type, model=target.name, path=f"{path}[{at}]")
    return characters


def _needed(part: Any) -> Capability | None:
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


def _format_changes(request: NormalRequest, fitting: _Fitting) -> dict[str, Any]:
    """Ask for the wanted form as the model understands it."""
    target, wanted = fitting.target, request.response_format
    if wanted is None:
        return {}
    if target.capabilities.get(form.capability(wanted)) == "unsupported":
        fitting.refuse("response_format")
        return {"response_format": None}
    return form.ask(request, target.capabilities, target.protocol, lambda text: fitting.note(f"{target.name}: {text}"))
