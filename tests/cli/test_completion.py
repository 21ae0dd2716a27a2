"""Completion, typed into a real bash on a real terminal, and asked as zsh and fish ask."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

LOCK = """
[[profiles.default.bindings]]
alias = "fast"
models = ["openai:gpt-5.4-mini"]

[[profiles.default.bindings]]
alias = "summarizer"
models = ["openai:gpt-5.4-mini"]

[[profiles.dev.bindings]]
alias = "local"
models = ["ollama:llama3.2"]
"""


@pytest.fixture
def program(user: Path) -> Path:
    """Put the program under its name into a folder of its own."""
    (user / "llmring.lock").write_text(LOCK, encoding="utf-8")
    path = user / "bin" / "llmring"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m llmring "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


class Bash:
    """An interactive bash with the completion script, on a terminal."""

    def __init__(self, program: Path) -> None:
        """Start it beside the lockfile."""
        self._ours, theirs = pty.openpty()
        setup = program.parent / "rc"
        setup.write_text('PS1="READY> "\nbind "set enable-bracketed-paste off"\neval "$(llmring completion bash)"\n', encoding="utf-8")
        environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "TERM": "dumb", "COLUMNS": "200"}
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--rcfile", str(setup), "-i"],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=program.parent.parent, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.read_until("READY> ")

    def read_until(self, wanted: str) -> str:
        """Read until *wanted* is there, and give all that came."""
        screen = ""
        while wanted not in screen:
            assert select.select([self._ours], [], [], 60)[0], screen
            screen += os.read(self._ours, 4096).decode()
        return screen

    def type(self, text: str, wanted: str) -> str:
        """Type *text* and Tab, and read until *wanted* is on the line; clear the line again."""
        os.write(self._ours, text.encode() + b"\t")
        screen = self.read_until(wanted)
        os.write(self._ours, b"\x15\x0b\n")
        self.read_until("READY> ")
        return screen

    def __enter__(self) -> Self:
        """Hand out the shell."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell and close the terminal."""
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self._ours)


def test_bash_completes_what_is_typed(program: Path) -> None:
    """Commands, aliases, providers, and models behind their colon, also the second of several."""
    with Bash(program) as bash:
        bash.type("llmring ali", "llmring aliases ")
        bash.type("llmring lock bu", "llmring lock bump-registry ")
        bash.type("llmring unbind su", "llmring unbind summarizer ")
        bash.type("llmring unbind --profile dev lo", "llmring unbind --profile dev local ")
        bash.type("llmring chat --model su", "llmring chat --model summarizer ")
        bash.type("llmring chat --profile dev --model lo", "llmring chat --profile dev --model local ")
        bash.type("llmring info anthro", "llmring info anthropic:")
        bash.type("llmring info openai:gpt-5.4-mini-", "llmring info openai:gpt-5.4-mini-2026-03-17")
        bash.type("llmring bind x openai:o1,openai:gpt-5.4-mini-", "llmring bind x openai:o1,openai:gpt-5.4-mini-2026-03-17")


def asked(program: Path, **variables: str) -> list[str]:
    """Run the program as a shell's script does, and give its lines."""
    done = subprocess.run([program], env=os.environ | variables, capture_output=True, text=True, check=True, cwd=program.parent.parent)
    return done.stdout.splitlines()


LINE = "llmring chat --profile dev -m openai:gpt-5.4-mini-"
ASKED = {
    "bash": f"""COMP_LINE='{LINE}' COMP_POINT={len(LINE)}; eval "$(llmring completion bash)"; _llmring_completion llmring
        printf '%s\\n' "${{COMPREPLY[@]/#/openai:}}" """,
    "fish": f"llmring completion fish | source; complete -C'{LINE}'",
    "zsh": f"""compdef() {{ }}; compadd() {{ print -l ${{(P)@[-1]}} }}; eval "$(llmring completion zsh)"
        words=({LINE}); CURRENT=$#words; _llmring_completion""",
}
"""What has a shell say what it would complete, without anybody at its keyboard."""


@pytest.mark.parametrize("shell", ["bash", *filter(shutil.which, ("fish", "zsh"))])
def test_shells_complete_a_model(program: Path, shell: str) -> None:
    """The scripts run in the shells themselves: in bash, and in those others that are here."""
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(program.parent)}
    done = subprocess.run(
        [shell, "-c", ASKED[shell]], env=environment, capture_output=True, text=True, check=True, cwd=program.parent.parent
    )
    assert done.stdout.splitlines() == ["openai:gpt-5.4-mini-2026-03-17"], done.stderr


def test_zsh_is_answered(program: Path) -> None:
    """By lines of three: kind, value, help."""
    lines = asked(program, _LLMRING_COMPLETE="zsh_complete", COMP_WORDS="llmring unbind f", COMP_CWORD="2")
    assert lines == ["plain", "fast", "_"]


def test_fish_is_answered(program: Path) -> None:
    """By kind and value."""
    lines = asked(program, _LLMRING_COMPLETE="fish_complete", COMP_WORDS="llmring aliases --profile", COMP_CWORD="d")
    assert [line.split(",")[1].split()[0] for line in lines] == ["default", "dev"]


def test_a_broken_lockfile_offers_nothing(program: Path) -> None:
    """And no error: that would be written over the line."""
    (program.parent.parent / "llmring.lock").write_text("oops = 1", encoding="utf-8")
    assert asked(program, _LLMRING_COMPLETE="bash_complete", COMP_LINE="llmring unbind ") == [""]


@pytest.mark.parametrize(
    "shell, word", [("bash", "complete -o nosort"), ("zsh", "#compdef llmring"), ("fish", "function _llmring_completion")]
)
def test_scripts_are_written(llmring: Command, shell: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the shell that is named, or the one in use."""
    named = llmring("completion", shell)
    assert word in named.out
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert llmring("completion") == named


def test_an_unknown_shell_is_misuse(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to be named."""
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    code, _, err = llmring("completion")
    assert (code, err) == (2, "error: say for which shell: bash, zsh or fish (see: llmring completion --help)\n")
