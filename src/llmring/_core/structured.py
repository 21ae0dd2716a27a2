"""Ask for an answer of a given form, and hold the answer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from llmring._core.request import ResponseFormat
from llmring.exceptions import RequestError, SchemaValidationError

if TYPE_CHECKING:
    from llmring._gen.response import LLMResponse

Plain = Mapping[str, Any]


def response_format(wanted: Any) -> ResponseFormat | None:
    """Understand ``response_format``: OpenAI's mappings, or a Python type.

    Raises:
        RequestError: it is neither, or its schema is no schema.

    """
    match wanted:
        case None | {"type": "text"}:
            return None
        case ResponseFormat():
            return wanted
        case {"type": "json_object"}:
            return ResponseFormat(kind="json_object")
        case {"type": "json_schema"}:
            return _schema_format(cast("Plain", wanted))
        case type():
            return _type_format(wanted)
        case _ if _is_typed_alias(wanted):
            return _type_format(wanted)
        case _:
            message = (
                'response_format must be {"type": "json_object"}, {"type": "json_schema", "json_schema": {"name", "schema"}} or a type'
            )
            raise RequestError(message, path="response_format")


def _is_typed_alias(wanted: Any) -> bool:
    """Tell whether *wanted* is a parametrised type such as ``list[int]``."""
    return not isinstance(wanted, Mapping) and getattr(wanted, "__origin__", None) is not None


def _schema_format(wanted: Plain) -> ResponseFormat:
    inner = wanted.get("json_schema")
    body = cast("Plain", inner) if isinstance(inner, Mapping) else wanted
    schema = body.get("schema")
    if not isinstance(schema, Mapping):
        path = "response_format.json_schema.schema"
        message = f"{path} is missing; it is the JSON Schema of the answer"
        raise RequestError(message, path=path)
    plain = dict(cast("Plain", schema))
    _check_schema(plain)
    return ResponseFormat(
        kind="json_schema",
        name=str(body.get("name") or "response"),
        schema=plain,
        strict=body.get("strict", wanted.get("strict")),
        description=body.get("description"),
    )


def _check_schema(schema: dict[str, Any]) -> None:
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        path = ".".join(["response_format.json_schema.schema", *map(str, error.absolute_path)])
        message = f"{path} is no JSON Schema: {error.message}"
        raise RequestError(message, path=path) from None


def _type_format(wanted: Any) -> ResponseFormat:
    from llmring._core.typeschema import schema_of

    name, schema = schema_of(wanted)
    return ResponseFormat(kind="json_schema", name=name, schema=schema, strict=_closed(schema) or None, type=wanted)


def _closed(schema: Any) -> bool:
    """Tell whether every object of *schema* lists all its keys as required and takes no others, as strict modes want it."""
    match schema:
        case dict():
            plain = cast("dict[str, Any]", schema)
            properties: Plain = plain.get("properties") or {}
            if plain.get("type") == "object" and (
                plain.get("additionalProperties") is not False or {*plain.get("required", ())} != {*properties}
            ):
                return False
            return all(_closed(item) for item in plain.values())
        case list():
            return all(_closed(item) for item in cast("list[Any]", schema))
        case _:
            return True


def parse(response: LLMResponse[Any], wanted: ResponseFormat) -> Any:
    """Give the value that *response* holds, checked against *wanted*; None for a refusal or for tool calls instead of an answer.

    Raises:
        SchemaValidationError: the text is no JSON, or does not fit the schema; it carries the text and the path of the misfit.

    """
    text = response.content
    if response.refusal is not None or (response.tool_calls and not text.strip()):
        return None
    value = _json_value(text, response)
    if wanted.schema is not None:
        _validate(value, wanted.schema, text, response)
    if wanted.type is None:
        return value
    from llmring._core.typeschema import build

    return build(wanted.type, value, text=text)


def _json_value(text: str, response: LLMResponse[Any]) -> Any:
    try:
        return json.loads(unfenced(text))
    except (ValueError, RecursionError) as error:
        cut = " (it was cut at max_tokens)" if response.finish_reason == "length" else ""
        message = f"The answer is not valid JSON{cut}: {error}"
        raise SchemaValidationError(message, text=text, response=response) from None


def unfenced(text: str) -> str:
    """Give what stands inside a Markdown code fence, if *text* is one fence as a whole."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```"):
        return stripped[3:-3].removeprefix("json").strip()
    return stripped


def _validate(value: Any, schema: dict[str, Any], text: str, response: LLMResponse[Any]) -> None:
    from jsonschema import exceptions, validators

    validator = cast("Any", validators.validator_for(schema)(schema))
    misfit = cast("Any", exceptions).best_match(validator.iter_errors(value))
    if misfit is not None:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.absolute_path).lstrip(".")
        message = f"The answer does not fit the schema{f' at {path}' if path else ''}: {misfit.message}"
        raise SchemaValidationError(message, text=text, path=path or None, response=response)


def instruction(wanted: ResponseFormat) -> str:
    """Say in words what the answer must look like, for models that cannot be held to it."""
    if wanted.schema is None:
        return "Answer with one JSON object only, without any other text."
    schema = json.dumps(wanted.schema, ensure_ascii=False)
    return f"Answer with JSON only, without any other text, fitting this JSON Schema:\n{schema}"
