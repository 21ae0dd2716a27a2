"""Hold bodies to the request types of the official SDKs, every key known and every value of its type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import pydantic


@cache
def _adapter(kind: Any) -> Any:
    return pydantic.TypeAdapter(kind)


def read_as(kind: Any, body: Any) -> Any:
    """Read *body* as *kind*, one of an SDK's types, and give what that keeps of it: equal to *body* where all of it is known.

    Raises:
        pydantic.ValidationError: a value is not of its type.

    """
    return _plain(_adapter(kind).validate_python(body))


def _plain(value: Any) -> Any:
    """Read lazily checked lists to their end, and models as the keys that were given."""
    if isinstance(value, pydantic.BaseModel):
        return value.model_dump(exclude_unset=True, by_alias=True)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple, Iterator)):
        return [_plain(item) for item in cast("Iterator[Any]", value)]
    return value


def read_json_as(kind: Any, body: Any) -> Any:
    """Read *body*, as it stands in JSON, as *kind*, one of an SDK's models that refuse unknown keys.

    Raises:
        pydantic.ValidationError: a key is unknown, or a value not of its type.

    """
    return _adapter(kind).validate_json(json.dumps(body))
