"""Write docs/benchmarks.md from what the benchmark measured; nox runs both, nothing in the page is written by hand."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BASE = "httpx2"

VERBS = {
    "call": "Blocking call",
    "acall": "Asynchronous call",
    "stream": "Blocking stream, 200 chunks",
    "astream": "Asynchronous stream, 200 chunks",
}
CASES = {"small": "", "big": ", 200 messages and 20 tools", "tool": ", answered by a tool call"}

HEAD = """# Benchmarks

Written by `nox -s bench` on {date}. What LLMRing itself costs: a server on the same machine answers at once with fixed bytes, every
subject runs in a process of its own, and all take turns. A cell is the client's CPU time divided by that of the bare HTTP client (httpx2,
a dict in, a dict out through `json`) in the same round; the median of {rounds} rounds. **Below 1 is less than the bare client.** The
column *speed* is LLMRing with its `speed` extra (orjson); *SDK* is the provider's own.

| | |
| --- | --- |
| machine | {machine} |
| Python | {python} |
| packages | {packages} |
"""

IMPORT = "import llmring; llmring.LLMRing(lockfile_path={lock!r}).require_aliases(['fast'])"


def main(folder: Path, ours: Path, theirs: Path) -> None:
    """Read the measurements in *folder*, made in the environments *ours* and *theirs*, and write the page."""
    plain, speed, busy, busy_speed = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("calls", "calls-speed", "conc", "conc-speed")
    )
    starts = starting(ours, theirs, json.loads((folder / "imports.json").read_text(encoding="utf-8")))
    rounds = os.environ.get("BENCH_ROUNDS", "7")
    PAGE.write_text(page((plain, speed), (busy, busy_speed), starts, facts(ours, theirs, rounds)), encoding="utf-8")


def page(calls: tuple[Any, Any], busy: tuple[Any, Any], starts: list[tuple[str, float]], known: dict[str, str]) -> str:
    """Lay out all tables: of *calls* and of those that were *busy* without the extra and with it, of *starts*, under what is *known*."""
    text = [HEAD.format(**known), "\n## Calls and streams\n", table(*calls), "\n## 100 calls in flight\n", table(*busy)]
    rows = "\n".join(f"| {what} | {ratio:.2f} |" for what, ratio in starts)
    text.append(f"\n## Starting\n\nCPU time divided by that of the OpenAI SDK doing the same.\n\n| | ratio |\n| --- | ---: |\n{rows}\n")
    return "\n".join(text)


def table(plain: Any, speed: Any) -> str:
    """Give one row for each cell that both runs have."""
    lines = ["| | provider | LLMRing | speed | SDK | bare client, µs |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for cell, found in plain.items():
        if cell.startswith("_") or "ours" not in found or cell not in speed:
            continue
        verb, provider, case = cell.split("/")
        quick = ratio(speed[cell], "ours")
        row = (VERBS[verb] + CASES[case], provider, ratio(found, "ours"), quick, ratio(found, "sdk"), f"{found[BASE]['cpu_us']:.0f}")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def ratio(found: Any, subject: str) -> str:
    """Give what *subject* cost in terms of the bare client, a dash where it was not measured."""
    return f"{found[subject]['cpu_x']:.2f}" if "cpu_x" in found.get(subject, {}) else "-"


def starting(ours: Path, theirs: Path, imports: Any) -> list[tuple[str, float]]:
    """Measure what a library does that asks for its aliases at import time; the first calls were measured before."""
    lock = str(Path(__file__).parents[1] / "llmring.lock")
    mine: list[float] = []
    other: list[float] = []
    for _ in range(12):
        mine.append(cpu(ours, IMPORT.format(lock=lock)))
        other.append(cpu(theirs, "import openai"))
    first = {name: imports[f"first call: {name}"]["cpu_ms"] for name in ("ours", "sdk")}
    return [
        ("`import llmring` and `require_aliases`, to `import openai`", statistics.median(mine[1:]) / statistics.median(other[1:])),
        ("from a cold start to the first answer", first["ours"] / first["sdk"]),
    ]


def cpu(environment: Path, code: str) -> float:
    """Give the seconds of CPU that *code* takes in a fresh interpreter."""
    timed = f"import time; began = time.process_time(); {code}; print(time.process_time() - began)"
    done = subprocess.run([environment / "bin" / "python", "-c", timed], check=True, capture_output=True, text=True)
    return float(done.stdout)


def facts(ours: Path, theirs: Path, rounds: str) -> dict[str, str]:
    """Say on what and with what was measured."""
    found = [version(ours, name) for name in ("llmring", "httpx2", "httpcore2", "orjson")]
    found += [version(theirs, name) for name in ("openai", "anthropic", "google-genai", "ollama")]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": rounds,
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "packages": ", ".join(found),
    }


def version(environment: Path, name: str) -> str:
    """Give *name* with its version in *environment*."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    done = subprocess.run([environment / "bin" / "python", "-c", code], check=True, capture_output=True, text=True)
    return f"{name} {done.stdout.strip()}"


def processor() -> str:
    """Name the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
