"""Record a scenario: from the simulator, or from the provider where its key is there; writing it down is the caller's business."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from llmring._gen.providers import PROVIDERS as TABLE
from llmring._sync.ring import SyncLLMRing
from llmring.testing.simulator import Simulator
from tests._sync.asking import outcome
from tests.recording.camera import taking
from tests.recording.tape import Cassette
from tests.scenarios.scenario import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios import Scenario


def settings(scenario: Scenario, key: str, base_url: str | None = None) -> dict[str, dict[str, Any]]:
    """Give the ``providers`` of a ring that plays *scenario*; without *base_url* it is the provider's own."""
    return {scenario.provider: {"protocol": scenario.protocol, "api_key": key, "base_url": base_url or official(scenario)}}


def official(scenario: Scenario) -> str:
    """Give the base URL of the scenario's provider."""
    return TABLE[scenario.provider]["base_url"] or ""


def real_key(scenario: Scenario, environment: Mapping[str, str]) -> str | None:
    """Find the key by which *scenario* can be put to the provider itself; None in continuous integration."""
    if "CI" in environment or scenario.talk.simulated:
        return None
    names = [name for way in TABLE[scenario.provider]["auth"][:1] for name in way["env"]]
    return next((environment[name] for name in names if environment.get(name)), None)


def record(scenario: Scenario, environment: Mapping[str, str]) -> Cassette:
    """Play *scenario* and give what went by."""
    key = real_key(scenario, environment)
    if key is None:
        with Simulator() as simulator:
            taken = _take(scenario, settings(scenario, scenario.talk.key, simulator.urls[PROVIDERS[scenario.protocol]]), scenario.headers)
    else:
        wrong = scenario.talk.fails and scenario.talk.model != "missing"
        taken = _take(scenario, settings(scenario, scenario.talk.key if wrong else key), {})
    return attrs.evolve(taken, recorded={"from": "provider" if key else "simulator", "date": f"{datetime.now(UTC):%Y-%m-%d}"})


def _take(scenario: Scenario, providers: dict[str, dict[str, Any]], headers: Mapping[str, str]) -> Cassette:
    with SyncLLMRing(providers=providers, max_retries=0, timeout=60) as ring, taking() as shelf:
        told = outcome(ring, scenario, headers)
    if len(shelf.taken) != 1:
        message = f"{scenario} made {len(shelf.taken)} exchanges instead of one: {told}"
        raise RuntimeError(message)
    ((request, response),) = shelf.taken
    return Cassette(
        protocol=scenario.protocol,
        scenario=scenario.name,
        recorded={},
        request={**request, "uri": official(scenario) + request["uri"].removeprefix(providers[scenario.provider]["base_url"])},
        response=response,
        answer=told.get("answer"),
        error=told.get("error"),
    )


def kept(fresh: Cassette, old: Cassette | None) -> Cassette:
    """Give *fresh* the date of *old* where nothing else has changed, so that recording again changes no file."""
    if old is not None and old.recorded["from"] == fresh.recorded["from"] and attrs.evolve(fresh, recorded=old.recorded) == old:
        return old
    return fresh
