"""Know JSON that is nested too deeply to be handled: comparing, copying, pickling and checking it would exhaust Python's stack."""

from __future__ import annotations

from typing import Any, Final, cast

DEEPEST: Final = 200
"""Lists and objects inside of each other; Python allows about a thousand frames, and some ways through JSON take two a level."""
_UNOPENED: Final = bytes({*range(256)} - {*b"[{"})


def too_deep(text: bytes | str, value: Any) -> bool:
    """Tell whether *value*, decoded from *text*, is nested deeper than ``DEEPEST``."""
    if len(text) <= DEEPEST:
        return False
    opened = len(text.translate(None, _UNOPENED)) if isinstance(text, bytes) else text.count("[") + text.count("{")
    return opened > DEEPEST and _reaches(value)


def _reaches(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(DEEPEST + 1):
        level = [item for each in level for item in _inside(each) if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
