"""Refreshing the registry from small sources: what is merged, what fails, what the overlay decides."""

from __future__ import annotations

import json
import textwrap
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from zipfile import ZipFile

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.extra  # genai-prices is one of the sources

DAY = date(2026, 11, 23)
GPT = """
name = "GPT-4o mini"
family = "gpt-mini"
release_date = "2024-07-18"
reasoning = true
temperature = false
tool_call = true
reasoning_options = [{ type = "effort", values = ["low", "high"] }, { type = "budget_tokens", min = 5 }, { type = "toggle" }]
[cost]
input = 0.15
output = 0.60
[limit]
context = 128_000
output = 16_384
[modalities]
input = ["text", "image"]
output = ["text"]
"""


@pytest.fixture(name="refresh")
def refresher(tmp_path: Path) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """Give a refresh over one model of models.dev, one of litellm's wheel, and an overlay."""

    def run(litellm: dict[str, Any], overlay: str = "", toml: str = GPT, name: str = "gpt-4o-mini") -> tuple[dict[str, Any], list[str]]:
        from codegen.registry.__main__ import refresh

        folder = tmp_path / "models.dev" / "openai" / "models"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.toml").write_text(toml, encoding="utf-8")
        (tmp_path / "llmring-registry").mkdir(exist_ok=True)
        listed = {"openai:gpt-4o-mini": {"speed_tier": "fast", "max_output_tokens": 16_384, "dollars_per_million_tokens_input": 0.15}}
        (tmp_path / "llmring-registry" / "openai.json").write_text(json.dumps({"models": listed}), encoding="utf-8")
        wheel = tmp_path / "litellm-9.9-py3-none-any.whl"
        with ZipFile(wheel, "w") as archive:
            archive.writestr("litellm/model_prices_and_context_window_backup.json", json.dumps(litellm))
        decisions = tmp_path / "overlay.yaml"
        decisions.write_text(textwrap.dedent(overlay), encoding="utf-8")
        files, problems = refresh(tmp_path, wheel, DAY, decisions)
        return {path: cast("Any", YAML(typ="safe")).load(text) for path, text in files.items()}, problems

    return run


def litellm(**more: Any) -> dict[str, Any]:
    """Build litellm's row of the model."""
    row = {"litellm_provider": "openai", "mode": "chat", "max_output_tokens": 16_384, "deprecation_date": "2027-01-14"}
    return {"gpt-4o-mini-2024-07-18": row | more}


def find(files: dict[str, Any], name: str) -> dict[str, Any]:
    """Find an entry of OpenAI's file."""
    return next(entry for entry in files["openai.yaml"]["models"] if entry["id"] == name)


def test_sources_are_merged_under_the_pinned_name(refresh: Callable[..., Any]) -> None:
    """Floating names become aliases; each figure keeps its source."""
    files, problems = refresh(litellm(supports_prompt_caching=True, input_cost_per_token_flex=7.5e-08))
    assert problems == []
    entry = find(files, "gpt-4o-mini-2024-07-18")
    assert entry["aliases"] == ["gpt-4o-mini"]
    assert (entry["released"], entry["retires"]) == (date(2024, 7, 18), date(2027, 1, 14))
    assert entry["limits"] == {"context": 128_000, "output": 16_384}
    assert {"tools", "vision", "cache", "reasoning"} <= set(entry["can"])
    assert {"temperature", "audio_input"} <= set(entry["cannot"])
    assert entry["reasoning"] == {"efforts": ["low", "high"], "budget": {"min": 5}, "toggle": True}
    assert entry["speed"] == "fast"
    assert entry["prices"][0]["input"] == "0.15"
    assert entry["prices"][0]["service_tiers"]["flex"] == {"input": "0.075"}
    assert "price.flex.input" in entry["sources"]["ll"]
    assert "prices" in entry["sources"]["gp"]
    assert "context" in entry["sources"]["md"]


