"""The sources that Gemini names for an answer (grounding, recitation) as citations of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from llmring._gen.message import Citation
from llmring.protocols.reading import object_of, objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: Final = ("web", "retrievedContext", "maps", "image")


def citations(text: str, grounding: dict[str, Any], recited: dict[str, Any]) -> list[Citation]:
    """Give a citation for each piece of *text* and each of its sources; sources that support nothing in particular come last."""
    return [*_grounded(text, grounding), *_recited(text, recited)]


def _grounded(text: str, grounding: dict[str, Any]) -> Iterator[Citation]:
    chunks = objects_of(grounding.get("groundingChunks"))
    named: set[int] = set()
    for support in objects_of(grounding.get("groundingSupports")):
        span = _span(text, object_of(support.get("segment")))
        indices = support.get("groundingChunkIndices")
        for index in cast("list[Any]", indices) if isinstance(indices, list) else []:
            if type(index) is int and 0 <= index < len(chunks):
                named.add(index)
                yield _citation(chunks[index], span)
    for index, chunk in enumerate(chunks):
        if index not in named:
            yield _citation(chunk, (None, None))


def _citation(chunk: dict[str, Any], span: tuple[int | None, int | None]) -> Citation:
    source = object_of(next((chunk[kind] for kind in _KINDS if kind in chunk), None))
    return Citation(
        url=text_of(source.get("uri")) or text_of(source.get("sourceUri")),
        title=text_of(source.get("title")),
        cited_text=text_of(source.get("text")),
        start=span[0],
        end=span[1],
        source=chunk,
    )


def _recited(text: str, recited: dict[str, Any]) -> Iterator[Citation]:
    for each in objects_of(recited.get("citations")) or objects_of(recited.get("citationSources")):
        start, end = _span(text, each)
        yield Citation(url=text_of(each.get("uri")), title=text_of(each.get("title")), start=start, end=end, source=each)


def _span(text: str, segment: dict[str, Any]) -> tuple[int | None, int | None]:
    """Give the characters of a *segment*, which is told in bytes and, at times, in its own words."""
    words = text_of(segment.get("text"))
    start, end = _character(text, segment.get("startIndex") or 0), _character(text, segment.get("endIndex"))
    if words is None or (start is not None and end is not None and text[start:end] == words):
        return (start, end) if end is not None else (None, None)
    at = text.find(words)
    return (at, at + len(words)) if at >= 0 else (None, None)


def _character(text: str, byte: Any) -> int | None:
    if type(byte) is not int or byte < 0:
        return None
    return len(text.encode(errors="replace")[:byte].decode(errors="ignore"))
