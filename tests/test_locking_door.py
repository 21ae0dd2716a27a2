"""The door to pins: a lockfile is pinned, held against another registry, and made a type."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from llmring import locking
from llmring.exceptions import LockfileError, LockfileParseError, UnknownProfileError
from llmring.lockfile import Lockfile
from llmring.locking import PinChange
from tests._core.small_registry import registry, rows

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
# Ours.
[[profiles.default.bindings]]
alias = "fast"  # quick
models = ["openai:gpt-5", "anthropic:claude-1"]

[[profiles.dev.bindings]]
alias = "local"
models = ["ollama:mine"]
"""
DAY = date(2026, 11, 27)


def moved() -> dict[str, dict[str, dict[str, object]]]:
    """Give a registry's rows of another day: one price has doubled, and one model can do less and more."""
    given = rows()
    given["anthropic"]["claude-1"] |= {"p": [{"r": ["6", "15"], "t": [[200000, "6"]], "d": "2026-12-01"}], "y": 5, "w": 2}
    return given


def test_pins_what_is_bound_and_keeps_comments() -> None:
    """Twice is as good as once."""
    lock = Lockfile(TEXT)
    changes = locking.lock(lock, registry=registry(), today=DAY)
    assert changes == [
        PinChange("openai:gpt-5", "pin", None, "gpt-5-2026-03-17"),
        PinChange("anthropic:claude-1", "pin", None, "claude-1"),
    ]
    assert "# Ours." in lock.text
    assert "# quick" in lock.text
    assert lock.get_profile("default").registry_versions == {"openai": 20261123, "anthropic": 20261123}
    assert [one.code for one in locking.check(lock, registry=registry(), today=DAY)] == ["unchecked"]
    once = lock.text
    assert locking.lock(lock, registry=registry(), today=DAY) == locking.diff(lock, registry=registry(), today=DAY) == []
    assert lock.text == once


def test_tells_what_moved() -> None:
    """As changes by `diff`, as findings by `check`."""
    lock = Lockfile(TEXT)
    locking.lock(lock, registry=registry(), today=DAY)
    other = registry(moved(), "2026-12-02", "bbbb")
    day = date(2026, 12, 2)
    assert locking.diff(lock, registry=other, today=day) == [
        PinChange("anthropic:claude-1", "can.vision", "yes", "no"),
        PinChange("anthropic:claude-1", "price.input", "3", "6", 100.0),
        PinChange("anthropic:claude-1", "can.reasoning", "no", "yes"),
    ]
    told = [one.code for one in locking.check(lock, registry=other, today=day) if one.severity == "error"]
    assert told == ["ability-lost", "price-changed"]


def test_a_newer_registry_is_taken_over_where_it_says_the_same() -> None:
    """What moved stays pinned as it was, and is told."""
    lock = Lockfile(TEXT)
    locking.lock(lock, registry=registry(), today=DAY)
    left = locking.bump_registry(lock, registry=registry(moved(), "2026-12-02", "bbbb"), today=date(2026, 12, 2))
    assert {change.model for change in left} == {"anthropic:claude-1"}
    pins = lock.to_dict()["pins"]
    assert pins["openai:gpt-5"]["registry"] == {"version": "2026-12-02", "hash": "bbbb"}
    assert pins["anthropic:claude-1"]["registry"] == {"version": "2026-11-23", "hash": "aaaa"}
    assert pins["anthropic:claude-1"]["price"]["input"] == "3"
    assert lock.get_profile("default").registry_versions == {"openai": 20261202, "anthropic": 20261202}


def test_pins_of_what_is_no_longer_bound_go() -> None:
    """They are told as changes."""
    lock = Lockfile(TEXT)
    locking.lock(lock, registry=registry(), today=DAY)
    lock.set_binding("fast", ["openai:gpt-5"], profile="default")
    assert locking.lock(lock, registry=registry(), today=DAY) == [PinChange("anthropic:claude-1", "pin", "claude-1", None)]
    assert list(lock.to_dict()["pins"]) == ["openai:gpt-5"]


def test_providers_of_ones_own_may_be_named() -> None:
    """Else they are none."""
    lock = Lockfile(TEXT.replace("ollama:mine", "corp:mine"))
    assert "unknown-provider" in [one.code for one in locking.check(lock, registry=registry(), today=DAY)]
    assert "unchecked" in [one.code for one in locking.check(lock, providers=["corp"], registry=registry(), today=DAY)]


def test_a_package_that_is_missing_is_found(tmp_path: Path) -> None:
    """By the check as a finding, by what needs it as an error."""
    lock = Lockfile('[extends]\npackages = ["no-such-package"]\n' + TEXT, tmp_path / "llmring.lock")
    (finding, *_) = locking.check(lock, registry=registry(), today=DAY)
    assert (finding.code, finding.subject) == ("extends", "no-such-package")
    assert "which is not installed or has no llmring.lock; install it" in finding.message
    with pytest.raises(LockfileError, match="which is not installed"):
        locking.alias_module(lock)


def test_aliases_of_packages_are_checked_and_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is not imported."""
    package = tmp_path / "my_library"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    (package / "llmring.lock").write_text(TEXT.replace("gpt-5", "gone"), encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    lock = Lockfile('[extends]\npackages = ["my-library"]\n' + TEXT)
    assert ("unknown-model", "default/my-library:fast") in [
        (one.code, one.subject) for one in locking.check(lock, registry=registry(), today=DAY)
    ]
    assert '    "my-library:fast",\n' in locking.alias_module(lock)


def test_aliases_become_a_type(tmp_path: Path) -> None:
    """Of all profiles or of one; the module runs, and formatters leave it as it is."""
    lock = Lockfile(TEXT)
    assert 'Alias = Literal[\n    "fast",\n    "local",\n]\n' in locking.alias_module(lock)
    text = locking.alias_module(lock, profile="dev")
    assert 'Alias = Literal["local"]\n' in text
    module = tmp_path / "aliases.py"
    module.write_text(text, encoding="utf-8")
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert str(namespace["Alias"]) == "typing.Literal['local']"
    (tmp_path / "more.py").write_text(locking.alias_module(lock), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(tmp_path)], check=True, capture_output=True)
    with pytest.raises(UnknownProfileError):
        locking.alias_module(lock, profile="prod")
    with pytest.raises(LockfileError, match="binds no alias"):
        locking.alias_module(Lockfile())


def test_the_registry_in_force_and_today_are_the_defaults() -> None:
    """Without either, the world is that of this process."""
    assert locking.diff(Lockfile(TEXT)) == locking.lock(Lockfile(TEXT))


def test_a_text_is_replaced_as_a_whole() -> None:
    """One with a fault changes nothing."""
    lock = Lockfile(TEXT)
    with pytest.raises(LockfileParseError):
        lock.replace("oops = 1")
    assert lock.text == TEXT
