"""What is checked, and how: bare ``nox`` runs what continuous integration runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import TYPE_CHECKING

import nox

if TYPE_CHECKING:
    from collections.abc import Iterator

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["generated", "lint", "imports", "abreast"]

ROOT = Path(__file__).parent
nox.options.envdir = os.environ.get("NOX_ENVDIR", str(ROOT / ".nox"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHARED = Path(os.environ.get("LLMRING_SHARED", ROOT.parent / "shared"))
"""Recorded traffic and the benchmark, kept beside the checkout; neither is part of the project."""

# Hundreds of tests start a Python, and each would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

PREFIX = "Programming Language :: Python :: 3."
SUPPORTED = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if line.startswith(PREFIX)]
BESIDE = "NOX_BESIDE" in os.environ
"""Whether this is one of the sessions that `abreast` runs at once."""
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


# --- the Pythons of this machine -----------------------------------------------------------------


def folders() -> Iterator[Path]:
    """Yield where interpreters may be: beside the running one, on the path, and behind a version manager's shims."""
    yield Path(sys.base_prefix, "bin")
    yield from sorted(Path(sys.base_prefix).parent.glob("*/bin"), reverse=True)
    for entry in map(Path, os.get_exec_path()):
        yield from sorted(entry.parent.glob("versions/*/bin"), reverse=True) if entry.name == "shims" else ()
        yield entry


def runs(python: Path, version: str) -> bool:
    """Tell whether *python* starts and is CPython *version*; a shim may exist and refuse."""
    code = f"import sys, venv; sys.exit((sys.implementation.name, '%d.%d' % sys.version_info[:2]) != ('cpython', '{version}'))"
    return os.access(python, os.X_OK) and subprocess.run([python, "-c", code], check=False, capture_output=True).returncode == 0


def find_pythons() -> dict[str, str]:
    """Give the path of each supported Python that can be found."""
    found: dict[str, str] = {}
    places = list(dict.fromkeys(folders()))
    for version in SUPPORTED:
        names = (place / f"python{version}" for place in places)
        if python := next((name for name in names if runs(name, version)), None):
            found[version] = str(python)
    return found


PYTHONS = find_pythons()
# nox looks an interpreter up by its name on the path: put those that were seen to run before any shim.
os.environ["PATH"] = os.pathsep.join([*dict.fromkeys(str(Path(path).parent) for path in PYTHONS.values()), os.environ["PATH"]])


# --- environments --------------------------------------------------------------------------------


