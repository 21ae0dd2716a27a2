"""Every cell of the capability matrix, of every vendor and of every model that differs, has evidence: a recorded talk, or a refusal."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from llmring import LLMRing
from llmring._core.fit import fit
from llmring._core.normalise import normalise
from llmring._core.plan import Candidate
from llmring._core.readying import EMULATED, make_ready, protocol_for, wants_alternate
from llmring._core.settings import Settings
from llmring._gen.providers import PROVIDERS
from llmring.exceptions import RequestError, UnsupportedParameterError
from llmring.registry import load
from tests._async import test_loading
from tests.recording.tape import path_of
from tests.scenarios import ABILITIES, SCENARIOS, WORDS
from tests.test_vendors import KEY, preset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from llmring._core.fit import Fitted
    from llmring._core.model_info import ModelInfo
    from llmring._core.target import Ready
    from llmring._gen.providers import Capability, Support
    from llmring.testing.simulator import Simulator

SUPPORTED: Final[list[tuple[str, Capability]]] = [
    (name, cell) for name, row in PROVIDERS.items() for cell in ABILITIES if row["capabilities"][cell] != "unsupported"
]
"""Vendor and cell; that the others raise, ``test_vendors`` shows."""
UNSAID: Final[Mapping[str, Any]] = {"image_url": test_loading.test_fetches_what_is_allowed}
"""Emulated cells of which nothing shows in a body, and what else is evidence: the ring fetches."""
BESIDE: Final[tuple[Capability, ...]] = ("embeddings", "count_tokens", "list_models", "files")
"""Cells of other verbs than chat."""


def kind(support: Support) -> str:
    """Say how something is supported; a number limits what is native."""
    return "native" if isinstance(support, int) else support


def unsaid(name: str, cell: Capability) -> bool:
    """Tell whether a body shows nothing of *cell*."""
    return cell in UNSAID and PROVIDERS[name]["capabilities"][cell] == "emulated"


def asked(name: str, model: str, cell: Capability, info: ModelInfo | None = None) -> tuple[Ready, Fitted]:
    """Fit the talk that needs *cell* to *model* of the vendor *name*."""
    options: dict[str, Any] = {**ABILITIES[cell].options}
    wanted = options.pop("response_format", None)
    request = normalise(ABILITIES[cell].messages, options, wanted)
    endpoint = Settings({name: {"api_key": "k", "base_url": "http://127.0.0.1:9"}}).endpoint(name, {})
    chosen = protocol_for(endpoint, info, alternate=wants_alternate(request), fixed=False)
    request = attrs.evolve(request, options={**request.options, **WORDS.get((chosen, cell), {})})
    ready = make_ready(Candidate(name, model), endpoint, info, import_module(f"llmring.protocols.{chosen}"))
    return ready, fit(request, ready.limits)


@pytest.mark.parametrize("name, cell", SUPPORTED)
def test_a_supported_cell_is_recorded(name: str, cell: Capability) -> None:
    """A cassette shows it in one of the vendor's wire formats, as native or as emulated as the vendor has it."""
    row = PROVIDERS[name]
    how = kind(row["capabilities"][cell])
    if unsaid(name, cell):
        assert inspect.iscoroutinefunction(UNSAID[cell])
        return
    tapes = [
        path_of(scenario)
        for scenario in SCENARIOS.values()
        if cell in scenario.talk.shows
        and scenario.protocol in row["protocols"]
        and kind(PROVIDERS[scenario.provider]["capabilities"][cell]) == how
    ]
    assert tapes
    assert all(tape.exists() for tape in tapes)


@pytest.mark.parametrize("name, cell", [(name, cell) for name, cell in SUPPORTED if not unsaid(name, cell)])
def test_a_supported_cell_is_sent(name: str, cell: Capability) -> None:
    """The vendor's own model, of which nothing is known, is asked for it without a refusal."""
    ready, fitted = asked(name, "some-model", cell)
    assert ready.prepare(ready.protocol.encode(fitted.request, "some-model"), fitted.request).content


# --- models that differ from their provider --------------------------------------------------------

REGISTRY: Final = load()


def _differing() -> Iterator[tuple[str, str, str]]:
    """Yield provider, model and what it lacks of what its provider has."""
    for name in REGISTRY.providers():
        for info in REGISTRY.models(name):
            for ability, has in info.abilities.items():
                cell = "tool_choice" if ability == "forced_tools" else ability
                support = PROVIDERS[name]["capabilities"].get(cell)  # pyright: ignore[reportArgumentType] - a capability, or none
                if not has and info.kind == "chat" and cell in ABILITIES and support not in {None, "emulated", "unsupported"}:
                    yield name, info.id, ability


DIFFERING: Final = list(_differing())


def test_models_do_differ() -> None:
    """Every ability that models are known to lack has its talk, or is none of a chat's."""
    assert {ability for _, _, ability in DIFFERING} >= {"temperature", "vision", "tools", "structured", "reasoning", "forced_tools"}


@pytest.mark.parametrize("name, model, ability", DIFFERING)
def test_what_a_model_lacks_is_refused_or_made_up_for(name: str, model: str, ability: str) -> None:
    """What the registry knows of the model counts more than what its provider's API has."""
    cell: Any = "tool_choice" if ability == "forced_tools" else ability
    info = REGISTRY.find(name, model)
    assert info is not None
    if ability not in EMULATED:
        with pytest.raises(UnsupportedParameterError) as caught:
            asked(name, model, cell, info)
        assert caught.value.model == f"{name}:{model}"
        return
    _, fitted = asked(name, model, cell, info)
    assert fitted.request.response_format is None or fitted.request.response_format.kind == "json_object"
    assert fitted.by_call or "JSON" in str(fitted.request.messages[0].content)


# --- beside chat -----------------------------------------------------------------------------------


def done(ring: LLMRing, reference: str, cell: str, folder: Path) -> Any:
    """Do what *cell* stands for with the model *reference*."""
    match cell:
        case "embeddings":
            return ring.embed(reference, "one").embeddings
        case "count_tokens":
            return ring.count_tokens(reference, "one")
        case "list_models":
            return ring.list_models(reference.partition(":")[0])
        case _:
            (folder / "table.csv").write_text("city,people\nParis,2\n", encoding="utf-8")
            return ring.chat(reference, "Read.", files=[ring.register_file(folder / "table.csv")], max_tokens=100).content


@pytest.mark.parametrize("cell", BESIDE)
@pytest.mark.parametrize("name", PROVIDERS)
def test_beside_chat(simulator: Simulator, tmp_path: Path, name: str, cell: Capability) -> None:
    """What the matrix says of the other verbs holds: they answer, are made up for, or are refused."""
    row = PROVIDERS[name]
    with LLMRing(providers=preset(name, row["protocols"][0], simulator, api_key=KEY), max_retries=0) as ring:
        match kind(row["capabilities"][cell]):
            case "unsupported":
                with pytest.raises(RequestError):
                    done(ring, f"{name}:some-model", cell, tmp_path)
            case how:
                result = done(ring, f"{name}:some-model", cell, tmp_path)
                assert result
                if cell == "count_tokens":
                    assert result.estimated is (how == "emulated")


def test_every_cell_is_looked_at() -> None:
    """What the matrix has is shown by a talk or by another verb, and nothing else is."""
    assert {cell for row in PROVIDERS.values() for cell in row["capabilities"]} == {*ABILITIES, *BESIDE}
