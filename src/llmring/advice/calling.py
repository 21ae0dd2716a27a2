"""Call a function of advice as a model does: by its description, with arguments as they came; for servers and loops of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.arguments import arguments_of
from llmring._core.functions import described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring._gen.tool import Tool


def describe(function: Callable[..., dict[str, Any]]) -> Tool:
    """Describe *function* as a tool: its name, what it is for, and the JSON Schema of what it takes."""
    return described(function, "tools").tool


def call(function: Callable[..., dict[str, Any]], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Call *function* with *arguments* that were decoded from JSON.

    Raises:
        ToolError: they are not what it takes; the text is meant for the model.
        LLMRingError: what the function raises.

    """
    places, names = arguments_of(described(function, "tools"), dict(arguments))
    return function(*places, **names)
