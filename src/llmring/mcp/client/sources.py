"""Read where servers are, as callers write it: commands, paths, addresses, configurations and server objects."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import attrs

from llmring.exceptions import ConfigurationError
from llmring.mcp.client import naming
from llmring.mcp.client.places import Address, Command, InProcess

if TYPE_CHECKING:
    from llmring.mcp.client.places import Source

_CONFIG: Final = ".json"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)


def read(servers: Sequence[Any]) -> list[Source]:
    """Read *servers* as a caller wrote them; names are made unique.

    Raises:
        ConfigurationError: one of them is no server, there is none, or a configuration file cannot be used.

    """
    found = [source for server in servers for source in _sources(server)]
    if not found:
        raise ConfigurationError("An MCP client needs a server: a command, a script, an address, a configuration, or a server object.")
    taken: set[str] = set()
    unique: list[Source] = []
    for source in found:
        name, again = source.name, 1
        while name in taken:
            again += 1
            name = f"{source.name}-{again}"
        taken.add(name)
        unique.append(attrs.evolve(source, name=name))
    return unique


def _sources(server: Any) -> list[Source]:
    match server:
        case str() | os.PathLike():
            text = str(cast("Any", os.fspath(cast("Any", server))))
            if _is_config(text):
                from llmring.mcp.client.config import read_file

                return read_file(Path(text))
            return [_told(text, as_path=not isinstance(server, str))]
        case Mapping():
            from llmring.mcp.client.config import read_mapping

            return read_mapping(cast("Mapping[str, Any]", server))
        case list() | tuple():
            return [_command(cast("Sequence[Any]", server))]
        case _:
            return [named(None, server)]


def named(name: str | None, server: Any) -> Source:
    """Read one *server* that is no configuration, under *name* or one that it gives itself.

    Raises:
        ConfigurationError: it is no server.

    """
    match server:
        case str() | os.PathLike():
            found: Source = _told(str(cast("Any", os.fspath(cast("Any", server)))), as_path=not isinstance(server, str))
        case list() | tuple():
            found = _command(cast("Sequence[Any]", server))
        case _ if any(base.__module__.partition(".")[0] == "mcp" for base in type(server).__mro__):
            own = getattr(server, "name", None)
            found = InProcess(own if isinstance(own, str) and own else "server", server)
        case _:
            raise ConfigurationError(
                f"A {type(server).__name__} is no MCP server; give a command, a path, an address, a configuration, or an mcp server object."
            )
    return attrs.evolve(found, name=name) if name else found


def _is_config(text: str) -> bool:
    return PurePath(text).suffix == _CONFIG and not _SCHEME.match(text) and (Path(text).exists() or len(_split(text)) == 1)


def _told(text: str, *, as_path: bool = False) -> Source:
    """Read an address, a script's path, or a command line."""
    if not text.strip():
        raise ConfigurationError("An MCP server's command is empty.")
    if scheme := _SCHEME.fullmatch(text):
        return _addressed(scheme[1].lower(), scheme[2], text)
    if as_path or Path(text).is_file():
        return _script(text)
    words = _split(text)
    if len(words) == 1 and PurePath(words[0]).suffix in naming.PYTHON | naming.NODE:
        return _script(words[0])
    return _command(words)


def _addressed(scheme: str, rest: str, text: str) -> Source:
    if scheme == "stdio":
        return _told(rest)
    if scheme not in {"http", "https"}:
        raise ConfigurationError(f"{scheme}:// is no way to an MCP server; use stdio://, http:// or https://.")
    return address(text)


def address(url: str, *, name: str | None = None, headers: Mapping[str, str] | None = None, kind: str = "http") -> Address:
    """Read the address of a server.

    Raises:
        ConfigurationError: *url* is no address of a host.

    """
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError as error:
        raise ConfigurationError(f"The address of MCP server {name or ''!r} cannot be read: {error}") from None
    if found.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"The address of MCP server {name or ''!r} needs http:// or https:// and a host.")
    return Address(name or (f"{host}-{port}" if port else host), url, dict(headers or {}), kind)


def _script(text: str) -> Command:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ConfigurationError(f"There is no MCP server at {text!r}; give the path of a Python or Node script, or a command.")
    if path.suffix in naming.PYTHON:
        return Command(naming.of_script(str(path)), sys.executable, (str(path),))
    if path.suffix in naming.NODE:
        return Command(naming.of_script(str(path)), "node", (str(path),))
    return Command(path.stem, str(path.absolute()))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, posix=os.name != "nt")
    except ValueError as error:
        raise ConfigurationError(f"The command of an MCP server cannot be read: {error}") from None


def _command(words: Sequence[Any]) -> Command:
    if not words or not all(isinstance(word, (str, os.PathLike)) for word in words):
        raise ConfigurationError("The command of an MCP server is a list of texts, the program first.")
    texts = [str(cast("Any", os.fspath(word))) for word in words]
    return command(texts[0], texts[1:])


def command(
    program: str, args: Sequence[str] = (), *, name: str | None = None, env: Mapping[str, str] | None = None, cwd: str | None = None
) -> Command:
    """Give the source that runs *program* with *args*; ``python`` is the running one where the path has none."""
    return Command(name or naming.of_command(program, args), program, tuple(args), dict(env or {}), cwd)
