"""Plain functions become tools, and a model's arguments become what they take."""

from __future__ import annotations

import builtins
import gc
import typing
import weakref
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from functools import partial, wraps
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, NotRequired, Required, TypedDict
from uuid import UUID

import attrs
import pytest

from llmring._core.arguments import arguments_of
from llmring._core.functions import described
from llmring._core.normalise import normalise
from llmring._core.typevalues import MisfitError, structure
from llmring.exceptions import InvalidMessageError, RequestError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Unseen = int

Metres = NewType("Metres", float)


class Color(Enum):
    """An enumeration."""

    RED = "red"
    BLUE = "blue"


class Size(StrEnum):
    """One of strings."""

    SMALL = "small"


@attrs.frozen
class Box:
    """An attrs class."""

    edge: int
    color: Color = Color.RED
    inner: Box | None = None


@dataclass
class Point:
    """A dataclass."""

    x: float
    y: float = 0.0
    tags: list[str] = field(default_factory=list[str])


class Place(TypedDict, total=False):
    """A mapping with known keys."""

    name: Required[str]
    note: str


class Whole(TypedDict):
    """A mapping whose keys are there, but for one."""

    name: str
    note: NotRequired[str]


@attrs.frozen
class Lost:
    """A class that mentions what cannot be found."""

    inner: Unseen


class Doc:
    """Documentation as typing_extensions has it."""

    def __init__(self, documentation: str) -> None:
        """Hold the words."""
        self.documentation = documentation


def schema(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the JSON Schema of *function*'s arguments, as a request has it."""
    parameters = normalise("Hi", {"tools": [function]}).tools[0].parameters
    assert parameters is not None
    return parameters


def taking(**kinds: Any) -> Callable[..., Any]:
    """Make a function that takes arguments of such *kinds* and returns them by their names."""

    def take(**given: Any) -> dict[str, Any]:
        return given

    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in kinds.items()]
    take.__signature__ = Signature(parameters)
    return take


def call(function: Callable[..., Any], **given: Any) -> Any:
    """Call *function* with what a model has *given*."""
    places, names = arguments_of(described(function, "tools[0]"), given)
    return function(*places, **names)


# --- describing --------------------------------------------------------------------------------------


def book(
    hotel: str,
    nights: int = 1,
    *,
    board: Literal["none", "full"] = "none",
    color: Color = Color.BLUE,
    guests: Annotated[list[str], "Who comes."] = [],  # noqa: B006 - it is not changed
    budget: float | None = None,
    anything: Any = None,
) -> str:
    """Book a hotel.

    Args:
        hotel: Its name.
        guests: Not shown.
        budget (float): In euros.

    """
    return f"{hotel} {nights} {board} {color} {guests} {budget} {anything}"


def test_a_function_is_a_tool() -> None:
    """Name and words come from the function, types from the annotations, and what has a default need not be given."""
    tool = normalise("Hi", {"tools": [book]}).tools[0]
    assert (tool.type, tool.name, tool.description, tool.strict) == ("function", "book", "Book a hotel.", None)
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "hotel": {"type": "string", "description": "Its name."},
            "nights": {"type": "integer", "default": 1},
            "board": {"type": "string", "enum": ["none", "full"], "default": "none"},
            "color": {"type": "string", "enum": ["red", "blue"], "default": "blue"},
            "guests": {"type": "array", "items": {"type": "string"}, "description": "Who comes.", "default": []},
            "budget": {"anyOf": [{"type": "number"}, {"type": "null"}], "description": "In euros.", "default": None},
            "anything": {"default": None},
        },
        "required": ["hotel"],
        "additionalProperties": False,
    }


def test_classes_become_definitions() -> None:
    """Classes are described once, those that hold themselves included."""

    def move(box: Box, to: Point, back: Point, place: Place, whole: Whole) -> None: ...

    found = schema(move)
    assert found["properties"]["to"] == found["properties"]["back"] == {"$ref": "#/$defs/Point"}
    definitions = found["$defs"]
    assert definitions["Box"]["properties"]["inner"] == {"anyOf": [{"$ref": "#/$defs/Box"}, {"type": "null"}]}
    assert definitions["Box"]["required"] == ["edge"]
    assert definitions["Point"]["required"] == ["x"]
    assert definitions["Place"]["required"] == definitions["Whole"]["required"] == ["name"]


