"""Exit codes, and what stands between a failure and the user."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from llmring._version import __version__
from llmring.cli import main
from llmring.cli.edge import TRACEBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

COMMANDS = [
    "chat", "demo", "simulate", "aliases", "bind", "completion", "doctor", "embed", "estimate", "info", "list", "providers", "unbind",
    *("lock", "lock bump-registry", "lock check", "lock diff", "lock init", "lock types", "lock validate"),
]  # fmt: skip
START = [sys.executable, "-m", "llmring"]


def test_version(llmring: Command) -> None:
    """The version is the package's."""
    assert llmring("--version") == (0, f"llmring, version {__version__}\n", "")


@pytest.mark.parametrize("command", [tuple(command.split()) for command in ("", *COMMANDS)], ids=" ".join)
def test_help(llmring: Command, command: tuple[str, ...]) -> None:
    """Help goes to stdout, in lines that fit a terminal, and is no failure."""
    code, out, err = llmring(*command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage: llmring")
    assert max(map(len, out.splitlines())) <= 80


def test_help_of_chat_shows_examples_line_by_line(llmring: Command) -> None:
    """The examples are not wrapped into a paragraph."""
    assert '\n    llmring chat "Why is the sky blue?"\n' in llmring("chat", "--help").out


def test_no_command_shows_all(llmring: Command) -> None:
    """Without a command there is nothing to do but to list them, and that is misuse."""
    code, _, err = llmring()
    assert code == 2
    assert "simulate" in err


def test_unknown_command(llmring: Command) -> None:
    """A command that does not exist is misuse, told in one line."""
    code, out, err = llmring("cht")
    assert (code, out) == (2, "")
    assert err.startswith("error: No such command 'cht'.")
    assert err.count("\n") == 1


def test_help_loads_nothing_heavy() -> None:
    """To show help, neither the engine nor the simulator, rich or an HTTP client is imported."""
    code = (
        "import sys; from llmring.cli.edge import run; run(['--help']); "
        "print([name for name in sys.modules if name.partition('.')[0] in {'httpx2', 'rich', 'jsonschema', 'asyncio', 'attrs'} "
        "or name.startswith(('llmring.testing', 'llmring._sync', 'llmring._gen'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_answers_at_once_loads_no_engine(user: Path) -> None:
    """Aliases, lists and checks are there before a call could be: no HTTP client, no event loop, no TLS, no ledger."""
    code = (
        "import sys; from llmring.cli.edge import run; "
        "[run(words.split()) for words in ('aliases', 'list', 'lock check', 'info openai:gpt-5.4-mini', 'providers')]; "
        "print([name for name in sys.modules if name in {'httpx2', 'asyncio', 'rich', 'jsonschema', 'cattrs', 'ssl', 'sqlite3', "
        "'importlib.metadata', 'llmring._sync.engine'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("flow", ["--stream", "--no-stream"])
def test_a_reader_that_leaves_ends_the_command_quietly(user: Path, flow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``llmring chat … | head -1`` leaves nothing on stderr."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it, Python takes a short write for a whole one
    model = "openai:gpt-5.4-mini+pace=0.01+words=2000" if flow == "--stream" else "openai:gpt-5.4-mini+words=200000"
    with subprocess.Popen(
        [*START, "chat", "Hi", "-m", model, flow], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_writes_what_an_old_encoding_can_carry(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No character ends the command; JSON loses none."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    command = [*START, "chat", "Hi", "-m", "openai:gpt-5.4-mini+say=caf%C3%A9"]
    plain = subprocess.run(command, stdin=subprocess.DEVNULL, check=True, capture_output=True)
    assert plain.stdout == b"caf?\n"
    encoded = subprocess.run([*command, "--json"], stdin=subprocess.DEVNULL, check=True, capture_output=True)
    assert b'"content": "caf\\u00e9"' in encoded.stdout


def test_a_fault_of_the_program_is_told_in_one_line(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw names itself and says how to see more."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("llmring.cli.chat.answer", fail)
    code, out, err = llmring("chat", "Hi")
    assert (code, out) == (1, "")
    assert err == "error: llmring itself failed: ZeroDivisionError: division by zero (LLMRING_TRACEBACK=1 shows where)\n"
    monkeypatch.setenv(TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        llmring("chat", "Hi")


def test_an_interruption_while_loading_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same exit code as one later on."""
    monkeypatch.setattr("llmring.cli.edge.run", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, *capsys.readouterr()) == (130, "", "interrupted\n")


def test_a_failure_of_the_system_is_told_in_one_line(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk behind stdout, say, is no fault of the program."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("llmring.cli.chat.answer", fail)
    assert llmring("chat", "Hi") == (1, "", "error: No space left on device\n")
