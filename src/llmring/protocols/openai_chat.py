"""Chat completions, as OpenAI and most other vendors speak them (https://platform.openai.com/docs/api-reference/chat)."""

from __future__ import annotations

from typing import Final

from llmring.protocols.openai_chat_decode import NAME, State, decode, events, finish, start
from llmring.protocols.openai_chat_encode import encode
from llmring.protocols.openai_chat_errors import decode_error

__all__ = ["FRAMING", "NAME", "State", "decode", "decode_error", "encode", "events", "finish", "start"]

FRAMING: Final = "sse"
