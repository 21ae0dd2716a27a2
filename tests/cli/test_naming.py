"""The commands about aliases, models and providers, read as their user reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from llmring.cli.asking import EMBEDDING, ESTIMATE
from llmring.cli.doctor import FINDING, PROVIDER
from llmring.cli.models import INFO, MODEL, MODELS
from llmring.cli.naming import ALIAS, ALIASES, BOUND, UNBOUND
from llmring.exceptions import RegistryError
from llmring.lockfile import Binding, Lockfile
from tests._core.small_registry import registry, rows
from tests.cli.conftest import KEY, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llmring._core.registry import Registry
    from llmring.testing.simulator import Simulator
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

TEXT = """\
# Ours.
[[profiles.default.bindings]]
alias = "fast"
models = ["google:gemini-1", "openai:gpt-5", "anthropic:claude-1"]

[[profiles.default.bindings]]
alias = "sight"
models = ["google:gemini-1"]

[[profiles.dev.bindings]]
alias = "local"
models = ["ollama:qwen3"]
"""


@pytest.fixture
def path(user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside a lockfile, by a small registry."""
    (user / "llmring.lock").write_text(TEXT, encoding="utf-8")
    for place in ("llmring._io.registries.bundled", "llmring.registry.in_force", "llmring.locking.load"):
        monkeypatch.setattr(place, Mock(return_value=small()))
    return user / "llmring.lock"


def small() -> Registry:
    """Give a registry whose models never retire but one, which has."""
    given: dict[str, dict[str, dict[str, Any]]] = rows()
    given["openai"]["gpt-5-2026-03-17"] |= {"n": "GPT-5", "f": "gpt", "r": "2026-03-17", "s": "fast", "q": "frontier", "i": 272000, "g": 0}
    del given["openai"]["gpt-5-2026-03-17"]["x"]
    given["openai"]["gpt-1"] = {"x": "2020-01-01", "p": [{"r": ["0.1", "0.2"]}]}
    return registry(given)


def test_an_alias_is_bound(llmring: Command, path: Path) -> None:
    """What the lockfile said beside stays."""
    assert llmring("bind", "new", "openai:gpt-5, ollama:qwen3", "--can", "tools") == (0, "new -> openai:gpt-5, ollama:qwen3\n", "")
    binding = Lockfile.load(path).get_profile().get_binding("new")
    assert binding == Binding("new", ("openai:gpt-5", "ollama:qwen3"), {"can": ["tools"]})
    assert llmring("bind", "new", "openai:gpt-5", "--can", "").code == 0
    assert Lockfile.load(path).get_profile().get_binding("new") == Binding("new", ("openai:gpt-5",))
    assert path.read_text(encoding="utf-8").startswith(TEXT.partition("[[profiles.dev")[0].rstrip("\n"))
    told = json.loads(llmring("bind", "local", "ollama:qwen3", "--profile", "dev", "--json").out)
    assert told == dict(zip(BOUND, (str(path), "dev", "local", ["ollama:qwen3"], dict[str, str]()), strict=True))
    assert llmring("bind", "local", "ollama:qwen3", "--profile", "dev").out == "local -> ollama:qwen3  (profile dev)\n"


def test_models_that_nobody_knows_are_told(llmring: Command, path: Path) -> None:
    """They are bound all the same; pins are spoken of where there are some."""
    code, out, err = llmring("bind", "new", "openai:gtp,corp:x")
    assert (code, out) == (0, "new -> openai:gtp, corp:x\n")
    assert err.splitlines() == [
        "warning: openai:gtp: the registry knows no such model; check the name",
        "warning: corp:x: Unknown provider 'corp'; did you mean 'cohere'? Only code that configures it can call it.",
    ]
    llmring("lock")
    assert llmring("bind", "new", "openai:gpt-5").err == ""
    assert llmring("bind", "new", "openai:embed-1").err == "llmring lock pins what is known of them\n"


def test_what_cannot_be_bound_is_refused(llmring: Command, path: Path) -> None:
    """With what to change; without a lockfile there is nothing to bind in."""
    assert "models[0]: must be \"provider:model\", not 'gpt'" in llmring("bind", "new", "gpt").err
    assert "there is no ability 'tolls'; did you mean 'tools'?" in llmring("bind", "new", "x:y", "--can", "tolls").err
    assert llmring("bind", "openai:x", "x:y").code == 1
    path.unlink()
    assert llmring("bind", "new", "x:y") == (1, "", "error: There is no llmring.lock in this folder. Make one first: llmring lock init\n")


