"""``llmring simulate``: the simulator as a server of its own."""

from __future__ import annotations

from llmring.cli.terminal import note, say
from llmring.testing.simulator import Simulator


def serve(*, port: int, host: str, seed: int, quiet: bool) -> None:
    """Serve until interrupted."""
    import threading

    from llmring.exceptions import ConfigurationError

    simulator = Simulator(port=port, seed=seed, host=host, on_request=None if quiet else note)
    try:
        simulator.start()
    except OSError as error:
        raise ConfigurationError(f"cannot listen at {host}:{port}: {error.strerror}; choose another --port") from None
    try:
        for provider, url in simulator.urls.items():
            say(f"{VARIABLES[provider]}={url}")
        note("any key will do; Ctrl-C ends")
        threading.Event().wait()
    finally:
        simulator.close()


VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_GEMINI_BASE_URL",
    "ollama": "OLLAMA_HOST",
}
"""The environment variable that points each provider's SDK, and the ring, at another server."""
