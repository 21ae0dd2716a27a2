"""Spoil a reply as its fault asks; what happens to the connection itself is left to the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.reading import compact, obj
from llmring.testing.simulator.values import Reply

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Call, Trouble

__all__ = ["STATUSES", "place", "spoil"]

STATUSES: Final = {"status", "quota", "context", "filter"}
"""The faults that are an answer with a status, in place of the real one."""
_AFTER: Final = 3
_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def place(after: int | None, events: int) -> int:
    """Say at which of *events* a fault in the stream comes: always at one that there is."""
    return max(0, min(_AFTER if after is None else after, events - 1))


def spoil(reply: Reply, call: Call) -> Reply:
    """Change what *reply* says, where its fault lies in that."""
    match reply.fault:
        case "html":
            return Reply(status=502, headers={"content-type": "text/html"}, body=_PAGE)
        case "empty":
            return Reply(headers=reply.headers, body=b"")
        case "malformed" | "error" | "short":
            trouble = errors.trouble(None, call.steering.status or 529, "none")
            return _spoil_stream(reply, call, trouble) if reply.frames is not None else _spoil_whole(reply, call, trouble)
        case _:
            return reply


def _spoil_whole(reply: Reply, call: Call, trouble: Trouble) -> Reply:
    if reply.fault == "malformed":
        reply.body = reply.body[: len(reply.body) // 2]
    elif reply.fault == "error":
        reply.body = compact(_failed(reply.body, call, trouble)).encode()
    return reply


def _failed(body: bytes, call: Call, trouble: Trouble) -> object:
    """Tell of *trouble* under a status of 200; only OpenAI's responses have a form for it."""
    said = obj(json.loads(body))
    if said.get("object") != "response":
        return errors.body(call.family, trouble)
    error = errors.openai(trouble)
    return {
        **said,
        "status": "failed",
        "error": {"code": error["code"] or error["type"], "message": error["message"]},
        "output": [],
        "usage": None,
    }


def _spoil_stream(reply: Reply, call: Call, trouble: Trouble) -> Reply:
    frames = list(reply.frames or ())
    at = place(call.steering.after, len(frames))
    before, frame, rest = frames[:at], frames[at], frames[at + 1 :]
    if reply.fault == "malformed":
        text = frame.rstrip()
        frames = [*before, text[: len(text) - max(2, len(text) // 4)] + frame[len(text) :], *rest]
    elif reply.fault == "error" and reply.broken is not None:
        frames = [*before, reply.broken(trouble, at)]
    else:
        frames = before
    reply.frames = iter(frames)
    return reply
