"""The promises that the repository makes about itself."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest

from llmring._version import __version__

ROOT = Path(__file__).parents[1]
TEST_COMMAND = "python -m pip install nox && python -m nox"
SOURCE = ROOT / "src" / "llmring"
FLOORS = ("_base", "_core", "_gen", "protocols")
PURE = [path for path in sorted(SOURCE.rglob("*.py")) if path.relative_to(SOURCE).parts[0].removesuffix(".py") in FLOORS]


def test_continuous_integration_runs_the_readmes_command() -> None:
    """What a reader is told to run is what is run for every commit."""
    for path in (ROOT / "README.md", ROOT / ".ci" / "run"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert TEST_COMMAND in [line.strip() for line in lines], path.name


def test_version_is_written_once() -> None:
    """Packaging reads the version from the code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert __version__.count(".") == 2


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_pure_floors_open_nothing(path: Path) -> None:
    """No builtin does input or output there; imports are the contracts' business."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = {call.id for call in calls if isinstance(call, ast.Name)}
    assert named.isdisjoint({"open", "input", "print", "breakpoint", "exec", "eval", "__import__"})


def test_nothing_is_skipped() -> None:
    """A test that cannot run fails; none is skipped or expected to fail, and what a run does without is left out by a marker."""
    banned = ("pytest.skip", "mark.skip", "mark.xfail", "importorskip", "pytest.xfail")
    paths = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert [(path.name, word) for path in paths for word in banned if word in path.read_text(encoding="utf-8")] == []


def test_every_changelog_fragment_has_a_known_kind() -> None:
    """Fragments are named ``<words>.<kind>.md``, so that none is lost when a release is cut."""
    kinds = {
        kind["directory"] for kind in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]["type"]
    }
    fragments = [path for path in (ROOT / "changes").glob("*.md") if path.name != "README.md"]
    assert [path.name for path in fragments if path.name.split(".")[-2] not in kinds] == []


def test_ci_script_is_valid_shell() -> None:
    """The script parses, and may be started as it is."""
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(script)], check=True)
