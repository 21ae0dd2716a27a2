"""With orjson and without it, the same is written, read and refused."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import jsontext, quickjson
from llmring.exceptions import ProviderResponseError, RequestError
from llmring.protocols import framing

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.extra


class Text(str):
    """A string of another class."""

    __slots__ = ()


class Number(int):
    """A number of another class."""


class Colour(Enum):
    """Members that are nothing else."""

    RED = "red"
    NONE = None
    ODD = object()


class Level(IntEnum):
    """Members that are numbers."""

    LOW = 1


class Word(StrEnum):
    """Members that are words."""

    YES = "yes"


@dataclass
class Point:
    """A class that orjson knows."""

    x: int = 1


class Pair(NamedTuple):
    """A tuple with names."""

    a: int
    b: str


MOVED: OrderedDict[str, int] = OrderedDict(a=1, b=2)
MOVED.move_to_end("a")

any_text = st.text(st.characters(exclude_categories=()), max_size=6)
odd: st.SearchStrategy[Any] = st.sampled_from([
    *(Text("t"), Number(3), Level.LOW, Word.YES, "null", Colour.RED, Colour.NONE, Colour.ODD, UUID(int=5), Point(), Pair(1, "é"), MOVED),
    *(date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), b"bytes", {1, 2}, 1j, object, Text, [Text("é")], {Text("k"): 1}, ()),
])  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | st.floats() | any_text
values: st.SearchStrategy[Any] = st.recursive(
    scalars | odd,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(any_text | st.integers() | st.none() | st.booleans() | st.floats() | st.just((1,)), inner, max_size=3)
        | st.dictionaries(any_text, inner, max_size=3).map(MappingProxyType)
    ),
    max_leaves=6,
)
numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True).map(str.encode)
written = values.filter(lambda value: outcome(json.dumps, value) != "refused").flatmap(
    lambda value: st.sampled_from([
        json.dumps(value).encode(),
        json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"),
        json.dumps(value).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(value).encode(),
    ])
)  # fmt: skip
spoilt = st.tuples(written, st.integers(0, 40), st.binary(max_size=3)).map(
    lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
)
texts = numbers | written | spoilt | st.binary(max_size=8)


def outcome(call: Callable[[Any], Any], value: Any) -> str:
    """Tell what *call* makes of *value*, or that it refuses."""
    try:
        return repr(call(value))
    except RequestError as error:
        return f"{error.path}: {error}"
    except ProviderResponseError as error:
        return str(error)
    except (TypeError, ValueError):
        return "refused"


def alike(call: Callable[[Any], Any], value: Any) -> bool:
    """Tell whether orjson, or its absence, makes no difference to *call*."""
    with patch.object(jsontext, "INSTALLED", new=False), patch.object(framing, "INSTALLED", new=False):
        plain = outcome(call, value)
    return plain == outcome(call, value)


def there_and_back(value: Any) -> Any:
    """Write *value*, and read it by the standard library: how a float is spelled is each one's own."""
    return json.loads(jsontext.dumps(value))


@given(values)
def test_writes_the_same(value: Any) -> None:
    """Whatever a user may put into a body: the same value goes out, or the same error comes."""
    assert alike(there_and_back, value)


@given(texts)
def test_reads_the_same(text: bytes) -> None:
    """Whatever a server may say: long numbers, escapes, encodings and faults."""
    assert alike(jsontext.loads, text)


@given(texts)
def test_reads_the_same_frames(text: bytes) -> None:
    """So with the events of a stream."""
    assert alike(framing.frame, text.strip())


@given(st.text(max_size=6).map(json.dumps) | any_text)
def test_reads_the_same_text(text: str) -> None:
    """So with what is text already."""
    assert alike(jsontext.loads, text)


@pytest.mark.parametrize(
    "text", [b"18446744073709551616", b"-9223372036854775809", b"[1e400]", b"NaN", b'"\\ud83d"', b'{"a":1,"a":2}', b"\xef\xbb\xbf1", b"-0"]
)
def test_known_differences(text: bytes) -> None:
    """What orjson is known to read otherwise, or not at all."""
    assert alike(jsontext.loads, text)


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"a": float("nan")}, {"a": None}, "null", 2**64, {1: 2}, "\ud83d", Colour.ODD, UUID(int=1)]
)
def test_known_differences_in_writing(value: Any) -> None:
    """What orjson is known to write otherwise, or not at all."""
    assert alike(there_and_back, value)


def test_orjson_does_the_work() -> None:
    """An ordinary body is written and read by it."""
    body = {"model": "m", "messages": [{"role": "assistant", "content": None}], "n": 1.5}
    with patch.object(jsontext, "_encode", None), patch.object(jsontext, "json", None), patch.object(framing, "_scan", None):
        assert jsontext.loads(jsontext.dumps(body)) == framing.frame(jsontext.dumps(body)) == body


def test_without_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, nothing is claimed and nothing is tried."""
    monkeypatch.setitem(sys.modules, "orjson", None)
    spec = importlib.util.spec_from_file_location("without", quickjson.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not module.INSTALLED
    assert (outcome(module.quick_loads, b"1"), outcome(lambda value: module.quick_dumps(value, repr), 1)) == ("refused", "refused")
