"""Make of a model's arguments what a tool takes, or tell the model why they do not fit; calling the tool is done elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from llmring._core.typevalues import MisfitError, structure
from llmring._core.validation import is_sound, misfits
from llmring.exceptions import ToolError

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from llmring._core.functions import Described

_SHOWN: Final = 5
"""How many faults of one call the model is told of."""


def arguments_of(function: Described, given: dict[str, Any] | None) -> tuple[list[Any], dict[str, Any]]:
    """Make of what a model has *given* the arguments of *function*, by place and by name.

    Raises:
        ToolError: they do not fit its schema or its types; the text is meant for the model.

    """
    if given is None:
        raise ToolError("The arguments are not a JSON object.")
    schema = function.tool.parameters or {}
    if not function.bare:
        _check(given, schema)
        return _typed(function, given)
    if schema and is_sound(schema):  # of another's making; whoever made an unsound one, or an endless one, judges the arguments
        with suppress(RecursionError):
            _check(given, schema)
    return [], given


def _typed(function: Described, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    places: list[Any] = []
    names: dict[str, Any] = {}
    for name in function.kinds:
        if name not in given:
            continue
        try:
            value = structure(function.kinds[name], given[name])
        except MisfitError as misfit:
            raise ToolError(f"The argument {name} does not fit: {misfit}") from None
        if name in function.positional:
            places.append(value)
        else:
            names[name] = value
    return places, names


def _check(given: dict[str, Any], schema: dict[str, Any]) -> None:
    faults: list[ValidationError] = list(misfits(given, schema))
    if faults:
        told = [f"{'.'.join(map(str, each.absolute_path)) or 'arguments'}: {each.message}" for each in faults[:_SHOWN]]
        raise ToolError(f"The arguments do not fit the schema of the tool. {'; '.join(told)}")
