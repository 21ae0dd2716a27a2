"""Edits of a lockfile's text: what is said changes as asked, what is not said stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import lockfile
from llmring._core.lockfile_edit import bind, unbind
from tests._core.lockfile_texts import aliases, constraints, locks, models, words

if TYPE_CHECKING:
    from llmring._core.lockfile import Binding, Lock, Syntax

TEXT = """\
# The team's models.
version = "1.0"

[profiles.default]
name = "default"  # as everywhere

# Quick ones.
[[profiles.default.bindings]]
alias = "fast" # asked for by the bot
models = [
  "openai:gpt-5.4-mini", # since March
  "ollama:llama3.2",
] # in order

# Good ones.
[[profiles.default.bindings]]
alias = "deep"
models = ["openai:gpt-5.6-sol"]   # dear
[profiles.default.bindings.constraints]
can = ["tools"]

# Others' aliases.
[extends]
packages = ["my-library"]
"""

POOL = ["x:1", "y:2"]


def comments(text: str) -> list[str]:
    """Return the comments of *text*, none of whose strings holds a number sign."""
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def expected(lock: Lock, profile: str, row: Binding, *, constraints: bool) -> Lock:
    """Work out what *lock* says after a binding."""
    old = lock["profiles"].get(profile, {"name": profile, "registry_versions": {}, "bindings": []})
    rows = list(old["bindings"])
    at = next((at for at, known in enumerate(rows) if known["alias"] == row["alias"]), None)
    if at is None:
        rows.append(row)
    else:
        rows[at] = row if constraints else {**rows[at], "models": row["models"]}
    return {**lock, "profiles": {**lock["profiles"], profile: {**old, "bindings": rows}}}


def pick(data: st.DataObject, lock: Lock) -> tuple[str, str]:
    """Draw a profile and an alias, known or new."""
    known = sorted(lock["profiles"])
    profile = data.draw(st.sampled_from(known) | words if known else st.just(lock["default_profile"]))
    bound = [row["alias"] for row in lock["profiles"][profile]["bindings"]] if profile in lock["profiles"] else []
    return profile, data.draw(st.sampled_from(bound) | aliases if bound else aliases)


@given(
    locks(), st.data(), st.lists(models, min_size=1, max_size=3), st.none() | constraints, st.sampled_from(["toml", "json"]), st.booleans()
)
def test_binding_says_what_was_asked(  # noqa: PLR0917 - what is drawn
    lock: Lock,
    data: st.DataObject,
    pool: list[str],
    asked: dict[str, Any] | None,
    syntax: Syntax,
    crlf: bool,  # noqa: FBT001
) -> None:
    """After a binding the lockfile says that, and everything else as before; unbinding a new one undoes it."""
    profile, alias = pick(data, lock)
    text = lockfile.render(lock, syntax).replace("\n", "\r\n" if crlf else "\n")
    bound = bind(text, profile, alias, pool, asked)
    row: Binding = {"alias": alias, "models": pool}
    if asked:
        row["constraints"] = asked
    assert lockfile.parse(bound) == expected(lock, profile, row, constraints=asked is not None)
    old = lock["profiles"].get(profile)
    if old is None or alias not in [known["alias"] for known in old["bindings"]]:
        left = {name: one["bindings"] for name, one in lockfile.parse(unbind(bound, profile, alias))["profiles"].items()}
        assert left == {name: one["bindings"] for name, one in lock["profiles"].items()} | {profile: old["bindings"] if old else []}


@given(st.lists(models, min_size=1, max_size=4, unique=True), st.sampled_from(["fast", "deep", "new"]), st.sampled_from(["default", "dev"]))
def test_comments_outside_of_what_changes_stay(pool: list[str], alias: str, profile: str) -> None:
    """No comment is lost but that of a model which is taken out."""
    pool = [model.replace("#", "") for model in pool]
    told = [comment for comment in comments(TEXT) if comment != " since March"]
    assert [comment for comment in comments(bind(TEXT, profile, alias, pool)) if comment != " since March"] == told


def test_a_new_binding_follows_those_of_its_profile() -> None:
    """It comes before the comment of the next section."""
    changed = bind(TEXT, "default", "new", POOL, {"can": ["tools"]})
    added = (
        '\n[[profiles.default.bindings]]\nalias = "new"\nmodels = ["x:1", "y:2"]\n'
        '[profiles.default.bindings.constraints]\ncan = [\n    "tools",\n]\n'
    )
    assert changed == TEXT.replace("\n# Others", added + "\n# Others")


def test_a_new_profile_comes_last() -> None:
    """Its name is quoted where it must be."""
    assert bind(TEXT, "on site", "new", POOL) == TEXT + '\n[[profiles."on site".bindings]]\nalias = "new"\nmodels = ["x:1", "y:2"]\n'
    assert bind("", "dev", "new", POOL) == '[[profiles.dev.bindings]]\nalias = "new"\nmodels = ["x:1", "y:2"]\n'


def test_models_are_changed_where_they_stand() -> None:
    """A pool of several lines stays one, with the comments of those that stay."""
    assert bind(TEXT, "default", "fast", ["openai:gpt-5.4-mini", "x:1"]) == TEXT.replace("ollama:llama3.2", "x:1")
    assert bind(TEXT, "default", "deep", POOL) == TEXT.replace('["openai:gpt-5.6-sol"]', '["x:1", "y:2"]')
    swapped = bind(TEXT, "default", "fast", ["ollama:llama3.2", "openai:gpt-5.4-mini"])
    assert lockfile.parse(swapped)["profiles"]["default"]["bindings"][0]["models"] == ["ollama:llama3.2", "openai:gpt-5.4-mini"]


HEAD = '[[profiles.default.bindings]]\nalias = "a"\nmodels = '


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Draw a list of models over several lines, with comments in any place, and the comment beside each model."""
    pool = draw(st.lists(st.sampled_from(["x:1", "x:2", "y:1", "y:2#3"]), unique=True, min_size=1))
    beside = {model: draw(st.sampled_from(["", f" # about {model}"])) for model in pool}
    lines: list[str] = []
    for model in pool:
        lines += draw(st.lists(st.sampled_from(["", "# between", "  # inner"]), max_size=2))
        ends = ["", ",", " ,", *([] if beside[model] else ["\n,"])]
        comma = "," if model != pool[-1] else draw(st.sampled_from(ends))
        lines.append(draw(st.sampled_from([f'"{model}"', f"'{model}'", f'"""{model}"""'])) + comma + beside[model])
    lines += draw(st.lists(st.sampled_from(["", "# foot"]), max_size=2))
    head = draw(st.sampled_from(["[\n", "[ # head\n"]))
    return head + "".join(f"{draw(st.sampled_from(['', '  ', chr(9)]))}{line}\n" for line in lines) + "] # tail\n", beside


