"""One answer while it comes in: its blocks in their order, its calls, its end; several make a response elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._core.blocks import Text, Thoughts
from llmring._core.making import plain_message
from llmring._gen.message import RefusalPart
from llmring._gen.response import Choice
from llmring._gen.stream import Finish

if TYPE_CHECKING:
    from llmring._gen.message import Citation, Message, Part
    from llmring._gen.stream import CitationEvent, PartEvent, ReasoningDelta, RefusalDelta, TextDelta, ToolCallComplete, ToolCallDelta
    from llmring._gen.tool import ToolCall

NOT_YET = Finish()
"""The end of an answer that has not come."""


class Answer:
    """Folds the events of one choice."""

    __slots__ = ("_blocks", "_calls", "_numbered", "_protocol", "_refusal", "_text", "_thoughts", "finish", "written")

    def __init__(self, protocol: str | None) -> None:
        """Begin with nothing; *protocol* is what opaque reasoning is marked with."""
        self._protocol = protocol
        self._blocks: list[Text | Thoughts | Part] = []
        self._numbered: dict[tuple[type, int], Text | Thoughts] = {}
        """The blocks that their protocol numbers."""
        self._text: Text | None = None
        """The text that the next delta without a number extends."""
        self._thoughts: Thoughts | None = None
        self._calls: list[tuple[ToolCall, int]] = []
        """Each call, and how many blocks stand before it."""
        self._refusal: list[str] = []
        self.written = 0
        """Characters of calls that are not whole yet."""
        self.finish: Finish = NOT_YET

    def add_text(self, event: TextDelta) -> None:
        """Take more text."""
        text = self._text
        if text is None or event.block is not None:
            text = self._text_at(event.block)
        text.add(event)

    def add_citation(self, event: CitationEvent) -> None:
        """Take a source of the text."""
        self._text_at(event.block).citations.append(event.citation)

    def _text_at(self, number: int | None) -> Text:
        """Give the text of that *number*, or the one at hand; begin it where there is none."""
        text = self._text if number is None else cast("Text | None", self._numbered.get((Text, number)))
        if text is None:
            text = Text()
            self._begin(text, number)
            self._thoughts = None
        self._text = text
        return text

    def add_reasoning(self, event: ReasoningDelta) -> None:
        """Take more thoughts."""
        number = event.block
        thoughts = self._thoughts if number is None else cast("Thoughts | None", self._numbered.get((Thoughts, number)))
        if thoughts is None:
            thoughts = Thoughts(self._protocol)
            self._begin(thoughts, number)
            self._text = None
        self._thoughts = thoughts
        thoughts.add(event)

    def _begin(self, block: Text | Thoughts, number: int | None) -> None:
        self._blocks.append(block)
        if number is not None:
            self._numbered[type(block), number] = block

    def add_part(self, event: PartEvent) -> None:
        """Take a part that came whole."""
        self._blocks.append(event.part)
        self._text = self._thoughts = None

    def add_writing(self, event: ToolCallDelta) -> None:
        """Count more of a call that is being written; the whole call follows."""
        self.written += len(event.arguments)

    def add_call(self, event: ToolCallComplete) -> None:
        """Take a call."""
        self._calls.append((event.tool_call, len(self._blocks)))
        self.written = max(0, self.written - len(event.tool_call.raw_arguments))
        self._text = self._thoughts = None

    def add_refusal(self, event: RefusalDelta) -> None:
        """Take more of the words for declining."""
        self._refusal.append(event.refusal)

    def end(self, event: Finish) -> None:
        """Take the end; of several the last one counts."""
        self.finish = event

    # --- what has come so far ------------------------------------------------------------------

    @property
    def content(self) -> str:
        """The text."""
        match self._blocks:
            case [Text() as text]:
                return text.words
            case blocks:
                return "".join([block.words for block in blocks if isinstance(block, Text)])

    @property
    def reasoning(self) -> str | None:
        """The readable thoughts."""
        return "\n\n".join([words for block in self._blocks if isinstance(block, Thoughts) and (words := block.words)]) or None

    @property
    def refusal(self) -> str | None:
        """The words for declining."""
        return "".join(self._refusal) if self._refusal else None

    @property
    def calls(self) -> list[ToolCall]:
        """The calls, each with its place unless it follows all else."""
        total = len(self._blocks)
        places = [(call, at if at < total else None) for call, at in self._calls]
        return [call if call.at == at else attrs.evolve(call, at=at) for call, at in places]

    @property
    def citations(self) -> list[Citation]:
        """The sources, in the order of the text."""
        return [citation for block in self._blocks if isinstance(block, Text) for citation in block.citations]

    def message(self, content: str, calls: list[ToolCall]) -> Message:
        """Give the turn that *content* and *calls* make: plain text where that says all, parts otherwise."""
        if not self._refusal:
            match self._blocks:
                case []:
                    return plain_message("assistant", None, calls)
                case [Text(plain=True)]:
                    return plain_message("assistant", content, calls)
                case _:
                    pass
        parts: list[Part] = [block.part() if isinstance(block, (Text, Thoughts)) else block for block in self._blocks]
        if self._refusal:
            parts.append(RefusalPart(refusal="".join(self._refusal)))
        return plain_message("assistant", parts, calls)

    def fields(self) -> dict[str, Any]:
        """Give what a choice and a response both say of the answer."""
        content, calls, finish = self.content, self.calls, self.finish
        return {
            "content": content,
            "message": self.message(content, calls),
            "tool_calls": calls,
            "reasoning": self.reasoning,
            "refusal": self.refusal,
            "finish_reason": finish.finish_reason,
            "raw_finish_reason": finish.raw_finish_reason,
            "logprobs": finish.logprobs,
        }

    def choice(self, index: int) -> Choice:
        """Give the answer as one of several."""
        return Choice(index=index, **self.fields())
