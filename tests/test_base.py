"""What all models share: plain forms there and back, reading by key, equality, pickles, and what is told of wrong values."""

from __future__ import annotations

import enum
import json
import pickle
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._base import Readable, canonical_json, json_object, json_text, kind_of, near, read_decimal, read_items, wrong
from llmring._gen.message import Citation, ImagePart, Message, OpaquePart, TextPart, ToolResultPart
from llmring._gen.request import LLMRequest
from llmring._gen.response import Attempt, Choice, LLMResponse
from llmring._gen.stream import Finish, TextDelta
from llmring._gen.tool import Tool, ToolCall
from llmring._gen.usage import Cost, Usage
from llmring.exceptions import InvalidMessageError, RequestError
from tests.models import MODELS, json_values, model

anything = st.sampled_from(MODELS).flatmap(model)


@attrs.frozen
class City:
    """A type of a user's own."""

    name: str
    found: date


@dataclass
class Pair:
    """Another."""

    left: int
    right: City


class Colour(enum.Enum):
    """A third."""

    RED = "red"


# --- plain forms -------------------------------------------------------------------------------------


@given(anything)
def test_there_and_back(made: Readable) -> None:
    """What was made plain, even on the way through JSON text, is read as the same."""
    plain = made.to_dict()
    assert type(made).from_dict(plain) == made
    assert type(made).from_dict(json.loads(json.dumps(plain))) == made


@given(anything)
def test_pickles(made: Readable) -> None:
    """Every model survives pickling."""
    assert pickle.loads(pickle.dumps(made)) == made


@given(anything, json_values)
def test_any_wrong_value_is_told_by_its_path(made: Readable, value: Any) -> None:
    """Whatever stands in a field is taken, or refused with the path of the field."""
    for key in made.keys():  # noqa: SIM118 - a model is no dict
        try:
            type(made).from_dict({**made.to_dict(), key: value}, "top")
        except RequestError as error:
            assert str(error.path).startswith(f"top.{key}")  # noqa: PT017 - most values are taken
            assert str(error.path) in error.message  # noqa: PT017


def test_empty_lists_are_left_out_and_empty_objects_only_where_they_say_nothing() -> None:
    """A schema without keys is not the same as none."""
    assert Tool(name="t", parameters={}).to_dict() == {"type": "function", "name": "t", "parameters": {}}
    assert OpaquePart(protocol="p", data={}).to_dict() == {"type": "opaque", "protocol": "p", "data": {}}
    assert Message(role="user", content=[]).to_dict() == {"role": "user", "content": []}


def test_usage_says_its_zeros() -> None:
    """Counters are always there."""
    assert Usage(input_tokens=1).to_dict() == {**dict.fromkeys(Usage().keys(), 0), "input_tokens": 1}


def test_bytes_and_decimals_become_text() -> None:
    """JSON has neither."""
    assert ImagePart(data=b"\x00\xff").to_dict() == {"type": "image", "data": "AP8="}
    assert Cost(total=Decimal("0.10")).to_dict()["total"] == "0.10"
    assert Cost(total=Decimal("4E-8")).to_dict()["total"] == "0.00000004"


@pytest.mark.parametrize(
    "parsed, plain",
    [
        (City(name="Lisbon", found=date(2026, 1, 2)), {"name": "Lisbon", "found": "2026-01-02"}),
        (Pair(1, City("a", date(2026, 1, 2))), {"left": 1, "right": {"name": "a", "found": "2026-01-02"}}),
        ({Colour.RED}, ["red"]),
        ((datetime(2026, 1, 2, tzinfo=UTC),), ["2026-01-02T00:00:00+00:00"]),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (MappingProxyType({1: TextPart(text="x")}), {"1": {"type": "text", "text": "x"}}),
    ],
)
def test_what_a_users_type_gave_is_plain_too(parsed: Any, plain: Any) -> None:
    """A whole response can be written as JSON, parsed value included."""
    assert LLMResponse(parsed=parsed).to_dict()["parsed"] == plain


