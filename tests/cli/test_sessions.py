"""What commands look like on terminals of 80 and of 120 columns, in colour and without, recorded in ``sessions``: read them as a user.

What a command is meant to look like from now on, its failing test shows; that goes into the file.
"""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from llmring import locking
from llmring._core.ledger import row
from llmring._io.ledger_files import append
from llmring.cli.doctor import Line
from llmring.cli.tables import table
from llmring.ledger import CallRecord
from llmring.lockfile import Lockfile
from tests._core.small_registry import registry, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from llmring._core.registry import Registry
    from llmring.testing.simulator import Simulator
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]
    Look = Callable[[str, int], str]

RECORDED = Path(__file__).with_name("sessions")
PAINT = re.compile(r"\x1b\[[0-9;]*m")
LOCK = """\
[[profiles.default.bindings]]
alias = "summarizer"
models = ["openai:gpt-5", "anthropic:claude-1", "google:gemini-3.5-flash-lite", "ollama:qwen3"]
constraints = {can = ["reasoning"], min_context = 300000}

[[profiles.default.bindings]]
alias = "vision"
models = ["google:gemini-3.7-flash"]
"""
CALL: dict[str, Any] = {"input_tokens": 900, "output_tokens": 120, "latency": 0.84, "origin": "llmring-cli", "profile": "default"}
CALLS = [
    CallRecord(time="2026-11-20T10:00:00Z", alias="summarizer", model="openai:gpt-5", cost=Decimal("0.0012"), **CALL),
    CallRecord(time="2026-11-21T10:00:00Z", alias="summarizer", model="anthropic:claude-1", cost=Decimal("0.004"), **CALL),
    CallRecord(time="2026-11-21T11:00:00Z", model="ollama:qwen3", outcome="ProviderTimeoutError", **CALL),
]
DATA = ("completion fish", "embed Hello -m openai:text-embedding-3-small -d 4", "export", "simulate")
"""Commands that write for programs, and do not fold."""
SESSIONS = [
    *DATA,
    "--help",
    "aliases",
    "bind summarizer openai:gpt-5,openai:gtp-5",
    "bind summarizer gpt-5",
    "cache clear",
    "cache info",
    "chat Hello -m openai:gpt-5.4-mini+say=Good%20day. --verbose",
    "chat Hello -m openai:gpt-5.4-mini+fault=401",
    "chat Hello -m sumarizer",
    "chat --temprature 1 Hello",
    "demo",
    "doctor",
    "doctor --connect",
    "embed Hello",
    "estimate Hello -m openai:gpt-5",
    "info openai:gpt-5",
    "info summarizer",
    "list",
    "list --can tols",
    "lock",
    "lock bump-registry",
    "lock check",
    "lock diff",
    "lock init",
    "lock init -f new.lock",
    "lock types",
    "lock types -o -",
    "providers",
    "registry info",
    "registry refresh",
    "registry refresh --url http://127.0.0.1:1/registry.json",
    "simulate --port 70000",
    "stats --by model",
    "unbind vision",
    "unbind visoin",
]
VARIES = {
    re.compile(r"http://127\.0\.0\.1:\d{4,}"): "http://127.0.0.1:8765",
    re.compile(r"\((\d+ days ago|yesterday|today)\)"): "(4 days ago)",
    re.compile(r"\d+\.\d\d s\b"): "0.84 s",
}
"""What is another one each time, and what stands for it in a recorded screen."""


def world(price: str) -> Registry:
    """Give a registry with one model at *price*, of which none retires."""
    given = rows()
    del given["openai"]["gpt-5-2026-03-17"]["x"]
    given["anthropic"]["claude-1"]["p"] = [{"r": [price, "15"], "t": [[200000, "6"]], "d": "2026-01-01"}]
    return registry(given)


def tabled(home: str, headings: Sequence[str], rows: Iterable[Sequence[str]], **more: Any) -> None:
    """Fold a table as if the folder *home* were ``/home/me``."""
    table(headings, [[cell.replace(home, "/home/me") for cell in row] for row in rows], **more)


def served_once(simulator: Simulator, *, on_ready: Callable[[Simulator], None], on_request: Callable[[str], None], **_: object) -> None:
    """Serve one request, and end as by Ctrl-C."""
    on_ready(simulator)
    on_request("POST /v1/chat/completions 200")


@pytest.fixture(scope="module")
def pinned() -> str:
    """Pin the lockfile at a price that is no longer so."""
    lockfile = Lockfile(LOCK)
    locking.lock(lockfile, registry=world("3"))
    return lockfile.text


@pytest.fixture
def place(pinned: str, simulator: Simulator, user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside that lockfile, after three calls, in a world in which a price has risen."""
    (user / "llmring.lock").write_text(pinned, encoding="utf-8")
    append(str(user / "calls.db"), [row(each) for each in CALLS])
    monkeypatch.setenv("XDG_CACHE_HOME", str(user / ".cache"))
    monkeypatch.setenv("LLMRING_LEDGER", str(user / "calls.db"))
    for name in ("llmring._io.registries.bundled", "llmring.registry.in_force", "llmring.locking.load", "llmring.cli.locking.load"):
        monkeypatch.setattr(name, Mock(return_value=world("3.3")))
    monkeypatch.setattr("llmring.cli.doctor.table", Mock(side_effect=partial(tabled, str(user))))
    monkeypatch.setattr("llmring.cli.doctor._program", Mock(return_value=[Line("llmring", "0.1.0", "CPython 3.11.7, linux")]))
    monkeypatch.setattr("llmring.cli.simulate.serve_forever", Mock(side_effect=partial(served_once, simulator)))
    return user


@pytest.fixture
def look(llmring: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Give a function that shows a command's screen, in colour."""
    monkeypatch.setattr("click.utils.should_strip_ansi", Mock(return_value=False))

    def screen(command: str, columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        for name in ("locking", "screen", "stats", "tables"):
            monkeypatch.setattr(f"llmring.cli.{name}.width", Mock(return_value=columns))
        code, out, err = llmring(*shlex.split(command))
        told = f"$ llmring {command}\n{out}{err}exit {code}\n".replace(str(place), "/home/me")
        for varying, fixed in VARIES.items():
            told = varying.sub(fixed, told)
        lines = PAINT.sub("", told).splitlines()[: len(out.splitlines()) + 1]
        assert command in DATA or max(map(len, lines)) <= columns
        return told

    return screen


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", SESSIONS)
def test_looks_as_it_was_recorded(look: Look, command: str, columns: int) -> None:
    """Line by line, and no line is wider than the terminal; the escape sequences of its colours are beside it."""
    painted = look(command, columns)
    name = re.sub(r"[^\w.+]+", "-", command).strip("-")
    assert PAINT.sub("", painted) == (RECORDED / f"{name}.{columns}.txt").read_text(encoding="utf-8")
    if columns == 80:
        assert painted.replace("\x1b", "\N{SYMBOL FOR ESCAPE}") == (RECORDED / f"{name}.colour.txt").read_text(encoding="utf-8")
