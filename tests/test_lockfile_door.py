"""The door to lockfiles: reading, changing, saving, and writers that meet or die."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import llmring.exceptions
from llmring._io import lockfile_writes
from llmring._io.lockfiles import BUNDLED
from llmring.exceptions import (
    LockfileError,
    LockfileNotFoundError,
    LockfileParseError,
    UnknownAliasError,
    UnknownProfileError,
    UnknownProviderError,
)
from llmring.lockfile import Binding, Lockfile, Profile, edit

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """\
# The team's models.
default_profile = "default"

# Quick ones.
[[profiles.default.bindings]]
alias = "fast"   # asked for by the bot
models = ["openai:gpt-5.4-mini"]

[profiles.dev.registry_versions]
openai = 27
"""


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside a lockfile."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "llmring.lock"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_loads_what_a_ring_would_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument, the variable, the folder, the bundle."""
    assert Lockfile.load().path == str(path)
    assert Lockfile.load(path).text == TEXT
    monkeypatch.setenv("LLMRING_LOCKFILE_PATH", str(path.rename(path.with_name("other.lock"))))
    assert Lockfile.load().path == str(path.with_name("other.lock"))
    monkeypatch.delenv("LLMRING_LOCKFILE_PATH")
    assert Lockfile.load().path == BUNDLED
    with pytest.raises(LockfileNotFoundError):
        Lockfile.load(path)


def test_tells_what_the_file_says(path: Path) -> None:
    """With what it leaves out filled in."""
    lock = Lockfile.load()
    assert (lock.version, lock.default_profile, lock.extends, lock.profiles) == ("1.0", "default", (), ("default", "dev"))
    assert repr(lock) == f"Lockfile(path={str(path)!r}, profiles=('default', 'dev'))"
    assert lock.to_dict()["profiles"]["dev"] == {"name": "dev", "registry_versions": {"openai": 27}, "bindings": []}
    lock.to_dict()["profiles"].clear()
    assert lock.profiles


