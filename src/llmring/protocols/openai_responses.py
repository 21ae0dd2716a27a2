"""OpenAI's Responses API: requests out, answers in, whole and streamed; carrying them is the transport's business.

Docs: https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring._core.accumulate import fold
from llmring.exceptions import ProviderResponseError
from llmring.protocols.framing import whole
from llmring.protocols.openai_chat_errors import error_answer, error_inside
from llmring.protocols.openai_responses_encode import PATH, encode
from llmring.protocols.openai_responses_items import NAME
from llmring.protocols.openai_responses_stream import State, end, events, finish, start, usage_of
from llmring.protocols.reading import object_of

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._gen.response import LLMResponse
    from llmring.exceptions import ProviderError

__all__ = ["FRAMING", "NAME", "PATH", "State", "decode", "decode_error", "encode", "events", "finish", "start"]

FRAMING: Final = "sse"


def decode(reply: HttpReply) -> LLMResponse[Any]:
    """Read a whole response; one that is only queued has no output yet.

    Raises:
        ProviderError: the body is an error in spite of its status.
        ProviderResponseError: the body is no response.

    """
    body = whole(reply)
    if not isinstance(body.get("output"), list) and body.get("object") != "response":
        if body.get("error"):
            told = object_of(body.get("usage"))
            raise error_inside(body["error"], body, usage_of(told) if told else None)
        message = "the answer is no response: it has no output"
        raise ProviderResponseError(message, status_code=reply.status, body=body)
    return fold(end(start(), body, None), protocol=NAME, raw=body, headers=dict(reply.headers))


def decode_error(reply: HttpReply) -> ProviderError:
    """Read an error answer."""
    return error_answer(reply, usage_of)
