"""What an exchange costs: worked out by hand from the vendors' price lists, exact to the last digit."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.pricing import price, quote
from llmring._core.registry import FORMAT, Registry
from llmring._gen.usage import Cost, Usage

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo

TODAY = date(2026, 11, 23)


@pytest.fixture(name="shipped", scope="module")
def shipped_registry() -> Registry:
    """Give the registry that the wheel brings."""
    return Registry((files("llmring") / "_data" / "registry.json").read_text(encoding="utf-8"))


def model(*prices: dict[str, Any], released: str | None = None) -> ModelInfo:
    """Build a model with *prices* in the registry's short form."""
    rates = ["input", "output", "cache_read", "cache_write", "cache_write_1h", "input_audio", "output_audio", "cache_read_audio"]
    row = {"p": list(prices)} | ({"r": released} if released else {})
    data = {
        "format": FORMAT,
        "date": "2026-11-23",
        "digest": "",
        "abilities": [],
        "rates": [*rates, "input_image", "output_image"],
        "aliases": {},
        "models": {"acme": {"one": row}},
    }
    found = Registry(json.dumps(data)).find("acme", "one")
    assert found is not None
    return found


def total(cost: Cost | None) -> Decimal:
    """Give the total of a cost that must be there."""
    assert cost is not None
    assert cost.total == cost.input + cost.output + cost.cache_read + cost.cache_write
    return cost.total


