"""The text and the thoughts of an answer while they come in, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._gen.message import ReasoningPart, TextPart

if TYPE_CHECKING:
    from llmring._gen.message import Citation
    from llmring._gen.stream import ReasoningDelta, TextDelta


class Text:
    """One text, with what is said about it."""

    __slots__ = ("_pieces", "_signature", "citations")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: list[str] = []
        self._signature: str | None = None
        self.citations: list[Citation] = []

    def add(self, event: TextDelta) -> None:
        """Take more."""
        if event.delta:
            self._pieces.append(event.delta)
        if event.signature is not None:
            self._signature = event.signature

    @property
    def words(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def plain(self) -> bool:
        """Whether the text is all there is to say."""
        return not self.citations and self._signature is None

    def part(self) -> TextPart:
        """Give it as a part."""
        return TextPart(text=self.words, citations=[*self.citations], signature=self._signature)


class Thoughts:
    """One item of reasoning; what is opaque is kept byte for byte, marked with the *protocol* that minted it."""

    __slots__ = ("_data", "_id", "_native", "_pieces", "_protocol", "_signature")

    def __init__(self, protocol: str | None) -> None:
        """Begin with nothing."""
        self._protocol = protocol
        self._pieces: list[str] = []
        self._signature: str | None = None
        self._data: str | None = None
        self._id: str | None = None
        self._native: dict[str, Any] | list[Any] | None = None

    def add(self, event: ReasoningDelta) -> None:
        """Take more; of ids and native items the last one counts."""
        if event.reasoning:
            self._pieces.append(event.reasoning)
        if event.signature is not None:
            self._signature = (self._signature or "") + event.signature
        if event.data is not None:
            self._data = (self._data or "") + event.data
        if event.id is not None:
            self._id = event.id
        if event.native is not None:
            self._native = event.native

    @property
    def words(self) -> str:
        """The readable thoughts so far."""
        return "".join(self._pieces)

    def part(self) -> ReasoningPart:
        """Give them as a part."""
        opaque = (self._signature, self._data, self._id, self._native) != (None, None, None, None)
        return ReasoningPart(
            text=self.words,
            signature=self._signature,
            data=self._data,
            id=self._id,
            native=self._native,
            protocol=self._protocol if opaque else None,
        )
