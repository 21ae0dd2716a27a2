"""The page of benchmarks is laid out from what was measured."""

from __future__ import annotations

from typing import Any

from codegen.benchmarks import page, ratio, table

FACTS = {"date": "2026-11-27", "rounds": "7", "machine": "a machine", "python": "3.11.7", "packages": "llmring 1, httpx2 2"}


def measured(ours: float) -> dict[str, Any]:
    """Give one cell as the benchmark writes it."""
    return {"httpx2": {"cpu_us": 500.4, "cpu_x": 1.0}, "ours": {"cpu_us": 250.0, "cpu_x": ours}, "sdk": {"cpu_us": 1500.0, "cpu_x": 3.0}}


def test_a_row_for_each_cell() -> None:
    """Verb and case are spelt out; what only one run has, and the benchmark's own notes, are left out."""
    plain = {"call/openai/small": measured(0.5), "astream/ollama/small": measured(0.6), "call/openai/big": measured(1), "_notes": {}}
    speed = {"call/openai/small": measured(0.4), "astream/ollama/small": measured(0.3)}
    assert table(plain, speed).splitlines()[2:] == [
        "| Blocking call | openai | 0.50 | 0.40 | 3.00 | 500 |",
        "| Asynchronous stream, 200 chunks | ollama | 0.60 | 0.30 | 3.00 | 500 |",
    ]


def test_what_was_not_measured() -> None:
    """A subject without a figure has a dash, never a number."""
    assert ratio({"ours": {"cpu_us": 1.0}}, "ours") == ratio({}, "sdk") == "-"


def test_the_page() -> None:
    """The page names machine, date and versions, and has a table for calls, for many at once and for starting."""
    cells = {"acall/openai/small": measured(0.5)}
    text = page((cells, cells), (cells, cells), [("the first answer", 0.2)], FACTS)
    assert all(fact in text for fact in FACTS.values())
    assert text.count("| Asynchronous call | openai | 0.50 |") == 2
    assert "| the first answer | 0.20 |" in text
