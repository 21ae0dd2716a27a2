"""Show which functions the model calls, on a line each, and what went wrong with one; what they give is for the model."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from llmring.cli.terminal import note
from llmring.schemas import ToolResultPart

if TYPE_CHECKING:
    from llmring.schemas import Message, ToolCall

CUT = "..."


def tell(call: ToolCall) -> None:
    """Tell that *call* is about to be made."""
    given = call.arguments or {}
    told = (f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}" for name, value in given.items())
    _line(f"  {' '.join([call.name, *told])}")


def tell_failed(call: ToolCall, turn: Message) -> None:
    """Tell that *call* has failed, and why, as *turn* tells the model."""
    parts = turn.content if isinstance(turn.content, list) else []
    texts = [str(part.content) for part in parts if isinstance(part, ToolResultPart)]
    _line(f"  {call.name} failed: {' '.join(texts) or turn.content}")


def _line(text: str) -> None:
    line, columns = text.replace("\n", " ").rstrip(), shutil.get_terminal_size().columns
    note(line if len(line) < columns else line[: columns - 1 - len(CUT)] + CUT)
