"""How a call went: its attempts, the response that they end in, the error that tells of them all, and the one repair."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import TYPE_CHECKING, Any

from llmring._core.outcome import Walk, finished, repair_request, told
from llmring._core.plan import Candidate, Plan
from llmring._core.readying import make_ready
from llmring._core.registry import Registry
from llmring._core.request import NormalRequest
from llmring._core.settings import Settings
from llmring._gen.message import Message
from llmring._gen.response import Attempt, LLMResponse
from llmring._gen.usage import Cost, Usage
from llmring._io.data import read_package_data
from llmring.exceptions import MissingAPIKeyError, ProviderRateLimitError, ProviderServerError, SchemaValidationError

if TYPE_CHECKING:
    from llmring._core.model_info import ModelInfo

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
USAGE = Usage(input_tokens=1000, output_tokens=10, total_tokens=1010)


def walk() -> Walk:
    """Begin a walk at second 100."""
    plan = Plan(alias="fast", profile="dev", candidates=(Candidate("openai", "gpt-4o-mini"),))
    return Walk(plan, 100.0, WHEN)


def ready(info: ModelInfo | None = None) -> Any:
    """Make a model ready."""
    protocol = ModuleType("wire")
    vars(protocol)["NAME"] = "openai_chat"
    endpoint = Settings().endpoint("openai", {"OPENAI_API_KEY": "k"})
    return make_ready(Candidate("openai", "gpt-4o-mini"), endpoint, info, protocol)


def test_attempts_are_told_in_their_order() -> None:
    """What each was, and how long it took."""
    way = walk()
    way.failed(ready(), ProviderRateLimitError("slow down", status_code=429), 1.5)
    way.succeeded("openai:b", 0.5)
    assert way.attempts == [
        Attempt(model="openai:gpt-4o-mini", outcome="ProviderRateLimitError", error="slow down", status_code=429, seconds=1.5),
        Attempt(model="openai:b", outcome="ok", seconds=0.5),
    ]


def test_a_response_is_completed() -> None:
    """Who answered, under which name, at what cost, how long after the beginning."""
    way = walk()
    way.failed(ready(), ProviderServerError("down"), 1)
    way.succeeded("openai:gpt-4o-mini", 2)
    way.warnings = ("seed was left out",)
    known = Registry(read_package_data("registry.json").decode()).find("openai", "gpt-4o-mini")
    done = finished(LLMResponse[Any](content="Hi", model="gpt-4o-mini-2024", usage=USAGE, warnings=["odd"]), ready(known), way, 103.5)
    assert (done.model, done.provider, done.alias, done.profile, done.latency) == ("openai:gpt-4o-mini", "openai", "fast", "dev", 3.5)
    assert done.cost is not None
    assert done.cost.total > 0
    assert done.warnings == ["odd", "seed was left out"]
    assert [attempt.outcome for attempt in done.attempts] == ["ProviderServerError", "ok"]
    assert (done.attempts[-1].usage, done.attempts[-1].cost) == (USAGE, done.cost)
    assert done.attempts[0].usage is None


def test_a_price_that_is_not_known_is_no_zero() -> None:
    """The cost is none, and a warning says why."""
    way = walk()
    way.succeeded("openai:gpt-4o-mini", 2)
    done = finished(LLMResponse[Any](usage=USAGE), ready(), way, 101)
    assert done.cost is None
    assert done.warnings[0].startswith("no cost: ")


def test_the_last_error_tells_of_the_others() -> None:
    """As notes, and as attempts."""
    way = walk()
    first, second, last = MissingAPIKeyError("no key"), ProviderServerError("down", model="openai:b"), ProviderRateLimitError("slow")
    way.failed(ready(), second, 1)
    way.failed(ready(), last, 1)
    error = told([first, second, last], way)
    assert error is last
    assert error.__notes__ == [
        "before that: MissingAPIKeyError: no key",
        "before that, openai:b: ProviderServerError: down",
    ]
    assert last.attempts == tuple(way.attempts)


def test_an_error_of_ours_stays_as_it_is() -> None:
    """It has no attempts."""
    error = MissingAPIKeyError("no key")
    assert told([error], walk()) is error
    assert not hasattr(error, "__notes__")


def test_a_repair_shows_the_model_what_is_wrong() -> None:
    """Its answer, the misfit, and that only the JSON is wanted."""
    asked = NormalRequest(messages=(Message(role="user", content="Count."),))
    for text, shown in (('{"n": "x"}', '{"n": "x"}'), ("", "(no answer)")):
        again = repair_request(asked, SchemaValidationError("n is no number", text=text))
        assert again.messages[:1] == asked.messages
        assert again.messages[1] == Message(role="assistant", content=shown)
        assert again.messages[2].role == "user"
        assert "n is no number" in str(again.messages[2].content)


class Kept:
    """What an attempt holds, and what it gave back."""

    def __init__(self) -> None:
        """Begin with nothing given back."""
        self.back: list[tuple[Decimal | None, int | None]] = []

    def settle(self, spent: Decimal | None, tokens: int | None) -> None:
        """Take it back."""
        self.back.append((spent, tokens))


def test_what_an_attempt_holds_goes_back_once() -> None:
    """With what it cost, or as free."""
    way, paid, free = walk(), Kept(), Kept()
    way.succeeded("openai:a", 1)
    way.held = paid
    way.settled(USAGE, Cost(total=Decimal(2)))
    way.settled(USAGE, None)
    way.held = free
    way.release()
    way.release()
    assert (paid.back, free.back) == ([(Decimal(2), 1010)], [(Decimal(0), 0)])
    assert way.spent == 2


def test_a_stream_that_broke_is_no_success() -> None:
    """Its attempt tells what broke it."""
    way = walk()
    way.succeeded("openai:a", 1)
    way.settled(USAGE, None, ProviderServerError("down", status_code=200))
    assert (way.attempts[-1].outcome, way.attempts[-1].error, way.attempts[-1].usage) == ("ProviderServerError", "down", USAGE)


def test_a_failure_that_was_billed_is_priced() -> None:
    """What it used counts among what the call has cost."""
    way = walk()
    known = Registry(read_package_data("registry.json").decode()).find("openai", "gpt-4o-mini")
    attempt = way.failed(ready(known), ProviderServerError("down", usage=USAGE), 1)
    assert attempt.cost is not None
    assert way.spent == attempt.cost.total > 0
    assert way.mark is way.mark
