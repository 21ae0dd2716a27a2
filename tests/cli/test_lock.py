"""The commands about pins: what they write, what they find, and their exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from llmring.cli.lock_init import INIT
from llmring.cli.locking import CHANGE, CHANGES, CHECK, FINDING, TYPES
from llmring.lockfile import Binding, Lockfile
from llmring.registry import load
from tests._core.small_registry import registry, rows
from tests.cli.test_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llmring._core.registry import Registry
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

TEXT = """\
# Ours.
[[profiles.default.bindings]]
alias = "fast"
models = ["openai:gpt-5", "anthropic:claude-1"]
"""


@pytest.fixture
def path(user: Path) -> Path:
    """Work beside a lockfile."""
    (user / "llmring.lock").write_text(TEXT, encoding="utf-8")
    return user / "llmring.lock"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[Registry], None]:
    """Let the registry in force be a small one whose models never retire, and give a function that puts another in its place."""

    def put(registry: Registry) -> None:
        monkeypatch.setattr("llmring.locking.load", Mock(return_value=registry))
        monkeypatch.setattr("llmring.cli.locking.load", lambda: registry)

    put(registry(lasting()))
    return put


def lasting() -> dict[str, dict[str, dict[str, Any]]]:
    """Give models that never retire."""
    given = rows()
    del given["openai"]["gpt-5-2026-03-17"]["x"]
    return given


def dearer() -> Registry:
    """Give the registry of a later day, in which one price has risen."""
    given = lasting()
    given["anthropic"]["claude-1"]["p"] = [{"r": ["3.3", "15"], "t": [[200000, "6"]], "d": "2026-01-01"}]
    return registry(given, "2026-12-24", "bbbb")


PINNED = """\
model               what  was  now               by
openai:gpt-5        pin   -    gpt-5-2026-03-17
anthropic:claude-1  pin   -    claude-1
"""


def test_pins_are_written(llmring: Command, path: Path) -> None:
    """What changed is data, how many there are is not; a second time nothing moved."""
    assert llmring("lock") == (0, PINNED, "2 models pinned in llmring.lock, as of 2026-11-23\n")
    assert llmring("lock") == (0, "", "2 models pinned in llmring.lock, as of 2026-11-23; nothing moved\n")
    assert path.read_text(encoding="utf-8").startswith("# Ours.\n")
    assert list(Lockfile.load(path).to_dict()["pins"]) == ["openai:gpt-5", "anthropic:claude-1"]


UNPINNED = """\
       line  code      about         what