@pytest.mark.parametrize(
    "name, usage, tier, dollars",
    [
        # openai: 2.5 in, 10 out, 1.25 cached; 700 x 2.5 + 300 x 1.25 + 50 x 10
        ("openai:gpt-4o", Usage(input_tokens=1000, cache_read_tokens=300, output_tokens=50, reasoning_tokens=20), None, "0.002625"),
        # batch: 1.25 in, 5 out, cached as in the standard list; 700 x 1.25 + 300 x 1.25 + 50 x 5
        ("openai:gpt-4o", Usage(input_tokens=1000, cache_read_tokens=300, output_tokens=50), "batch", "0.0015"),
        # priority: 4.25, 2.125, 17
        ("openai:gpt-4o", Usage(input_tokens=1000, cache_read_tokens=300, output_tokens=50), "priority", "0.0044625"),
        ("openai:gpt-4o", Usage(input_tokens=1000, cache_read_tokens=300, output_tokens=50), "fast", "0.0044625"),
        # gpt-6-sol at 272000 tokens: 2 in, 10 out; one token more: 4 in, 15 out, for all of them
        ("openai:gpt-6-sol", Usage(input_tokens=272_000, output_tokens=1000), "default", "0.554"),
        ("openai:gpt-6-sol", Usage(input_tokens=272_001, output_tokens=1000), "default", "1.103004"),
        # cached and written tokens count for the length: 72001 x 4 + 100000 x 0.4 + 100000 x 5
        ("openai:gpt-6-sol", Usage(input_tokens=272_001, cache_read_tokens=100_000, cache_write_tokens=100_000), None, "0.828004"),
        # flex: 1 in, 5 out; above 272000 2 in, 7.5 out
        ("openai:gpt-6-sol", Usage(input_tokens=300_000, output_tokens=1000), "flex", "0.6075"),
        # claude-haiku-4-5: 1 in, 5 out, 0.1 read, 1.25 written for 5 minutes, 2 for an hour
        (
            "anthropic:claude-haiku-4-5",
            Usage(input_tokens=1600, cache_read_tokens=1000, cache_write_tokens=500, cache_write_1h_tokens=200, output_tokens=10),
            "standard",
            "0.001025",
        ),
        # claude-opus-4-6 has one price over its whole window since 2026-03-13: 5 in, 25 out
        ("anthropic:claude-opus-4-6", Usage(input_tokens=500_000, output_tokens=1000), None, "2.525"),
        # gemini-2.5-pro: 1.25 in, 10 out, 0.125 cached; above 200000 2.5, 15, 0.25
        ("google:gemini-2.5-pro", Usage(input_tokens=200_000, output_tokens=100, reasoning_tokens=90), None, "0.251"),
        ("google:gemini-2.5-pro", Usage(input_tokens=200_001, cache_read_tokens=1, output_tokens=100), None, "0.50150025"),
        # gemini-2.5-flash: 0.3 text, 1 sound, 2.5 out
        ("google:gemini-2.5-flash", Usage(input_tokens=1000, input_audio_tokens=400, output_tokens=100), None, "0.00083"),
        # gpt-audio-1.5: 2.5 text in, 32 sound in, 10 text out, 64 sound out; 600 x 2.5 + 400 x 32 + 20 x 10 + 100 x 64
        (
            "openai:gpt-audio-1.5",
            Usage(input_tokens=1000, input_audio_tokens=400, output_tokens=120, output_audio_tokens=100),
            None,
            "0.0209",
        ),
        # gpt-5.4-mini: 0.75 in, 0.075 cached, 4.5 out; the 1000 thoughts are part of the 1200; 1000 x 0.75 + 9000 x 0.075 + 1200 x 4.5
        (
            "openai:gpt-5.4-mini",
            Usage(input_tokens=10_000, cache_read_tokens=9000, output_tokens=1200, reasoning_tokens=1000),
            None,
            "0.006825",
        ),
        # its flex list halves all three
        (
            "openai:gpt-5.4-mini",
            Usage(input_tokens=10_000, cache_read_tokens=9000, output_tokens=1200, reasoning_tokens=1000),
            "flex",
            "0.0034125",
        ),
        # claude-opus-5: 5 in, 25 out, 0.5 read, 6.25 and 10 written; 100 x 5 + 1000 x 0.5 + 300 x 6.25 + 200 x 10 + 40 x 25
        (
            "anthropic:claude-opus-5",
            Usage(input_tokens=1600, cache_read_tokens=1000, cache_write_tokens=500, cache_write_1h_tokens=200, output_tokens=40),
            None,
            "0.005875",
        ),
        # its batch list halves all five: 250 + 250 + 937.5 + 1000 + 500
        (
            "anthropic:claude-opus-5",
            Usage(input_tokens=1600, cache_read_tokens=1000, cache_write_tokens=500, cache_write_1h_tokens=200, output_tokens=40),
            "batch",
            "0.0029375",
        ),
        # claude-sonnet-4-5 beyond 200000: 6 in, 0.6 read, 7.5 and 12 written, 22.5 out;
        # 1 x 6 + 100000 x 0.6 + 60000 x 7.5 + 40000 x 12 + 100 x 22.5
        (
            "anthropic:claude-sonnet-4-5",
            Usage(
                input_tokens=200_001,
                cache_read_tokens=100_000,
                cache_write_tokens=100_000,
                cache_write_1h_tokens=40_000,
                output_tokens=100,
            ),
            None,
            "0.992256",
        ),
        # gemini-3.1-pro-preview beyond 200000 in batches: 2 in, 9 out; 200001 x 2 + 1000 x 9
        ("google:gemini-3.1-pro-preview", Usage(input_tokens=200_001, output_tokens=1000, reasoning_tokens=400), "batch", "0.409002"),
        # gemini-2.5-flash, priority: 0.54 text, 0.054 cached, 1.8 sound, 4.5 out; 500 x 0.54 + 400 x 1.8 + 100 x 4.5
        ("google:gemini-2.5-flash", Usage(input_tokens=900, input_audio_tokens=400, output_tokens=100), "priority", "0.00144"),
        # gpt-oss-120b at groq: 0.15 in, 0.075 cached, 0.6 out; 200 x 0.15 + 800 x 0.075 + 50 x 0.6
        ("groq:openai/gpt-oss-120b", Usage(input_tokens=1000, cache_read_tokens=800, output_tokens=50), "on_demand", "0.00012"),
        # text-embedding-3-small: 0.02
        ("openai:text-embedding-3-small", Usage(input_tokens=1000), None, "0.00002"),
    ],
)
def test_golden(shipped: Registry, name: str, usage: Usage, tier: str | None, dollars: str) -> None:
    """Costs equal those worked out from the price lists."""
    found = shipped.find(*name.split(":", 1))
    cost, reason = quote(usage, found, service_tier=tier, when=TODAY)
    assert reason is None
    assert total(cost) == Decimal(dollars)
    assert cost is not None
    assert not cost.estimated


