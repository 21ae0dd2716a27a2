"""What commands look like on terminals of 80 and of 120 columns, recorded in ``sessions``: read them as their user would.

What a command is meant to look like from now on, its failing test shows; that goes into the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from tests._core.small_registry import registry, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._core.registry import Registry
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

RECORDED = Path(__file__).with_name("sessions")
LOCK = """\
[[profiles.default.bindings]]
alias = "summarizer"
models = ["openai:gpt-5", "anthropic:claude-1", "google:gemini-3.5-flash-lite", "ollama:qwen3"]
constraints = {can = ["reasoning"], min_context = 300000}

[[profiles.default.bindings]]
alias = "vision"
models = ["google:gemini-3.7-flash"]
"""
SESSIONS = [
    "aliases",
    "bind summarizer openai:gpt-5,openai:gtp-5",
    "estimate Hello -m openai:gpt-5",
    "info openai:gpt-5",
    "list",
    "lock check",
    "lock diff",
    "lock types -o -",
    "unbind vision",
]


def world(price: str) -> Registry:
    """Give a registry with one model at *price*, of which none retires."""
    given = rows()
    del given["openai"]["gpt-5-2026-03-17"]["x"]
    given["anthropic"]["claude-1"]["p"] = [{"r": [price, "15"], "t": [[200000, "6"]], "d": "2026-01-01"}]
    return registry(given)


@pytest.fixture
def put(user: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Registry], None]:
    """Work beside a lockfile, and give a function that puts a registry in force."""

    def place(registry: Registry) -> None:
        places = ("llmring._io.registries.bundled", "llmring.registry.in_force", "llmring.locking.load", "llmring.cli.locking.load")
        for name in places:
            monkeypatch.setattr(name, Mock(return_value=registry))

    (user / "llmring.lock").write_text(LOCK, encoding="utf-8")
    return place


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", SESSIONS)
def test_looks_as_it_was_recorded(  # noqa: PLR0917 - fixtures and what is varied
    llmring: Command, user: Path, put: Callable[[Registry], None], monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    """Line by line, and no line is wider than the terminal."""
    put(world("3"))
    llmring("lock")
    put(world("3.3"))
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in ("llmring.cli.tables.width", "llmring.cli.locking.width"):
        monkeypatch.setattr(name, Mock(return_value=columns))
    code, out, err = llmring(*command.split())
    shown = f"$ llmring {command}\n{out}{err}".replace(str(user), "/home/me") + f"exit {code}\n"
    name = command.replace(" ", "-").replace(":", "-").replace(",", "-")
    assert shown == (RECORDED / f"{name}.{columns}.txt").read_text(encoding="utf-8")
    assert max(map(len, out.splitlines())) <= columns
