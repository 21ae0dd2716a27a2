"""Finding and reading lockfiles: the order of places, what cannot be read, packages that are extended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmring._core import lockfile
from llmring._io.lockfiles import BUNDLED, circles, find, line_in, read, text_of
from llmring.exceptions import LockfileError, LockfileNotFoundError, LockfileParseError

TEXT = '[[profiles.default.bindings]]\nalias = "{alias}"\nmodels = ["openai:gpt"]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, from which packages can be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def write(path: Path, alias: str = "fast", head: str = "") -> Path:
    """Put a lockfile with one alias at *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + TEXT.format(alias=alias), encoding="utf-8")
    return path


def test_the_nearest_place_wins(folder: Path) -> None:
    """The argument, the variable, the folder, the bundle."""
    environment = {"LLMRING_LOCKFILE_PATH": str(write(folder / "b.lock"))}
    assert find(None, {}) == BUNDLED
    write(folder / "llmring.lock")
    assert find(None, {}) == find(None, {"LLMRING_LOCKFILE_PATH": ""}) == str(folder / "llmring.lock")
    assert find(None, environment) == str(folder / "b.lock")
    assert find(write(folder / "a.lock"), environment) == str(folder / "a.lock")
    assert find("a.lock", environment) == str(folder / "a.lock")


def test_a_path_may_begin_at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does in a shell."""
    monkeypatch.setenv("HOME", str(folder))
    write(folder / "a.lock")
    assert find("~/a.lock", {}) == str(folder / "a.lock")


def test_the_bundled_lockfile_has_the_usual_aliases() -> None:
    """It is complete, and so is the project's own."""
    found = read(None, {})
    assert found.path == BUNDLED
    aliases = {binding["alias"] for binding in found.lock["profiles"]["default"]["bindings"]}
    assert {"fast", "balanced", "deep", "vision", "local", "advisor"} <= aliases


@pytest.mark.parametrize("name", ["", "nothing.lock", "llmring.lock/x"])
def test_a_named_lockfile_must_be_there(folder: Path, name: str) -> None:
    """The text tells where it was named, unless by the caller; it is a FileNotFoundError too; none is made."""
    write(folder / "llmring.lock")
    before = set(folder.iterdir())
    with pytest.raises(LockfileNotFoundError, match=r"^There is no lockfile '.*'\. Name one that is there, or have one written") as caught:
        read(name, {})
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(LockfileNotFoundError, match="which LLMRING_LOCKFILE_PATH names"):
        read(None, {"LLMRING_LOCKFILE_PATH": name or "x"})
    assert set(folder.iterdir()) == before


def test_a_link_to_nothing_is_told(folder: Path) -> None:
    """Nothing else is read instead."""
    (folder / "llmring.lock").symlink_to("gone.lock")
    with pytest.raises(LockfileNotFoundError, match=r"There is no lockfile '.*llmring.lock'\. Name"):
        read(None, {})


def test_a_folder_is_no_lockfile(folder: Path) -> None:
    """The text names the file that may be meant."""
    with pytest.raises(LockfileError, match=r"is a folder; name the lockfile in it: .*llmring\.lock$"):
        read(folder, {})


@pytest.mark.parametrize(
    "error, told",
    [
        (PermissionError(13, "no"), "x may not be read; check its permissions"),
        (OSError(5, "I/O error"), r"x cannot be read: \[Errno 5\] I/O error"),
    ],
)
def test_what_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch, error: OSError, told: str) -> None:
    """Whoever runs the tests may be allowed to read everything, so the system's answer is made up."""

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(LockfileError, match=f"^{told}$") as caught:
        text_of("x")
    assert caught.value.__cause__ is error


def test_a_path_that_no_system_takes_is_told() -> None:
    """A null byte, say."""
    with pytest.raises(LockfileError, match=r"^a\x00b cannot be read: "):
        text_of("a\x00b")


def test_other_encodings_are_told(folder: Path) -> None:
    """With file and line."""
    (folder / "llmring.lock").write_bytes(b"# \xff\n")
    with pytest.raises(LockfileParseError, match=r"llmring.lock, line 1: not UTF-8"):
        read(None, {})


def test_json_is_read_alike(folder: Path) -> None:
    """Whatever the file is called."""
    lock = lockfile.parse(TEXT.format(alias="a"))
    (folder / "llmring.lock").write_text(lockfile.render(lock, "json"), encoding="utf-8")
    assert read(None, {}).lock == lock


EXTENDS = '[extends]\npackages = ["{}"]\n'


def test_a_package_is_found_but_not_imported(folder: Path) -> None:
    """Beside its code, under its import name; its own extensions do not count."""
    write(folder / "my_library" / "llmring.lock", "theirs", EXTENDS.format("nothing"))
    (folder / "my_library" / "__init__.py").write_text("raise RuntimeError")
    write(folder / "llmring.lock", head=EXTENDS.format("my-library"))
    found = read(None, {})
    assert [binding["alias"] for binding in found.extended["my-library"]["profiles"]["default"]["bindings"]] == ["theirs"]
    assert "my_library" not in sys.modules