def test_a_profile_is_the_one_named_or_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument, LLMRING_PROFILE, the default."""
    lock = Lockfile.load()
    assert lock.get_profile() == Profile("default", (Binding("fast", ("openai:gpt-5.4-mini",)),))
    monkeypatch.setenv("LLMRING_PROFILE", "dev")
    assert lock.get_profile() == Profile("dev", (), {"openai": 27})
    assert lock.get_profile("default").get_binding("fast") == Binding("fast", ("openai:gpt-5.4-mini",))
    assert lock.get_profile().get_binding("fast") is None
    with pytest.raises(
        UnknownProfileError, match=r"^Unknown profile 'dve' in .*llmring\.lock; did you mean 'dev'\? It has: default, dev\.$"
    ):
        lock.get_profile("dve")
    with pytest.raises(UnknownProfileError, match=r"^Unknown profile 'x' in this lockfile\. It has: none\.$"):
        Lockfile().get_profile("x")


def test_bindings_are_set_and_removed() -> None:
    """A list, or one string with commas; a new profile is made."""
    lock = Lockfile.load()
    lock.set_binding("fast", "ollama:llama3.2, openai:gpt-5.4-mini")
    lock.set_binding("deep", ["openai:gpt-5.6-sol"], profile="prod", constraints={"can": ["tools"]})
    assert lock.get_profile().get_binding("fast") == Binding("fast", ("ollama:llama3.2", "openai:gpt-5.4-mini"))
    assert lock.get_profile("prod").bindings == (Binding("deep", ("openai:gpt-5.6-sol",), {"can": ["tools"]}),)
    lock.remove_binding("deep", profile="prod")
    assert lock.get_profile("prod").bindings == ()
    assert "# The team's models." in lock.text
    with pytest.raises(UnknownAliasError, match=r"^Unknown alias 'fsat' in profile 'default'; did you mean 'fast'\?$"):
        lock.remove_binding("fsat")


@pytest.mark.parametrize("models", ["gpt", [], "", ["openai:"]])
def test_what_no_lockfile_may_hold_is_refused(models: str | list[str]) -> None:
    """Nothing is changed then."""
    lock = Lockfile.load()
    with pytest.raises(LockfileParseError, match=r"^This cannot be bound: models"):
        lock.set_binding("new", models)
    assert lock.text == TEXT


def test_the_digest_is_of_what_is_said() -> None:
    """Not of comments."""
    lock = Lockfile.load()
    assert lock.digest() == Lockfile(TEXT.replace("# The team's models.\n", "")).digest()
    before = lock.digest()
    lock.set_binding("new", ["x:y"])
    assert lock.digest() != before


def test_saves_where_it_came_from_or_elsewhere(path: Path) -> None:
    """As JSON where the name says so; a lockfile of no file, or the bundled one, needs a place."""
    lock = Lockfile.load()
    lock.set_binding("new", ["x:y"])
    lock.save()
    assert path.read_text(encoding="utf-8") == lock.text
    lock.save("other.json")
    assert json.loads(Path("other.json").read_text(encoding="utf-8"))["profiles"]["default"]["bindings"][1]["alias"] == "new"
    assert Lockfile.load("other.json").digest() == Lockfile.load(path).digest()
    lock.set_binding("newer", ["x:y"])
    lock.save()
    assert Lockfile.load("other.json").get_profile().get_binding("newer")
    for homeless in (Lockfile(), Lockfile.load(BUNDLED)):
        with pytest.raises(LockfileError, match="say where to save it"):
            homeless.save()
        homeless.save("mine.lock")
        assert Lockfile.load("mine.lock").digest() == homeless.digest()


def test_editing_reads_changes_and_writes(path: Path) -> None:
    """In one profile; nothing is written when nothing changed or an error came up."""
    with edit() as lock:
        lock.bind("fast", ["x:y"])
        lock.bind("new", "x:y,x:z", constraints={"can": ["tools"]})
        lock.unbind("fast")
    assert Lockfile.load().get_profile().bindings == (Binding("new", ("x:y", "x:z"), {"can": ["tools"]}),)
    with edit(path, profile="dev") as lock:
        lock.bind("fast", ["a:b"])
    assert Lockfile.load().get_profile("dev").get_binding("fast")
    written = path.stat().st_mtime_ns
    with edit() as lock:
        assert lock.lockfile.profiles == ("default", "dev")
    with pytest.raises(LockfileParseError), edit() as lock:  # noqa: PT012 - what came before the error is the point
        lock.bind("lost", ["x:y"])
        lock.bind("wrong", [])
    assert path.stat().st_mtime_ns == written


def test_only_a_lockfile_of_the_users_own_is_edited(path: Path) -> None:
    """The bundled one is not, and none is made."""
    path.unlink()
    with (
        pytest.raises(LockfileNotFoundError, match=r"^There is no llmring\.lock in this folder\. Make one first: "),
        edit(),
    ):
        pass
    assert not path.exists()


def test_writing_keeps_link_and_permissions(path: Path) -> None:
    """The file behind a link is replaced; nothing else is left in the folder."""
    path.chmod(0o640)
    link = path.with_name("link.lock")
    link.symlink_to(path)
    with edit(link) as lock:
        lock.bind("new", ["x:y"])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert Lockfile.load(path).get_profile().get_binding("new")
    assert sorted(one.name for one in path.parent.iterdir()) == ["link.lock", "llmring.lock"]


def failing(at: str) -> Callable[..., None]:
    """Make a system call that fails."""

    def call(*_: object) -> None:
        raise OSError(28, f"No space left on device ({at})")

    return call


@pytest.mark.parametrize("at", ["open", "fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """And nothing beside it."""
    lock = Lockfile.load()
    lock.set_binding("new", ["x:y"])
    with monkeypatch.context() as patch, lockfile_writes.guarded(str(path)):
        patch.setattr(lockfile_writes.os, at, failing(at))
        with pytest.raises(LockfileError, match=r"llmring\.lock cannot be written: No space left .*; the old file is as it was$"):
            lockfile_writes.write(str(path), lock.text)
    assert path.read_text(encoding="utf-8") == TEXT
    assert [one.name for one in path.parent.iterdir()] == ["llmring.lock"]


def test_a_folder_that_is_not_there_is_told(path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(LockfileError, match=r"x/llmring\.lock cannot be written: there is no folder .*/x; make it first$"):
        Lockfile.load().save(path.parent / "x" / "llmring.lock")


def test_half_a_character_is_not_written(path: Path) -> None:
    """A name that a shell handed on in another encoding has such; the old file stays."""
    with (
        pytest.raises(LockfileError, match=r"cannot be written: '\\udcff' in it is no character; the old file is as it was$"),
        edit(path) as lock,
    ):
        lock.bind("\udcff", ["x:y"])
    assert path.read_text(encoding="utf-8") == TEXT


def test_an_edit_may_save_in_between(path: Path) -> None:
    """It does not wait for itself; what is changed afterwards is written at its end."""
    with edit(path) as lock:
        lock.bind("one", ["x:y"])
        lock.lockfile.save()
        assert Lockfile.load().get_profile().get_binding("one")
        lock.bind("two", ["x:y"])
        Lockfile(TEXT).save(path.with_name("other.lock"))
    assert Lockfile.load().get_profile().get_binding("two")


def test_an_edit_inside_of_another_is_told(path: Path) -> None:
    """Of the same file: one would undo the other. The file of the outer one is written all the same."""
    path.with_name("other.lock").write_text(TEXT, encoding="utf-8")
    with edit(path) as lock:
        lock.bind("one", ["x:y"])
        with edit(path.with_name("other.lock")) as other:
            other.bind("two", ["x:y"])
        with (
            pytest.raises(LockfileError, match=r"is being edited by the code around this already; use the editor that it has$"),
            edit(path),
        ):
            pass
    assert Lockfile.load().get_profile().get_binding("one")
    assert Lockfile.load("other.lock").get_profile().get_binding("two")


def test_writers_wait_for_each_other(path: Path) -> None:
    """Each sees what the others wrote; nothing is lost."""

    def add(number: int) -> None:
        with edit(path) as lock:
            lock.bind(f"alias{number}", [f"x:{number}"])

    with ThreadPool(8) as pool:
        pool.map(add, range(40))
    assert {binding.alias for binding in Lockfile.load().get_profile().bindings} == {"fast", *(f"alias{number}" for number in range(40))}


STEPPED = """
import os, signal, sys
from llmring._io import lockfile_writes
from llmring.lockfile import edit
left = int(sys.argv[2])
def step(call):
    def stepped(*given, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        made = call(*given, **more)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return made
    return stepped
with edit(sys.argv[1]) as lock:
    lock.bind("fast", [f"y:{at}" for at in range(300)])
    class Watched:
        def __getattr__(self, name):
            found = getattr(os, name)
            return step(found) if name in {"open", "fdopen", "fsync", "replace", "unlink"} else found
    lockfile_writes.os = Watched()
print("written")
"""


def test_a_writer_killed_before_or_after_any_of_its_steps_leaves_a_whole_file(path: Path) -> None:
    """Until the very exchange the old one is there, from then on the new one; never less, never both."""
    old, seen = path.read_bytes(), list[bool]()
    for step in range(1, 20):
        path.write_bytes(old)
        done = subprocess.run([sys.executable, "-c", STEPPED, str(path), str(step)], check=False, capture_output=True, text=True)
        if done.stdout:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        seen.append(path.read_bytes() != old)
        models = Lockfile.load(path).get_profile().get_binding("fast")
        assert models
        assert len(models.models) == (300 if seen[-1] else 1)
    assert seen == sorted(seen)
    assert set(seen) == {False, True}
    with edit(path) as lock:
        lock.bind("after", ["x:y"])
    assert [one.name for one in path.parent.iterdir()] == ["llmring.lock"]


ADDER = """
import sys
from llmring.lockfile import edit
for turn in range(5):
    with edit(sys.argv[1]) as lock:
        lock.bind(f"alias-{sys.argv[2]}-{turn}", ["x:y"])
"""


def test_writers_of_several_processes_wait_for_each_other(path: Path) -> None:
    """Nothing is lost."""
    writers = [subprocess.Popen([sys.executable, "-c", ADDER, str(path), str(number)]) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    bound = {binding.alias for binding in Lockfile.load(path).get_profile().bindings}
    assert bound == {"fast", *(f"alias-{number}-{turn}" for number in range(4) for turn in range(5))}


WRITER = """
import itertools, sys
from llmring.lockfile import edit
print("ready", flush=True)
for turn in itertools.count():
    with edit(sys.argv[1]) as lock:
        lock.bind("fast", [f"x:{turn}"] * 1 + [f"y:{turn}-{at}" for at in range(200)])
"""


@pytest.mark.parametrize("turn", range(12))
def test_a_killed_writer_leaves_a_whole_file(path: Path, turn: int) -> None:
    """Whenever it dies, one of its versions is there in full, and the next writer gets its turn."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        threading.Event().wait(random.Random(turn).uniform(0, 0.08))
        writer.send_signal(signal.SIGKILL)
    binding = Lockfile.load().get_profile().get_binding("fast")
    assert binding
    assert len(binding.models) in {1, 201}
    assert len({model.partition(":")[2].partition("-")[0] for model in binding.models}) == 1
    with edit(path) as lock:
        lock.bind("after", ["x:y"])
    assert [one.name for one in path.parent.iterdir()] == ["llmring.lock"]


def test_the_projects_own_lockfile_is_good() -> None:
    """The README's aliases are bound, to models of providers that there are."""
    own = Lockfile.load(Path(__file__).parents[1] / "llmring.lock")
    assert {"summarizer", "fast", "balanced", "deep", "vision", "local"} <= {binding.alias for binding in own.get_profile().bindings}
    assert issubclass(UnknownProviderError, llmring.exceptions.ConfigurationError)
