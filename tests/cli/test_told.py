"""What the edges of the command line say: errors of the system, addresses, columns."""

from __future__ import annotations

import errno

import pytest

from llmring.cli.terminal import columns, reason, without_secrets
from llmring.exceptions import LockfileNotFoundError


@pytest.mark.parametrize(
    "error, told",
    [
        (PermissionError(errno.EACCES, "Permission denied", "x.csv"), "x.csv: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError("odd"), "odd"),
        (LockfileNotFoundError("There is no lockfile"), "There is no lockfile"),
        (ValueError("not so"), "not so"),
    ],
)
def test_an_error_of_the_system_has_its_file_in_front(error: Exception, told: str) -> None:
    """Its number tells nobody anything."""
    assert reason(error) == told


@pytest.mark.parametrize(
    "url, told",
    [
        ("https://example.com:8000/models.json", "https://example.com:8000/models.json"),
        ("https://me:key@example.com/models.json?token=key#x", "https://example.com/models.json"),
        ("https://me:key@[oops/models.json?token=key", "[oops/models.json"),
        ("models.json", "models.json"),
    ],
)
def test_addresses_are_shown_without_secrets(url: str, told: str) -> None:
    """Even those that are none."""
    assert without_secrets(url) == told


@pytest.mark.parametrize("text, wide", [("abc", 3), ("日本", 4), ("cafe\u0301", 4), ("\N{WOMAN}\N{ZERO WIDTH JOINER}", 2)])
def test_columns_are_those_of_a_terminal(text: str, wide: int) -> None:
    """Not characters."""
    assert columns(text) == wide