@pytest.mark.extra
def test_pydantic_models_are_plain_too() -> None:
    """They know their own JSON."""
    import pydantic

    kind = pydantic.create_model("Day", on=(date, ...))
    assert LLMResponse(parsed=kind(on=date(2026, 1, 2))).to_dict()["parsed"] == {"on": "2026-01-02"}


@pytest.mark.parametrize("value, path", [(SimpleNamespace(), "extra_params.a[1]"), (City, "extra_params.a[1]")])
def test_what_has_no_plain_form_is_told_by_its_path(value: Any, path: str) -> None:
    """A type or an object of no known kind cannot be written."""
    with pytest.raises(RequestError, match=r"extra_params\.a\[1\]") as caught:
        LLMRequest[Any](model="m", messages="x", extra_params={"a": [0, value]}).to_dict()
    assert caught.value.path == path


@pytest.mark.parametrize(
    "kind, data, path, said",
    [
        (Message, {}, "role", "role is missing"),
        (Message, {"role": "usr"}, "role", "role must be one of system, developer, user, assistant, tool, not 'usr'"),
        (Message, {"role": {}}, "role", "role must be one of system, developer, user, assistant, tool, not {}"),
        (Message, {"role": "user", "conten": "x"}, "conten", "conten is unknown; did you mean 'content'?"),
        (Message, {"role": "user", 1: 2}, "1", "1 is unknown"),
        (Message, {"role": "user", "content": 5}, "content", "content must be a string or a list or null, not int"),
        (Message, {"role": "user", "content": [{}]}, "content[0].type", "content[0].type is missing; it is one of text, image"),
        (Message, {"role": "user", "content": [{"type": []}]}, "content[0].type", "content[0].type must be one of text, image"),
        (Message, {"role": "user", "content": [None]}, "content[0]", "content[0] must be an object, not null"),
        (Message, {"role": "user", "content": [{"type": "text", "text": 1}]}, "content[0].text", "must be a string, not int"),
        (Message, {"role": "user", "content": [TextPart(text=None)]}, "content[0].text", "must be a string, not null"),  # type: ignore[arg-type]
        (Message, {"role": "user", "tool_calls": [{"name": "f", "at": "x"}]}, "tool_calls[0].at", "a whole number or null, not str"),
        (Message, {"role": "user", "tool_calls": [ToolCall(name=1)]}, "tool_calls[0].name", "must be a string, not int"),  # type: ignore[arg-type]
        (Message, 5, None, "value must be an object, not int"),
        (TextPart, {"type": "image", "text": "x"}, "type", "type must be 'text', not 'image'"),
        (ImagePart, {"data": "?"}, "data", "data must be base64"),
        (ImagePart, {"data": "é"}, "data", "data must be base64"),
        (ImagePart, {"data": 5}, "data", "data must be base64 text or null, not int"),
        (Citation, {"start": True}, "start", "start must be a whole number, not bool"),
        (Usage, {"input_tokens": -1}, "input_tokens", "input_tokens must be a whole number of at least 0, not -1"),
        (Usage, {"input_tokens": 1.5}, "input_tokens", "input_tokens must be a whole number, not float"),
        (Cost, {"total": "much"}, "total", "total must be a decimal number as text, not 'much'"),
        (Cost, {"total": "NaN"}, "total", "total must be a decimal number as text, not 'NaN'"),
        (Cost, {"estimated": 1}, "estimated", "estimated must be true or false, not int"),
        (LLMResponse, {"usage": {"output_tokens": -1}}, "usage.output_tokens", "usage.output_tokens must be a whole number of at least 0"),
        (LLMResponse, {"headers": {"a": 1}}, "headers.a", "headers.a must be a string, not int"),
        (LLMResponse, {"warnings": "x"}, "warnings", "warnings must be a list, not str"),
        (Finish, {"finish_reason": "done"}, "finish_reason", "finish_reason must be one of stop, length"),
    ],
)
def test_faults_are_told_by_path(kind: type[Readable], data: Any, path: str | None, said: str) -> None:
    """Missing, unknown, of a wrong type, out of range: each with its place, below the place of the whole."""
    with pytest.raises(RequestError) as caught:
        kind.from_dict(data)
    assert said in caught.value.message
    assert caught.value.path == path
    with pytest.raises(RequestError) as caught:
        kind.from_dict(data, "a[0]")
    assert caught.value.path == ("a[0]" if path is None else f"a[0].{path}")
    assert str(caught.value.path) in caught.value.message


