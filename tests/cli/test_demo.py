"""``llmring demo``: every provider, every feature, no keys and no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmring.cli.demo import HEADINGS, MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

SHOWN = ("blocking", "async", "streaming", "tool call", "its result", "structured", "fallback")


def test_shows_everything_through_every_provider(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each provider has its section, each section all its lines, and the table closes it."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name)
    code, out, err = llmring("demo")
    assert (code, err) == (0, "")
    _, *sections, table = out.split("\n\n")
    assert [section.splitlines()[0] for section in sections] == [f"{name} {model}" for name, model in MODELS.items()]
    for section in sections:
        assert [line[2:14].strip() for line in section.splitlines()[1:]] == list(SHOWN)
        assert 'get_weather({"city":"Lisbon"})' in section
        assert "City(name='Lisbon', country='Portugal', people=545000)" in section
        assert "ProviderOverloadedError (503) -> The next model answered." in section
    rows = table.splitlines()
    assert [row.split()[0] for row in rows] == ["provider", *MODELS, "all"]
    assert all(heading in rows[0] for heading in HEADINGS)


def test_totals_are_the_sum(llmring: Command) -> None:
    """The last line of the table adds up the others."""
    *rows, closing = [line.split() for line in llmring("demo").out.split("\n\n")[-1].splitlines()[1:]]
    for place in (2, 3, 4):
        assert sum(int(row[place]) for row in rows) == int(closing[place - 1])


def test_json_is_the_table(llmring: Command) -> None:
    """With ``--json`` only the table is written."""
    code, out, err = llmring("demo", "--json")
    tallies = json.loads(out)
    assert (code, err) == (0, "")
    assert [list(tally) for tally in tallies] == [["provider", "model", "calls", "input_tokens", "output_tokens", "cost"]] * len(MODELS)
    assert [tally["provider"] for tally in tallies] == list(MODELS)
    assert [tally["cost"] is None for tally in tallies] == [False, False, False, True]
