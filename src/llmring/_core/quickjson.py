"""The same JSON by orjson, where the ``speed`` extra brings it; whatever the two read or write differently is left to `json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

try:
    import orjson
except ImportError:
    orjson = None

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALLED: Final = orjson is not None
"""Whether there is anything here to ask; one that asks all the same gets a ValueError."""

_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG: Final = b"0" * 19
"""What a run of digits looks like that may be no 64-bit integer: orjson would make a float of it."""
_EXACT: Final = (
    0 if orjson is None else orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
)


def quick_dumps(value: Any, default: Callable[[Any], Any]) -> bytes:
    """Encode *value*, compactly; what orjson does not know goes through *default*.

    Raises:
        ValueError: the standard library must decide: it can write more, and refuses more.

    """
    if orjson is None:
        raise ValueError
    try:
        data = orjson.dumps(value, default, _EXACT)
    except (TypeError, RecursionError):
        raise ValueError from None
    if b"null" in data and orjson.loads(data) != value:
        raise ValueError  # a NaN, which orjson writes as null, or something that only looks different
    return data


def quick_loads(data: bytes | str) -> Any:
    """Decode *data*.

    Raises:
        ValueError: it is no JSON, or the standard library must decide: it can read more.

    """
    if orjson is None:
        raise ValueError
    raw = data.encode() if isinstance(data, str) else data
    if _LONG in raw.translate(_ZEROS):
        raise ValueError
    return orjson.loads(raw)
