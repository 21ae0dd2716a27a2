"""What a chat sends beside its prompt: files as parts, and the form that the answer must have."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmring import AudioPart, DocumentPart, ImagePart, TextPart, VideoPart, get_file_mime_type
from llmring.exceptions import FileSizeError, InvalidMessageError, RequestError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from llmring import Part

_PLACE = re.compile(r"^messages\[\d+\]\.content\[(\d+)\](?:\.\w+)?$")
_MEDIA_TYPE = "give its media_type", "give it a name that ends in .pdf, .docx, .png or the like"
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def content(text: str, files: Sequence[str]) -> str | list[Part]:
    """Give the content of a turn: *files* first, as the vendors advise, then *text*."""
    return [*map(part, files), TextPart(text=text)] if files else text


def part(path: str) -> Part:
    """Make a part of the file at *path*, by its kind."""
    kind = get_file_mime_type(path)
    match kind.partition("/")[0]:
        case "image":
            return ImagePart(path=path)
        case "audio":
            return AudioPart(path=path)
        case "video":
            return VideoPart(path=path)
        case _:
            return DocumentPart(path=path, name=Path(path).name)


@contextmanager
def named(files: Sequence[str]) -> Generator[None]:
    """Let an error about one of *files*, the first parts of a turn, name the file rather than its place in the request."""
    try:
        yield
    except (InvalidMessageError, FileSizeError) as error:
        found = _PLACE.search(error.path or "")
        if found is None or int(found[1]) >= len(files):
            raise
        told = str(error).replace(found[0], files[int(found[1])]).replace(*_MEDIA_TYPE)
        raise RequestError(told, path=error.path) from error


def wanted(path: str) -> dict[str, Any]:
    """Read the JSON Schema at *path*, bare or as OpenAI wraps it.

    Raises:
        UsageError: it is none.

    """
    try:
        schema: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--schema {path} is no JSON: {error}") from None
    if not isinstance(schema, dict):
        raise click.UsageError(f"--schema {path} is no JSON Schema: it must be an object")
    if "schema" in schema and "type" not in schema:
        return {"type": "json_schema", "json_schema": schema}
    name = _NAME.sub("_", Path(path).name.partition(".")[0])[:64].strip("_") or "answer"
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}, "strict": True}
