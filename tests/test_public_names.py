"""The public names: each can be imported from its door, and nothing else pretends to be there."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import llmring
from llmring import advice, exceptions, files, ledger, lockfile, locking, providers, registry, schemas, service, sessions, tools

if TYPE_CHECKING:
    from types import ModuleType

DOORS = [llmring, advice, exceptions, files, ledger, lockfile, locking, providers, registry, schemas, service, sessions, tools]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_name_is_there(door: ModuleType) -> None:
    """What a door lists, it has, under the same name."""
    names: list[str] = door.__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(door, name)] == []
    assert set(names) <= set(dir(door))


def test_checkers_see_the_same_names() -> None:
    """What is imported for type checkers alone is exactly what is loaded on demand."""
    tree = ast.parse(Path(llmring.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(imported) == sorted(llmring.__all__)
    assert [name for name, home in imported.items() if getattr(import_module(str(home)), name) is not getattr(llmring, name)] == []


def test_errors_and_rings_are_offered_at_the_top() -> None:
    """Every error and every ring can be imported from the package itself."""
    assert set(exceptions.__all__) <= set(llmring.__all__)
    assert set(service.__all__) <= set(llmring.__all__)


def test_helpers_for_files_are_offered_at_the_top() -> None:
    """Every helper for images can be imported from the package itself."""
    assert set(files.__all__) <= set(llmring.__all__)
    assert llmring.create_image_content is files.create_image_content


@pytest.mark.parametrize("door", [llmring, schemas], ids=lambda door: door.__name__)
def test_other_names_are_attribute_errors(door: ModuleType) -> None:
    """A wrong name fails as it does in any module."""
    with pytest.raises(AttributeError, match=r"module 'llmring[.\w]*' has no attribute 'Nothing'"):
        _ = door.Nothing


def test_version_is_text() -> None:
    """The version is there without asking the installed distribution."""
    assert llmring.__version__[0].isdigit()
