"""Files that ship inside the package."""

from __future__ import annotations

import os
from typing import Final

_DATA: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "_data")


def read_package_data(name: str) -> bytes:
    """Read the file *name* of ``llmring/_data``; small, so nobody waits for it elsewhere."""
    with open(os.path.join(_DATA, name), "rb") as file:
        return file.read()
