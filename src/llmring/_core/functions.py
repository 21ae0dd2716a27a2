"""Describe plain Python functions, and callables that bring their own description, as tools; calling them is done elsewhere."""

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
from llmring._core.taking import fault, name_at
from llmring._core.typeschema import Definitions, describe
from llmring._gen.tool import Tool
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from llmring._core.docstrings import Documented
    from llmring._core.taking import Plain
    from llmring._core.typeschema import Schema

    Function = Callable[..., Any]

_MANY: Final = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}


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
    bare: bool = False
    """Whether it takes arguments as the model wrote them: its description is its own, so nothing is known of its types."""


_known: WeakKeyDictionary[Any, dict[bool, Described]] = WeakKeyDictionary()
"""What was described before, for functions and for methods of theirs; to describe takes a hundred times as long as to look up."""


def described(function: Function, path: str) -> Described:
    """Describe *function*, which stands at *path*: its schema from the annotations, its words from the docstring.

    One that has a `Tool` as its attribute ``tool`` is described by that.

    Raises:
        RequestError: it has no name, takes any number of arguments, or a type that JSON Schema cannot describe; the error names its path.

    """
    own = getattr(function, "tool", None)
    if isinstance(own, Tool):
        return _own(function, own, f"{path}.tool")
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


def is_awaited(function: Function) -> bool:
    """Tell whether *function* says that it is to be awaited."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(_written(function))


def _own(function: Function, tool: Tool, path: str) -> Described:
    """Take the description that *function* brings."""
    if tool.checked(path).type != "function":
        raise fault(f"{path}.type", f"is {tool.type!r}; what is called here is a function")
    name_at(cast("Plain", tool), path)
    return Described(tool=tool, kinds={}, positional=frozenset(), waits=is_awaited(function), bare=True)


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
        waits=is_awaited(function),
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
