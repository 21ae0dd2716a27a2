"""A cassette as a value: one exchange, where it was recorded, and what a ring made of it; recording and playing are done elsewhere."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from llmring._core.http import HttpReply
from llmring._core.jsontext import dumps
from tests.recording.notation import dump, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios import Scenario

FOLDER: Final = Path(__file__).parents[1] / "cassettes"


@attrs.frozen(kw_only=True)
class Cassette:
    """What ``tests/cassettes/<protocol>/<scenario>.yaml`` holds."""

    protocol: str
    scenario: str
    recorded: Mapping[str, str]
    """``from`` the simulator or the provider, and on which ``date``."""
    request: Mapping[str, Any]
    """``method``, ``uri``, ``headers`` and ``body``, decoded where that is JSON."""
    response: Mapping[str, Any]
    """``status``, ``headers`` and ``body``, decoded where that is JSON."""
    answer: Mapping[str, Any] | None = None
    """The response that a ring made of it, in its plain form; see `tests._async.asking`."""
    error: Mapping[str, Any] | None = None
    """The error that it raised instead."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the cassette at *path*."""
        return cls(**load(path.read_text(encoding="utf-8")))

    def text(self) -> str:
        """Give it as it is written."""
        return dump(attrs.asdict(self, recurse=False, filter=lambda _, value: value is not None))

    @property
    def sent(self) -> bytes:
        """The body of the request."""
        return packed(self.request["body"])

    @property
    def reply(self) -> HttpReply:
        """The response, as a protocol reads it."""
        response = self.response
        return HttpReply(response["status"]["code"], response["headers"], packed(response["body"]))

    def __str__(self) -> str:
        """Give protocol and scenario."""
        return f"{self.protocol}/{self.scenario}"


def path_of(scenario: Scenario, folder: Path = FOLDER) -> Path:
    """Say where the cassette of *scenario* is."""
    return folder / f"{scenario}.yaml"


def cassette(scenario: Scenario) -> Cassette:
    """Give the cassette of *scenario*; whoever asks must not change what it holds."""
    return _read(path_of(scenario))


@cache
def _read(path: Path) -> Cassette:
    """Read each file once: four tests ask for it, and more."""
    return Cassette.read(path)


def readable(body: bytes, kind: str) -> Any:
    """Decode *body* of media type *kind* to what people can read: JSON to its value, text to text."""
    if kind.startswith("application/json"):
        try:
            value: Any = json.loads(body)
        except ValueError:
            return _plain(body)
        if not isinstance(value, str) and load(dump(value)) == value:
            return value
    return _plain(body)


def _plain(body: bytes) -> str | bytes:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    return text if load(dump(text)) == text else body


def packed(body: Any) -> bytes:
    """Give back the bytes of which `readable` made *body*; of JSON, others that mean the same."""
    match body:
        case bytes():
            return body
        case str():
            return body.encode()
        case _:
            return dumps(body)
