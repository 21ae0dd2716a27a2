"""What all generated models share: reading by key, plain-dict conversion, the checks of their fields; the lowest floor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as SequenceABC
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import attrs

from llmring.exceptions import InvalidMessageError, RequestError

if TYPE_CHECKING:
    from attrs import Attribute

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
    _tag: ClassVar[str | None] = None

    def keys(self) -> tuple[str, ...]:
        """Name the schema's fields, in its order."""
        return tuple(self._reads)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the schema's fields."""
        return iter(self._reads)

    def __contains__(self, key: object) -> bool:
        """Tell whether *key* is one of the schema's fields."""
        return key in self._reads

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

    def to_dict(self) -> dict[str, Any]:
        """Give the plain form: JSON types only, empty and unset fields left out; bytes as base64, decimals as text."""
        plain: dict[str, Any] = {}
        for key in self._reads:
            value = getattr(self, self._attributes.get(key, key))
            if value is not None and value not in ([], {}):
                plain[key] = _plain(value)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], path: str = "") -> Self:
        """Build from the plain form; *path* is where *data* stands, for errors.

        Raises:
            InvalidMessageError: a key is missing, unknown or of a wrong type; the error names its path.

        """
        fields = _mapping(data, path)
        for key in fields:
            if key not in cls._reads:
                raise InvalidMessageError(_unknown(key, cls._reads, path), path=_join(path, key))
        for key in cls._required:
            if key not in fields:
                at = _join(path, key)
                raise InvalidMessageError(f"{at} is missing", path=at)
        values = {key: cls._reads[key](value, _join(path, key)) for key, value in fields.items() if key != "type" or cls._tag is None}
        return cls(**values)


