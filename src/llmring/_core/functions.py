"""Describe plain Python functions as tools, and make of a model's arguments what they take; calling them is done elsewhere."""

from __future__ import annotations

import inspect
import json
from functools import partial
from inspect import Parameter
from types import MethodType
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

import attrs

from llmring._base.plain import plain
from llmring._core.docstrings import read
from llmring._core.taking import fault
from llmring._core.typeschema import Definitions, describe
from llmring._core.typevalues import MisfitError, structure
from llmring._gen.tool import Tool
from llmring.exceptions import RequestError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import ValidationError

    from llmring._core.docstrings import Documented
    from llmring._core.typeschema import Schema

    Function = Callable[..., Any]

_MANY: Final = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}
_SHOWN: Final = 5
"""How many faults of one call the model is told of."""


@attrs.frozen(eq=False)
class Described:
    """A function as a tool; it does not refer to the function."""

    tool: Tool
    kinds: Mapping[str, Any]
    """The type of each parameter, in their order."""
    positional: frozenset[str]
    """Parameters that have no name for callers."""
    waits: bool
    """Whether it is to be awaited."""


_known: WeakKeyDictionary[Any, dict[bool, Described]] = WeakKeyDictionary()
"""What was described before, for functions and for methods of theirs; to describe takes a hundred times as long as to look up."""


def described(function: Function, path: str) -> Described:
    """Describe *function*, which stands at *path*: its schema from the annotations, its words from the docstring.

    Raises:
        RequestError: it has no name, takes any number of arguments, or a type that JSON Schema cannot describe; the error names its path.

    """
    key: Any = function
    bound = False
    if isinstance(function, MethodType):
        key, bound = function.__func__, True
    try:
        found = _known.setdefault(key, {})
    except TypeError:  # it cannot be hashed, or not be referred to weakly
        found = {}
    if bound not in found:
        found[bound] = _describe(function, path)
    return found[bound]


def _describe(function: Function, path: str) -> Described:
    written = _written(function)
    name = _name(function, path)
    told = read(_docstring(function, written))
    kinds: dict[str, Any] = {}
    schemas: dict[str, Schema] = {}
    definitions = Definitions()
    required: list[str] = []
    parameters = list(_parameters(function, path))
    for each in parameters:
        at = f"{path}.parameters.{each.name}"
        kinds[each.name] = kind = _kind(each, written, at)
        schemas[each.name] = _schema(each, kind, told, describe(kind, at, definitions))
        if each.default is Parameter.empty:
            required.append(each.name)
    schema: Schema = {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}
    return Described(
        tool=Tool(name=name, description=told.text or None, parameters=schema | ({"$defs": dict(definitions)} if definitions else {})),
        kinds=kinds,
        positional=frozenset(each.name for each in parameters if each.kind is Parameter.POSITIONAL_ONLY),
        waits=inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(written),
    )


def _written(function: Function) -> Any:
    """Give what the author of *function* wrote: of a partial its function, of an object its ``__call__``."""
    while isinstance(function, partial):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def _name(function: Function, path: str) -> str:
    own = getattr(function, "__name__", None)
    while own is None and isinstance(function, partial):
        function = function.func
        own = getattr(function, "__name__", None)
    name = own or type(function).__name__
    if isinstance(name, str) and name.isidentifier():
        return name
    raise fault(f"{path}.name", f"is missing; a function needs a name that the model can call it by, not {name!r}")


def _docstring(function: Function, written: Any) -> str | None:
    """Give the docstring of *function*; of an object that has none for calls, that of its class."""
    if inspect.isroutine(written) and written.__doc__:
        return written.__doc__
    return None if isinstance(function, partial) else function.__doc__


def _parameters(function: Function, path: str) -> Iterator[Parameter]:
    if isinstance(function, type) or inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        raise fault(path, "is a class or a generator; a tool is a function that returns its result")
    try:
        found = inspect.signature(function).parameters.values()
    except ValueError:
        raise fault(f"{path}.parameters", "cannot be read; wrap the function in one with annotations") from None
    for each in found:
        if each.kind in _MANY:
            raise fault(f"{path}.parameters.{each.name}", f"is {_MANY[each.kind]}{each.name}; a model needs to know each argument by name")
        yield each


def _kind(parameter: Parameter, written: Any, path: str) -> Any:
    """Give the type of *parameter*, any where it has none; names in quoted annotations are looked up where the function is."""
    if parameter.annotation is Parameter.empty:
        return Any

    def probe() -> None: ...  # pragma: no cover - only its annotation counts

    probe.__annotations__ = {"it": parameter.annotation}
    try:
        return get_type_hints(probe, getattr(inspect.unwrap(written), "__globals__", {}), include_extras=True)["it"]
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise fault(path, f"has an annotation that cannot be read: {error}") from None


def _schema(parameter: Parameter, kind: Any, told: Documented, schema: Schema) -> Schema:
    """Complete the *schema* of *parameter*: what it is for, and its default where JSON has it."""
    words = _words(kind) or told.parameters.get(parameter.name)
    if words:
        schema = schema | {"description": words}
    if parameter.default is Parameter.empty:
        return schema
    try:
        default = plain(parameter.default, parameter.name)
        json.dumps(default, allow_nan=False)
    except (RequestError, ValueError):
        return schema
    return schema | {"default": default}


def _words(kind: Any) -> str | None:
    """Give the description in ``Annotated[…, "description"]``, also where it stands in a ``Doc`` or in pydantic's ``Field``."""
    if get_origin(kind) is not Annotated:
        return None
    said = (each if isinstance(each, str) else _documentation(each) for each in get_args(kind)[1:])
    return next((words for words in said if isinstance(words, str)), None)


def _documentation(mark: Any) -> Any:
    return getattr(mark, "documentation", getattr(mark, "description", None))


# --- a call ------------------------------------------------------------------------------------------


def arguments_of(function: Described, given: dict[str, Any] | None) -> tuple[list[Any], dict[str, Any]]:
    """Make of what a model has *given* the arguments of *function*, by place and by name.

    Raises:
        ToolError: they do not fit its schema or its types; the text is meant for the model.

    """
    if given is None:
        raise ToolError("The arguments are not a JSON object.")
    _check(given, cast("Schema", function.tool.parameters))
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


def _check(given: dict[str, Any], schema: Schema) -> None:
    from jsonschema import Draft202012Validator

    validator = cast("Any", Draft202012Validator(schema))
    faults: list[ValidationError] = list(validator.iter_errors(given))
    if faults:
        told = [f"{'.'.join(map(str, each.absolute_path)) or 'arguments'}: {each.message}" for each in faults[:_SHOWN]]
        raise ToolError(f"The arguments do not fit the schema of the tool. {'; '.join(told)}")
