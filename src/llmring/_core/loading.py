"""Find the attachments of a request whose content is elsewhere, and put it in; reading and fetching are done by others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from llmring._core.addresses import host_of, refusal
from llmring._core.inline import settled
from llmring._core.media_types import PDF, is_text, named_type
from llmring._core.parts import as_parts
from llmring._core.request import Texts
from llmring._core.taking import fault
from llmring._gen.message import AudioPart, DocumentPart, ImagePart, ToolResultPart, VideoPart
from llmring.exceptions import FileSizeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmring._core.addresses import Permission
    from llmring._core.fit import Target
    from llmring._core.inline import Attachment, Content
    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message, Part
    from llmring._gen.providers import Capability

_KINDS = (ImagePart, DocumentPart, AudioPart, VideoPart)
_OWN_FILES = ("https://generativelanguage.googleapis.com/", "gs://")
_FILMS = ("https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/")
_FETCHES_DOCUMENTS = frozenset({"anthropic_messages", "openai_responses", "gemini_generate"})


@attrs.frozen
class Place:
    """An attachment, and where it stands in the request."""

    part: Attachment
    at: int
    """Number of the message."""
    index: int
    """Number of the part in it."""
    inner: int | None = None
    """Number of the part inside that one, a tool's result."""

    @property
    def path(self) -> str:
        """How errors call it."""
        outer = f"messages[{self.at}].content[{self.index}]"
        return outer if self.inner is None else f"{outer}.content[{self.inner}]"


@attrs.frozen
class Need:
    """Content to get before the request can be encoded."""

    kind: Literal["file", "address"]
    where: str
    """The file's path, or the URL."""
    path: str
    """Where the request says so."""
    limit: int | None
    """The most bytes that it may have."""


@attrs.frozen
class Taker:
    """One model as attachments see it."""

    target: Target
    limits: Mapping[str, int]
    """The provider's limits, in bytes."""
    permission: Permission

    def takes(self, part: Attachment) -> bool:
        """Tell whether the model takes the kind of *part* at all; `fit` refuses it otherwise."""
        return any(self.target.capabilities.get(name) != "unsupported" for name in _ABILITIES[part.type])

    def most(self, part: Attachment) -> int | None:
        """Give the most bytes that *part* may have, None where no limit is known."""
        whole = self.limits.get("request_bytes")
        limits = [self.limits.get("image_bytes") if part.type == "image" else None, None if whole is None else whole // 4 * 3]
        return min((limit for limit in limits if limit is not None), default=self.limits.get("file_bytes"))

    def fetches(self, part: Attachment, url: str) -> bool:
        """Tell whether the provider gets *url* by itself."""
        protocol = self.target.protocol
        if protocol == "gemini_generate" and (url.startswith(_OWN_FILES) or (part.type == "video" and url.startswith(_FILMS))):
            return True
        if protocol == "gemini_generate" and not (url.startswith("https://") and _told(part, url)):
            return False
        native = self.target.capabilities.get("image_url") == "native"
        return native and (part.type == "image" or (part.type == "document" and protocol in _FETCHES_DOCUMENTS))


def _told(part: Attachment, url: str) -> bool:
    """Tell whether the media type of *url* is known, which Gemini insists on."""
    kind = part.media_type or named_type(url)
    return kind is not None and (kind.startswith("image/") if part.type == "image" else kind == PDF or is_text(kind))


_ABILITIES: Mapping[str, tuple[Capability, ...]] = {
    "image": ("vision",),
    "document": ("pdf", "text_document"),
    "audio": ("audio_input",),
    "video": ("video_input",),
}


def attachments(messages: Sequence[Message]) -> list[Place]:
    """Give every attachment of *messages*; a look at lists of parts, none at texts."""
    if type(messages) is Texts:
        return []
    return [place for at, message in enumerate(messages) if isinstance(message.content, list) for place in _places(message.content, at)]


def _places(parts: Sequence[Part], at: int) -> Iterator[Place]:
    for index, part in enumerate(parts):
        if isinstance(part, _KINDS):
            yield Place(part, at, index)
        elif isinstance(part, ToolResultPart) and not isinstance(part.content, str):
            yield from (Place(each, at, index, inner) for inner, each in enumerate(part.content) if isinstance(each, _KINDS))


def need(place: Place, taker: Taker) -> Need | None:
    """Say what has to be got for *place*, None where everything is there.

    Raises:
        InvalidMessageError: its address is none, or one that neither the provider nor the ring may fetch.

    """
    part = place.part
    if part.data is not None or part.file_id is not None or getattr(part, "text", None) is not None or not taker.takes(part):
        return None
    if part.path is not None:
        return Need("file", part.path, f"{place.path}.path", taker.most(part))
    if part.url is None or part.url.startswith("data:") or taker.fetches(part, part.url):
        return None
    path = f"{place.path}.url"
    host = host_of(part.url)
    if host is None:
        raise fault(path, "must be an http, https or data URL")
    error = refusal(host, taker.permission, path)
    if error is not None:
        raise error
    return Need("address", part.url, path, taker.most(part))


def filled(request: NormalRequest, places: Sequence[Place], contents: Mapping[str, Content], taker: Taker) -> NormalRequest:
    """Put *contents*, by file path or URL, into *places* of *request*.

    Raises:
        InvalidMessageError: an attachment is not what it should be.
        FileSizeError: one is larger than the provider takes, or all of them are.

    """
    messages = list(request.messages)
    total = 0
    for place in places:
        if not taker.takes(place.part):
            continue
        part, size = settled(place.part, contents, place.path, taker.most(place.part))
        total += (size + 2) // 3 * 4
        if total > (whole := taker.limits.get("request_bytes", total)):
            text = f"{place.path}: with it the attachments have {total:,} bytes in base64; {taker.target.name} takes {whole:,} in all"
            raise FileSizeError(text, size=total, limit=whole, path=place.path)
        if part is not place.part:
            messages[place.at] = _with_part(messages[place.at], place, part)
    return attrs.evolve(request, messages=tuple(messages))


def _with_part(message: Message, place: Place, part: Attachment) -> Message:
    """Give *message* with *part* in its *place*."""
    parts = as_parts(message.content)
    outer = parts[place.index]
    if place.inner is not None and isinstance(outer, ToolResultPart):
        made: Part = attrs.evolve(outer, content=_replaced(as_parts(outer.content), place.inner, part))
    else:
        made = part
    return attrs.evolve(message, content=_replaced(parts, place.index, made))


def _replaced(parts: list[Part], index: int, part: Part) -> list[Part]:
    return [*parts[:index], part, *parts[index + 1 :]]
