"""Build values of Python types from decoded JSON, taking each primitive for itself and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, cast, get_args, get_origin, is_typeddict
from uuid import UUID

from llmring._core.typefields import fields_of, is_object, is_pydantic, named
from llmring._core.typeschema import UNIONS, WRAPPED
from llmring.exceptions import SchemaValidationError

_UNTOUCHED: Final = (object, Sequence, Mapping)
"""Types that do not say what they hold."""
_MISFITS: Final = (ValueError, TypeError, AttributeError)
"""What building a value raises where it is of another type altogether."""


class MisfitError(ValueError):
    """A value does not fit its type; *faults* says where and why."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Carry the *faults*, each with its place behind ``@ $`` where that is known."""
        super().__init__("; ".join(faults))
        self.faults = faults


def build(kind: Any, value: Any, *, text: str) -> Any:
    """Build a value of type *kind* from the decoded *value*; *text* is the answer that it came from.

    Raises:
        SchemaValidationError: *value* does not fit *kind*.

    """
    if not is_object(kind):
        value = cast("dict[str, Any]", value)[WRAPPED]
    try:
        return structure(kind, value)
    except MisfitError as misfit:
        message = f"The answer does not fit {_name(kind)}: {'; '.join(misfit.faults)}"
        raise SchemaValidationError(message, text=text, path=misfit.faults[0].partition(" @ $")[2].lstrip(".") or None) from None


def structure(kind: Any, value: Any) -> Any:
    """Build a value of type *kind* from the decoded *value*.

    Raises:
        MisfitError: it does not fit.

    """
    from cattrs import BaseValidationError, StructureHandlerNotFoundError, transform_error

    try:
        return _converter().structure(value, named(kind))
    except BaseValidationError as error:
        raise MisfitError(transform_error(error)) from None
    except (StructureHandlerNotFoundError, *_MISFITS) as error:
        alien = isinstance(error, (TypeError, AttributeError))
        raise MisfitError([f"expected {_name(kind)}, not {value!r}" if alien else str(error)]) from None


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


@cache
def _converter() -> Any:
    from cattrs.preconf.json import make_converter

    converter = make_converter(forbid_extra_keys=True)
    for kind, allowed in ((str, str), (int, int), (bool, bool), (float, (int, float))):
        converter.register_structure_hook(kind, _strict(kind, allowed))
    for kind in (Decimal, UUID):
        converter.register_structure_hook(kind, _made_of_text)
    converter.register_structure_hook(time, lambda value, _: time.fromisoformat(value))
    converter.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _one_of)
    converter.register_structure_hook_func(lambda kind: get_origin(kind) in UNIONS, _any_of)
    converter.register_structure_hook_func(lambda kind: any(kind is each for each in _UNTOUCHED), lambda value, _: value)
    converter.register_structure_hook_func(lambda kind: kind is AbstractSet, lambda value, _: set(value))
    converter.register_structure_hook_func(lambda kind: is_typeddict(get_origin(kind) or kind), _typed_dict)
    converter.register_structure_hook_func(is_pydantic, lambda value, kind: kind.model_validate(value))
    return converter


def _strict(kind: type, allowed: Any) -> Any:
    def structure_strictly(value: Any, wanted: Any) -> Any:
        if issubclass(wanted, Enum):
            return wanted(value)
        if isinstance(value, allowed) and (kind is bool or not isinstance(value, bool)):
            return kind(value)
        message = f"expected {kind.__name__}, not {value!r}"
        raise ValueError(message)

    return structure_strictly


def _made_of_text(value: Any, kind: Any) -> Any:
    try:
        return kind(value)
    except (ArithmeticError, AttributeError, ValueError):
        message = f"expected {kind.__name__}, not {value!r}"
        raise ValueError(message) from None


def _one_of(value: Any, kind: Any) -> Any:
    words = get_args(kind)
    for word in words:
        plain = word.value if isinstance(word, Enum) else word
        if plain == value and type(plain) is type(value):
            return word
    message = f"expected one of {', '.join(map(repr, words))}, not {value!r}"
    raise ValueError(message)


def _typed_dict(value: Any, kind: Any) -> dict[str, Any]:
    """Build a TypedDict; cattrs does not see what is not required where annotations are quoted."""
    from cattrs import AttributeValidationNote, BaseValidationError, ClassValidationError, ForbiddenExtraKeysError

    if not isinstance(value, dict):
        message = f"expected {_name(kind)}, not {value!r}"
        raise TypeError(message)
    given, made = cast("dict[str, Any]", value), dict[str, Any]()
    errors: list[Exception] = []
    fields = fields_of(kind) or {}
    for key, (hint, required) in fields.items():
        try:
            if required or key in given:
                made[key] = _converter().structure(given[key], hint)
        except (BaseValidationError, KeyError, *_MISFITS) as error:
            error.add_note(AttributeValidationNote(f"typed dict {_name(kind)} @ {key}", key, hint))
            errors.append(error)
    if given.keys() - fields.keys():
        errors.append(ForbiddenExtraKeysError(None, kind, {*given} - {*fields}))
    if errors:
        raise cast("Any", ClassValidationError)(f"While structuring {_name(kind)}", errors, kind)
    return made


def _any_of(value: Any, kind: Any) -> Any:
    """Build the first member of a union that *value* fits; types here are strict, so the order seldom matters."""
    members = get_args(kind)
    if value is None and type(None) in members:
        return None
    rest = [member for member in members if member is not type(None)]
    if len(rest) == 1:
        return _converter().structure(value, rest[0])
    for member in rest:
        try:
            return structure(member, value)
        except MisfitError:
            continue
    message = f"expected {' or '.join(map(_name, rest))}, not {value!r}"
    raise ValueError(message)
