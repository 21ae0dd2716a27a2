"""The door to advice: what is found and recommended, what is drafted, and that nothing but a confirmed proposal reaches the file."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from llmring.advice import Advisor, CaughtUp
from llmring.exceptions import (
    LLMRingError,
    LockfileChangedError,
    LockfileError,
    LockfileParseError,
    RequestError,
    UnknownAliasError,
    UnknownProfileError,
    UnknownProviderError,
)
from llmring.lockfile import Lockfile
from tests._core.small_registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = """\
# Ours.
default_profile = "default"

# Quick ones.
[[profiles.default.bindings]]
alias = "fast"  # asked for by the bot
models = ["openai:gpt-5", "anthropic:claude-1"]

[[profiles.dev.bindings]]
alias = "local"
models = ["ollama:qwen3"]
"""
DAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside a lockfile."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "llmring.lock"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def advisor(path: Path) -> Advisor:
    """Advise on that lockfile, by a registry of a few models."""
    return Advisor(registry=registry(), today=DAY)


def names(told: dict[str, Any]) -> list[str]:
    """Give the models of a list."""
    return [each["model"] for each in told.get("models", told.get("recommended", ()))]


# --- models ----------------------------------------------------------------------------------------------


def test_models_are_filtered_and_sorted(advisor: Advisor) -> None:
    """By price unless told otherwise; a price that is not known comes last."""
    assert names(advisor.list_models()) == ["openai:gpt-5-2026-03-17", "anthropic:claude-1", "ollama:qwen3"]
    assert names(advisor.list_models(sort="name", can=["tools"])) == ["anthropic:claude-1", "openai:gpt-5-2026-03-17"]
    assert names(advisor.list_models(sort="context", max_input_price=3, max_output_price=20)) == [
        "openai:gpt-5-2026-03-17",
        "anthropic:claude-1",
    ]
    assert names(advisor.list_models(sort="newest", provider="ollama", key_here=True)) == ["ollama:qwen3"]
    assert names(advisor.list_models(kind="embedding")) == ["openai:embed-1"]
    assert names(advisor.list_models(search="claude", status="any", min_context=200000, min_output=64000)) == ["anthropic:claude-1"]


def test_lists_are_bounded(advisor: Advisor) -> None:
    """What is left off is counted."""
    told = advisor.list_models(limit=1)
    assert (told["found"], len(told["models"]), told["left_off"]) == (3, 1, 2)


def test_one_model_is_described(advisor: Advisor) -> None:
    """All its prices, and the names that it has; of an unknown one the near matches."""
    told = advisor.describe_model("anthropic:claude-1")
    assert told["prices"] == {"input": "3", "output": "15"}
    assert told["prices_above"] == [{"input_tokens": 200000, "prices": {"input": "6"}}]
    assert (told["can"], told["cannot"], told["key"]) == (["tools", "vision"], ["reasoning"], "missing")
    assert advisor.describe_model("openai:gtp-5")["did_you_mean"] == ["openai:gpt-5"]


def test_recommendations_have_reasons(advisor: Advisor) -> None:
    """And what was left out is counted by reason."""
    told = advisor.recommend_models(priority="price", can=["tools"])
    assert names(told) == ["openai:gpt-5-2026-03-17", "anthropic:claude-1"]
    assert told["recommended"][0]["reasons"][0] == "$0.75 input, $4.5 output per million tokens, among the cheapest that fit"
    assert told["left_out"] == {"not known to have tools": 1, "no chat model": 1}
    assert told == advisor.recommend_models(priority="price", can=["tools"])


def test_a_key_may_be_asked_for(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models without one are then left out."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    told = advisor.recommend_models(key_here=True, can=["tools"])
    assert names(told) == ["openai:gpt-5-2026-03-17"]
    assert told["recommended"][0]["key"] == "here"
    assert told["left_out"]["without a key here"] == 1


def test_one_of_each_provider_makes_a_pool(advisor: Advisor) -> None:
    """The best of each."""
    told = advisor.recommend_models(one_per_provider=True, kind="any")
    assert len({each.partition(":")[0] for each in names(told)}) == len(names(told)) == 3


def test_a_month_is_estimated_for_models_and_for_an_alias(advisor: Advisor) -> None:
    """1,000 calls x (2,000 x 0.75 + 100 x 4.5) / 1,000,000 = 1.95, and x (2,000 x 3 + 100 x 15) / 1,000,000 = 7.5."""
    told = advisor.estimate_monthly_cost(calls_per_month=1000, input_tokens=2000, output_tokens=100, alias="fast")
    assert [(each["model"], each["monthly"]) for each in told["models"]] == [("openai:gpt-5", "1.95"), ("anthropic:claude-1", "7.5")]
    assert told["pool"] == {"first": "1.95", "least": "1.95", "most": "7.5", "reason": None}
    told = advisor.estimate_monthly_cost(calls_per_month=1, input_tokens=1, output_tokens=1, models=["ollama:qwen3"])
    assert told["models"][0]["monthly"] is None
    assert told["models"][0]["reason"] == "ollama:qwen3: no price"
    assert told["pool"]["reason"] == "there is no figure for ollama:qwen3"


# --- the draft -------------------------------------------------------------------------------------------

CHANGES: list[tuple[str, Callable[[Advisor], Any], str]] = [
    ("set_alias", lambda it: it.set_alias("deep", ["anthropic:claude-1"]), "default: deep -> anthropic:claude-1"),
    ("replace", lambda it: it.set_alias("local", ["ollama:qwen3", "openai:gpt-5"], "dev"), "dev: local -> ollama:qwen3, openai:gpt-5"),
    ("add_fallback", lambda it: it.add_fallback("fast", "ollama:qwen3"), "default: fast -> openai:gpt-5, anthropic:claude-1, ollama:qwen3"),
    (
        "before",
        lambda it: it.add_fallback("fast", "ollama:a", "openai:gpt-5"),
        "default: fast -> ollama:a, openai:gpt-5, anthropic:claude-1",
    ),
    ("remove_fallback", lambda it: it.remove_fallback("fast", "openai:gpt-5"), "default: fast -> anthropic:claude-1"),
    ("remove_alias", lambda it: it.remove_alias("fast"), "default: fast removed"),
    (
        "set_requirements",
        lambda it: it.set_requirements("fast", can=["tools"], max_input_price=0),
        "default: fast asks for can ['tools'], max_input_price 0",
    ),
    ("add_profile", lambda it: it.add_profile("test", like="default"), "profile test added, like default"),
    ("remove_profile", lambda it: it.remove_profile("dev"), "profile dev removed"),
    ("set_default_profile", lambda it: it.set_default_profile("dev"), "default profile: default -> dev"),
    ("set_limits", lambda it: it.set_limits("openai", max_concurrency=3), "limits of openai: max_concurrency 3"),
    ("pin_models", lambda it: it.pin_models(), "models pinned"),
]
EACH_CHANGE = pytest.mark.parametrize("change, words", [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])


@EACH_CHANGE
def test_a_change_is_drafted_and_can_be_undone(advisor: Advisor, path: Path, change: Callable[[Advisor], Any], words: str) -> None:
    """The file stays as it was, comments stay where they were, and undoing leaves no difference."""
    told = change(advisor)
    assert json.loads(json.dumps(told))["unsaved_changes"] == 1
    assert advisor.changes == (words,)
    assert advisor.diff()["diff"].startswith("--- llmring.lock\n+++ llmring.lock\n@@")
    assert "# Ours." in advisor.lockfile.text
    assert path.read_text(encoding="utf-8") == TEXT
    assert advisor.undo() == {"undone": words, "unsaved_changes": 0}
    assert (advisor.diff()["diff"], advisor.lockfile.text) == ("", TEXT)
    assert advisor.undo()["undone"] is None


@EACH_CHANGE
def test_what_is_confirmed_is_written(advisor: Advisor, path: Path, change: Callable[[Advisor], Any], words: str) -> None:
    """As it was shown, and it is a lockfile."""
    change(advisor)
    proposal = advisor.proposal()
    assert proposal.changes == (words,)
    advisor.save(proposal)
    assert path.read_text(encoding="utf-8") == proposal.after == Lockfile.load(path).text
    assert (advisor.changes, advisor.diff()["diff"]) == ((), "")


def test_what_changes_nothing_is_no_change(advisor: Advisor) -> None:
    """Nothing waits to be saved, and nothing can be proposed."""
    told = advisor.set_alias("fast", ["openai:gpt-5", "anthropic:claude-1"])
    assert (told["was"], told["unsaved_changes"]) == (["openai:gpt-5", "anthropic:claude-1"], 0)
    assert advisor.propose_save()["proposed"] is False
    assert advisor.take_proposed() is None


def test_a_change_tells_what_there_is_to_say(advisor: Advisor) -> None:
    """As a check of its alias and models would."""
    told = advisor.set_alias("slow", ["openai:gpt-4", "anthropic:claude-1"])
    assert told["findings"] == ["error: default/slow: openai:gpt-4: the registry knows no such model; did you mean 'openai:gpt-5'?"]
    found = advisor.check()
    assert (found["errors"], found["warnings"]) == (2, 0)
    assert {each["code"] for each in found["findings"]} == {"unknown-model", "unpinned"}


def test_the_draft_is_shown(advisor: Advisor) -> None:
    """In the profile in force, or in another one."""
    advisor.set_requirements("fast", can=["tools"])
    told = advisor.show_lockfile()
    assert told["aliases"] == [{"alias": "fast", "models": ["openai:gpt-5", "anthropic:claude-1"], "requirements": {"can": ["tools"]}}]
    assert (told["profiles"], told["unsaved"]) == (["default", "dev"], ["default: fast asks for can ['tools']"])
    assert advisor.show_lockfile("dev")["aliases"][0]["alias"] == "local"
    assert Advisor(profile="dev").show_lockfile()["profile"] == "dev"


WRONG: list[tuple[Callable[[Advisor], Any], type[LLMRingError], str]] = [
    (lambda it: it.list_models(can=["visoin"]), RequestError, "There is no ability 'visoin'; did you mean 'vision'"),
    (lambda it: it.list_models(provider="opnai"), UnknownProviderError, "There is no provider 'opnai'; did you mean 'openai'"),
    (lambda it: it.list_models(limit=0), RequestError, "limit must be from 1 to 50, not 0"),
    (lambda it: it.list_models(min_context=-1), RequestError, "min_context must be at least 0, not -1"),
    (
        lambda it: it.describe_model("gpt-5"),
        RequestError,
        "'gpt-5' is no model; write provider:model, .*did you mean 'openai:gpt-5-2026-03-17'",
    ),
    (lambda it: it.check(-1), RequestError, "within must be from 0"),
    (
        lambda it: it.estimate_monthly_cost(calls_per_month=1, input_tokens=1, output_tokens=1),
        RequestError,
        "name either models or an alias",
    ),
    (
        lambda it: it.estimate_monthly_cost(calls_per_month=1, input_tokens=1, output_tokens=1, models=["a:b"] * 51),
        RequestError,
        "name 50 models at most",
    ),
    (lambda it: it.set_alias("", ["openai:gpt-5"]), LockfileError, "'' is no name"),
    (lambda it: it.set_alias("a\u202eb", ["openai:gpt-5"]), LockfileError, "is no name: write printable characters"),
    (lambda it: it.set_alias("a", ["openai:gpt-5\x1b[2J"]), LockfileError, "is no name: write printable characters"),
    (lambda it: it.set_alias("a", ["gpt-5"]), LockfileParseError, 'must be "provider:model"'),
    (lambda it: it.set_alias("a", []), LockfileParseError, "is empty"),
    (lambda it: it.set_alias("a", ["openai:x", "openai:x"]), LockfileError, "A model is named twice"),
    (lambda it: it.set_alias("a", [f"openai:{at}" for at in range(21)]), LockfileError, "21 models are more than"),
    (lambda it: it.set_alias("a", ["openai:x"], "prod"), UnknownProfileError, "Unknown profile 'prod'"),
    (lambda it: it.add_fallback("fast", "openai:gpt-5"), LockfileError, "fast has openai:gpt-5 already"),
    (lambda it: it.add_fallback("fast", "openai:x", "openai:y"), LockfileError, "fast has no model 'openai:y'; it has openai:gpt-5"),
    (
        lambda it: it.add_fallback("fats", "openai:x"),
        UnknownAliasError,
        "There is no alias 'fats' in profile 'default'; did you mean 'fast'",
    ),
    (lambda it: it.remove_fallback("fast", "openai:y"), LockfileError, "fast has no model 'openai:y'"),
    (lambda it: it.remove_fallback("local", "ollama:qwen3", "dev"), LockfileError, "is the only model of local"),
    (lambda it: it.set_requirements("fast", can=["visoin"]), LockfileParseError, "there is no ability 'visoin'"),
    (lambda it: it.add_profile("dev"), LockfileError, "There is a profile 'dev' already"),
    (lambda it: it.remove_profile("default"), LockfileError, "default is the default profile"),
    (lambda it: it.set_limits("openai", max_concurrency=0), LockfileError, "A limit must be at least 1"),
]


@pytest.mark.parametrize("call, kind, told", WRONG, ids=[str(at) for at in range(len(WRONG))])
def test_what_is_wrong_is_said_and_changes_nothing(
    advisor: Advisor, call: Callable[[Advisor], Any], kind: type[LLMRingError], told: str
) -> None:
    """By an error that says what to change."""
    with pytest.raises(kind, match=told):
        call(advisor)
    assert advisor.changes == ()


def test_changes_are_bounded(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that goes round in circles is stopped."""
    monkeypatch.setattr("llmring.advice.draft.MOST_STEPS", 1)
    advisor.remove_alias("fast")
    with pytest.raises(LockfileError, match="1 changes wait to be saved"):
        advisor.set_default_profile("dev")


