"""Each kind of drift between a lockfile and the world is found, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmring._core import lockfile
from llmring._core.drift import check
from llmring._core.finding import Finding
from llmring._core.pins import Change, Pin
from llmring._core.registry import Registry
from llmring._core.world import World, can, models, pins, versions
from llmring._gen.providers import NAMES
from tests._core.small_registry import registry, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._core.lockfile import Lock

DAY = "2026-11-27"
TEXT = """
[[profiles.default.bindings]]
alias = "fast"
models = ["openai:gpt-5", "anthropic:claude-1"]
"""


def world(changed: Callable[[Any], object] | None = None, **more: Any) -> World:
    """Give the world, with its registry's rows *changed*."""
    given = rows()
    if changed is not None:
        changed(given)
    settings: dict[str, Any] = {"registry": registry(given), "providers": NAMES, "day": DAY, **more}
    return World(**settings)


def locked(text: str = TEXT, *extends: str) -> Lock:
    """Read *text*, extending *extends*, and pin what the unchanged world knows."""
    lock = lockfile.parse(text)
    lock["extends"] = list(extends)
    now = world()
    for name, found in versions(lock, now).items():
        lock["profiles"][name]["registry_versions"] = found
    return {**lock, "pins": {name: pin.row() for name, pin in pins(lock, now).items()}}


def put(provider: str, model: str, **changes: Any) -> Callable[[Any], object]:
    """Give a function that changes one row."""
    return lambda given: given[provider][model].update(changes)


def found(lock: Lock, now: World) -> list[tuple[str, str, str]]:
    """Give severity, code and subject of every finding."""
    return [(each.severity, each.code, each.subject) for each in check(lock, now)]


def test_a_fresh_lock_has_no_drift() -> None:
    """What was just pinned is as it was pinned."""
    lock = locked()
    assert check(lock, world()) == []
    assert lock["pins"]["openai:gpt-5"] == {
        "id": "gpt-5-2026-03-17", "context": 400000, "max_output": 128000, "can": ["reasoning", "tools", "vision"],
        "price": {"input": "0.75", "output": "4.5"}, "retires": "2027-03-17", "registry": {"version": "2026-11-23", "hash": "aaaa"},
    }  # fmt: skip
    assert lock["pins"]["anthropic:claude-1"]["price"] == {"input": "3", "output": "15", "input over 200000": "6"}
    assert lock["pins"]["anthropic:claude-1"]["price_from"] == "2026-01-01"
    assert lock["pins"]["anthropic:claude-1"]["price_source"] == "a list, 2026-11-01"
    assert lock["profiles"]["default"]["registry_versions"] == {"openai": 20261123, "anthropic": 20261123}


def test_rates_of_service_tiers_are_pinned() -> None:
    """By tier; one that is another one now is told with the tier's name."""
    row: dict[str, Any] = {"r": ["3", "15"], "s": {"batch": {"r": ["1.5", "7.5"], "t": [[200000, "3"]]}}}
    lock = lockfile.parse(TEXT)
    lock["pins"] = {name: pin.row() for name, pin in pins(lock, world(put("anthropic", "claude-1", p=[row]))).items()}
    assert lock["pins"]["anthropic:claude-1"]["services"] == {"batch": {"input": "1.5", "output": "7.5", "input over 200000": "3"}}
    row["s"] = {"batch": {"r": ["1.8", "7.5"], "t": [[200000, "3"]]}}
    told = [each.message for each in check(lock, world(put("anthropic", "claude-1", p=[row])))]
    assert told == ["price of batch input: $1.5 then, $1.8 now (+20 %); see to it, then run llmring lock"]


MOVED = {
    "retired": (put("anthropic", "claude-1", x="2026-11-01"), "error", "retired", "was retired on 2026-11-01; bind another model"),
    "retiring": (
        put("anthropic", "claude-1", x="2026-12-24"), "error", "retiring", "retires on 2026-12-24, in 27 days; bind another model",
    ),
    "retiring tomorrow": (put("anthropic", "claude-1", x="2026-11-28"), "error", "retiring", "retires tomorrow; bind another model"),
    "announced": (put("anthropic", "claude-1", x="2027-12-24"), "warning", "retirement-changed", "is now to be retired on 2027-12-24"),
    "price": (
        put("anthropic", "claude-1", p=[{"r": ["3.3", "15"], "t": [[200000, "6"]]}]), "error", "price-changed",
        "price of input: $3 then, $3.3 now (+10 %); see to it, then run llmring lock",
    ),
    "tier": (
        put("anthropic", "claude-1", p=[{"r": ["3", "15"]}]), "error", "price-changed",
        "price of input over 200000: $6 then, none now; see to it, then run llmring lock",
    ),
    "new rate": (
        put("anthropic", "claude-1", p=[{"r": ["3", "15", "0.3"], "t": [[200000, "6"]]}]), "error", "price-changed",
        "price of cache_read: none then, $0.3 now; see to it, then run llmring lock",
    ),
    "service": (
        put("anthropic", "claude-1", p=[{"r": ["3", "15"], "t": [[200000, "6"]], "s": {"batch": {"r": ["1.5"]}}}]),
        "error", "price-changed",
        "price of batch input: none then, $1.5 now; see to it, then run llmring lock",
    ),
    "smaller": (put("anthropic", "claude-1", c=100000), "error", "limit-changed", "context: 200,000 tokens then, 100,000 now (-50 %)"),
    "larger": (
        put("anthropic", "claude-1", t=128000), "warning", "limit-changed", "longest answer: 64,000 tokens then, 128,000 now (+100 %)",
    ),
    "lost": (put("anthropic", "claude-1", y=1), "error", "ability-lost", "no longer has vision"),
}  # fmt: skip


