"""Record ``llmring mcp chat`` in a real terminal, tmux, against npm's server-everything and the simulator, into ``sessions``.

npm install --prefix SOMEWHERE @modelcontextprotocol/server-everything
python -m tests.cli.record_mcp_chat SOMEWHERE/node_modules/@modelcontextprotocol/server-everything/dist/index.js
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from llmring.testing.simulator import Simulator
from tests.rings import lockfile

RECORDED = Path(__file__).with_name("sessions")
MODEL = "openai:gpt-5.4-mini"
WELCOME = """\
I have the tools of **server-everything**:

- `get-sum` adds two numbers
- `echo` repeats what it is given

| tool | takes |
| --- | --- |
| get-sum | a, b |
| echo | message |

What shall it be?"""
SCRIPT: list[Any] = [
    WELCOME,
    {"calls": [{"name": "get-sum", "arguments": {"a": 2, "b": 40}}]},
    "The sum is **42**:\n\n```python\nprint(2 + 40)\n```",
    {"calls": [{"name": "echo", "arguments": {"message": "one\ntwo"}}, {"name": "get-tiny-image", "arguments": {}}]},
    "It has repeated two lines; a picture was not wanted.",
    {"calls": [{"name": "get-resource-links", "arguments": {"count": 10}}]},
    "Ten resources, five of them texts.",
    {"calls": [{"name": "trigger-long-running-operation", "arguments": {"duration": 60, "steps": 60}}]},
    "As you like: it was stopped.",
    "That resource says when it was made.",
]
COMMAND = "llmring mcp chat --config servers.json"
LEAVE = "[a]lways this tool:"
TALK: list[tuple[str, str]] = [
    ("Hello, what can you do?", "What shall it be?"),
    ("Add 2 and 40.", LEAVE),
    ("y", "print(2 + 40)"),
    ("Repeat two lines, and draw.", LEAVE),
    ("a", LEAVE),
    ("n", "was not wanted."),
    ("Which resources are there?", LEAVE),
    ("y", "five of them texts."),
    ("Now something slow.", LEAVE),
    ("y", "runs: 1 of 60"),
    ("C-c", "stopped"),
    ("Never mind.", "it was stopped."),
    ("/prompts args-prompt city=Lisbon", "> What's weather in Lisbon?"),
    ("C-c", "ends"),
    ("/resources demo://resource/dynamic/text/1", "goes with"),
    ("What does it say?", "when it was made."),
    ("/history", "assistant That resource"),
    ("/cost", "tokens in"),
    ("/help", "it leaves."),
    ("/exit", "left 0"),
]


class Tmux:
    """A terminal of so many columns, read as a user would."""

    def __init__(self, folder: Path, columns: int) -> None:
        """Start a shell in it."""
        self._socket = str(folder / f"tmux.{columns}")
        self._do("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", str(columns), "-y", "45", "sh")

    def _do(self, *arguments: str) -> str:
        return subprocess.run(["tmux", "-S", self._socket, *arguments], check=True, capture_output=True, text=True).stdout

    @property
    def screen(self) -> str:
        """What is on the screen and above it."""
        return self._do("capture-pane", "-p", "-t", "s", "-S", "-")

    def press(self, keys: str) -> None:
        """Type *keys*, or press the key that is named so."""
        self._do("send-keys", "-t", "s", *([keys] if keys == "C-c" else ["-l", keys]))
        if keys != "C-c":
            self._do("send-keys", "-t", "s", "Enter")

    def wait(self, wanted: str, more_than: int) -> None:
        """Wait until *wanted* is on the screen more often than so many times."""
        until = time.monotonic() + 60
        while self.screen.count(wanted) <= more_than:
            if time.monotonic() > until:
                sys.exit(f"waited for {wanted!r} in\n{self.screen}")
            time.sleep(0.1)
        time.sleep(0.5)

    def end(self) -> None:
        """End the shell."""
        self._do("kill-server")


def record(server: str, columns: int) -> str:
    """Give what the terminal shows."""
    with tempfile.TemporaryDirectory() as name, Simulator(script=SCRIPT) as simulator:
        folder = Path(name)
        lockfile(folder, fast=[MODEL])
        (folder / "servers.json").write_text(json.dumps({"mcpServers": {"everything": {"command": "node", "args": [server]}}}))
        os.environ |= {
            "OPENAI_BASE_URL": simulator.urls["openai"],
            "OPENAI_API_KEY": "any",
            "XDG_DATA_HOME": name,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        terminal = Tmux(folder, columns)
        try:
            terminal.press(f"cd {name}; clear; tmux -S {terminal._socket} clear-history")
            time.sleep(1)
            terminal.press(f"{COMMAND}; echo left $?")
            terminal.wait("15 tools", 0)
            for keys, wanted in TALK:
                before = terminal.screen.count(wanted)
                terminal.press(keys)
                terminal.wait(wanted, before)
            return terminal.screen
        finally:
            terminal.end()


def main() -> None:
    """Record at both widths."""
    for columns in (80, 120):
        lines = [line.rstrip() for line in record(sys.argv[1], columns).replace("; echo left $?", "").rstrip().splitlines()]
        first = max(at for at, line in enumerate(lines) if line.endswith(COMMAND))
        shown = [f"$ {COMMAND}", *lines[first + 1 : lines.index("left 0")], "exit 0"]
        (RECORDED / f"mcp-chat.{columns}.txt").write_text("\n".join(shown) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
