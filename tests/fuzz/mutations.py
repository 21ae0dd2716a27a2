"""Ways to spoil a body: bytes flipped, cut, doubled, swapped, and JSON values turned into others; each repeatable by three numbers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Raw(str):
    """Text that is written into JSON as it is."""

    __slots__ = ()


def nested(depth: int, inner: str = "1") -> Raw:
    """Give lists *depth* deep."""
    return Raw("[" * depth + inner + "]" * depth)


def nested_objects(depth: int) -> Raw:
    """Give objects *depth* deep."""
    return Raw('{"type":' * depth + '"a"' + "}" * depth)


_OTHERS: Any = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**31,
    2**63,
    2**64,
    -(2**70),
    0.5,
    -0.0,
    1e308,
    10**400,
    Raw("1e999"),
    Raw("-1E400"),
    Raw("NaN"),
    Raw("-Infinity"),
    Raw("9" * 4300),
    Raw("9" * 4301),
    "",
    " ",
    "0",
    "null",
    "{",
    "{}",
    "[]",
    '{"a": 1',
    "NaN",
    "error",
    "\x00",
    "\u2028\u0085",
    Raw('"\\ud800"'),
    Raw('"\\udc00 \\ud800x"'),
    Raw('{"\\ud800": "\\udfff"}'),
    "é" * 300,
    "2026-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999-23:59",
    "-1s",
    "1e999s",
    "9" * 4301,
    "=",
    "AAAA",
    "http://[",
    "$.a[99999999].b",
    [],
    {},
    [[]],
    [None],
    [{}],
    [1, "a", None, {}],
    {"": None},
    {"type": None},
    {"type": []},
    {"error": {"message": "spoiled", "code": 1e999}},
    {"error": [[]]},
    {"text": {}, "type": "text"},
    {"$ref": "#"},
    nested(90),
    nested(400),
    nested(900),
    nested(980),
    nested(20_000),
    nested_objects(90),
    nested_objects(400),
    nested_objects(900),
    nested_objects(20_000),
    str(nested(150)),
    str(nested(600)),
    str(nested_objects(900)),
    str(nested_objects(20_000)),
    "$.a[16].b[9999][9999]",
    '<tool_call>{"name": "look", "arguments": {"a": ' + nested(600) + "}}</tool_call>",
    '<tool_call>{"name": "look", "arguments": {"a": 1e999}}</tool_call>',
    "<tool_call>[1, {}",
)
VALUES: Final = tuple[Any, ...](_OTHERS)
"""What takes the place of a JSON value."""
TOKENS: Final = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\u0000",
    b"\n",
    b"\r",
    b"\n\n",
    b"\r\n\r\n",
    b"\xe2\x80\xa8",
    b"data:",
    b"data: [DONE]\n\n",
    b"event: error\n",
    b": comment\n\n",
    b"NaN",
    b"1e999",
    b"9" * 4301,
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b"null",
    b'"error":{},',
    b"\x1f\x8b\x08\x00",
)
"""What is put in between bytes."""


@attrs.frozen
class Mutation:
    """One way to spoil a body; *at* and *by* say where and with what."""

    name: str
    at: int
    by: int

    def __call__(self, body: bytes) -> bytes:
        """Spoil *body*."""
        return WAYS[self.name](body, self.at, self.by) if body else body


def spoiled(body: bytes, mutations: tuple[Mutation, ...]) -> bytes:
    """Give *body* after all *mutations*."""
    for mutation in mutations:
        body = mutation(body)
    return body


# --- bytes -------------------------------------------------------------------------------------------


def _span(body: bytes, at: int, by: int) -> slice:
    """Give a short piece of *body*."""
    start = at % len(body)
    return slice(start, start + 1 + by % 64)


def _flip(body: bytes, at: int, by: int) -> bytes:
    place = at % len(body)
    return body[:place] + bytes([body[place] ^ (1 << by % 8)]) + body[place + 1 :]


def _set(body: bytes, at: int, by: int) -> bytes:
    place = at % len(body)
    return body[:place] + bytes([by % 256]) + body[place + 1 :]


def _cut(body: bytes, at: int, by: int) -> bytes:
    return body[: at % len(body)]


def _drop(body: bytes, at: int, by: int) -> bytes:
    span = _span(body, at, by)
    return body[: span.start] + body[span.stop :]


def _double(body: bytes, at: int, by: int) -> bytes:
    span = _span(body, at, by)
    return body[: span.stop] + body[span] + body[span.stop :]


def _swap(body: bytes, at: int, by: int) -> bytes:
    first, second = sorted((at % len(body), by % len(body)))
    middle = (first + second) // 2
    return body[:first] + body[middle:second] + body[first:middle] + body[second:]


def _insert(body: bytes, at: int, by: int) -> bytes:
    place = at % len(body)
    return body[:place] + TOKENS[by % len(TOKENS)] + body[place:]


def _number(body: bytes, at: int, by: int) -> bytes:
    """Put another number in the place of one."""
    found = list(re.finditer(rb"(?<![\w\"])-?\d+(\.\d+)?", body))
    if not found:
        return body
    one = found[at % len(found)]
    numbers = (b"-1", b"1e999", b"NaN", b"-Infinity", b"0.5", b"9" * 4301, b"18446744073709551616", b'"7"', b"null")
    return body[: one.start()] + numbers[by % len(numbers)] + body[one.end() :]


def _lines(body: bytes, at: int, by: int) -> bytes:
    """Drop, double or move an event of a stream."""
    events = body.split(b"\n\n") if b"\n\n" in body else body.split(b"\n")
    end = b"\n\n" if b"\n\n" in body else b"\n"
    place = at % len(events)
    match by % 3:
        case 0:
            events = [*events[:place], *events[place + 1 :]]
        case 1:
            events = [*events[: place + 1], *events[place:]]
        case _:
            moved = events.pop(place)
            events.insert(by % (len(events) + 1), moved)
    return end.join(events)


# --- JSON --------------------------------------------------------------------------------------------

_OBJECT: Final = re.compile(rb"^(?:data: ?|,\r?\n|\[)?(?P<json>\{.*\}|\[.*\])\]?\r?$", re.MULTILINE | re.DOTALL)
_LINE: Final = re.compile(rb"^(?:data: ?|,|\[)?(?P<json>\{.*\})\]?\r?$", re.MULTILINE)


class Twice(dict[str, Any]):
    """An object that is written with its first key twice."""


def _value(body: bytes, at: int, by: int) -> bytes:
    """Put another value in the place of one."""
    return _changed(body, at, lambda parent, key: parent.__setitem__(key, VALUES[by % len(VALUES)]))


def _kin(body: bytes, at: int, by: int) -> bytes:
    """Put another value of the same body in the place of one."""

    def change(parent: Any, key: Any) -> None:
        others = [value for _, _, value in _places(parent)]
        parent[key] = others[by % len(others)]

    return _changed(body, at, change)


def _forget(body: bytes, at: int, by: int) -> bytes:
    """Take a value away."""
    return _changed(body, at, lambda parent, key: parent.pop(key))


def _wrap(body: bytes, at: int, by: int) -> bytes:
    """Put a value into a list, an object, or a string."""

    def change(parent: Any, key: Any) -> None:
        value = parent[key]
        parent[key] = ([value], [value, value], {"value": value}, json.dumps(_plain(value)))[by % 4]

    return _changed(body, at, change)


def _rename(body: bytes, at: int, by: int) -> bytes:
    """Give a value another key."""

    def change(parent: Any, key: Any) -> None:
        if isinstance(parent, dict):
            names = ("type", "error", "content", "index", "usage", "", "id", "delta")
            parent[names[by % len(names)]] = cast("dict[str, Any]", parent).pop(key)

    return _changed(body, at, change)


def _twice(body: bytes, at: int, by: int) -> bytes:
    """Write a key twice."""

    def change(parent: Any, key: Any) -> None:
        if isinstance(parent[key], dict):
            parent[key] = Twice(parent[key])

    return _changed(body, at, change)


def _changed(body: bytes, at: int, change: Callable[[Any, Any], object]) -> bytes:
    """Do *change* to one value of one JSON text in *body*; a body without any stays."""
    whole = _parsed(body)
    if whole is not None:
        return _rewritten(whole, at, change)
    lines = list(_LINE.finditer(body))
    if not lines:
        return body
    line = lines[at % len(lines)]
    inner = _parsed(line["json"])
    if inner is None:
        return body
    return body[: line.start("json")] + _rewritten(inner, at // len(lines), change) + body[line.end("json") :]


def _parsed(text: bytes) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("Any", value) if isinstance(value, (dict, list)) else None


def _rewritten(value: Any, at: int, change: Callable[[Any, Any], object]) -> bytes:
    root = {"": value}
    try:
        places = list(_places(root))
        parent, key, _ = places[at % len(places)]
        change(parent, key)
        return _written(root.get("")).encode("utf-8", "surrogatepass")
    except RecursionError:  # an earlier mutation has nested it
        return json.dumps(str(value)[:100]).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield every place below *value*: what holds it, its key, the value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(cast("dict[Any, Any]", value).items())
    elif isinstance(value, list):
        inner = list(enumerate(cast("list[Any]", value)))
    for key, item in inner:
        yield value, key, item
        yield from _places(item)


def _plain(value: Any) -> Any:
    return str(value)[:1000]


def _written(value: Any) -> str:
    """Write *value*, raw texts as they are."""
    match value:
        case Raw():
            return str(value)
        case dict():
            fields = cast("dict[str, Any]", value)
            pairs = [f"{json.dumps(key)}:{_written(item)}" for key, item in fields.items()]
            return "{" + ",".join([*pairs, *(pairs[:1] if isinstance(fields, Twice) else ())]) + "}"
        case list():
            return "[" + ",".join(map(_written, cast("list[Any]", value))) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


LIKELY: Final = ("value", "value", "value", "kin", "forget", "wrap", "rename", "number", "lines")
"""What leaves most of a body readable, and so gets furthest."""
WAYS: Final[Mapping[str, Callable[[bytes, int, int], bytes]]] = {
    "value": _value,
    "kin": _kin,
    "forget": _forget,
    "wrap": _wrap,
    "rename": _rename,
    "twice": _twice,
    "number": _number,
    "lines": _lines,
    "flip": _flip,
    "set": _set,
    "cut": _cut,
    "drop": _drop,
    "double": _double,
    "swap": _swap,
    "insert": _insert,
}
