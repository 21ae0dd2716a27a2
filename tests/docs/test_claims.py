"""What the documentation says in tables and sentences is what the code does."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import attrs
import pytest

from llmring import exceptions
from llmring._core.recovery import Policy, delay, falls_back
from llmring._core.settings_check import OPTIONS
from llmring._core.timeouts import Timeout
from llmring._gen.providers import PROVIDERS, TEMPLATES
from llmring._gen.stream import STREAMEVENTS
from llmring.cli import asking, doctor, lock_chat, lock_init, locking, models, naming
from llmring.cli.chat import ATTEMPT, SHAPE
from llmring.exceptions import LLMRingError
from llmring.ledger import CallTotals

ROOT = Path(__file__).parents[2]
ERROR_PAGES = [ROOT / "README.md", ROOT / "docs" / "guide" / "errors.md"]
NAME = re.compile(r"`(\w+Error)`")


def rows(page: Path) -> dict[str, str]:
    """Read from *page*'s table of errors what follows each."""
    table = [line.strip().strip("|").split("|") for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name: cells[-1].strip() for cells in table for name in NAME.findall(cells[0])}


def what_follows(name: str) -> str:
    """Ask the code what follows the error called *name*."""
    error: LLMRingError = getattr(exceptions, name)("failed")
    if delay(error, 1, Policy(), 0.5) is not None:
        return "retried, then the next model"
    return "the next model at once" if falls_back(error) else "raised"


@pytest.mark.parametrize("page", ERROR_PAGES, ids=lambda page: page.name)
def test_table_of_errors(page: Path) -> None:
    """Each error of the table is followed by what the table says."""
    claimed = rows(page)
    assert {name: what_follows(name) for name in claimed} == claimed


@pytest.mark.parametrize("page", ERROR_PAGES, ids=lambda page: page.name)
def test_table_of_errors_is_whole(page: Path) -> None:
    """What the table leaves out is raised."""
    claimed = rows(page)
    for name, error in inspect.getmembers(exceptions, inspect.isclass):
        if name.startswith("_") or not issubclass(error, LLMRingError) or name in claimed:
            continue
        assert what_follows(name) == "raised" or name == "CircuitBreakerError", name


def test_readme_names_the_variables_of_the_four_providers() -> None:
    """The table of keys and addresses holds the variables that are read, in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for provider in ("openai", "anthropic", "google", "ollama"):
        (row,) = re.findall(rf"^\| `{provider}` \|.*$", text, re.MULTILINE)
        keys = [variable for way in PROVIDERS[provider]["auth"] for variable in way["env"]]
        wanted = [*(() if PROVIDERS[provider]["key_optional"] else keys), *PROVIDERS[provider]["base_url_env"]]
        assert re.findall(r"`([A-Z_]+)`", row) == wanted


def test_readme_counts_the_vendors() -> None:
    """There are more than forty beside the four."""
    assert len(PROVIDERS) - 4 > 40


def first_cells(page: str, heading: str) -> list[str]:
    """List the names in the first column of *page*'s table whose first heading is *heading*."""
    text = (ROOT / "docs" / "guide" / page).read_text(encoding="utf-8")
    _, _, after = text.partition(f"\n| {heading} |")
    table, _, _ = after.partition("\n\n")
    return re.findall(r"^\| `(\w+)`", table, re.MULTILINE)


def test_guide_lists_every_event() -> None:
    """The table of events is whole."""
    assert set(first_cells("streaming.md", "event")) == {event.__name__ for event in STREAMEVENTS.values()}


def test_guide_lists_every_phase() -> None:
    """The table of timeouts is whole."""
    assert first_cells("errors.md", "phase") == [phase.name for phase in attrs.fields(Timeout)]


def test_guide_lists_every_option_of_a_provider() -> None:
    """The table of a provider's options is whole."""
    assert set(first_cells("providers.md", "option")) == set(OPTIONS)


def test_guide_and_readme_list_every_protocol() -> None:
    """Both say which wire formats there are."""
    assert set(first_cells("providers.md", "protocol")) == set(TEMPLATES)
    (sentence,) = re.findall(r"^`protocol` is one of .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`(\w+_\w+)`", sentence)) == set(TEMPLATES)


def test_guide_shows_the_shape_of_json() -> None:
    """The keys of ``--json`` are the documented ones."""
    text = (ROOT / "docs" / "guide" / "command-line.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    (chat,) = [each for each in shown if "content" in each]
    assert tuple(chat) == SHAPE
    assert tuple(chat["attempts"][0]) == ATTEMPT
    (stats,) = [each for each in shown if "groups" in each]
    (check,) = [each for each in shown if "findings" in each]
    assert (tuple(check), tuple(check["findings"][0])) == (locking.CHECK, locking.FINDING)
    (changes,) = [each for each in shown if "changes" in each]
    assert (tuple(changes), tuple(changes["changes"][0])) == (locking.CHANGES, locking.CHANGE)
    (aliases,) = [each for each in shown if "aliases" in each and "lockfile" in each]
    assert (tuple(aliases), tuple(aliases["aliases"][0])) == (naming.ALIASES, naming.ALIAS)
    (model,) = [each for each in shown if "family" in each]
    assert tuple(model) == models.MODEL
    assert tuple(stats["groups"][0]) == tuple(stats["total"]) == tuple(field.name for field in attrs.fields(CallTotals))


@pytest.mark.parametrize(
    "keys",
    [
        lock_init.INIT,
        naming.BOUND,
        naming.UNBOUND,
        models.MODELS,
        models.INFO,
        doctor.PROVIDER,
        doctor.FINDING,
        asking.ESTIMATE,
        asking.EMBEDDING,
        lock_chat.ONCE,
    ],
    ids=" ".join,
)
def test_guide_names_every_key_of_json(keys: tuple[str, ...]) -> None:
    """Those of shorter shapes stand in the text."""
    text = (ROOT / "docs" / "guide" / "command-line.md").read_text(encoding="utf-8")
    assert [key for key in keys if f"`{key}`" not in text] == []


def test_guide_names_every_kind_of_drift() -> None:
    """Each code that a check may tell is explained."""
    text = (ROOT / "docs" / "guide" / "lockfile.md").read_text(encoding="utf-8")
    source = "".join((ROOT / "src" / "llmring" / "_core" / name).read_text(encoding="utf-8") for name in ("drift.py", "drift_asked.py"))
    codes = set(re.findall(r'Finding\(\s*(?:"\w+"(?: if \w+ else "\w+")?),\s*"([a-z-]+)"', source))
    assert len(codes) == 24
    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []


def test_readme_begins_with_the_command_that_shows_it_at_work() -> None:
    """The first thing to paste installs what is here, and runs the command that it installs."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks[0] == "python -m pip install . && llmring demo\n"
