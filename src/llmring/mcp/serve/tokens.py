"""Where the bearer token of a server comes from: an environment variable or a file, never an argument, which others can list."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve.guard import is_loopback

VARIABLE = "LLMRING_MCP_TOKEN"


def find_token(host: str, variable: str = VARIABLE, file: str | None = None) -> tuple[str, bool]:
    """Give the token in *file*, else in the environment's *variable*, else one made now, and whether it was made.

    Raises:
        ConfigurationError: *file* cannot be read or is empty; or none is set although *host* is reached from other machines.

    """
    if file is not None:
        return _read(file), False
    if found := os.environ.get(variable, "").strip():
        return found, False
    if not is_loopback(host):
        raise ConfigurationError(f"{host} is reached from other machines: set a token in {variable}, or in a file (--token-file)")
    return secrets.token_urlsafe(32), True


def _read(file: str) -> str:
    try:
        found = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the token file {file} cannot be read: {error}") from None
    if not found:
        raise ConfigurationError(f"the token file {file} is empty")
    return found
