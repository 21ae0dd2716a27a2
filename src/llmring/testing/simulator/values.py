"""What passes between the simulator's parts: a call, an ask, an answer, a reply. No wire format is known here."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmring.testing.simulator.steer import Steering

JsonObject: TypeAlias = dict[str, Any]
Family: TypeAlias = Literal["openai", "anthropic", "gemini", "ollama"]
Finish: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "refusal"]
Streaming: TypeAlias = Literal["", "sse", "ndjson", "array"]

CREATED = 1767225600
"""When every answer was made, in Unix seconds (2026-01-01): recordings of the simulator do not change by the hour."""
CREATED_ISO = "2026-01-01T00:00:00Z"


@dataclass(slots=True, kw_only=True)
class Call:
    """One request as it arrived; *model* comes without its steering, *body* is empty unless it was a JSON object."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    body: JsonObject
    family: Family
    model: str
    steering: Steering
    url: str
    """Where the simulator is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One function that the caller offers as a tool."""

    name: str
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a chat request asks for, in words common to all formats."""

    body: JsonObject
    model: str
    steering: Steering
    seed: int
    prompt: str
    """The text of the last message of the user."""
    results: tuple[str, ...] = ()
    """Tool results given since the assistant spoke last."""
    turns: int = 0
    """How often the assistant has spoken so far."""
    input_tokens: int = 1
    cached_tokens: int = 0
    written_tokens: int = 0
    """Prompt tokens stored in the provider's cache by this request."""
    tools: tuple[Offer, ...] = ()
    choice: Literal["auto", "none", "required"] = "auto"
    forced: str | None = None
    parallel: bool = True
    schema: JsonObject | None = None
    json_mode: bool = False
    reasoning: bool = False
    shows_reasoning: bool = True
    """Whether the caller gets to see the reasoning that it pays for."""
    limit: int | None = None
    stops: tuple[str, ...] = ()
    n: int = 1
    logprobs: bool = False
    top_logprobs: int = 0
    streaming: Streaming = ""

    def digest(self, *salt: object) -> str:
        """Name this ask, with *salt*, by 64 hexadecimal digits that depend on seed, model and body alone."""
        return hashlib.sha256(repr((self.seed, self.model, self.body, salt)).encode()).hexdigest()

    def dice(self, *salt: object) -> random.Random:
        """Give the random numbers of this ask and *salt*."""
        return random.Random(self.digest(*salt))  # noqa: S311 - answers are made up, not secret

    def id(self, prefix: str, *salt: object, length: int = 24) -> str:
        """Give an id in the provider's manner: *prefix* and *length* characters."""
        return prefix + self.digest(prefix, *salt)[:length]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """One tool call of an answer; *raw* is cut where the answer was."""

    name: str
    arguments: JsonObject
    raw: str
    at: int

    @property
    def whole(self) -> bool:
        """Whether the arguments were said to their end."""
        return self.raw.endswith("}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One choice of what is said to an ask."""

    at: int
    reasoning: str = ""
    text: str = ""
    calls: tuple[ToolUse, ...] = ()
    finish: Finish = "stop"
    stopped_by: str | None = None
    reasoning_tokens: int = 0
    output_tokens: int = 0
    """All tokens of this choice, those of reasoning included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A failure before it is put into a provider's words; *param* is what the caller got wrong."""

    status: int
    message: str
    kind: str = ""
    """The provider's finer word for it, where it has one: ``quota``, ``context``, ``model``, ``key``."""
    param: str | None = None
    retry_after: str | None = None


class RejectedError(Exception):
    """The request is one that the provider refuses; the reply carries the *trouble*."""

    def __init__(self, status: int, message: str, kind: str = "", param: str | None = None) -> None:
        """Keep the trouble."""
        super().__init__(message)
        self.trouble = Trouble(status=status, message=message, kind=kind, param=param)


@dataclass(slots=True, kw_only=True)
class Reply:
    """One response; of a stream, *frames* are its encoded events and *broken* makes the one that reports an error."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    frames: Iterator[bytes] | None = None
    broken: Callable[[Trouble, int], bytes] | None = None
    fault: str | None = None
    """How delivering it goes wrong."""
