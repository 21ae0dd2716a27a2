"""One ring in the servers that fork, thread and loop for a living: Django, gunicorn and Celery, each as it really runs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmring import LLMRing
from tests.rings import MODELS, settings
from tests.servers import closed_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator import Simulator

pytestmark = pytest.mark.extra


def _untyped(name: str) -> Any:
    return import_module(name)


django, conf, http, test, urls = (_untyped(f"django{name}") for name in ("", ".conf", ".http", ".test", ".urls"))
"""Which have no types."""

ROOT = Path(__file__).resolve().parents[1]
MODEL = MODELS["openai"]


# --- Django -----------------------------------------------------------------------------------------

RINGS: list[LLMRing] = []
"""The ring of the site, as a module would hold it."""


def blocking(request: Any) -> Any:
    """Answer from a thread."""
    return http.JsonResponse({"content": RINGS[0].chat(MODEL, "Hi").content})


async def awaited(request: Any) -> Any:
    """Answer on a loop, with several calls at once."""
    answers = await asyncio.gather(*(RINGS[0].achat(MODEL, f"Hi {at}") for at in range(3)))
    words = [event.delta async for event in RINGS[0].achat_stream(MODEL, "Hi")]
    return http.JsonResponse({"content": "".join([answer.content for answer in answers] + words)})


urlpatterns = [urls.path("blocking", blocking), urls.path("awaited", awaited)]


@pytest.fixture(scope="module")
def site(simulator: Simulator) -> Iterator[LLMRing]:
    """Give the ring of a site of two views."""
    conf.settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="k", USE_TZ=True)
    django.setup()
    with LLMRing(**settings(simulator)) as ring:
        RINGS.append(ring)
        yield ring
        RINGS.clear()


def test_django_threads(site: LLMRing) -> None:
    """Under WSGI both kinds of view work: the asynchronous one gets a loop for each request."""
    before = site.usage().calls
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(test.Client().get, f"/{name}") for name in ("blocking", "awaited") * 6]
        assert all(json.loads(each.result().content)["content"] for each in found)
    assert site.usage().calls - before == 6 + 6 * 4


async def test_django_loop(site: LLMRing) -> None:
    """Under ASGI too: the blocking view runs in a thread beside the loop."""
    before = site.usage().calls
    found = await asyncio.gather(*(test.AsyncClient().get(f"/{name}") for name in ("blocking", "awaited") * 6))
    assert all(json.loads(each.content)["content"] for each in found)
    assert site.usage().calls - before == 6 + 6 * 4
    await site.aclose()


# --- gunicorn ---------------------------------------------------------------------------------------

APPLICATION = """
import asyncio, json, os, sys
from llmring import LLMRing

ring = LLMRing(providers={"openai": {"base_url": os.environ["SIMULATOR"], "api_key": "k"}}, max_retries=0, timeout=20)
ring.chat("openai:gpt-5.4-mini", "before the fork")
asyncio.run(ring.achat("openai:gpt-5.4-mini", "before the fork"))


def application(environ, start_response):
    first = ring.chat("openai:gpt-5.4-mini", "Hi").content
    second = asyncio.run(ring.achat("openai:gpt-5.4-mini", "Hi")).content
    words = "".join(event.delta for event in ring.chat_stream("openai:gpt-5.4-mini", "Hi"))
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"pid": os.getpid(), "all": bool(first and second and words)}).encode()]
"""


def run(command: list[str], folder: Path, simulator: Simulator) -> subprocess.Popen[str]:
    """Start *command* in *folder*, with warnings as errors of ours and everything it says kept."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT), *sys.path]),
        "PYTHONWARNINGS": "error::ResourceWarning",
        "SIMULATOR": simulator.urls["openai"],
        "HOME": str(folder),
    }
    log = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", *command], cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """Stop *process* and give what it said, in which nothing may be amiss."""
    process.terminate()
    said, _ = process.communicate(timeout=30)
    for word in ("Traceback", "ResourceWarning", "Event loop is closed", "Exception ignored", "Task was destroyed"):
        assert word not in said, said
    return said


def fetched(url: str) -> dict[str, Any]:
    """Get *url*, once it is there."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.loads(answer.read())
        except ConnectionError:
            time.sleep(0.1)
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionError):
                raise
            time.sleep(0.1)
    raise AssertionError


def test_gunicorn(simulator: Simulator, tmp_path: Path) -> None:
    """A ring that was used before gunicorn forked its workers works in all of them, blocking and not."""
    (tmp_path / "site_of_ours.py").write_text(APPLICATION, encoding="utf-8")
    port = closed_port()
    options = ["--preload", "--workers", "2", "--threads", "2", "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", str(tmp_path)]
    process = run(["gunicorn", "site_of_ours:application", *options], tmp_path, simulator)
    try:
        url = f"http://127.0.0.1:{port}/"
        found = [fetched(url)]
        with ThreadPoolExecutor(6) as threads:
            found += threads.map(fetched, [url] * 24)
    finally:
        said = ended(process)
    assert all(each["all"] for each in found), said
    assert len({each["pid"] for each in found}) == 2
    assert process.pid not in {each["pid"] for each in found}


# --- Celery -----------------------------------------------------------------------------------------

TASKS = """
import asyncio, os, pathlib
from celery import Celery
from llmring import LLMRing

here = pathlib.Path(__file__).parent
queue = {"data_folder_in": str(here / "queue"), "data_folder_out": str(here / "queue")}
app = Celery("tasks_of_ours", broker="filesystem://", backend=f"file://{here / 'results'}", broker_transport_options=queue)
app.conf.worker_hijack_root_logger = False
ring = LLMRing(providers={"openai": {"base_url": os.environ["SIMULATOR"], "api_key": "k"}}, max_retries=0, timeout=20)
if os.environ.get("USED"):
    ring.chat("openai:gpt-5.4-mini", "before the fork")
    asyncio.run(ring.achat("openai:gpt-5.4-mini", "before the fork"))


@app.task
def ask(number):
    first = ring.chat("openai:gpt-5.4-mini", "Hi").content
    second = asyncio.run(ring.achat("openai:gpt-5.4-mini", "Hi")).content
    (here / "done" / str(number)).write_text(f"{os.getpid()} {bool(first and second)}")
"""

SENDING = "import tasks_of_ours; [tasks_of_ours.ask.delay(number) for number in range(12)]"


def test_celery(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring that was used before Celery forked its workers works in all of them, task after task."""
    (tmp_path / "tasks_of_ours.py").write_text("import os\nos.environ['USED'] = '1'\n" + TASKS, encoding="utf-8")
    for name in ("queue", "results", "done"):
        (tmp_path / name).mkdir()
    options = ["worker", "--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    process = run(["celery", "--app", "tasks_of_ours", *options], tmp_path, simulator)
    try:
        env = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]), "SIMULATOR": simulator.urls["openai"], "PATH": os.environ["PATH"]}
        subprocess.run([sys.executable, "-c", SENDING], cwd=tmp_path, env=env, check=True, timeout=60)
        for _ in range(400):
            if len(list((tmp_path / "done").iterdir())) == 12:
                break
            time.sleep(0.1)
    finally:
        said = ended(process)
    found = [each.read_text(encoding="utf-8").split() for each in (tmp_path / "done").iterdir()]
    assert len(found) == 12, said
    assert {word for _, word in found} == {"True"}
    assert str(process.pid) not in {pid for pid, _ in found}
