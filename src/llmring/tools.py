"""Describe functions as tools, as every ring does; running them is a ring's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._gen.tool import Tool

__all__ = ["describe_tool"]


def describe_tool(function: Callable[..., Any]) -> Tool:
    """Give what a model is told of *function*: its schema from the annotations, its words from the docstring, or its own ``tool``.

    Raises:
        RequestError: it cannot be described; the error names the parameter.

    """
    from llmring._core.functions import described

    return described(function, "tool").tool
