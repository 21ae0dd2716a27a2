"""A tool whose arguments are the wanted answer, for models that take tools but no schemas; when to ask so is decided here, not how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from llmring._core.fit_tools import forces
from llmring._core.making import plain_function
from llmring._core.reasoning_options import thinks
from llmring._core.schema_looks import UNIONS, looked_up, rooted, wrapped

if TYPE_CHECKING:
    from llmring._core.fitting import Target
    from llmring._core.request import NormalRequest, ResponseFormat
    from llmring._gen.tool import Tool

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")
"""What no tool's name may hold."""
_LONGEST: Final = 64
"""The characters that a tool's name may have."""


def calls_surely(request: NormalRequest, target: Target) -> bool:
    """Tell whether *target* is sure to call a tool that *request* forces upon it; few models do while they think, and some always think."""
    able, asked = target.capabilities, request.options.get("reasoning")
    if able.get("tools") != "native" or able.get("tool_choice") != "native" or thinks(asked) or "thinking" in request.extra:
        return False
    if asked is None and target.quirks.get("reasoning_style") == "thinking" and able.get("reasoning") != "unsupported":
        return False
    return forces(request, target)


def answer_tool(wanted: ResponseFormat) -> Tool | None:
    """Give a tool whose arguments are the answer; None where they cannot be, for arguments are an object of one shape."""
    if wanted.schema is None:
        return None
    schema = wrapped(wanted.schema)
    whole = looked_up(schema, schema)
    if whole.get("type", "object") != "object" or not whole.keys() & {"type", "properties"} or any(key in whole for key in UNIONS):
        return None
    name = _UNFIT.sub("_", wanted.name)[:_LONGEST]
    return plain_function(name, wanted.description or "Give the answer.", {**rooted(schema), "type": "object"})