@pytest.mark.parametrize(
    "more, told",
    [
        ({"max_output_tokens": 9000}, "output: models.dev (2026-07-02) says 16384, litellm 9.9 (2026-11-23) says 9000"),
        ({"input_cost_per_token": 1e-06}, "price.input: genai-prices"),
        (
            {"supports_function_calling": False},
            "capabilities.tools: models.dev (2026-07-02) says True, litellm 9.9 (2026-11-23) says False",
        ),
    ],
)
def test_disagreement_fails_and_names_both_values(refresh: Callable[..., Any], more: dict[str, Any], told: str) -> None:
    """Nothing is written where two sources of the core four disagree."""
    files, problems = refresh(litellm(**more))
    assert files == {}
    assert [problem for problem in problems if told in problem and problem.startswith("openai:gpt-4o-mini-2024-07-18: ")]


def test_overlay_decides(refresh: Callable[..., Any]) -> None:
    """A rule sets a source aside, a figure has the last word."""
    overlay = """
    rules:
      - {models: "openai:gpt-4o-mini*", figures: output, ignore: [md, lr], reason: older, source: litellm}
    figures:
      - {models: "openai:gpt-4o-mini*", figures: retires, value: 2028-01-01, reason: announced, source: the vendor}
    """
    files, problems = refresh(litellm(max_output_tokens=9000), overlay)
    assert problems == []
    entry = find(files, "gpt-4o-mini-2024-07-18")
    assert (entry["limits"]["output"], entry["retires"]) == (9000, date(2028, 1, 1))
    assert entry["sources"]["ov"] == ["retires"]


def test_a_rule_for_one_value_leaves_the_others(refresh: Callable[..., Any]) -> None:
    """With *when*, only that very value is set aside."""
    rule = "rules:\n  - {{models: 'openai:*', figures: output, ignore: ll, when: {0}, reason: rounded, source: models.dev}}\n"
    assert refresh(litellm(max_output_tokens=9000), rule.format(9000))[1] == []
    left = refresh(litellm(max_output_tokens=9000), rule.format(9001))[1]
    assert any("says 9000" in problem for problem in left)
    assert any("decides nothing any more" in problem for problem in left)


def test_names_are_dropped_moved_and_added(refresh: Callable[..., Any]) -> None:
    """The overlay says which names are models."""
    overlay = """
    names:
      - {name: "openai:gpt-4o-mini", alias_of: gpt-5-nano, reason: moved, source: the vendor}
      - {name: "openai:ada", drop: true, reason: gone, source: the vendor}
      - {name: "openai:gpt-99", reason: new, source: the vendor}
    """
    files, problems = refresh(litellm(), overlay)
    assert problems == []
    ids = {entry["id"] for entry in files["openai.yaml"]["models"]}
    assert "gpt-99" in ids
    assert "ada" not in ids
    assert find(files, "gpt-5-nano")["aliases"] == ["gpt-4o-mini"]
    assert "aliases" not in find(files, "gpt-4o-mini-2024-07-18")


def test_old_price_that_was_right_is_no_disagreement(refresh: Callable[..., Any]) -> None:
    """A source is compared with the price of its own day."""
    toml = "[cost]\ninput = 5.0\noutput = 30.0\n"  # gpt-5.6-sol until 2026-08-21
    files, problems = refresh(litellm(), toml=toml, name="gpt-5.6-sol")
    assert problems == []
    assert [price.get("from") for price in find(files, "gpt-5.6-sol")["prices"]] == [None, date(2026, 8, 21)]


def test_an_unknown_reasoning_option_is_an_error(refresh: Callable[..., Any]) -> None:
    """A new kind of option is not passed over."""
    with pytest.raises(ValueError, match="kind not known here"):
        refresh(litellm(), toml='reasoning_options = [{ type = "vibes" }]')


def test_refresh_is_repeatable(refresh: Callable[..., Any]) -> None:
    """The same sources give the same files."""
    assert refresh(litellm()) == refresh(litellm())
