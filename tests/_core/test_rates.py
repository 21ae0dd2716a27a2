"""Limits of providers: buckets that fill evenly, what providers say of their own, and settings that are judged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.allowance import Allowance
from llmring._core.rate_headers import NOT_TOLD, Told, told
from llmring._core.rates import Bucket, Flow, Rate, no_turn, soonest
from llmring.exceptions import ConfigurationError, ProviderTimeoutError


@given(st.integers(1, 100), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 150)), max_size=30))
def test_a_bucket_gives_no_more_than_it_gets(size: int, wants: list[tuple[float, int]]) -> None:
    """Over any time: one full bucket, and what flowed in since."""
    bucket, now, given_out = Bucket(size, size, 0.0), 0.0, 0.0
    for pause, amount in wants:
        now += pause
        wait = bucket.wait(amount, now)
        now += wait
        assert bucket.wait(amount, now) <= 0.0011
        bucket = bucket.take(min(amount, size), now)
        given_out += min(amount, size)
    assert given_out <= size + now * size / 60 + 0.1


def test_a_bucket_believes_the_provider() -> None:
    """Only when that is less."""
    bucket = Bucket(60, 30, 0)
    assert bucket.holds(5, 0).level == 5
    assert bucket.holds(50, 0).level == 30
    assert bucket.take(-100, 0).level == 60


def test_concurrency_waits_for_another_to_end() -> None:
    """For as long as that takes."""
    flow = Flow.of(Rate(max_concurrency=1), 0.0)
    assert flow.wait(0, 0) == 0
    flow = flow.entered(0, 0)
    assert flow.wait(0, 1000) is None
    assert flow.left(0, None, 0).wait(0, 0) == 0


def test_requests_and_tokens_wait_for_their_minute() -> None:
    """The longer wait counts; unused tokens are put back."""
    flow = Flow.of(Rate(requests_per_minute=60, tokens_per_minute=600), 0.0).entered(600, 0)
    assert flow.wait(10, 0) == pytest.approx(1)
    assert flow.wait(300, 0) == pytest.approx(30)
    assert flow.left(600, 100, 0).wait(300, 0) == 0
    assert flow.left(600, None, 0).wait(300, 0) == pytest.approx(30)


def test_a_pause_that_was_asked_for_is_made() -> None:
    """And what is left elsewhere counts here."""
    flow = Flow.of(Rate(requests_per_minute=60, tokens_per_minute=600), 0.0)
    assert flow.told(None, None, 7.0, 0).wait(1, 0) == 7
    assert flow.told(0, None, None, 0).wait(1, 0) == pytest.approx(1)
    assert flow.told(None, 0, None, 0).wait(10, 0) == pytest.approx(1)
    assert Flow.of(Rate(max_concurrency=3), 0.0).told(0, 0, None, 0).wait(1, 0) == 0


@pytest.mark.parametrize(
    "headers,wanted",
    [
        ({}, NOT_TOLD),
        ({"x-ratelimit-remaining-requests": "9", "x-ratelimit-remaining-tokens": "150"}, Told(9, 150)),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0.5s"}, Told(0, None, 360.5)),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"}, Told(None, 0, 0.12)),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2"}, Told(None, 0, 2)),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "soon"}, Told(None, 0)),
        ({"x-ratelimit-remaining-tokens": "many"}, NOT_TOLD),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-23T10:00:30Z",
                "date": "Mon, 23 Nov 2026 10:00:00 GMT",
            },
            Told(0, None, 30),
        ),
        ({"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-23T10:00:30Z"}, Told(None, 0)),
    ],
)
def test_what_providers_say_is_read(headers: dict[str, str], wanted: Told) -> None:
    """In OpenAI's words and in Anthropic's."""
    assert told(headers) == wanted


@pytest.mark.parametrize(
    "settings,words",
    [
        ({"max_cost": "much"}, "max_cost"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"limits": 3}, "limits must be a mapping"),
        ({"limits": {"openai": 3}}, "limits\\['openai'\\] must be a mapping"),
        ({"limits": {"openai": {"requests_per_minut": 3}}}, "requests_per_minute"),
        ({"limits": {"openai": {"max_concurrency": True}}}, "whole number"),
    ],
)
def test_settings_are_judged(settings: dict[str, Any], words: str) -> None:
    """What cannot work names the setting."""
    with pytest.raises(ConfigurationError, match=words):
        Allowance(**settings).rates({}, "llmring.lock", str)


def test_the_rings_limits_come_before_the_lockfiles() -> None:
    """Key by key."""
    found = Allowance(None, 3, {"openai": {"max_concurrency": 1}, "google": {"tokens_per_minute": None}}).rates(
        {"openai": {"max_concurrency": 9, "requests_per_minute": 5}}, "llmring.lock", str
    )
    assert found == {"openai": Rate(max_concurrency=1, requests_per_minute=5), "google": Rate()}
    assert Allowance().rates({}, "llmring.lock", str) == {}
    assert Allowance(1).max_cost == 1


def test_waits() -> None:
    """The shortest counts; one in vain is told."""
    assert (soonest(None, 3, 2), soonest(None)) == (2, None)
    assert isinstance(no_turn("openai", 3), ProviderTimeoutError)
