"""Readers of plain values: each takes a value and the path where it stands, and gives the value or says what is wrong there."""

from __future__ import annotations

import base64
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from llmring._base.places import joined, wrong
from llmring._base.readable import Read, Readable, mapping_at
from llmring.exceptions import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Kind = type | tuple[type, ...]

WORDS: Mapping[Any, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    (int, float): "a number",
    (str, bytes): "base64 text",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
"""What to call a Python type towards someone who wrote JSON."""


def read_any(value: Any, _path: str) -> Any:
    """Take *value* as it is."""
    return value


def _reader(kind: Kind) -> Read:
    wanted = WORDS[kind]

    def read(value: Any, path: str) -> Any:
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        raise wrong(value, path, wanted)

    return read


read_str = _reader(str)
read_int = _reader(int)
read_float = _reader((int, float))
read_bool = _reader(bool)
read_object = _reader(dict)
read_items = _reader(list)
read_none = _reader(type(None))


def read_decimal(value: Any, path: str) -> Decimal:
    """Read a finite decimal from its text."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(read_str(value, path))
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite():
        return number
    message = f"{path} must be a decimal number as text, not {value!r}"
    raise InvalidMessageError(message, path=path)


def read_bytes(value: Any, path: str) -> bytes:
    """Read bytes from base64."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(read_str(value, path), validate=True)
    except ValueError:
        message = f"{path} must be base64"
        raise InvalidMessageError(message, path=path) from None


def read_literal(*allowed: str) -> Read:
    """Make a reader of one of the words *allowed*."""

    def read(value: Any, path: str) -> str:
        if value in allowed:
            return value
        message = f"{path} must be one of {', '.join(allowed)}, not {value!r}"
        raise InvalidMessageError(message, path=path)

    return read


def read_list(item: Read) -> Read:
    """Make a reader of a list of what *item* reads."""

    def read(value: Any, path: str) -> list[Any]:
        return [item(each, f"{path}[{at}]") for at, each in enumerate(read_items(value, path))]

    return read


def read_map(item: Read) -> Read:
    """Make a reader of an object whose values *item* reads."""

    def read(value: Any, path: str) -> dict[str, Any]:
        return {str(key): item(each, joined(path, key)) for key, each in read_object(value, path).items()}

    return read


def read_model(model: Callable[[], type[Readable]]) -> Read:
    """Make a reader of a model, given as it is or in its plain form."""

    def read(value: Any, path: str) -> Readable:
        return model().from_dict(value, path)

    return read


def read_tagged(models: Callable[[], Mapping[str, type[Readable]]]) -> Read:
    """Make a reader of one of several models, told apart by ``type``."""

    def read(value: Any, path: str) -> Readable:
        known = models()
        if isinstance(value, tuple(known.values())):
            return value.checked(path)
        fields = mapping_at(value, path)
        kind = fields.get("type")
        model = known.get(kind) if isinstance(kind, str) else None
        if model is None:
            at = joined(path, "type")
            found = "is missing; it is" if kind is None else "must be"
            message = f"{at} {found} one of {', '.join(known)}" + ("" if kind is None else f", not {kind!r}")
            raise InvalidMessageError(message, path=at)
        return model.from_dict(fields, path)

    return read


def read_either(*options: tuple[Kind, Read]) -> Read:
    """Make a reader that picks by the Python type of the value."""
    words = sorted((WORDS[kind] for kind, _ in options if kind is not object), key="null".__eq__)
    wanted = " or ".join(words)

    def read(value: Any, path: str) -> Any:
        for kind, reader in options:
            if isinstance(value, kind):
                return reader(value, path)
        raise wrong(value, path, wanted)

    return read
