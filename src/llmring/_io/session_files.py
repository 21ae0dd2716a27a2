"""The files of conversations: where they are, and how a line reaches one whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llmring._io.folders import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "LLMRING_SESSIONS"
SUFFIX: Final = ".jsonl"

_ON: Final = frozenset({"", "1", "true", "yes", "on"})
_OFF: Final = frozenset({"0", "false", "no", "off"})


def sessions_folder(environment: Mapping[str, str]) -> Path | None:
    """Give the folder that *environment* names, or the one among the user's data; None where none are to be kept.

    Raises:
        ConfigurationError: this user has no home.

    """
    named = environment.get(VARIABLE, "").strip()
    if named.lower() in _OFF:
        return None
    if named.lower() not in _ON:
        return Path(named).expanduser().absolute()
    return Path(data_folder(environment)) / "sessions"


def append(path: Path, text: str) -> None:
    """Add *text*, whole lines, to the file at *path* and wait until it is there; a torn line before it is ended.

    Raises:
        OSError: it could not be written; the file is as it was.

    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    try:
        size = os.fstat(at).st_size
        data = (b"" if _ends_well(at, size) else b"\n") + text.encode()
        try:
            written = os.write(at, data)
            os.fsync(at)
        except OSError:
            os.ftruncate(at, size)
            raise
        if written < len(data):
            os.ftruncate(at, size)
            raise OSError(f"{path}: there is no room for more")
    finally:
        os.close(at)


def _ends_well(at: int, size: int) -> bool:
    """Tell whether the open file ends with a line feed, or is empty."""
    if not size:
        return True
    os.lseek(at, size - 1, os.SEEK_SET)
    return os.read(at, 1) == b"\n"