@pytest.mark.parametrize("changed, severity, code, message", MOVED.values(), ids=MOVED.keys())
def test_what_moved_is_told(changed: Callable[[Any], object], severity: str, code: str, message: str) -> None:
    """One finding, with what was and what is."""
    (finding,) = [each for each in check(locked(), world(changed)) if each.code != "retirement-changed" or code == each.code]
    assert (finding.severity, finding.code, finding.subject, finding.message) == (severity, code, "anthropic:claude-1", message)


def test_a_retirement_that_is_called_off_or_moved_is_told() -> None:
    """Both are news and no fault."""
    told = [each.message for each in check(locked(), world(put("openai", "gpt-5-2026-03-17", x="2028-01-01")))]
    assert told == ["is now to be retired on 2028-01-01 (was 2027-03-17)"]
    (finding,) = check(locked(), world(lambda given: given["openai"]["gpt-5-2026-03-17"].pop("x")))
    assert (finding.severity, finding.message) == ("warning", "its retirement is no longer announced (was 2027-03-17)")


def move(given: Any) -> None:
    """Let the floating name mean a newer model."""
    given["openai"]["gpt-5-2026-10-01"] = {**given["openai"].pop("gpt-5-2026-03-17")}


def test_a_floating_name_that_moved_is_told() -> None:
    """The pin says what it meant."""
    (finding,) = check(locked(), world(move))
    assert (finding.code, finding.was, finding.now) == ("moved", "gpt-5-2026-03-17", "gpt-5-2026-10-01")


def test_a_model_that_is_gone_is_unknown() -> None:
    """The nearest names are told."""
    (finding,) = check(locked(TEXT.replace("gpt-5", "gtp-5")), world())
    assert (finding.severity, finding.code, finding.subject) == ("error", "unknown-model", "default/fast")
    assert finding.message == "openai:gtp-5: the registry knows no such model; did you mean 'openai:gpt-5'?"


def test_names_are_pinned() -> None:
    """A floating one must be; once there are pins, every one must be."""
    bare = lockfile.parse(TEXT)
    assert found(bare, world()) == [("error", "unpinned", "openai:gpt-5")]
    lock = locked()
    del lock["pins"]["anthropic:claude-1"]
    assert found(lock, world()) == [("error", "unpinned", "anthropic:claude-1")]
    lock = locked()
    lock["pins"]["openai:embed-1"] = {"id": "embed-1"}
    assert found(lock, world()) == [("warning", "stale-pin", "openai:embed-1")]


def test_providers_and_names_that_cannot_be_checked() -> None:
    """No provider is an error; one whose models the registry does not list is a warning, as is a name that it knows only by another."""
    text = TEXT.replace('"anthropic:claude-1"', '"opnai:gpt-5", "ollama:mine", "vllm:mine", "anthropic:claude-1-20260101"')
    assert versions(lockfile.parse(text), world()) == {"default": {"openai": 20261123, "ollama": 20261123, "anthropic": 20261123}}
    assert found(lockfile.parse(text), world()) == [
        ("error", "unknown-provider", "default/fast"),
        ("error", "unpinned", "openai:gpt-5"),
        ("error", "unpinned", "anthropic:claude-1-20260101"),
        ("warning", "unchecked", "ollama:mine"),
        ("warning", "unchecked", "vllm:mine"),
        ("warning", "inexact-name", "anthropic:claude-1-20260101"),
    ]


