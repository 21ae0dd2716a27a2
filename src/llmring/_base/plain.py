"""Give values as JSON types, for ``to_dict``; the way back is read where the models are built."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import attrs

from llmring.exceptions import RequestError


def plain(value: Any, path: str) -> Any:
    """Give *value*, which stands at *path*, as JSON types: bytes as base64, decimals as text.

    Raises:
        RequestError: it has no such form.

    """
    match value:
        case Enum():
            return plain(value.value, path)
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Decimal():
            return f"{value:f}"  # no exponents: other languages read the text too
        case Mapping():
            return {str(key): plain(item, f"{path}.{key}") for key, item in cast("Mapping[Any, Any]", value).items()}
        case Sequence() | AbstractSet():
            return [plain(item, f"{path}[{at}]") for at, item in enumerate(cast("Sequence[Any]", value))]
        case type():
            message = f"{path}: a type ({value.__name__}) has no plain form; give its JSON Schema instead"
            raise RequestError(message, path=path)
        case _:
            return _of_own_type(value, path)


def _of_own_type(value: Any, path: str) -> Any:
    """Give the plain form of a model of ours, or of the user's own type, as ``parsed`` has it."""
    kind = cast("type[Any]", type(value))
    if hasattr(kind, "to_dict"):
        return value.to_dict()
    if hasattr(kind, "model_dump"):
        return value.model_dump(mode="json")
    if attrs.has(kind):
        return {each.name: plain(getattr(value, each.name), f"{path}.{each.name}") for each in attrs.fields(kind)}
    if hasattr(kind, "__dataclass_fields__"):
        return {name: plain(getattr(value, name), f"{path}.{name}") for name in kind.__dataclass_fields__}
    if hasattr(kind, "isoformat"):
        return value.isoformat()
    if kind.__name__ == "UUID":
        return str(value)
    message = f"{path}: {kind.__name__} has no plain form"
    raise RequestError(message, path=path)
