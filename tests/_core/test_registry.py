"""Looking models up: names of every kind, and what is known of the shipped ones."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.model_info import ModelInfo
from llmring._core.registry import _KEPT, FORMAT, Registry

SMALL: dict[str, Any] = {
    "format": FORMAT,
    "date": "2026-11-23",
    "digest": "0123456789ab",
    "abilities": ["tools", "vision", "temperature"],
    "rates": ["input", "output", "cache_read"],
    "aliases": {"acme-inc": "acme"},
    "models": {
        "acme": {
            "one-2026-01-02": {"a": ["one"], "n": "One", "f": "ones", "r": "2026-01-02", "x": "2027-01-01", "c": 1000, "i": 900, "t": 100},
            "Two": {
                "y": 3,
                "w": 4,
                "e": {"efforts": ["low", "high"], "budget": {"min": 5}, "always": True},
                "p": [
                    {"d": "2026-02-01", "u": "01:00-04:00", "r": ["2"]},
                    {
                        "r": ["1", None, "0.1"],
                        "t": [[200, "2"], [400, "3", "9"]],
                        "s": {"flex": {"r": ["0.5"]}, "fast": "flex"},
                    },
                ],
                "o": "openai_responses",
                "s": "fast",
                "q": "high",
            },
            "three": {"k": "embedding", "e": {"budget": {}}},
            "ft:one-2026-01-02": {},
        },
        "empty": {},
    },
}


@pytest.fixture(name="small")
def small_registry() -> Registry:
    """Give a registry of four models."""
    return Registry(json.dumps(SMALL))


@pytest.fixture(name="shipped", scope="module")
def shipped_registry() -> Registry:
    """Give the registry that the wheel brings."""
    return Registry((files("llmring") / "_data" / "registry.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name",
    [
        "one",
        "ONE",
        "one-2026-01-02",
        "models/one",
        "one-latest",
        "one:latest",
        "one-20270101",
        "one@20270101",
        "one-001",
        "one-09-2026",
        "one-cloud",
        "one-05-06",
    ],
)
def test_every_spelling_finds_the_pinned_model(small: Registry, name: str) -> None:
    """Aliases, case, prefixes and dates that no entry has lead to the same entry."""
    found = small.find("acme", name)
    assert found is not None
    assert found.id == "one-2026-01-02"


@pytest.mark.parametrize("name", ["one-mini", "on", "one-pro-2026-01-02", "", "two-preview", "one-20261"])
def test_another_name_is_not_known(small: Registry, name: str) -> None:
    """A longer name is another model, not a dearer or cheaper version of a known one."""
    assert small.find("acme", name) is None


def test_provider_aliases_and_case(small: Registry) -> None:
    """A provider is found by its other names; an unknown one has no models."""
    assert small.find("ACME-Inc", "one") is small.find("acme", "one")
    assert small.find("nobody", "one") is None
    assert small.names("acme-inc") == ("one-2026-01-02", "one", "two", "three", "ft:one-2026-01-02")
    assert small.providers() == ("acme", "empty")


def test_fine_tuned_models_are_found_by_their_base(small: Registry) -> None:
    """Organisation, suffix and id of a fine-tuned model do not matter."""
    found = small.find("acme", "ft:one-2026-01-02:org::abc")
    assert found is not None
    assert found.id == "ft:one-2026-01-02"


def test_all_that_a_row_says(small: Registry) -> None:
    """Short keys become the fields of the model."""
    found = small.find("acme", "one")
    assert found is not None
    assert found == ModelInfo(
        provider="acme",
        id="one-2026-01-02",
        aliases=("one",),
        name="One",
        family="ones",
        released="2026-01-02",
        retires="2027-01-01",
        context=1000,
        max_input=900,
        max_output=100,
        abilities={},
        as_of="2026-11-23",
    )
    assert not found.retired("2026-12-31")
    assert found.retired("2027-01-01")


def test_abilities_are_yes_no_or_unknown(small: Registry) -> None:
    """What is in neither list is not known."""
    two, three = small.find("acme", "two"), small.find("acme", "three")
    assert two is not None
    assert three is not None
    assert (two.can("tools"), two.can("temperature"), two.can("pdf"), three.can("tools")) == (True, False, None, None)
    assert (two.efforts, two.budget, two.thinking) == (("low", "high"), (5, None), {"always"})
    assert (two.protocol, two.speed, two.intelligence) == ("openai_responses", "fast", "high")
    assert (three.kind, three.budget, three.retired("9999-12-31")) == ("embedding", (None, None), False)


def test_models_of_a_kind_and_of_a_day(small: Registry) -> None:
    """Only what is asked for is built: of a provider, of a kind, not retired yet."""
    assert [each.id for each in small.models("acme-inc", kind="chat", day="2027-01-01")] == ["Two", "ft:one-2026-01-02"]
    assert [each.id for each in small.models(day="2026-12-31")] == ["one-2026-01-02", "Two", "three", "ft:one-2026-01-02"]
    assert [each.id for each in small.models(kind="embedding")] == ["three"]
    assert small.kinds() == ("chat", "embedding")


def test_models_are_counted_without_being_built(small: Registry) -> None:
    """How many there are is known from the rows, retired ones and all kinds included."""
    assert small.count() == len(list(Registry(json.dumps(SMALL)).models()))
    assert small._built == {}


def test_prices_are_equal_by_what_they_charge(small: Registry) -> None:
    """What was worked out of one does not count."""
    two, again = small.find("acme", "two"), Registry(json.dumps(SMALL)).find("acme", "two")
    assert two is not None
    assert again is not None
    again.prices[0].memo["", "input", 0] = (Decimal(1), True)
    assert two == again
    assert two.prices[0] != two.prices[1]
    assert two.prices[0] != "free"
    assert repr(two.prices[0]) == repr(again.prices[0])
    assert repr(two.prices[1]).startswith("Price(start='2026-02-01', rates=Rates(base={'input': Decimal('2')}")


def test_prices_are_exact_and_hours_come_last(small: Registry) -> None:
    """Texts become decimals; a tier that is named by another one has its rates."""
    two = small.find("acme", "two")
    assert two is not None
    always, hourly = two.prices
    assert (always.start, always.hours, hourly.start, hourly.hours) == (None, None, "2026-02-01", ("01:00", "04:00"))
    assert always.rates.base == {"input": Decimal(1), "cache_read": Decimal("0.1")}
    assert [always.rates.get("input", length) for length in (200, 201, 400, 401)] == [Decimal(n) for n in (1, 2, 2, 3)]
    assert [always.rates.get("output", length) for length in (300, 500)] == [None, Decimal(9)]
    assert always.services["fast"] == always.services["flex"]


def test_models_are_built_once(small: Registry) -> None:
    """The same model is the same object, however it is asked for."""
    assert list(small.models("acme-inc")) == list(small.models())
    assert next(small.models("acme")) is small.find("acme", "one")
    assert list(small.models("nobody")) == []


def test_memory_of_names_is_bounded(small: Registry) -> None:
    """Names out of control do not fill the memory."""
    for number in range(_KEPT + 10):
        small.find("acme", f"unknown {number}")
    assert len(small._found) <= _KEPT


@pytest.mark.parametrize("text", ["", "[", '{"format": 99}', "{}"])
def test_another_format_is_refused(text: str) -> None:
    """A registry that this version cannot read says so."""
    with pytest.raises(ValueError, match=r"format|Expecting"):
        Registry(text)


@given(st.text(max_size=40), st.text(max_size=80))
def test_no_name_is_too_strange(provider: str, name: str) -> None:
    """Any text may be asked for."""
    assert Registry(json.dumps(SMALL)).find(provider, name) is None or provider.lower() in {"acme", "acme-inc"}


@pytest.mark.parametrize(
    "provider, name, pinned",
    [
        ("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
        ("openai", "GPT-5.4", "gpt-5.4-2026-03-05"),
        ("openai", "gpt-6-sol-2026-09-01", "gpt-6-sol"),
        ("openai", "gpt-6.2-sol", "gpt-6.2-sol"),
        ("anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude", "claude-opus-4-0", "claude-opus-4-20250514"),
        ("anthropic", "claude-sonnet-5-5", "claude-sonnet-5-5"),
        ("anthropic", "claude-opus-4-6@20260205", "claude-opus-4-6"),
        ("gemini", "models/gemini-3.5-flash-lite", "gemini-3.5-flash-lite"),
        ("google", "gemini-flash-latest", "gemini-3.8-flash"),
        ("google", "gemini-2.5-flash-001", "gemini-2.5-flash"),
        ("ollama", "gpt-oss:20b-cloud", "gpt-oss:20b"),
        ("xai", "grok-4.3-latest", "grok-4.3"),
    ],
)
def test_shipped_names(shipped: Registry, provider: str, name: str, pinned: str) -> None:
    """Floating and dated names mean the right model."""
    found = shipped.find(provider, name)
    assert found is not None
    assert found.id == pinned


CURRENT = {
    "openai": "gpt-6.1-sol gpt-6.1-terra gpt-6-astra gpt-6-sol gpt-6-luna gpt-5.6-sol gpt-5.6-luna gpt-5.5 gpt-5.4-mini gpt-4.1 gpt-4o",
    "anthropic": "claude-opus-5-5 claude-sonnet-5-5 claude-haiku-5-5 claude-fable-5-1 claude-opus-5 claude-sonnet-4-6 claude-haiku-4-5",
    "google": "gemini-4-argon gemini-3.8-flash gemini-3.5-flash-lite gemini-3.1-pro-preview gemini-2.5-pro gemini-2.5-flash",
}


@pytest.mark.parametrize("provider, name", [(provider, name) for provider, names in CURRENT.items() for name in names.split()])
def test_current_models_are_complete(shipped: Registry, provider: str, name: str) -> None:
    """What people call today has limits, abilities and prices."""
    info = shipped.find(provider, name)
    assert info is not None
    assert info.context
    assert info.max_output
    assert info.prices
    assert info.can("tools")
    assert info.can("vision")
    assert not info.retired(shipped.date)


def test_shipped_limits_make_sense(shipped: Registry) -> None:
    """Neither prompt nor answer is longer than the window."""
    for info in shipped.models():
        assert (info.max_input or 0) <= (info.context or 10**9), info.id
        assert all(rate >= 0 for price in info.prices for rate in price.rates.base.values()), info.id
        assert not (info.provider == "ollama" and info.prices), info.id


@pytest.mark.extra
def test_the_vendors_own_lists_are_known(shipped: Registry) -> None:
    """Every chat model that the official SDKs name is found, except those that their own lists call gone or unsupported."""
    from typing import get_args

    from anthropic.types.model import Model
    from openai.types.shared.chat_model import ChatModel

    gone = {"gpt-5.1-mini", "gpt-4o-audio-preview-2024-10-01"}
    ours = {name for name in get_args(ChatModel) if not shipped.find("openai", name)}
    claudes = [name for choice in get_args(Model) for name in get_args(choice)]
    assert len(claudes) > 10
    assert {name for name in claudes if not shipped.find("anthropic", name)} == set()
    assert ours <= gone, ours