def test_a_model_is_taken_for_its_plain_form() -> None:
    """The same kind as it is, another kind by its keys."""
    part = TextPart(text="x")
    assert TextPart.from_dict(part) is part  # type: ignore[arg-type]
    assert TextDelta.from_dict({"type": "text", "delta": "x"}) == TextDelta(delta="x")
    with pytest.raises(InvalidMessageError, match="id is unknown"):
        Message.from_dict(ToolCall(name="f"))  # type: ignore[arg-type]


def test_values_that_are_read_already_are_taken() -> None:
    """Decimals, bytes and lists stay what they are."""
    assert ImagePart.from_dict({"data": b"x"}) == ImagePart(data=b"x")
    assert read_decimal(Decimal("1.5"), "x") == Decimal("1.5")
    assert read_items([1], "x") == [1]


# --- reading by key ----------------------------------------------------------------------------------


@given(anything)
def test_reads_by_key(made: Readable) -> None:
    """Keys, iteration, ``in``, ``[]`` and ``get`` agree with each other and with the attributes."""
    assert list(made) == list(made.keys())
    assert dict(made).keys() == set(made.keys())
    for key in made.keys():  # noqa: SIM118 - a model is no dict
        assert key in made
        assert made[key] == made.get(key) == getattr(made, key)
    assert "nothing" not in made
    assert made.get("nothing", 5) == 5
    with pytest.raises(KeyError, match="nothing"):
        made["nothing"]


def test_the_order_is_the_schemas() -> None:
    """As the spec writes them."""
    assert Message(role="user").keys() == ("role", "content", "name", "tool_calls", "tool_call_id", "metadata")


def test_usage_reads_under_openais_names() -> None:
    """By attribute and by key, beside its own."""
    usage = Usage(input_tokens=3, output_tokens=4, total_tokens=7)
    assert (usage.prompt_tokens, usage.completion_tokens) == (3, 4)
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (3, 4, 7)
    assert "prompt_tokens" in usage
    assert "prompt_tokens" not in usage.keys()  # noqa: SIM118
    assert usage.get("prompt_tokens") == 3
    with pytest.raises(KeyError):
        usage["tokens"]


def test_a_call_reads_in_openais_shape() -> None:
    """``function`` holds name and JSON text, ``type`` is what OpenAI says."""
    call = ToolCall(id="1", name="f", arguments={"a": "é"})
    assert call["function"] == {"name": "f", "arguments": '{"a":"é"}'}
    assert call["type"] == "function"
    assert "function" in call
    assert call["arguments"] == call.arguments == {"a": "é"}
    assert call.raw_arguments == '{"a":"é"}'


@pytest.mark.parametrize(
    "text, arguments", [("", {}), (" \n", {}), ('{"a": 1}', {"a": 1}), ("[1]", None), ("{", None), ("nothing", None), ("[" * 100_000, None)]
)
def test_arguments_are_an_object_or_none(text: str, arguments: dict[str, Any] | None) -> None:
    """The text stays readable in any case."""
    call = ToolCall(name="f", arguments=text)
    assert (call.arguments, call.raw_arguments) == (arguments, text)
    assert json_object(text) == arguments


# --- equality -----------------------------------------------------------------------------------------


def test_calls_are_equal_by_what_they_say() -> None:
    """Spaces and order of keys in the arguments do not count; text that is no object does as it is."""
    assert ToolCall(name="f", arguments='{"a": 1, "b": 2}') == ToolCall(name="f", arguments={"b": 2, "a": 1})
    assert ToolCall(name="f", arguments="{x}") != ToolCall(name="f", arguments="{ x}")
    assert canonical_json("") == canonical_json("{}") == "{}"


