"""Examples of every generated model, made from its annotations, for hypothesis."""

from __future__ import annotations

import types
import typing
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ForwardRef, Literal, TypeVar, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from llmring._base import Readable
from llmring._gen import message, request, response, stream, tool, usage

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

words = st.text(max_size=6)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words
json_values: SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=5
)
json_objects: SearchStrategy[dict[str, Any]] = st.dictionaries(words, json_values, max_size=3)

MODELS: tuple[type[Readable], ...] = tuple(
    kind
    for module in (message, request, response, stream, tool, usage)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Readable) and kind.__module__ == module.__name__
)
"""Every generated model that users meet in a conversation."""

_PLAIN: dict[Any, SearchStrategy[Any]] = {
    str: words,
    bytes: st.binary(max_size=6),
    bool: st.booleans(),
    int: st.integers(0, 2**40),
    float: st.floats(0, 1e6),
    Decimal: st.decimals(0, 1000, places=6),
    types.NoneType: st.none(),
    Any: json_values,
}


def of_type(hint: Any) -> SearchStrategy[Any]:
    """Give examples of the annotation *hint*."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, TypeVar):
        return json_values
    if isinstance(hint, ForwardRef):
        return st.deferred(lambda: of_type(vars(message)[hint.__forward_arg__]))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (typing.Union, types.UnionType):  # pyright: ignore[reportDeprecated] - what annotations in text become
        return st.one_of([of_type(each) for each in arguments])
    if origin is list:
        return st.lists(of_type(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(words, of_type(arguments[1]), max_size=2)
    return st.deferred(lambda: model(hint))


@cache
def model(kind: type[Any]) -> SearchStrategy[Any]:
    """Give examples of the model *kind*, every field set or left out."""
    if kind is request.LLMRequest:
        return requests
    hints = get_type_hints(kind)
    fields: dict[str, SearchStrategy[Any]] = {each.alias or each.name: of_type(hints[each.name]) for each in attrs.fields(kind)}
    if kind is tool.ToolCall:
        fields["arguments"] = words | json_objects
    needed = {each.alias or each.name for each in attrs.fields(kind) if each.default is attrs.NOTHING}
    return st.fixed_dictionaries(
        {key: value for key, value in fields.items() if key in needed},
        optional={key: value for key, value in fields.items() if key not in needed},
    ).map(lambda given: kind(**given))


requests: SearchStrategy[request.LLMRequest[Any]] = st.builds(
    request.LLMRequest[Any],
    model=words,
    messages=words | st.lists(st.deferred(lambda: model(message.Message)), max_size=2),
    temperature=st.none() | st.floats(0, 2),
    stop=st.none() | st.lists(words, max_size=2),
    tools=st.none() | st.lists(json_objects, max_size=2),
    extra_params=st.none() | json_objects,
    profile=st.none() | words,
)
"""Requests with options that are JSON already; others (a `Timeout`, a type) have no plain form to come back from."""
