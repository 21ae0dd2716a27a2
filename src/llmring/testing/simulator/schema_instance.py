"""Make up a value that satisfies a JSON Schema, out of the words and numbers of a prompt where they fit.

Understood: types, enum, const, anyOf, oneOf, allOf, $ref, formats, bounds, prefixItems, nullable and Gemini's upper-case types.
A *pattern* is met only by the few usual shapes in this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from llmring.testing.simulator.reading import obj, rows, strings

if TYPE_CHECKING:
    import random

    from llmring.testing.simulator.values import JsonObject

__all__ = ["instance"]

_DEEP: Final = 5
"""From this depth on, only what a schema requires is made, and recursion ends where it may."""
_FORMATS: Final = {
    "date-time": "2026-01-01T12:00:00Z",
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "3b241101-e2bb-4255-8caf-4136c566a962",
}
_SHAPES: Final = (
    *("a", "A", "1", "abc", "ABC", "Abc", "12", "123", "1234", "12345", "A1", "a-1", "AB-12", "ABC-123"),
    *("1.0", "1.0.0", "#a1b2c3", "+15550100", "12:00"),
)


def instance(schema: JsonObject, prompt: str, dice: random.Random, skip: int = 0) -> Any:
    """Make a value for *schema*, taking words and numbers from *prompt*, the first *skip* names last, and the rest from *dice*."""
    maker = _Maker(root=schema, prompt=prompt, dice=dice)
    maker.names = maker.names[skip:] + maker.names[:skip]
    return maker.make(schema, "", 0)


@dataclass(slots=True, kw_only=True)
class _Maker:
    root: JsonObject
    prompt: str
    dice: random.Random
    names: list[str] = field(init=False)
    numbers: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.names = re.findall(r"(?<![.!?]\s)(?<!^)\b[A-Z]\w+", self.prompt)
        self.numbers = [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", self.prompt)]

    def make(self, schema: object, key: str, depth: int) -> Any:
        shape = self.settle(obj(schema), depth)
        if "const" in shape:
            return shape["const"]
        if isinstance(shape.get("enum"), list) and shape["enum"]:
            return self.one_of(cast("list[Any]", shape["enum"]))
        match self.kind(shape, depth):
            case "object":
                return self.object(shape, depth)
            case "array":
                return self.array(shape, key, depth)
            case "integer" | "number" as kind:
                return self.number(shape, whole=kind == "integer")
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self.text(shape, key)

    def settle(self, shape: JsonObject, depth: int) -> JsonObject:
        """Follow references and choose among alternatives until a plain schema is left."""
        for _ in range(20):
            rest = {name: value for name, value in shape.items() if name not in {"$ref", "anyOf", "oneOf", "allOf"}}
            if isinstance(shape.get("$ref"), str):
                shape = {**self.target(shape["$ref"]), **rest}
            elif parts := rows(shape.get("allOf")):
                for part in parts:
                    rest = _merge(rest, self.settle(part, depth))
                shape = rest
            elif ways := rows(shape.get("anyOf")) or rows(shape.get("oneOf")):
                shape = _merge(rest, self.choose(ways, depth))
            else:
                return shape
        return {"type": "null"}

    def target(self, reference: str) -> JsonObject:
        here: object = self.root
        for step in reference.lstrip("#").strip("/").split("/"):
            here = obj(here).get(step.replace("~1", "/").replace("~0", "~")) if step else here
        return obj(here)

    def choose(self, ways: list[JsonObject], depth: int) -> JsonObject:
        """Prefer a value over null, and the other way round where a schema might recurse."""
        nulls = [way for way in ways if way.get("type") in {"null", "NULL"}]
        flat = [way for way in ways if "$ref" not in way and way not in nulls]
        if depth >= _DEEP:
            return (nulls or flat or ways)[0]
        return next((way for way in ways if way not in nulls), ways[0])

    def kind(self, shape: JsonObject, depth: int) -> str:
        kinds = [kind.lower() for kind in strings(shape.get("type"))]
        if depth >= _DEEP and ("null" in kinds or shape.get("nullable") is True):
            return "null"
        if kinds:
            return next((kind for kind in kinds if kind != "null"), "null")
        if "properties" in shape or "required" in shape:
            return "object"
        return "array" if "items" in shape or "prefixItems" in shape else "string"

    def object(self, shape: JsonObject, depth: int) -> JsonObject:
        required = strings(shape.get("required"))
        known = obj(shape.get("properties"))
        made = {name: self.make(known[name], name, depth + 1) for name in known if name in required or depth < _DEEP}
        made |= {name: self.make(shape.get("additionalProperties"), name, depth + 1) for name in required if name not in made}
        if isinstance(shape.get("additionalProperties"), dict) and not known:
            for at in range(max(1, int(shape.get("minProperties", 1)))):
                made[f"key{at + 1}"] = self.make(shape["additionalProperties"], "", depth + 1)
        return made

    def array(self, shape: JsonObject, key: str, depth: int) -> list[Any]:
        fixed = rows(shape.get("prefixItems"))
        least, most = int(shape.get("minItems", 0)), int(shape.get("maxItems", 1_000_000))
        wanted = min(max(least, len(fixed), 0 if depth >= _DEEP else 2), most)
        items: list[Any] = []
        for at in range(wanted * 10):
            if len(items) == wanted:
                break
            own = fixed[at] if at < len(fixed) else obj(shape.get("items"))
            item = self.make(own, key, depth + 1)
            item = self.other(items, item, own) if shape.get("uniqueItems") and item in items else item
            if item not in items or not shape.get("uniqueItems"):
                items.append(item)
        return items

    def other(self, taken: list[Any], item: Any, shape: JsonObject) -> Any:
        """Give something like *item* that is not *taken*, if there is one; what is made at random is tried again."""
        if isinstance(shape.get("enum"), list):
            return next((value for value in shape["enum"] if value not in taken), item)
        if isinstance(item, str) and "maxLength" not in shape:
            return f"{item}{len(taken)}"
        if isinstance(item, int | float):
            near = (item + step for turn in range(1, len(taken) + 2) for step in (turn, -turn))
            return next((value for value in near if value not in taken and _within(shape, value)), item)
        return item

    def number(self, shape: JsonObject, *, whole: bool) -> float:
        step = float(shape.get("multipleOf") or (1 if whole else 0.5))
        low, high = _bound(shape, "minimum", "exclusiveMinimum", step), _bound(shape, "maximum", "exclusiveMaximum", -step)
        value = self.numbers.pop(0) if self.numbers else float(self.dice.randint(1, 100))
        if whole or "multipleOf" in shape:
            value = round(value / step) * step
        if low is not None and value < low:
            value = -(-low // step) * step
        if high is not None and value > high:
            value = high // step * step
        if low is not None and value < low:
            value = low if high is None else (low + high) / 2
        return int(value) if whole or value == int(value) else value

    def text(self, shape: JsonObject, key: str) -> str:
        if (form := shape.get("format")) in _FORMATS:
            return _FORMATS[form]
        word = self.names.pop(0) if self.names else f"{key.replace('_', ' ') or 'value'} {self.dice.randint(1, 999)}"
        if isinstance(pattern := shape.get("pattern"), str):
            return next((shape for shape in (word, *_SHAPES, *_FORMATS.values()) if re.search(pattern, shape)), word)
        word = word.ljust(int(shape.get("minLength", 0)), "x")
        return word[: int(shape["maxLength"])] if "maxLength" in shape else word

    def one_of(self, values: list[Any]) -> Any:
        """Prefer a value that the prompt mentions."""
        said = [value for value in values if isinstance(value, str) and value and value.lower() in self.prompt.lower()]
        return said[0] if said else self.dice.choice(values)


def _bound(shape: JsonObject, name: str, exclusive: str, inwards: float) -> float | None:
    """Give the bound *name*, or the *exclusive* one moved *inwards*."""
    edge = shape.get(exclusive)
    if isinstance(edge, int | float) and not isinstance(edge, bool):
        return edge + inwards
    edge = shape.get(name)
    return float(edge) if isinstance(edge, int | float) else None


def _within(shape: JsonObject, value: float) -> bool:
    low, high = _bound(shape, "minimum", "exclusiveMinimum", 1), _bound(shape, "maximum", "exclusiveMaximum", -1)
    return (low is None or value >= low) and (high is None or value <= high)


def _merge(one: JsonObject, other: JsonObject) -> JsonObject:
    both = {**one, **other}
    if "properties" in one and "properties" in other:
        both["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *(name for name in other["required"] if name not in one["required"])]
    return both
