"""Chat completions, as OpenAI and most other vendors speak them (https://platform.openai.com/docs/api-reference/chat)."""

from __future__ import annotations

from typing import Final

from llmring.protocols.openai_chat_decode import State, decode, events, finish, start
from llmring.protocols.openai_chat_errors import decode_error

__all__ = ["FRAMING", "NAME", "State", "decode", "decode_error", "events", "finish", "start"]

NAME: Final = "openai_chat"
FRAMING: Final = "sse"
