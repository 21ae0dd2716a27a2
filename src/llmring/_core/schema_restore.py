"""Bring an answer to an adapted schema back to what the schema itself asks for."""

from __future__ import annotations

from typing import Any, cast

from llmring._core.schema_looks import WRAPPED, Schema, looked_up, nullable, wrapped


def restore(value: Any, schema: Schema) -> Any:
    """Undo in *value*, an answer to an adapted *schema*, what only the adapting brought: wrapping, and nulls for what is left out."""
    if isinstance(value, dict) and cast("Schema", value).keys() == {WRAPPED} and wrapped(schema) is not schema:
        views = _views([schema], schema)
        if not any(WRAPPED in view.get("properties", {}) for view in views):
            value = cast("Schema", value)[WRAPPED]
    return _restored(value, [schema], schema)


def _restored(value: Any, schemas: list[Any], root: Schema) -> Any:
    if isinstance(value, dict):
        views = _views(schemas, root)
        return {
            key: _restored(inner, [view["properties"][key] for view in views if key in view.get("properties", {})], root)
            for key, inner in cast("Schema", value).items()
            if inner is not None or not _brought(key, views, root)
        }
    if isinstance(value, list):
        items = [view["items"] for view in _views(schemas, root) if isinstance(view.get("items"), dict)]
        return [_restored(inner, items, root) for inner in cast("list[Any]", value)] if items else cast("list[Any]", value)
    return value


def _brought(key: str, views: list[Schema], root: Schema) -> bool:
    """Tell whether a null at *key* can only mean that the key is left out."""
    told = [view for view in views if key in view.get("properties", {})]
    return (
        bool(told)
        and not any(nullable(view["properties"][key], root) for view in told)
        and any(key not in view.get("required", ()) for view in told)
    )


def _views(schemas: list[Any], root: Schema) -> list[Schema]:
    """Give the plain schemas that stand behind references and unions of *schemas*."""
    views: list[Schema] = []
    waiting = list(schemas)
    while waiting:
        said = looked_up(waiting.pop(), root)
        if not any(said is view for view in views):
            views.append(said)
            for key in ("anyOf", "oneOf", "allOf"):
                waiting += said.get(key, ())
    return views