@given(lists(), st.lists(st.sampled_from(["x:1", "x:2", "y:1", "y:2#3", "z:1"]), min_size=1, max_size=4))
def test_lists_with_comments_anywhere_are_changed(written: tuple[str, dict[str, str]], pool: list[str]) -> None:
    """The models are those asked for; no comment is lost but that beside a model which is taken out."""
    text, beside = written
    changed = bind(HEAD + text, "default", "a", pool)
    assert lockfile.parse(changed)["profiles"]["default"]["bindings"] == [{"alias": "a", "models": pool}]
    for comment in ("# head", "# between", "# inner", "# foot", "# tail"):
        assert changed.count(comment) == text.count(comment)
    for model, comment in beside.items():
        assert changed.count(comment.strip() or "\0") == (1 if model in pool and comment else 0)


def test_the_same_models_change_nothing() -> None:
    """However they are laid out."""
    text = HEAD + '[ "x:1"\n   ,"y:2" # both\n\n]\n'
    assert bind(text, "default", "a", POOL) == text


def test_the_layout_of_a_list_stays() -> None:
    """A model has the comments of the one in whose place it comes; a comma at the end, and indents, stay as they were."""
    text = HEAD + '[\n\t# first\n\t"x:1",   # since March\n\n\t# then\n\t"y:1"  # dear\n] # end\n'
    changed = HEAD + '[\n\t# first\n\t"x:1",   # since March\n\n\t# then\n\t"y:2"\n] # end\n'
    assert bind(text, "default", "a", POOL) == changed


@pytest.mark.parametrize("mark", ["", ","])
def test_bindings_in_braces_keep_the_comments_beside_them(mark: str) -> None:
    """With a comma behind the last one or without."""
    text = '[profiles]\ndefault.bindings = [\n  {alias = "a", models = ["x:1"]}' + mark + " # first\n  # end\n] # tail\n"
    changed = bind(text, "default", "b", POOL)
    assert [row["alias"] for row in lockfile.parse(changed)["profiles"]["default"]["bindings"]] == ["a", "b"]
    assert [comment.strip() for comment in comments(changed)] == ["first", "end", "tail"]


