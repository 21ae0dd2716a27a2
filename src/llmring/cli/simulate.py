"""``llmring simulate``: the simulator as a server of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmring.cli.terminal import note, say
from llmring.exceptions import ConfigurationError
from llmring.testing.simulator import serve_forever

if TYPE_CHECKING:
    from llmring.testing.simulator import Simulator

VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    "anthropic": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
    "google": ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
    "ollama": ("OLLAMA_HOST", None),
}
"""The environment variables that point the ring, and most SDKs, at another server, and that hold a key."""


def serve(*, port: int, host: str, seed: int, quiet: bool, script: str | None = None) -> None:
    """Serve until interrupted, telling of each request unless *quiet*; the file *script* has what the assistant says.

    Raises:
        ConfigurationError: nothing can listen there, or there is no script in the file.

    """
    try:
        turns = None if script is None else Path(script).read_text(encoding="utf-8")
        serve_forever(port=port, seed=seed, host=host, on_request=None if quiet else note, on_ready=_introduce, script=turns)
    except ValueError as error:
        raise ConfigurationError(f"{script} is no script: {error}") from None
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError(f"cannot listen at {host}:{port}: {reason}; choose another --port, or 0 for a free one") from None
    note("\nstopped")


def _introduce(simulator: Simulator) -> None:
    """Say how to be served."""
    note(f"listening at {simulator.url}; any key will do, Ctrl-C ends; paste this into another shell:")
    for provider, url in simulator.urls.items():
        address, key = VARIABLES[provider]
        say(f"export {address}={url}" + (f" {key}=simulated" if key else ""))
