"""Run every generator over the spec, then write what they say or, with ``--check``, compare it with the tree."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from codegen import GenerationError
from codegen.load import SpecError, load_spec
from codegen.tree import Differences, compare, formatted, unmarked, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codegen.load import Spec

ROOT = Path(__file__).resolve().parents[1]

GENERATORS = ("emit", "hosted_tools", "providers", "models", "jsonschemas", "schemas", "unasync", "facade", "docs")
"""The modules of this package that each export ``generate(spec) -> {path: text}``."""


class Generator(Protocol):
    """A module that generates files."""

    def generate(self, spec: Spec) -> dict[str, str]:
        """Return the text of each file, by its path in the repository."""
        ...


def collect(spec: Spec) -> tuple[dict[str, str], list[str]]:
    """Return the files of all generators, unformatted, and what kept any of them from its own."""
    files: dict[str, str] = {}
    problems: list[str] = []
    for name in GENERATORS:
        try:
            made = cast("Generator", import_module(f"codegen.{name}")).generate(spec)
        except GenerationError as error:
            problems.extend(error.problems)
            continue
        problems.extend(f"{path}: codegen.{name} gives it no header" for path in unmarked(made))
        problems.extend(f"{path}: codegen.{name} is not the only one to generate it" for path in made.keys() & files.keys())
        files |= made
    return files, problems


def run(spec: Spec, *, check: bool) -> tuple[Differences, list[str], int]:
    """Write what *spec* determines, or with *check* compare it; return what differed, the problems, and the number of files."""
    files, problems = collect(spec)
    files = formatted(spec.root, files)
    differences = compare(spec.root, files) if check else write(spec.root, files, prune=not problems)
    return differences, problems, len(files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what *arguments* ask for; return the exit code: 0 for a tree that is as generated, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name the files that are missing, changed or orphaned")
    options = parser.parse_args(arguments)
    try:
        differences, problems, count = run(load_spec(ROOT), check=options.check)
    except (GenerationError, SpecError) as error:
        differences, problems, count = Differences(), str(error).splitlines(), 0
    return report(differences, problems, count, check=options.check)


def report(differences: Differences, problems: list[str], count: int, *, check: bool) -> int:
    """Say on stderr what was found or done, and return the exit code."""
    for line in (*problems, *filter(None, str(differences).splitlines())):
        print(line, file=sys.stderr)
    missing, changed, orphan = map(len, differences)
    verb = "would be" if check else "were"
    print(f"{count} files; {missing} {verb} added, {changed} changed, {orphan} removed; {len(problems)} problems", file=sys.stderr)
    return 1 if problems or (check and any(differences)) else 0


if __name__ == "__main__":
    sys.exit(main())
