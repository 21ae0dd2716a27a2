"""The lockfile of this repository, which README and docs use, is pinned, and its pins hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from llmring import locking
from llmring.lockfile import Lockfile
from llmring.registry import load

ROOT = Path(__file__).parents[1]


def test_its_aliases_are_the_type_that_tests_use() -> None:
    """As ``llmring lock types --output tests/typing/own_aliases.py`` writes them."""
    written = (ROOT / "tests" / "typing" / "own_aliases.py").read_text(encoding="utf-8")
    assert written == locking.alias_module(Lockfile.load(ROOT / "llmring.lock"))


def test_nothing_has_drifted_on_the_registry_s_day() -> None:
    """What ``llmring lock check`` fails for, ``llmring lock`` takes over; models of Ollama nobody lists."""
    lockfile = Lockfile.load(ROOT / "llmring.lock")
    found = locking.check(lockfile, today=date.fromisoformat(load().date))
    assert [each.message for each in found if each.severity == "error"] == []
