"""Reading the spec: every fault is told at once, with file, line and path."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from codegen.load import ROOT, SpecError, load_spec

if TYPE_CHECKING:
    from pathlib import Path

META = """\
schema: {type: object, required: [doc, models]}
parameters:
  type: object
  required: [parameters]
  properties: {parameters: {additionalProperties: {required: [type], properties: {type: {type: string}}}}}
provider:
  type: object
  required: [id]
  additionalProperties: false
  properties: {id: {type: string}, since: {type: string}, ports: {type: array, items: {type: integer}}}
model: {type: object}
overlay: {type: object, required: [rules]}
hosted_tools: {type: object}
lockfile: {type: object}
"""
GOOD = {
    "meta.yaml": META,
    "parameters.yaml": "parameters:\n  heat: {type: float}\n",
    "schema/usage.yaml": "doc: Usage.\nmodels: {}\n",
    "providers/acme.yaml": "id: acme\nsince: 2026-01-02\nports: [1, 2]\n",
    "models/acme.yaml": "one: {}\n",
    "models/overlay.yaml": "rules: {}\n",
    "hosted_tools.yaml": "hosted_tools: {search: {}}\n",
    "lockfile.yaml": "type: object\n",
}


def spec_at(root: Path, **changes: str | bytes | None) -> Path:
    """Write the spec above to *root*, some files changed or, with None, left out."""
    for name, text in (GOOD | changes).items():
        place = root / "spec" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            place.write_bytes(text)
        elif text is not None:
            place.write_text(text, encoding="utf-8")
    return root


def faults(root: Path, **changes: str | bytes | None) -> list[str]:
    """Read such a spec and give what is wrong with it."""
    with pytest.raises(SpecError) as caught:
        load_spec(spec_at(root, **changes))
    return str(caught.value).splitlines()


def test_gives_plain_data(tmp_path: Path) -> None:
    """Everything under the name of its file."""
    spec = load_spec(spec_at(tmp_path))
    assert spec.schema == {"usage": {"doc": "Usage.", "models": {}}}
    assert spec.parameters == {"parameters": {"heat": {"type": "float"}}}
    assert list(spec.providers) == ["acme"]
    assert spec.providers["acme"]["ports"] == [1, 2]
    assert spec.models == {"acme": {"one": {}}}
    assert spec.overlay == {"rules": {}}
    assert spec.hosted_tools == {"search": {}}
    assert spec.lockfile == {"type": "object"}
    assert spec.files == tuple(sorted(GOOD))


def test_the_overlay_may_be_missing(tmp_path: Path) -> None:
    """Where nothing needs to be decided."""
    assert load_spec(spec_at(tmp_path, **{"models/overlay.yaml": None})).overlay == {}


def test_the_digest_is_of_the_files_bytes(tmp_path: Path) -> None:
    """Twelve digits, in the order of the names."""
    spec = load_spec(spec_at(tmp_path))
    both = (GOOD["parameters.yaml"] + GOOD["models/acme.yaml"]).encode()
    assert spec.digest("parameters.yaml", "models/acme.yaml") == hashlib.sha256(both).hexdigest()[:12]


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Each with file, line and path."""
    told = faults(
        tmp_path,
        **{
            "parameters.yaml": "parameters:\n  heat:\n    type: float\n  wait:\n    doc: How long.\n  other:\n    type: 5\n",
            "schema/usage.yaml": "models: {}\n",
            "providers/acme.yaml": "id: acme\n\nports:\n  - 1\n  - many\nodd: true\n",
            "providers/other.yaml": "since: today\n",
        },
    )
    assert told == [
        "spec/schema/usage.yaml:1: (top): 'doc' is a required property",
        "spec/parameters.yaml:4: parameters.wait: 'type' is a required property",
        "spec/parameters.yaml:7: parameters.other.type: 5 is not of type 'string'",
        "spec/providers/acme.yaml:1: (top): Additional properties are not allowed ('odd' was unexpected)",
        "spec/providers/acme.yaml:5: ports.1: 'many' is not of type 'integer'",
        "spec/providers/other.yaml:1: (top): 'id' is a required property",
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("id: [1\nports: 2\n", "spec/providers/acme.yaml:2: expected ',' or ']', but got ':'"),
        ("id: acme\nid: other\n", "spec/providers/acme.yaml:2: found duplicate key"),
        ("id: 'acme\n", "spec/providers/acme.yaml:2: found unexpected end of stream"),
        (b"id: \xff\n", "spec/providers/acme.yaml:1: "),
        ("id: a\x00b\n", "spec/providers/acme.yaml:1: unacceptable character"),
        ("- acme\n", "spec/providers/acme.yaml:1: (top): ['acme'] is not of type 'object'"),
        ("", "spec/providers/acme.yaml:1: (top): 'id' is a required property"),
        ("id: acme\nports: {1: 2}\n", "spec/providers/acme.yaml:2: ports: {'1': 2} is not of type 'array'"),
        ("acme\n", "spec/providers/acme.yaml:1: (top): 'acme' is not of type 'object'"),
    ],
)
def test_what_is_no_yaml_is_told_too(tmp_path: Path, text: str | bytes, told: str) -> None:
    """By its first line, and the others are read all the same."""
    found = faults(tmp_path, **{"providers/acme.yaml": text, "schema/usage.yaml": "models: {}\n"})
    assert len(found) == 2
    assert found[0].startswith("spec/schema/usage.yaml:1: ")
    assert found[1].startswith(told)


def test_keys_that_are_no_strings(tmp_path: Path) -> None:
    """Are told at the line of what holds them."""
    assert faults(tmp_path, **{"parameters.yaml": "parameters:\n  4: {type: 5}\n"}) == [
        "spec/parameters.yaml:1: parameters.4.type: 5 is not of type 'string'"
    ]


def test_a_file_that_must_be_there(tmp_path: Path) -> None:
    """Is named."""
    assert faults(tmp_path, **{"parameters.yaml": None}) == ["spec/parameters.yaml: missing"]


def test_a_list_where_an_object_belongs(tmp_path: Path) -> None:
    """Is a fault like any other."""
    assert faults(tmp_path, **{"hosted_tools.yaml": "- search\n"}) == [
        "spec/hosted_tools.yaml:1: (top): ['search'] is not of type 'object'"
    ]


def test_without_schemas_nothing_can_be_checked(tmp_path: Path) -> None:
    """Every kind that lacks one is named."""
    assert faults(tmp_path, **{"meta.yaml": "schema: {}\nprovider: {}\nmodel: {}\noverlay: {}\nhosted_tools: {}\nlockfile: {}\n"}) == [
        "spec/meta.yaml: no schema for 'parameters'"
    ]
    assert faults(tmp_path / "other", **{"meta.yaml": None})[0] == "spec/meta.yaml: missing"


@pytest.mark.parametrize(
    "file, old, new, told",
    [
        ("schema/usage.yaml", "min: 0", "min: none", "models.Usage.fields.input_tokens.min: 'none' is not of type 'integer'"),
        ("parameters.yaml", "  temperature:", "  Temperature:", "parameters: 'Temperature' does not match"),
        ("providers/groq.yaml", "protocol: openai_chat", "protocol: telegraph", "protocol: 'telegraph' is not one of"),
    ],
)
def test_our_own_schemas_are_strict(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    """A slip in the project's spec is found in its file."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    place = tmp_path / "spec" / file
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path)
    found = str(caught.value)
    assert found.startswith(f"spec/{file}:")
    assert told in found
    assert f":{line}: " in found or "does not match" in found