def test_a_package_in_a_package_is_found(folder: Path) -> None:
    """Neither is imported."""
    write(folder / "outer" / "inner" / "llmring.lock", "theirs")
    write(folder / "llmring.lock", head=EXTENDS.format("outer.inner"))
    assert list(read(None, {}).extended) == ["outer.inner"]


def install(folder: Path, name: str, record: str = "", top_level: str = "") -> None:
    """Pretend that the distribution *name* is installed."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    if record:
        (info / "RECORD").write_text(record)
    if top_level:
        (info / "top_level.txt").write_text(top_level)


def test_a_distribution_may_have_another_name_than_its_code(folder: Path) -> None:
    """Its list of files tells, or, where it was installed for editing, the names of its code."""
    write(folder / "codename" / "llmring.lock", "one")
    write(folder / "codename" / "deeper" / "llmring.lock", "two")
    install(folder, "listed-library", "codename/deeper/llmring.lock,,\ncodename/llmring.lock,,\ncodename/__init__.py,,\n")
    install(folder, "edited-library", top_level="codename\n")
    for package in ("listed-library", "edited-library"):
        write(folder / "llmring.lock", head=EXTENDS.format(package))
        (bindings,) = [lock["profiles"]["default"]["bindings"] for lock in read(None, {}).extended.values()]
        assert [binding["alias"] for binding in bindings] == ["one"]


@pytest.mark.parametrize("package", ["no-such-library", "bare-library", "__main__", ".", "sys"])
def test_a_package_without_a_lockfile_is_told(folder: Path, package: str) -> None:
    """Not installed, or without one: what to do is the same."""
    install(folder, "bare-library")
    path = write(folder / "llmring.lock", head=EXTENDS.format(package))
    with pytest.raises(LockfileError) as caught:
        read(None, {})
    assert str(caught.value) == (
        f"{path} extends the package {package!r}, which is not installed or has no llmring.lock; install it, or take it out of [extends]"
    )
    assert caught.value.key == "extends.packages"


def test_a_lockfile_that_extends_itself_is_told(folder: Path) -> None:
    """A package's own lockfile cannot extend the package, however it is reached."""
    path = write(folder / "my_library" / "llmring.lock", head=EXTENDS.format("my-library"))
    (folder / "llmring.lock").symlink_to(path)
    with pytest.raises(LockfileError) as caught:
        read(None, {})
    fault = "extends the package 'my-library', whose lockfile it is itself; take it out of [extends]"
    assert str(caught.value) == f"{folder / 'llmring.lock'} {fault}"


def test_circles_are_found(folder: Path) -> None:
    """Of packages among themselves, and with the lockfile that extends them; what cannot be read leads nowhere."""
    path = write(folder / "one" / "llmring.lock", head=EXTENDS.format('two", "gone", "broken'))
    write(folder / "two" / "llmring.lock", head=EXTENDS.format("three"))
    write(folder / "three" / "llmring.lock", head=EXTENDS.format("two"))
    write(folder / "broken" / "llmring.lock", head="oops = 1")
    assert circles(["one", "two", "gone", "broken"], str(folder / "llmring.lock")) == {
        "one": ["one", "two", "three", "two"], "two": ["two", "three", "two"],
    }  # fmt: skip
    write(folder / "three" / "llmring.lock", head=EXTENDS.format("one"))
    assert circles(["two"], str(path)) == {"two": ["two", "three", "this lockfile"]}


def test_lines_are_those_of_the_file_as_it_is(folder: Path) -> None:
    """One that is gone or broken by now has none."""
    path, place = write(folder / "llmring.lock", head="# Ours.\n"), ("profiles", "default", "bindings", 0, "alias")
    assert line_in(str(path), place) == path.read_text().splitlines().index('alias = "fast"') + 1
    assert line_in(str(path), ()) is None
    path.write_text("oops = 1")
    assert line_in(str(path), place) is None


def test_a_broken_lockfile_of_a_package_is_told_with_its_own_path(folder: Path) -> None:
    """The user can see whose fault it is."""
    write(folder / "broken_library" / "llmring.lock", head="oops = 1\n")
    write(folder / "llmring.lock", head=EXTENDS.format("broken-library"))
    with pytest.raises(LockfileParseError, match=r"broken_library.llmring\.lock, line 1: oops: unknown key"):
        read(None, {})


def test_without_extensions_nothing_is_looked_up(folder: Path) -> None:
    """A library that reads its lockfile at import time pays for no metadata, no attrs, no regular expressions of ours."""
    write(folder / "llmring.lock")
    code = (
        "import sys; from llmring._io.lockfiles import read; from llmring._core import plan, settings; "
        "names = settings.Settings().names; found = read(None, {}); "
        "plan.Book(found.lock, path=found.path, providers=names, environment={}).require(['fast']); "
        "print(sorted({'attrs', 'attr', 'dataclasses', 'json', 'difflib', 'pathlib', 'inspect', 'hashlib', 'importlib.metadata', "
        "'tomlkit', 'tomli_w', 'llmring._core.lockfile_lines', 'llmring._core.lockfile_edit', 'os'} & set(sys.modules)))"
    )
    source = str(Path(lockfile.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": source}
    )
    assert done.stdout.strip() == "['os']"
