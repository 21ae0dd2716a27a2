"""Anthropic's Messages API: requests out, answers in, whole and streamed; carrying them is the transport's business.

Docs: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.accumulate import fold
from llmring._gen.stream import Finish, TextDelta
from llmring.exceptions import ProviderResponseError
from llmring.protocols.anthropic_blocks import NAME
from llmring.protocols.anthropic_encode import encode
from llmring.protocols.anthropic_errors import decode_error, error_in
from llmring.protocols.anthropic_stream import State, begin_message, end_message, events, finish, start
from llmring.protocols.anthropic_usage import finish_reason, usage
from llmring.protocols.framing import whole
from llmring.protocols.reading import object_of, objects_of, text_of

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent

__all__ = ["FRAMING", "NAME", "State", "decode", "decode_error", "encode", "events", "finish", "start"]

FRAMING: Final = "sse"


def decode(reply: HttpReply) -> LLMResponse[Any]:
    """Read a whole message (docs: Messages, create).

    Raises:
        ProviderError: the body is an error in spite of its status.
        ProviderResponseError: the body is no message.

    """
    body = whole(reply)
    match body:
        case {"type": "error"} | {"error": dict()}:
            raise error_in(body, headers=reply.headers)
        case {"content": str(text)}:
            found = _read(body, [{"type": "text", "text": text}])
        case {"content": list() | None}:
            found = _plain(body) or _read(body, body["content"])
        case _:
            message = "the answer is no message: it has no content"
            raise ProviderResponseError(message, status_code=reply.status, body=body)
    return fold(found, protocol=NAME, raw=body, headers=dict(reply.headers))


def _read(body: dict[str, Any], content: Any) -> list[StreamEvent]:
    """Read a message as the stream that would have told it."""
    state = start()
    begin_message(state, body)
    found: list[StreamEvent] = []
    for at, block in enumerate(objects_of(content)):
        found += state.blocks.begin(at, block)
        found += state.blocks.end(at)
    found += end_message(state, body, None)
    found += finish(state)
    return found


def _plain(body: dict[str, Any]) -> list[StreamEvent] | None:
    """Read a message of one text and nothing else, as most are; None where there may be more to it."""
    try:
        (block,) = body["content"]
        kind, text, reason = block["type"], block["text"], body["stop_reason"]
    except (TypeError, ValueError, KeyError):
        return None
    if kind != "text" or type(text) is not str or not text or type(reason) is not str:
        return None
    if block.get("citations") or body.get("stop_details"):
        return None
    counters = object_of(body.get("usage"))
    end = Finish(
        finish_reason=finish_reason(reason, calls=False),
        raw_finish_reason=reason,
        usage=usage(counters) if counters else None,
        model=text_of(body.get("model")),
        id=text_of(body.get("id")),
        service_tier=text_of(counters.get("service_tier")),
    )
    return [TextDelta(delta=text, block=0), end]
