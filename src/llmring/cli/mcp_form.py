"""The questions of a server's form, one for each field of its schema, and what an answer to one of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import click

from llmring.cli.mcp_arguments import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = {"y": "yes", "n": "no"}


class Field(NamedTuple):
    """One thing that a server wants to know."""

    name: str
    schema: dict[str, Any]
    required: bool

    @property
    def many(self) -> bool:
        """Whether several answers may be given."""
        return self.schema.get("type") == "array"

    @property
    def asked(self) -> str:
        """The question, in one line."""
        title, words = self.schema.get("title") or self.name, self.schema.get("description")
        choices = "/".join(self.choices) or ("yes/no" if self.schema.get("type") == "boolean" else "")
        hints = [choices, "several by commas" if self.many else "", self._empty]
        hint = "; ".join(hint for hint in hints if hint)
        return f"{title}{f' - {words}' if words and words != title else ''}{f' [{hint}]' if hint else ''}: "

    @property
    def _empty(self) -> str:
        """What an empty line means."""
        if "default" in self.schema:
            words = {value: word for word, value in self.choices.items()}
            return f"empty for {_shown(self.schema['default'], words)}"
        return "" if self.required else "may be empty"

    @property
    def choices(self) -> dict[str, str]:
        """The words that are shown for what is allowed, where not everything is."""
        schema = cast("dict[str, Any]", self.schema.get("items") or {} if self.many else self.schema)
        listed: list[Any] = schema.get("enum") or []
        named: list[Any] = schema.get("enumNames") or listed
        options: list[dict[str, Any]] = schema.get("oneOf") or schema.get("anyOf") or []
        if listed:
            return dict(zip(map(str, named), map(str, listed), strict=False))
        return {str(each.get("title") or each.get("const")): str(each.get("const")) for each in options}

    def read(self, text: str) -> tuple[bool, Any]:
        """Tell whether the answer *text* is to be sent, and as what.

        Raises:
            UsageError: it is no answer to the question.

        """
        text = text.strip()
        if text:
            return True, [self._one(word.strip()) for word in text.split(",")] if self.many else self._one(text)
        if "default" in self.schema:
            return True, self.schema["default"]
        if self.required:
            raise click.UsageError(f"{self.name} is needed")
        return False, None

    def _one(self, text: str) -> Any:
        if self.choices:
            return self._choice(text)
        if self.many:
            return text
        kind = self.schema.get("type")
        value = value_of(self.name, _WORDS.get(text.lower(), text) if kind == "boolean" else text, self.schema)
        size = len(text) if kind == "string" else value
        least = self.schema.get("minLength" if kind == "string" else "minimum")
        most = self.schema.get("maxLength" if kind == "string" else "maximum")
        of = " characters" if kind == "string" else ""
        if least is not None and size < least:
            raise click.UsageError(f"{self.name} must be at least {least}{of}")
        if most is not None and size > most:
            raise click.UsageError(f"{self.name} must be at most {most}{of}")
        return value

    def _choice(self, text: str) -> str:
        """Take a choice, or the beginning of one."""
        choices = self.choices
        if text in choices or text in choices.values():
            return choices.get(text, text)
        found = [value for word, value in choices.items() if word.lower().startswith(text.lower())]
        if len(found) != 1:
            raise click.UsageError(f"{self.name} must be one of {', '.join(choices)}")
        return found[0]


def fields(schema: Mapping[str, Any] | None) -> list[Field]:
    """Give the questions that *schema* makes."""
    known: Any = (schema or {}).get("properties")
    needed: Any = (schema or {}).get("required")
    required = cast("list[Any]", needed) if isinstance(needed, list) else []
    if not isinstance(known, dict):
        return []
    found = cast("dict[str, Any]", known)
    return [Field(name, cast("dict[str, Any]", each) if isinstance(each, dict) else {}, name in required) for name, each in found.items()]


def _shown(value: Any, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(each, words) for each in cast("list[Any]", value))
    return words.get(str(value), str(value))
