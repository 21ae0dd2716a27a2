"""The types that a checker infers for the public API, errors included."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.extra

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MARK = re.compile(r"  # pyright: ignore\[(?P<rules>[\w, ]+)\]")

Found = set[tuple[str, int, str]]
"""File, line from 1, and the rule that is broken there."""


def marked(name: str) -> Found:
    """Return the errors that the marks of file *name* announce."""
    lines = (HERE / name).read_text(encoding="utf-8").split("\n")
    marks = [(number, match["rules"]) for number, line in enumerate(lines, 1) if (match := MARK.search(line))]
    return {(name, number, rule) for number, rules in marks for rule in rules.split(", ")}


def reported(folder: Path) -> Found:
    """Return what pyright, as strict as for the project, finds in *folder*."""
    settings = {"include": ["."], "extraPaths": [str(ROOT / "src")], "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    return {(Path(each["file"]).name, each["range"]["start"]["line"] + 1, each.get("rule", each["message"])) for each in found}


def test_errors_are_those_marked(tmp_path: Path) -> None:
    """With the marks taken away, each line that had one is an error of its rule, and no other line is any."""
    names = ["calls.py", "aliases.py", "own_aliases.py"]
    for name in names:
        text = (HERE / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(MARK.sub("", text), encoding="utf-8")
    assert reported(tmp_path) == {mark for name in names for mark in marked(name)}
