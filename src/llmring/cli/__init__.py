"""The command line: a thin door to the public API. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that the process's arguments name, and exit: 0 done, 1 failed, 2 misused, 130 interrupted."""
    try:
        from llmring.cli.edge import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while it was still being loaded
        sys.stderr.write("interrupted\n")
        code = 130
    sys.exit(code)