def test_types_without_a_word_on_what_they_hold() -> None:
    """Bare containers, names for types, dates and the rest are described."""
    take = taking(
        a=vars(typing)["List"],
        b=vars(typing)["Dict"],
        c=Sequence,
        d=Mapping,
        e=Metres,
        f=datetime,
        g=tuple[int, str],
        h=dict[str, list[int]],
    )
    found = schema(take)["properties"]
    assert found["a"] == found["c"] == {"type": "array"}
    assert found["b"] == found["d"] == {"type": "object"}
    assert found["e"] == {"type": "number"}
    assert found["f"] == {"type": "string", "format": "date-time"}
    assert found["g"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert found["h"]["additionalProperties"] == {"type": "array", "items": {"type": "integer"}}


def test_words_in_annotations() -> None:
    """A description stands in ``Annotated`` as a string or a ``Doc``; other marks say nothing."""

    def take(a: Annotated[int, 3, "One."], b: Annotated[int, Doc("Two.")], c: Annotated[int, 3]) -> None:
        """Take.

        :param c: Three.
        """

    assert [each.get("description") for each in schema(take)["properties"].values()] == ["One.", "Two.", "Three."]


def test_defaults_that_json_does_not_have() -> None:
    """Such a default is not shown, but the argument may be left out all the same."""

    def take(a: float = float("inf"), b: Any = object()) -> None: ...  # noqa: B008

    assert schema(take)["properties"] == {"a": {"type": "number"}, "b": {}}
    assert schema(take)["required"] == []


class Desk:
    """Hotel desk."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.booked: list[str] = []

    def book(self, hotel: str) -> int:
        """Book it."""
        self.booked.append(hotel)
        return len(self.booked)

    @staticmethod
    def count(most: int) -> int:
        """Count them."""
        return most

    @classmethod
    def name(cls, prefix: str) -> str:
        """Name it."""
        return prefix + cls.__name__

    async def __call__(self, hotel: str) -> None:
        """Call it."""


class Silent:
    """Say nothing of calls."""

    def __call__(self, word: str) -> str:  # noqa: D102
        return word


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap *function*."""

    @wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


@pytest.mark.parametrize(
    "function, name, words, parameters, waits",
    [
        (Desk().book, "book", "Book it.", ["hotel"], False),
        (Desk.count, "count", "Count them.", ["most"], False),
        (Desk.name, "name", "Name it.", ["prefix"], False),
        (Desk(), "Desk", "Call it.", ["hotel"], True),
        (Silent(), "Silent", "Say nothing of calls.", ["word"], False),
        (partial(book, "Ritz", board="full"), "book", "Book a hotel.", ["nights", "board", "color", "guests", "budget", "anything"], False),
        (partial(partial(Desk().__call__, "Ritz")), "__call__", "Call it.", [], True),
        (partial(Silent(), "x"), "Silent", None, [], False),
        (logged(book), "book", "Book a hotel.", ["hotel", "nights", "board", "color", "guests", "budget", "anything"], False),
    ],
    ids=["method", "static", "class", "object", "silent", "partial", "partial of partial", "partial of object", "wrapped"],
)
def test_whatever_can_be_called(function: Any, name: str, words: str | None, parameters: list[str], *, waits: bool) -> None:
    """Methods, partials, objects and wrapped functions are described by what their callers give."""
    found = described(function, "tools[0]")
    assert (found.tool.name, found.tool.description, list(found.kinds), found.waits) == (name, words, parameters, waits)


def test_a_function_is_described_once() -> None:
    """What was described is remembered as long as the function lives, and methods of one function for all objects."""

    def make() -> Callable[[int], None]:
        def passing(x: int) -> None: ...

        return passing

    one = make()
    assert described(one, "tools[0]") is described(one, "tools[1]")
    assert described(Desk().book, "tools[0]") is described(Desk().book, "tools[0]")
    assert list(described(Desk.book, "tools[0]").kinds) == ["self", "hotel"]
    found = described(one, "tools[0]")
    gone: list[int] = []
    weakref.finalize(one, gone.append, 1)
    del one
    gc.collect()
    assert gone == [1]
    assert found.tool.name == "passing"


def test_what_cannot_be_remembered_is_described_all_the_same() -> None:
    """An object without a hash is a tool like any other."""

    class Listed(list[int]):
        def __call__(self, x: int) -> int:
            return x

    assert call(Listed(), x=3) == 3


# --- what cannot be described ------------------------------------------------------------------------


def many(*words: str) -> None:
    """Take any number."""


def named(**words: str) -> None:
    """Take any names."""


def unknown(x: complex) -> None:
    """Take what JSON does not have."""


def deep(x: dict[str, list[set[bytes]]]) -> None:
    """Take it deep inside."""


def missing(x: Path) -> None:
    """Take what only a type checker sees."""


def lost(x: Lost) -> None:
    """Take a class with such a field."""


def generator(x: int) -> Iterator[int]:
    """Yield."""
    yield x


NAMELESS: Callable[[int], int] = lambda x: x  # noqa: E731 - it shall have no name
CASES: list[tuple[Any, str]] = [
    (many, "tools[1].parameters.words"),
    (named, "tools[1].parameters.words"),
    (unknown, "tools[1].parameters.x"),
    (deep, "tools[1].parameters.x[…][][]"),
    (missing, "tools[1].parameters.x"),
    (lost, "tools[1].parameters.x"),
    (generator, "tools[1]"),
    (Box, "tools[1]"),
    (NAMELESS, "tools[1].name"),
    (vars(builtins)["min"], "tools[1].parameters"),
    (3, "tools[1]"),
]


@pytest.mark.parametrize("function, path", CASES, ids=range(len(CASES)))
def test_what_cannot_be_described(function: Any, path: str) -> None:
    """It is told by its path, before anything is sent."""
    with pytest.raises(RequestError) as caught:
        normalise("Hi", {"tools": [book, function]})
    assert caught.value.path == path
    assert path in str(caught.value)


def test_two_functions_of_one_name() -> None:
    """A model could not tell them apart."""
    with pytest.raises(InvalidMessageError, match="two tools named 'book'"):
        normalise("Hi", {"tools": [book, Desk().book]})


# --- a call ------------------------------------------------------------------------------------------


def test_arguments_are_what_the_function_takes() -> None:
    """Classes are built, enumerations looked up, and what was left out stays the function's business."""
    take = taking(
        box=Box,
        point=Point,
        place=Place,
        color=Color,
        size=Size,
        when=datetime,
        day=date,
        hour=time,
        price=Decimal,
        ident=UUID,
        far=Metres,
        words=AbstractSet[str],
        any_words=AbstractSet,
        bare=Mapping,
        pair=tuple[int, str],
        either=int | list[str],
        mode=Literal["a", 1],
        rest=object,
    )
    got = call(
        take,
        box={"edge": 2, "inner": {"edge": 1, "color": "blue"}},
        point={"x": 1},
        place={"name": "here"},
        color="blue",
        size="small",
        when="2026-11-23T03:00:00Z",
        day="2026-11-23",
        hour="03:00",
        price="1.10",
        ident="12345678-1234-5678-1234-567812345678",
        far=3,
        words=["a", "b"],
        any_words=["a"],
        bare={"a": 1},
        pair=[1, "b"],
        either=["x"],
        mode=1,
        rest=[None],
    )
    assert got["box"] == Box(2, inner=Box(1, Color.BLUE))
    assert got["point"] == Point(1.0)
    assert got["place"] == {"name": "here"}
    assert (got["color"], got["size"]) == (Color.BLUE, Size.SMALL)
    assert isinstance(got["size"], Size)
    assert (got["when"].hour, got["day"], got["hour"]) == (3, date(2026, 11, 23), time(3))
    assert (got["price"], str(got["ident"])) == (Decimal("1.10"), "12345678-1234-5678-1234-567812345678")
    assert (got["far"], got["words"], got["any_words"], got["bare"]) == (3.0, {"a", "b"}, {"a"}, {"a": 1})
    assert (got["pair"], got["either"], got["mode"], got["rest"]) == ((1, "b"), ["x"], 1, [None])


def test_arguments_by_place() -> None:
    """Parameters without a name for callers are given by their places."""

    def take(a: int, b: int = 2, /, c: int = 3) -> tuple[int, int, int]:
        return a, b, c

    assert call(take, a=1, c=9) == (1, 2, 9)
    assert call(take, c=9, b=5, a=1) == (1, 5, 9)


@pytest.mark.parametrize(
    "given, words",
    [
        (None, "not a JSON object"),
        ({}, "'hotel' is a required property"),
        ({"hotel": 3}, "hotel: 3 is not of type 'string'"),
        ({"hotel": "Ritz", "star": 1}, "'star' was unexpected"),
        ({"hotel": "Ritz", "board": "half"}, "board: 'half' is not one of"),
        ({"hotel": "Ritz", "guests": ["Ann", 3]}, "guests.1: 3 is not of type 'string'"),
        ({"hotel": "Ritz", "nights": 2.0}, "nights does not fit: expected int, not 2.0"),
    ],
)
def test_arguments_that_do_not_fit(given: dict[str, Any] | None, words: str) -> None:
    """The model is told which, and why."""
    with pytest.raises(ToolError, match=words):
        arguments_of(described(book, "tools[0]"), given)


@pytest.mark.parametrize(
    "kind, value, words",
    [
        (UUID, "x", "expected UUID, not 'x'"),
        (Decimal, "x", "expected Decimal, not 'x'"),
        (date, "x", "x"),
        (list[UUID], ["x"], r"expected UUID|invalid value.* @ \$\[0\]"),
    ],
)
def test_arguments_that_only_their_type_refuses(kind: Any, value: Any, words: str) -> None:
    """What JSON Schema lets pass is refused by the type."""
    take = taking(it=kind)
    with pytest.raises(ToolError, match=words):
        call(take, it=value)


def test_a_word_that_is_none_of_those() -> None:
    """A literal is itself, and nothing that only equals it."""
    assert structure(Literal["a", 1], 1) == 1
    with pytest.raises(MisfitError, match="expected one of 'a', 1, not True"):
        structure(Literal["a", 1], True)  # noqa: FBT003


def test_few_of_many_faults() -> None:
    """The model is not told more than it can use."""

    def take(a: list[int]) -> None: ...

    with pytest.raises(ToolError) as caught:
        call(take, a=["x"] * 50)
    assert str(caught.value).count("is not of type") == 5
