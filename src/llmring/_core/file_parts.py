"""Registered files in a request: which it names, how each may go to a model, and what stands in its place; nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from llmring._core.media_types import is_text
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, Message, TextPart, ToolResultPart, VideoPart
from llmring.exceptions import FileSizeError, RequestError, UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llmring._core.fit import Target
    from llmring._core.request import NormalRequest
    from llmring._core.uploads import Copy, Kept
    from llmring._gen.message import Part
    from llmring._gen.providers import Capability

Attachment = ImagePart | DocumentPart | AudioPart | VideoPart
Kind = Literal["image", "audio", "video", "text", "document"]

_NEEDS: Mapping[Kind, Capability] = {
    "image": "vision",
    "audio": "audio_input",
    "video": "video_input",
    "text": "text_document",
    "document": "pdf",
}
_WRITTEN: Mapping[str, str] = {"image/svg+xml": "text/xml"}
"""Pictures that are text to models."""


def kind_of(media_type: str) -> Kind:
    """Tell what models make of a file of *media_type*."""
    if media_type in _WRITTEN or is_text(media_type):
        return "text"
    match media_type.partition("/")[0]:
        case "image" | "audio" | "video" as family:
            return family
        case _:
            return "document"


# --- what a request names --------------------------------------------------------------------------


def mentioned(request: NormalRequest) -> dict[str, str]:
    """Give the id of each registered file that *request* names, with the first place where it does."""
    found: dict[str, str] = {}
    for at, file_id in enumerate(request.options.get("files") or ()):
        found.setdefault(file_id, f"files[{at}]")
    for at, message in enumerate(request.messages):
        if isinstance(message.content, list):
            for file_id, path in _named(message.content, f"messages[{at}].content"):
                found.setdefault(file_id, path)
    return found


def _named(parts: Sequence[Part], path: str) -> Iterator[tuple[str, str]]:
    for at, part in enumerate(parts):
        if isinstance(part, FilePart):
            yield part.file_id, f"{path}[{at}].file_id"
        elif isinstance(part, ToolResultPart) and isinstance(part.content, list):
            yield from _named(part.content, f"{path}[{at}].content")


# --- how a file goes -------------------------------------------------------------------------------


def uploaded_as(kept: Kept, path: str, target: Target, taken: Callable[[str], str | None] | None) -> str | None:
    """Give the media type by which *kept* is uploaded for *target*; None to put its content into the request.

    *taken* says as what the provider's files API takes a media type, None where there is no such API.

    Raises:
        UnsupportedParameterError: the model does not take such a file, named at *path*.

    """
    kind = kind_of(kept.look.media_type)
    able = target.capabilities
    if able.get(_NEEDS[kind]) == "unsupported":
        raise _refused(kept, path, target)
    if taken is None or able.get("files") != "native" or (kind == "text" and able.get("pdf") == "unsupported"):
        return None
    found = taken(kept.look.media_type)
    if found is None:
        raise _refused(kept, path, target)
    return found


def _refused(kept: Kept, path: str, target: Target) -> UnsupportedParameterError:
    text = f"{path}: {target.name} does not take {kept.name}, which is {kept.look.media_type}"
    return UnsupportedParameterError(text, parameter="files", model=target.name, path=path)


def check_size(kept: Kept, path: str, model: str, limit: int | None) -> None:
    """Refuse to send an empty file, or one of more than *limit* bytes.

    Raises:
        RequestError: it is empty.
        FileSizeError: it is too large.

    """
    size = kept.look.size
    if not size:
        raise RequestError(f"{path}: {kept.path} is empty", path=path)
    if limit is not None and size > limit:
        text = f"{path}: {kept.path} has {size:,} bytes; {model} takes files of at most {limit:,}"
        raise FileSizeError(text, size=size, limit=limit, path=path)


# --- what stands in its place ------------------------------------------------------------------------


def part_for(kept: Kept, copy: Copy | None) -> Attachment:
    """Give the part that stands for *kept*: by its *copy*, or by its path where there is none."""
    path, file_id = (kept.path, None) if copy is None else (None, copy.reference)
    media_type = copy.media_type if copy is not None else _WRITTEN.get(kept.look.media_type, kept.look.media_type)
    match kind_of(kept.look.media_type):
        case "image":
            return ImagePart(path=path, file_id=file_id, media_type=media_type)
        case "audio":
            return AudioPart(path=path, file_id=file_id, media_type=media_type)
        case "video":
            return VideoPart(path=path, file_id=file_id, media_type=media_type)
        case _:
            return DocumentPart(path=path, file_id=file_id, media_type=media_type, name=kept.name)


def placed(request: NormalRequest, parts: Mapping[str, Attachment]) -> NormalRequest:
    """Put *parts*, by the ids of their files, where *request* names these; those of ``files`` go before the user's last words."""
    messages = [_with_parts(message, parts) for message in request.messages]
    options = dict(request.options)
    added = [parts[file_id] for file_id in dict.fromkeys(options.pop("files", None) or ())]
    if added:
        _add(messages, added)
    return attrs.evolve(request, messages=tuple(messages), options=options)


def _with_parts(message: Message, parts: Mapping[str, Attachment]) -> Message:
    content = message.content
    if not isinstance(content, list) or not any(_named(content, "")):
        return message
    return attrs.evolve(message, content=[_instead(part, parts) for part in content])


def _instead(part: Part, parts: Mapping[str, Attachment]) -> Part:
    if isinstance(part, FilePart):
        return attrs.evolve(parts[part.file_id], cache_control=part.cache_control)
    if isinstance(part, ToolResultPart) and isinstance(part.content, list):
        return attrs.evolve(part, content=[_instead(each, parts) for each in part.content])
    return part


def _add(messages: list[Message], added: Sequence[Part]) -> None:
    """Put *added* before what the user said last; a user who said nothing says them at the end."""
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        if message.role == "user":
            content = message.content
            said: Sequence[Part] = [TextPart(text=content)] if isinstance(content, str) else content or []
            results = [part for part in said if isinstance(part, ToolResultPart)]
            rest = [part for part in said if not isinstance(part, ToolResultPart)]
            messages[at] = attrs.evolve(message, content=[*results, *added, *rest])
            return
    messages.append(Message(role="user", content=[*added]))
