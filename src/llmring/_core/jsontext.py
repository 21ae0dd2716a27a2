"""JSON on the wire: compact UTF-8 out, any JSON in."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> bytes:
    """Encode *value* compactly; lone surrogates, which UTF-8 cannot carry, become escapes."""
    text = _encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def loads(data: bytes | str) -> Any:
    """Decode *data*; ``ValueError`` where it is no JSON (``RecursionError`` becomes one)."""
    try:
        return json.loads(data)
    except RecursionError:
        message = "nested too deeply"
        raise ValueError(message) from None
