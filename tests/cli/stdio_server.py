"""A small MCP server over stdio, written by hand so that it starts at once: ``python stdio_server.py``; with ``more`` it has more tools."""

from __future__ import annotations

import json
import sys
from typing import Any

FORM = {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "green"]}}, "required": ["colour"]}
TOOLS: list[dict[str, Any]] = [
    {
        "name": "add",
        "description": "Adds two numbers.\nWhole ones.",
        "annotations": {"readOnlyHint": True},
        "inputSchema": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]},
    },
    {"name": "fail", "description": "Fails.", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "die", "description": "Ends the server.", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "hang", "description": "Never answers.", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "ask", "description": "Asks the user.", "inputSchema": {"type": "object", "properties": {}}},
]
NONE: dict[str, Any] = {"type": "object", "properties": {}}
MORE: list[dict[str, Any]] = [
    {"name": "repeat", "description": "Repeats a text.", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}},
    {"name": "draw", "description": "Draws a picture.", "inputSchema": NONE},
    {"name": "list_notes", "description": "Lists all notes.", "inputSchema": NONE},
    {"name": "sign_in", "description": "Has the user sign in.", "inputSchema": NONE},
    {"name": "pay", "description": "Needs the user to have paid.", "inputSchema": NONE},
]
PAGE = {"mode": "url", "message": "Sign in to go on.", "url": "https://notes.example/sign-in?state=4f1c", "elicitationId": "one"}
NOTE = "A note on the weather of a day in November, as it was written down in the evening of that day"
LISTS: dict[str, dict[str, Any]] = {
    "tools/list": {"tools": TOOLS},
    "resources/list": {"resources": [{"uri": "memo://one", "name": "one", "description": "A memo."}]},
    "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "memo://{name}", "name": "memo"}]},
    "prompts/list": {
        "prompts": [{"name": "review", "description": "Asks for a review.", "arguments": [{"name": "code", "required": True}]}]
    },
    "ping": {},
}


def send(message: dict[str, Any]) -> None:
    """Write *message*."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str, *, failed: bool = False) -> dict[str, Any]:
    """Give a result of *words*."""
    return {"content": [{"type": "text", "text": words}], "isError": failed}


def call(number: Any, name: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Run a tool; None where it does not answer now."""
    if name == "die":
        sys.stderr.write("the server had enough\n")
        sys.stderr.flush()
        sys.exit(3)
    if name == "sign_in":
        waiting.append(number)
        send({"id": "question", "method": "elicitation/create", "params": PAGE})
    if name == "pay" and not paid:
        paid.append(number)
        pages = {"elicitations": [PAGE | {"message": "Pay to go on.", "url": "https://notes.example/pay"}]}
        send({"id": number, "error": {"code": -32042, "message": "This needs a payment.", "data": pages}})
        return None
    if name == "ask":
        waiting.append(number)
        params = {"message": "Which colour?", "requestedSchema": FORM}
        send({"id": "question", "method": "elicitation/create", "params": params})
    done = {
        "add": lambda: text(str(arguments["a"] + arguments["b"])),
        "fail": lambda: text("no way", failed=True),
        "repeat": lambda: text(arguments["text"]),
        "list_notes": lambda: text("\n".join(f"{NOTE} ({number})" for number in range(1, 12))),
        "pay": lambda: text("It is paid."),
    }
    return done.get(name, lambda: None)()


def answer(number: Any, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Give the result of a request, None where it comes later."""
    match method:
        case "initialize":
            about = {"name": "small", "version": "1.0"}
            can: dict[str, Any] = {"tools": {}, "resources": {}, "prompts": {}}
            version = "2025-11-25" if "more" in sys.argv else "2025-06-18"
            return {"protocolVersion": version, "capabilities": can, "serverInfo": about}
        case "tools/call":
            return call(number, params["name"], params.get("arguments") or {})
        case "resources/read":
            return {"contents": [{"uri": params["uri"], "mimeType": "text/plain", "text": "a memo\nof two lines"}]}
        case "prompts/get":
            return {"messages": [{"role": "user", "content": {"type": "text", "text": f"Review {params['arguments']['code']}."}}]}
        case _:
            return LISTS.get(method)


waiting: list[Any] = []
paid: list[Any] = []
if "more" in sys.argv:
    TOOLS.extend(MORE)

for line in sys.stdin:
    request = json.loads(line)
    if request.get("id") == "question":
        send({"id": waiting.pop(), "result": text(f"{request['result']['action']}: {json.dumps(request['result'].get('content'))}")})
    elif "id" in request:
        known = request["method"] in {*LISTS, "initialize", "tools/call", "resources/read", "prompts/get"}
        result = answer(request["id"], request["method"], request.get("params") or {})
        if result is not None:
            send({"id": request["id"], "result": result})
        elif not known:
            send({"id": request["id"], "error": {"code": -32601, "message": "no such method"}})
