"""A server over stdio with every fault, and a few virtues; it needs no SDK, so it starts in no time.

Arguments choose how it begins; its tools choose what happens later.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

TOOLS = [
    "echo",
    "die",
    "hang",
    "huge",
    "noise",
    "nonsense",
    "vanish",
    "vanish_quietly",
    "cancelled",
    "child",
    "pid",
    "ask",
    "progress",
    "picture",
    "page",
]
OBJECT: dict[str, Any] = {"type": "object", "properties": {}}
STRANGE: list[Any] = [
    {"name": "with spaces / and ümläut", "inputSchema": OBJECT},
    {"name": "n" * 100, "inputSchema": OBJECT},
    {"name": "n" * 99, "inputSchema": OBJECT},
    {"name": "with.dot", "inputSchema": OBJECT},
    {"name": "with_dot", "inputSchema": OBJECT},
    {"name": "with dot", "inputSchema": OBJECT},
    {"name": "no_schema"},
    {"name": "text_schema", "inputSchema": "object"},
    {"name": "array_schema", "inputSchema": {"type": "array"}},
    {"name": "bare_schema", "inputSchema": {}},
    {"name": "", "inputSchema": OBJECT},
    {"name": "odd_description", "description": 5, "inputSchema": OBJECT},
    {"name": "odd_output", "inputSchema": OBJECT, "outputSchema": {"type": "array"}},
    "no tool",
]
offered: list[Any] = [{"name": name, "description": f"Do {name}.", "inputSchema": OBJECT} for name in TOOLS]
cancelled: list[Any] = []
waiting: dict[Any, Any] = {}


def send(**message: Any) -> None:
    """Write one message."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def named() -> list[str]:
    """Name the tools that are offered."""
    return [str(tool.get("name")) for tool in offered if hasattr(tool, "get")]


def text(number: Any, words: str) -> None:
    """Answer a call with a text."""
    send(id=number, result={"content": [{"type": "text", "text": words}]})


def child() -> int:
    """Start a program that does not mind SIGTERM."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    started = subprocess.Popen([sys.executable, "-ISc", code], stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.readline()
    return started.pid


def call(number: Any, name: str, given: dict[str, Any], token: Any) -> None:  # noqa: C901, PLR0912, PLR0915 - a case for each fault
    """Do what the tool *name* is there for."""
    match name:
        case "die":
            sys.stderr.write("reading the disk\ncannot go on: token=s3cret-value\n")
            sys.stderr.flush()
            os._exit(7)
        case "hang":
            waiting[number] = name
        case "huge":
            text(number, "x" * int(given.get("bytes", 200_000)))
        case "noise":
            sys.stdout.write("this is no JSON\n" * int(given.get("lines", 3)))
            text(number, "after the noise")
        case "nonsense":
            send(id=number, result={"content": "none"})
        case "vanish" | "vanish_quietly":
            offered[:] = [tool for tool in offered if tool["name"] != "echo"]
            if name == "vanish":
                send(method="notifications/tools/list_changed")
            text(number, "gone")
        case "cancelled":
            text(number, json.dumps(cancelled))
        case "child":
            text(number, str(child()))
        case "pid":
            text(number, str(os.getpid()))
        case "ask":
            waiting["question"] = number
            schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
            send(id="question", method="elicitation/create", params={"message": "Who are you?", "requestedSchema": schema})
        case "progress":
            for step in (1, 2):
                send(method="notifications/progress", params={"progressToken": token, "progress": step, "total": 2, "message": "on it"})
            send(method="notifications/message", params={"level": "info", "logger": "faulty", "data": "half way"})
            text(number, "done")
        case "picture":
            send(id=number, result={"content": [{"type": "image", "data": "not base64!", "mimeType": "image/png"}]})
        case "page" if name not in cancelled:
            cancelled.append(name)
            pages = given.get("pages", [{"mode": "url", "message": "Pay.", "url": "https://pay.example/?order=1", "elicitationId": "1"}])
            send(id=number, error={"code": -32042, "message": "Not yet", "data": {"elicitations": pages}})
        case _ if name in named():
            text(number, json.dumps(given))
        case _:
            send(id=number, error={"code": -32602, "message": f"Unknown tool: {name}"})


def listed(params: dict[str, Any]) -> dict[str, Any]:
    """Give a page of tools, where there are pages."""
    if "--pages" not in sys.argv:
        return {"tools": offered}
    at = int(params.get("cursor", 0))
    return {"tools": offered[at : at + 5], **({"nextCursor": str(at + 5)} if at + 5 < len(offered) else {})}


def answer(message: dict[str, Any]) -> None:
    """Answer one message."""
    number: Any = message.get("id")
    method: Any = message.get("method")
    params: dict[str, Any] = message.get("params") or {}
    match method:
        case "initialize":
            about = {"name": "faulty", "version": "1.0"}
            able = {"tools": {"listChanged": True}, "logging": {}}
            send(id=number, result={"protocolVersion": params["protocolVersion"], "capabilities": able, "serverInfo": about})
        case "tools/list":
            send(id=number, result=listed(params))
        case "tools/call":
            call(number, params["name"], params.get("arguments") or {}, params.get("_meta", {}).get("progressToken"))
        case "notifications/cancelled":
            cancelled.append(waiting.pop(params["requestId"], params["requestId"]))
        case "ping":
            send(id=number, result={})
        case None if number == "question":
            text(waiting.pop("question"), json.dumps(message.get("result") or message.get("error")))
        case _:
            if number is not None:
                send(id=number, error={"code": -32601, "message": "Method not found"})


def begin() -> None:
    """Begin as the arguments say."""
    if "--exit" in sys.argv:
        sys.stderr.write("no configuration found\n")
        sys.exit(3)
    if "--noise" in sys.argv:
        while True:
            sys.stdout.write("<html>\n" * 1000)
            sys.stdout.flush()
    if "--silent" in sys.argv:
        time.sleep(600)
    if "--stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "--odd" in sys.argv:
        offered[:] += [{"name": f"{number} s3cret-value " + "x" * 1000} for number in range(200)]
    if "--strange" in sys.argv:
        offered[:] = STRANGE


if __name__ == "__main__":
    begin()
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            answer(json.loads(line))
    if "--stubborn" in sys.argv:
        time.sleep(600)
