"""Read the calls that a model writes into its text, piece by piece as the text comes; how it was told to, the emulation says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.structured import unfenced
from llmring._core.tool_emulation import CLOSE, OPEN
from llmring._gen.tool import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r'"name"\s*:\s*"([^"]+)"')
_ARGUMENTS: Final = re.compile(r'"(?:arguments|parameters)"\s*:\s*(.*)', re.DOTALL)


class CallReader:
    """Parts the calls of one answer from its text."""

    __slots__ = ("_first", "_gap", "_held", "_inside", "_written", "calls")

    def __init__(self, first: int = 0) -> None:
        """Begin to read; the calls are numbered from *first*, after those of the conversation."""
        self.calls = 0
        """How many calls were read."""
        self._first = first
        self._held = ""
        """Text that may turn out to be a tag, or the end of a call not yet whole."""
        self._written: list[str] = []
        """The call before that: what is known to hold no tag is not looked at again."""
        self._gap = ""
        """White space that is only told if more text follows."""
        self._inside = False

    def read(self, text: str) -> Iterator[str | ToolCall]:
        """Take more *text*; yield what is certain to be text, and whole calls."""
        self._held += text
        while True:
            before, tag, after = self._held.partition(CLOSE if self._inside else OPEN)
            if not tag:
                break
            yield from self._calls(self._whole(before), tag) if self._inside else self._text(before)
            self._inside = not self._inside
            self._held = after
        certain = len(self._held) - _begun(self._held, CLOSE if self._inside else OPEN)
        told, self._held = self._held[:certain], self._held[certain:]
        if self._inside:
            self._written.append(told)
        else:
            yield from self._text(told)

    def end(self) -> Iterator[str | ToolCall]:
        """Take the end: a call need not be closed, and what never became a tag is text."""
        rest, self._held = self._held, ""
        yield from self._calls(self._whole(rest), "") if self._inside else self._text(rest)
        if self._gap and not self.calls:
            yield self._gap

    def _whole(self, rest: str) -> str:
        """Give all that was written of a call, *rest* included."""
        self._written.append(rest)
        whole = "".join(self._written)
        self._written = []
        return whole

    def _text(self, text: str) -> Iterator[str]:
        """Yield *text*, keeping back the white space at its end: before and after calls there is none."""
        said = text.rstrip()
        if said:
            yield self._gap + said
            self._gap = text[len(said) :]
        else:
            self._gap += text

    def _calls(self, text: str, tag: str) -> Iterator[str | ToolCall]:
        """Yield the calls that *text* holds; what is none is text after all, in its tags."""
        found = _read(text)
        if not found:
            yield from self._text(OPEN + text + tag)
        for name, arguments in found:
            yield ToolCall(id=f"call_{self._first + self.calls}", name=name, arguments=arguments)
            self.calls += 1


def _begun(text: str, tag: str) -> int:
    """Count the characters at the end of *text* that may be the beginning of *tag*."""
    return next((length for length in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-length:])), 0)


def _read(text: str) -> list[tuple[str, Any]]:
    """Give names and arguments of the calls in *text*; of one that is broken at least the name, so that the model can be told."""
    try:
        value: Any = json.loads(unfenced(text))
    except (ValueError, RecursionError):
        name, arguments = _NAME.search(text), _ARGUMENTS.search(text)
        return [(name[1], arguments[1].strip() if arguments else "{")] if name else []
    found = [_named(each) for each in (cast("list[Any]", value) if isinstance(value, list) else [value])]
    return [each for each in found if each is not None] if all(found) else []


def _named(value: Any) -> tuple[str, Any] | None:
    if not isinstance(value, dict):
        return None
    call = cast("dict[str, Any]", value)
    name, arguments = call.get("name"), call.get("arguments", call.get("parameters", ""))
    told = isinstance(name, str) and bool(name) and type(arguments) in {dict, str}
    return (cast("str", name), arguments) if told else None
