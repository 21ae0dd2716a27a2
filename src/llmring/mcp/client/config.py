"""Read ``mcpServers`` configurations as Claude Desktop, VS Code and Cursor write them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from llmring.exceptions import ConfigurationError
from llmring.mcp.client.sources import address, command, named

if TYPE_CHECKING:
    from llmring.mcp.client.places import Source

_KINDS: Final = {
    "stdio": "stdio",
    "http": "http",
    "streamable-http": "streamable",
    "streamablehttp": "streamable",
    "streamable_http": "streamable",
    "sse": "sse",
}
_VARIABLE: Final = re.compile(r"\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}")
_PLACES: Final = {"userHome": "~", "workspaceFolder": ".", "cwd": "."}
_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}")
_COMMENT: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA: Final = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


def read_file(path: Path) -> list[Source]:
    """Read the servers of the configuration at *path*; comments and trailing commas are allowed, as VS Code does.

    Raises:
        ConfigurationError: it cannot be read, is no JSON, or has no servers.

    """
    try:
        text = path.expanduser().read_text(encoding="utf-8-sig")
        bare = _COMMA.sub(_kept, _COMMENT.sub(_kept, text))
        found = json.loads(bare)
    except OSError as error:
        raise ConfigurationError(f"The MCP configuration {str(path)!r} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise ConfigurationError(f"The MCP configuration {str(path)!r} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ConfigurationError(f"The MCP configuration {str(path)!r} must be an object with mcpServers.")
    tables = _tables(cast("dict[str, Any]", found))
    if tables is None:
        raise ConfigurationError(f"The MCP configuration {str(path)!r} has no mcpServers.")
    return _entries(tables)


def read_mapping(given: Mapping[str, Any]) -> list[Source]:
    """Read a configuration given as a mapping: ``{"mcpServers": {…}}``, one entry, or entries and servers by name.

    Raises:
        ConfigurationError: something in it is no server.

    """
    tables = _tables(given)
    if tables is None and (isinstance(given.get("command"), (str, list)) or isinstance(given.get("url"), str)):
        return [_entry(None, given)]
    return _entries(given if tables is None else tables)


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""


def _tables(given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the servers: under ``mcpServers``, VS Code's ``servers``, or the ``mcp`` of its settings."""
    if isinstance(inner := given.get("mcp"), Mapping):
        given = cast("Mapping[str, Any]", inner)
    for key in ("mcpServers", "servers"):
        found = given.get(key)
        if isinstance(found, Mapping) and all(isinstance(entry, Mapping) for entry in cast("Mapping[str, Any]", found).values()):
            return cast("Mapping[str, Any]", found)
    return None


def _entries(tables: Mapping[str, Any]) -> list[Source]:
    found: list[Source] = []
    for name, entry in tables.items():
        if not isinstance(entry, Mapping):
            found.append(named(name, entry))
        elif not cast("Mapping[str, Any]", entry).get("disabled"):
            found.append(_entry(name, cast("Mapping[str, Any]", entry)))
    return found


def _entry(name: str | None, entry: Mapping[str, Any]) -> Source:
    kind = _KINDS.get(str(entry.get("type") or entry.get("transport") or "").lower(), "")
    if entry.get("type") and not kind:
        raise _fault(name, "type", f"is {entry['type']!r}; it can be stdio, http or sse")
    url = entry.get("url") or entry.get("serverUrl")
    if isinstance(url, str) and kind != "stdio":
        return address(_filled(name, "url", url), name=name, headers=_texts(name, "headers", entry.get("headers")), kind=kind or "http")
    program, args = _words(name, entry)
    return command(
        _filled(name, "command", program),
        [_filled(name, "args", each) for each in args],
        name=name,
        env=_texts(name, "env", entry.get("env")),
        cwd=_filled(name, "cwd", str(entry["cwd"])) if entry.get("cwd") else None,
    )


def _words(name: str | None, entry: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Give the program of an *entry* and its arguments; some write both as one list."""
    given: Any = entry.get("command")
    args: Any = entry.get("args") or []
    words: list[Any] = [*cast("list[Any]", given)] if isinstance(given, list) else [given]
    if not isinstance(args, list):
        raise _fault(name, "args", "must be a list of texts")
    words += cast("list[Any]", args)
    if not words or not isinstance(words[0], str) or not words[0]:
        raise _fault(name, "command", "is missing; an entry needs a command or a url")
    return words[0], [str(each) for each in words[1:]]


def _texts(name: str | None, key: str, given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _fault(name, key, "must be an object of texts")
    return {
        str(each): _filled(name, f"{key}.{each}", str(value))
        for each, value in cast("Mapping[Any, Any]", given).items()
        if value is not None
    }


def _filled(name: str | None, key: str, text: str) -> str:
    """Fill ``${VAR}``, ``${env:VAR}``, ``${VAR:-default}`` and the places that editors know."""
    for word, place in _PLACES.items():
        text = text.replace(f"${{{word}}}", str(Path(place).expanduser().absolute()))

    def value(found: re.Match[str]) -> str:
        filled = os.environ.get(found[1]) or found[2]
        if filled is None:
            raise _fault(name, key, f"uses ${{{found[1]}}}, but {found[1]} is not set in the environment")
        return filled

    if unknown := _UNKNOWN.search(_VARIABLE.sub("", text)):
        raise _fault(name, key, f"uses {unknown[0]}, which only the editor that it was written for can fill")
    return _VARIABLE.sub(value, text)


def _fault(name: str | None, key: str, words: str) -> ConfigurationError:
    return ConfigurationError(f"MCP server {name or ''!r}: {key} {words}.")
