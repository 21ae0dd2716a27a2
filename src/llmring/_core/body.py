"""Put parameters at their wire places inside a body; what the caller gave is copied where it may be merged with more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from llmring._gen.parameters import EXTRA, PATHS
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from llmring._core.request import NormalRequest


def place_options(body: dict[str, Any], request: NormalRequest, protocol: str) -> None:
    """Write into *body* every option of *request* that *protocol* takes as it is."""
    if request.options:
        paths = PATHS[protocol]
        for name, value in request.options.items():
            if name in paths:
                put(body, paths[name], value, name)


def place_extra(body: dict[str, Any], request: NormalRequest, protocol: str) -> None:
    """Merge ``extra_params`` into *body*, last: known keys at their wire place, all others as they are.

    Objects merge deeply, everything else replaces.

    Raises:
        RequestError: a key belongs into an object, and something else is there.

    """
    known = EXTRA[protocol]
    for key, value in request.extra.items():
        put(body, known.get(key, (key,)), value, f"extra_params.{key}")


def put(body: dict[str, Any], path: tuple[str, ...], value: Any, name: str) -> None:
    """Write *value*, the caller's *name*, at *path*, making the objects on the way; an object there is merged with an object."""
    for step in path[:-1]:
        inner: Any = body.setdefault(step, {})
        if not isinstance(inner, dict):
            message = f"{name} goes into {step!r} of the body, where {type(inner).__name__} stands in place of an object"
            raise RequestError(message, path=name)
        body = cast("dict[str, Any]", inner)
    last = path[-1]
    body[last] = _merged(body.get(last), value)


def _merged(old: Any, new: Any) -> Any:
    """Give *new* with what *old* has beside it, where both are objects; never touching either."""
    if not isinstance(new, Mapping):
        return new
    made = dict(cast("dict[str, Any]", old)) if isinstance(old, dict) else {}
    for key, inner in cast("Mapping[str, Any]", new).items():
        made[key] = _merged(made.get(key), inner)
    return made
