"""Files that ship inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).parent.parent / "_data"


def read_package_data(name: str) -> bytes:
    """Read the file *name* of ``llmring/_data``; small, so nobody waits for it elsewhere."""
    return (_DATA / name).read_bytes()
