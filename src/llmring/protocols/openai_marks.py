"""Cache breakpoints of OpenAI's, in both of its wire formats: which models know them, and where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmring._core.caching import openai_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.message import Message


def marks(quirks: Mapping[str, Any], model: str) -> bool:
    """Tell whether *model* knows breakpoints, by the provider's ``cache_breakpoints``."""
    known = quirks.get("cache_breakpoints")
    return known is not None and re.search(known, model) is not None


def mark_of(message: Message) -> Any:
    """Give the mark of a whole *message*, None without one."""
    return None if message.metadata is None else message.metadata.get("cache_control")


def marked(part: dict[str, Any], mark: Any) -> dict[str, Any]:
    """Give a content *part* with a breakpoint after it."""
    return {**part, "prompt_cache_breakpoint": openai_mark(mark)}
