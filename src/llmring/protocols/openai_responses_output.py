"""The output of one response being told: which item an event belongs to, and what of it is still untold at the end."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from llmring._base import new_dict, new_list
from llmring.protocols.openai_responses_items import MessageItem, ReasoningItem, identity
from llmring.protocols.openai_responses_tools import CALLS, CallItem, HostedItem
from llmring.protocols.reading import json_of, objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmring._gen.stream import StreamEvent

Item = MessageItem | ReasoningItem | CallItem | HostedItem
ItemT = TypeVar("ItemT", bound=Item)


@attrs.define
class Output:
    """All items of one response."""

    _items: list[Item] = attrs.field(factory=new_list)
    _open: dict[int | str | None, Item] = attrs.field(factory=new_dict)
    """Those not whole yet, by their place."""
    _calls: list[CallItem] = attrs.field(factory=new_list)
    _given: int = 0
    """How many calls were given."""
    _blocks: Iterator[int] = attrs.field(factory=count)
    _beside: bool = False
    """Whether thoughts or hosted tools have come."""

    def words(self, frame: dict[str, Any], kind: type[MessageItem | ReasoningItem], section: str, number: str) -> list[StreamEvent]:
        """Take a delta of a message or of thoughts; the event calls the number of the part *number*."""
        delta, at = frame.get("delta"), frame.get(number)
        if not isinstance(delta, str) or not delta:
            return []
        return self._at(frame, kind, kind.kind).extend(section, at if type(at) is int else 0, delta)

    def arguments(self, frame: dict[str, Any], kind: str) -> list[StreamEvent]:
        """Take a delta of a call."""
        delta = frame.get("delta")
        return self._at(frame, CallItem, kind).extend(delta) if isinstance(delta, str) and delta else []

    def cite(self, frame: dict[str, Any]) -> list[StreamEvent]:
        """Take an annotation of a message."""
        at = frame.get("content_index")
        return self._at(frame, MessageItem, MessageItem.kind).cite(at if type(at) is int else 0, frame.get("annotation"))

    def added(self, frame: dict[str, Any], item: dict[str, Any]) -> list[StreamEvent]:
        """Begin an item; of a call that much is told."""
        place = _place(frame)
        known = self._open.get(place)
        if known is not None and _same(known, item):
            return []
        begun = self._open[place] = self._begin(item)
        return begun.extend(json_of(item.get("arguments", item.get("input")))) if isinstance(begun, CallItem) else []

    def done(self, frame: dict[str, Any], item: dict[str, Any]) -> list[StreamEvent]:
        """End an item."""
        known = self._open.pop(_place(frame), None)
        if known is None or known.kind != item.get("type"):
            known = self._begin(item)
        return known.whole(item) + self._give()

    def settle(self, output: Any) -> list[StreamEvent]:
        """Give what of the whole *output* was not told yet; it has the last word, yet may be empty."""
        items, untold = objects_of(output), list(self._items)
        known = [_take(untold, item, _same) for item in items]
        told: list[StreamEvent] = []
        for item, same in zip(items, known, strict=True):
            told += (same or _take(untold, item, _alike) or self._begin(item)).whole(item)
            if self._given < len(self._calls):
                told += self._give()
        return told

    def close(self) -> list[StreamEvent]:
        """Give the calls that were never said to be whole."""
        for call in self._calls:
            call.whole({})
        return self._give()

    @property
    def called(self) -> bool:
        """Whether there is any call."""
        return bool(self._calls)

    @property
    def refused(self) -> bool:
        """Whether a message declines."""
        return any(item.refused for item in self._items if isinstance(item, MessageItem))

    @property
    def logprobs(self) -> list[Any]:
        """The token probabilities of all messages."""
        return [token for item in self._items if isinstance(item, MessageItem) for token in item.logprobs]

    def _at(self, frame: dict[str, Any], model: type[ItemT], kind: str) -> ItemT:
        """Find the item that *frame* extends; begin one where it was not announced."""
        place = _place(frame)
        item = self._open.get(place)
        if isinstance(item, model) and item.kind == kind:
            return item
        begun = self._open[place] = self._begin({"type": kind, "id": frame.get("item_id")})
        return cast("ItemT", begun)

    def _begin(self, item: dict[str, Any]) -> Item:
        kind = text_of(item.get("type")) or ""
        begun: Item
        if kind == MessageItem.kind:
            begun = MessageItem(identity(item), self._blocks, self._beside)
        elif kind in CALLS:
            begun = CallItem(kind, identity(item), len(self._calls), text_of(item.get("name")))
            self._calls.append(begun)
        else:
            begun = ReasoningItem(identity(item), next(self._blocks)) if kind == ReasoningItem.kind else HostedItem(kind, identity(item))
            self._beside = True
        self._items.append(begun)
        return begun

    def _give(self) -> list[StreamEvent]:
        """Give the calls that are whole, in their order."""
        told: list[StreamEvent] = []
        while self._given < len(self._calls) and (given := self._calls[self._given].give()):
            told += given
            self._given += 1
        return told


def _place(frame: dict[str, Any]) -> int | str | None:
    """Give where an item stands in the output; some servers give only its id."""
    index = frame.get("output_index")
    return index if type(index) is int else text_of(frame.get("item_id"))


def _same(known: Item, item: dict[str, Any]) -> bool:
    return known.identity is not None and known.identity == identity(item) and _alike(known, item)


def _alike(known: Item, item: dict[str, Any]) -> bool:
    return known.kind == item.get("type")


def _take(untold: list[Item], item: dict[str, Any], fits: Callable[[Item, dict[str, Any]], bool]) -> Item | None:
    """Take the first of *untold* that fits *item*; some servers name an item anew in each event."""
    for at, known in enumerate(untold):
        if fits(known, item):
            return untold.pop(at)
    return None
