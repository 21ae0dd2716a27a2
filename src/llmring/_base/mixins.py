"""What single models read by key beside their fields."""

from __future__ import annotations

from typing import Any, ClassVar

from llmring._base.fields import json_object
from llmring._base.readable import Readable


class UsageReading(Readable):
    """OpenAI's older names for the two counters, readable by key too."""

    __slots__ = ()
    _also: ClassVar[tuple[str, ...]] = ("prompt_tokens", "completion_tokens")
    input_tokens: int
    output_tokens: int

    @property
    def prompt_tokens(self) -> int:
        """The same as *input_tokens*."""
        return self.input_tokens

    @property
    def completion_tokens(self) -> int:
        """The same as *output_tokens*."""
        return self.output_tokens

    def __getitem__(self, key: str) -> Any:
        """Give a counter by its name, OpenAI's older names included."""
        return getattr(self, key) if key in self._also else super().__getitem__(key)

    def to_dict(self) -> dict[str, Any]:
        """Give all counters, zeros included."""
        return {key: getattr(self, key) for key in self._reads}


class ToolCallReading(Readable):
    """The decoded arguments, and OpenAI's shape by key."""

    __slots__ = ()
    _also: ClassVar[tuple[str, ...]] = ("function", "type")
    name: str
    raw_arguments: str

    @property
    def arguments(self) -> dict[str, Any] | None:
        """The decoded arguments: ``{}`` for an empty text, None when the text is no JSON object."""
        return json_object(self.raw_arguments)

    def __getitem__(self, key: str) -> Any:
        """Give a field, or OpenAI's ``function`` and ``type``."""
        match key:
            case "function":
                return {"name": self.name, "arguments": self.raw_arguments}
            case "type":
                return "function"
            case _:
                return super().__getitem__(key)
