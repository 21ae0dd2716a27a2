"""The event sequence in which OpenAI's Responses API streams a response; it is derived from the finished response alone."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator import errors
from llmring.testing.simulator.framing import sse
from llmring.testing.simulator.reading import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator.values import JsonObject, Trouble

__all__ = ["broken", "frames"]

_EMPTY: Final[dict[str, JsonObject]] = {
    "message": {"content": [], "status": "in_progress"},
    "reasoning": {"summary": []},
    "function_call": {"arguments": "", "status": "in_progress"},
}
"""What each kind of item lacks when it is announced."""


def frames(response: JsonObject) -> Iterator[bytes]:
    """Stream *response*, every event numbered."""
    numbers = count()
    for event in _events(response):
        yield sse({**event, "sequence_number": next(numbers)}, event["type"])


def broken(response: JsonObject, trouble: Trouble, at: int) -> bytes:
    """Report *trouble* as the event number *at*: an ``error``, then *response* as failed, as the API does when it breaks off."""
    error = errors.openai(trouble)
    told = {"code": error["code"] or error["type"], "message": error["message"]}
    after: JsonObject = {**response, "status": "failed", "error": told, "output": [], "usage": None, "completed_at": None}
    first = {"type": "error", **told, "param": error["param"], "sequence_number": at}
    return sse(first, "error") + sse({"type": "response.failed", "response": after, "sequence_number": at + 1}, "response.failed")


def _events(response: JsonObject) -> Iterator[JsonObject]:
    unfinished: JsonObject = {"status": "in_progress", "completed_at": None, "incomplete_details": None, "output": [], "usage": None}
    begun = {**response, **unfinished}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for at, item in enumerate(response["output"]):
        yield from _item(item, at)
    yield {"type": f"response.{response['status']}", "response": response}


def _item(item: JsonObject, at: int) -> Iterator[JsonObject]:
    yield {"type": "response.output_item.added", "output_index": at, "item": {**item, **_EMPTY[item["type"]]}}
    place: JsonObject = {"item_id": item["id"], "output_index": at}
    match item:
        case {"type": "message"}:
            for index, part in enumerate(item["content"]):
                yield from _part(part, {**place, "content_index": index})
        case {"type": "function_call", "arguments": str(arguments)}:
            for piece in pieces(arguments, 5):
                yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
            yield {"type": "response.function_call_arguments.done", **place, "arguments": arguments, "name": item["name"]}
        case _:
            for index, part in enumerate(item["summary"]):
                yield from _summary(part, {**place, "summary_index": index})
    yield {"type": "response.output_item.done", "output_index": at, "item": item}


def _part(part: JsonObject, place: JsonObject) -> Iterator[JsonObject]:
    field = "refusal" if part["type"] == "refusal" else "text"
    kind = "response.refusal" if field == "refusal" else "response.output_text"
    said = part.get("logprobs", [])
    yield {"type": "response.content_part.added", **place, "part": {**part, field: "", **({"logprobs": []} if field == "text" else {})}}
    for at, piece in enumerate(pieces(part[field])):
        yield {"type": f"{kind}.delta", **place, "delta": piece, **({"logprobs": said[at : at + 1]} if field == "text" else {})}
    yield {"type": f"{kind}.done", **place, field: part[field], **({"logprobs": said} if field == "text" else {})}
    yield {"type": "response.content_part.done", **place, "part": part}


def _summary(part: JsonObject, place: JsonObject) -> Iterator[JsonObject]:
    yield {"type": "response.reasoning_summary_part.added", **place, "part": {**part, "text": ""}}
    for piece in pieces(part["text"]):
        yield {"type": "response.reasoning_summary_text.delta", **place, "delta": piece}
    yield {"type": "response.reasoning_summary_text.done", **place, "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
