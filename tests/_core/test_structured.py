"""The form that an answer must have: understood in every spelling, judged before it is asked for, and held to afterwards."""

from __future__ import annotations

import json
from collections import UserDict
from types import MappingProxyType
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.request import ResponseFormat
from llmring._core.structured import instruction, parse, response_format, so_far, unfenced
from llmring._gen.response import LLMResponse
from llmring._gen.tool import ToolCall
from llmring.exceptions import RequestError, SchemaValidationError
from tests.models import json_values

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
N = ResponseFormat(kind="json_schema", name="n", schema=SCHEMA)
CALL = ToolCall(name="f")


@attrs.frozen
class Count:
    """A type of the user's."""

    n: int


@attrs.frozen
class Loose:
    """One whose field may be left out."""

    n: int = 0


STYLES: list[tuple[Any, ResponseFormat | None]] = [
    (None, None),
    ({"type": "text"}, None),
    (N, N),
    ({"type": "json_object"}, ResponseFormat(kind="json_object")),
    ({"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}, N),
    (MappingProxyType({"type": "json_schema", "json_schema": UserDict(name="n", schema=MappingProxyType(SCHEMA))}), N),
    ({"type": "json_schema", "name": "n", "schema": SCHEMA}, N),
    ({"type": "json_schema", "json_schema": {"schema": SCHEMA}}, attrs.evolve(N, name="response")),
    ({"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}, attrs.evolve(N, strict=True)),
    ({"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}, "strict": True}, attrs.evolve(N, strict=True)),
    (
        {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": False}, "strict": True},
        attrs.evolve(N, strict=False),
    ),
    ({"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "description": "d"}}, attrs.evolve(N, description="d")),
]


@pytest.mark.parametrize("written, meant", STYLES)
def test_understands(written: Any, meant: ResponseFormat | None) -> None:
    """Chat completions' shape, and the flat one of Responses."""
    assert response_format(written) == meant


def test_types() -> None:
    """Strict where all keys are required and no others allowed, as strict modes want it."""
    wanted = response_format(Count)
    assert wanted is not None
    assert (wanted.kind, wanted.name, wanted.strict, wanted.type) == ("json_schema", "Count", True, Count)
    for kind in (Loose, dict[str, int], list[Loose], list[dict[str, int]] | int):
        loose = response_format(kind)
        assert loose is not None
        assert (loose.strict, loose.type) == (None, kind)


JUST: dict[str, Any] = {"type": "json_schema", "json_schema": {"schema": {}}}
FAULTS: list[tuple[Any, str, str]] = [
    (5, "", "must be {"),
    ("json", "", "not 'json'"),
    ({"type": "xml"}, "", "must be {"),
    ({"schema": SCHEMA}, "", "must be {"),
    ([SCHEMA], "", "must be {"),
    ({"type": "json_schema"}, ".schema", "is missing; it is the JSON Schema of the answer"),
    ({"type": "json_schema", "json_schema": 5}, ".json_schema", "must be an object, not int"),
    ({"type": "json_schema", "json_schema": {}}, ".json_schema.schema", "is missing"),
    ({"type": "json_schema", "json_schema": {"schema": []}}, ".json_schema.schema", "must be an object, not list"),
    ({"type": "json_schema", "json_schema": {"schema": {}, "name": 5}}, ".json_schema.name", "must be a string, not int"),
    ({"type": "json_schema", "json_schema": {"schema": {}, "strict": "yes"}}, ".json_schema.strict", "must be true or false, not str"),
    ({"type": "json_schema", "json_schema": {"schema": {}}, "strict": 1}, ".strict", "must be true or false, not int"),
    ({"type": "json_schema", "json_schema": {"schema": {}, "description": 5}}, ".json_schema.description", "must be a string, not int"),
    ({"type": "json_schema", "schema": {"type": "nope"}}, ".schema.type", "is no JSON Schema: 'nope'"),
]


@pytest.mark.parametrize("written, place, said", FAULTS)
def test_tells_faults_by_path(written: Any, place: str, said: str) -> None:
    """Before anything is asked."""
    with pytest.raises(RequestError) as caught:
        response_format(written)
    assert caught.value.path == f"response_format{place}"
    assert caught.value.message.startswith(str(caught.value.path))
    assert said in caught.value.message


@pytest.mark.parametrize(
    "text, inside",
    [
        ('{"n": 1}', '{"n": 1}'),
        (' {"n": 1}\n', '{"n": 1}'),
        ('```json\n{"n": 1}\n```', '{"n": 1}'),
        ('```JSON {"n": 1}```\n', '{"n": 1}'),
        ('```\n{"n": 1}\n```', '{"n": 1}'),
        ("``````", ""),
        ("```", "```"),
        ("````", "````"),
        ('Here: ```json\n{"n": 1}\n```', 'Here: ```json\n{"n": 1}\n```'),
    ],
)
def test_fences_are_taken_off(text: str, inside: str) -> None:
    """Where the text is one fence as a whole."""
    assert unfenced(text) == inside


def answer(text: str, **more: Any) -> LLMResponse[Any]:
    """Make an answer."""
    return attrs.evolve(LLMResponse[Any](content=text), **more)


def test_gives_the_value() -> None:
    """Decoded, or built."""
    count = response_format(Count)
    assert count is not None
    for text in ('{"n": 1}', '```json\n{"n": 1}\n```'):
        assert parse(answer(text), N) == {"n": 1}
        assert parse(answer(text), ResponseFormat(kind="json_object")) == {"n": 1}
        assert parse(answer(text), count) == Count(1)


@given(json_values)
def test_gives_any_value(value: Any) -> None:
    """A schema that allows all allows all."""
    anything = response_format(JUST)
    assert anything is not None
    assert parse(answer(json.dumps(value)), anything) == value


def test_a_refusal_has_no_value() -> None:
    """Nor do calls in place of an answer; an answer beside them counts."""
    assert parse(answer("", refusal="no"), N) is None
    assert parse(answer("", tool_calls=[CALL]), N) is None
    assert parse(answer("Let me look.", tool_calls=[CALL]), N) is None
    assert parse(answer('{"n": 1}', tool_calls=[CALL]), N) == {"n": 1}


MISFITS: list[tuple[str, str, str | None]] = [
    ("", "The answer is not valid JSON: ", None),
    ("Sure!", "The answer is not valid JSON: ", None),
    ('{"n": NaN}', "The answer is not valid JSON: NaN is no JSON", None),
    ("[" * 100_000, "The answer is not valid JSON", None),
    ('{"n": "x"}', "The answer does not fit the schema at n: 'x' is not of type 'integer'", "n"),
    ("{}", "The answer does not fit the schema: 'n' is a required property", None),
    ("[]", "The answer does not fit the schema: [] is not of type 'object'", None),
]


@pytest.mark.parametrize("text, said, path", MISFITS)
def test_a_misfit_is_told(text: str, said: str, path: str | None) -> None:
    """With the text, the place in it and the whole response."""
    response = answer(text)
    with pytest.raises(SchemaValidationError) as caught:
        parse(response, N)
    assert caught.value.message.startswith(said)
    assert (caught.value.text, caught.value.path) == (text, path)
    assert caught.value.response is response


def test_a_misfit_of_a_type_carries_the_response_too() -> None:
    """Where only building finds it."""
    wanted = attrs.evolve(N, type=Count)
    response = answer('{"n": 1, "more": 2}')
    with pytest.raises(SchemaValidationError, match="The answer does not fit Count") as caught:
        parse(response, wanted)
    assert caught.value.response is response


def test_a_cut_answer_is_told_as_one() -> None:
    """For more tokens would help."""
    with pytest.raises(SchemaValidationError, match=r"it was cut at max_tokens"):
        parse(answer('{"n": ', finish_reason="length"), N)


@pytest.mark.parametrize("text", ["[1]", "5", "null"])
def test_a_json_object_is_an_object(text: str) -> None:
    """Not just any JSON."""
    with pytest.raises(SchemaValidationError, match="is not of type 'object'"):
        parse(answer(text), ResponseFormat(kind="json_object"))


def test_words_for_models_that_cannot_be_held_to_it() -> None:
    """The schema is in them."""
    assert "JSON object only" in instruction(ResponseFormat(kind="json_object"))
    assert json.dumps(SCHEMA) in instruction(N)


@pytest.mark.parametrize(
    "wanted, text, value",
    [
        (None, '{"value": [1', {"value": []}),
        ({"type": "json_object"}, '{"value": 1}', {"value": 1}),
        (list[int], "", None),
        (list[int], "{", None),
        (list[int], '{"value": [1, 2', [1]),
        (list[int], '{"value": [1, 2]}', [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (dict[str, int], '{"value": {"a": 1}}', {"a": 1}),
        ({"type": "json_schema", "schema": {"type": "array"}}, "{", None),
        ({"type": "json_schema", "schema": {"type": "array"}}, '{"value": ["x', ["x"]),
        ({"type": "json_schema", "schema": {"type": "object"}}, "{", {}),
        ({"type": "json_schema", "schema": {"type": "object"}}, '{"value": 1}', {"value": 1}),
    ],
)
def test_values_so_far(wanted: Any, text: str, value: Any) -> None:
    """What only stands around a value is not shown."""
    assert so_far(text, response_format(wanted)) == value


@given(st.text(max_size=20))
def test_no_text_breaks_what_is_read_so_far(text: str) -> None:
    """Whatever a model writes."""
    assert so_far('{"value": ' + json.dumps(text), response_format(str)) == text
