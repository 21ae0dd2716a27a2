"""Call a server by what its command runs: a script, a module or a package rather than its launcher."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

PYTHON: Final = frozenset({".py"})
NODE: Final = frozenset({".js", ".mjs", ".cjs"})
_LAUNCHERS: Final = frozenset({"npx", "uvx", "uv", "node", "deno", "bun", "bunx", "pnpm", "docker", "env"})
_DULL: Final = frozenset({"__main__", "build", "cli", "dist", "index", "lib", "main", "out", "src"})
"""Names of scripts and folders that name no server."""
_RUNS: Final = frozenset({"run", "exec", "dlx", "tool", "x"})
"""Words between a launcher and what it launches."""


def of_command(program: str, args: Sequence[str]) -> str:
    """Name the server that *program* runs with *args*."""
    stem = PurePath(program).stem
    if stem not in _LAUNCHERS and not stem.startswith("python"):
        return stem
    if "-c" in args or "-e" in args:
        return stem
    words = [word for word in args if not word.startswith("-") and word not in _RUNS]
    if not words:
        return stem
    if PurePath(words[0]).suffix in PYTHON | NODE:
        return of_script(words[0])
    last = words[0].rstrip("/").rpartition("/")[2]
    return last.partition("@")[0] or stem


def of_script(script: str) -> str:
    """Name the server of a *script*, or the folder of one whose own name says nothing."""
    path = PurePath(script)
    telling = [each for each in (path.stem, *(parent.name for parent in path.parents)) if each and each not in _DULL]
    return telling[0] if telling else path.stem
