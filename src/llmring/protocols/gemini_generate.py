"""Gemini's generateContent: requests out, answers in, whole and streamed; carrying them is the transport's business.

Docs: https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.accumulate import fold
from llmring._core.jsontext import loads
from llmring.exceptions import ProviderResponseError
from llmring.protocols.framing import whole
from llmring.protocols.gemini_encode import encode
from llmring.protocols.gemini_errors import decode_error
from llmring.protocols.gemini_stream import NAME, State, events, finish, start
from llmring.protocols.reading import objects_of

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring._gen.stream import StreamEvent

__all__ = ["FRAMING", "NAME", "State", "decode", "decode_error", "encode", "events", "finish", "start"]

FRAMING: Final = "sse"
_KNOWN: Final = frozenset({"candidates", "promptFeedback", "usageMetadata", "error"})


def decode(reply: HttpReply) -> LLMResponse[Any]:
    """Read a whole answer (docs: GenerateContent), or a stream's chunks as one JSON list.

    Raises:
        ProviderError: the body is an error in spite of its status, or says that the prompt was blocked.
        ProviderResponseError: the body is no answer.

    """
    body, chunks = _chunks(reply)
    if not any(_KNOWN & chunk.keys() for chunk in chunks):
        message = "the answer is none of Gemini's: it has no candidates"
        raise ProviderResponseError(message, status_code=reply.status, body=body)
    state = start()
    found: list[StreamEvent] = []
    for chunk in chunks:
        found += events(state, chunk)
    found += finish(state)
    return fold(found, protocol=NAME, raw=body, headers=dict(reply.headers))


def _chunks(reply: HttpReply) -> tuple[Any, list[dict[str, Any]]]:
    if not reply.body.lstrip().startswith(b"["):
        body = whole(reply)
        return body, [body]
    try:
        listed = loads(reply.body)
    except ValueError:
        raise ProviderResponseError(
            "the answer is not JSON", status_code=reply.status, body=reply.body[:800].decode(errors="replace")
        ) from None
    return listed, objects_of(listed)
