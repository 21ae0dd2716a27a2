"""From names to models: aliases, direct references, profiles, packages, and names that nothing answers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import lockfile
from llmring._core.plan import Book, Candidate, Plan, first_usable
from llmring.exceptions import (
    ConfigurationError,
    MissingAliasesError,
    MissingAPIKeyError,
    UnknownAliasError,
    UnknownProfileError,
    UnknownProviderError,
)
from tests._core.lockfile_texts import aliases, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT = """
[[profiles.default.bindings]]
alias = "summarizer"
models = ["claude:haiku", "openai:gpt-5.4-mini", "ollama:qwen3:8b"]
[[profiles.default.bindings]]
alias = "my-library:extractor"
models = ["openai:own"]
[[profiles.default.bindings]]
alias = "team:fast"
models = ["openai:team"]
[[profiles.default.bindings]]
alias = "typo"
models = ["opnai:gpt"]
[[profiles.dev.bindings]]
alias = "summarizer"
models = ["ollama:llama3.2"]
"""

PACKAGE = """
default_profile = "main"
[[profiles.main.bindings]]
alias = "extractor"
models = ["openai:theirs"]
[[profiles.main.bindings]]
alias = "ranker"
models = ["openai:main"]
[[profiles.dev.bindings]]
alias = "ranker"
models = ["ollama:dev"]
"""

NAMES = {"openai": "openai", "anthropic": "anthropic", "claude": "anthropic", "ollama": "ollama", "corp": "corp"}


def book(text: str = TEXT, profile: str | None = None, environment: Mapping[str, str] | None = None) -> Book:
    """Open *text* beside one package."""
    extended = {"my-library": lockfile.parse(PACKAGE), "bare": lockfile.empty(), "odd": lockfile.parse("[profiles.x]")}
    return Book(lockfile.parse(text), path="/x/llmring.lock", providers=NAMES, extended=extended, profile=profile, environment=environment)


def names(plan: Plan) -> list[str]:
    """Write the candidates of *plan*."""
    return list(map(str, plan.candidates))


def test_an_alias_stands_for_its_models_in_order() -> None:
    """Providers go by their ids afterwards; a model may hold colons."""
    plan = book().plan("summarizer")
    assert plan.candidates == (Candidate("anthropic", "haiku"), Candidate("openai", "gpt-5.4-mini"), Candidate("ollama", "qwen3:8b"))
    assert (plan.alias, plan.profile) == ("summarizer", "default")


@pytest.mark.parametrize(
    "name, candidate",
    [("openai:gpt", "openai:gpt"), ("claude:opus", "anthropic:opus"), ("ollama:qwen3:8b", "ollama:qwen3:8b"), ("corp:a/b:c", "corp:a/b:c")],
)
def test_a_reference_is_split_at_its_first_colon(name: str, candidate: str) -> None:
    """Neither alias nor profile has to do with it."""
    assert names(book().plan(name, "no such profile")) == [candidate]
    assert book().plan(name)[1:] == (None, None)


def test_packages_lend_their_aliases() -> None:
    """They are namespaced; the user's own binding of that name wins; the profile is the same, or else the package's default."""
    assert names(book().plan("my-library:extractor")) == ["openai:own"]
    assert names(book().plan("my-library:ranker")) == ["openai:main"]
    assert names(book().plan("my-library:ranker", "dev")) == ["ollama:dev"]
    assert names(book().plan("team:fast")) == ["openai:team"]


@pytest.mark.parametrize(
    "profile, variable, argument, alias",
    [(None, None, None, "openai:gpt-5.4-mini"), (None, "dev", None, "ollama:llama3.2"), ("default", "dev", None, "openai:gpt-5.4-mini"),
     ("default", None, "dev", "ollama:llama3.2"), (None, "", None, "openai:gpt-5.4-mini")],
)  # fmt: skip
def test_the_profile_is_the_nearest_one_named(profile: str | None, variable: str | None, argument: str | None, alias: str) -> None:
    """The call's, the ring's, the environment's, the lockfile's."""
    environment = {} if variable is None else {"LLMRING_PROFILE": variable}
    assert alias in names(book(profile=profile, environment=environment).plan("summarizer", argument))


def test_the_lockfile_may_name_its_default() -> None:
    """Without any profile there are no aliases, whatever the default is called."""
    assert names(book('default_profile = "dev"\n' + TEXT).plan("summarizer")) == ["ollama:llama3.2"]
    assert [name for name in book("").aliases() if not name.startswith("my-library:")] == []


@pytest.mark.parametrize(
    "kind, name, told, near",
    [(UnknownAliasError, "summariser", "did you mean 'summarizer'?", ["summarizer"]),
     (UnknownAliasError, "Summarizer ", "did you mean 'summarizer'?", ["summarizer"]),
     (UnknownAliasError, "gpt-5", "summarizer, team:fast, typo. A model is written provider:model.", []),
     (UnknownAliasError, "openai", "'openai' is a provider: write openai:<model>.", []),
     (UnknownAliasError, "my-library:rankr", "did you mean 'my-library:ranker' or", ["my-library:ranker", "my-library:extractor"]),
     (UnknownProviderError, "OpenAi:gpt", "did you mean 'openai:gpt'?", ["openai"]),
     (UnknownProviderError, "my_library:ranker", "did you mean 'my-library:ranker'?", ["my-library"]),
     (UnknownProviderError, "team:fsat", "did you mean 'team:fast'?", []),
     (UnknownProviderError, "zzz:gpt", "which is no alias in profile 'default' of /x/llmring.lock either.", []),
     (UnknownProviderError, "typo", "bound to 'opnai:gpt', but there is no provider 'opnai'; did you mean 'openai'?", ["openai"])],
)  # fmt: skip
def test_unknown_names_list_near_ones(kind: type[UnknownAliasError | UnknownProviderError], name: str, told: str, near: list[str]) -> None:
    """The text also says where was looked."""
    with pytest.raises(kind) as caught:
        book().plan(name)
    assert told in str(caught.value)
    assert "/x/llmring.lock" in str(caught.value)
    assert list(caught.value.near) == near
    assert isinstance(caught.value, LookupError)


def test_without_aliases_there_is_nothing_to_suggest() -> None:
    """The text says so."""
    bare = Book(lockfile.empty(), path="x", providers=NAMES)
    with pytest.raises(UnknownAliasError, match=r"^Unknown alias 'fast' in profile 'default' of x\. Known: none\."):
        bare.plan("fast")


def test_a_provider_needs_a_model() -> None:
    """Nothing after the colon is an error of its own."""
    with pytest.raises(ConfigurationError, match=r"^'openai:' names a provider but no model; write openai:<model>$"):
        book().plan("openai:")


@pytest.mark.parametrize(
    "ring, environment, told",
    [("pord", {}, "Unknown profile 'pord' in"), (None, {"LLMRING_PROFILE": "pord"}, "Unknown profile 'pord' (from LLMRING_PROFILE) in")],
)
def test_an_unknown_profile_is_told(ring: str | None, environment: Mapping[str, str], told: str) -> None:
    """With where it was named, near ones, and those that there are."""
    opened = book(profile=ring, environment=environment)
    with pytest.raises(UnknownProfileError) as caught:
        opened.plan("summarizer")
    assert str(caught.value).startswith(told)
    assert str(caught.value).endswith("It has: default, dev.")
    with pytest.raises(UnknownProfileError, match=r"^Unknown profile 'dve' in /x/llmring.lock; did you mean 'dev'\? It has"):
        opened.aliases("dve")


def test_a_lockfile_without_its_default_profile_tells_so() -> None:
    """No profile is picked by chance."""
    with pytest.raises(UnknownProfileError, match=r"^Unknown profile 'default' \(default_profile\) in x\. It has: prod\.$"):
        Book(lockfile.parse("[profiles.prod]"), path="x", providers=NAMES).aliases()


def test_aliases_are_listed_with_their_models() -> None:
    """Own ones and those of packages, and the same mapping each time."""
    opened = book()
    assert opened.aliases()["my-library:extractor"] == ("openai:own",)
    assert opened.aliases() is opened.aliases("default")
    assert set(opened.aliases("dev")) == {"summarizer", "my-library:ranker"}


@given(aliases | words | st.none() | st.integers() | st.lists(st.none()), st.none() | words)
def test_asking_for_an_alias_never_fails(name: object, profile: str | None) -> None:
    """Whatever is asked for, the answer is yes or no."""
    assert book().has(name, profile) is False


def test_aliases_are_there_and_references_are_none() -> None:
    """A direct reference is no alias."""
    assert book().has("summarizer")
    assert book().has("my-library:ranker", "dev")
    assert not book().has("openai:gpt")
    assert not book(environment={"LLMRING_PROFILE": "nope"}).has("summarizer")


def test_missing_aliases_are_told_in_these_words() -> None:
    """The text is part of the contract."""
    opened = book()
    opened.require(["summarizer", "my-library:ranker"], context="my-library")
    opened.require("summarizer")
    with pytest.raises(MissingAliasesError) as caught:
        opened.require(["summarizer", "analyzer"], context="my-library")
    assert str(caught.value) == (
        "Lockfile missing required aliases for my-library: analyzer.\n"
        "Lockfile path: /x/llmring.lock\n"
        "Please ensure your lockfile defines these aliases."
    )
    assert isinstance(caught.value, ValueError)
    assert (caught.value.missing, caught.value.lockfile) == (("analyzer",), "/x/llmring.lock")
    with pytest.raises(MissingAliasesError, match=r"^Lockfile missing required aliases: a, b\.\n"):
        opened.require(["a", "b"], profile="dev")


def test_an_unknown_provider_is_told_with_its_line() -> None:
    """Where it is known."""
    places: list[object] = []
    lock = lockfile.parse('[[profiles.default.bindings]]\nalias = "typo"\nmodels = ["opnai:gpt"]\n')

    def line(place: object) -> int | None:
        places.append(place)
        return 3 if len(places) == 1 else None

    opened = Book(lock, path="/x/llmring.lock", providers={"openai": "openai"}, line=line)
    for ending in ("Lockfile path: /x/llmring.lock, line 3", "Lockfile path: /x/llmring.lock"):
        with pytest.raises(UnknownProviderError, match=f"{ending}$"):
            opened.plan("typo")
    assert places == [("profiles", "default", "bindings", 0, "models", 0)] * 2


def lacking(*providers: str) -> Callable[[str], MissingAPIKeyError | None]:
    """Tell that these *providers* lack their keys."""
    return lambda name: MissingAPIKeyError("", provider=name, variables=(f"{name.upper()}_API_KEY",)) if name in providers else None


def test_the_first_usable_model_is_taken() -> None:
    """The order is kept; a direct reference is what it is."""
    plan = book().plan("summarizer")
    assert str(first_usable(plan, lacking())) == "anthropic:haiku"
    assert str(first_usable(plan, lacking("anthropic", "openai"))) == "ollama:qwen3:8b"
    assert str(first_usable(book().plan("openai:gpt"), lacking("openai"))) == "openai:gpt"


def test_where_none_is_usable_all_variables_are_named() -> None:
    """One of them is enough."""
    with pytest.raises(MissingAPIKeyError) as caught:
        first_usable(book().plan("summarizer"), lacking("anthropic", "openai", "ollama"))
    assert caught.value.variables == ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OLLAMA_API_KEY")
    assert str(caught.value) == (
        "No model of 'summarizer' can be used (anthropic:haiku, openai:gpt-5.4-mini, ollama:qwen3:8b): "
        "set one of ANTHROPIC_API_KEY, OPENAI_API_KEY, OLLAMA_API_KEY."
    )
