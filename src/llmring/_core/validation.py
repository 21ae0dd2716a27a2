"""Judge JSON Schemas and hold values to them; nothing outside of a schema is ever looked at."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from llmring._core.jsontext import dumps, loads
from llmring.exceptions import RequestError, SchemaValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]


def check_schema(schema: Schema, place: str) -> None:
    """Raise ``RequestError`` unless *schema*, which stands at *place*, is a JSON Schema whose references all lead somewhere inside it."""
    try:
        found = _judged(dumps(schema))
    except RequestError as error:
        found = f".{error.path}" if error.path else "", "holds something that is no JSON"
    if found is not None:
        path = place + found[0]
        raise RequestError(f"{path} {found[1]}", path=path)


@lru_cache(256)
def _judged(text: bytes) -> tuple[str, str] | None:
    """Say where and what is wrong with the schema that *text* spells; the same one comes with every call."""
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    try:
        schema: Schema = loads(text)
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        return _path(error.absolute_path), f"is no JSON Schema: {error.message}"
    except (RecursionError, ValueError):
        return "", "is nested too deeply"
    return _unresolved(schema)


def _unresolved(schema: Schema) -> tuple[str, str] | None:
    """Find the first reference of *schema* that leads nowhere, or outside."""
    from referencing import Resource
    from referencing.exceptions import NoSuchAnchor, PointerToNowhere, Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = _drafts().resolver_with_root(Resource[Any].from_contents(schema, default_specification=DRAFT202012))
    for path, reference in _references(schema, ""):
        try:
            resolver.lookup(reference)
        except (NoSuchAnchor, PointerToNowhere):
            return path, f"refers to {reference!r}, which is not in the schema"
        except Unresolvable:
            return path, f"refers to {reference!r}, outside of the schema; put that below $defs"
    return None


def _drafts() -> Any:
    """Give the registry of JSON Schema's own schemas, which fetches nothing."""
    from jsonschema_specifications import REGISTRY  # pyright: ignore[reportMissingTypeStubs] - it comes with jsonschema, which has some

    return REGISTRY


def _references(schema: Any, place: str) -> Iterator[tuple[str, str]]:
    """Walk all references of *schema*, each with its place."""
    match schema:
        case dict():
            for key, inner in cast("Schema", schema).items():
                if key == "$ref" and isinstance(inner, str):
                    yield f"{place}.{key}", inner
                elif key not in {"const", "enum", "default", "examples"}:
                    yield from _references(inner, f"{place}.{key}")
        case list():
            for at, inner in enumerate(cast("list[Any]", schema)):
                yield from _references(inner, f"{place}[{at}]")
        case _:
            pass


def is_sound(schema: Schema) -> bool:
    """Tell whether *schema* is a JSON Schema whose references all lead somewhere inside it."""
    try:
        return _judged(dumps(schema)) is None
    except RequestError:
        return False


def misfits(value: Any, schema: Schema) -> Iterator[Any]:
    """Yield what of *value* does not fit *schema*, as ``jsonschema.ValidationError``."""
    from jsonschema import validators

    return cast("Any", validators.validator_for(schema))(schema, registry=_drafts()).iter_errors(value)


def validate(value: Any, schema: Schema, text: str) -> None:
    """Raise ``SchemaValidationError`` unless *value*, decoded from *text*, fits *schema*."""
    from jsonschema import exceptions

    try:
        misfit = cast("Any", exceptions).best_match(misfits(value, schema))
    except RecursionError:
        message = "The answer is nested too deeply to be checked against the schema"
        raise SchemaValidationError(message, text=text) from None
    if misfit is not None:
        path = _path(misfit.absolute_path).lstrip(".")
        message = f"The answer does not fit the schema{f' at {path}' if path else ''}: {misfit.message}"
        raise SchemaValidationError(message, text=text, path=path or None)


def _path(steps: Any) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
