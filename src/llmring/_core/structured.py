"""Ask for an answer of a given form, and hold the answer to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn, cast, get_origin

from llmring._base import too_deep
from llmring._core.request import ResponseFormat
from llmring._core.schema_looks import WRAPPED, wrapped
from llmring._core.schema_restore import restore
from llmring._core.taking import Plain, fault, maybe_flag, maybe_object, maybe_text, shown
from llmring._core.validation import check_schema, validate
from llmring.exceptions import RequestError, SchemaValidationError

if TYPE_CHECKING:
    from llmring._gen.response import LLMResponse

_OBJECT = {"type": "object"}
"""What ``json_object`` asks for."""
_FENCE = "```"


def response_format(wanted: Any) -> ResponseFormat | None:
    """Understand ``response_format``: OpenAI's mappings, or a Python type.

    Raises:
        RequestError: it is neither, its schema is no schema, or its type cannot be described.

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
        case _ if _is_type(wanted):
            return _type_format(wanted)
        case _:
            known = '{"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": …, "schema": …}} or a type'
            message = f"response_format must be {known}, not {shown(wanted)}"
            raise RequestError(message, path="response_format")


def _is_type(wanted: Any) -> bool:
    """Tell whether *wanted* is a class, a parametrised type such as ``list[int]``, a union, or a name given to one of them."""
    if isinstance(wanted, type) or get_origin(wanted) is not None:
        return True
    return hasattr(wanted, "__supertype__") or type(wanted).__name__ == "TypeAliasType"


def _schema_format(wanted: Plain) -> ResponseFormat:
    """Understand chat completions' shape, and the flat one of Responses."""
    place = "response_format"
    body: Plain | None = maybe_object(wanted, "json_schema", place)
    if body is None:
        body = wanted
    else:
        place += ".json_schema"
    schema = maybe_object(body, "schema", place)
    if schema is None:
        raise fault(f"{place}.schema", "is missing; it is the JSON Schema of the answer")
    check_schema(schema, f"{place}.schema")
    strict = maybe_flag(body, "strict", place)
    return ResponseFormat(
        kind="json_schema",
        name=maybe_text(body, "name", place) or "response",
        schema=schema,
        strict=maybe_flag(wanted, "strict", "response_format") if strict is None else strict,
        description=maybe_text(body, "description", place),
    )


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
    """Give the value that *response* holds, checked against *wanted*; None for a refusal.

    An answer that calls tools need not have the form yet; where its text has it all the same, that counts.

    Raises:
        SchemaValidationError: the text is no JSON, or does not fit the schema; it carries the text and the path of the misfit.

    """
    text = response.content
    if response.refusal is not None:
        return None
    try:
        value = _json_value(text, cut=response.finish_reason == "length")
        if wanted.schema is not None:
            value = restore(value, wanted.schema)
        validate(value, _OBJECT if wanted.schema is None else wanted.schema, text)
        if wanted.type is None:
            return value
        from llmring._core.typevalues import build

        return build(wanted.type, value, text=text)
    except SchemaValidationError as misfit:
        if response.tool_calls:
            return None
        misfit.response = response
        raise


def so_far(text: str, wanted: ResponseFormat | None) -> Any:
    """Give the plain value of as much of an answer as *text* holds, without the object around what is none itself."""
    from llmring._core.partial_json import best_effort

    value = best_effort(text)
    if wanted is None or wanted.schema is None:
        return value
    box = isinstance(value, dict) and cast("Plain", value).keys() <= {WRAPPED} and _boxed(wanted)
    if box and not value:
        return None
    value = restore(value, wanted.schema)
    return cast("Plain", value)[WRAPPED] if box and wanted.type is not None else value


def _boxed(wanted: ResponseFormat) -> bool:
    """Tell whether answers of the *wanted* form come inside an object that is none of theirs."""
    if wanted.type is None:
        return wanted.schema is not None and wrapped(wanted.schema) is not wanted.schema
    from llmring._core.typefields import is_object, named

    return not is_object(named(wanted.type))


def _json_value(text: str, *, cut: bool) -> Any:
    try:
        value = json.loads(unfenced(text), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = " (it was cut at max_tokens)" if cut else ""
        message = f"The answer is not valid JSON{why}: {error}"
        raise SchemaValidationError(message, text=text) from None
    if too_deep(text, value):
        raise SchemaValidationError("The answer is nested too deeply to be checked against the schema", text=text)
    return value


def _no_number(word: str) -> NoReturn:
    message = f"{word} is no JSON"
    raise ValueError(message)


def unfenced(text: str) -> str:
    """Give what stands inside a Markdown code fence, if *text* is one fence as a whole."""
    stripped = text.strip()
    if len(stripped) >= 2 * len(_FENCE) and stripped.startswith(_FENCE) and stripped.endswith(_FENCE):
        inside = stripped[len(_FENCE) : -len(_FENCE)]
        return inside[4:].strip() if inside[:4].lower() == "json" else inside.strip()
    return stripped


def instruction(wanted: ResponseFormat) -> str:
    """Say in words what the answer must look like, for models that cannot be held to it."""
    if wanted.schema is None:
        return "Answer with one JSON object only, without any other text."
    schema = json.dumps(wanted.schema, ensure_ascii=False)
    return f"Answer with JSON only, without any other text, fitting this JSON Schema:\n{schema}"
