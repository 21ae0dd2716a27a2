"""The generated table of providers: what a new vendor costs, and what cannot be generated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from codegen import GenerationError, providers
from codegen.load import Spec, SpecError, load_spec
from llmring._core import lockfile

ROOT = Path(__file__).parents[2]

VENDOR = """\
id: newvendor
doc: "Models of a new vendor."
protocol: openai_chat
aliases: [nv]
base_url: {default: "https://api.newvendor.example/v1", env: [NEWVENDOR_BASE_URL]}
auth: {header: authorization, scheme: Bearer, env: [NEWVENDOR_API_KEY]}
capabilities: {vision: unsupported, stop: 2}
quirks: {max_tokens_field: max_completion_tokens}
"""


@pytest.fixture(scope="module")
def spec() -> Spec:
    """Read the project's own spec."""
    return load_spec(ROOT)


def copied(folder: Path, **files: str) -> Path:
    """Copy the spec to *folder*, with *files* added to its providers."""
    for path in (ROOT / "spec").rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for name, text in files.items():
        (folder / "spec/providers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def table(files: dict[str, str]) -> dict[str, Any]:
    """Run the generated module."""
    names: dict[str, Any] = {}
    exec(compile(files[providers.MODULE], providers.MODULE, "exec"), names)
    return names


def test_a_new_vendor_is_one_file(tmp_path: Path) -> None:
    """Its row, its names and its line in the docs appear by themselves; what it does not state is its protocol's."""
    files = providers.generate(load_spec(copied(tmp_path, newvendor=VENDOR)))
    made = table(files)
    entry, base = made["PROVIDERS"]["newvendor"], made["PROVIDERS"]["openai-compatible"]
    assert made["NAMES"]["nv"] == made["NAMES"]["newvendor"] == "newvendor"
    assert entry["capabilities"] == base["capabilities"] | {"vision": "unsupported", "stop": 2}
    assert entry["quirks"] == base["quirks"] | {"max_tokens_field": "max_completion_tokens"}
    assert entry["finish_reasons"] is base["finish_reasons"]
    assert (entry["base_url"], entry["base_url_env"], entry["key_optional"]) == (
        "https://api.newvendor.example/v1", ("NEWVENDOR_BASE_URL",), False,
    )  # fmt: skip
    page = files[providers.PAGE]
    assert "| `newvendor`, `nv` | `openai_chat` | `https://api.newvendor.example/v1` | `NEWVENDOR_BASE_URL` | `NEWVENDOR_API_KEY` |" in page
    assert "| `newvendor` | vision: no, stop: 2, `max_tokens_field: max_completion_tokens` |" in page


def test_the_table_says_what_the_spec_says(spec: Spec) -> None:
    """Every entry, every cell."""
    made = table(providers.generate(spec))
    assert list(made["PROVIDERS"]) == list(spec.providers)
    for name, entry in spec.providers.items():
        row = made["PROVIDERS"][name]
        assert row == providers.resolved(entry, spec.providers)
        for key in providers.INHERITED:
            assert entry.get(key, {}).items() <= row[key].items()
        assert len(row["capabilities"]) == len(made["PROVIDERS"]["openai"]["capabilities"])


def test_the_bundled_lockfile_is_one(spec: Spec) -> None:
    """With the usual aliases, each of them with providers that there are."""
    files = providers.generate(spec)
    lock = lockfile.parse(files[providers.BUNDLED])
    assert lock == lockfile.parse((ROOT / "spec/bundled.lock").read_text(encoding="utf-8"))
    models = [model for binding in lock["profiles"]["default"]["bindings"] for model in binding["models"]]
    assert {model.partition(":")[0] for model in models} <= set(table(files)["NAMES"])


@pytest.mark.parametrize(
    "change, told",
    [({"id": "other"}, "spec/providers/groq.yaml: id: is 'other', not the file's name"),
     ({"aliases": ["openai"]}, "spec/providers/openai.yaml: aliases: 'openai' is already a name of groq"),
     ({"template": ["openai_responses"]}, "spec/providers/openai.yaml: template: openai_responses has its template in groq"),
     ({"protocol": "smoke_signals"}, "spec/providers/groq.yaml: protocol: no provider is the template of smoke_signals")],
)  # fmt: skip
def test_entries_that_contradict_each_other_are_told(spec: Spec, change: dict[str, Any], told: str) -> None:
    """What no schema of one entry can see; everything at once."""
    changed = attrs.evolve(spec, providers={**spec.providers, "groq": {**spec.providers["groq"], **change}})
    with pytest.raises(GenerationError) as caught:
        providers.generate(changed)
    assert told in caught.value.problems


def test_a_wrong_entry_is_told_with_its_line(tmp_path: Path) -> None:
    """By the schema of the spec itself, before anything is generated."""
    with pytest.raises(SpecError) as caught:
        load_spec(copied(tmp_path, newvendor=VENDOR.replace("vision: unsupported", "visoin: no")))
    assert "spec/providers/newvendor.yaml:7: capabilities" in str(caught.value)
