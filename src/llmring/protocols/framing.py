"""How a streamed body is cut into JSON objects; the meaning of each is its protocol's business."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

from llmring._base import too_deep
from llmring._core.jsontext import loads
from llmring._core.quickjson import INSTALLED, quick_loads
from llmring.exceptions import ProviderResponseError

if TYPE_CHECKING:
    from llmring._core.http import HttpReply

Framing = Literal["sse", "ndjson"]
"""How a provider marks where one object of a stream ends."""

DONE: Final = b"[DONE]"
"""The payload by which OpenAI's API and its kin end a stream."""

_SHOWN: Final = 200
_scan = json.JSONDecoder().raw_decode


class Decoder(Protocol):
    """Cuts bytes into payloads."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and give the payloads they complete."""
        ...

    def flush(self) -> list[bytes]:
        """Give what the end of the bytes completes."""
        ...


def decoder(framing: Framing) -> Decoder:
    """Make the decoder of *framing* for one body."""
    if framing == "sse":
        from llmring.protocols.sse import SseDecoder

        return SseDecoder()
    from llmring.protocols.ndjson import NdjsonDecoder

    return NdjsonDecoder()


def frame(data: bytes) -> dict[str, Any] | None:
    """Decode one payload, which has no white space around it; None for ``[DONE]`` and for an empty one.

    Raises:
        ProviderResponseError: the payload is no JSON object.

    """
    if data == DONE or not data:
        return None
    if INSTALLED:
        try:
            value = quick_loads(data)
        except ValueError:
            value = None  # said below, or read there
        if isinstance(value, dict) and not too_deep(data, cast("Any", value)):
            return cast("dict[str, Any]", value)
    try:
        text = data.decode()
        value, end = _scan(text)
    except (ValueError, RecursionError):
        raise misread(data, "an event of the stream is not JSON") from None
    if end != len(text) or not isinstance(value, dict):
        raise misread(data, "an event of the stream is not one JSON object")
    if too_deep(data, value):
        raise misread(data, "an event of the stream is nested too deeply")
    return cast("dict[str, Any]", value)


def whole(reply: HttpReply) -> dict[str, Any]:
    """Decode the body of *reply*.

    Raises:
        ProviderResponseError: the body is no JSON object.

    """
    try:
        value = loads(reply.body)
    except ValueError:
        raise misread(reply.body, "the answer is not JSON", reply.status) from None
    if not isinstance(value, dict):
        raise misread(reply.body, "the answer is not a JSON object", reply.status)
    return cast("dict[str, Any]", value)


def is_whole(payload: bytes) -> bool:
    """Tell whether *payload*, the last of a body, was not cut short."""
    if payload == DONE:
        return True
    try:
        loads(payload)
    except ValueError:
        return False
    return True


def misread(data: bytes, what: str, status: int = 200) -> ProviderResponseError:
    """Say *what* is wrong with *data*, and show its beginning."""
    text = data[: _SHOWN * 4].decode(errors="replace")
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return ProviderResponseError(f"{what}: {shown!r}", status_code=status, body=text)