def test_an_alias_is_taken_out(llmring: Command, path: Path) -> None:
    """One that is not there has a near match."""
    assert llmring("unbind", "fast") == (0, "fast is no longer bound in profile default\n", "")
    assert llmring("unbind", "sigth").err == "error: Unknown alias 'sigth' in profile 'default'; did you mean 'sight'?\n"
    told = json.loads(llmring("unbind", "local", "--profile", "dev", "--json").out)
    assert told == dict(zip(UNBOUND, (str(path), "dev", "local"), strict=True))


ALIASES_80 = """\
alias  uses          else
fast   openai:gpt-5  google:gemini-1, anthropic:claude-1
sight  -             google:gemini-1
"""


def test_aliases_are_listed(llmring: Command, path: Path) -> None:
    """With the model that is used here; what has no key says so."""
    code, out, err = llmring("aliases")
    assert (code, out) == (0, ALIASES_80)
    assert err.splitlines()[0] == f"2 aliases in profile default of {path}"
    assert err.splitlines()[1] == "- has no key for any of its models; see llmring providers"
    told = json.loads(llmring("aliases", "--profile", "dev", "--json").out)
    assert tuple(told) == ALIASES
    assert told["aliases"] == [dict(zip(ALIAS, ("local", ["ollama:qwen3"], "ollama:qwen3"), strict=True))]
    assert llmring("aliases", "--profile", "prod").code == 1
    path.write_text("", encoding="utf-8")
    assert llmring("aliases") == (0, "", f"no aliases in profile default of {path}\n")


LISTED = """\
model                    context  output  $ in  $ out  retires
anthropic:claude-1          200k     64k     3     15
openai:gpt-5-2026-03-17     400k    128k  0.75    4.5
"""


@pytest.mark.parametrize(
    "options, models",
    [
        (("--can", "tools,vision"), ["anthropic:claude-1", "openai:gpt-5-2026-03-17"]),
        (("--can", "reasoning"), ["openai:gpt-5-2026-03-17"]),
        (("--provider", "claude"), ["anthropic:claude-1"]),
        (("--max-price", "10"), ["openai:gpt-5-2026-03-17"]),
        (("--max-price", "10", "--retired"), ["openai:gpt-5-2026-03-17", "openai:gpt-1"]),
        (("--kind", "embedding"), ["openai:embed-1"]),
        (("--kind", "all", "--can", "embeddings"), ["openai:embed-1"]),
        (("--max-price", "0.01"), []),
    ],
    ids=" ".join,
)
def test_models_are_listed_by_what_they_can_and_cost(llmring: Command, path: Path, options: tuple[str, ...], models: list[str]) -> None:
    """Every condition holds for every model."""
    told = json.loads(llmring("list", *options, "--json").out)
    assert tuple(told) == MODELS
    assert [model["model"] for model in told["models"]] == models
    assert all(tuple(model) == MODEL for model in told["models"])


def test_the_list_as_a_table(llmring: Command, path: Path) -> None:
    """Numbers stand on the right; none is no error."""
    note = "2 models, as of 2026-11-23; limits in tokens, prices in dollars per million\n"
    assert llmring("list", "--can", "tools") == (0, LISTED, note)
    assert llmring("list", "--max-price", "0") == (0, "", "no models, as of 2026-11-23; limits in tokens, prices in dollars per million\n")
    assert llmring("list", "--kind", "ocr").err == (
        "error: there is no kind 'ocr'; known: all, chat, embedding (see: llmring list --help)\n"
    )
    assert "$ in" in llmring("list").out
    assert llmring("list", "--can", "tolls").code == 2
    assert llmring("list", "--provider", "opnai").err == "error: Unknown provider 'opnai'; did you mean 'openai'?\n"


TOLD = """\
openai:gpt-5
name          GPT-5
kind          chat
family        gpt
speed         fast
intelligence  frontier
also          gpt-5-2026-03-17
context       400,000 tokens
prompt        272,000 tokens
answer        128,000 tokens
price         $0.75 input
              $4.5 output
              per million tokens (a list, 2026-11-01)
can           reasoning, tools, vision
released      2026-03-17
key           here
"""


def test_what_is_known_of_a_model_is_told(llmring: Command, path: Path) -> None:
    """Of one that is not known, that it is not; of an alias, of every model behind it."""
    assert llmring("info", "openai:gpt-5") == (0, TOLD, "")
    assert "known  no; did you mean openai:gpt-5? it can be called all the same, but" in llmring("info", "openai:gtp-5").out
    assert llmring("info", "vllm:x").out.splitlines()[1].startswith("known  no; it can be called all the same")
    out = llmring("info", "fast").out
    assert [line for line in out.splitlines() if line.count(":") == 1] == ["google:gemini-1", "openai:gpt-5", "anthropic:claude-1"]
    told = json.loads(llmring("info", "fast", "--json").out)
    assert tuple(told) == INFO
    assert (told["alias"], [tuple(model) == MODEL for model in told["models"]]) == ("fast", [True, True, True])
    assert told["models"][2]["price_from"] == "2026-01-01"
    assert llmring("info", "fsat").err.startswith("error: Unknown alias 'fsat'")