# --- the file --------------------------------------------------------------------------------------------


def test_no_tool_writes(advisor: Advisor, path: Path) -> None:
    """A model can propose; saving is not among its tools."""
    offered = {tool.__name__ for tool in advisor.tools}
    assert not offered & {"save", "proposal", "take_proposed", "catch_up", "reset"}
    advisor.remove_alias("fast")
    assert advisor.propose_save("a\x1btidy-up")["written"] is False
    assert path.read_text(encoding="utf-8") == TEXT
    proposed = advisor.take_proposed()
    assert proposed is not None
    assert (proposed.summary, proposed.changes) == ("a tidy-up", ("default: fast removed",))
    assert advisor.take_proposed() is None


def test_what_was_not_shown_is_not_written(advisor: Advisor, path: Path) -> None:
    """A proposal is good for the draft that it shows."""
    advisor.remove_alias("fast")
    shown = advisor.proposal()
    advisor.set_default_profile("dev")
    with pytest.raises(LockfileChangedError, match="no longer what was confirmed"):
        advisor.save(shown)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_file_that_somebody_else_changed_is_not_overwritten(advisor: Advisor, path: Path) -> None:
    """Catching up keeps both changes, and what was shown before is no longer good."""
    advisor.set_alias("deep", ["anthropic:claude-1"])
    shown = advisor.proposal()
    theirs = TEXT.replace("# Ours.", "# Theirs.") + "\n[limits.openai]\nmax_concurrency = 3\n"
    path.write_text(theirs, encoding="utf-8")
    with pytest.raises(LockfileChangedError, match="changed by somebody else; nothing was written"):
        advisor.save(shown)
    assert path.read_text(encoding="utf-8") == theirs
    assert advisor.catch_up() == CaughtUp(moved=True)
    assert advisor.catch_up() == CaughtUp(moved=False)
    with pytest.raises(LockfileChangedError):
        advisor.save(shown)
    advisor.save(advisor.proposal())
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Theirs.")
    assert ("max_concurrency = 3" in text, 'alias = "deep"' in text) == (True, True)


