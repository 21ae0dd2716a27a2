"""Faulty lockfiles: each fault is named with its line, its key and the remedy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import lockfile
from llmring._core.lockfile_check import check_binding
from llmring.exceptions import LockfileError, LockfileParseError, LockfileVersionError
from tests._core.lockfile_texts import aliases, constraints, models, values, words

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = "[[profiles.default.bindings]]\n"
ASKS = HEAD + 'alias = "a"\nmodels = ["x:y"]\nconstraints = '
ASKED = "profiles.default.bindings[0].constraints"
PIN = '[pins."x:y"]\n'

FAULTS = {
    "key": ('default_profil = "x"\n', 1, "default_profil", "unknown key; did you mean 'default_profile'?"),
    "odd key": ("\nxyz = 1\n", 2, "xyz", "unknown key; known: version, default_profile"),
    "top bindings": ("[[bindings]]\n", 1, "bindings", "bindings belong to a profile: write [[profiles.default.bindings]]"),
    "version": ("version = 1.0\n", 1, "version", 'must be a string, as in version = "1.0", not the number 1.0'),
    "default": ("default_profile = 3", 1, "default_profile", "must be the name of a profile, not the number 3"),
    "no default": ('default_profile = ""', 1, "default_profile", "must be the name of a profile, not an empty string"),
    "other default": ('default_profile = "pord"\n[profiles.prod]', 1, "default_profile", "no profile 'pord'; did you mean 'prod'?"),
    "profiles": ("profiles = 3", 1, "profiles", "must be a table of profiles, not the number 3"),
    "profile": ("\n[profiles]\ndev = true", 3, "profiles.dev", "must be a table, not true"),
    "profile key": ("[profiles.dev]\nbinding = []", 2, "profiles.dev.binding", "unknown key; did you mean 'bindings'?"),
    "profile name": ("[profiles.dev]\nname = []", 2, "profiles.dev.name", "must be a name, not a list"),
    "versions": ("[profiles.dev]\nregistry_versions = 27", 2, "profiles.dev.registry_versions", "must be a table, not the number 27"),
    "registry version": (
        "[profiles.dev.registry_versions]\nopenai = true", 2, "profiles.dev.registry_versions.openai", "must be a whole number, not true",
    ),
    "bindings": (
        "[profiles.dev.bindings]\n", 1, "profiles.dev.bindings", "must be a list of tables, as in [[profiles.dev.bindings]], not a table",
    ),
    "binding": ("[profiles.dev]\nbindings = [\n1]", 3, "profiles.dev.bindings[0]", "must be a table with alias and models, not"),
    "binding key": (HEAD + 'alias = "a"\nmodels = ["x:y"]\nmodel = 1', 4, "profiles.default.bindings[0].model", "did you mean 'models'?"),
    "no alias": (HEAD + 'models = ["x:y"]', 1, "profiles.default.bindings[0]", "has no alias; give it a name to be called by"),
    "alias type": (HEAD + 'alias = false\nmodels = ["x:y"]', 2, "profiles.default.bindings[0].alias", "must be a name, not false"),
    "alias space": (HEAD + 'alias = " a"\nmodels = ["x:y"]', 2, "profiles.default.bindings[0].alias", "must be a name, not ' a'"),
    "alias of a provider": (
        HEAD + 'alias = "openai:fast"\nmodels = ["x:y"]', 2, "profiles.default.bindings[0].alias", "always means a model",
    ),
    "twice": (
        2 * (HEAD + 'alias = "a"\nmodels = ["x:y"]\n'), 5, "profiles.default.bindings[1].alias",
        "'a' is already bound by profiles.default.bindings[0]; keep one",
    ),
    "no models": (HEAD + 'alias = "a"', 1, "profiles.default.bindings[0]", 'has no models; add models = ["provider:model"]'),
    "models type": (HEAD + 'alias = "a"\nmodels = "x:y"', 3, "profiles.default.bindings[0].models", "must be a list, as in"),
    "empty": (HEAD + 'alias = "a"\nmodels = []', 3, "profiles.default.bindings[0].models", 'is empty; name at least one "provider:model"'),
    "model type": (HEAD + 'alias = "a"\nmodels = [\n"x:y",\n2020-01-01]', 5, "profiles.default.bindings[0].models[1]", "a date or time"),
    "model": (HEAD + 'alias = "a"\nmodels = ["gpt"]', 3, "profiles.default.bindings[0].models[0]", "must be \"provider:model\", not 'gpt'"),
    "half a model": (HEAD + 'alias = "a"\nmodels = ["x: "]', 3, "profiles.default.bindings[0].models[0]", "not 'x: '"),
    "constraints": (
        HEAD + 'alias = "a"\nmodels = ["x:y"]\nconstraints = "c"', 4, "profiles.default.bindings[0].constraints", "not the string 'c'",
    ),
    "extends": ('extends = ["x"]', 1, "extends", 'must be a table, as in [extends] packages = ["my-library"], not a list'),
    "extends key": ("[extends]\npackage = []", 2, "extends.package", "unknown key; did you mean 'packages'?"),
    "packages": ('[extends]\npackages = "x"', 2, "extends.packages", "must be a list of package names, not the string 'x'"),
    "package": ('[extends]\npackages = ["a:b"]', 2, "extends.packages[0]", "must be the name of a package, not 'a:b'"),
    "package of a provider": ('[extends]\npackages = ["ollama"]', 2, "extends.packages[0]", "'ollama' is a provider's name"),
    "package twice": ('[extends]\npackages = ["p", "p"]', 2, "extends.packages[1]", "'p' is listed twice"),
    "package once more": (
        '[extends]\npackages = ["my-lib", "My_lib"]', 2, "extends.packages[1]", "'My_lib' is the same package as 'my-lib'; keep the one",
    ),
    "limits": ("limits = 1", 1, "limits", "must be a table, not the number 1"),
    "limits of one": ("[limits]\nopenai = 3", 2, "limits.openai", "must be a table, not the number 3"),
    "unknown limit": ("[limits.openai]\nrequests_per_minut = 3", 2, "limits.openai.requests_per_minut", "requests_per_minute"),
    "no limit": ("[limits.openai]\nmax_concurrency = 0", 2, "limits.openai.max_concurrency", "whole number of at least 1"),
    "pins": ("pins = []", 1, "pins", "must be a table, not a list"),
    "pin": ('[pins]\n"x:y" = 1', 2, "pins.x:y", "must be a table, not the number 1"),
    "ability": (ASKS + '["tools", "visoin"]', 4, f"{ASKED}[1]", "there is no ability 'visoin'; did you mean 'vision'?"),
    "ability type": (ASKS + "[3]", 4, f"{ASKED}[0]", "must be the name of an ability, not the number 3"),
    "ability twice": (ASKS + '["tools", "tools"]', 4, f"{ASKED}[1]", "'tools' is asked for twice"),
    "asked key": (ASKS + "{max_price = 1}", 4, f"{ASKED}.max_price", "unknown key; did you mean 'max_input_price'?"),
    "abilities": (ASKS + '{can = "tools"}', 4, f"{ASKED}.can", "must be a list of abilities, as in"),
    "tokens": (ASKS + '{min_context = "many"}', 4, f"{ASKED}.min_context", "must be a number of tokens, not the string 'many'"),
    "no tokens": (ASKS + "{min_output = 0}", 4, f"{ASKED}.min_output", "must be a number of tokens, not the number 0"),
    "dollars": (ASKS + "{max_input_price = -1}", 4, f"{ASKED}.max_input_price", "must be dollars per million tokens, not the number -1"),
    "no dollars": (ASKS + "{max_output_price = true}", 4, f"{ASKED}.max_output_price", "must be dollars per million tokens, not true"),
    "pin name": ("[pins.gpt]", 1, "pins.gpt", "must be \"provider:model\", not 'gpt'"),
    "pin key": (PIN + "prices = {}", 2, "pins.x:y.prices", "unknown key; did you mean 'price'?"),
    "pin text": (PIN + "retires = 2027-01-01", 2, "pins.x:y.retires", "must be a string, in quotes, not a date or time"),
    "pin tokens": (PIN + "context = true", 2, "pins.x:y.context", "must be a number of tokens, not true"),
    "pin abilities": (PIN + "can = [1]", 2, "pins.x:y.can", "must be a list of abilities, not a list"),
    "pin price": (PIN + "price = 1", 2, "pins.x:y.price", "must be a table of rates, not the number 1"),
    "pin rate": (PIN + "price = {input = 0.75}", 2, "pins.x:y.price.input", 'in quotes, as in "0.75", not the number 0.75'),
    "pin services": (PIN + "services = 1", 2, "pins.x:y.services", "must be a table of service tiers, not the number 1"),
    "pin service": (PIN + "services = {batch = {input = 1}}", 2, "pins.x:y.services.batch.input", "must be dollars per million tokens"),
    "pin amount": (PIN + 'price = {input = "1."}', 2, "pins.x:y.price.input", "not the string '1.'"),
    "pin registry": (PIN + 'registry = "x"', 2, "pins.x:y.registry", "must be a table with version and hash, not the string 'x'"),
    "pin registry key": (PIN + "registry = {version = 27}", 2, "pins.x:y.registry.version", "not the number 27"),
    "null": ('{"limits":\n null}', 1, "limits", "must be a table, not null"),
}  # fmt: skip


@pytest.mark.parametrize("text, line, key, reason", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named(text: str, line: int, key: str, reason: str) -> None:
    """The text tells file, line, key and what to do; the error carries them."""
    with pytest.raises(LockfileParseError) as caught:
        lockfile.parse(text, "my.lock")
    error = caught.value
    assert str(error).startswith(f"my.lock, line {line}: {key}: ")
    assert reason in str(error)
    assert (error.lockfile, error.line, error.key) == ("my.lock", line, key)


def test_all_faults_are_told_at_once() -> None:
    """Several faults come in the order of their lines."""
    with pytest.raises(LockfileParseError) as caught:
        lockfile.parse("limits = 1\n[extends]\npackages = 2\n[oops]\n", "my.lock")
    assert str(caught.value).splitlines()[0] == "my.lock has 3 faults:"
    assert [line.split(":")[0] for line in str(caught.value).splitlines()[1:]] == ["  line 1", "  line 3", "  line 4"]
    assert (caught.value.line, caught.value.key) == (1, "limits")


def test_a_list_is_no_lockfile() -> None:
    """What :func:`check` is given need not be a table."""
    from llmring._core.lockfile_check import check

    with pytest.raises(LockfileParseError, match=r"^x, line 1: a lockfile is a table, not a list$") as caught:
        check([], "[]", "x")
    assert caught.value.key is None


@pytest.mark.parametrize("version", ["1", "1.0"])
def test_known_versions_are_read(version: str) -> None:
    """The first format goes by two names."""
    assert lockfile.parse(f'version = "{version}"')["version"] == version


@pytest.mark.parametrize(
    "version, reason",
    [("1.1", "newer than what this LLMRing reads (1.0); upgrade llmring"), ("2", "newer"), ("0.9", 'not known; write version = "1.0"'),
     ("one", "not known"), ("1.x", "not known"), ("", "not known")],
)  # fmt: skip
def test_other_versions_are_refused_before_anything_else(version: str, reason: str) -> None:
    """A newer format may hold keys of its own, so nothing else is judged."""
    with pytest.raises(LockfileVersionError) as caught:
        lockfile.parse(f'new_key = 1\nversion = "{version}"\n', "my.lock")
    assert str(caught.value).startswith(f"my.lock, line 2: format {version!r} is ")
    assert reason in str(caught.value)
    assert (caught.value.line, caught.value.key) == (2, "version")


@given(st.recursive(values | st.none(), lambda inner: st.dictionaries(words | st.sampled_from(["profiles", "default", "bindings"]), inner)))
def test_no_document_breaks_the_judge(tree: Any) -> None:
    """Whatever is decoded is accepted or refused as a lockfile, never anything else."""
    text = json.dumps({"profiles": tree, "extends": tree, "version": "1.0"})
    try:
        lock = lockfile.parse(text)
    except LockfileError as error:
        assert error.line  # noqa: PT017 - it is an outcome among others
    else:
        assert lockfile.parse(lockfile.render(lock)) == lock


@given(aliases, st.lists(models, min_size=1), constraints)
def test_what_can_be_written_can_be_bound(alias: str, pool: list[str], asked: Mapping[str, Any]) -> None:
    """A binding that a lockfile may hold is no fault."""
    check_binding({"alias": alias, "models": pool, "constraints": asked})


@pytest.mark.parametrize(
    "alias, pool, asked, told",
    [("", ["x:y"], {}, "alias: must be a name"), ("a", [], {}, "models: is empty"), ("a", ["x"], {}, "models[0]: must be"),
     ("a", ["x:y"], {"can": [None]}, "constraints.can[0]: must be the name of an ability, not null")],
)  # fmt: skip
def test_what_cannot_be_bound_is_told(alias: str, pool: list[str], asked: Mapping[str, Any], told: str) -> None:
    """A binding is judged before the file is touched."""
    with pytest.raises(LockfileParseError) as caught:
        check_binding({"alias": alias, "models": pool, "constraints": asked})
    assert str(caught.value).startswith(f"This cannot be bound: {told}")
