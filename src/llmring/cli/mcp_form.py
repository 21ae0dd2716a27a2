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
            return f"empty for {_shown(self.schema['default'])}"
        return "" if self.required else "may be empty"

    @property
    def choices(self) -> list[str]:
        """The words that are allowed, where not all are."""
        schema = cast("dict[str, Any]", self.schema.get("items") or {} if self.many else self.schema)
        listed: list[Any] = schema.get("enum") or []
        options: list[dict[str, Any]] = schema.get("oneOf") or schema.get("anyOf") or []
        return [str(each) for each in listed] or [str(each.get("const")) for each in options]

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
        found = [text] if text in self.choices else [each for each in self.choices if each.lower().startswith(text.lower())]
        if len(found) != 1:
            raise click.UsageError(f"{self.name} must be one of {', '.join(self.choices)}")
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


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
