"""Examples of lockfiles, as values, for hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from llmring._core.allowance import LIMITS
from llmring._gen.providers import ABILITIES, NAMES

if TYPE_CHECKING:
    from llmring._core.lockfile import Binding, Lock, Profile

characters = st.characters(exclude_categories=("Cs",))
words = st.text(characters, min_size=1, max_size=8).filter(lambda word: word == word.strip())
parts = words.filter(lambda word: ":" not in word)
models = st.builds("{}:{}".format, parts, words)
aliases = words.filter(lambda alias: alias.partition(":")[0] not in NAMES)
packages = parts.filter(lambda package: package not in NAMES)
scalars = st.text(characters, max_size=8) | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6)
tables = st.dictionaries(words, values, max_size=3)


abilities = st.lists(st.sampled_from(ABILITIES), max_size=3, unique=True)
tokens = st.integers(1, 2**40)
dollars = st.integers(0, 10**6).map(lambda millionths: f"{millionths / 1000:g}")
rates = st.dictionaries(words, dollars, max_size=3)
days = st.dates().map(str)
constraints = st.fixed_dictionaries(
    {},
    optional={
        "can": abilities,
        "min_context": tokens,
        "min_output": tokens,
        "max_input_price": st.floats(0, 1e6),
        "max_output_price": st.integers(0, 999),
    },
)
pins: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "id": words,
        "context": tokens,
        "max_output": tokens,
        "can": st.lists(words, max_size=3),
        "price": rates,
        "services": st.dictionaries(words, rates, max_size=2),
        "price_from": days,
        "price_source": words,
        "retires": days,
        "registry": st.fixed_dictionaries({}, optional={"version": days, "hash": words}),
    },
)


def binding(alias: str, pool: list[str], asked: dict[str, Any] | None) -> Binding:
    """Make one binding; without constraints it has no such key."""
    made: Binding = {"alias": alias, "models": pool}
    return made if asked is None else {**made, "constraints": asked}


bindings = st.builds(binding, aliases, st.lists(models, min_size=1, max_size=3), st.none() | constraints)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Draw one profile."""
    return {
        "name": draw(words),
        "registry_versions": draw(st.dictionaries(words, st.integers(0, 999), max_size=2)),
        "bindings": draw(st.lists(bindings, max_size=4, unique_by=lambda one: one["alias"])),
    }


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """Draw a whole lockfile."""
    named = draw(st.dictionaries(words, profiles(), max_size=3))
    return {
        "version": "1.0",
        "default_profile": draw(st.sampled_from(sorted(named))) if named else draw(words),
        "extends": draw(st.lists(packages, max_size=2, unique=True)),
        "profiles": named,
        "limits": draw(st.dictionaries(words, st.dictionaries(st.sampled_from(LIMITS), st.integers(1, 10**9)), max_size=2)),
        "metadata": draw(tables),
        "pins": draw(st.dictionaries(models, pins, max_size=2)),
    }
