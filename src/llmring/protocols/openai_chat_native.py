"""Put together what chat completions send in pieces beside the text: OpenRouter's reasoning details, and sound."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

import attrs

from llmring._base import new_list
from llmring._gen.message import AudioPart
from llmring.protocols.reading import text_of

_GROWING: Final = ("text", "summary", "data", "signature")


@attrs.define
class Details:
    """The ``reasoning_details`` of one choice; each must go back as it came."""

    _items: list[dict[str, Any]] = attrs.field(factory=new_list)
    _grown: list[dict[str, list[str]]] = attrs.field(factory=new_list)

    def add(self, details: list[dict[str, Any]]) -> str | None:
        """Take those of one delta or message; give their readable text, if they hold any."""
        readable: list[str] = []
        for detail in details:
            if not self._extends(detail):
                self._items.append({})
                self._grown.append({})
            item, grown = self._items[-1], self._grown[-1]
            for name, value in detail.items():
                if name in _GROWING and isinstance(value, str):
                    item.setdefault(name, "")
                    grown.setdefault(name, []).append(value)
                elif value is not None or name not in item:
                    item[name] = value
            if detail.get("type") == "reasoning.text" and (text := text_of(detail.get("text"))):
                readable.append(text)
        return "".join(readable) if readable else None

    def _extends(self, detail: dict[str, Any]) -> bool:
        """Tell whether *detail* goes on with the last one: same index, same type."""
        if not self._items or type(detail.get("index")) is not int:
            return False
        last = self._items[-1]
        return last.get("index") == detail["index"] and last.get("type") == detail.get("type")

    def whole(self) -> list[dict[str, Any]]:
        """Give all of them, each in one piece."""
        return [
            item | {name: "".join(pieces) for name, pieces in grown.items()} for item, grown in zip(self._items, self._grown, strict=True)
        ]


@attrs.define
class Audio:
    """The sound of one choice: each piece is base64 by itself."""

    _id: str | None = None
    _data: list[bytes] = attrs.field(factory=new_list)
    _transcript: list[str] = attrs.field(factory=new_list)

    def add(self, told: dict[str, Any]) -> None:
        """Take one piece; data that is no base64 is left out."""
        self._id = self._id or text_of(told.get("id"))
        self._transcript.append(text_of(told.get("transcript")) or "")
        try:
            self._data.append(base64.b64decode(text_of(told.get("data")) or "", validate=True))
        except (binascii.Error, ValueError):
            return

    def part(self) -> AudioPart | None:
        """Give the whole; None where there was neither sound nor transcript."""
        data, transcript = b"".join(self._data), "".join(self._transcript)
        if not data and not transcript:
            return None
        return AudioPart(data=data or None, file_id=self._id, transcript=transcript or None)