def test_models_in_braces_change_their_order() -> None:
    """Those that stay, and new ones among them."""
    text = '[profiles]\ndefault.bindings = [{alias = "a", models = ["x:1", "y:1"]}]\n'
    changed = lockfile.parse(bind(text, "default", "a", ["y:1", "x:1", "z:1"]))
    assert changed["profiles"]["default"]["bindings"][0]["models"] == ["y:1", "x:1", "z:1"]


def test_a_comment_without_a_line_end_stays_one() -> None:
    """The header of an empty profile has a line of its own."""
    assert unbind(HEAD + '["x:1"]\n\n# end', "default", "a") == "# end\n[profiles.default]\n"
    assert unbind(HEAD + '["x:1"]', "default", "a") == "[profiles.default]\n"


def test_a_binding_goes_with_the_comment_above_it() -> None:
    """Everything else stays, byte for byte."""
    start, end = TEXT.index("# Good"), TEXT.index("# Others")
    assert unbind(TEXT, "default", "deep") == TEXT[:start] + TEXT[end:]
    start, end = TEXT.index("# Quick"), TEXT.index("# Good")
    assert unbind(TEXT, "default", "fast") == TEXT[:start] + TEXT[end:]
    assert unbind(TEXT, "default", "nothing") == unbind(TEXT, "nothing", "fast") == TEXT


def test_a_profile_outlives_its_last_binding() -> None:
    """Even one that had no header of its own."""
    text = '# top\n[[profiles.dev.bindings]]\nalias = "a"\nmodels = ["x:1"]\n'
    assert unbind(text, "dev", "a") == "[profiles.dev]\n"
    assert unbind("# top\n\n" + text, "dev", "a") == "# top\n\n[profiles.dev]\n"


def test_the_default_profile_outlives_its_last_binding() -> None:
    """Beside others, and named as the default."""
    text = unbind(bind(bind('default_profile = "main"\n', "main", "a", ["x:y"]), "dev", "b", ["x:y"]), "main", "a")
    assert lockfile.parse(text)["profiles"]["main"]["bindings"] == []


@pytest.mark.parametrize(
    "asked",
    [
        'constraints = ["tools"]\n',
        'constraints.can = ["tools"]\nconstraints.min_output = 1\n',
        'constraints = {can = [\n"tools",\n"pdf"]}\n',
    ],
)
def test_constraints_in_any_form_are_replaced(asked: str) -> None:
    """One assignment, dotted keys, or a table: the new ones stand alone."""
    head = '[[profiles.default.bindings]]\nalias = "a"\n'
    text = f'{head}{asked}models = ["x:1"]\n\n# tail\n'
    assert bind(text, "default", "a", ["x:1"], {"min_output": 2}) == (
        f'{head}models = ["x:1"]\n[profiles.default.bindings.constraints]\nmin_output = 2\n\n# tail\n'
    )
    assert bind(text, "default", "a", ["x:1"], {}) == f'{head}models = ["x:1"]\n\n# tail\n'
    assert bind(text, "default", "a", ["y:2"]) == f'{head}{asked}models = ["y:2"]\n\n# tail\n'


def test_bindings_in_braces_stay_in_braces() -> None:
    """A list of inline tables is edited in place."""
    text = '[profiles.default]\nbindings = [\n  {alias = "a", models = ["x:1"]}, # one\n]\n# tail\n'
    changed = bind(bind(text, "default", "b", POOL, {"can": ["tools"]}), "default", "a", ["y:2"], {})
    assert [row["alias"] for row in lockfile.parse(changed)["profiles"]["default"]["bindings"]] == ["a", "b"]
    assert lockfile.parse(changed)["profiles"]["default"]["bindings"][1].get("constraints") == {"can": ["tools"]}
    assert "tools" not in bind(changed, "default", "b", POOL, {})
    assert comments(changed) == comments(text)
    assert "[[" not in changed
    assert lockfile.parse(unbind(changed, "default", "b")) == lockfile.parse(bind(text, "default", "a", ["y:2"], {}))


