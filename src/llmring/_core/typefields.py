"""Look into a Python type: what it names, which fields it has, which of them must be there."""

from __future__ import annotations

from typing import Any, NotRequired, Required, TypeVar, cast, get_args, get_origin, get_type_hints, is_typeddict

import attrs

Fields = dict[str, tuple[Any, bool]]
"""Each field's type, and whether it must be there."""


def named(kind: Any) -> Any:
    """Give what a ``NewType``, a ``type`` statement or a type variable stands for, *kind* itself where it is none of them."""
    while True:
        if isinstance(kind, TypeVar):
            kind = Any if kind.__bound__ is None else kind.__bound__
        elif hasattr(kind, "__supertype__"):
            kind = kind.__supertype__
        elif type(kind).__name__ == "TypeAliasType":
            kind = kind.__value__
        else:
            return kind


def is_pydantic(kind: Any) -> bool:
    """Tell a pydantic model without importing pydantic."""
    return isinstance(kind, type) and hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate")


def is_object(kind: Any) -> bool:
    """Tell whether values of *kind* are objects with fields of their own."""
    if is_pydantic(kind):
        return not getattr(kind, "__pydantic_root_model__", False)
    return fields_of(kind) is not None


def fields_of(kind: Any) -> Fields | None:
    """Give the fields of *kind*, None where it has none; ``NameError`` where it mentions what cannot be found."""
    origin = get_origin(kind)
    variables = getattr(origin, "__parameters__", None)
    if isinstance(variables, tuple):
        filling = dict(zip(cast("tuple[Any, ...]", variables), get_args(kind), strict=False))
        found = fields_of(origin)
        return found and {key: (_filled(hint, filling), required) for key, (hint, required) in found.items()}
    if not isinstance(kind, type):
        return None
    if is_typeddict(kind):
        return _typed_dict(kind)
    if attrs.has(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {each.name: (hints.get(each.name, Any), each.default is attrs.NOTHING) for each in attrs.fields(kind) if each.init}
    if hasattr(kind, "__dataclass_fields__"):
        return _dataclass(kind)
    return None


def _typed_dict(kind: Any) -> Fields:
    hints = get_type_hints(kind, include_extras=True)
    required = cast("frozenset[str]", kind.__required_keys__)
    return {key: _said(hint, required=key in required) for key, hint in hints.items()}


def _said(hint: Any, *, required: bool) -> tuple[Any, bool]:
    """Read ``Required`` and ``NotRequired``, which quoted annotations hide from the class itself."""
    origin = get_origin(hint)
    return (get_args(hint)[0], origin is Required) if origin in (Required, NotRequired) else (hint, required)


def _dataclass(kind: Any) -> Fields:
    from dataclasses import MISSING, fields

    hints = get_type_hints(kind, include_extras=True)
    return {
        each.name: (hints[each.name], each.default is MISSING and each.default_factory is MISSING) for each in fields(kind) if each.init
    }


def _filled(hint: Any, filling: dict[Any, Any]) -> Any:
    """Put types in place of the variables of *hint*."""
    if isinstance(hint, TypeVar):
        return filling.get(hint, hint)
    open_ = getattr(hint, "__parameters__", ())
    return hint[tuple(filling.get(each, each) for each in open_)] if open_ else hint