def install(session: nox.Session, *groups: str, extras: str = "") -> None:
    """Install the project with *extras* and dependency *groups*, unless this environment has just these already."""
    wanted = [*nox.project.dependency_groups(PROJECT, *groups), f"-e.{extras}"]
    stamp = Path(session.virtualenv.location) / "installed"
    facts = repr((wanted, PROJECT["project"], PROJECT["build-system"], str(ROOT)))
    digest = hashlib.sha256(facts.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != digest:
        session.install("--no-compile", *wanted, silent=True)  # what is used is compiled when it is, which is a third
        stamp.write_text(digest, encoding="utf-8")


@nox.session(python=HERE)
def dev(session: nox.Session) -> None:
    """Make the environment that the sessions without a Python of their own share."""
    if not BESIDE:  # then it was made before, and others use it
        install(session, "dev", extras="[all]")


def run(session: nox.Session, *command: str, **env: str) -> None:
    """Run *command* in the shared environment."""
    scripts = session.cache_dir.parent / "dev" / "bin"
    session.run(
        str(scripts / command[0]),
        *command[1:],
        env={"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", **env},
        external=True,
    )


# --- what is written, and whether it is right ----------------------------------------------------


@nox.session(python=False, requires=["dev"])
def generate(session: nox.Session) -> None:
    """Write everything that the spec determines; ``-- --check`` only compares."""
    run(session, "python", "-m", "codegen", *session.posargs)


@nox.session(python=False, requires=["dev"])
def generated(session: nox.Session) -> None:
    """Compare what is committed with what the spec determines."""
    run(session, "python", "-m", "codegen", "--check")


@nox.session(name="format", python=False, requires=["dev"])
def format_(session: nox.Session) -> None:
    """Format the code, the generated included; ``-- --check`` only compares."""
    run(session, "ruff", "format", *session.posargs)


@nox.session(python=False, requires=["dev"])
def lint(session: nox.Session) -> None:
    """Check style and format; ``-- --fix`` repairs what can be repaired."""
    run(session, "ruff", "check", *session.posargs)
    run(session, "ruff", "format", "--check")


@nox.session(python=False, requires=["dev"])
def imports(session: nox.Session) -> None:
    """Check that every floor imports only from below."""
    run(session, "lint-imports", "--no-cache")


@nox.session(python=False, requires=["dev"])
def types(session: nox.Session) -> None:
    """Check types strictly, the inferred ones of ``tests/typing`` included."""
    run(session, "pyright", *session.posargs, PYRIGHT_PYTHON_IGNORE_WARNINGS="1")


@nox.session(python=False, requires=["dev"])
def docs(session: nox.Session) -> None:
    """Run the examples of README and docs, follow their links, and read the changelog's fragments."""
    run(session, "pytest", "tests/docs", "-q", *(session.posargs or PARALLEL))
    run(session, "towncrier", "build", "--draft", "--version", "next")


# --- tests ---------------------------------------------------------------------------------------

CORES = os.cpu_count() or 1
WORKERS = max(1, CORES // 2) if BESIDE else max(2, CORES)
PARALLEL = ("-n", str(WORKERS), "--dist", "worksteal") if WORKERS > 1 else ()
"""How many tests at once; beside other sessions half as many, and on a small machine one after the other, which spares the messages."""

COVERING = ("tests/_core", "tests/protocols")
"""What has to cover policy and wire formats: the tests that are about them alone; measuring slows every line of a run."""
ELSEWHERE = ("tests/docs", "tests/fuzz")
"""What has a session of its own, on the running Python alone."""
AGAIN = "tests/test_cassettes.py::test_recording_again_changes_nothing"
ONCE = ("tests/codegen", "tests/typing", "tests/test_repository.py", "tests/test_vendors.py", AGAIN)
"""What looks at the spec, the repository and how it is recorded, which are the same on every Python."""
PURE = ("codegen", "fuzz", "protocols", "typing", "test_cassettes.py", "test_matrix.py", "test_repository.py", "test_vendors.py")
"""Tests, with nearly all of ``_core``, of what an extra changes only in how JSON is read: ``DECODING`` and the replays look at that."""
DECODING = ("tests/_core/test_jsontext.py", "tests/_core/test_quickjson.py")


def without(*places: str) -> list[str]:
    """Tell pytest to leave *places* out, files, folders and single tests."""
    return [f"--{'deselect' if '::' in place else 'ignore'}={place}" for place in places]


@nox.session(python=list(PYTHONS), requires=["dev"])
def tests(session: nox.Session) -> None:
    """Run the tests with all extras; on the running Python in the shared environment, with every example, and without ``covered``."""
    run(session, "python", "-m", "tests.mcp.peers")  # once for all Pythons; without them the tests of MCP cannot run
    what = ("-m", "not conformance", *(session.posargs or (*PARALLEL, *without(*ELSEWHERE))))
    if session.python == HERE:
        run(session, "pytest", *what, *(() if session.posargs else without(*COVERING)))
        return
    install(session, "dev", extras="[all]")
    session.run("pytest", *what, *(() if session.posargs else (*without(*ONCE), "--hypothesis-profile=fewer")))


@nox.session(python=False, requires=["dev"])
def covered(session: nox.Session) -> None:
    """Run the tests of policy and wire formats, which have to cover these alone, with every branch."""
    run(session, "pytest", *COVERING, *(session.posargs or PARALLEL), "--cov", "--cov-report=")
    run(session, "coverage", "report")


@nox.session(python=HERE)
def tests_minimal(session: nox.Session) -> None:
    """Run with the core dependencies alone what the lack of an extra can change; a test that needs one is left out by its marker."""
    install(session, "test")
    core = (f"tests/_core/{path.name}" for path in (ROOT / "tests/_core").glob("test_*.py"))
    places = without(*(f"tests/{name}" for name in PURE), *(path for path in core if path not in DECODING))
    session.run("pytest", *(session.posargs or (*PARALLEL, *places)), "-m", "not extra and not conformance")


@nox.session(python=False, requires=["dev"])
def conformance(session: nox.Session) -> None:
    """Decode recorded traffic of real providers through both twins, and print the tables."""
    if not (SHARED / "wire").is_dir():
        session.warn(f"Nothing to decode: {SHARED / 'wire'} is not there (LLMRING_SHARED names another place).")
        return
    chosen = ("-m", "conformance", "-rs")
    if session.posargs:
        run(session, "pytest", *chosen, *session.posargs, LLMRING_SHARED=str(SHARED))
        return
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    marked = [path for path in paths if "mark.conformance" in path.read_text(encoding="utf-8") and "fuzz" not in path.parts]
    printing = [str(path) for path in marked if "conformance" in path.parts]
    run(session, "pytest", *chosen, *printing, LLMRING_SHARED=str(SHARED))  # in one process: what workers print is lost
    run(session, "pytest", *chosen, *PARALLEL, *(str(path) for path in marked if str(path) not in printing), LLMRING_SHARED=str(SHARED))


@nox.session(python=False, requires=["dev"])
def fuzz(session: nox.Session) -> None:
    """Spoil recorded answers and decode them; the same examples every time, or others: ``-- --hypothesis-profile=deep``."""
    chosen = session.posargs or ("--hypothesis-profile=fuzz",)
    run(session, "pytest", "tests/fuzz", "-q", *PARALLEL, *chosen, LLMRING_SHARED=str(SHARED))


@nox.session(python=False, requires=["dev"])
def chaos(session: nox.Session) -> None:
    """Make thousands of calls that fail at random, and hold every one to what is promised; ``-- --seed 7`` repeats a run."""
    run(session, "python", "-W", "error", "-m", "tests.chaos", *session.posargs)


# --- all of it, side by side -----------------------------------------------------------------------

TOGETHER = 3
"""So many sessions at once keep the cores busy, for most of them wait now and then: for a socket, a process, one thread of many."""
LONGEST_FIRST = (*(f"tests-{version}" for version in PYTHONS), "tests_minimal", "covered", "types", "chaos")
ABREAST = (*LONGEST_FIRST, "fuzz", "docs", "conformance", "build")


def alone(name: str) -> tuple[int, str]:
    """Run the session *name* in a process of its own, beside others; give how it ended and what it said."""
    print(f"nox > {name} begins", flush=True)
    command = (sys.executable, "-m", "nox", "--noxfile", __file__, "--session", name)
    env = {**os.environ, "NOX_BESIDE": "others"}
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, text=True, env=env)
    return done.returncode, done.stdout


@nox.session(python=False, requires=["dev"])
def abreast(session: nox.Session) -> None:
    """Run the sessions that take minutes side by side, or those that are named; what each says comes at its end."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        ends = {pool.submit(alone, name): name for name in session.posargs or ABREAST}
        for end in as_completed(ends):
            print(end.result()[1], flush=True)
    failed = [name for end, name in ends.items() if end.result()[0]]
    if failed:
        session.error(f"failed: {', '.join(failed)}")


# --- beside continuous integration ---------------------------------------------------------------


@nox.session(python=False, requires=["dev"])
def soak(session: nox.Session) -> None:
    """Make fifty thousand calls and more, and print what stays in memory."""
    run(session, "python", "-m", "tests.chaos.soak", *session.posargs)


@nox.session(python=False, requires=["dev"])
def cycles(session: nox.Session) -> None:
    """Connect to MCP servers, call them and kill them, 200 times with each client, and print what is left; a number makes as many."""
    run(session, "python", "-W", "error", "-m", "tests.mcp.cycles", *session.posargs)


@nox.session(python=HERE)
def bench(session: nox.Session) -> None:
    """Measure against the bare HTTP client and the official SDKs, and write docs/benchmarks.md; arguments go to the benchmark alone."""
    driver = SHARED / "bench" / "bench.py"
    if not driver.exists():
        session.warn(f"Nothing to measure with: {driver} is not there (LLMRING_SHARED names another place).")
        return
    session.install(".")
    session.run("bash", str(driver.with_name("mkvenvs.sh")), "sdk", external=True)
    plain = Path(session.virtualenv.location)
    rounds = os.environ.get("BENCH_ROUNDS", "7")
    subjects = ("--subjects", "ours,httpx2,sdk", "--baseline", "httpx2", "--rounds", rounds)
    env = {"OURS_VENV": str(plain), "BENCH_ROUNDS": rounds}
    if session.posargs:
        session.run("python", str(driver), *session.posargs, env=env)
        return
    speed = Path(session.create_tmp()) / "speed"
    session.run("python", "-m", "venv", "--clear", str(speed))
    session.run(str(speed / "bin" / "pip"), "install", "--quiet", ".[speed]", external=True)
    out = Path(session.create_tmp())
    for what in ("calls", "conc"):
        session.run("python", str(driver), what, *subjects, "--json", str(out / f"{what}.json"), env=env)
        session.run("python", str(driver), what, *subjects, "--json", str(out / f"{what}-speed.json"), env={**env, "OURS_VENV": str(speed)})
    session.run("python", str(driver), "imports", "--subjects", "ours,sdk", "--rounds", "10", "--json", str(out / "imports.json"), env=env)
    state = Path(os.environ.get("BENCH_HOME") or Path.home() / ".cache" / "llm-client-bench")
    session.run("python", "-m", "codegen.benchmarks", str(out), str(speed), str(state / "venvs" / "sdk"), env={"BENCH_ROUNDS": rounds})


@nox.session(python=False, requires=["dev"])
def record(session: nox.Session) -> None:
    """Record the cassettes, from the simulator or, where a provider's key is set, from the provider."""
    run(session, "python", "-m", "tests.record", *session.posargs)


# --- the distribution ----------------------------------------------------------------------------


def tracked() -> set[str]:
    """List the package's files as git knows them, relative to ``src``."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "src"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {line.removeprefix("src/") for line in listed.splitlines()}


def compare(session: nox.Session, archive: Path, packed: set[str]) -> None:
    """Fail unless *packed* holds the package as it is committed, generated code and data included."""
    different = {name for name in packed if name.startswith("llmring/")} ^ tracked()
    if different:
        session.error(f"{archive.name} differs from the commit: {sorted(different)}")


@nox.session(python=HERE)
def build(session: nox.Session) -> None:
    """Build the sdist and from it the wheel, compare both with git, and try the wheel in a fresh environment."""
    session.install("build", silent=True)
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(dist), silent=True)
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(sdist) as archive:
        compare(session, sdist, {member.name.partition("/src/")[2] for member in archive if member.isfile()})
    with zipfile.ZipFile(wheel) as archive:
        compare(session, wheel, set(archive.namelist()))
    fresh = dist.with_name("fresh")
    session.run("python", "-m", "venv", "--clear", str(fresh))
    scripts = fresh / "bin"
    session.run(str(scripts / "pip"), "install", "--quiet", str(wheel), external=True)
    session.chdir(dist)
    session.run(str(scripts / "python"), "-c", "from llmring import LLMRing; print(LLMRing().aliases())", external=True)
    session.run(str(scripts / "llmring"), "--version", external=True)


if __name__ == "__main__":
    nox.main()
