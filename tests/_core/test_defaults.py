"""What a ring applies to every call: judged once, changed in copies."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.defaults import SEPARATE_DEFAULT, VARIABLE, Defaults
from llmring._core.timeouts import Timeout
from llmring.exceptions import ConfigurationError


def read(environment: dict[str, str] | None = None, **changes: Any) -> Defaults:
    """Read the settings of a constructor."""
    given: dict[str, Any] = {"profile": None, "timeout": SEPARATE_DEFAULT, "max_retries": 2, "on_unsupported": "error", **changes}
    return Defaults.read(environment=environment or {}, **given)


def test_what_holds_when_nothing_is_said() -> None:
    """Ten minutes, two retries, no profile, and errors."""
    defaults = read()
    assert (defaults.profile, defaults.timeout, defaults.max_retries, defaults.on_unsupported) == (None, Timeout(attempt=600), 2, "error")
    assert defaults.timeout is defaults.timeout


@pytest.mark.parametrize("text, limit", [("30", 30), (" 0.5 ", 0.5), ("", 600), ("  ", 600)])
def test_the_environment_may_say_how_long(text: str, limit: float) -> None:
    """Unless the constructor does, be it the same number."""
    assert read({VARIABLE: text}).timeout == Timeout(attempt=limit)
    assert read({VARIABLE: text}, timeout=float("6e2")).timeout == Timeout(attempt=600)
    assert read({VARIABLE: text}, timeout=None).timeout == Timeout()
    assert read({VARIABLE: text}, timeout=Timeout(total=5)).timeout == Timeout(total=5)


@pytest.mark.parametrize("text", ["soon", "-1", "0", "nan", "inf"])
def test_a_wrong_variable_is_named(text: str) -> None:
    """With what it says."""
    with pytest.raises(ConfigurationError, match=f"{VARIABLE} must be a positive number of seconds, not '{text}'"):
        read({VARIABLE: text})


WRONG: dict[str, list[Any]] = {
    "timeout": ["5", True, 0, -1, float("nan"), float("inf"), [], object()],
    "max_retries": [-1, 1.0, True, None, "2"],
    "on_unsupported": ["ignore", None, [], {}],
    "profile": ["", 5, []],
}


@pytest.mark.parametrize("name, value", [(name, value) for name, values in WRONG.items() for value in values])
def test_wrong_settings_are_named(name: str, value: Any) -> None:
    """When the ring is made."""
    with pytest.raises(ConfigurationError, match=f"^{name} must be "):
        read(**{name: value})


def test_a_copy_changes_what_is_given() -> None:
    """And nothing else; None for a timeout means no limit."""
    defaults = read(profile="dev", timeout=5)
    same: dict[str, Any] = {"profile": None, "timeout": SEPARATE_DEFAULT, "max_retries": None, "on_unsupported": None}

    def told(changed: Defaults) -> tuple[Any, ...]:
        return changed.profile, changed.timeout, changed.max_retries, changed.on_unsupported

    assert told(defaults.changed(**same)) == told(defaults) == ("dev", Timeout(attempt=5), 2, "error")
    assert told(defaults.changed(profile="prod", timeout=None, max_retries=0, on_unsupported="drop")) == ("prod", Timeout(), 0, "drop")
    with pytest.raises(ConfigurationError, match="max_retries"):
        defaults.changed(profile=None, timeout=None, max_retries=-1, on_unsupported=None)
