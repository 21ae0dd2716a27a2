"""Judge single calls of a tool loop before they are made: whether there is such a tool, what it is given, and who refused it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from llmring._base import kind_of
from llmring._core.arguments import arguments_of
from llmring._core.tool_results import error_turn, words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring._core.functions import Described
    from llmring._gen.message import Message
    from llmring._gen.tool import ToolCall

_REFUSED: Final = "This call was refused and has not been made."


class Runnable(NamedTuple):
    """A function that the model may have called."""

    function: Callable[..., Any]
    described: Described
    path: str
    """Where it stands among the tools."""


class Making(NamedTuple):
    """A call that can be made."""

    call: ToolCall
    called: Runnable
    places: list[Any]
    names: dict[str, Any]


def making(call: ToolCall, functions: Mapping[str, Runnable]) -> Making | Message:
    """Give *call* as it is to be made by one of *functions*, or the turn that says why it cannot be."""
    called = functions.get(call.name)
    if called is None:
        return error_turn(call, f"There is no tool {call.name!r}; the tools are {', '.join(functions) or 'none'}.")
    try:
        places, names = arguments_of(called.described, call.arguments)
    except Exception as error:  # noqa: BLE001 - a type of the caller's may raise anything at a value that it does not like
        return error_turn(call, words_for(error))
    return Making(call, called, places, names)


def refusal(call: ToolCall, said: Any) -> Message | None:
    """Give the turn that tells the model that *call* was refused, None where what was *said* approves of it.

    Raises:
        TypeError: it is no answer to the question.

    """
    if said is True:
        return None
    if said is False or isinstance(said, str):
        return error_turn(call, said or _REFUSED)
    message = f"approve gave {kind_of(said)}; it must give True, False, or a text that says why not"
    raise TypeError(message)
