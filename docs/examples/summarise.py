"""Summarise a text file, showing the answer as it comes: ``python summarise.py [file]``."""

from __future__ import annotations

import sys
from pathlib import Path

from llmring import LLMRing, LLMRingError


def main() -> None:
    """Summarise the file that the command line names, or the README."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    request = f"Summarise this in three sentences.\n\n{path.read_text(encoding='utf-8')}"
    with LLMRing() as ring, ring.chat_stream("summarizer", request, max_tokens=500) as stream:
        for event in stream:
            print(event.delta, end="", flush=True)
        print()
        response = stream.response
    cost = "unknown" if response.cost is None else f"${response.cost.total:.6f}"
    print(f"{response.model}: {response.usage.total_tokens} tokens, {cost}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except LLMRingError as error:
        sys.exit(f"error: {error}")