def test_a_server_of_one_s_own_tells_of_its_models(llmring: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama's window and abilities are its server's; what it has not, and a server that is not there, are noted."""
    told = json.loads(llmring("info", "ollama:llama3.2", "--json").out)["models"][0]
    assert (told["known"], told["told_by"], told["context"], told["can"]) == (True, "server", 131072, ["reasoning", "tools"])
    assert "told by  the server itself" in llmring("info", "ollama:llama3.2").out
    missing = llmring("info", "ollama:llama9")
    assert (missing.code, missing.err) == (0, "ollama:llama9 is not on the server; fetch it: ollama pull llama9\n")
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:1")
    gone = "ollama does not answer at http://127.0.0.1:1; what is told is what the registry knows\n"
    assert llmring("info", "ollama:llama3.2").err == gone


def test_providers_are_listed_without_their_keys(llmring: Command, path: Path, simulator: Simulator) -> None:
    """The variable that holds a key, and the one that set an address."""
    code, out, err = llmring("providers")
    assert code == 0
    assert KEY not in out + err
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["openai"].split()[1:] == ["OPENAI_API_KEY", simulator.urls["openai"], "(OPENAI_BASE_URL)"]
    assert "- (set GEMINI_API_KEY or GOOGLE_API_KEY or GOOGLE_GEMINI_API_KEY)" in lines["google"]
    assert "not needed" in lines["ollama"]
    assert err.endswith("more without a key: llmring providers --all\n")
    told = json.loads(llmring("providers", "--all", "--json").out)
    assert len(told) > 40
    assert {tuple(each) for each in told} == {PROVIDER}
    azure = next(line for line in llmring("providers", "--all").out.splitlines() if line.startswith("azure"))
    assert "(set AZURE" in azure


def test_the_doctor_tells_what_is_in_force(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And why; what is broken makes it fail. No key is shown, nor a proxy's password."""
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy:3128")
    monkeypatch.setenv("LLMRING_PROFILE", "dev")
    code, out, err = llmring("doctor")
    assert (code, err) == (0, "nothing is broken\n")
    assert f"ok  lockfile     {path}  (in this folder)" in out
    assert "ok  profile      dev  (LLMRING_PROFILE)" in out
    assert "    https_proxy  proxy:3128  (environment)" in out
    assert "ok  openai       key in OPENAI_API_KEY" in out
    assert KEY not in out
    told = json.loads(llmring("doctor", "--json").out)
    assert {tuple(each) for each in told} == {FINDING}


def test_the_doctor_finds_what_is_broken(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alias without a key, a pin that is missing, a profile or lockfile that is none."""
    code, out, _ = llmring("doctor")
    assert code == 1
    assert "broken  aliases    2 bound  (no key for sight)" in out
    assert "        pins       none  (llmring lock writes them)" in out
    llmring("lock")
    assert "ok      pins       hold" in llmring("doctor").out
    llmring("bind", "new", "openai:embed-1")
    assert "broken  pins       1 error  (see llmring lock check)" in llmring("doctor").out
    assert "broken  profile    prod  (Unknown profile 'prod'" in llmring("doctor", "--profile", "prod").out
    path.write_text("oops = 1", encoding="utf-8")
    assert "broken  lockfile   cannot be read" in llmring("doctor").out
    path.unlink()
    assert "(inside the package; llmring lock init writes one here)" in llmring("doctor").out
    monkeypatch.setenv("LLMRING_LOCKFILE_PATH", str(path))
    assert "broken  lockfile   cannot be read  (There is no lockfile" in llmring("doctor").out


def test_the_doctor_tells_of_a_registry_that_is_none(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one line among the others; there is nothing to hold pins against then."""
    llmring("lock")
    for place in ("llmring.cli.doctor.load", "llmring.locking.load"):
        monkeypatch.setattr(place, Mock(side_effect=RegistryError("The registry 'x' cannot be read")))
    code, out, _ = llmring("doctor", "--profile", "dev")
    assert code == 1
    assert "broken  registry   cannot be read  (The registry 'x' cannot be read)" in out
    assert "ok      profile    dev  (--profile)" in out
    assert "        pins       not checked  (there is no registry to hold them against)" in out


def test_the_doctor_tells_why_there_is_no_ring(llmring: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the profile that is broken; the providers answer all the same, and secrets in addresses stay out."""
    monkeypatch.setenv("LLMRING_REGISTRY_URL", "http://me:secret@127.0.0.1:9/models.json?token=secret")
    monkeypatch.setenv("LLMRING_LEDGER", str(path / "ledger.sqlite3"))
    code, out, _ = llmring("doctor", "--connect", "--profile", "dev")
    assert code == 1
    assert "broken  ring                  cannot be made  (The ledger " in out
    assert "        LLMRING_REGISTRY_URL  http://127.0.0.1:9/models.json  (environment)" in out
    assert "ok      openai answers" in out
    assert "secret" not in out
    monkeypatch.setenv("LLMRING_PROVIDER_TIMEOUT_S", "soon")
    assert "openai answers" not in llmring("doctor", "--connect").out


def test_the_doctor_connects_where_it_shall(llmring: Command, path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is asked is told as it happens; a provider with a key that does not answer is broken, a local server is not."""
    code, out, err = llmring("doctor", "--connect", "--profile", "dev")
    assert code == 0
    assert [line for line in err.splitlines() if line.startswith("asking")] == [
        "asking anthropic ...",
        "asking ollama ...",
        "asking openai ...",
    ]
    assert "openai answers" in out
    for name in ("openai", "ollama"):
        monkeypatch.setenv(VARIABLES[name], "http://127.0.0.1:9")
    code, out, _ = llmring("doctor", "--connect", "--profile", "dev")
    assert code == 1
    (line,) = [line for line in out.splitlines() if "openai answers" in line]
    assert line.startswith("broken  openai answers     no")


def test_a_cost_is_estimated(llmring: Command, path: Path) -> None:
    """Nothing is sent; what has no bound says why."""
    code, out, err = llmring("estimate", "Hello there", "-m", "openai:gpt-5", "--max-tokens", "100")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "at least  $0.000007", "at most   $0.000460", "prompt    about 7 tokens", "models    openai:gpt-5",
    ]  # fmt: skip
    assert "not known" in llmring("estimate", "Hi", "-m", "ollama:qwen3").out
    told = json.loads(llmring("estimate", "--json", "-m", "ollama:qwen3", piped="Hi").out)
    assert tuple(told) == ESTIMATE
    assert (told["upper"], len(told["unknown"])) == (None, 1)
    assert llmring("estimate").code == 2


def test_texts_are_embedded(llmring: Command, user: Path) -> None:
    """A vector a line; what is piped in is one text, or one a line."""
    model = ("-m", "openai:text-embedding-3-small", "--dimensions", "4")
    code, out, _ = llmring("embed", "Hello", "Goodbye", *model)
    assert code == 0
    assert [len(json.loads(line)) for line in out.splitlines()] == [4, 4]
    assert len(llmring("embed", *model, piped="a\nb\n").out.splitlines()) == 1
    assert len(llmring("embed", *model, "--lines", piped="a\n\nb\n").out.splitlines()) == 2
    told = json.loads(llmring("embed", "Hello", *model, "--json").out)
    assert tuple(told) == EMBEDDING
    assert told["usage"]["input_tokens"] > 0
    assert llmring("embed").code == 2


@pytest.mark.parametrize("amount", ["nan", "inf", "-1"])
def test_a_price_is_a_number_of_dollars(llmring: Callable[..., Outcome], amount: str) -> None:
    """What no price can be compared with, or is beyond every one, is a misuse, and lists nothing."""
    code, out, err = llmring("list", "--max-price", amount)
    assert (code, out) == (2, "")
    assert "'--max-price'" in err


@pytest.mark.parametrize("profile, told", [("prdo", "; did you mean prod?"), ("night", ", beside default, prod")])
def test_a_new_profile_is_told(user: Path, llmring: Callable[..., Outcome], profile: str, told: str) -> None:
    """A profile is made where it is new, and the names that may have been meant are said."""
    assert llmring("bind", "fast", "openai:gpt-5.4-mini", "--profile", "prod").err == "prod is a new profile, beside default\n"
    code, _, err = llmring("bind", "fast", "openai:gpt-5.4-mini", "--profile", profile)
    assert (code, err) == (0, f"{profile} is a new profile{told}\n")
    assert profile in Lockfile.load(user / "llmring.lock").profiles


def test_a_known_profile_is_not_told(llmring: Callable[..., Outcome]) -> None:
    """Only what is new is worth a line."""
    assert llmring("bind", "fast", "openai:gpt-5.4-mini").err == ""
