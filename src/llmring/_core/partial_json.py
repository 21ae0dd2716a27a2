"""Read as much as can be read of JSON text that is not yet complete."""

from __future__ import annotations

import json
from typing import Any


def best_effort(text: str) -> Any:
    """Give the value of the longest readable beginning of *text*, open strings, lists and objects closed; None where there is none."""
    start = text.lstrip().removeprefix("```json").removeprefix("```").lstrip()
    if not start:
        return None
    for cut in _cuts(start):
        try:
            return json.loads(cut)
        except (ValueError, RecursionError):
            continue
    return None


def _cuts(text: str) -> list[str]:
    """Give complete texts to try: as it is, then closed at its end, then closed at each earlier safe place, the latest first."""
    closers: list[str] = []
    safe: list[tuple[int, str]] = []
    inside = escaped = False
    for at, sign in enumerate(text):
        if inside:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                inside = False
        elif sign == '"':
            inside = True
        elif sign in "{[":
            closers.append("}" if sign == "{" else "]")
            safe.append((at + 1, "".join(reversed(closers))))
        elif sign in "}]" and closers:
            closers.pop()
        elif sign == ",":
            safe.append((at, "".join(reversed(closers))))
    tail = "".join(reversed(closers))
    open_string = (text[:-1] if escaped else text) + '"' + tail if inside else text + tail
    return [text, open_string, *(text[:at] + close for at, close in reversed(safe[-2:]))]
