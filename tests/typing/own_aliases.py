"""The aliases of the lockfile, as a type; written by `llmring lock types`."""

from typing import Literal

Alias = Literal[
    "balanced",
    "deep",
    "embedding",
    "extractor",
    "fast",
    "local",
    "summarizer",
    "vision",
]
