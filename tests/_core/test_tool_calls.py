"""Calls of a tool loop are judged before they are made: by the tools there are, their schemas, and whoever is asked for leave."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.tool_calls import Making, making, refusal
from llmring._core.tool_run import runnables
from llmring.exceptions import InvalidMessageError
from llmring.schemas import Message, Tool, ToolCall, ToolResultPart


class Search:
    """Stands for a tool that brings its own description."""

    def __init__(self, parameters: Any = None, name: str = "search-web", kind: str = "function") -> None:
        """Be described by *parameters*, *name* and *kind*."""
        self.tool = Tool(type=kind, name=name, description="Search.", parameters=parameters)

    def __call__(self, **arguments: Any) -> Any:
        """Give the arguments back."""
        return arguments


WORDS: dict[str, Any] = {"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]}


ENDLESS: dict[str, Any] = {"$defs": {"it": {"$ref": "#/$defs/it"}}, "$ref": "#/$defs/it"}


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def call(name: str = "search-web", arguments: Any = None) -> ToolCall:
    """Call a tool."""
    return ToolCall(id="call_1", name=name, arguments=arguments or {})


def error_of(turn: Making | Message | None) -> str:
    """Return what the model is told."""
    assert isinstance(turn, Message)
    assert isinstance(turn.content, list)
    (part,) = turn.content
    assert isinstance(part, ToolResultPart)
    assert part.is_error
    return str(part.content)


def test_tools_that_do_not_exist() -> None:
    """A call of none is an error for the model, which is told what there is."""
    assert error_of(making(call("ad"), runnables([add, Search()]))) == "There is no tool 'ad'; the tools are add, search-web."
    assert error_of(making(call("ad"), {})) == "There is no tool 'ad'; the tools are none."


def test_a_tool_of_its_own_description() -> None:
    """It is found by the name that its description gives, and takes the arguments as they are."""
    made = making(call(arguments={"words": "x", "more": [None]}), runnables([Search(WORDS)]))
    assert isinstance(made, Making)
    assert (made.places, made.names) == ([], {"words": "x", "more": [None]})


def test_its_schema_is_kept() -> None:
    """Arguments that break it are told to the model, and no call is made."""
    told = error_of(making(call(arguments={"words": 3}), runnables([Search(WORDS)])))
    assert told == "The arguments do not fit the schema of the tool. words: 3 is not of type 'string'"
    assert error_of(making(call(arguments="[1]"), runnables([Search(WORDS)]))) == "The arguments are not a JSON object."


@pytest.mark.parametrize(
    "schema",
    [None, {}, {"type": "objekt"}, {"properties": []}, {"$ref": "https://elsewhere.org/schema"}, {"pattern": "("}, {"enum": {1}}, ENDLESS],
    ids=str,
)
def test_unsound_schemas_judge_nothing(schema: Any) -> None:
    """Whoever wrote one judges the arguments."""
    assert isinstance(making(call(arguments={"words": 3}), runnables([Search(schema)])), Making)


def test_types_that_raise_what_they_like() -> None:
    """An argument that its type does not like is an error for the model, whatever it raises."""

    class Choosy:
        def __init__(self, it: str) -> None:
            raise ArithmeticError(it)

    def take(it: int) -> int:
        return it

    functions = runnables([take])
    functions["take"].described.kinds["it"] = Choosy  # pyright: ignore[reportIndexIssue] - a type that no schema describes
    assert error_of(making(call("take", {"it": 1}), functions))


@pytest.mark.parametrize(
    "tool, path",
    [
        (Search(WORDS, kind="web_search"), "tools[0].tool.type"),
        (Search(WORDS, name=""), "tools[0].tool.name"),
        (Search(3), "tools[0].tool.parameters"),
    ],
    ids=["hosted", "nameless", "schema"],
)
def test_wrong_descriptions(tool: Search, path: str) -> None:
    """They are told by their path."""
    with pytest.raises(InvalidMessageError) as caught:
        runnables([tool])
    assert caught.value.path == path


def test_leave() -> None:
    """True is leave; False and texts refuse, and the model is told."""
    assert refusal(call(), True) is None  # noqa: FBT003 - what was said
    assert error_of(refusal(call(), False)) == "This call was refused and has not been made."  # noqa: FBT003 - what was said
    assert error_of(refusal(call(), "Ask Ann first.")) == "Ask Ann first."


@pytest.mark.parametrize("said", [None, 1, b"yes"], ids=repr)
def test_what_is_no_answer(said: Any) -> None:
    """A callback that forgets to answer has not approved."""
    with pytest.raises(TypeError, match="must give True, False, or a text"):
        refusal(call(), said)
