"""What a client's user has set, for all of its servers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.mcp.client.offers import Elicitation, LogMessage, Progress

    Elicit = Callable[[Elicitation], Any]
    """Asks the user: gives the answer as a dict (True for a page that was visited), None to decline; may be a coroutine function."""
    OnProgress = Callable[[Progress], Any]
    OnLog = Callable[[LogMessage], Any]


@attrs.frozen(kw_only=True)
class Settings:
    """Bounds and callbacks."""

    timeout: float = 60.0
    connect_timeout: float = 30.0
    elicit: Elicit | None = None
    on_progress: OnProgress | None = None
    on_log: OnLog | None = None
    max_result_bytes: int = 10_000_000
    mode: str = "auto"

    def __attrs_post_init__(self) -> None:
        """Check the bounds.

        Raises:
            ConfigurationError: one of them is none.

        """
        for name in ("timeout", "connect_timeout", "max_result_bytes"):
            value: Any = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
                raise ConfigurationError(f"{name} must be a number above 0, not {value!r}.")
        for name in ("elicit", "on_progress", "on_log"):
            if getattr(self, name) is not None and not callable(getattr(self, name)):
                raise ConfigurationError(f"{name} must be a function, not {getattr(self, name)!r}.")