error     4  unpinned  openai:gpt-5  is a floating name (today gpt-5-2026-03-17) without a pin; run llmring lock
"""


@pytest.mark.parametrize("word", ["check", "validate"])
def test_a_check_fails_where_something_matters(llmring: Command, path: Path, word: str) -> None:
    """By a table, and by the exit code."""
    assert llmring("lock", word) == (1, UNPINNED, "llmring.lock: 1 error, no warnings, as of 2026-11-23\n")
    llmring("lock")
    assert llmring("lock", word) == (0, "", "llmring.lock: no errors, no warnings, as of 2026-11-23\n")


def test_a_check_in_json(llmring: Command, path: Path, known: Callable[[Registry], None]) -> None:
    """Its shape is always the same, and so is its exit code."""
    llmring("lock")
    clean = json.loads(llmring("lock", "check", "--json").out)
    assert clean == {
        "lockfile": str(path), "registry": {"version": "2026-11-23", "hash": "aaaa"}, "errors": 0, "warnings": 0, "findings": [],
    }  # fmt: skip
    known(dearer())
    code, out, err = llmring("lock", "check", "--json")
    assert (code, err) == (1, "")
    told = json.loads(out)
    assert tuple(told) == CHECK
    assert tuple(told["findings"][0]) == FINDING
    assert told["findings"][0] == {
        "severity": "error", "code": "price-changed", "subject": "anthropic:claude-1", "was": "3", "now": "3.3", "line": 18,
        "message": "price of input: $3 then, $3.3 now (+10 %); see to it, then run llmring lock",
    }  # fmt: skip
    assert (told["errors"], told["warnings"]) == (1, 2)


def test_warnings_fail_where_they_shall(llmring: Command, path: Path) -> None:
    """With ``--strict``."""
    path.write_text(TEXT.replace("openai:gpt-5", "ollama:mine"), encoding="utf-8")
    assert llmring("lock", "check").code == 0
    assert llmring("lock", "check", "--strict").code == 1


def test_what_code_configures_is_named(llmring: Command, path: Path) -> None:
    """With ``--provider``."""
    path.write_text(TEXT.replace("openai:gpt-5", "corp:mine"), encoding="utf-8")
    assert "there is no provider 'corp'" in llmring("lock", "check").out
    assert llmring("lock", "check", "--provider", "corp").code == 0


def test_the_difference_is_shown(llmring: Command, path: Path, known: Callable[[Registry], None]) -> None:
    """Nothing is written; the exit code says whether there is one."""
    llmring("lock")
    text = path.read_text(encoding="utf-8")
    assert llmring("lock", "diff") == (0, "", "llmring.lock is as llmring lock would write it\n")
    known(dearer())
    table = "model               what         was   now     by\nanthropic:claude-1  price input   $3  $3.3  +10 %\n"
    assert llmring("lock", "diff") == (1, table, "")
    assert llmring("lock", "diff", "--exit-zero").code == 0
    told = json.loads(llmring("lock", "diff", "--json").out)
    assert tuple(told) == CHANGES
    assert tuple(told["changes"][0]) == CHANGE
    assert path.read_text(encoding="utf-8") == text


def test_a_newer_registry_is_taken_over(llmring: Command, path: Path, known: Callable[[Registry], None]) -> None:
    """What moved is left, and told."""
    llmring("lock")
    known(dearer())
    code, out, err = llmring("lock", "bump-registry")
    assert (code, out.splitlines()[1:]) == (0, ["anthropic:claude-1  price input   $3  $3.3  +10 %"])
    assert err == "llmring.lock speaks of the registry of 2026-12-24; 1 model left as pinned: llmring lock takes over what moved\n"
    assert Lockfile.load(path).get_profile().registry_versions == {"openai": 20261224, "anthropic": 20261224}
    assert json.loads(llmring("lock", "bump-registry", "--json").out)["changes"][0]["key"] == "price.input"


def test_aliases_are_written_as_a_type(llmring: Command, path: Path) -> None:
    """To a file, or to stdout; ``--check`` compares."""
    assert llmring("lock", "types", "--check").code == 1
    code, out, err = llmring("lock", "types")
    assert (code, out) == (0, "llmring_aliases.py\n")
    assert "LLMRing[Alias]" in err
    assert llmring("lock", "types", "-o", "-").out == (path.parent / "llmring_aliases.py").read_text(encoding="utf-8")
    assert llmring("lock", "types", "--check") == (0, "", "")
    path.write_text(TEXT.replace('"fast"', '"slow"'), encoding="utf-8")
    code, out, err = llmring("lock", "types", "--check")
    assert (code, out) == (1, "")
    assert err.startswith("error: llmring_aliases.py does not have the aliases of the lockfile; write it anew: llmring lock types")
    assert (
        llmring("lock", "types", "-o", "no/such/folder.py").err == "error: no/such/folder.py cannot be written: No such file or directory\n"
    )


def test_a_type_in_json(llmring: Command, path: Path) -> None:
    """Whether there is anything to write, and where; a module is needed for that, and to be compared with."""
    told = json.loads(llmring("lock", "types", "--json").out)
    assert told == dict(zip(TYPES, (str(path), str(path.parent / "llmring_aliases.py"), True), strict=True))
    assert json.loads(llmring("lock", "types", "--json").out)["changed"] is False
    path.write_text(TEXT.replace('"fast"', '"slow"'), encoding="utf-8")
    code, out, _ = llmring("lock", "types", "--check", "--json")
    assert (code, json.loads(out)["changed"]) == (1, True)
    for option in ("--json", "--check"):
        assert llmring("lock", "types", "-o", "-", option).err.startswith(f"error: {option} needs a module: --output src/app/aliases.py")
    (path.parent / "llmring_aliases.py").write_bytes(b"\xff")
    assert llmring("lock", "types", "--check").code == 1


def test_what_cannot_be_pinned_is_told(llmring: Command, path: Path) -> None:
    """A name that the registry does not have, unless nobody could know it."""
    llmring("bind", "odd", "openai:gpt-0,ollama:any")
    code, _, err = llmring("lock")
    assert (code, err.splitlines()[1:]) == (0, ["warning: openai:gpt-0: the registry knows no such model; check the name"])


def test_the_file_may_be_named_before_or_behind(llmring: Command, path: Path) -> None:
    """A file that is not there is an error."""
    path.rename(path.with_name("other.lock"))
    assert llmring("lock", "--file", "other.lock", "check").code == 1
    assert llmring("lock", "check", "-f", "other.lock").code == 1
    assert llmring("lock", "-f", "other.lock").code == 0
    assert "There is no lockfile" in llmring("lock", "check", "-f", "none.lock").err
    assert "There is no llmring.lock in this folder" in llmring("lock").err


BAD = {
    "typo": ("profile = 1\n", "line 1: profile: unknown key; did you mean 'profiles'?"),
    "twice": (TEXT + TEXT, "'fast' is already bound by profiles.default.bindings[0]; keep one"),
    "empty pool": ('[[profiles.default.bindings]]\nalias = "a"\nmodels = []\n', "line 3: profiles.default.bindings[0].models: is empty"),
    "type": ("version = 1\n", 'line 1: version: must be a string, as in version = "1.0"'),
    "newer": ('version = "9.0"\n', "line 1: format '9.0' is newer than what this LLMRing reads (1.0); upgrade llmring"),
    "ability": (TEXT + 'constraints = ["visoin"]\n', "line 5: profiles.default.bindings[0].constraints[0]: there is no ability 'visoin'"),
    "no toml": ("models = [\n", "not valid TOML"),
}


@pytest.mark.parametrize("text, told", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("command", [("lock",), ("lock", "check"), ("lock", "diff")], ids=" ".join)
def test_a_faulty_file_is_named_with_line_and_remedy(llmring: Command, path: Path, text: str, told: str, command: tuple[str, ...]) -> None:
    """In one line on stderr; the file stays as it is."""
    path.write_text(text, encoding="utf-8")
    code, out, err = llmring(*command)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {path}")
    assert told in err
    assert path.read_text(encoding="utf-8") == text


def test_what_cannot_be_read_is_named(llmring: Command, path: Path) -> None:
    """A folder, another encoding, no permission."""
    assert "is a folder; name the lockfile in it" in llmring("lock", "check", "-f", str(path.parent)).err
    path.write_bytes(b"a = '\xe4'")
    assert "line 1: not UTF-8 (byte 0xe4); save the file as UTF-8" in llmring("lock", "check").err


def test_a_lockfile_is_begun(llmring: Command, path: Path) -> None:
    """Not over one that is there, unless forced; its models are pinned."""
    assert llmring("lock", "init") == (1, "", "error: llmring.lock is there already; --force replaces it\n")
    assert "is a folder; name the lockfile in it" in llmring("lock", "init", "-f", ".").err
    code, out, err = llmring("lock", "init", "--force")
    assert (code, err) == (0, "llmring.lock is written, 0 models pinned\n")
    assert out.splitlines()[0].split() == ["alias", "models"]
    assert Lockfile.load(path).get_profile().get_binding("local")


def test_a_lockfile_is_begun_where_the_environment_says(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is where every other command looks for it."""
    monkeypatch.setenv("LLMRING_LOCKFILE_PATH", "ours.lock")
    assert "which LLMRING_LOCKFILE_PATH names. Name one that is there, or have one written: llmring lock init." in llmring("aliases").err
    assert llmring("lock", "init").err == "ours.lock is written, 0 models pinned\n"
    assert llmring("aliases").code == 0
    assert (
        llmring("lock", "init", "-f", "no/such.lock").err == "error: no/such.lock cannot be written: there is no folder no; make it first\n"
    )
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_great_change_is_told_in_full(llmring: Command, path: Path, known: Callable[[Registry], None]) -> None:
    """No exponents."""
    llmring("lock")
    path.write_text(path.read_text(encoding="utf-8").replace('input = "3"', 'input = "0.001"'), encoding="utf-8")
    assert "+299,900 %" in llmring("lock", "diff").out
    assert "(+299,900 %)" in llmring("lock", "check").out


