"""Ollama's own chat API (https://docs.ollama.com/api/chat)."""

from __future__ import annotations

from typing import Final

from llmring.protocols.ollama_chat_decode import NAME, State, decode, decode_error, events, finish, start
from llmring.protocols.ollama_chat_encode import encode

__all__ = ["FRAMING", "NAME", "State", "decode", "decode_error", "encode", "events", "finish", "start"]

FRAMING: Final = "ndjson"
