"""Put parameters at their wire places inside a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._gen.parameters import EXTRA, PATHS

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest


def place_options(body: dict[str, Any], request: NormalRequest, protocol: str) -> None:
    """Write into *body* every option of *request* that *protocol* takes as it is."""
    if request.options:
        paths = PATHS[protocol]
        for name, value in request.options.items():
            if name in paths:
                put(body, paths[name], value)


def place_extra(body: dict[str, Any], request: NormalRequest, protocol: str) -> None:
    """Merge ``extra_params`` into *body*, last: known keys at their wire place, all others as they are.

    Objects merge deeply, everything else replaces.
    """
    known = EXTRA[protocol]
    for key, value in request.extra.items():
        put(body, known.get(key, (key,)), value)


def put(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Write *value* at *path*, making the objects on the way; an object there is merged with an object."""
    for step in path[:-1]:
        body = body.setdefault(step, {})
    last = path[-1]
    if isinstance(value, dict) and isinstance(body.get(last), dict):
        for key, inner in cast("dict[str, Any]", value).items():
            put(body[last], (key,), inner)
    else:
        body[last] = value
