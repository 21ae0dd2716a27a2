"""JSON on the wire: compact UTF-8 out, any JSON in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from math import isfinite
from typing import Any, Final, cast

from llmring._base import too_deep
from llmring._core.quickjson import INSTALLED, quick_dumps, quick_loads
from llmring.exceptions import RequestError

_DEEP: Final = 200
_TOO_DEEP: Final = "nested too deeply"


def dumps(value: Any) -> bytes:
    """Encode *value* compactly; lone surrogates, which UTF-8 cannot carry, become escapes.

    Raises:
        RequestError: something in it is no JSON; the error names its path.

    """
    if INSTALLED:
        try:
            return quick_dumps(value, _plain)
        except ValueError:
            pass  # said below, or written there
    try:
        text = _encode(value)
    except (TypeError, ValueError, RecursionError):
        path, what = _misfit(value, "", 0) or ("", "something in it")
        message = f"{path or 'the body'} cannot be sent: {what} is no JSON"
        raise RequestError(message, path=path or None) from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    """Give a mapping that is no dict as one, a member of an enumeration as its value, and a UUID as its text."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    if isinstance(value, Enum):
        return value.value
    if (text := _written(value)) is not None:
        return text
    raise TypeError


def _written(value: Any) -> str | None:
    """Give a UUID as its text."""
    from uuid import UUID

    return str(value) if type(value) is UUID else None


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode


def _misfit(value: Any, path: str, depth: int) -> tuple[str, str] | None:
    """Find the first thing inside *value*, which stands at *path*, that cannot be written; give its place and name."""
    match value:
        case None | bool() | int() | str():
            return None
        case float():
            return None if isfinite(value) else (path, repr(value))
        case Enum():
            return _misfit(value.value, path, depth + 1)
        case Mapping():
            inner = [(f"{path}.{key}" if path else str(key), item) for key, item in cast("Mapping[Any, Any]", value).items()]
            if not all(isinstance(key, (str, int, float, type(None))) for key in cast("Mapping[Any, Any]", value)):
                return path, "an object whose keys are not strings"
        case list() | tuple():
            inner = [(f"{path}[{at}]", item) for at, item in enumerate(cast("list[Any]", value))]
        case _:
            return None if _written(value) else (path, f"a value of type {type(value).__name__}")
    if depth > _DEEP:
        return path.partition(".")[0].partition("[")[0], "something nested too deeply"
    return next((found for place, item in inner if (found := _misfit(item, place, depth + 1))), None)


def loads(data: bytes | str) -> Any:
    """Decode *data*; ``ValueError`` where it is no JSON, or is nested too deeply to be handled."""
    value = _decoded(data)
    if too_deep(data, value):
        raise ValueError(_TOO_DEEP)
    return value


def _decoded(data: bytes | str) -> Any:
    if INSTALLED:
        try:
            return quick_loads(data)
        except ValueError:
            pass  # said below, or read there
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
