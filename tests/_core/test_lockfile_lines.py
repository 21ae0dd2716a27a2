"""Finding the line of a key path, in every form that TOML and JSON allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from llmring._core import lockfile
from llmring._core.lockfile_lines import Scan, line_of
from tests._core.lockfile_texts import locks, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.lockfile import Lock
    from llmring._core.lockfile_faults import KeyPath

TOML = """\
# a = "comment"
a = 1   # b = 2
b.c = "x # y"
'd e' = '''
f = 1
'''
g = [ # one
  1, [2, 3],

  {h = 4, "i" = 5},
]
"j\\u0041\\"" = \"\"\"a\\\"\"\"\"\"
[k."l.m"]
n = 2020-01-01 00:00:00
[[o]]
p = 1
[[o]]
p = 2
[o.q]
r = 3
[[o.s]]
t = []
[[o.s]]
t = {}"""

PLACES: dict[KeyPath, int] = {
    ("a",): 2, ("b",): 3, ("b", "c"): 3, ("d e",): 4, ("f",): 2, ("g",): 7, ("g", 0): 8, ("g", 1): 8, ("g", 1, 1): 8, ("g", 2, "h"): 10,
    ("g", 2, "i"): 10, ('jA"',): 12, ("k",): 13, ("k", "l.m", "n"): 14, ("o",): 15, ("o", 0, "p"): 16, ("o", 1): 17, ("o", 1, "p"): 18,
    ("o", 1, "q", "r"): 20, ("o", 1, "s", 0, "t"): 22, ("o", 1, "s", 1, "t"): 24, ("o", 1, "s", 1, "t", "nothing"): 24, ("z",): 2, (): 2,
}  # fmt: skip

JSON = '\n{"a": {\n "b": [1,\n {"c": null}],\n "\\/\\ud83d\\ude00": "{"\n}\n}'


@pytest.mark.parametrize("place, line", PLACES.items(), ids=str)
def test_finds_the_line_in_toml(place: KeyPath, line: int) -> None:
    """Headers, dotted and quoted keys, lists and braces are followed; strings and comments are not looked into."""
    import tomllib

    tomllib.loads(TOML)
    assert line_of(TOML, place) == line


@pytest.mark.parametrize(
    "place, line", [(("a",), 2), (("a", "b"), 3), (("a", "b", 1, "c"), 4), (("a", "/😀"), 5), (("a", "x"), 2)], ids=str
)
def test_finds_the_line_in_json(place: KeyPath, line: int) -> None:
    """Objects and lists are followed alike."""
    json.loads(JSON)
    assert line_of(JSON, place) == line


def paths(value: Any, place: KeyPath = ()) -> Iterator[KeyPath]:
    """Give the path of everything in *value*."""
    yield place
    match value:
        case dict():
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                yield from paths(item, (*place, str(key)))  # pyright: ignore[reportUnknownArgumentType]
        case list():
            for at, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from paths(item, (*place, at))
        case _:
            pass


@given(locks())
def test_every_key_of_a_lockfile_is_found(lock: Lock) -> None:
    """Whatever the names are, the scanner follows the writer."""
    found = Scan(lockfile.render(lock)).found
    for name, profile in lock["profiles"].items():
        assert ("profiles", name) in found
        places = [place for place in paths(profile["bindings"]) if place]
        assert [place for place in places if ("profiles", name, "bindings", *place) not in found] == []


@given(tables)
def test_every_key_of_json_is_found(tree: dict[str, Any]) -> None:
    """The same in JSON, where every path is there."""
    found = Scan(json.dumps(tree)).found
    assert [place for place in paths(tree) if place and place not in found] == []