ASKED: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "nothing missing": ('["tools", "vision", "streaming"]', []),
    "lacks": ('["reasoning"]', [("error", "lacks-ability", "anthropic:claude-1 has no reasoning, which the binding asks for")]),
    "provider lacks": (
        '["seed"]', [("error", "lacks-ability", "anthropic:claude-1 has no seed, which the binding asks for")],
    ),
    "context": (
        "{min_context = 300000}",
        [("error", "beyond-limit", "anthropic:claude-1 has a context of 200,000 tokens; the binding asks for at least 300,000 tokens")],
    ),
    "output": (
        "{min_output = 100000}",
        [
            (
                "error", "beyond-limit",
                "anthropic:claude-1 has a longest answer of 64,000 tokens; the binding asks for at least 100,000 tokens",
            ),
        ],
    ),
    "price": (
        "{max_input_price = 1, max_output_price = 10}",
        [
            ("error", "beyond-limit", "anthropic:claude-1 has an input price of $3; the binding asks for at most $1"),
            ("error", "beyond-limit", "anthropic:claude-1 has an output price of $15; the binding asks for at most $10"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("asked, told", ASKED.values(), ids=ASKED.keys())
def test_every_fallback_has_what_code_asks_for(asked: str, told: list[tuple[str, str, str]]) -> None:
    """The first model has it all; the second is found out."""
    lock = locked(f"{TEXT}constraints = {asked}\n")
    assert [(each.severity, each.code, each.message) for each in check(lock, world())] == told


def test_what_is_not_known_to_hold_is_a_warning() -> None:
    """The registry may know nothing of an ability or a limit."""
    text = TEXT.replace('"openai:gpt-5", "anthropic:claude-1"', '"ollama:qwen3"')
    lock = lockfile.parse(f'{text}constraints = {{can = ["tools", "prefill"], min_output = 5, max_input_price = 1}}\n')
    assert [each.code for each in check(lock, world())] == ["ability-unknown", "ability-unknown", "limit-unknown", "limit-unknown"]


def test_abilities_come_from_model_and_provider() -> None:
    """What the model is known for counts first; emulation counts where the provider's is emulated."""
    known = registry()
    for ability, name, has in (
        ("tools", "openai:gpt-5", True), ("embeddings", "openai:embed-1", True), ("embeddings", "openai:gpt-5", False),
        ("streaming", "openai:gpt-5", True), ("structured", "anthropic:claude-1", True), ("computer_use", "openai:gpt-5", None),
    ):  # fmt: skip
        provider, _, model = name.partition(":")
        info = known.find(provider, model)
        assert info
        assert can(info, ability, known) is has, ability


def test_extended_packages_are_checked_too() -> None:
    """A package that cannot be read, that itself extends, and an override of nothing are named; what it binds counts as bound."""
    package = lockfile.parse('[extends]\npackages = ["third"]\n[[profiles.default.bindings]]\nalias = "deep"\nmodels = ["openai:gone"]\n')
    text = TEXT.replace('alias = "fast"', 'alias = "lib:deeep"')
    now = world(extended={"lib": package, "other": "is not installed", "bare": lockfile.empty()})
    lock = locked(text, "lib", "other", "bare")
    assert found(lock, now) == [
        ("error", "extends", "other"),
        ("error", "unknown-model", "default/lib:deep"),
        ("warning", "extends-nested", "lib"),
        ("warning", "extends-override", "default/lib:deeep"),
    ]
    assert models(lock, now.extended)[-1] == "openai:gone"
    circle = world(extended={"lib": package}, circles={"lib": ["lib", "third", "lib"]})
    told = [each.message for each in check(locked(TEXT, "lib"), circle) if each.code == "extends-circle"]
    assert told == ["goes in a circle: lib -> third -> lib; extensions of extensions are not followed, so take one out of its [extends]"]
    overridden = locked(TEXT.replace('alias = "fast"', 'alias = "lib:deep"'), "lib")
    assert [code for _, code, _ in found(overridden, world(extended={"lib": package}))] == ["extends-nested"]


def test_versions_of_the_registry_are_compared() -> None:
    """A file of a newer registry is an error, one of an older a warning; another registry of the same day is one too."""
    lock = locked()
    lock["profiles"]["default"]["registry_versions"] = {"openai": 27, "anthropic": 20270101}
    assert [(each.severity, each.code, each.subject) for each in check(lock, world())] == [
        ("error", "registry-older", "default/anthropic"), ("warning", "registry-newer", "default/openai"),
    ]  # fmt: skip
    (finding,) = check(locked(), World(registry=registry(digest="bbbb"), providers=NAMES, day=DAY))
    assert (finding.code, finding.was, finding.now) == ("registry-differs", "aaaa", "bbbb")


def test_a_registry_without_entries_pins_nothing() -> None:
    """And judges nothing to be missing."""
    empty = Registry('{"format": 1, "date": "", "digest": "", "abilities": [], "rates": [], "aliases": {}, "models": {}}')
    now = World(registry=empty, providers=NAMES, day=DAY)
    assert pins(lockfile.parse(TEXT), now) == {}
    assert {each.code for each in check(lockfile.parse(TEXT), now)} == {"unchecked"}


def test_pins_without_figures_say_nothing() -> None:
    """What was not known then is no change now, and a price in the future is none."""
    info = registry().find("openai", "embed-1")
    assert info
    assert Pin.of(info, registry(), DAY).price == {}
    assert list(Pin(id="").changes(Pin(id="x", context=3, price={"input": "1"}))) == []
    assert list(Pin(id="x", context=3).changes(Pin(id="x"))) == []
    assert Change("price.input", "0", "1").percent is None
    assert Pin.read({}) == Pin(id="")


def test_findings_are_values() -> None:
    """Equal ones are told once."""
    finding = Finding("error", "a", "b", "c")
    assert finding == Finding("error", "a", "b", "c")
    told = {"severity": "error", "code": "a", "subject": "b", "message": "c"}
    assert finding._asdict() == {**told, "was": None, "now": None, "line": None}
    twice = locked(TEXT + TEXT.replace('"fast"', '"other"'))
    assert len(check(twice, world(put("anthropic", "claude-1", x="2026-11-01")))) == 2