@pytest.mark.parametrize(
    "field, value", [("latency", 1.0), ("headers", {"a": "b"}), ("raw", {}), ("attempts", [Attempt(model="m", outcome="ok")])]
)
def test_circumstances_of_a_response_do_not_count(field: str, value: Any) -> None:
    """How an answer came does not make it another one."""
    assert attrs.evolve(LLMResponse[Any](content="x"), **{field: value}) == LLMResponse[Any](content="x")


@pytest.mark.parametrize("field, value", [("content", "y"), ("usage", Usage(input_tokens=1)), ("warnings", ["w"]), ("model", "m")])
def test_all_else_of_a_response_counts(field: str, value: Any) -> None:
    """Equal by value."""
    assert attrs.evolve(LLMResponse[Any](content="x"), **{field: value}) != LLMResponse[Any](content="x")


def test_models_are_frozen() -> None:
    """And take no further attributes."""
    message = Message(role="user", content="x")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        message.content = "y"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        object.__setattr__(message, "more", 1)


@given(st.sampled_from(MODELS))
def test_no_model_is_a_mapping(kind: type[Readable]) -> None:
    """Encoders that treat mappings specially see an object."""
    from collections.abc import Mapping

    assert not issubclass(kind, Mapping)


# --- checks of fields ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["usr", None, 5, [], {}])
def test_a_message_needs_a_role(role: Any) -> None:
    """Whatever else is given is told, not tripped over."""
    with pytest.raises(InvalidMessageError, match="role must be one of system") as caught:
        Message(role=role)
    assert caught.value.path == "role"


@pytest.mark.parametrize("count", [-1, 1.0, True, None, "1"])
def test_counters_are_whole_numbers(count: Any) -> None:
    """Neither fractions nor truth values."""
    with pytest.raises(RequestError, match="input_tokens must be a whole number of at least 0") as caught:
        Usage(input_tokens=count)
    assert caught.value.path == "input_tokens"


def test_shows_its_fields() -> None:
    """A model is shown as the call that makes it, bar what is the provider's own and long."""
    assert repr(TextDelta(delta="a", index=1)) == "TextDelta(delta='a', index=1, block=None, signature=None)"
    assert repr(ToolCall(id="1", name="f", arguments={})).startswith("ToolCall(id='1', name='f', raw_arguments='{}', kind='function', ")
    answer = LLMResponse[Any](choices=[], model="a:b", raw={"secret": 1}, headers={"x": "y"})
    assert "secret" not in repr(answer)
    assert "'x'" not in repr(answer)


def test_choices_need_a_message() -> None:
    """What must be there has no default."""
    with pytest.raises(TypeError, match="message"):
        Choice()  # type: ignore[call-arg]


def test_json_text_takes_any_mapping_and_tells_what_is_none() -> None:
    """A string is taken to be JSON text already."""
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    assert json_text("{") == "{"
    assert json_text(MappingProxyType({"a": MappingProxyType({})})) == '{"a":{}}'
    for value in ({"a": SimpleNamespace()}, loop):
        with pytest.raises(InvalidMessageError, match="arguments cannot be written as JSON") as caught:
            ToolCall(name="f", arguments=value)
        assert caught.value.path == "arguments"


def test_checks_what_making_does_not() -> None:
    """A model's own fields, and those of the models in it."""
    good = ToolResultPart(tool_call_id="1", content=[TextPart(text="x", citations=[Citation()])])
    assert good.checked("p") is good
    bad = ToolResultPart(tool_call_id="1", content=[TextPart(text="x", citations=[Citation(start="x")])])  # type: ignore[arg-type]
    with pytest.raises(InvalidMessageError, match="whole number") as caught:
        bad.checked("p")
    assert caught.value.path == "p.content[0].citations[0].start"


def test_words_for_errors() -> None:
    """What to call a value, and what it may have meant."""
    assert (kind_of(None), kind_of([])) == ("null", "list")
    assert near("temprature", ["temperature", "top_p"]) == "; did you mean 'temperature'?"
    assert not near(5, ["temperature"])
    assert wrong(1, "", "a string").path is None
