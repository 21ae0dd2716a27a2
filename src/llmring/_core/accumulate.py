"""Fold stream events into a response; a whole answer is folded by the same code, so both agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._gen.message import Citation, Message, Part, ReasoningPart, RefusalPart, TextPart
from llmring._gen.response import Choice, LLMResponse
from llmring._gen.stream import (
    CitationEvent,
    Finish,
    PartEvent,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallComplete,
)
from llmring._gen.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring._gen.tool import ToolCall


@attrs.define
class _Text:
    pieces: list[str]
    signature: str | None = None
    citations: list[Citation] = attrs.field(factory=list[Citation])

    def part(self) -> TextPart:
        return TextPart(text="".join(self.pieces), citations=self.citations, signature=self.signature)

    @property
    def plain(self) -> bool:
        return not self.citations and self.signature is None


@attrs.define
class _Reasoning:
    protocol: str | None
    pieces: list[str] = attrs.field(factory=list[str])
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    native: Any = None

    def add(self, event: ReasoningDelta) -> None:
        if event.reasoning:
            self.pieces.append(event.reasoning)
        if event.signature is not None:
            self.signature = (self.signature or "") + event.signature
        if event.data is not None:
            self.data = (self.data or "") + event.data
        if event.id is not None:
            self.id = event.id
        if event.native is not None:
            self.native = event.native

    def part(self) -> ReasoningPart:
        return ReasoningPart(
            text="".join(self.pieces),
            signature=self.signature,
            data=self.data,
            id=self.id,
            native=self.native,
            protocol=self.protocol if self._opaque else None,
        )

    @property
    def _opaque(self) -> bool:
        return any(value is not None for value in (self.signature, self.data, self.id, self.native))


@attrs.define
class _Choice:
    protocol: str | None
    blocks: dict[Any, _Text | _Reasoning | Part] = attrs.field(factory=dict[Any, "_Text | _Reasoning | Part"])
    text: _Text | None = None
    """The text that the next delta without a block extends."""
    reasoning: _Reasoning | None = None
    calls: list[ToolCall] = attrs.field(factory=list["ToolCall"])
    refusal: list[str] = attrs.field(factory=list[str])
    finish: Finish | None = None

    def add_text(self, event: TextDelta) -> None:
        block = event.block
        text = self.text if block is None else cast("_Text | None", self.blocks.get(("text", block)))
        if text is None:
            text = _Text([])
            self.blocks[("text", len(self.blocks) if block is None else block)] = text
            self.reasoning = None
        self.text = text
        if event.delta:
            text.pieces.append(event.delta)
        if event.signature is not None:
            text.signature = event.signature

    def add_reasoning(self, event: ReasoningDelta) -> None:
        block = event.block
        reasoning = self.reasoning if block is None else cast("_Reasoning | None", self.blocks.get(("reasoning", block)))
        if reasoning is None:
            reasoning = _Reasoning(self.protocol)
            self.blocks[("reasoning", len(self.blocks) if block is None else block)] = reasoning
            self.text = None
        self.reasoning = reasoning
        reasoning.add(event)

    def add_part(self, part: Part) -> None:
        self.blocks[("part", len(self.blocks))] = part
        self.text = self.reasoning = None

    def add_call(self, call: ToolCall) -> None:
        self.calls.append(attrs.evolve(call, at=len(self.blocks)))
        self.text = self.reasoning = None

    def add_citation(self, event: CitationEvent) -> None:
        text = self.text if event.block is None else cast("_Text | None", self.blocks.get(("text", event.block)))
        if text is None:
            text = self.text = _Text([])
            self.blocks[("text", len(self.blocks) if event.block is None else event.block)] = text
        text.citations.append(event.citation)

    def settle(self) -> Choice:
        """Close the choice; *index* and log probabilities come from its finish."""
        finish = self.finish or Finish()
        refusal = "".join(self.refusal) if self.refusal else None
        blocks = list(self.blocks.values())
        total = len(blocks)
        calls = [call if call.at is not None and call.at < total else attrs.evolve(call, at=None) for call in self.calls]
        return Choice(
            index=finish.index,
            message=Message(role="assistant", content=_content(blocks, refusal), tool_calls=calls),
            content="".join("".join(block.pieces) for block in blocks if isinstance(block, _Text)),
            tool_calls=calls,
            reasoning=_reasoning(blocks),
            refusal=refusal,
            finish_reason=finish.finish_reason,
            raw_finish_reason=finish.raw_finish_reason,
            logprobs=finish.logprobs,
        )

    @property
    def citations(self) -> list[Citation]:
        return [citation for block in self.blocks.values() if isinstance(block, _Text) for citation in block.citations]


def _content(blocks: list[_Text | _Reasoning | Part], refusal: str | None) -> str | list[Part] | None:
    """Give plain text where that says all, parts otherwise."""
    if refusal is None:
        match blocks:
            case []:
                return None
            case [_Text(plain=True) as text]:
                return "".join(text.pieces)
            case _:
                pass
    parts: list[Part] = [block.part() if isinstance(block, (_Text, _Reasoning)) else block for block in blocks]
    return parts if refusal is None else [*parts, RefusalPart(refusal=refusal)]


def _reasoning(blocks: list[_Text | _Reasoning | Part]) -> str | None:
    texts = ["".join(block.pieces) for block in blocks if isinstance(block, _Reasoning) and block.pieces]
    return "\n\n".join(texts) if texts else None


class Accumulator:
    """Folds events; ``response()`` may be asked at any time and gives what has come so far."""

    __slots__ = ("_choices", "_first", "_protocol")

    def __init__(self, protocol: str | None = None) -> None:
        """Begin with nothing; *protocol* is what opaque reasoning is marked with."""
        self._protocol = protocol
        self._first = _Choice(protocol)
        self._choices: dict[int, _Choice] = {}

    def add(self, event: StreamEvent) -> None:
        """Fold one *event*."""
        choice = self._choice(event.index)
        match event:
            case TextDelta():
                choice.add_text(event)
            case ReasoningDelta():
                choice.add_reasoning(event)
            case ToolCallComplete():
                choice.add_call(event.tool_call)
            case Finish():
                choice.finish = event
            case RefusalDelta():
                choice.refusal.append(event.refusal)
            case CitationEvent():
                choice.add_citation(event)
            case PartEvent():
                choice.add_part(event.part)
            case _:  # a ToolCallDelta: the whole call follows
                pass

    def _choice(self, index: int) -> _Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice(self._protocol) if self._choices else self._first
        return choice

    def response(self, *, raw: Any = None, headers: dict[str, str] | None = None) -> LLMResponse[Any]:
        """Give the response so far; model and id are the provider's own words."""
        ordered = sorted(self._choices.items())
        settled = [attrs.evolve(choice.settle(), index=index) for index, choice in ordered] or [self._first.settle()]
        finishes = [choice.finish for _, choice in ordered if choice.finish is not None]
        first, last = settled[0], finishes[-1] if finishes else Finish()
        return LLMResponse(
            content=first.content,
            message=first.message,
            tool_calls=first.tool_calls,
            reasoning=first.reasoning,
            refusal=first.refusal,
            finish_reason=first.finish_reason,
            raw_finish_reason=first.raw_finish_reason,
            model=next((finish.model for finish in finishes if finish.model), ""),
            id=next((finish.id for finish in finishes if finish.id), None),
            usage=next((finish.usage for finish in reversed(finishes) if finish.usage is not None), None) or Usage(),
            warnings=[warning for finish in finishes for warning in finish.warnings],
            citations=ordered[0][1].citations if ordered else [],
            logprobs=first.logprobs,
            choices=settled if len(settled) > 1 else [],
            service_tier=last.service_tier,
            headers=headers or {},
            raw=raw,
        )


def fold(events: Iterable[StreamEvent], *, protocol: str, raw: Any = None, headers: dict[str, str] | None = None) -> LLMResponse[Any]:
    """Fold all *events* of one whole answer."""
    accumulator = Accumulator(protocol)
    for event in events:
        accumulator.add(event)
    return accumulator.response(raw=raw, headers=headers)
