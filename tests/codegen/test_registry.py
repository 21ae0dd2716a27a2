"""The shipped registry files: every figure has a source, every name one meaning, and the compact form says the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from codegen import GenerationError, models
from codegen.load import Spec, load_spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="spec", scope="module")
def whole_spec() -> Spec:
    """Give the project's own spec."""
    return load_spec()


def entries(spec: Spec) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """List provider, file and entry of every model."""
    return [(provider, file, entry) for provider, file in spec.models.items() for entry in file["models"]]


def test_every_provider_with_sources_has_a_file(spec: Spec) -> None:
    """The four of the core, and the vendors in the sources."""
    assert {"openai", "anthropic", "google", "ollama", "deepseek", "groq", "mistral", "xai"} <= set(spec.models)


def test_every_figure_names_a_source(spec: Spec) -> None:
    """Limits, prices and dates come from somewhere; sources that are named exist."""
    for provider, file, entry in entries(spec):
        named = {figure for figures in entry["sources"].values() for figure in figures}
        place = f"{provider}:{entry['id']}"
        assert set(entry["sources"]) <= set(file["sources"]), place
        assert set(entry.get("limits", ())) <= named, place
        assert not entry.get("prices") or "prices" in named, place
        assert {key for key in ("released", "retires") if key in entry} <= named, place
        spoken = " ".join(sorted(named))
        assert not (entry.get("can") or entry.get("cannot")) or any(word in spoken for word in ("capabilities", "in.", "refuses")), place


def test_newer_models_have_the_hints_of_those_before(spec: Spec) -> None:
    """Families, speed and intelligence of what is newer than their source come from the overlay, and say so."""
    found = {entry["id"]: entry for provider, _, entry in entries(spec) if provider in {"anthropic", "google"}}
    for name, speed in (("claude-opus-5-5", "moderate"), ("claude-haiku-5-5", "fastest"), ("gemini-3.8-flash", "fast")):
        assert found[name]["speed"] == speed
        assert {"family", "speed", "intelligence"} <= set(found[name]["sources"]["ov"])


def test_abilities_do_not_contradict_each_other(spec: Spec) -> None:
    """Nothing is both known and known not to be."""
    for provider, _, entry in entries(spec):
        assert not set(entry.get("can", ())) & set(entry.get("cannot", ())), f"{provider}:{entry['id']}"


def test_prices_are_in_order(spec: Spec) -> None:
    """Periods follow each other; a reference to another service tier leads to one."""
    for provider, _, entry in entries(spec):
        daily = [str(price.get("from", "")) for price in entry.get("prices", ()) if "hours" not in price]
        assert daily == sorted(set(daily)), f"{provider}:{entry['id']}"
        for price in entry.get("prices", ()):
            tiers = price.get("service_tiers", {})
            assert all(isinstance(tiers[table], dict) for table in tiers.values() if isinstance(table, str))


def test_every_overlay_line_says_why(spec: Spec) -> None:
    """A decision has a reason and somebody's word."""
    lines = [line for part in ("names", "rules", "figures") for line in spec.overlay[part]]
    assert len(lines) > 20
    assert all(line["reason"].strip() and line["source"].strip() for line in lines)


def test_compact_form_holds_every_model(spec: Spec) -> None:
    """As many models as the spec, and a page with a row for each that can be called."""
    made = models.generate(spec)
    data = json.loads(made[models.DATA])
    assert {provider: list(rows) for provider, rows in data["models"].items()} == {
        provider: [entry["id"] for entry in file["models"]] for provider, file in spec.models.items()
    }
    assert data["aliases"]["gemini"] == "google"
    assert "`claude-haiku-4-5-20251001` | `claude-haiku-4-5` | 200000 | 64000 | 1 | 5 | 0.1" in made[models.PAGE]


def test_clashing_names_are_told(tmp_path: Path, spec: Spec) -> None:
    """Two entries of one name, and a file of another provider, stand in the way of generating."""
    entry: dict[str, Any] = {"kind": "chat", "sources": {}}
    file: dict[str, Any] = {
        "provider": "other",
        "date": "2026-11-23",
        "sources": {},
        "models": [{"id": "a", "aliases": ["B"], **entry}, {"id": "b", **entry}],
    }
    with pytest.raises(GenerationError) as caught:
        models.generate(attrs.evolve(spec, root=tmp_path, models={"acme": file}))
    assert caught.value.problems == (
        "spec/models/acme.yaml: provider: is other, should be acme",
        "spec/models/acme.yaml: b: names both a and b",
    )
