"""What a command of the command line loads: nothing that others need, so that each starts at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llmring._core.ledger import row
from llmring._gen.ledger import CallRecord
from llmring._io.ledger_files import NAME, append
from tests.test_import_cost import LOCKFILE, belongs

if TYPE_CHECKING:
    from pathlib import Path

NEVER = {
    "asyncio", "cattrs", "click.testing", "concurrent.futures", "dataclasses", "email", "hashlib", "http", "httpcore2", "httpx2",
    "importlib.metadata", "jsonschema", "logging", "mcp", "orjson", "pydantic", "rich", "socket", "ssl", "subprocess", "tempfile",
    "tomlkit", "urllib.request",
}  # fmt: skip
"""What is for calls, terminals and faults alone."""
LIGHT = NEVER | {"attr", "attrs", "importlib.util", "pathlib", "shutil", "sqlite3"}
FIRST = LIGHT | {"decimal", "json", "tomllib", "click.shell_completion", "llmring._core", "llmring._io", "llmring._sync"}
NO_LEDGER = {"sqlite3", "llmring.ledger", "llmring._gen.ledger"}
RING = {"llmring._async", "llmring._facade", "llmring._sync", "llmring._io.shared"}
LOADED = {
    "--version": FIRST | {"llmring.cli.naming_commands", "llmring.cli.mcp_client_commands"},
    "--help": FIRST - {"shutil"},
    "bind --help": (FIRST - {"shutil"}) | {"llmring.cli.chat_command", "llmring.cli.lock_commands"},
    "aliases": LIGHT | {"llmring._async", "llmring._data"},
    "list": LIGHT | RING | {"tomllib"},
    "list --provider openai --json": LIGHT | RING | {"tomllib"},
    "info fast": LIGHT | {"llmring._async"},
    "providers": NEVER | {"attr", "attrs", "sqlite3"},
    "lock": LIGHT | RING,
    "lock check": LIGHT | RING,
    "lock diff": LIGHT | RING,
    "lock types --output -": LIGHT | RING,
    "bind x openai:gpt-5.4-mini": LIGHT | RING,
    "unbind fast": LIGHT | RING,
    "cache info": (LIGHT - {"hashlib"}) | RING | {"tomllib"},
    "registry info": (LIGHT - {"hashlib"}) | RING | {"tomllib"},
    "completion bash": LIGHT | RING | {"tomllib"},
    "doctor": NEVER | {"attr", "attrs", "sqlite3"},
    "stats": NEVER | RING | {"importlib.util", "tomllib"},
    "estimate hello": NEVER | NO_LEDGER | {"llmring._core.structured", "llmring._core.jsontext", "llmring._gen.request", "importlib.util"},
}
"""Commands, and what none of them may load where stdout is no terminal."""
TYPED = {
    "llmring li": FIRST | {"llmring.cli.chat_command", "llmring.cli.lock_commands"},
    "llmring chat --model fa": LIGHT | {"llmring.cli.lock_commands"},
    "llmring bind x openai:gpt": LIGHT | RING | {"tomllib"},
}
"""Lines at whose end a shell asks for names, and what that may not load."""

PROBE = """
import atexit, json, sys
before = set(sys.modules)
atexit.register(lambda: print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr))
from llmring.cli import main
main()
"""


def loaded(folder: Path, *arguments: str, typed: str | None = None) -> list[str]:
    """Run a command in a fresh interpreter, or complete what is *typed*, and give the modules that this loaded."""
    (folder / "llmring.lock").write_text(LOCKFILE)
    wanted = {} if typed is None else {"COMP_LINE": typed, "_LLMRING_COMPLETE": "bash_complete"}
    variables = os.environ | {"OPENAI_API_KEY": "none", "XDG_DATA_HOME": str(folder), "XDG_CACHE_HOME": str(folder)} | wanted
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, cwd=folder, env=variables, input="", capture_output=True, text=True, check=False)
    assert not done.stderr.startswith("error: ")
    return json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("line, unwanted", LOADED.items(), ids=LOADED.keys())
def test_loads_nothing_that_it_does_not_need(tmp_path: Path, line: str, unwanted: set[str]) -> None:
    """A command that needs no network starts without what makes calls, paints terminals or explains faults."""
    assert [name for name in loaded(tmp_path, *line.split()) if belongs(name, unwanted)] == []


@pytest.mark.parametrize("line, unwanted", TYPED.items(), ids=TYPED.keys())
def test_completes_without_what_it_does_not_need(tmp_path: Path, line: str, unwanted: set[str]) -> None:
    """A shell waits for no other command than the one that is typed."""
    found = loaded(tmp_path, typed=line)
    assert "click.shell_completion" in found
    assert [name for name in found if belongs(name, unwanted - {"click.shell_completion"})] == []


def test_reads_a_ledger_without_what_takes_addresses_apart(tmp_path: Path) -> None:
    """SQLite is told of the file by an address that is written without urllib."""
    (tmp_path / "llmring").mkdir()
    append(str(tmp_path / "llmring" / NAME), [row(CallRecord(time="2026-11-27T12:00:00.000+00:00", model="openai:gpt-5.4-mini"))])
    found = loaded(tmp_path, "stats")
    assert "sqlite3" in found
    assert [name for name in found if belongs(name, {"urllib", "ipaddress"})] == []