def describe(
    model: type[Readable],
    reads: Mapping[str, Read],
    *,
    tag: str | None = None,
    required: tuple[str, ...] = (),
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Tell *model* how its plain form is read, once all models it mentions exist."""
    for name, value in (("_reads", reads), ("_tag", tag), ("_required", required), ("_attributes", attributes or {})):
        setattr(model, name, value)


def _plain(value: Any) -> Any:
    match value:
        case Readable():
            return value.to_dict()
        case list() | tuple():
            return [_plain(item) for item in cast("SequenceABC[Any]", value)]
        case dict():
            return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
        case Decimal():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case type():
            message = f"a type ({value.__name__}) has no plain form; give its JSON Schema instead"
            raise RequestError(message)
        case _:
            return value


# --- reading plain forms -----------------------------------------------------------------------


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _mapping(data: Any, path: str) -> Mapping[str, Any]:
    if isinstance(data, (Mapping, Readable)):
        return cast("Mapping[str, Any]", data)
    raise _wrong(data, path, "an object")


def _wrong(value: Any, path: str, wanted: str) -> InvalidMessageError:
    return InvalidMessageError(f"{path or 'value'} must be {wanted}, not {type(value).__name__}", path=path or None)


def _unknown(key: object, known: Mapping[str, Any], path: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(key), known, n=1)
    return f"{_join(path, str(key))} is unknown" + (f"; did you mean {near[0]!r}?" if near else "")


def read_any(value: Any, path: str) -> Any:  # noqa: ARG001 - one signature for all readers
    """Take *value* as it is."""
    return value


def _reader(kind: type | tuple[type, ...], wanted: str) -> Read:
    def read(value: Any, path: str) -> Any:
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        raise _wrong(value, path, wanted)

    return read


read_str = _reader(str, "a string")
read_int = _reader(int, "a whole number")
read_float = _reader((int, float), "a number")
read_bool = _reader(bool, "true or false")
read_object = _reader(dict, "an object")
read_items = _reader(list, "a list")


def read_decimal(value: Any, path: str) -> Decimal:
    """Read a decimal from its text."""
    try:
        return value if isinstance(value, Decimal) else Decimal(read_str(value, path))
    except InvalidOperation:
        message = f"{path} must be a decimal number as text, not {value!r}"
        raise InvalidMessageError(message, path=path) from None


def read_bytes(value: Any, path: str) -> bytes:
    """Read bytes from base64."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(read_str(value, path), validate=True)
    except binascii.Error:
        message = f"{path} must be base64"
        raise InvalidMessageError(message, path=path) from None


def read_literal(*allowed: str) -> Read:
    """Make a reader of one of the words *allowed*."""

    def read(value: Any, path: str) -> str:
        if value in allowed:
            return value
        message = f"{path} must be one of {', '.join(allowed)}, not {value!r}"
        raise InvalidMessageError(message, path=path)

    return read


def read_list(item: Read) -> Read:
    """Make a reader of a list of what *item* reads."""

    def read(value: Any, path: str) -> list[Any]:
        return [item(each, f"{path}[{at}]") for at, each in enumerate(read_items(value, path))]

    return read


def read_map(item: Read) -> Read:
    """Make a reader of an object whose values *item* reads."""

    def read(value: Any, path: str) -> dict[str, Any]:
        return {str(key): item(each, _join(path, str(key))) for key, each in read_object(value, path).items()}

    return read


def read_model(model: Callable[[], type[Readable]]) -> Read:
    """Make a reader of a model, given as it is or in its plain form."""

    def read(value: Any, path: str) -> Readable:
        return value if isinstance(value, model()) else model().from_dict(value, path)

    return read


def read_tagged(models: Callable[[], Mapping[str, type[Readable]]]) -> Read:
    """Make a reader of one of several models, told apart by ``type``."""

    def read(value: Any, path: str) -> Readable:
        if isinstance(value, tuple(models().values())):
            return value
        kind = _mapping(value, path).get("type")
        model = models().get(str(kind))
        if model is None:
            at = _join(path, "type")
            message = f"{at} must be one of {', '.join(models())}, not {kind!r}"
            raise InvalidMessageError(message, path=at)
        return model.from_dict(value, path)

    return read


def read_either(*options: tuple[type | tuple[type, ...], Read]) -> Read:
    """Make a reader that picks by the Python type of the value; the last option takes the rest."""

    def read(value: Any, path: str) -> Any:
        for kind, reader in options[:-1]:
            if isinstance(value, kind):
                return reader(value, path)
        return options[-1][1](value, path)

    return read


def read_none(value: Any, path: str) -> None:
    """Read null."""
    if value is not None:
        raise _wrong(value, path, "null")


# --- checks and conversions of fields --------------------------------------------------------------


def ge(least: int) -> Callable[[Any, Attribute[Any], Any], None]:
    """Make a validator: a whole number of at least *least*."""

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if type(value) is not int or value < least:
            message = f"{attribute.name} must be a whole number of at least {least}, not {value!r}"
            raise RequestError(message, path=attribute.name)

    return check


def one_of(*allowed: str) -> Callable[[Any, Attribute[Any], Any], None]:
    """Make a validator: one of the words *allowed*."""
    known = frozenset(allowed)

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if value not in known:
            message = f"{attribute.name} must be one of {', '.join(allowed)}, not {value!r}"
            raise InvalidMessageError(message, path=attribute.name)

    return check


def json_text(value: str | Mapping[str, Any]) -> str:
    """Give *value* as JSON text; a string is taken to be that already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical_json(text: str) -> str:
    """Give the one spelling of a JSON object's *text* for comparison; any other text stays."""
    value = json_object(text)
    return text if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"))


def json_object(text: str) -> dict[str, Any] | None:
    """Decode the *text* of a JSON object; ``{}`` for blank text, None where it is no object."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


# --- what some models add ----------------------------------------------------------------------------


class UsageReading(Readable):
    """OpenAI's older names for the two counters, readable by key too."""

    __slots__ = ()
    input_tokens: int
    output_tokens: int

    @property
    def prompt_tokens(self) -> int:
        """The same as *input_tokens*."""
        return self.input_tokens

    @property
    def completion_tokens(self) -> int:
        """The same as *output_tokens*."""
        return self.output_tokens

    def __getitem__(self, key: str) -> Any:
        """Give a counter by its name, OpenAI's older names included."""
        match key:
            case "prompt_tokens":
                return self.input_tokens
            case "completion_tokens":
                return self.output_tokens
            case _:
                return super().__getitem__(key)

    def to_dict(self) -> dict[str, Any]:
        """Give all counters, zeros included."""
        return attrs.asdict(cast("Any", self))


class ToolCallReading(Readable):
    """The decoded arguments, and OpenAI's shape by key."""

    __slots__ = ()
    name: str
    raw_arguments: str

    @property
    def arguments(self) -> dict[str, Any] | None:
        """The decoded arguments: ``{}`` for an empty text, None when the text is no JSON object."""
        return json_object(self.raw_arguments)

    def __getitem__(self, key: str) -> Any:
        """Give a field, or OpenAI's ``function`` and ``type``."""
        match key:
            case "function":
                return {"name": self.name, "arguments": self.raw_arguments}
            case "type":
                return "function"
            case _:
                return super().__getitem__(key)
