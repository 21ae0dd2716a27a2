"""Bring the tools that others wrote into what one provider takes: names, schemas, and what stands at their root."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.dialects import BY_PROTOCOL, GEMINI, OLLAMA
from llmring._core.jsontext import dumps, loads
from llmring._core.schema_adapt import Inexpressible, adapt
from llmring._core.schema_looks import Schema, looked_up
from llmring._core.schema_tidy import tidy
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from llmring._core.fitting import Fitting
    from llmring._gen.tool import Tool

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GEMINI_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What Anthropic lets a property be called."""
_UNIONS: Final = ("allOf", "anyOf", "oneOf")
_NEVER_FIRST: Final = ("enum", "const", "not", "if", "then", "else")
"""What may not stand at the root, with OpenAI and Anthropic."""
_TOLD: Final = 3
"""How many losses of one schema a warning names."""


def foreign(tools: tuple[Tool, ...], fitting: Fitting) -> tuple[Tool, ...]:
    """Give *tools* with those that others wrote as the model takes them; the very same where there are none.

    Raises:
        UnsupportedParameterError: the model cannot take one at all, and the caller wants to hear of it.

    """
    if all(tool.origin is None for tool in tools):
        return tools
    fitted = [tool if tool.origin is None or tool.type != "function" else _fitted(tool, at, fitting) for at, tool in enumerate(tools)]
    return tuple([tool for tool in fitted if tool is not None])


def _fitted(tool: Tool, at: int, fitting: Fitting) -> Tool | None:
    protocol = fitting.target.protocol
    name = f"the tool {tool.name} of {tool.origin}"
    try:
        _check_name(tool.name, protocol)
        schema, losses = _adapted(dumps(tool.parameters), protocol)
    except (Inexpressible, RequestError) as why:
        fitting.refuse(name, f"tools[{at}]", why=str(why))
        return None
    if losses:
        more = f" and {len(losses) - _TOLD} more" if len(losses) > _TOLD else ""
        fitting.note(f"{fitting.target.name}: the schema of {name} says less: {'; '.join(losses[:_TOLD])}{more}")
    strict = tool.strict
    if strict and not _is_strict(schema, protocol):
        fitting.note(f"{fitting.target.name}: {name} is not strict, for its schema cannot be")
        strict = None
    return attrs.evolve(tool, parameters=schema, strict=strict)


def _check_name(name: str, protocol: str) -> None:
    if not (_GEMINI_NAME if protocol == "gemini_generate" else _NAME).fullmatch(name):
        raise Inexpressible("a name is 1 to 64 letters, digits, _ and -, for Gemini a letter or _ first")


def _is_strict(schema: Schema, protocol: str) -> bool:
    """Tell whether arguments can be held to *schema* as it is."""
    try:
        adapted, _ = adapt(schema, BY_PROTOCOL[protocol])
    except Inexpressible:
        return False
    return adapted is schema


@lru_cache(1024)
def _adapted(text: bytes, protocol: str) -> tuple[Schema, tuple[str, ...]]:
    """Give the schema that *text* spells for *protocol*, and what it no longer says; the same ones come with every call."""
    schema, losses = tidy(loads(text))
    lost = dict.fromkeys(losses)
    schema = _rooted(schema, lost)
    match protocol:
        case "gemini_generate":
            schema, more = adapt(_required_described(schema), GEMINI)
        case "ollama_chat":
            schema, more = adapt(schema, OLLAMA)
        case "anthropic_messages":
            _check_keys(schema)
            more = ()
        case _:
            schema, more = _listed(schema), ()
    return schema, tuple(lost | dict.fromkeys(more))


# --- the root ----------------------------------------------------------------------------------------


def _rooted(schema: Schema, lost: dict[str, None]) -> Schema:
    """Give *schema* as one plain object: members of unions at its root are put together."""
    made = dict(schema)
    if "$ref" in made:
        definitions = {"$defs": made["$defs"]} if "$defs" in made else {}
        made = {**looked_up(schema, schema), **{key: value for key, value in made.items() if key != "$ref"}, **definitions}
    for union in _UNIONS:
        for members in (made.pop(union, None),):
            if members is not None:
                made = _together(made, [looked_up(member, schema) for member in members], all_of=union == "allOf")
                if union != "allOf":
                    lost[f"the whole: {union} is told by one object of all their keys"] = None
    for key in _NEVER_FIRST:
        if made.pop(key, None) is not None:
            lost[f"the whole: {key} is left out"] = None
    kind = made.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise Inexpressible("its arguments are no object")
    return {**made, "type": "object", "properties": made.get("properties", {})}


def _together(schema: Schema, members: list[Schema], *, all_of: bool) -> Schema:
    """Give *schema* with the keys of all *members*; it requires what all of them do, or where all hold at once what one does."""
    properties: Schema = {}
    for member in [schema, *members]:
        properties = {**member.get("properties", {}), **properties}
    needs = [list(member.get("required", ())) for member in members]
    every = [name for need in needs for name in need] if all_of else [name for name in needs[0] if all(name in need for need in needs)]
    required = list(dict.fromkeys([*schema.get("required", ()), *every]))
    made = {**schema, "type": "object", "properties": properties}
    made.pop("additionalProperties", None)
    return {**made, "required": required} if required else made


# --- what single providers insist on -----------------------------------------------------------------


def _check_keys(schema: Schema) -> None:
    wrong = [name for name in schema["properties"] if not _KEY.fullmatch(name)]
    if wrong:
        raise Inexpressible(f"it has an argument called {wrong[0]!r}; names are 1 to 64 letters, digits, _, . and -")


def _listed(schema: Any) -> Any:
    """Say of every list what it holds, be it anything: OpenAI wants to know."""
    if isinstance(schema, list):
        return [_listed(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = cast("Schema", schema)
    made: Schema = {key: value if key in {"enum", "const", "default", "examples"} else _listed(value) for key, value in said.items()}
    kind = said.get("type")
    if (kind == "array" or (isinstance(kind, list) and "array" in kind)) and "items" not in said:
        made["items"] = {}
    return made


def _required_described(schema: Any) -> Any:
    """Require only what is described, and offer no empty choice: Gemini refuses both."""
    if isinstance(schema, list):
        return [_required_described(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = cast("Schema", schema)
    made: Schema = {
        key: value if key in {"enum", "const", "default", "examples"} else _required_described(value) for key, value in said.items()
    }
    if isinstance(made.get("required"), list) and isinstance(made.get("properties"), dict):
        made["required"] = [name for name in made["required"] if name in made["properties"]]
    if isinstance(made.get("enum"), list):
        made["enum"] = [each for each in made["enum"] if each != ""] or made.pop("enum")
    return made
