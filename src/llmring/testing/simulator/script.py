"""What a scripted assistant says turn by turn: a text, or calls of tools; which turn is due is decided elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from llmring.testing.simulator.reading import compact, obj
from llmring.testing.simulator.values import ToolUse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

__all__ = ["Script", "Turn", "read_script"]

_FORM: Final = '"a text", or {"calls": [{"name": "a_tool", "arguments": {}}]}'


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the assistant; with calls it has no text."""

    text: str = ""
    calls: tuple[ToolUse, ...] = ()


Script: TypeAlias = tuple[Turn, ...]
"""The turns of one conversation, in order; after the last one the assistant speaks for itself."""


def read_script(script: str | Sequence[Any]) -> Script:
    """Read *script*, a list of turns or its JSON, each turn ``"a text"`` or ``{"calls": [{"name": …, "arguments": {…}}]}``.

    Raises:
        ValueError: it is none; the text says which turn is wrong.

    """
    if isinstance(script, str):
        try:
            script = json.loads(script)
        except ValueError as error:
            raise ValueError(f"no JSON: {error}") from None
    if not isinstance(script, (list, tuple)):
        raise ValueError(f"not a list of turns, each {_FORM}")  # noqa: TRY004 - as every other wrong setting
    return tuple(_turn(turn, at) for at, turn in enumerate(cast("Sequence[object]", script)))


def _turn(turn: object, at: int) -> Turn:
    if isinstance(turn, str):
        return Turn(text=turn)
    calls = obj(turn).get("calls")
    if not isinstance(calls, list) or not calls:
        raise ValueError(f"turn {at} is not {_FORM}")
    return Turn(calls=tuple(_call(obj(call), at, number) for number, call in enumerate(cast("list[object]", calls))))


def _call(call: dict[str, Any], at: int, number: int) -> ToolUse:
    name, arguments = call.get("name"), call.get("arguments", {})
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        raise ValueError(f"call {number} of turn {at} has no name, or arguments that are no object")
    return ToolUse(name=name, arguments=cast("dict[str, Any]", arguments), raw=compact(cast("object", arguments)), at=number)
