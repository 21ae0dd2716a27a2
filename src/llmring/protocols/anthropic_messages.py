"""Anthropic's Messages API: requests out, answers in, whole and streamed; carrying them is the transport's business.

Docs: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.accumulate import fold
from llmring.exceptions import ProviderResponseError
from llmring.protocols.anthropic_blocks import NAME
from llmring.protocols.anthropic_encode import encode
from llmring.protocols.anthropic_errors import decode_error, error_in
from llmring.protocols.anthropic_stream import State, begin_message, end_message, events, finish, start
from llmring.protocols.framing import whole
from llmring.protocols.reading import objects_of

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
            found = _read(body, body["content"])
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
