"""What a chat with tools shows and reads, without a terminal or a server: lines, arguments, forms."""

from __future__ import annotations

from typing import Any

import click
import pytest

from llmring.cli.mcp_arguments import decoded, pairs, typed
from llmring.cli.mcp_form import Field, fields
from llmring.cli.mcp_show import amount, call_line, call_lines, folded, listing, part, told
from llmring.schemas import ImagePart, TextPart

SCHEMA = {
    "properties": {
        "text": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "deep": {"type": "boolean"},
        "list": {"type": "array"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "any": {},
        "several": {"type": ["string", "integer"]},
    }
}


@pytest.mark.parametrize(
    "word, value",
    [
        ("text=3", "3"),
        ("text=a=b", "a=b"),
        ("text=", ""),
        ("count=3", 3),
        ("count=3.0", 3.0),
        ("ratio=0.5", 0.5),
        ("deep=true", True),
        ("deep=Yes", True),
        ("deep=FALSE", False),
        ("list=[1]", [1]),
        ("either=null", None),
        ("any=3", "3"),
        ("several=3", "3"),
        ("other=3", "3"),
    ],
)
def test_an_argument_becomes_what_the_schema_says(word: str, value: Any) -> None:
    """Texts stay texts, and so does what the schema does not know."""
    found = typed(pairs([word]), SCHEMA)
    assert list(found.values()) == [value]


@pytest.mark.parametrize("word", ["count=three", "count=1.5", "count=true", "deep=perhaps", "list={}", "ratio=", "either=x"])
def test_an_argument_that_the_schema_does_not_allow_is_misuse(word: str) -> None:
    """It is named."""
    with pytest.raises(click.UsageError, match=rf"^{word.partition('=')[0]} must be "):
        typed(pairs([word]), SCHEMA)


@pytest.mark.parametrize("words", [["text"], ["=3"], ["a=1", "a=2"]])
def test_what_is_no_argument_is_misuse(words: list[str]) -> None:
    """A key needs its value, once."""
    with pytest.raises(click.UsageError):
        pairs(words)


@pytest.mark.parametrize("text", ["{", "[]", "3", "[" * 9999])
def test_arguments_in_json_are_an_object(text: str) -> None:
    """It is said where they came from."""
    assert decoded('{"a": 1}', "--args") == {"a": 1}
    with pytest.raises(click.UsageError, match="--args"):
        decoded(text, "--args")


def test_a_call_is_one_line_that_fits() -> None:
    """Long values are cut first, then the line."""
    assert call_line("add", {"a": 1, "b": "x"}, 80) == '→ add(a=1, b="x")'
    line = call_line("write", {"text": "word " * 99, "path": "a.txt"}, 120)
    assert line.endswith('..., path="a.txt")')
    assert len(call_line("write", {f"a{number}": "x" * 50 for number in range(9)}, 80)) <= 80
    assert call_line("now", None, 80) == "→ now()"


def test_a_call_to_approve_is_shown_whole() -> None:
    """In one line where there is room, else a line for each argument."""
    assert call_lines("add", {"a": 1}, 80) == ["→ add(a=1)"]
    assert call_lines("write", {"text": "one\ntwo" * 20, "n": [1]}, 80)[:3] == ["→ write", "    text: one", "      twoone"]
    assert call_lines("write", {"text": "word " * 20}, 40)[1:] == [
        "    text: word word word word word word",
        "      word word word word word word word",
        "      word word word word word word word",
    ]
    assert max(map(len, call_lines("write", {"text": "x" * 500}, 80))) <= 80
    assert call_lines("write", {"text": "\n" * 100}, 80)[-1] == "    (42 more lines, which are not shown)"


def test_a_result_is_folded() -> None:
    """The first lines, cut, and how many more there are; a single one more is shown instead of told of."""
    assert folded("one\ntwo\n", 80) == ["  │ one", "  │ two"]
    assert folded("\n".join("abcdefghij"), 80, 8)[-1] == "  │ (2 more lines)"
    assert folded("\n".join("abcdefghi"), 80, 8)[-1] == "  │ i"
    assert folded("x" * 99, 20) == ["  │ xxxxxxxxxxxxx..."]


def test_what_is_no_text_is_told() -> None:
    """By kind and size, or where it is."""
    assert told([TextPart(text="a"), ImagePart(data=b"x" * 2100, media_type="image/png")]) == "a\n(image/png, 2.1 kB)"
    assert told("as it is") == "as it is"
    assert part(ImagePart(url="https://a.invalid/b.png")) == "(image, https://a.invalid/b.png)"
    assert [amount(999), amount(2_500_000)] == ["999 bytes", "2.5 MB"]


def test_a_listing_fits() -> None:
    """Names stand in one column; what is told of them is one line."""
    assert listing([("a", "one\n two"), ("long", None)], 80) == ["a     one two", "long"]
    assert listing([("name" * 9, "word " * 30), ("a", "one")], 40) == ["name" * 9, "    word word word word word word wor...", "a  one"]
    assert max(map(len, listing([("name", "word " * 30)], 40))) <= 40


def field(required: bool = True, **schema: Any) -> Field:  # noqa: FBT001, FBT002
    """Give a field."""
    return fields({"properties": {"f": schema}, "required": ["f"] if required else []})[0]


@pytest.mark.parametrize(
    "asked, schema",
    [
        ("f: ", {"type": "string"}),
        ("Name - of you: ", {"title": "Name", "description": "of you"}),
        ("f [a/b]: ", {"enum": ["a", "b"]}),
        ("f [yes/no; empty for no]: ", {"type": "boolean", "default": False}),
        ("f [a/b; several by commas; empty for a, b]: ", {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["a", "b"]}),
        ("f [X; empty for X]: ", {"type": "string", "oneOf": [{"const": "x", "title": "X"}], "default": "x"}),
        ("f [A/B]: ", {"enum": ["a", "b"], "enumNames": ["A", "B"]}),
    ],
)
def test_a_field_is_asked_in_one_line(asked: str, schema: dict[str, Any]) -> None:
    """With what may be answered."""
    assert field(**schema).asked == asked


def test_what_may_be_empty_is_left_out() -> None:
    """Without a default it is not sent."""
    assert field(required=False, type="string").asked == "f [may be empty]: "
    assert field(required=False, type="string").read(" ") == (False, None)
    assert field(type="integer", default=3).read("") == (True, 3)


@pytest.mark.parametrize(
    "text, value, schema",
    [
        ("y", True, {"type": "boolean"}),
        ("No", False, {"type": "boolean"}),
        ("3", 3, {"type": "integer", "minimum": 1, "maximum": 3}),
        ("3", "3", {"type": "string", "minLength": 1}),
        ("Re", "red", {"enum": ["red", "green"]}),
        ("su", "hero-1", {"oneOf": [{"const": "hero-1", "title": "Superman"}]}),
        ("hero-1", "hero-1", {"oneOf": [{"const": "hero-1", "title": "Superman"}]}),
        ("red,gr", ["red", "green"], {"type": "array", "items": {"anyOf": [{"const": "red"}, {"const": "green"}]}}),
        ("a, b", ["a", "b"], {"type": "array", "items": {"type": "string"}}),
    ],
)
def test_an_answer_becomes_what_the_form_wants(text: str, value: Any, schema: dict[str, Any]) -> None:
    """The beginning of a choice is enough."""
    assert field(**schema).read(text) == (True, value)


@pytest.mark.parametrize(
    "text, schema",
    [
        ("", {"type": "string"}),
        ("r", {"enum": ["red", "rose"]}),
        ("x", {"type": "integer"}),
        ("0", {"type": "integer", "minimum": 1}),
        ("9", {"type": "number", "maximum": 3}),
        ("ab", {"type": "string", "minLength": 3}),
        ("ab", {"type": "string", "maxLength": 1}),
    ],
)
def test_what_is_no_answer_is_said(text: str, schema: dict[str, Any]) -> None:
    """So that it can be asked again."""
    with pytest.raises(click.UsageError, match=r"^f "):
        field(**schema).read(text)


def test_a_form_without_fields_asks_nothing() -> None:
    """A schema may be anything."""
    assert fields(None) == fields({"properties": 3}) == []
    assert fields({"properties": {"a": True}, "required": "a"}) == [Field("a", {}, required=False)]
