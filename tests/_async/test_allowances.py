"""What a ring may spend and ask for holds over all its calls, and what they did is in the log."""

from __future__ import annotations

import logging
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.ring import AsyncLLMRing
from llmring._core.leaving import UNTOLD
from llmring._core.making import changed
from llmring._core.registry import Registry
from llmring._gen.usage import Usage
from llmring.exceptions import BudgetExceededError, ConfigurationError, ProviderAuthenticationError, ProviderError, ProviderTimeoutError
from llmring.protocols import openai_chat, openai_chat_decode
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from llmring._core.http import HttpReply
    from llmring._core.model_info import ModelInfo
    from llmring._gen.response import LLMResponse
    from llmring._io.guards import Guards
    from llmring.testing.simulator import Simulator

MODEL = MODELS["anthropic"]
KEY = "sk-simulated-0001"


def guards(ring: AsyncLLMRing) -> Guards:
    """Give what stands between *ring* and its providers."""
    return ring._shared.core.guards


@pytest.fixture(autouse=True)
def prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Price models that are told how to behave like those that are not."""
    find = Registry.find

    def found(self: Registry, provider: str, model: str) -> ModelInfo | None:
        return find(self, provider, model.partition("+")[0])

    monkeypatch.setattr(Registry, "find", found)


async def spend(ring: AsyncLLMRing) -> None:
    """Ask until no money is left."""
    for _ in range(100):
        await ring.chat(MODEL, "Hi", max_tokens=100)


# --- money -------------------------------------------------------------------------------------------


async def test_a_rings_money_is_spent_once(simulator: Simulator) -> None:
    """Calls go on until the next could cost more than is left; copies share the purse."""
    async with AsyncLLMRing(**settings(simulator, max_cost="0.0012")) as ring:
        with pytest.raises(BudgetExceededError, match="of the ring's max_cost") as caught:
            await spend(ring.with_options(timeout=5))
        purse = guards(ring).purse
        assert purse is not None
        assert ring.usage().calls > 0
        assert purse.spent == ring.usage().cost <= Decimal("0.0012")
        assert (purse.reserved, purse.left) == (0, caught.value.left)


async def test_money_comes_back_from_what_failed(simulator: Simulator) -> None:
    """A failure that was not billed, and a call that was refused, reserve nothing."""
    async with AsyncLLMRing(**settings(simulator, max_cost=1)) as ring:
        for fault in ("500", "401", "close"):
            with pytest.raises(ProviderError):
                await ring.chat(f"{MODEL}+fault={fault}", "Hi", max_tokens=10)
        with pytest.raises(BudgetExceededError, match="is not known"):
            await ring.chat("openai:gpt-unheard-of", "Hi", max_tokens=10)
        purse = guards(ring).purse
        assert purse is not None
        assert (purse.spent, purse.reserved) == (0, 0)


async def test_a_failure_that_was_counted_is_paid_for(simulator: Simulator) -> None:
    """What a stream told before it failed is spent, and stands in attempts and totals."""
    async with AsyncLLMRing(**settings(simulator, max_cost=1)) as ring:
        with pytest.raises(ProviderError) as caught:
            await anext(ring.chat_stream(f"{MODEL}+fault=error+after=1", "Hi", max_tokens=50))
        (attempt,) = caught.value.attempts
        assert attempt.usage == caught.value.usage
        assert attempt.usage is not None
        assert attempt.usage.input_tokens > 0
        purse = guards(ring).purse
        assert purse is not None
        assert attempt.cost is not None
        assert purse.spent == ring.usage().cost == attempt.cost.total > 0
        assert purse.reserved == 0


async def test_an_answer_that_tells_no_usage_is_estimated(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody said what it used: that is never counted as nothing."""

    def silent(reply: HttpReply) -> LLMResponse[Any]:
        return changed(openai_chat_decode.decode(reply), {"usage": Usage()})

    monkeypatch.setattr(openai_chat, "decode", silent)
    async with AsyncLLMRing(**settings(simulator, max_cost=1)) as ring:
        answer = await ring.chat(MODELS["openai"], "How are you?", max_tokens=50)
        assert answer.usage.input_tokens > 0
        assert answer.usage.output_tokens == -(-len(answer.content) // 4)
        assert (UNTOLD in answer.warnings, answer.cost is not None and answer.cost.estimated) == (True, True)
        purse = guards(ring).purse
        assert purse is not None
        assert purse.spent == ring.usage().cost > 0


async def test_streams_settle_at_their_end(simulator: Simulator) -> None:
    """Read to the end, left, or dropped."""
    async with AsyncLLMRing(**settings(simulator, max_cost=1)) as ring:
        stream = ring.chat_stream(MODEL, "Hi", max_tokens=50)
        await anext(stream)
        purse = guards(ring).purse
        assert purse is not None
        assert purse.reserved > 0
        assert [event async for event in stream]
        async with ring.chat_stream(MODEL, "Hi", max_tokens=50) as left:
            await anext(left)
        dropped = ring.chat_stream(MODEL, "Hi", max_tokens=50)
        await anext(dropped)
        del dropped
        purse = guards(ring).purse
        assert purse is not None
        assert purse.reserved == 0
        assert purse.spent == ring.usage().cost > 0


# --- limits ------------------------------------------------------------------------------------------


async def test_calls_wait_for_their_turn(simulator: Simulator) -> None:
    """For as long as they may take in all; then they are told."""
    limits = {"anthropic": {"max_concurrency": 1}}
    async with AsyncLLMRing(**settings(simulator, limits=limits, timeout=10)) as ring:
        assert (await ring.chat(MODEL, "Hi")).content
        assert (await ring.list_models("anthropic"))[0].model
        from llmring import Timeout

        async with ring.chat_stream(MODEL, "Hi") as stream:
            await anext(stream)
            with pytest.raises(ProviderTimeoutError, match="no turn under the limits set for anthropic") as caught:
                await ring.chat(MODEL, "Hi", timeout=Timeout(total=0.05))
            assert (await ring.chat(MODELS["openai"], "Hi")).content
        assert [attempt.outcome for attempt in caught.value.attempts] == ["ProviderTimeoutError"]
        assert (await ring.chat(MODEL, "Hi")).content
        assert not guards(ring).breakers


async def test_a_minutes_requests_are_counted(simulator: Simulator) -> None:
    """One more than a minute allows has to wait."""
    from llmring import Timeout

    async with AsyncLLMRing(**settings(simulator, limits={"anthropic": {"requests_per_minute": 2}})) as ring:
        assert [(await ring.chat(MODEL, "Hi")).content for _ in range(2)]
        with pytest.raises(ProviderTimeoutError, match="no turn"):
            await ring.chat(MODEL, "Hi", timeout=Timeout(total=0.05))


async def test_limits_are_judged_at_once(simulator: Simulator) -> None:
    """What cannot work names the setting."""
    wrong: list[dict[str, Any]] = [
        {"max_cost": -1},
        {"max_concurrency": 0},
        {"limits": {"openai": {"rpm": 3}}},
        {"message_logging": "all"},
    ]
    for given in wrong:
        with pytest.raises(ConfigurationError, match=next(iter(given))):
            AsyncLLMRing(**settings(simulator, **given))


# --- the log and its secrets ---------------------------------------------------------------------------


async def test_each_attempt_is_a_record(simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG only, with fields, and nothing of prompts, answers or keys."""
    with caplog.at_level(logging.DEBUG, logger="llmring"):
        async with AsyncLLMRing(**settings(simulator)) as ring:
            await ring.chat(MODEL, "the secret prompt")
            assert [event async for event in ring.chat_stream(MODEL, "the secret prompt")]
            with pytest.raises(ProviderAuthenticationError):
                await ring.chat(f"{MODEL}+fault=401", "the secret prompt")
    records = [record for record in caplog.records if record.name == "llmring"]
    assert {record.levelno for record in records} == {logging.DEBUG}
    assert [vars(record)["outcome"] for record in records] == ["ok", "ok", "ProviderAuthenticationError"]
    assert [vars(record)["status"] for record in records] == [None, None, 401]
    assert vars(records[0])["provider"] == "anthropic"
    assert vars(records[1])["output_tokens"] > 0
    told = "".join(repr(vars(record)) for record in records)
    assert KEY not in told
    assert "secret prompt" not in told


@pytest.mark.parametrize("how,told", [("metadata", False), ("full", True)])
async def test_prompts_are_told_where_asked_for(simulator: Simulator, caplog: pytest.LogCaptureFixture, how: str, told: bool) -> None:  # noqa: FBT001
    """As roles and lengths, or whole."""
    with caplog.at_level(logging.DEBUG, logger="llmring"):
        async with AsyncLLMRing(**settings(simulator, message_logging=how)) as ring:
            await ring.chat(MODEL, "the open prompt")
    asked, answered = (vars(record) for record in caplog.records if record.name == "llmring")
    assert ("the open prompt" in repr(asked)) is told
    assert asked["messages"][0]["role"] == "user"
    assert answered["answer"][0]["role"] == "assistant"
    assert told or asked["messages"][0]["length"] == len("the open prompt")


async def test_keys_are_in_no_frame_of_ours(simulator: Simulator) -> None:
    """Tools that print the locals of a traceback find none, nor does anything else that an error holds."""
    made = settings(simulator)
    made["providers"]["anthropic"]["api_key"] = "bad-key-4711"
    async with AsyncLLMRing(**made) as ring:
        with pytest.raises(ProviderAuthenticationError) as caught:
            await ring.chat(MODEL, "Hi")
        trace, seen = caught.value.__traceback__, 0
        while trace is not None:
            if "/llmring/" in trace.tb_frame.f_code.co_filename:
                seen += 1
                assert "bad-key-4711" not in "".join(repr(value) for value in trace.tb_frame.f_locals.values()), trace.tb_frame
            trace = trace.tb_next
        assert seen > 3
        error = caught.value
        assert "bad-key-4711" not in repr(error) + str(error) + repr(vars(error)) + repr(getattr(error, "__notes__", ()))
        assert b"bad-key-4711" not in pickle.dumps(error)
