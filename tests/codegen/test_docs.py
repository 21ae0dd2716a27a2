"""The reference pages: every option, key and field of the spec has its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codegen.docs import OPTIONS, SHAPES, generate, options_page
from codegen.load import load_spec
from codegen.schemas import PUBLIC

if TYPE_CHECKING:
    from codegen.load import Spec


@pytest.fixture(scope="module")
def spec() -> Spec:
    """Return the project's own spec."""
    return load_spec()


def test_every_option_and_key_has_a_row(spec: Spec) -> None:
    """Nothing that can be passed is left out."""
    rows = [line.partition("`:")[0].partition("` |")[0] for line in generate(spec)[OPTIONS].splitlines()]
    for name in (*spec.parameters["parameters"], *spec.parameters["extra_params"]):
        assert f"| `{name}" in rows


def test_every_field_has_a_row(spec: Spec) -> None:
    """Nothing that can be read or set is left out."""
    sections = generate(spec)[SHAPES].split("\n### ")
    shapes = {text.partition("`\n")[0].strip("`"): text for text in sections[1:]}
    for schema in (schema for name, schema in spec.schema.items() if name in PUBLIC):
        for name, entry in schema["models"].items():
            assert name in shapes
            assert [field for field in entry["fields"] if f"\n| `{field}` |" not in shapes[name]] == []


def test_a_row_tells_type_bounds_and_places() -> None:
    """A row says what is taken and where it goes; bars in types do not break the table."""
    page = options_page(
        {
            "parameters": {
                "heat": {"type": "float | int", "min": 0, "max": 2, "doc": "How hot.", "wire": {"a_chat": "x.heat", "b_chat": "code"}},
                "wait": {"type": "float", "ring": True, "doc": "How long."},
            },
            "extra_params": {"odd": {"b_chat": "odd"}},
        }
    )
    assert "| `heat`: `float \\| int` (at least 0, at most 2) | How hot. | `x.heat` | *rendered* |\n" in page
    assert "| `wait`: `float` | How long. |\n" in page
    assert "| `odd` | *no* | `odd` |\n" in page
