"""The base of all models: reading by key, and the plain form there and back; how single values are read stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import attrs

from llmring._base.places import joined, near, wrong
from llmring._base.plain import plain
from llmring.exceptions import InvalidMessageError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

Read = Callable[[Any, str], Any]
"""Reads a plain value that stands at a path."""


class Readable:
    """A model that also reads by key, without being a ``collections.abc.Mapping``."""

    __slots__ = ()

    _reads: ClassVar[Mapping[str, Read]] = {}
    """How each key of the plain form is read; the key order is the schema's."""
    _attributes: ClassVar[Mapping[str, str]] = {}
    """Keys whose stored attribute has another name."""
    _required: ClassVar[tuple[str, ...]] = ()
    _empty: ClassVar[frozenset[str]] = frozenset()
    """Keys that an empty list or object says nothing about, for it is what they are when left out."""
    _tag: ClassVar[str | None] = None
    _also: ClassVar[tuple[str, ...]] = ()
    """Keys beside the schema's that can be read."""

    def keys(self) -> tuple[str, ...]:
        """Name the schema's fields, in its order."""
        return tuple(self._reads)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the schema's fields."""
        return iter(self._reads)

    def __contains__(self, key: object) -> bool:
        """Tell whether *key* can be read."""
        return key in self._reads or key in self._also

    def __getitem__(self, key: str) -> Any:
        """Give the value of field *key*; ``KeyError`` where there is none."""
        if key in self._reads:
            return getattr(self, key)
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Give the value of field *key*, or *default* where there is no such field."""
        try:
            return self[key]
        except KeyError:
            return default

    def __repr__(self) -> str:
        """Show the fields as attrs would; to have it compile one for each model would cost every start a third of their making."""
        model = type(self)
        shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in attrs.fields(model) if each.repr)
        return f"{model.__name__}({shown})"

    def to_dict(self) -> dict[str, Any]:
        """Give the plain form: JSON types only, empty and unset fields left out; bytes as base64, decimals as text.

        Raises:
            RequestError: a value has no plain form; the error names its path.

        """
        found: dict[str, Any] = {}
        for key in self._reads:
            value = getattr(self, self._attributes.get(key, key))
            if value is not None and (value or key not in self._empty):
                found[key] = plain(value, key)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], path: str = "") -> Self:
        """Build from the plain form; *path* is where *data* stands, for errors.

        Raises:
            RequestError: a key is missing, unknown or of a wrong type, or a value lies outside its range; the error names its path.

        """
        if isinstance(data, cls):
            return data.checked(path)
        fields = mapping_at(data, path)
        cls._check_keys(fields, path)
        values = {key: cls._reads[key](value, joined(path, key)) for key, value in fields.items() if key != "type" or cls._tag is None}
        try:
            return cls(**values)
        except RequestError as error:
            at = joined(path, error.path or "")
            raise type(error)(error.message.replace(error.path or "", at, 1), path=at) from None

    def checked(self, path: str = "") -> Self:
        """Give the model, which stands at *path*, if its fields are of their types, which making one hardly looks at.

        Raises:
            InvalidMessageError: a field is of a wrong type; the error names its path.

        """
        for key, read in self._reads.items():
            if key != "type" or self._tag is None:
                read(getattr(self, self._attributes.get(key, key)), joined(path, key))
        return self

    @classmethod
    def _check_keys(cls, fields: Mapping[str, Any], path: str) -> None:
        for key in fields:
            if key not in cls._reads:
                at = joined(path, key)
                message = f"{at} is unknown{near(key, cls._reads)}"
                raise InvalidMessageError(message, path=at)
        for key in cls._required:
            if key not in fields:
                at = joined(path, key)
                message = f"{at} is missing"
                raise InvalidMessageError(message, path=at)
        if cls._tag is not None and fields.get("type", cls._tag) != cls._tag:
            at = joined(path, "type")
            message = f"{at} must be {cls._tag!r}, not {fields['type']!r}"
            raise InvalidMessageError(message, path=at)


def mapping_at(data: Any, path: str) -> Mapping[str, Any]:
    """Give *data*, which stands at *path*, as an object; ``InvalidMessageError`` where it is none."""
    if isinstance(data, Readable):
        return data.to_dict()
    if isinstance(data, Mapping):
        return cast("Mapping[str, Any]", data)
    raise wrong(data, path, "an object")


def describe(
    model: type[Readable],
    reads: Mapping[str, Read],
    *,
    tag: str | None = None,
    required: tuple[str, ...] = (),
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Tell *model* how its plain form is read, once all models it mentions exist."""
    made = {each.name for each in attrs.fields(model) if isinstance(each.default, cast("type", attrs.Factory))}
    renamed = attributes or {}
    empty = frozenset(key for key in reads if renamed.get(key, key) in made)
    for name, value in (("_reads", reads), ("_tag", tag), ("_required", required), ("_attributes", renamed), ("_empty", empty)):
        setattr(model, name, value)
