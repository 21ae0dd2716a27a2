"""``llmring simulate``: a server of its own, until it is interrupted."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from llmring import LLMRing
from llmring.testing.simulator import serve_forever
from tests.cli.conftest import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import pytest

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

START = [sys.executable, "-c", INTERRUPTIBLE, "simulate", "--port", "0"]


class Service:
    """``llmring simulate`` as a process, between its start and Ctrl-C; the environment leads to it as it says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
        """Start it and put what it exports into the environment."""
        self.process = subprocess.Popen([*START, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.exported = [self.process.stdout.readline() for _ in range(4)]
        for name, value in re.findall(r"(\w+)=(\S+)", "".join(self.exported)):
            monkeypatch.setenv(name, value)

    def interrupt(self) -> str:
        """Do what Ctrl-C does, and give what was told on stderr."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate()[1]

    def __enter__(self) -> Self:
        """Hand out the service."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it, should it still run."""
        self.process.kill()
        self.process.communicate()


def test_serves_until_interrupted(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says, put into the environment, leads a ring to it; Ctrl-C is a clean end."""
    with Service(monkeypatch) as service:
        with LLMRing() as ring:
            for model in ("openai:gpt-5.4-mini", "anthropic:claude-haiku-4-5", "google:gemini-3.5-flash-lite", "ollama:qwen3:8b"):
                assert ring.chat(model, "Hi").content
        first, second, *_, last = service.interrupt().splitlines()
        assert service.process.returncode == 0
    assert all(line.startswith("export ") for line in service.exported)
    assert first.startswith("listening at http://127.0.0.1:")
    assert second == "POST /v1/chat/completions gpt-5.4-mini -> 200"
    assert last == "stopped"


def test_quiet(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--quiet`` requests are not told of."""
    with Service(monkeypatch, "--quiet") as service:
        with LLMRing() as ring:
            assert ring.chat("ollama:qwen3:8b", "Hi").content
        assert "POST" not in service.interrupt()


def test_passes_its_options_on(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Port, seed and host reach the server."""
    given: dict[str, object] = {}
    monkeypatch.setattr("llmring.cli.simulate.serve_forever", given.update)
    Path("script.json").write_text('["Hello."]', encoding="utf-8")
    assert llmring("simulate", "--port", "0", "--seed", "7", "--host", "localhost", "-q", "--script", "script.json").code == 0
    assert (given["port"], given["seed"], given["host"], given["on_request"]) == (0, 7, "localhost", None)
    assert given["script"] == '["Hello."]'


def test_a_script_that_is_none(llmring: Command, user: Path) -> None:
    """The turn that is wrong is named."""
    Path("script.json").write_text("[1]", encoding="utf-8")
    code, _, err = llmring("simulate", "--port", "0", "--script", "script.json")
    assert (code, err.startswith("error: script.json is no script: turn 0 is not")) == (1, True)


def test_a_port_that_is_taken(llmring: Command) -> None:
    """A port that something listens at is told in one line, with what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = llmring("simulate", "--port", str(port))
    assert (code, out) == (1, "")
    assert err.startswith(f"error: cannot listen at 127.0.0.1:{port}: ")
    assert err.endswith("choose another --port, or 0 for a free one\n")


def test_the_simulator_has_the_signature_that_is_called() -> None:
    """The options that the command passes exist."""
    assert set(serve_forever.__annotations__) >= {"port", "seed", "host", "on_request", "on_ready", "script"}
