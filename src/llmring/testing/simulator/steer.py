"""The grammar that steers the simulator: what a setting may be called and hold. What settings do is told in the package's docstring."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from llmring.testing.simulator.script import read_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llmring.testing.simulator.script import Script

__all__ = ["FAULTS", "Steering", "parse", "split_model"]

FAULTS: Final = {
    "refused": "the connection is reset before an answer",
    "reset": "the connection is reset in the middle of the body",
    "close": "the connection is closed before an answer",
    "cut": "the connection is closed in the middle of the body",
    "short": "a stream ends cleanly, but without its last events",
    "hang": "no answer comes, ever",
    "stall": "head and first events come, then nothing more, ever",
    "drip": "head and body come byte by byte",
    "drip-head": "the head comes byte by byte",
    "drip-body": "the body comes byte by byte",
    "malformed": "the body, or one event of a stream, is no JSON",
    "empty": "status 200 without a body",
    "html": "status 502 with a page of HTML, as a proxy gives it",
    "error": "status 200 with an error in the stream or the body",
    "quota": "status 429 because the money is spent",
    "context": "status 400 because the prompt is too long",
    "filter": "status 400 because the prompt is not allowed",
}
"""Every fault that is not a status, with what it does."""

_ERRORS: Final = range(400, 600)
"""The statuses that are errors."""
_FINISHES: Final = ("stop", "length", "content_filter", "refusal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """What one request asks of the simulator itself; every setting is optional."""

    fault: str | None = None
    status: int | None = None
    retry_after: str | None = None
    times: int | None = None
    key: str | None = None
    after: int | None = None
    pace: float | None = None
    delay: float | None = None
    seed: int | None = None
    say: str | None = None
    script: Script | None = None
    words: int | None = None
    calls: int | None = None
    tool: str | None = None
    finish: str | None = None
    reasoning: bool | None = None

    def over(self, other: Steering) -> Steering:
        """Lay these settings over those of *other*."""
        mine = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(other, **{name: value for name, value in mine.items() if value is not None})


def parse(text: str) -> Steering:
    """Read the settings of the header ``x-simulate``, divided by ``;``; a wrong one is a ValueError that names the near match."""
    return _settings(part for raw in text.split(";") if (part := raw.strip()))


def split_model(name: str) -> tuple[str, Steering]:
    """Take the settings off a model's *name*; a ``+`` that no setting follows belongs to the name."""
    bare, *parts = name.split("+")
    settings: list[str] = []
    for part in parts:
        if part.partition("=")[0] in _READ:
            settings.append(part)
        else:
            bare = f"{bare}+{part}"
    return bare, _settings(settings)


def _settings(parts: Iterable[str]) -> Steering:
    found: dict[str, Any] = {}
    for part in parts:
        name, _, value = part.partition("=")
        name = name.strip()
        if name not in _READ:
            near = difflib.get_close_matches(name, _READ, n=1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"x-simulate: no setting {name!r}{hint}; there are {', '.join(_READ)}")
        try:
            found |= _READ[name](unquote(value.strip()))
        except ValueError as error:
            raise ValueError(f"x-simulate: {name}: {error}") from None
    return Steering(**found)


def _fault(value: str) -> dict[str, Any]:
    if value.isdecimal() and int(value) in _ERRORS:
        return {"fault": "status", "status": int(value)}
    if value not in FAULTS:
        raise ValueError(f"no fault {value!r}; a status from 400 to 599, or one of {', '.join(FAULTS)}")
    return {"fault": value}


def _whole(name: str) -> Callable[[str], dict[str, Any]]:
    def read(value: str) -> dict[str, Any]:
        if not value.isdecimal():
            raise ValueError(f"{value!r} is no whole number")
        return {name: int(value)}

    return read


def _seconds(name: str) -> Callable[[str], dict[str, Any]]:
    def read(value: str) -> dict[str, Any]:
        if (seconds := float(value)) < 0:
            raise ValueError(f"{value!r} is less than no time")
        return {name: seconds}

    return read


def _text(name: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {name: value}


def _finish(value: str) -> dict[str, Any]:
    if value not in _FINISHES:
        raise ValueError(f"no finish {value!r}; one of {', '.join(_FINISHES)}")
    return {"finish": value}


def _flag(value: str) -> dict[str, Any]:
    if value not in {"", "on", "off"}:
        raise ValueError(f"{value!r} is neither on nor off")
    return {"reasoning": value != "off"}


_READ: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "fault": _fault,
    "status": _whole("status"),
    "retry-after": _text("retry_after"),
    "times": _whole("times"),
    "key": _text("key"),
    "after": _whole("after"),
    "pace": _seconds("pace"),
    "delay": _seconds("delay"),
    "seed": _whole("seed"),
    "say": _text("say"),
    "script": lambda value: {"script": read_script(value)},
    "words": _whole("words"),
    "calls": _whole("calls"),
    "parallel": lambda _: {"calls": 2},
    "tool": _text("tool"),
    "finish": _finish,
    "reasoning": _flag,
}