def test_what_both_changed_is_told(advisor: Advisor, path: Path) -> None:
    """The diff shows what the file says, so that nothing is overwritten unseen; what can no longer be done is told as well."""
    advisor.set_alias("fast", ["ollama:mine"])
    advisor.set_requirements("local", can=["tools"], profile="dev")
    path.write_text('[[profiles.default.bindings]]\nalias = "fast"\nmodels = ["ollama:theirs"]\n', encoding="utf-8")
    caught = advisor.catch_up()
    assert caught.both == ("default: fast -> ollama:mine", "dev: local asks for can ['tools']")
    assert [each.partition(": Unknown")[0] for each in caught.lost] == ["dev: local asks for can ['tools']"]
    assert '-models = ["ollama:theirs"]\n+models = ["ollama:mine"]\n' in advisor.proposal().diff


def test_a_file_that_was_broken_meanwhile_is_told(advisor: Advisor, path: Path) -> None:
    """The draft stays."""
    advisor.remove_alias("fast")
    path.write_text("models = [", encoding="utf-8")
    with pytest.raises(LockfileParseError):
        advisor.catch_up()
    assert advisor.changes == ("default: fast removed",)


def test_a_file_that_is_gone_is_begun_again(advisor: Advisor, path: Path) -> None:
    """With the changes that can be made to a new one."""
    advisor.set_alias("deep", ["anthropic:claude-1"])
    path.unlink()
    assert advisor.catch_up() == CaughtUp(moved=True)
    assert advisor.proposal().diff.startswith("--- /dev/null\n")