def test_effective_dates(shipped: Registry) -> None:
    """The rate of the day counts; a scheduled one not before its day."""
    sol, argon = shipped.find("openai", "gpt-5.6-sol"), shipped.find("google", "gemini-4-argon")
    million = Usage(input_tokens=100_000, output_tokens=100_000)
    assert [total(price(million, sol, when=date(2026, 8, day))) for day in (20, 21)] == [Decimal("3.5"), Decimal("2.4")]
    assert [total(price(million, argon, when=day)) for day in (None, date(2026, 12, 1))] == [Decimal("1.2"), Decimal("2.4")]
    cost = price(million, sol, service_tier="flex", when=TODAY)
    assert cost is not None
    assert cost.price_id == "openai:gpt-5.6-sol@2026-08-21#flex"


def test_hours_of_the_day() -> None:
    """A price for some hours holds in them alone; without the hour the cost is a guess."""
    found = model({"r": ["1"]}, {"d": "2026-09-10", "u": "01:00-04:00", "r": ["2"]}, {"d": "2026-09-10", "u": "06:00-10:00", "r": ["3"]})
    usage = Usage(input_tokens=1_000_000)

    def at(when: datetime | date) -> tuple[Decimal, bool]:
        cost = price(usage, found, when=when)
        assert cost is not None
        return cost.total, cost.estimated

    assert at(datetime(2026, 11, 1, 1, 0, tzinfo=UTC)) == (2, False)
    assert at(datetime(2026, 11, 1, 4, 0, tzinfo=UTC)) == (1, False)
    assert at(datetime(2026, 11, 1, 6, 30)) == (3, False)  # noqa: DTZ001 - no zone means UTC
    assert at(datetime(2026, 11, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))) == (2, False)
    assert at(datetime(2026, 9, 9, 1, 30, tzinfo=UTC)) == (1, False)
    assert at(date(2026, 11, 1)) == (1, True)


@pytest.mark.parametrize(
    "rates, usage, tier, reason",
    [
        ([], Usage(input_tokens=1), None, "no input price"),
        (["1"], Usage(input_tokens=1, output_tokens=1), None, "no output price"),
        (["1", "2", "0.1", "1.25"], Usage(input_tokens=9, cache_write_tokens=9, cache_write_1h_tokens=9), None, "no cache write 1h price"),
        (["1", "2"], Usage(input_tokens=1), "scale", "no price for service tier 'scale'"),
        (["1", "2", *[None] * 7, "9"], Usage(input_tokens=1, output_tokens=1), None, "its text costs less than its pictures"),
    ],
)
def test_unknown_is_none_with_a_reason(rates: list[str | None], usage: Usage, tier: str | None, reason: str) -> None:
    """A price that is needed and not known gives no cost at all."""
    cost, why = quote(usage, model({"r": rates}), service_tier=tier)
    assert cost is None
    assert why is not None
    assert why.startswith(f"acme:one: {reason}")
    assert price(usage, model({"r": rates}), service_tier=tier) is None


def test_no_entry_no_price_no_cost() -> None:
    """An unknown model, a model without prices and a day before the first price are told apart."""
    usage = Usage(input_tokens=1)
    assert quote(usage, None) == (None, "the registry does not know this model")
    assert quote(usage, model()) == (None, "acme:one: no price")
    later = model({"d": "2026-06-01", "r": ["1"]})
    assert quote(usage, later, when=date(2026, 5, 31)) == (None, "acme:one: no price for 2026-05-31, the first is of 2026-06-01")


@pytest.mark.parametrize(
    "usage, dollars, estimated",
    [
        (Usage(input_tokens=10, cache_read_tokens=4), "10", True),
        (Usage(input_tokens=10, cache_write_tokens=4), "10", True),
        (Usage(input_tokens=10, input_audio_tokens=4), "10", False),
        (Usage(output_tokens=10, output_audio_tokens=4), "20", False),
        (Usage(input_tokens=10, input_audio_tokens=8, cache_read_tokens=4), "10", True),
    ],
)
def test_what_a_list_leaves_out_costs_what_its_kind_costs(usage: Usage, dollars: str, estimated: bool) -> None:  # noqa: FBT001
    """Tokens without a rate of their own are charged as others of their kind; for cached ones that is an upper bound."""
    cost = price(usage, model({"r": ["1000000", "2000000"]}))
    assert total(cost) == Decimal(dollars)
    assert cost is not None
    assert cost.estimated is estimated