def test_models_with_a_key_are_begun_with(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch, in_full: None) -> None:
    """The registry of the package has models for every alias."""
    monkeypatch.delenv("OPENAI_API_KEY")
    told = json.loads(llmring("lock", "init", "-f", "new.lock", "--json").out)
    assert tuple(told) == INIT
    assert list(told["aliases"]) == ["fast", "balanced", "deep", "vision", "local"]
    assert {models[0].partition(":")[0] for models in told["aliases"].values()} == {"anthropic", "ollama"}
    assert llmring("lock", "diff", "-f", "new.lock").code == 0


@pytest.fixture
def in_full(monkeypatch: pytest.MonkeyPatch, known: object) -> None:
    """Let the registry be that of the package."""
    monkeypatch.setattr("llmring.locking.load", Mock(return_value=load()))


def test_models_are_asked_for_on_a_terminal(user: Path) -> None:
    """Alias by alias; a name that nobody knows is taken, and told."""
    (user / "llmring.lock").unlink()
    with Terminal("lock", "init", "--interactive") as terminal:
        for alias, answer in (("fast", "openai:gtp-5"), ("balanced", "-"), ("deep", "-"), ("vision", "-"), ("local", "-")):
            terminal.read_until(f"{alias} [")
            terminal.write(answer)
        terminal.read_until("another alias (Enter ends)")
        terminal.write("")
        screen = terminal.read()
    assert "warning: openai:gtp-5: the registry knows no such model; check the name" in screen
    assert terminal.process.returncode == 0
    assert Lockfile.load(user / "llmring.lock").get_profile().get_binding("fast") == Binding("fast", ("openai:gtp-5",))


def test_models_are_asked_for(llmring: Command, path: Path, in_full: None) -> None:
    """Enter takes what is suggested, a dash leaves an alias out, what cannot be bound is asked for again."""
    code, out, err = llmring("lock", "init", "-i", "--force", piped="\n-\ngpt\n-\n-\n-\nmine\nollama:x, ollama:y\nother\n-\n\n")
    assert code == 0
    assert "models[0]: must be \"provider:model\", not 'gpt'" in err
    assert [line.split()[0] for line in out.splitlines()] == ["alias", "fast", "mine"]
    assert Lockfile.load(path).get_profile().get_binding("mine") == Binding("mine", ("ollama:x", "ollama:y"))
