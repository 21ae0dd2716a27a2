"""Tool calls among the output of the Responses API: the client's become calls, the provider's own stay as they are."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._base import new_dict, new_list
from llmring._gen.message import ImagePart, OpaquePart
from llmring._gen.stream import PartEvent, ToolCallComplete, ToolCallDelta
from llmring._gen.tool import ToolCall
from llmring.protocols.openai_responses_items import NAME, identity
from llmring.protocols.reading import json_of, text_of

if TYPE_CHECKING:
    from llmring._gen.stream import StreamEvent

CALLS: Final = frozenset({"function_call", "custom_tool_call"})
"""Items that the client answers; what else wants an answer (a computer, a shell, an approval) has no form of its own yet."""

_FIELDS: Final = frozenset({"id", "type", "status", "call_id", "name", "arguments", "input"})
_DIRECT: Final = {"type": "direct"}


@attrs.define
class CallItem:
    """A call of one of the client's tools."""

    kind: str
    identity: str | None
    number: int
    name: str | None
    _pieces: list[str] = attrs.field(factory=new_list)
    _call: ToolCall | None = None
    _extra: dict[str, Any] = attrs.field(factory=new_dict)
    """What it says beside the known fields (its namespace, its caller), to be sent back."""

    def extend(self, delta: str) -> list[StreamEvent]:
        """Take more of the arguments; an empty *delta* begins the call."""
        self._pieces.append(delta)
        return [ToolCallDelta(arguments=delta, id=self.identity, name=self.name, call=self.number)]

    def whole(self, item: dict[str, Any]) -> list[StreamEvent]:
        """Take the whole call, once; it is given only after those before it."""
        if self._call is None:
            written = item.get("arguments", item.get("input"))
            self.identity = identity(item) or self.identity
            self._call = ToolCall(
                id=self.identity or f"call_{self.number}",
                name=text_of(item.get("name")) or self.name or "",
                arguments="".join(self._pieces) if written is None else json_of(written),
                kind="function" if self.kind == "function_call" else "custom",
                item_id=text_of(item.get("id")),
            )
            self._extra = {key: value for key, value in item.items() if key not in _FIELDS and value not in (None, _DIRECT)}
        return []

    def give(self) -> list[StreamEvent]:
        """Give the whole call, after what must go back beside it; nothing while it is not whole."""
        if self._call is None:
            return []
        complete = ToolCallComplete(tool_call=self._call, call=self.number)
        if not self._extra:
            return [complete]
        beside = {"type": self.kind, "call_id": self._call.id, **self._extra}
        return [PartEvent(part=OpaquePart(protocol=NAME, data=beside)), complete]


@attrs.define
class HostedItem:
    """What only the API understands: its own tools and their results, compaction, whatever comes next."""

    kind: str
    identity: str | None
    _told: bool = False

    def whole(self, item: dict[str, Any]) -> list[StreamEvent]:
        """Give the item as it is, once; a generated image also as an image."""
        if self._told:
            return []
        self._told = True
        told: list[StreamEvent] = [PartEvent(part=OpaquePart(protocol=NAME, data=item))]
        if self.kind == "image_generation_call" and (image := _image(item)) is not None:
            told.append(PartEvent(part=image))
        return told


def _image(item: dict[str, Any]) -> ImagePart | None:
    result = item.get("result")
    try:
        data = base64.b64decode(result, validate=True) if isinstance(result, str) else b""
    except (binascii.Error, ValueError):
        return None
    return ImagePart(data=data, media_type=f"image/{text_of(item.get('output_format')) or 'png'}") if data else None