def test_pictures_that_cost_differently_make_an_estimate() -> None:
    """Input is priced as text where pictures would cost otherwise."""
    cost = price(Usage(input_tokens=1), model({"r": ["1", "2", *[None] * 6, "9"]}))
    assert cost is not None
    assert cost.estimated


def test_service_tiers_fall_back_on_the_standard_list() -> None:
    """What a service tier leaves out costs what it costs otherwise, its context tiers included."""
    found = model({"r": ["4", "8", "1"], "t": [[100, "8", "16", "2"]], "s": {"batch": {"r": ["2", "4"], "t": [[100, "4", "8"]]}}})
    usage = Usage(input_tokens=101, cache_read_tokens=1, output_tokens=10)
    assert total(price(usage, found, service_tier="Batches")) * 1_000_000 == 100 * 4 + 1 * 2 + 10 * 8
    assert total(price(usage, found, service_tier="on_demand")) * 1_000_000 == 100 * 8 + 1 * 2 + 10 * 16


def test_a_service_tier_that_says_nothing_of_long_inputs_has_no_price_for_them() -> None:
    """A short input's rate is no rate for a long one that costs more otherwise."""
    found = model({"r": ["4", "8"], "t": [[100, "8", "16"]], "s": {"flex": {"r": ["2", "4"]}}})
    assert total(price(Usage(input_tokens=100), found, service_tier="flex")) * 1_000_000 == 200
    reason = "acme:one: no input price in service tier 'flex' for an input of 101 tokens"
    assert quote(Usage(input_tokens=101), found, service_tier="flex") == (None, reason)


def test_entry_and_day_are_named() -> None:
    """The price's first day, else the model's, else the beginning."""
    usage = Usage(input_tokens=1)
    ids = [
        getattr(price(usage, found), "price_id", None)
        for found in (model({"d": "2026-01-01", "r": ["1"]}), model({"r": ["1"]}, released="2025-05-05"), model({"r": ["1"]}))
    ]
    assert ids == ["acme:one@2026-01-01", "acme:one@2025-05-05", "acme:one@start"]


def test_a_callers_rounding_does_not_matter() -> None:
    """Costs are exact under any decimal context."""
    usage, found = Usage(input_tokens=123_456_789, output_tokens=987_654_321), model({"r": ["0.123456", "0.654321"]})
    exact = total(price(usage, found))
    with localcontext(prec=3):
        cost = price(usage, found)
    assert cost is not None
    assert cost.total == exact == Decimal(123456789) * Decimal("0.123456e-6") + Decimal(987654321) * Decimal("0.654321e-6")


def test_counts_that_contradict_each_other_never_cost_less_than_nothing() -> None:
    """More cached tokens than input tokens leave no fresh ones."""
    cost = price(
        Usage(input_tokens=1, cache_read_tokens=5, cache_write_tokens=2, cache_write_1h_tokens=3), model({"r": ["9", "9", "1", "2", "3"]})
    )
    assert total(cost) * 1_000_000 == 5 + 6


counts = st.integers(min_value=0, max_value=10**7)


@given(counts, counts, counts, counts)
def test_prices_are_additive_and_never_negative(fresh: int, read: int, written: int, output: int) -> None:
    """Within one tier, two bills cost what their sum costs."""
    found = model({"r": ["3", "15", "0.3", "3.75", "6"]})
    usage = Usage(input_tokens=fresh + read + written, cache_read_tokens=read, cache_write_tokens=written, output_tokens=output)
    twice = Usage(input_tokens=2 * usage.input_tokens, cache_read_tokens=2 * read, cache_write_tokens=2 * written, output_tokens=2 * output)
    once = total(price(usage, found))
    assert once >= 0
    assert 2 * once == total(price(twice, found))
