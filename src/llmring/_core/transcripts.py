"""How a conversation is written down line by line, and read again whatever a crash left of it; the file is the caller's business."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.tool_sums import summed
from llmring._gen.message import Message, ToolResultPart
from llmring._gen.usage import Usage
from llmring.exceptions import ConfigurationError, LLMRingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmring._gen.message import Part
    from llmring._gen.response import LLMResponse

VERSION: Final = 1
"""Of the lines; a file of a newer one is left alone."""
HEADER: Final = "llmring.session"
"""The key by which the first line is known."""


@attrs.define
class Transcript:
    """A conversation as its lines tell it."""

    began: str = ""
    """When it was begun, as ISO 8601."""
    model: str = ""
    system: str = ""
    turns: list[Message] = attrs.field(factory=list[Message])
    answers: int = 0
    usage: Usage = attrs.field(factory=Usage)
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    """Answers of which nobody knows what they cost."""
    lost: int = 0
    """Lines that could not be read: a crash tears the last one."""
    unanswered: list[Message] = attrs.field(factory=list[Message])
    """Turns at the end that a crash left without an answer; they are not among *turns*."""

    def spend(self, usage: Usage, cost: Decimal | None) -> None:
        """Add what one answer used."""
        self.answers += 1
        self.usage = summed([self.usage, usage])
        self.cost += cost or 0
        self.unpriced += cost is None


def header_line(began: str, model: str, system: str) -> str:
    """Write the first line."""
    return _line({HEADER: VERSION, "began": began, "model": model, "system": system})


def turns_line(turns: Sequence[Message], answer: LLMResponse[Any] | None = None) -> str:
    """Write down *turns*, and what the *answer* among them used."""
    entry: dict[str, Any] = {"turns": [turn.to_dict() for turn in turns]}
    if answer is not None:
        entry |= {"model": answer.model, "usage": answer.usage.to_dict(), "cost": None if answer.cost is None else str(answer.cost.total)}
    return _line(entry)


def back_line(length: int) -> str:
    """Write down that of the turns so far only the first *length* hold."""
    return _line({"back": length})


def chosen_line(model: str, system: str) -> str:
    """Write down what the next turns are asked of, and with which instructions."""
    return _line({"model": model, "system": system})


def read_transcript(text: str) -> Transcript:
    """Read the lines of *text*; those that cannot be read are counted, and an end without its answer is set apart.

    Raises:
        ConfigurationError: it is no conversation, or one of a newer version.

    """
    first, *lines = text.split("\n")
    head = _entry(first)
    if HEADER not in head:
        raise ConfigurationError("it is no conversation of llmring")
    if head[HEADER] != VERSION:
        raise ConfigurationError(f"its version is {head[HEADER]!r}, which this llmring does not read: update llmring")
    found = Transcript(began=_word(head, "began"), model=_word(head, "model"), system=_word(head, "system"))
    for line in lines:
        if line.strip() and not _take(found, _entry(line)):
            found.lost += 1
    at = whole(found.turns)
    found.turns, found.unanswered = found.turns[:at], found.turns[at:]
    return found


def whole(turns: Sequence[Message]) -> int:
    """Count the first of *turns* that a model can be asked to go on from: up to an answer, every call in it answered."""
    for at in range(len(turns), 0, -1):
        turn = turns[at - 1]
        if turn.role == "assistant" and not turn.tool_calls:
            return at
        if turn.role == "tool" and not open_calls(turns[:at]):
            return at
    return 0


def open_calls(turns: Sequence[Message]) -> list[Any]:
    """Give the calls of the last answer in *turns* that have no result yet."""
    for at in range(len(turns) - 1, -1, -1):
        if turns[at].role == "assistant":
            told = {turn.tool_call_id for turn in turns[at + 1 :]}
            return [call for call in turns[at].tool_calls if call.id not in told]
    return []


def first_words(turns: Iterable[Message], most: int = 60) -> str:
    """Give the first words that were asked, in one line of at most so many characters."""
    asked = next((said for turn in turns if turn.role == "user" and (said := " ".join(spoken(turn).split()))), "")
    return asked if len(asked) <= most else asked[: most - 3].rstrip() + "..."


def spoken(turn: Message) -> str:
    """Give the text of *turn*; of a file its name or its kind."""
    return turn.content or "" if not isinstance(turn.content, list) else _words(turn.content)


def _words(parts: Sequence[Part]) -> str:
    return "\n\n".join(filter(None, map(_word_of, parts)))


def _word_of(part: Part) -> str:
    if isinstance(part, ToolResultPart):
        return part.content if isinstance(part.content, str) else _words(part.content)
    return getattr(part, "text", None) or f"({getattr(part, 'path', None) or part.type})"


def _line(entry: dict[str, Any]) -> str:
    """Write one line; half characters, which no UTF-8 carries, are replaced."""
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode() + "\n"


def _entry(line: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _word(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _take(found: Transcript, entry: dict[str, Any]) -> bool:
    """Do what *entry* tells; say whether it told anything."""
    match entry:
        case {"turns": list()}:
            return _add(found, entry)
        case {"back": int(length)} if length >= 0:
            del found.turns[length:]
        case {"model": str(model), "system": str(system)}:
            found.model, found.system = model, system
        case _:
            return False
    return True


def _add(found: Transcript, entry: dict[str, Any]) -> bool:
    try:
        read = [Message.from_dict(turn) for turn in entry["turns"]]
        used = Usage.from_dict(entry["usage"]) if "usage" in entry else None
        cost = None if entry.get("cost") is None else Decimal(str(entry["cost"]))
    except (LLMRingError, InvalidOperation):
        return False
    found.turns += read
    if used is not None:
        found.spend(used, cost)
    return True