@given(locks(), st.data(), st.lists(models, min_size=1, max_size=3), st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_the_layout_of_json_stays(lock: Lock, data: st.DataObject, pool: list[str], indent: int | str | None, crlf: bool) -> None:  # noqa: FBT001 - what is drawn
    """Indents, line ends and order stay; what was added and is taken away again leaves no trace."""
    profile, alias = pick(data, lock)
    tree = json.loads(lockfile.render(lock, "json"))
    text = json.dumps(tree, indent=indent).replace("\n", "\r\n" if crlf else "\n")
    bound = bind(text, profile, alias, pool)
    assert ("\r" in bound) == ("\r" in text)
    old = [row["alias"] for row in lock["profiles"][profile]["bindings"]] if profile in lock["profiles"] else []
    if alias not in old and old:
        assert unbind(bound, profile, alias) == text
    elif alias in old:
        row = tree["profiles"][profile]["bindings"][old.index(alias)]
        assert json.loads(bind(bound, profile, alias, row["models"])) == tree


def test_what_is_new_in_json_is_written_like_the_rest() -> None:
    """Each row on a line, or whatever it is; all other bytes stay."""
    text = """{
    "profiles": {
        "default": {"bindings": [
            {"alias": "a",  "models": ["x:1", "y:1"]},
            {"alias": "b", "models": ["x:1"] }
        ]}
    }
}
"""
    assert bind(text, "default", "a", ["y:1", "z:1"]) == text.replace('["x:1", "y:1"]', '["y:1", "z:1"]')
    assert unbind(text, "default", "b") == text.replace(',\n            {"alias": "b", "models": ["x:1"] }', "")
    assert bind('{"profiles": {}}', "dev", "a", ["x:1"]) == '{"profiles": {"dev": {"bindings": [{"alias": "a", "models": ["x:1"]}]}}}'
    spaced = bind('\n  {"version": "1.0"}\n', "dev", "a", ["x:1"])
    assert spaced == '\n  {"version": "1.0", "profiles": {"dev": {"bindings": [{"alias": "a", "models": ["x:1"]}]}}}\n'
    assert bind("{\n}", "dev", "a", ["x:1"]) == '{"profiles": {"dev": {"bindings": [{"alias": "a", "models": ["x:1"]}]}}}'
    assert bind('{\n\t"version": "1.0"\n}', "dev", "a", ["x:1"]).splitlines()[2:4] == ['\t"profiles": {', '\t\t"dev": {']


def test_json_is_edited_alike() -> None:
    """It has no comments to keep."""
    text = bind("{}", "default", "a", POOL, {"can": ["tools"]})
    assert lockfile.parse(text)["profiles"]["default"]["bindings"] == [{"alias": "a", "models": POOL, "constraints": {"can": ["tools"]}}]
    assert lockfile.parse(unbind(text, "default", "a"))["profiles"]["default"]["bindings"] == []
    assert unbind(text, "default", "b") == text


def test_line_ends_stay() -> None:
    """A file with carriage returns has no other line ends afterwards; a mixed one keeps its own."""
    changed = bind(TEXT.replace("\n", "\r\n"), "default", "new", POOL)
    assert changed.replace("\r\n", "\n") == bind(TEXT, "default", "new", POOL)
    assert changed.count("\n") == changed.count("\r\n")
    mixed = TEXT.replace("\n", "\r\n", 3)
    assert bind(mixed, "dev", "new", POOL).startswith(mixed)


@pytest.mark.parametrize(
    "before, after",
    [
        (
            'profiles = {default = {name = "default"}} # kept\n',
            'profiles = {default = {name = "default",bindings = [{alias = "x", models = ["a:b"]}]}} # kept\n',
        ),
        ("profiles = {} # kept\n", 'profiles = {default = {bindings = [{alias = "x", models = ["a:b"]}]}} # kept\n'),
        ("[profiles]\ndefault = {} # kept\n", '[profiles]\ndefault = {bindings = [{alias = "x", models = ["a:b"]}]} # kept\n'),
        (
            'profiles = {default = {bindings = [{alias = "y", models = ["a:c"]}]}}\n',
            'profiles = {default = {bindings = [{alias = "y", models = ["a:c"]}, {alias = "x",models = ["a:b"]}]}}\n',
        ),
    ],
    ids=["profile", "no profile", "one profile", "bindings"],
)
def test_binds_inside_of_braces(before: str, after: str) -> None:
    """A profile that is written in braces stays so."""
    assert bind(before, "default", "x", ["a:b"]) == after


def test_makes_a_profile_inside_of_braces() -> None:
    """A new one is written as those beside it, with what code asks."""
    text = bind('profiles = {default = {name = "default"}}\n', "dev", "x", ["a:b"], {"can": ["tools"]})
    assert text.startswith('profiles = {default = {name = "default"},')
    assert lockfile.parse(text)["profiles"]["dev"]["bindings"] == [{"alias": "x", "models": ["a:b"], "constraints": {"can": ["tools"]}}]
