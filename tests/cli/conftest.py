"""A user of the command line: keys are set, a lockfile is in the folder, every provider is the simulator."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import pytest

from llmring.cli.edge import run
from llmring.testing.simulator import Simulator
from tests.rings import lockfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "sk-simulated-0001"
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from llmring.cli import main; main()"
"""The command as a program that Ctrl-C reaches, even where the tests themselves run in the background of a shell."""
VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_GEMINI_BASE_URL",
    "ollama": "OLLAMA_HOST",
}


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """Run one simulator for all commands."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def user(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment of a user and give the folder in which they work."""
    lockfile(tmp_path, fast=["openai:gpt-5.4-mini"], pool=["openai:gpt-5.4-mini+fault=503", "anthropic:claude-haiku-4-5-20251001"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for provider, url in simulator.urls.items():
        monkeypatch.setenv(VARIABLES[provider], url)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, KEY)
    simulator.requests.clear()
    return tmp_path


@pytest.fixture
def llmring(user: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Give a function that runs ``llmring`` in this process, with *piped* on its stdin."""

    def call(*arguments: str, piped: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        code = run(arguments)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return call
