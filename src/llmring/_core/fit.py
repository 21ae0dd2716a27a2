"""Fit a request to what one model can take: refuse, adapt or drop, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core import form
from llmring._core.cache_marks import check_marks
from llmring._core.caching import fit_cache
from llmring._core.crossing import cross, warning
from llmring._core.fit_content import check_content
from llmring._core.fit_tools import spoken, tool_changes
from llmring._core.fitting import Fitting, OnUnsupported, Target
from llmring._core.making import changed
from llmring._core.reasoning_options import fit_reasoning
from llmring._core.tool_emulation import needs_words
from llmring._core.tool_media import TEXT_ALONE, media_apart
from llmring._core.tool_words import worded
from llmring._core.window import CUTTING, Prompt, check, size_of
from llmring._core.wishes import without_citations

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest

__all__ = ["Fitted", "OnUnsupported", "Target", "fit"]


@attrs.frozen
class Fitted:
    """A request that the model can take, and what was lost on the way."""

    request: NormalRequest
    warnings: tuple[str, ...] = ()
    first_call: int | None = None
    """Where tools were put into words and calls are to be read from the text: the number of the first one."""
    prompt: Prompt | None = None
    """What was sent to a server that may cut it."""
    by_call: bool = False
    """Whether the answer is to be read from the arguments of the one tool there is."""


def fit(request: NormalRequest, target: Target, on_unsupported: OnUnsupported = "error") -> Fitted:
    """Adapt *request* to *target*.

    Raises:
        UnsupportedParameterError: *on_unsupported* is ``error`` and the model cannot take a parameter or a kind of content;
            content that cannot be dropped is refused whatever it says.

    """
    fitting = Fitting(target, on_unsupported)
    request = _shown(request, fitting)
    if request.worded:
        request = attrs.evolve(request, messages=worded(request.messages, target, fitting.note))
    first_call = None
    if target.capabilities.get("tools") == "emulated" and needs_words(request):
        first_call = sum(len(message.tool_calls) for message in request.messages)
        request = spoken(request, fitting)
    characters = check_content(request.messages, target)
    check(characters, target.name, target.window)
    check_marks(request, target)
    if target.protocol in TEXT_ALONE and (apart := media_apart(request.messages)) is not request.messages:
        request = attrs.evolve(request, messages=apart)
    formed = _format_changes(request, fitting)
    changes: dict[str, Any] = {**tool_changes(request, fitting), **formed}
    changes |= _option_changes(request, fitting, toolless=changes.get("tools") == ())
    if target.quirks != request.quirks:
        changes["quirks"] = target.quirks
    prompt = Prompt(characters, size_of(request)) if target.protocol in CUTTING else None
    fitted = changed(request, changes) if changes else request
    return Fitted(fitted, tuple(fitting.warnings), first_call, prompt, form.by_call(formed))


def _option_changes(request: NormalRequest, fitting: Fitting, *, toolless: bool) -> dict[str, Any]:
    """Leave out the options that the model does not take; say the others as it takes them."""
    options = {name: value for name, value in request.options.items() if fitting.takes(name, value)}
    if toolless:
        options.pop("parallel_tool_calls", None)
    _fill_max_tokens(options, fitting)
    fit_reasoning(options, fitting.target, fitting)
    fit_cache(options, fitting)
    changes: dict[str, Any] = {} if options == request.options else {"options": options}
    extra = {key: value for key, value in request.extra.items() if fitting.takes_extra(key)}
    return changes if len(extra) == len(request.extra) else {**changes, "extra": extra}


def _shown(request: NormalRequest, fitting: Fitting) -> NormalRequest:
    """Give *request* with what the model may see of the conversation."""
    target = fitting.target
    messages, lost = cross(request.messages, target.protocol, target.quirks)
    if lost:
        fitting.note(warning(target.name, lost))
    if messages is not request.messages:
        request = attrs.evolve(request, messages=messages)
    cited = without_citations(request, target.capabilities, fitting.refuse)
    return request if cited is request.messages else attrs.evolve(request, messages=cited)


def _fill_max_tokens(options: dict[str, Any], fitting: Fitting) -> None:
    """Anthropic insists on a limit; the model's own is sent where it is known."""
    target = fitting.target
    if target.protocol != "anthropic_messages" or "max_tokens" in options:
        return
    options["max_tokens"] = target.max_output or 4096
    if target.max_output is None:
        fitting.warnings.append(f"{target.name}: max_tokens was set to 4096, for the model's own limit is not known")


def _format_changes(request: NormalRequest, fitting: Fitting) -> dict[str, Any]:
    """Ask for the wanted form as the model understands it."""
    target, wanted = fitting.target, request.response_format
    if wanted is None:
        return {}
    if target.capabilities.get(form.capability(wanted)) == "unsupported":
        fitting.refuse("response_format")
        return {"response_format": None}
    return form.ask(request, wanted, target, lambda text: fitting.note(f"{target.name}: {text}"))
