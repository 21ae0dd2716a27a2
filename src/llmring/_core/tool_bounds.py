"""What shapes a run of tools: its bounds, whose leave a call needs, and whose tools join; holding a run to it is done elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypedDict, cast

import attrs

from llmring._base import near
from llmring._core.taking import shown
from llmring._gen.options import OPTION_NAMES, ChatOptions
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import RequestError, ToolError

Approval = Callable[[ToolCall, Tool], bool | str | Awaitable[bool | str]]
"""Asked before each call: True lets it be made; False, or a text that says why not, refuses it."""


class RunBounds(TypedDict, total=False):
    """What shapes a run of tools, beside what a chat takes."""

    max_rounds: int
    """How many requests may go out; 10 where nothing is said."""
    parallel: int
    """How many calls may be made at once; 8 where nothing is said."""
    max_seconds: float | None
    """How long all rounds and calls together may take."""
    approve: Approval | None
    """Asked before each call: True lets it be made; False, or a text that says why not, refuses it."""
    mcp: Sequence[Any] | None
    """MCP servers whose tools join: clients, connected or not, or whatever `MCPClient` takes as a server."""


class RunOptions(ChatOptions, RunBounds, total=False):
    """Every option that a run of tools takes beside model, messages and ``response_format``."""


@attrs.frozen(kw_only=True)
class Bounds:
    """The bounds of one run, checked."""

    rounds: int = 10
    parallel: int = 8
    seconds: float | None = None
    approve: Approval | None = None
    servers: Sequence[Any] = ()

    def late(self) -> ToolError:
        """Give the error that says that the time is up."""
        return ToolError(f"After max_seconds={self.seconds:g} the run has not come to its end; allow it more, or call fewer tools.")


_NAMES = {"max_rounds": "rounds", "parallel": "parallel", "max_seconds": "seconds", "approve": "approve", "mcp": "servers"}


def bounds_of(options: Mapping[str, Any]) -> tuple[Bounds, dict[str, Any]]:
    """Give the bounds among *options*, and the others.

    Raises:
        TypeError: there is no such option.
        RequestError: a bound is none.

    """
    for name in options:
        if name not in _NAMES and name not in OPTION_NAMES:
            hint = near(name, {*_NAMES, *OPTION_NAMES}) or "; keys of the provider's own go into extra_params"
            message = f"run_tools() got an unexpected option {name!r}{hint}"
            raise TypeError(message)
    given = {name: options[name] for name in _NAMES if options.get(name) is not None}
    for name in ("max_rounds", "parallel"):
        if name in given and (type(given[name]) is not int or given[name] < 1):
            raise RequestError(f"{name} must be a whole number of at least 1, not {shown(given[name])}", path=name)
    seconds = given.get("max_seconds")
    if seconds is not None and not (type(seconds) in {int, float} and isfinite(seconds) and seconds > 0):
        raise RequestError(f"max_seconds must be a positive number of seconds, not {shown(seconds)}", path="max_seconds")
    if "approve" in given and not callable(given["approve"]):
        raise RequestError("approve must be a function of a call and its tool that gives True, False or a text", path="approve")
    servers: Any = given.get("mcp", ())
    if isinstance(servers, (str, bytes, Mapping)) or not isinstance(servers, Sequence):
        raise RequestError(f"mcp must be a list of servers, not {shown(cast('object', servers))}", path="mcp")
    bounds = Bounds(**{_NAMES[name]: value for name, value in given.items()})
    return bounds, {name: value for name, value in options.items() if name not in _NAMES}
