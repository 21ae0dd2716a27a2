"""The servers of others that the tests speak with: npm's, installed once for all runs, outside of the tree.

``python -m tests.mcp.peers`` installs them ahead of the tests and prints where they are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

WANTED: Final = [Path(__file__).with_name(name) for name in ("package.json", "package-lock.json")]
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmring-tests"
"""Where they are kept; read before tests get folders of their own."""


class PeersMissingError(RuntimeError):
    """The servers cannot be installed; without them the tests would show less than they claim."""


def installed() -> Path:
    """Give the folder of npm's packages, filled at the first call of any process; others wait for it meanwhile.

    Raises:
        PeersMissingError: npm or node is not there, or npm failed.

    """
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in WANTED)).hexdigest()[:16]
    home = CACHE / f"npm-{digest}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(home)
            (home / "complete").touch()
    return home / "node_modules" / "@modelcontextprotocol"


def _install(home: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        message = "The tests of MCP need Node: put node and npm on the path."
        raise PeersMissingError(message)
    for path in WANTED:
        shutil.copy(path, home)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"npm could not install the servers that the tests of MCP speak with:\n{done.stderr or done.stdout}"
        raise PeersMissingError(message)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{installed()}\n")
    except PeersMissingError as error:
        sys.exit(str(error))
