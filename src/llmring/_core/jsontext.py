"""JSON on the wire: compact UTF-8 out, any JSON in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, cast

from llmring.exceptions import RequestError

_DEEP: Final = 200


def dumps(value: Any) -> bytes:
    """Encode *value* compactly; lone surrogates, which UTF-8 cannot carry, become escapes.

    Raises:
        RequestError: something in it is no JSON; the error names its path.

    """
    try:
        text = _encode(value)
    except (TypeError, ValueError, RecursionError):
        path, what = _misfit(value, "", 0) or ("", "something in it")
        message = f"{path or 'the body'} cannot be sent: {what} is no JSON"
        raise RequestError(message, path=path or None) from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_object).encode()


def _object(value: Any) -> dict[str, Any]:
    """Give a mapping that is no dict as one."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_object).encode


def _misfit(value: Any, path: str, depth: int) -> tuple[str, str] | None:
    """Find the first thing inside *value*, which stands at *path*, that cannot be written; give its place and name."""
    match value:
        case None | bool() | int() | str():
            return None
        case float():
            return None if isfinite(value) else (path, repr(value))
        case Mapping():
            inner = [(f"{path}.{key}" if path else str(key), item) for key, item in cast("Mapping[Any, Any]", value).items()]
            if not all(isinstance(key, (str, int, float, type(None))) for key in cast("Mapping[Any, Any]", value)):
                return path, "an object whose keys are not strings"
        case list() | tuple():
            inner = [(f"{path}[{at}]", item) for at, item in enumerate(cast("list[Any]", value))]
        case _:
            return path, f"a value of type {type(value).__name__}"
    if depth > _DEEP:
        return path.partition(".")[0].partition("[")[0], "something nested too deeply"
    return next((found for place, item in inner if (found := _misfit(item, place, depth + 1))), None)


def loads(data: bytes | str) -> Any:
    """Decode *data*; ``ValueError`` where it is no JSON (``RecursionError`` becomes one)."""
    try:
        return json.loads(data)
    except RecursionError:
        message = "nested too deeply"
        raise ValueError(message) from None
