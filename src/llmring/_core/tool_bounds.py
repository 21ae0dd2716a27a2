"""What bounds a run of tools: rounds, calls at once, seconds, and whose leave a call needs; holding a run to it is done elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from math import isfinite
from typing import Any, TypedDict

import attrs

from llmring._core.taking import shown
from llmring._gen.options import ChatOptions
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import RequestError

Approval = Callable[[ToolCall, Tool], bool | str | Awaitable[bool | str]]
"""Asked before each call: True lets it be made; False, or a text that says why not, refuses it."""


class RunBounds(TypedDict, total=False):
    """What bounds a run of tools."""

    max_rounds: int
    """How many requests may go out; 10 where nothing is said."""
    parallel: int
    """How many calls may be made at once; 8 where nothing is said."""
    max_seconds: float | None
    """How long all rounds and calls together may take."""
    approve: Approval | None
    """Asked before each call: True lets it be made; False, or a text that says why not, refuses it."""


class RunOptions(ChatOptions, RunBounds, total=False):
    """Every option that a run of tools takes beside model, messages and ``response_format``."""


@attrs.frozen(kw_only=True)
class Bounds:
    """The bounds of one run, checked."""

    rounds: int = 10
    parallel: int = 8
    seconds: float | None = None
    approve: Approval | None = None


_NAMES = {"max_rounds": "rounds", "parallel": "parallel", "max_seconds": "seconds", "approve": "approve"}


def bounds_of(options: Mapping[str, Any]) -> tuple[Bounds, dict[str, Any]]:
    """Give the bounds among *options*, and the others.

    Raises:
        RequestError: a bound is none.

    """
    given = {name: options[name] for name in _NAMES if options.get(name) is not None}
    for name in ("max_rounds", "parallel"):
        if name in given and (type(given[name]) is not int or given[name] < 1):
            raise RequestError(f"{name} must be a whole number of at least 1, not {shown(given[name])}", path=name)
    seconds = given.get("max_seconds")
    if seconds is not None and not (type(seconds) in {int, float} and isfinite(seconds) and seconds > 0):
        raise RequestError(f"max_seconds must be a positive number of seconds, not {shown(seconds)}", path="max_seconds")
    if "approve" in given and not callable(given["approve"]):
        raise RequestError("approve must be a function of a call and its tool that gives True, False or a text", path="approve")
    bounds = Bounds(**{_NAMES[name]: value for name, value in given.items()})
    return bounds, {name: value for name, value in options.items() if name not in _NAMES}