def test_everything_can_be_taken_back(advisor: Advisor, path: Path) -> None:
    """The file is read anew."""
    advisor.remove_alias("fast")
    advisor.set_default_profile("dev")
    path.write_text("# Now empty.\n", encoding="utf-8")
    assert advisor.reset() == 2
    assert (advisor.lockfile.text, advisor.changes) == ("# Now empty.\n", ())


@pytest.mark.parametrize("name", ["new.lock", "new.json"])
def test_a_new_lockfile_is_drafted_where_there_is_none(tmp_path: Path, name: str) -> None:
    """In the syntax of its name; it is there once it is saved."""
    advisor = Advisor(tmp_path / name)
    assert advisor.diff()["diff"] == ""
    advisor.set_alias("fast", ["ollama:mine"])
    assert not (tmp_path / name).exists()
    advisor.save(advisor.proposal())
    assert Lockfile.load(tmp_path / name).get_profile().bindings[0].models == ("ollama:mine",)


def test_the_bundled_lockfile_is_not_changed(path: Path) -> None:
    """Without a file in the folder a new one is drafted there."""
    path.unlink()
    advisor = Advisor()
    assert advisor.path == str(path)
    assert advisor.show_lockfile()["aliases"] == []


def test_an_empty_file_has_a_profile_to_begin_with(path: Path) -> None:
    """The default one, without being written down before."""
    path.write_text("", encoding="utf-8")
    advisor = Advisor()
    assert advisor.set_alias("fast", ["ollama:mine"])["profile"] == "default"


def test_a_line_without_an_end_is_shown_as_one(path: Path) -> None:
    """As diff does."""
    path.write_text(TEXT.rstrip("\n"), encoding="utf-8")
    advisor = Advisor()
    advisor.add_profile("test")
    assert "\\ No newline at end of file\n" in advisor.diff()["diff"]
