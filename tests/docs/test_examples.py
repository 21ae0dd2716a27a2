"""Every example of the README and the documentation runs, page by page, from the top, against the simulator.

Python runs in one namespace per page, and may ``await`` at its top level where the page is about coroutines. Shell blocks run
unless they install, or serve until they are stopped; TOML must be a lockfile and JSON must be JSON. Another language must be ``text``.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from sybil import Sybil
from sybil.evaluators.python import pad
from sybil.parsers.markdown import CodeBlockParser

from llmring import SyncLLMRing
from llmring.lockfile import Lockfile

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from sybil import Example

    from llmring.testing.simulator import Simulator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "index.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
TRIED = [pytest.param(path, marks=pytest.mark.extra) if path.name == "mcp.md" else path for path in PAGES]
"""The same, where what they need may be missing."""
SCRIPTS = sorted((ROOT / "docs" / "examples").glob("*.py"))
NOT_RUN = re.compile(r"(python3? -m (pip|nox|venv)|git clone|cd|export|([A-Z_]+=\S+ )?llmring (simulate|mcp serve))\b|#|$")
"""A shell block made of such lines alone installs something, sets something up, or never ends."""
LANGUAGES = ("python", "sh", "toml", "json", "text")
CORPORATE = "https://llm.corp.example/v1"
"""The server of the reader's own that the pages configure; the simulator stands in for it."""


class Page:
    """One page, read by somebody who tries everything."""

    def __init__(self, path: Path, simulator: Simulator) -> None:
        """Read *path*; *simulator* stands in for every server."""
        self.simulator = simulator
        evaluators: dict[str, Callable[[Example], None]] = {
            "python": self.python,
            "sh": shell,
            "toml": lockfile,
            "json": decode,
            "text": nothing,
        }
        parsers = [CodeBlockParser(language, evaluator) for language, evaluator in evaluators.items()]
        self.document = Sybil(parsers, path=str(path.parent)).parse(path)

    def run(self) -> None:
        """Try every example from the top; close the rings at the end, where a script would end."""
        with contextlib.ExitStack() as stack:
            for example in self.document.examples():
                example.evaluate()
                for value in self.document.namespace.values():
                    if isinstance(value, SyncLLMRing):
                        stack.callback(cast("SyncLLMRing", value).close)

    def python(self, example: Example) -> None:
        """Run a Python block; the line numbers of a traceback are those of the page."""
        source = pad(str(example.parsed), example.line + example.parsed.line_offset)
        source = source.replace(CORPORATE, self.simulator.urls["openai"])
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, example.path, "exec", flags=flags, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, example.namespace))
        else:
            exec(code, example.namespace)


def shell(example: Example) -> None:
    """Run a shell block, unless all its lines are of the kind that is not run."""
    source = str(example.parsed)
    if not all(NOT_RUN.match(line) for line in source.splitlines()):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", source], stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, f"{example.path}:{example.line}: {done.stderr}"
        assert done.stdout


def lockfile(example: Example) -> None:
    """Read a lockfile."""
    assert Lockfile(str(example.parsed)).profiles


def decode(example: Example) -> None:
    """Decode JSON."""
    json.loads(str(example.parsed))


def nothing(example: Example) -> None:
    """Leave what is shown and not run."""


def name_of(path: Path) -> str:
    """Name a page or a script in a test's id."""
    return str(path.relative_to(ROOT))


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads that an example starts, and those of the simulator, be seen to fail: a ring would go on to its next model."""
    failures: list[object] = []

    def note_thread(failed: threading.ExceptHookArgs) -> None:
        failures.append(failed.exc_value)

    def note_request(*_: object) -> None:
        failures.append(sys.exc_info()[1])

    monkeypatch.setattr("threading.excepthook", note_thread)
    monkeypatch.setattr("socketserver.BaseServer.handle_error", note_request)
    yield
    assert failures == []


@pytest.mark.parametrize("path", TRIED, ids=name_of)
def test_every_example_of_the_page_runs(path: Path, reader: Path, simulator: Simulator, quiet: None) -> None:
    """A reader who copies every block, in order, gets no error."""
    Page(path, simulator).run()


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_every_script_runs(
    path: Path, reader: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, quiet: None
) -> None:
    """A script of the documentation runs to its end and says something."""
    monkeypatch.setattr("sys.argv", [str(path)])
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_block_is_of_a_language_that_is_tried(path: Path) -> None:
    """No block escapes because it is marked in another way."""
    opened = re.findall(r"^ *```(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    fences = re.findall(r"^ *```", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(opened)
    assert set(opened) <= set(LANGUAGES)
