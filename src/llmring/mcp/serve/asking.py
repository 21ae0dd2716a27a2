"""From a tool's arguments, which fit their schema, to what a ring is asked; nothing is read from this machine or fetched."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

from llmring import AudioPart, ImagePart, Message, TextPart
from llmring.exceptions import InvalidMessageError

Arguments = dict[str, Any]

SAME = ("temperature", "top_p", "max_tokens", "stop", "seed", "reasoning")
"""Options that the ring has under the same name."""


def conversation(arguments: Arguments) -> list[Message]:
    """Give the messages: those of *arguments* or its one prompt, below the instructions.

    Raises:
        InvalidMessageError: it has both, or neither; or a file's bytes are no base64.

    """
    given = [name for name in ("prompt", "messages") if name in arguments]
    if len(given) != 1:
        raise InvalidMessageError(f"give either prompt or messages, not {'both' if given else 'neither'}", path="messages")
    first = [Message(role="system", content=arguments["system"])] if "system" in arguments else []
    if "prompt" in arguments:
        return [*first, Message(role="user", content=arguments["prompt"])]
    return first + [_message(each, f"messages[{at}]") for at, each in enumerate(arguments["messages"])]


def options(arguments: Arguments, most: float | None) -> dict[str, Any]:
    """Give the ring's options for *arguments*; the call may cost *most* dollars, whatever it asks for."""
    found = {name: arguments[name] for name in SAME if name in arguments}
    limits = [each for each in (arguments.get("max_cost"), most) if each is not None]
    if limits:
        found["max_cost"] = min(limits)
    if "response_schema" in arguments:
        found["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": arguments["response_schema"]},
            "strict": True,
        }
    return found


def _message(given: dict[str, Any], path: str) -> Message:
    content = given["content"]
    parts = content if isinstance(content, str) else [_part(each, f"{path}.content[{at}]") for at, each in enumerate(content)]
    return Message(role=given["role"], content=parts)


def _part(given: dict[str, Any], path: str) -> TextPart | ImagePart | AudioPart:
    if given["type"] == "text":
        return TextPart(text=given["text"])
    try:
        data = b64decode(given["data"], validate=True)
    except binascii.Error as error:
        raise InvalidMessageError(f"{path}.data is no base64: {error}", path=f"{path}.data") from None
    kind = ImagePart if given["type"] == "image" else AudioPart
    return kind(data=data, media_type=given["mimeType"])
