"""The command: find the sources, merge them, write the files or say what disagrees."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.registry import genai, litellm, llmring_registry, models_dev, overlay, write
from codegen.registry.merge import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh the registry; return 1, and write nothing, where sources disagree and the overlay does not decide."""
    parser = argparse.ArgumentParser(prog="python -m codegen.registry", description=__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="folder with models.dev/ and llmring-registry/")
    parser.add_argument("--litellm", type=Path, help="litellm wheel; without it, pip downloads one")
    parser.add_argument("--output", type=Path, default=ROOT / "spec" / "models", help="where to write")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date(), help="the day to call today")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        files, problems = refresh(chosen.sources, chosen.litellm or download(Path(scratch)), chosen.date)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    for name, text in files.items():
        (chosen.output / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} files written to {chosen.output}")
    return 0


def refresh(
    folder: Path, wheel: Path, day: date, decisions: Path = ROOT / "spec" / "models" / "overlay.yaml"
) -> tuple[dict[str, str], list[str]]:
    """Return the text of each file, or what keeps them from being written."""
    sources = {source.key: source for source in (models_dev.SOURCE, llmring_registry.SOURCE, genai.source(day), litellm.source(wheel, day))}
    records = [*models_dev.read(folder / "models.dev"), *llmring_registry.read(folder / "llmring-registry"), *litellm.read(wheel)]
    decided = overlay.read(decisions)
    merged = merge(records, sources, decided, day)
    problems = [*merged.disagreements, *decided.unused()]
    if problems:
        return {}, problems
    return {
        f"{provider}.yaml": write.file(provider, entries, sources, day)
        for provider, entries in groupby(merged.entries, key=lambda entry: entry.provider)
    }, []


def download(folder: Path) -> Path:
    """Fetch the litellm wheel into *folder* by pip; it is read, never installed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder), "litellm"]
    subprocess.run(command, check=True)
    return next(folder.glob("litellm-*.whl"))


if __name__ == "__main__":
    sys.exit(main())
